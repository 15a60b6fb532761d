"""Whether money may be asked for and released, and why not. Pure; money in pence, days as dates.

Money is earned by financial years (April to March) while plans run by school years: a plan finalised in the summer term
belongs to the new financial year's grant (domain 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

CATEGORIES = {
    "tuition": "Tuition or teaching in a small group",
    "adult_support": "Time with an adult: mentoring, learning support",
    "feelings": "Help with feelings and relationships: counselling, play or art therapy",
    "speech_language": "Help with speech, language and communication",
    "books_equipment": "Books and equipment for learning",
    "technology": "A computer, software or internet access for learning",
    "enrichment": "Clubs, music, sport, trips",
    "transition": "A change of school, setting or course",
    "staff_training": "Training for the staff who work with the child",
    "administration": "Administration",
    "clothing": "Clothing",
    "uniform": "Uniform",
    "transport": "Transport",
    "base_provision": "What every pupil gets",
}
"""What money may be asked for; which of these a scheme never pays for is the council's to say (R63)."""


class Part(Protocol):
    @property
    def label(self) -> str: ...

    @property
    def amount_pence(self) -> int: ...

    @property
    def from_month(self) -> int: ...

    def covers(self, day: date) -> bool: ...


class Scheme(Protocol):
    """The part of ``funding.policy.FundingPolicy`` that decides here."""

    @property
    def scheme(self) -> str: ...

    @property
    def amount_pence(self) -> int | None: ...

    @property
    def times_a_year(self) -> int | None: ...

    @property
    def instalments(self) -> Sequence[Part]: ...

    @property
    def never_for(self) -> tuple[str, ...]: ...

    @property
    def linked_to_targets(self) -> bool: ...

    @property
    def release_needs(self) -> tuple[str, ...]: ...

    def year_of(self, day: date) -> str: ...


def financial_year(day: date) -> str:
    """The financial year of a day, "2026/27", from 1 April to 31 March.

    >>> financial_year(date(2027, 3, 31)), financial_year(date(2027, 4, 1))
    ('2026/27', '2027/28')
    """
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first}/{(first + 1) % 100:02d}"


def pounds(pence: int) -> str:
    """£1,045 or £45.50."""
    whole, rest = divmod(pence, 100)
    return f"£{whole:,}.{rest:02d}" if rest else f"£{whole:,}"


@dataclass(frozen=True)
class Taken:
    """Another request of the same child that counts against the scheme: neither refused nor withdrawn."""

    pence: int
    on: date


@dataclass(frozen=True)
class Verdict:
    """What holds, and what stands against it, as sentences."""

    met: tuple[str, ...]
    against: tuple[str, ...]


def category_allowed(scheme: Scheme, category: str) -> Verdict:
    """Whether the scheme pays for a category (R63)."""
    words = CATEGORIES.get(category, category).lower()
    if category in scheme.never_for:
        why = f"under these rules never for {never_words(scheme)}"
        return Verdict((), (f"Pupil Premium Plus can't pay for {words}: {why}.",))
    if category not in CATEGORIES:
        return Verdict((), ("What the money is for isn't among the kinds that can be paid for.",))
    return Verdict((f"The rules allow it: {words}.",), ())


def never_words(scheme: Scheme) -> str:
    """ "administration, clothing or transport"."""
    return _listed([CATEGORIES.get(each, each).lower() for each in scheme.never_for])


def scheme_entered(scheme: Scheme, on: date) -> Verdict:
    """Whether there is a scheme with figures for the money year of a day: some councils enter theirs each April."""
    year = financial_year(on)
    if scheme.scheme == "to_be_entered":
        return Verdict((), (f"The virtual school hasn't entered its scheme for {year} yet.",))
    return Verdict((f"The scheme for {year} is entered.",), ())


def within_cap(scheme: Scheme, pence: int, on: date, others: Iterable[Taken]) -> Verdict:
    """Whether an amount fits: so much a request and so many a year (R61), or the instalment of the months with what was
    asked for in them already (R62). A scheme without figures caps nothing."""
    if scheme.scheme == "instalments":
        return _within_instalment(scheme, pence, on, others)
    if scheme.scheme == "to_be_entered":
        return Verdict((), ())
    against = []
    most, times = scheme.amount_pence, scheme.times_a_year
    if most is not None and pence > most:
        against.append(f"{pounds(pence)} is more than the {pounds(most)} that one request may ask for.")
    earlier = sum(scheme.year_of(each.on) == scheme.year_of(on) for each in others)
    if times is not None and earlier >= times:
        against.append(
            f"Money was asked for {times_words(earlier)} in {scheme.year_of(on)} already: {times_words(times)} a year is the most."
        )
    return Verdict(() if against else (f"{pounds(pence)} is within what the rules allow.",), tuple(against))


