"""The plan as a task list: every room's answer, composed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pepportal.access.roles import ROLES
from pepportal.pages.panels import NEVER_MARKED, section_href, statuses_of
from pepportal.timekeeping import LONDON
from pepportal.ui import wording
from peps.panels import PanelStatus
from peps.policies import PepInView, may_write_section, owner_words
from peps.queries import SectionProgress, answers_of, progress
from peps.states import PepState
from qa.queries import Checked


@dataclass(frozen=True)
class PlanRow:
    """One section in the task list."""

    key: str
    title: str
    href: str
    hint: str
    owner: str
    owner_name: str
    status: str
    status_word: str
    mine: bool
    optional: bool
    done: bool
    left: int


def rows_of(view: PepInView, known: Checked) -> list[PlanRow]:
    """Every section with its owner, how far it is and what is left. ``known`` is what there is of signing and checking."""
    pep, document = view.pep, view.document
    how_far = progress(pep, document, answers_of(pep))
    panels = [panel for section in document.sections for panel in section.panels]
    statuses = statuses_of(pep, panels, known)
    return [_row(view, how_far[form.key], [statuses[panel] for panel in form.panels]) for form in document.sections]


def _row(view: PepInView, far: SectionProgress, panels: list[PanelStatus]) -> PlanRow:
    form = far.section
    lacking = [words for panel in panels for words in panel.missing]
    marked = not set(form.panels) & NEVER_MARKED
    started = far.started or any(panel.started for panel in panels)
    may_be_empty = far.optional and not form.panels
    optional = may_be_empty and not started and not far.complete
    done = far.complete or (may_be_empty and started) if marked else not lacking
    status = (
        "done"
        if done
        else "optional"
        if optional
        else "not_yet"
        if not marked
        else "in_progress"
        if started
        else "not_started"
    )
    mine = _left_for(view, form.owner) and marked and not done and not optional
    return PlanRow(
        key=form.key, title=form.title, href=section_href(view.pep, form), hint=_hint(far, panels, lacking, status),
        owner=form.owner, owner_name=owner_words(form.owner, view.child), status=status,
        status_word="" if far.complete or not may_be_empty or optional else "Written", mine=mine, optional=optional, done=done,
        left=len(far.left) + len(lacking),
    )  # fmt: skip


def _left_for(view: PepInView, owner: str) -> bool:
    """Whether a section is this person's own to do; helping a child or a carer to write is open to them, but not owed."""
    own = {ROLES[role].owner for role in view.roles}
    if view.has_school or owner != "designated_teacher":
        return owner in own or (owner == "both" and bool(own & {"designated_teacher", "social_worker"}))
    return may_write_section(view.roles, owner, has_school=False, school_part_by=view.school_part_by)


def _hint(far: SectionProgress, panels: list[PanelStatus], lacking: list[str], status: str) -> str:
    if status == "done" and far.completed_by and isinstance(far.completed_at, datetime):
        return f"Marked complete by {far.completed_by.name}, {wording.in_words(far.completed_at.astimezone(LONDON).date(), year=False)}"
    if status == "optional":
        return "Not written yet. Nobody has to"
    if status == "done" and not far.complete and far.started:
        return "Written; more can be added until the plan is signed"
    first = [far.words] if far.words else lacking
    if first:
        more = len(lacking) if far.words else len(lacking) - 1
        return first[0] + (f", and {wording.count_words(more, 'more thing')}" if more > 0 else "")
    return next(
        (panel.hint for panel in panels if panel.hint),
        "" if status in ("done", "not_yet") else "Everything is there: mark it complete",
    )


def next_steps(view: PepInView, rows: list[PlanRow]) -> list[dict[str, str]]:
    """What happens next, as the numbered list beside the plan."""
    state = PepState(view.pep.state)
    order = [PepState.PREPARING, PepState.COMPLETING, PepState.SUBMITTED, PepState.FINALISED]
    place = order.index(PepState.COMPLETING if state == PepState.RETURNED else state) if state != PepState.CLOSED else 4
    steps = [step["role"] for step in view.rules.table("signatures")["steps"]]
    signers = [
        owner_words(role, view.child)
        for role in dict.fromkeys(steps)
        if role in ("designated_teacher", "social_worker")
    ]
    words = [
        "The virtual school reviews progress from the term’s data"
        if view.pep.informal
        else "The meeting is arranged and held",
        "Everyone completes their part"
        + (f"; {wording.join_words(signers).lower()} {'signs' if len(signers) == 1 else 'sign'}" if signers else ""),
        "The virtual school checks the quality",
        "The plan is finalised: copies go out, and money that was agreed is released",
    ]
    return [
        {"text": text, "state": "done" if index < place else "now" if index == place else ""}
        for index, text in enumerate(words)
    ]


@dataclass(frozen=True)
class Tally:
    """How far one owner is: "7 of 9 sections"."""

    owner: str
    name: str
    words: str


def tallies(rows: list[PlanRow]) -> list[Tally]:
    """Who has done what, an owner a line."""
    found = []
    for owner in dict.fromkeys(row.owner for row in rows):
        own = [row for row in rows if row.owner == owner]
        done = sum(row.done for row in own)
        if done == len(own):
            words = "all done"
        elif all(row.optional for row in own):
            words = "not written, and need not be"
        else:
            words = f"{done} of {wording.count_words(len(own), 'section')} done"
        found.append(Tally(owner, own[0].owner_name, words))
    return found
