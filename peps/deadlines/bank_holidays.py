"""The bank holidays of England and Wales by the law's own rules, for years whose list nobody has published yet. Pure.

Banking and Financial Dealings Act 1971, Schedule 1: Easter Monday, the last Mondays of May and August, 26 December if it
is no Sunday, and 27 December where the 25th or the 26th is one. By custom: Good Friday and Christmas Day. By proclamation
every year: the first Monday of May since 1978, New Year's Day since 1974 (the next weekday where it falls at a weekend),
and the days in place of Christmas Day and Boxing Day. One-off holidays and moved ones can't be foreseen: they are
proclaimed for one year.
"""

from __future__ import annotations

from datetime import date, timedelta

MONDAY, SATURDAY, SUNDAY = 0, 5, 6


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the rule of the Calendar (New Style) Act 1750, as Meeus reckons it)."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    leap_centuries, rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap_centuries - correction + 15) % 30
    leaps, years = divmod(of_century, 4)
    weekday = (32 + 2 * rest + 2 * leaps - moon - years) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def by_law(year: int) -> dict[date, str]:
    """Each bank holiday that the law's rules give a year, in order, with its name; a substitute day bears the name of the
    day it stands for. No one-offs."""
    sunday = easter(year)
    found = {
        _new_year(year): "New Year's Day",
        sunday - timedelta(days=2): "Good Friday",
        sunday + timedelta(days=1): "Easter Monday",
        _first_monday(date(year, 5, 1)): "Early May bank holiday",
        _first_monday(date(year, 5, 25)): "Spring bank holiday",
        _first_monday(date(year, 8, 25)): "Summer bank holiday",
        **_christmas(year),
    }
    return dict(sorted(found.items()))


def _first_monday(day: date) -> date:
    """The first Monday on or after a day; from the 25th of a month of 31 days, its last."""
    return day + timedelta(days=(MONDAY - day.weekday()) % 7)


def _new_year(year: int) -> date:
    day = date(year, 1, 1)
    return _first_monday(day) if day.weekday() in (SATURDAY, SUNDAY) else day


def _christmas(year: int) -> dict[date, str]:
    christmas, boxing = date(year, 12, 25), date(year, 12, 26)
    first, second = "Christmas Day", "Boxing Day"
    if christmas.weekday() == SATURDAY:
        return {date(year, 12, 27): first, date(year, 12, 28): second}
    if christmas.weekday() == SUNDAY:
        return {boxing: second, date(year, 12, 27): first}
    if boxing.weekday() == SATURDAY:
        return {christmas: first, date(year, 12, 28): second}
    return {christmas: first, boxing: second}
