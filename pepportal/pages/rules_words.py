"""Rules in words: what each says, what marks it carries, and where two versions differ. Reads documents, asks nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

from pepportal.profiles import schema, words
from pepportal.profiles.reading import DEFAULT_NAME, Profile
from pepportal.profiles.schema import PHASES
from pepportal.profiles.words import Path
from pepportal.ui.wording import MONTHS, count_words, in_words, join_words, money, upper_first
from peps.form_documents import all_forms
from peps.rules import FormShape, rules_fit_forms

OTHER_SECTIONS = "other"


def fit_forms(rules: Profile) -> list[tuple[str, str]]:
    """Where rules name a form or a section that the plan's forms don't have: (key, reason) of each mistake."""
    shapes = [FormShape(form.key, frozenset(section.key for section in form.sections)) for form in all_forms()]
    return rules_fit_forms(rules.table("form"), PHASES, shapes)


@lru_cache(maxsize=1)
def _forms() -> Mapping[str, str]:
    return {form.key: form.title for form in all_forms()}


@lru_cache(maxsize=1)
def _sections() -> Mapping[str, str]:
    return {section.key: section.title for form in all_forms() for section in form.sections}


def names_at(path: Path, document: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Where a rule points at something by its key (a form, a section, a grade): each key that may stand there and its title;
    None where it points at nothing."""
    if path[:1] == ("form",) and len(path) == 2 and path[1] in PHASES:
        return _forms()
    if path in (("form", "parts", "sections"), ("form", "owners")):
        return _sections()
    if path == ("responsibilities", "opened_parts_go_to"):
        return {**_sections(), OTHER_SECTIONS: "Every other section"}
    if path[:1] == ("quality",) and path[1:] in (
        ("roll_up", "grade"), ("roll_up", "at_or_below"), ("minimum_grade",), ("criteria", "words"),
    ):  # fmt: skip
        return {grade["key"]: grade["label"] for grade in document["quality"]["grades"]}
    return None


def year_group_words(number: int) -> str:
    """Year 7, Reception, Nursery."""
    return {0: "Reception", -1: "Nursery", -2: "Nursery, two-year-olds"}.get(number, f"Year {number}")


# --- one rule in words ------------------------------------------------------------------------------------------------

FROM_WHEN = {
    "first_pep_planned": "of coming into care", "first_pep_unplanned": "of coming into care",
    "first_pep_no_school_place": "of coming into care", "extra_pep_due": "of the change", "completion": "of the meeting",
    "quality_turnaround": "of the plan being submitted", "social_worker_allocated": "of losing one, or of coming into care",
    "designated_teacher_known": "of the school having none", "next_school_known": "of the day when it should be known",
}  # fmt: skip
BEFORE_WHAT = {"preparation": "the meeting", "before_care_review": "the care review"}