def _within_instalment(scheme: Scheme, pence: int, on: date, others: Iterable[Taken]) -> Verdict:
    part = next((each for each in scheme.instalments if each.covers(on)), None)
    if part is None:
        return Verdict((), (f"The scheme has no instalment for {on:%B}.",))
    used = sum(each.pence for each in others if _run(part, each.on) == _run(part, on))
    if used + pence <= part.amount_pence:
        return Verdict((f"{pounds(pence)} is within the {pounds(part.amount_pence)} for {part.label}.",), ())
    left = max(part.amount_pence - used, 0)
    spent = f" and {pounds(used)} of it is asked for already" if used else ""
    return Verdict(
        (),
        (
            f"The most for {part.label} is {pounds(part.amount_pence)}{spent}: {pounds(left)} is left, not {pounds(pence)}.",
        ),
    )


def _run(part: Part, day: date) -> tuple[int, int] | None:
    """Which year's run of the instalment's months a day falls in: September to March runs over the new year."""
    if not part.covers(day):
        return None
    return part.from_month, day.year if day.month >= part.from_month else day.year - 1


def times_words(number: int) -> str:
    """once, twice, three times."""
    return {1: "once", 2: "twice", 3: "three times", 4: "four times"}.get(number, f"{number} times")


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


@dataclass(frozen=True)
class ReleaseFacts:
    """Everything that decides whether one request's money is released (R60, R61, R62, R63, R64)."""

    scheme: Scheme
    pence: int
    """What the virtual school agreed, or what was asked for where it hasn't decided."""
    category: str
    on: date
    """The day the money counts on: when the plan earned it, or today."""
    finalised: bool
    agreed: bool
    confirmed_targets: int
    """How many of the targets it names stand and were confirmed by a teacher."""
    others: tuple[Taken, ...] = field(default=())
    grade_reached: bool | None = None
    """Whether the plan's grade is good enough, for a council that asks for one; None where nobody has said."""


@dataclass(frozen=True)
class Release:
    """``reasons``: where allowed, the conditions met; else what holds the money, every one of them."""

    allowed: bool
    reasons: tuple[str, ...]


def may_release(facts: ReleaseFacts) -> Release:
    """Whether the money goes out now. Every condition must hold (R64); each that fails gives its sentence."""
    verdicts = [
        _check(facts.finalised, "The plan is finalised.", "The plan isn't finalised."),
        _check(
            facts.agreed,
            "The virtual school agreed the use of the money.",
            "The virtual school hasn't agreed the use of the money.",
        ),
        category_allowed(facts.scheme, facts.category),
        scheme_entered(facts.scheme, facts.on),
        within_cap(facts.scheme, facts.pence, facts.on, facts.others),
    ]
    if facts.scheme.linked_to_targets:
        verdicts.append(
            _check(
                facts.confirmed_targets > 0,
                "It pays towards a target that a teacher confirmed.",
                "It pays towards no target that a teacher confirmed.",
            )
        )
    if "minimum_grade" in facts.scheme.release_needs:
        verdicts.append(
            _check(
                facts.grade_reached is True,
                "The plan reached the grade that the rules ask for.",
                "The plan hasn't reached the grade that the rules ask for.",
            )
        )
    against = tuple(reason for verdict in verdicts for reason in verdict.against)
    if against:
        return Release(False, against)
    return Release(True, tuple(reason for verdict in verdicts for reason in verdict.met))


def _check(holds: bool, met: str, against: str) -> Verdict:
    return Verdict((met,), ()) if holds else Verdict((), (against,))


def in_words(scheme: Scheme, on: date) -> tuple[str, ...]:
    """The scheme as people say it: "Up to £500, three times a year"."""
    if scheme.scheme == "instalments":
        parts = [f"{pounds(each.amount_pence)} for {each.label}" for each in scheme.instalments]
        lines = [f"Up to {' and '.join(parts)}"]
    elif scheme.amount_pence is not None:
        often = f", {times_words(scheme.times_a_year)} a year" if scheme.times_a_year is not None else ""
        lines = [f"Up to {pounds(scheme.amount_pence)}{often}"]
    else:
        lines = [
            f"The virtual school hasn't entered its scheme for {financial_year(on)} yet. You can ask; "
            "what is agreed is held until it has."
        ]
    if scheme.never_for:
        lines.append(f"Never for {never_words(scheme)}")
    return tuple(lines)


def missing(unlinked: Sequence[int]) -> tuple[str, ...]:
    """What is still to do about the money: each request must name a target that stands (R60). Asking for none is fine."""
    return tuple(
        f"The request for {pounds(pence)} names no target any more: choose one, or withdraw it" for pence in unlinked
    )
