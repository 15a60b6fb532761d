"""Which looked-after children have a PEP at all: by age, by provision, until adoption (R17). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peps.deadlines.counting import add_months


@dataclass(frozen=True)
class Scope:
    """A council's ages. `starts` is a school age or an age; `ends` a school age, a birthday or a year group."""

    starts: str
    ends: str
    from_age: int = 0
    only_in_provision_before_school_age: bool = False
    until_age: int = 0
    until_year_group: int = 0
    until_adoption_order: bool = True
    short_breaks_in_scope: bool = False


def scope_from(table: Mapping[str, Any]) -> Scope:
    """The scope that a profile's `[scope]` table publishes."""
    ages = table["ages"]
    return Scope(
        starts=ages["from"],
        ends=ages["until"],
        from_age=ages.get("from_age", 0),
        only_in_provision_before_school_age=ages.get("only_in_provision_before_school_age", False),
        until_age=ages.get("until_age", 0),
        until_year_group=ages.get("until_year_group", 0),
        until_adoption_order=table["until_adoption_order"],
        short_breaks_in_scope=table["short_breaks_in_scope"],
    )


def birthday(born: date, age: int) -> date:
    """The birthday on which somebody turns `age`; for 29 February the 28th in other years."""
    return add_months(born, 12 * age)


def statutory_school_age(born: date) -> tuple[date, date]:
    """From the 31 August, 31 December or 31 March on or after the fifth birthday to the last Friday of June of the
    school year in which the child turns sixteen (Education Act 1996, section 8)."""
    fifth = birthday(born, 5)
    starts = next(day for day in _prescribed(fifth.year) if day >= fifth)
    sixteenth = birthday(born, 16)
    year = sixteenth.year if sixteenth <= date(sixteenth.year, 8, 31) else sixteenth.year + 1
    last = date(year, 6, 30)
    return starts, last - timedelta(days=(last.weekday() - 4) % 7)


def _prescribed(year: int) -> tuple[date, ...]:
    return date(year, 3, 31), date(year, 8, 31), date(year, 12, 31)


def year_group(born: date, day: date) -> int:
    """The national curriculum year on a day: 0 is Reception, 1 to 13 Years 1 to 13, below 0 the years before school."""
    school_year = day.year if day.month >= 9 else day.year - 1
    cohort = born.year if (born.month, born.day) >= (9, 1) else born.year - 1
    return school_year - cohort - 5


def phase_of(born: date, day: date) -> str:
    """early_years (to Reception), primary, secondary or post_16: which form a child gets (R31)."""
    year = year_group(born, day)
    return "early_years" if year <= 0 else "primary" if year <= 6 else "secondary" if year <= 11 else "post_16"


@dataclass(frozen=True)
class InScope:
    yes: bool
    reason: str


def in_scope(
    scope: Scope,
    *,
    born: date,
    day: date,
    in_provision: bool = False,
    adoption_order_on: date | None = None,
    short_break: bool = False,
) -> InScope:
    """Whether a looked-after child has a PEP on a day, and the reason in words."""
    if short_break and not scope.short_breaks_in_scope:
        return InScope(False, "A short break only: a plan of this kind is not made.")
    if scope.until_adoption_order and adoption_order_on is not None and day >= adoption_order_on:
        return InScope(False, "An adoption order has been made: the plan is no longer statutory.")
    school_from, school_to = statutory_school_age(born)
    if scope.starts == "statutory_school_age":
        if day < school_from:
            return InScope(False, "Not yet of statutory school age.")
    elif day < birthday(born, scope.from_age):
        return InScope(False, f"Not yet {scope.from_age}.")
    elif scope.only_in_provision_before_school_age and day < school_from and not in_provision:
        return InScope(False, "Below school age and not in a nursery, pre-school or school.")
    if scope.ends == "statutory_school_age" and day > school_to:
        return InScope(False, "Over statutory school age.")
    if scope.ends == "birthday" and day >= birthday(born, scope.until_age):
        return InScope(False, f"Already {scope.until_age}.")
    if scope.ends == "end_of_year_group" and year_group(born, day) > scope.until_year_group:
        return InScope(False, f"Past the end of Year {scope.until_year_group}.")
    return InScope(True, "In scope by age.")