@dataclass(frozen=True)
class Speaker:
    """Says the rules of one document, with the council's own words for people."""

    document: Mapping[str, Any]

    @property
    def own(self) -> Mapping[str, str]:
        labels: Mapping[str, str] = self.document["labels"]
        return labels

    def lines(self, table: str, key: str) -> list[str]:
        """What the rule says, a sentence or a labelled value a line; "None" where there is no such rule."""
        if key not in self.document[table]:
            return ["None"]
        special = getattr(self, f"_{table}_{key}", None)
        value = self.document[table][key]
        if special:
            return list(special(value))
        return self.say(schema.TABLES[table][key], value, (table, key))

    # Anything at all, from its kind.

    def say(self, kind: schema.Kind, value: Any, path: Path) -> list[str]:
        if isinstance(kind, schema.Record):
            return self._record(kind, value, path)
        if isinstance(kind, schema.WordsBy):
            names = names_at(path, self.document) or {}
            return [f"{names.get(key, key)}: {self.one(kind.kind, each, path)}" for key, each in value.items()] or [
                "None"
            ]
        if isinstance(kind, schema.ListOf) and isinstance(kind.kind, schema.Record):
            return ["; ".join(self.say(kind.kind, each, path)) for each in value] or ["None"]
        said = self.one(kind, value, path)
        return [said if isinstance(kind, schema.Text) else upper_first(said)]

    def one(self, kind: schema.Kind, value: Any, path: Path) -> str:
        """A single value, or a list of such, inside a sentence."""
        if isinstance(kind, schema.ListOf):
            said = [self.one(kind.kind, each, path) for each in value]
            return ("; ".join(said) if any("," in each for each in said) else join_words(said)) or "none"
        if isinstance(kind, schema.OneOf):
            return words.choice(path, value, self.own)
        if isinstance(kind, schema.YesNo):
            return "yes" if value else "no"
        if isinstance(kind, schema.Day):
            return in_words(date.fromisoformat(value))
        if isinstance(kind, schema.Whole):
            shown = {"money": money, "month": lambda number: MONTHS[number - 1], "year_group": year_group_words}
            return shown.get(kind.shown, str)(value)
        names = names_at(path, self.document)
        return names.get(value, value) if names else str(value)

    def _record(self, kind: schema.Record, value: Mapping[str, Any], path: Path) -> list[str]:
        lines = []
        rest = {part: inner for part, inner in kind.parts.items() if part in value and part != "key"}
        if {"count", "unit"} <= rest.keys():
            lines.append(self._counted(value, path))
            rest = {part: inner for part, inner in rest.items() if part not in ("count", "unit", "event")}
        for part, inner in rest.items():
            said = self.say(inner, value[part], (*path, part))
            name = words.label((*path, part))
            if isinstance(inner, schema.YesNo):
                lines.append(name if value[part] else f"{name}: no")
            elif len(said) == 1:
                lines.append(f"{name}: {_inside(said[0])}")
            else:
                lines += [f"{name}:", *(f"– {each}" for each in said)]
        return lines

    def _counted(self, value: Mapping[str, Any], path: Path) -> str:
        amount = self.amount(value["count"], value["unit"])
        if path[-1] in BEFORE_WHAT:
            return f"{upper_first(amount)} before {BEFORE_WHAT[path[-1]]}"
        start = f"within {amount} {FROM_WHEN.get(path[-1], '')}".strip()
        if "event" not in value:
            return upper_first(start)
        return f"{upper_first(words.choice((*path, 'event'), value['event']))} {start}"

    def amount(self, count: int, unit: str) -> str:
        return count_words(count, words.choice(("unit",), unit).removesuffix("s"))

    # What reads better as a sentence of its own.

    def _scope_ages(self, value: Mapping[str, Any]) -> Iterable[str]:
        start = f"age {value['from_age']}" if value["from"] == "age" else "statutory school age"
        end = {
            "statutory_school_age": "the end of statutory school age",
            "birthday": f"the birthday on which the child turns {value.get('until_age')}",
            "end_of_year_group": f"the end of {year_group_words(value.get('until_year_group', 0))}",
        }[value["until"]]
        yield f"From {start} to {end}"
        if "only_in_provision_before_school_age" in value:
            only = value["only_in_provision_before_school_age"]
            yield "Before school age " + (
                "only a child in early years provision" if only else "every child, in provision or not"
            )

    def _deadlines_counting(self, value: Mapping[str, Any]) -> Iterable[str]:
        yield f"The day it starts is day {0 if value['day_zero'] else 1}"
        yield f"A staff training (INSET) day {'counts as' if value['inset_counts'] else 'is not'} a school day"

    def _deadlines_review(self, value: Mapping[str, Any]) -> Iterable[str]:
        event = upper_first(words.choice(("deadlines", "review", "event"), value["event"]))
        if value["cycle"] == "at_most_months":
            yield f"{event} at most {count_words(value['months'], 'month')} after the last"
        elif value["cycle"] == "published_dates":
            yield f"{event} by the date that the council publishes for each term"
        else:
            yield f"{event} in every school term"
        yield from (
            f"In {each}" for each in self._left_over(value, ("months",) if value["cycle"] != "at_most_months" else ())
        )
        if "formal_a_year" in value:
            yield f"{count_words(value['formal_a_year'], 'formal review')} a year"
        if "third" in value:
            yield f"The third review of a year is {value['third']}"
        if "formal_if_concerns" in value:
            turns = "turns" if value["formal_if_concerns"] else "doesn’t turn"
            yield f"An informal review {turns} formal where there are concerns"
        for each in value.get("published", ()):
            groups = join_words(year_group_words(number) for number in each.get("year_groups", ()))
            day = in_words(date.fromisoformat(each["due"]))
            yield f"{each['academic_year']}, {each['term']}: {day}{f' ({groups})' if groups else ''}"

    def _left_over(self, value: Mapping[str, Any], parts: Iterable[str]) -> Iterable[str]:
        """A number that the chosen way of doing it doesn't use: said, so that nothing in a document is hidden."""
        return [f"months that are not used: {value[part]}" for part in parts if part in value]

    def _deadlines_opening(self, value: Mapping[str, Any]) -> Iterable[str]:
        if value["when"] == "before_meeting":
            yield f"{upper_first(self.amount(value['count'], value['unit']))} before the meeting"
        for term in schema.TERMS:
            if term in value:
                yield f"For the {term} term: {words.choice((term,), value[term])}"
        if value["when"] == "weeks" and "count" in value:
            yield f"Not used: {value['count']} {words.choice(('unit',), value.get('unit', 'school'))}"

    def _meeting_dates_lead_up(self, value: Mapping[str, Any]) -> Iterable[str]:
        last = f"the last {count_words(value['school_days'], 'school day')} of a term"
        yield f"In {last}: {words.choice(('outcome',), value['outcome'])}"

    def _targets_required(self, value: Sequence[Mapping[str, Any]]) -> Iterable[str]:
        for each in value:
            kinds = ", or ".join(words.choice(("kinds",), kind) for kind in each["kinds"])
            yield f"{upper_first(each['words'])} (at least {each['count']}: {kinds})"
        if not value:
            yield "None"

    def _signatures_steps(self, value: Sequence[Mapping[str, Any]]) -> Iterable[str]:
        for each in value:
            who = words.choice(("role",), each["role"], self.own)
            if "title" in each:
                who = f"{who} ({each['title']})"
            notes = [words.choice(("signatures", "steps", "when"), each["when"])] if "when" in each else []
            if "required" in each:
                notes.append("the plan waits for it" if each["required"] else "the plan doesn’t wait for it")
            yield f"Step {each['order']}: {who}{f', {join_words(notes)}' if notes else ''}. “{each['statement']}”"

    def _escalation_steps(self, value: Sequence[Mapping[str, Any]]) -> Iterable[str]:
        unit = self.document["escalation"]["unit"]
        for each in value:
            since = words.choice(("from",), f"{each['from']}")
            since = {"due": "the day it was due", "meeting_held": "the day of the meeting"}.get(each["from"], since)
            when = f"On {since}" if each["after"] == 0 else f"{self.amount(each['after'], unit)} after {since}"
            told = join_words(words.choice(("tell",), role, self.own) for role in each["tell"])
            by = f", by the {words.choice(('by',), each['by'], self.own)}" if "by" in each else ""
            only = f", when {words.choice(('when',), each['when'])}" if "when" in each else ""
            yield f"{when}{only}: {told} {'is' if len(each['tell']) == 1 else 'are'} told{by}"

    def _reminders_before_due(self, value: Sequence[int]) -> Iterable[str]:
        unit = self.document["reminders"]["unit"]
        *earlier, last = [count for count in value if count] or [0]
        said = [f"{join_words([*map(str, earlier), self.amount(last, unit)])} before"] if last else []
        yield upper_first(", and ".join([*said, *(["on the day itself"] if 0 in value else [])]))

    def _targets_weeks(self, value: int) -> Iterable[str]:
        yield f"Within {count_words(value, 'week')}"

    def _funding_scheme(self, value: Mapping[str, Any]) -> Iterable[str]:
        kind = value["kind"]
        if kind == "to_be_entered":
            yield "The virtual school enters the amounts each April"
        elif kind == "instalments":
            yield "Given in instalments"
        if "amount_pence" in value:
            yield f"Up to {money(value['amount_pence'])} for each request"
        if "times_a_year" in value:
            yield f"{count_words(value['times_a_year'], 'request')} a year"
        if "year" in value:
            yield f"The year is the {words.choice(('year',), value['year'])}"
        if "total_pence" in value:
            yield f"{money(value['total_pence'])} a year altogether"
        for each in value.get("instalments", ()):
            months = f"{MONTHS[each['from_month'] - 1]} to {MONTHS[each['to_month'] - 1]}"
            yield f"{each['label']}: {money(each['amount_pence'])} for {months}, seen by the school in {each['seen']}"

    def _quality_grades(self, value: Sequence[Mapping[str, Any]]) -> Iterable[str]:
        for each in value:
            yield f"{each['label']} ({each['tone']}){': ' + each['words'] if 'words' in each else ''}"

    def _quality_criteria(self, value: Sequence[Mapping[str, Any]]) -> Iterable[str]:
        names = names_at(("quality", "criteria", "words"), self.document) or {}
        for each in value:
            yield f"{each['title']}:"
            yield from (f"– {names.get(grade, grade)}: {said}" for grade, said in each["words"].items())

    def _quality_roll_up(self, value: Sequence[Mapping[str, Any]]) -> Iterable[str]:
        names = names_at(("quality", "roll_up", "grade"), self.document) or {}
        for each in value:
            grade, below = (names.get(each[part], each[part]) for part in ("grade", "at_or_below"))
            many = "most criteria are" if each.get("majority") else ""
            if "at_least" in each:
                least = count_words(each["at_least"], "criterion", "criteria")
                many = " or ".join(filter(None, [many, f"at least {least} {'is' if each['at_least'] == 1 else 'are'}"]))
            yield f"{grade}, where {many} {below} or below"

    def _form_parts(self, value: Sequence[Mapping[str, Any]]) -> Iterable[str]:
        for each in value:
            yield f"{each['label']}: {join_words(_sections().get(key, key) for key in each['sections'])}"

    def _form_owners(self, value: Mapping[str, str]) -> Iterable[str]:
        for section, owner in value.items():
            yield f"{_sections().get(section, section)}: {words.choice(('owners',), owner, self.own)}"
        if not value:
            yield "Every section is filled in by whom the form names"


