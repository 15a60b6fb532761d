"""Counting days against the working-day arithmetic of the holidays package, on the same deadlines."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from time import perf_counter

import holidays

from children.bank_holidays import england_and_wales
from peps.deadlines.calendars import BankHolidays, Calendars, WorkingCalendar
from peps.deadlines.counting import add_days, due_only
from peps.deadlines.rules import first_pep, policy_of


def run(count: int) -> list[tuple[str, float]]:
    """(what, how many times as fast as the holidays package) on ``count`` deadlines. Raises AssertionError where the days differ."""
    working = WorkingCalendar(BankHolidays(england_and_wales()))
    theirs = holidays.country_holidays("GB", subdiv="ENG", years=range(2023, 2030))
    chance = random.Random(7)
    first = date(2024, 9, 1)
    asked = [(first + timedelta(days=chance.randrange(1000)), chance.choice((5, 10, 20))) for _ in range(count)]
    policy = _policy()
    calendars = Calendars(working)

    def each(way: Callable[[date, int], date]) -> tuple[float, list[date]]:
        way(first, 20)  # what is made once is made before
        start = perf_counter()
        found = [way(day, days) for day, days in asked]
        return perf_counter() - start, found

    slow, expected = each(theirs.get_nth_working_day)
    fast, found = each(lambda day, days: due_only(day, days, working))
    stepped, with_steps = each(lambda day, days: add_days(day, days, working).due)
    ruled, _ = each(lambda day, days: first_pep(policy, day, True, True, calendars).due)
    told, _ = each(lambda day, days: first_pep(policy, day, True, True, calendars).steps[-1].date)
    assert found == expected == with_steps, "the two count differently"
    return [
        ("a date without steps", slow / fast),
        ("a date with every step", slow / stepped),
        ("a whole deadline (rule, source, assumptions)", slow / ruled),
        ("a whole deadline with every step", slow / told),
    ]


def _policy():
    from pepportal.profiles.reading import read_default

    return policy_of(read_default().document)
