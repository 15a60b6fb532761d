"""What is wanting among a plan's targets and its SDQ, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

KIND_WORDS = {
    "academic": "academic",
    "social_emotional": "social or emotional",
    "personal": "personal development",
    "other": "other",
}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
T4_17 = (4, 17)
"""Ages that the teacher's questionnaire is made for (domain 3.1)."""
KNOWN_MONTHS = 3
"""Months after which a teacher knows a child well enough to score them (domain 3.1)."""


class RequiredTargets(Protocol):
    @property
    def kinds(self) -> tuple[str, ...]: ...

    @property
    def count(self) -> int: ...


class TargetRules(Protocol):
    """The part of ``targets.policy.TargetsPolicy`` that decides here."""

    @property
    def required(self) -> Sequence[RequiredTargets]: ...

    @property
    def teacher_only(self) -> bool: ...

    @property
    def earlier_reviewed_first(self) -> bool: ...


class SdqRules(Protocol):
    """The part of ``targets.policy.SdqPolicy`` that decides here."""

    @property
    def informants(self) -> tuple[str, ...]: ...

    @property
    def frequency(self) -> str: ...


@dataclass(frozen=True)
class TargetFacts:
    """One target of the plan, not withdrawn. ``number`` is what people call it."""

    number: int
    kind: str
    confirmed: bool


@dataclass(frozen=True)
class EarlierFacts:
    """One target of the plan before this one, and whether it has been reviewed (R53)."""

    number: int
    reviewed: bool


def missing(policy: TargetRules, targets: Iterable[TargetFacts], earlier: Iterable[EarlierFacts]) -> tuple[str, ...]:
    """What is still to do, one sentence each: earlier targets to review (R53), targets to add (R50), targets that wait
    for a teacher (R52). Empty where nothing is."""
    own = sorted(targets, key=lambda each: each.number)
    found: list[str] = []
    if policy.earlier_reviewed_first:
        left = [each.number for each in earlier if not each.reviewed]
        if left:
            found.append(f"Say how {_named(left, 'earlier target')} went")
    found += [_wanted(rule, have) for rule, have in _served(policy.required, own) if have < rule.count]
    drafts = [each.number for each in own if not each.confirmed]
    if drafts:
        waits = "waits" if len(drafts) == 1 else "wait"
        found.append(f"{_named(drafts, 'target', capital=True)} {waits} for a teacher to confirm")
    return tuple(found)


def _served(required: Sequence[RequiredTargets], own: Sequence[TargetFacts]) -> list[tuple[RequiredTargets, int]]:
    """Each requirement and how many targets serve it. A target serves one only; as many are served as can be."""
    places = [number for number, rule in enumerate(required) for _ in range(rule.count)]
    taken: dict[int, int] = {}

    def place(target: int, tried: set[int]) -> bool:
        for spot, rule in enumerate(places):
            if spot in tried or own[target].kind not in required[rule].kinds:
                continue
            tried.add(spot)
            if spot not in taken or place(taken[spot], tried):
                taken[spot] = target
                return True
        return False

    for target in range(len(own)):
        place(target, set())
    return [(rule, sum(places[spot] == number for spot in taken)) for number, rule in enumerate(required)]


def _wanted(rule: RequiredTargets, have: int) -> str:
    left = rule.count - have
    every = len(rule.kinds) >= len(KIND_WORDS)
    kind = "" if every else f" {' or '.join(dict.fromkeys(KIND_WORDS[kind] for kind in rule.kinds))}"
    more = " more" if have else ""
    thing = "target is" if left == 1 else "targets are"
    return f"{_number(left).capitalize()}{more}{kind} {thing} needed"


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def _named(numbers: Sequence[int], noun: str, *, capital: bool = False) -> str:
    said = [str(number) for number in numbers]
    words = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    named = f"{noun}{'s' if len(said) > 1 else ''} {words}"
    return named[:1].upper() + named[1:] if capital else named


@dataclass(frozen=True)
class Asked:
    """Whether a plan asks for a questionnaire: ``possible`` at this age, ``asked`` by the council's rules, and why."""

    possible: bool
    asked: bool
    because: str


def sdq_asked(policy: SdqRules, *, informant: str, born: date, on: date, last_on: date | None) -> Asked:
    """Whether the score of ``informant`` is asked for in a plan opened on ``on`` (R56): not outside the ages the form is
    made for; yearly is asked again a year after the last one (``last_on``), which another plan holds."""
    least, most = T4_17
    age = age_on(born, on)
    if not least <= age <= most:
        return Asked(False, False, f"The questionnaire is made for ages {least} to {most}: it isn't used here.")
    if policy.frequency == "never" or informant not in policy.informants:
        return Asked(True, False, "The rules for this plan don't ask for a score. You can add one.")
    if policy.frequency == "termly":
        return Asked(True, True, "The rules for this plan ask for a score every term.")
    if last_on is not None and on < _a_year_after(last_on):
        return Asked(True, False, "A score is asked for once a year, and there is one from the last 12 months.")
    return Asked(True, True, "The rules for this plan ask for a score once a year.")


def age_on(born: date, on: date) -> int:
    """Age in whole years on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return date(day.year + 1, 3, 1)


def sdq_missing(
    asked: Asked,
    *,
    entered: bool,
    scored: bool,
    over_threshold: bool,
    addressed: bool,
    reason: str,
    threshold: int | None,
) -> tuple[str, ...]:
    """What is still to do about the score: enter it, complete it, or answer a total at the council's own line with a
    target or a reason (R56). ``addressed``: the plan has a target for how the child feels or gets on with others."""
    if not entered:
        return ("Enter the score",) if asked.asked else ()
    if not scored:
        return ("Complete the score: too few items were answered to work out a total",)
    if over_threshold and not addressed and not reason.strip():
        return (f"The total is {threshold} or above: set a target that addresses it, or say why none is needed",)
    return ()


def review_refused(review_by: date, *, latest: date, weeks: int, today: date) -> str:
    """Why a target can't be reviewed on a day, as a sentence, or nothing: a target is small enough to reach within the
    council's number of weeks (R51), counted from the meeting or from today, whichever is later."""
    if review_by < today:
        return "The date to review it by must be today or in the future"
    if review_by > latest:
        return (
            f"The date to review it by must be within {weeks} weeks, on or before {latest.day} {latest:%B %Y}. "
            "Make the target small enough to reach by then"
        )
    return ""


def all_achieved(outcomes: Iterable[str]) -> bool:
    """Whether every target of the plan before is achieved, so that new ones are wanted (R7). Of none there is nothing to say."""
    found = list(outcomes)
    return bool(found) and all(outcome == "achieved" for outcome in found)