def _inside(line: str) -> str:
    """A value after its label: small unless it is a name."""
    first = line.split(" ", 1)[0]
    return line if first.isupper() or not line[1:2].islower() else line[:1].lower() + line[1:]


# --- a whole document -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What a document says about one rule, with its marks."""

    lines: tuple[str, ...]
    default: bool = False
    assumed: tuple[str, ...] = ()
    source: str = ""
    """Where it says so, if not where the whole document says."""


@dataclass(frozen=True)
class Rule:
    table: str
    key: str
    label: str
    said: tuple[Said, ...]
    """One for each document that was read."""
    heads: tuple[Any, ...] = ()
    """What stands above each on a page that shows several."""

    @property
    def beside(self) -> list[tuple[Any, Said]]:
        return list(zip(self.heads, self.said, strict=True))

    @property
    def anchor(self) -> str:
        return f"{self.table}-{self.key}"

    @property
    def only(self) -> Said:
        return self.said[0]


@dataclass(frozen=True)
class RuleTable:
    key: str
    title: str
    about: str
    rules: tuple[Rule, ...] = field(default=())


@dataclass(frozen=True)
class Group:
    title: str
    anchor: str
    tables: tuple[RuleTable, ...]


def said(rules: Profile, table: str, key: str, *, marks: bool = True) -> Said:
    """One rule of one document; ``marks`` False leaves "default" unsaid, where all of them are."""
    path = f"{table}.{key}"
    there = key in rules.document[table]
    default = marks and there and rules.is_default(path)
    source, head = source_words(rules.source(path)), source_words(rules.document["profile"]["source"])
    return Said(
        lines=tuple(Speaker(rules.document).lines(table, key)),
        default=default,
        assumed=rules.assumptions(path) if there else (),
        source=source if there and not rules.is_default(path) and source != head else "",
    )


