"""Term dates for any academic year, by the habits of English school calendars. Pure: fictional schools have always published theirs."""

from __future__ import annotations

from datetime import date, timedelta

from dateutil.easter import easter

from children.rules import PublishedYear

ONE_DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
SCHOOL_YEAR = 195
"""Days on which a school is open: 190 with pupils and five for staff training."""


def _monday_from(day: date) -> date:
    """The first Monday on or after a day."""
    return day + timedelta(days=(7 - day.weekday()) % 7)


def _last_monday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=last.weekday())


def _closed(spring: int) -> set[date]:
    """The bank holidays that can fall into a term."""
    sunday = easter(spring)
    return {sunday - 2 * ONE_DAY, sunday + ONE_DAY, _monday_from(date(spring, 5, 1)), date(spring, 1, 1)}


def _easter_holiday(spring: int) -> date:
    """The Monday on which the two weeks begin: Holy Week where Easter is neither very early nor very late."""
    holy_monday = easter(spring) - timedelta(days=6)
    earliest = _monday_from(date(spring, 3, 27))
    latest = _monday_from(date(spring, 4, 4))
    return min(max(holy_monday, earliest), latest)


def _spans(autumn: int, october_weeks: int, start: int) -> list[tuple[date, date, str]]:
    spring = autumn + 1
    closed = _closed(spring)
    opens = date(autumn, 9, start)
    opens = _monday_from(opens) if opens.weekday() >= 4 else opens
    october = _last_monday(autumn, 10) - (october_weeks - 1) * WEEK
    christmas = date(autumn, 12, 21)
    christmas -= timedelta(days=(christmas.weekday() - 4) % 7)
    back = _monday_from(date(spring, 1, 3))
    february = _monday_from(date(spring, 2, 12))
    easter_monday = _easter_holiday(spring)
    whitsun = _last_monday(spring, 5)
    ends = [
        october - 3 * ONE_DAY,
        christmas,
        february - 3 * ONE_DAY,
        easter_monday - 3 * ONE_DAY,
        whitsun - 3 * ONE_DAY,
    ]
    starts = [opens, _last_monday(autumn, 10) + WEEK, back, february + WEEK, easter_monday + 2 * WEEK, whitsun + WEEK]
    words = [f"{term} term, {half} half" for term in ("autumn", "spring", "summer") for half in ("first", "second")]
    spans = []
    open_days = 0
    for first, last, named in zip(
        starts, [*ends, date(spring, 7, 24) + (october_weeks - 1) * timedelta(days=5)], words, strict=True
    ):
        while first in closed:
            first += ONE_DAY
        while last in closed or last.weekday() >= 5:
            last -= ONE_DAY
        day = first
        while day <= last:
            open_days += day.weekday() < 5 and day not in closed
            if open_days == SCHOOL_YEAR:
                last = day
            day += ONE_DAY
        spans.append((first, last, named))
    return spans


def published_year(
    autumn: int, *, october_weeks: int = 1, start: int = 2, training: tuple[int, ...] = (0, 1, 2, 4)
) -> PublishedYear:
    """The academic year that begins in ``autumn``: half terms of about 190 pupil days.

    ``october_weeks`` is the length of the autumn half term, ``start`` the day of September from which school begins,
    ``training`` the half terms (from 0) whose first day is for staff alone, as the year's very last day is.
    """
    spans = _spans(autumn, october_weeks, start)
    closures = [(spans[place][0], "inset", "Staff training") for place in training]
    closures.append((spans[-1][1], "inset", "Staff training"))
    name = f"{autumn}/{(autumn + 1) % 100:02d}"
    return PublishedYear(academic_year=name, spans=tuple(spans), closures=tuple(closures))
