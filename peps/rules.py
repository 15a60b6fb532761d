"""What is left to answer, how two people's changes meet, what published rules may point at in a form. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol


class Asked(Protocol):
    """A question of the form (peps.form_documents.Field)."""

    @property
    def id(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def allow_unknown(self) -> bool: ...
    @property
    def asks(self) -> bool: ...


@dataclass(frozen=True)
class Given:
    """An answer's content: a value, or why there can't be one."""

    value: Any = None
    unknown_because: str = ""

    @property
    def empty(self) -> bool:
        return self.value in (None, "", []) and not self.unknown_because


NOTHING = Given()


def left(questions: Iterable[Asked], given: Mapping[str, Given]) -> tuple[Asked, ...]:
    """Required questions without an answer; "not known, because …" answers one that allows it (R25)."""
    found = []
    for question in questions:
        if not (question.required and question.asks):
            continue
        answer = given.get(question.id, NOTHING)
        if answer.value in (None, "", []) and not (question.allow_unknown and answer.unknown_because):
            found.append(question)
    return tuple(found)


def left_words(labels: Collection[str]) -> str:
    """What is left, in words: "1 answer left: Reading", "3 answers left". Empty where nothing is.

    >>> left_words(["Reading"]), left_words(["a", "b"]), left_words([])
    ('1 answer left: Reading', '2 answers left', '')
    """
    if len(labels) == 1:
        return f"1 answer left: {next(iter(labels))}"
    return f"{len(labels)} answers left" if labels else ""


@dataclass(frozen=True)
class Now:
    """An answer as it stands: its content and its own revision (0: never answered)."""

    given: Given = NOTHING
    revision: int = 0


@dataclass(frozen=True)
class Merge:
    """What a save may do: ``save`` is written, ``clash`` must be decided by a person, all else stays as it stands."""

    save: Mapping[str, Given] = field(default_factory=dict)
    clash: Mapping[str, Given] = field(default_factory=dict)


def merge(
    mine: Mapping[str, Given],
    based_on: Mapping[str, int],
    now: Mapping[str, Now],
    shown: Mapping[tuple[str, int], Given],
) -> Merge:
    """Meets what I typed with what stands now, field by field (rule 3 of the house: nobody's words are lost unseen).

    ``based_on`` is the revision of each answer that my page showed, ``shown`` the content of those revisions where the
    answer has moved on since. A field that stands as it was shown takes mine. Of one that moved on, theirs stays where
    both say the same or where I left it as it was shown; else it is a clash. A revision that can't be found counts as
    changed by me, so that nothing is dropped.
    """
    save: dict[str, Given] = {}
    clash: dict[str, Given] = {}
    for name, typed in mine.items():
        stands = now.get(name, Now())
        if typed == stands.given or (typed.empty and stands.given.empty):
            continue
        seen = based_on.get(name, 0)
        if seen == stands.revision:
            save[name] = typed
        elif typed != (NOTHING if seen == 0 else shown.get((name, seen))):
            clash[name] = typed
    return Merge(save, clash)


def term_words(day: date) -> str:
    """The school term a day belongs to; the summer holiday's August belongs to the term that it leads to.

    >>> [term_words(date(2026, 10, 5)), term_words(date(2027, 1, 4)), term_words(date(2027, 7, 31))]
    ['autumn 2026', 'spring 2027', 'summer 2027']
    >>> term_words(date(2026, 8, 3))
    'autumn 2026'
    """
    name = "spring" if day.month <= 3 else "summer" if day.month <= 7 else "autumn"
    return f"{name} {day.year}"


def review_term_words(last_meeting: date, opened: date) -> str:
    """The term that a review is for: the one in which it is opened, and never the last meeting's own.

    >>> review_term_words(date(2026, 6, 10), date(2026, 9, 8)), review_term_words(date(2026, 6, 10), date(2026, 7, 1))
    ('autumn 2026', 'autumn 2026')
    >>> review_term_words(date(2026, 10, 10), date(2026, 12, 1))
    'spring 2027'
    """
    if term_words(opened) != term_words(last_meeting):
        return term_words(opened)
    ends = {"spring": date(opened.year, 4, 1), "summer": date(opened.year, 8, 1), "autumn": date(opened.year + 1, 1, 1)}
    return term_words(ends[term_words(opened).split()[0]])


@dataclass(frozen=True)
class FormShape:
    """What a council's rules may point at in the forms: section keys of each form."""

    key: str
    sections: frozenset[str]


def rules_fit_forms(
    form_table: Mapping[str, Any], phases: Iterable[str], forms: Iterable[FormShape]
) -> list[tuple[str, str]]:
    """Where a council's ``[form]`` table names a form or a section that is not there: (key, reason) of each mistake."""
    known = {form.key: form for form in forms}
    sections = frozenset[str]().union(*(form.sections for form in known.values()))
    found = [
        (f"form.{phase}", f"there is no form {form_table[phase]!r}; there are {', '.join(sorted(known))}")
        for phase in phases
        if form_table[phase] not in known
    ]
    found += [
        (f"form.owners.{section}", "is not a section of any form")
        for section in form_table["owners"]
        if section not in sections
    ]
    found += [
        ("form.parts", f"part {part['key']!r} names section {section!r}, which no form has")
        for part in form_table["parts"]
        for section in part["sections"]
        if section not in sections
    ]
    return found