def source_words(source: str) -> str:
    """Where a rule comes from: shipped files name their document by its number in the list of sources."""
    if source[:1] == "S" and source[1:].isdigit():
        return f"the published document (no. {source[1:]} in the list of sources)"
    return source


def bare(value: Any) -> Any:
    """A value without its marks (source, assumed): what it decides."""
    if isinstance(value, Mapping):
        return {key: bare(each) for key, each in value.items() if key not in ("source", "assumed")}
    return [bare(each) for each in value] if isinstance(value, list) else value


def differs(documents: Iterable[Mapping[str, Any]], table: str, key: str) -> bool:
    """Whether these documents decide a rule differently."""
    found = [bare(document[table].get(key)) for document in documents]
    return any(one != other for one, other in pairwise(found))


def groups(
    documents: Sequence[Profile], *, heads: Sequence[Any] = (), only_differing: bool = False, marks: bool = True
) -> list[Group]:
    """Every rule of these documents side by side, under the headings people read; groups without rules are left out."""
    bodies = [rules.document for rules in documents]
    found = []
    for title, tables in words.GROUPS:
        inner = []
        for table in tables:
            rows = tuple(
                Rule(
                    table,
                    key,
                    words.label((table, key)),
                    tuple(said(each, table, key, marks=marks) for each in documents),
                    tuple(heads),
                )
                for key in schema.TABLES[table]
                if not only_differing or differs(bodies, table, key)
            )
            if rows:
                inner.append(RuleTable(table, *words.TABLES[table], rows))
        if inner:
            found.append(Group(title, inner[0].key, tuple(inner)))
    return found


def changed_rules(before: Profile, after: Profile) -> list[Rule]:
    """Where two documents differ, rule by rule, a changed source or assumption too; ``said`` is (before, after)."""
    return [
        Rule(table, key, words.label((table, key)), (said(before, table, key), said(after, table, key)))
        for _, tables in words.GROUPS
        for table in tables
        for key in schema.TABLES[table]
        if changed(before.document, after.document, table, key)
    ]


def changed(before: Mapping[str, Any], after: Mapping[str, Any], table: str, key: str) -> bool:
    """Whether one rule differs between two documents, in what it says or in its marks."""

    def of(document: Mapping[str, Any]) -> tuple[Any, ...]:
        here = document[table]
        return here.get(key), here.get("assumed", {}).get(key), key in here.get("defaults", ()), here.get("source")

    return of(before) != of(after)


def is_products_own(name: str, authority_id: Any) -> bool:
    """The product's default rules, of which every line is a default."""
    return name == DEFAULT_NAME and authority_id is None
