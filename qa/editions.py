"""What each reader's copy of a plan holds: plain data from loaded values, ready for a page, a PDF or JSON. Pure.

Who gets which answer is the field's ``audience`` (peps.form_documents): everybody, professionals, or only the team around the
child. A copy leaves out what its reader may not have; nothing is blacked out or left as a gap. An address that must stay
confidential is never a value here, and is taken out of any text that somebody typed it into.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from pepportal.ui.wording import in_words, join_words, money, possessive, upper_first, when_words
from peps.form_documents import Field, FormDocument, Section

FULL, SCHOOL, IRO, CARER, CHILD = "full", "school", "iro", "carer", "child"

#: Which answers each copy holds. The school's file is read by more people than the team, so it goes without the team's.
DISCLOSED: Mapping[str, frozenset[str]] = {
    FULL: frozenset({"all", "professionals", "team"}),
    IRO: frozenset({"all", "professionals", "team"}),
    SCHOOL: frozenset({"all", "professionals"}),
    CARER: frozenset({"all"}),
    CHILD: frozenset({"all"}),
}
PROFESSIONAL = frozenset({FULL, IRO, SCHOOL})
NAMES: Mapping[str, str] = {
    FULL: "Full record",
    SCHOOL: "School copy",
    IRO: "Copy for the care review",
    CARER: "Copy for the carer",
    CHILD: "My own copy",
}
PRINTED_FOR: Mapping[str, str] = {
    FULL: "the child’s social care and virtual school record",
    SCHOOL: "the school’s confidential file",
    IRO: "the independent reviewing officer and the care review",
    CARER: "the carer the child lives with",
    CHILD: "me",
}


# --- what is given ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answered:
    value: Any
    unknown_because: str = ""


@dataclass(frozen=True)
class Person:
    name: str
    part: str
    note: str = ""
    """Why somebody was not there."""


@dataclass(frozen=True)
class TargetGiven:
    position: int
    kind: str
    outcome_wanted: str
    baseline: str = ""
    measure: str = ""
    strategies: str = ""
    who: str = ""
    review_by: date | None = None
    need: str = ""
    in_childs_words: str = ""
    outcome: str = ""
    """In words, once it was reviewed."""
    impact: str = ""


@dataclass(frozen=True)
class SdqGiven:
    informant: str
    completed_on: date
    scores: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class RequestGiven:
    purpose: str
    asked_pence: int
    state: str
    agreed_pence: int | None = None
    targets: tuple[int, ...] = ()
    money_words: str = ""
    """What became of the money: "Released to the school"."""


@dataclass(frozen=True)
class SignatureGiven:
    name: str
    part: str
    at: datetime


@dataclass(frozen=True)
class PlanGiven:
    """Everything a copy may be made of. ``confidential`` holds addresses that no copy may contain."""

    name: str
    first_name: str
    legal_name: str
    reference: str
    date_of_birth: date
    authority: str
    title: str
    """ "First PEP, autumn 2026"."""
    document: FormDocument
    answers: Mapping[str, Answered]
    revision: int
    upn: str = ""
    school: str = ""
    state: str = ""
    finalised_on: date | None = None
    team: tuple[Person, ...] = ()
    targets: tuple[TargetGiven, ...] = ()
    sdqs: tuple[SdqGiven, ...] = ()
    requests: tuple[RequestGiven, ...] = ()
    signatures: tuple[SignatureGiven, ...] = ()
    grade: str = ""
    feedback: str = ""
    met_on: date | None = None
    meets_on: datetime | None = None
    next_meeting_on: date | None = None
    overview: str = ""
    came: tuple[Person, ...] = ()
    absent: tuple[Person, ...] = ()
    owner_words: Mapping[str, str] = field(default_factory=dict)
    pep_word: str = "Personal Education Plan"
    funding_word: str = "Pupil Premium Plus"
    confidential: tuple[str, ...] = ()


# --- what is made -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """One thing in a part: an ``answer`` (label, lines), a ``target`` or ``facts`` (label, pairs), a ``table``
    (label, columns, rows) or a ``note`` (lines)."""

    kind: str
    label: str = ""
    lines: tuple[str, ...] = ()
    pairs: tuple[tuple[str, tuple[str, ...]], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    quiet: bool = False
    """Nothing was said: shown small."""


@dataclass(frozen=True)
class Part:
    key: str
    title: str
    owner: str
    owner_words: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class EditionContent:
    audience: str
    edition_name: str
    heading: str
    title: str
    reference: str
    authority: str
    printed_for: str
    status: str
    revision: int
    draft: bool
    intro: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    closing: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> EditionContent:
        def block(each: Mapping[str, Any]) -> Block:
            return Block(
                each["kind"], each["label"], tuple(each["lines"]), tuple((k, tuple(v)) for k, v in each["pairs"]),
                tuple(each["columns"]), tuple(tuple(row) for row in each["rows"]), each["quiet"],
            )  # fmt: skip

        parts = tuple(Part(**{**each, "blocks": tuple(map(block, each["blocks"]))}) for each in kept["parts"])
        facts = tuple((key, value) for key, value in kept["facts"])
        return cls(**{**kept, "parts": parts, "facts": facts, "intro": tuple(kept["intro"])})


def edition(plan: PlanGiven, audience: str, *, draft: bool = False) -> EditionContent:
    """The copy of ``plan`` for ``audience`` (full, school, iro, carer or child). Raises KeyError for any other.

    A carer's copy holds no professionals' or team's answers and no telephone number or e-mail address; a child's copy only
    their own views, targets, who helps and when everybody meets next (R73, R74, R78).
    """
    made = _childs(plan, draft) if audience == CHILD else _grown_ups(plan, audience, draft)
    return _cleaned(made, plan.confidential, hide_contacts=audience not in PROFESSIONAL)


def _grown_ups(plan: PlanGiven, audience: str, draft: bool) -> EditionContent:
    shown = DISCLOSED[audience]
    professional = audience in PROFESSIONAL
    parts = (_part(section, plan, audience, shown) for section in plan.document.sections)
    intro: tuple[str, ...] = ()
    if audience == CARER:
        intro = (
            f"This is {possessive(plan.first_name)} {plan.pep_word}: what was agreed about learning, and what everybody will do next.",
            "Answers that are only for professionals are not in this copy. If something is missing that you need, ask the social worker.",
        )
    elif audience == SCHOOL:
        intro = ("For the school’s confidential file. Answers kept to the team around the child are not in this copy.",)
    facts = [("Name", plan.name)]
    if professional and plan.legal_name != plan.name:
        facts.append(("Legal name", plan.legal_name))
    if professional:
        facts.append(("Date of birth", in_words(plan.date_of_birth)))
        facts += [("Unique pupil number", plan.upn)] if plan.upn else []
    facts.append(("School", plan.school or "No school place at present"))
    facts += [(person.part, person.name) for person in plan.team]
    return EditionContent(
        audience=audience, edition_name=NAMES[audience], heading=f"{possessive(plan.name)} {plan.pep_word}", title=plan.title,
        reference=plan.reference, authority=plan.authority, printed_for=PRINTED_FOR[audience], status=_status(plan, draft),
        revision=plan.revision, draft=draft, intro=intro, facts=tuple(facts),
        parts=tuple(part for part in parts if part.blocks), closing=_closing(plan, audience),
    )  # fmt: skip


def _status(plan: PlanGiven, draft: bool) -> str:
    if draft:
        return f"Draft: {plan.state.lower()}. Not agreed yet."
    return f"Finalised on {in_words(plan.finalised_on)}" if plan.finalised_on else plan.state


def _closing(plan: PlanGiven, audience: str) -> str:
    if audience == CARER:
        return "Keep this copy somewhere private. It is about a child."
    return f"Confidential: for {PRINTED_FOR[audience]}. Version {plan.revision} of this plan."


# --- sections ---------------------------------------------------------------------------------------------------------


def _part(section: Section, plan: PlanGiven, audience: str, shown: frozenset[str]) -> Part:
    blocks: list[Block] = []
    for panel in section.panels:
        blocks += PANELS[panel](plan, audience)
    for each in section.fields:
        if each.asks and each.audience in shown:
            blocks += _answer(each, plan.answers.get(each.id), needed=audience in PROFESSIONAL and each.required)
    words = plan.owner_words.get(section.owner, "")
    return Part(section.key, section.title, section.owner, words, tuple(blocks))


def _answer(question: Field, answer: Answered | None, *, needed: bool) -> list[Block]:
    if answer is not None and answer.unknown_because:
        return [Block("answer", question.label, (f"Not known: {answer.unknown_because}",))]
    lines = lines_of(question, answer.value) if answer is not None else ()
    if lines:
        return [Block("answer", question.label, lines)]
    return [Block("answer", question.label, ("Not answered",), quiet=True)] if needed else []


def lines_of(question: Field, value: Any) -> tuple[str, ...]:
    """An answer's value as paragraphs for people; nothing where it is empty."""
    if value is None or value == "" or value == []:
        return ()
    if question.type == "yes_no":
        return ("Yes" if value in (True, "yes") else "No",)
    if question.type == "choice":
        return (question.choice_label(str(value)),)
    if question.type == "choices":
        return (upper_first(join_words(question.choice_label(str(each)) for each in value)),)
    if question.type == "date":
        try:
            return (in_words(date.fromisoformat(str(value))),)
        except ValueError:
            return (str(value),)
    if question.type == "percent":
        return (f"{value}%",)
    return paragraphs(str(value))


def paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _pairs(*pairs: tuple[str, str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((key, paragraphs(value)) for key, value in pairs if value.strip())


def _targets(plan: PlanGiven, audience: str) -> list[Block]:
    blocks = []
    for each in plan.targets:
        by = in_words(each.review_by) if each.review_by else ""
        need = ("The need behind it", each.need if audience in PROFESSIONAL else "")
        reviewed = f"{each.outcome}. {each.impact}".strip() if each.outcome else ""
        blocks.append(
            Block("target", f"Target {each.position}: {each.kind.lower()}", pairs=_pairs(
                ("What we want", each.outcome_wanted), (f"In {possessive(plan.first_name)} words", each.in_childs_words), need,
                ("Where things are now", each.baseline), ("What will be done", each.strategies), ("Who", each.who),
                ("How we shall know", each.measure), ("By when", by), ("How it went", reviewed),
            ))
        )  # fmt: skip
    return blocks or [Block("note", lines=("No targets have been set.",), quiet=True)]


def _sdq(plan: PlanGiven, audience: str) -> list[Block]:
    if audience not in PROFESSIONAL:
        return []
    return [
        Block(
            "table",
            f"Strengths and Difficulties Questionnaire, {each.informant.lower()}, {in_words(each.completed_on)}",
            columns=("Scale", "Score"),
            rows=tuple((scale, "Not given" if score is None else str(score)) for scale, score in each.scores),
        )
        for each in plan.sdqs
    ]


def _funding(plan: PlanGiven, audience: str) -> list[Block]:
    if audience not in PROFESSIONAL:
        agreed = [each for each in plan.requests if each.agreed_pence]
        lines = tuple(line for each in agreed for line in paragraphs(each.purpose))
        return [Block("answer", "What the extra money pays for", lines)] if lines else []
    if not plan.requests:
        return [Block("note", lines=(f"No {plan.funding_word} was asked for in this plan.",), quiet=True)]
    rows = tuple(
        (
            each.purpose,
            join_words(f"Target {number}" for number in each.targets) or "None",
            money(each.asked_pence),
            f"{each.state}{f': {money(each.agreed_pence)}' if each.agreed_pence else ''}"
            + (f". {each.money_words}" if each.money_words else ""),
        )
        for each in plan.requests
    )
    return [Block("table", plan.funding_word, columns=("For what", "Towards", "Asked for", "Decision"), rows=rows)]


def _meeting(plan: PlanGiven, audience: str) -> list[Block]:
    if plan.met_on is None:
        when = f"Arranged for {when_words(plan.meets_on)}." if plan.meets_on else "The meeting has not been held."
        return [Block("note", lines=(when,), quiet=True)]
    blocks = [Block("answer", "Held on", (in_words(plan.met_on),))]
    if plan.came:
        blocks.append(
            Block("table", "Who was there", columns=("Name", "Part"), rows=tuple((p.name, p.part) for p in plan.came))
        )
    if audience in PROFESSIONAL:
        if plan.absent:
            rows = tuple((p.name, p.part, p.note or "No reason given") for p in plan.absent)
            blocks.append(Block("table", "Asked, but not there", columns=("Name", "Part", "Why"), rows=rows))
        if plan.overview:
            blocks.append(Block("answer", "What was said", paragraphs(plan.overview)))
    if plan.next_meeting_on:
        blocks.append(Block("answer", "Next meeting", (in_words(plan.next_meeting_on),)))
    return blocks


def _signatures(plan: PlanGiven, audience: str) -> list[Block]:
    if not plan.signatures:
        return (
            [Block("note", lines=("Nobody has signed this version.",), quiet=True)] if audience in PROFESSIONAL else []
        )
    rows = tuple((each.name, each.part, when_words(each.at)) for each in plan.signatures)
    return [Block("table", "Signed by", columns=("Name", "Part", "When"), rows=rows)]


def _quality(plan: PlanGiven, audience: str) -> list[Block]:
    if audience not in PROFESSIONAL or not plan.grade:
        return []
    blocks = [Block("answer", "Quality, as the virtual school graded it", (plan.grade,))]
    if plan.feedback and audience == FULL:
        blocks.append(Block("answer", "Feedback", paragraphs(plan.feedback)))
    return blocks


PANELS = {
    "targets": _targets, "sdq": _sdq, "funding": _funding, "meeting": _meeting, "signatures": _signatures, "quality": _quality,
}  # fmt: skip


# --- the child's own --------------------------------------------------------------------------------------------------


def _childs(plan: PlanGiven, draft: bool) -> EditionContent:
    child_word = plan.owner_words.get("child", "") or plan.first_name
    parts = []
    for section in plan.document.sections:
        if section.owner == "child":
            said: list[Block] = []
            for each in section.fields:
                if each.asks and each.audience == "all":
                    said += _answer(each, plan.answers.get(each.id), needed=False)
            silent = Block("note", lines=("I did not want to say anything this time. I can, whenever I like.",))
            said = said or [silent]
            parts.append(Part(section.key, "What I said", "child", child_word, tuple(said)))
    aims = tuple(
        Block("target", f"Target {each.position}", pairs=_pairs(
            ("What I am working on", each.in_childs_words or each.outcome_wanted), ("What will help me", each.strategies),
            ("Who helps", each.who), ("We look at it again by", in_words(each.review_by) if each.review_by else ""),
        ))
        for each in plan.targets
    )  # fmt: skip
    if aims:
        parts.append(Part("my_targets", "My targets", "child", child_word, aims))
    if plan.team:
        rows = tuple((person.name, f"My {person.part.lower()}") for person in plan.team)
        parts.append(
            Part(
                "who_helps",
                "Who helps me",
                "child",
                child_word,
                (Block("table", "People who help me", columns=("Name", "Who they are"), rows=rows),),
            )
        )
    meets = in_words(plan.next_meeting_on) if plan.next_meeting_on else "We have not fixed a day yet."
    parts.append(Part("next", "When we meet next", "child", child_word, (Block("answer", "Next meeting", (meets,)),)))
    return EditionContent(
        audience=CHILD, edition_name=NAMES[CHILD], heading="My plan for learning", title=f"{plan.name}, {plan.title.split(', ')[-1]}",
        reference=plan.reference, authority=plan.authority, printed_for=plan.first_name,
        status=_status(plan, draft).replace("Finalised on", "Agreed on"),
        revision=plan.revision, draft=draft, intro=("This plan is about me. It says what I said, what I am working on and who helps me.",),
        facts=(), parts=tuple(parts),
        closing="If something here is wrong, I can tell my teacher or my social worker, and it will be changed.",
    )  # fmt: skip


# --- what never leaves ------------------------------------------------------------------------------------------------

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TELEPHONE = re.compile(r"(?<![\w£])(?:\+\d{1,3}|0)(?:[\s().-]*\d){8,12}(?!\w)")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.IGNORECASE)
WITHHELD = "(address withheld)"


def without_contacts(text: str) -> str:
    """The text without e-mail addresses and telephone numbers.

    >>> without_contacts("Ring Mrs Bright, 07700 900 123, or h.bright@portal.example")
    'Ring Mrs Bright, (number not shown), or (e-mail not shown)'
    """
    return _TELEPHONE.sub("(number not shown)", _EMAIL.sub("(e-mail not shown)", text))


def without_addresses(text: str, confidential: Iterable[str]) -> str:
    """The text without any of the confidential addresses: whole, by their first line, or by their postcode.

    >>> without_addresses("Lives at 4 larch  way now", ["4 Larch Way, Westmere, ZZ9 9ZZ"])
    'Lives at (address withheld) now'
    """
    for address in confidential:
        pieces = [address, address.split(",")[0].split("\n")[0], *(m.group() for m in _POSTCODE.finditer(address))]
        for piece in pieces:
            words = re.findall(r"\w+", piece)
            if len("".join(words)) >= 5:
                text = re.sub(
                    r"\b" + r"[\W_]*".join(map(re.escape, words)) + r"\b", WITHHELD, text, flags=re.IGNORECASE
                )
    return text


def _cleaned(made: EditionContent, confidential: tuple[str, ...], *, hide_contacts: bool) -> EditionContent:
    def clean(text: str) -> str:
        text = without_addresses(text, confidential)
        return without_contacts(text) if hide_contacts else text

    def block(each: Block) -> Block:
        return replace(
            each,
            lines=tuple(map(clean, each.lines)),
            pairs=tuple((key, tuple(map(clean, lines))) for key, lines in each.pairs),
            rows=tuple(tuple(map(clean, row)) for row in each.rows),
        )

    parts = tuple(replace(part, blocks=tuple(map(block, part.blocks))) for part in made.parts)
    return replace(made, parts=parts, facts=tuple((key, clean(value)) for key, value in made.facts))
