"""Real term dates of 2025/26 and 2026/27 from schools' own pages, and the calendars the deadline tests count on."""

from __future__ import annotations

from datetime import date as D

from peps.deadlines.calendars import BankHolidays, Calendars, SchoolCalendar, SchoolYear, WorkingCalendar, school_year

#: England and Wales, as the law's own rules give them; the bundled list is checked against these.
HOLIDAYS = BankHolidays({
    D(2025, 1, 1): "New Year's Day",
    D(2025, 4, 18): "Good Friday",
    D(2025, 4, 21): "Easter Monday",
    D(2025, 5, 5): "Early May bank holiday",
    D(2025, 5, 26): "Spring bank holiday",
    D(2025, 8, 25): "Summer bank holiday",
    D(2025, 12, 25): "Christmas Day",
    D(2025, 12, 26): "Boxing Day",
    D(2026, 1, 1): "New Year's Day",
    D(2026, 4, 3): "Good Friday",
    D(2026, 4, 6): "Easter Monday",
    D(2026, 5, 4): "Early May bank holiday",
    D(2026, 5, 25): "Spring bank holiday",
    D(2026, 8, 31): "Summer bank holiday",
    D(2026, 12, 25): "Christmas Day",
    D(2026, 12, 28): "Boxing Day",
    D(2027, 1, 1): "New Year's Day",
    D(2027, 3, 26): "Good Friday",
    D(2027, 3, 29): "Easter Monday",
    D(2027, 5, 3): "Early May bank holiday",
    D(2027, 5, 31): "Spring bank holiday",
    D(2027, 8, 30): "Summer bank holiday",
    D(2027, 12, 27): "Christmas Day",
    D(2027, 12, 28): "Boxing Day",
})  # fmt: skip
WORKING = WorkingCalendar(HOLIDAYS)


def _year(name: str, *spans: tuple[int, int, int, int], inset: tuple[tuple[int, int], ...] = ()) -> SchoolYear:
    first = int(name[:4])

    def day(month: int, number: int) -> D:
        return D(first if month >= 8 else first + 1, month, number)

    return school_year(
        name,
        [(day(a, b), day(c, d)) for a, b, c, d in spans],
        [(day(month, number), "inset", "") for month, number in inset],
    )


def calendar(*years: SchoolYear, inset_counts: bool = False) -> SchoolCalendar:
    return SchoolCalendar(years, HOLIDAYS, inset_counts=inset_counts)


HALFWAY = calendar(
    _year(
        "2025/26",
        (9, 3, 10, 17), (11, 3, 12, 19), (1, 5, 2, 13), (2, 23, 4, 2), (4, 20, 5, 22), (6, 1, 7, 22),
        inset=((9, 1), (9, 2)),
    ),
    _year(
        "2026/27",
        (9, 1, 10, 16), (11, 2, 12, 18), (1, 4, 2, 12), (2, 22, 3, 25), (4, 12, 5, 28), (6, 7, 7, 22),
        inset=((9, 1),),
    ),
)  # fmt: skip
GREAT_CHART = calendar(
    _year(
        "2025/26",
        (9, 3, 10, 17), (10, 28, 12, 19), (1, 5, 2, 13), (2, 23, 4, 2), (4, 20, 5, 22), (6, 1, 7, 17),
        inset=((9, 1), (9, 2), (10, 27), (7, 20), (7, 21)),
    ),
)  # fmt: skip
NOTTINGHAM = calendar(
    _year("2025/26", (9, 2, 10, 17), (11, 3, 12, 19), (1, 5, 2, 13), (2, 23, 3, 27), (4, 13, 5, 22), (6, 1, 7, 27)),
    _year(
        "2026/27",
        (9, 2, 10, 16), (11, 2, 12, 18), (1, 4, 2, 12), (2, 22, 3, 25), (4, 12, 5, 28), (6, 7, 7, 21),
        inset=((9, 1),),
    ),
)  # fmt: skip
GATESHEAD = calendar(
    _year(
        "2025/26",
        (9, 1, 10, 24), (11, 3, 12, 19), (1, 5, 2, 20), (3, 2, 4, 2), (4, 20, 5, 22), (6, 1, 7, 17),
        inset=((9, 1), (1, 5), (6, 19)),
    ),
    _year("2026/27", (9, 2, 10, 23), (11, 2, 12, 18), (1, 4, 2, 12), (2, 22, 3, 25), (4, 12, 5, 27), (6, 7, 7, 16)),
)  # fmt: skip
STAFFORDSHIRE = calendar(
    _year(
        "2025/26",
        (9, 3, 10, 24), (11, 4, 12, 19), (1, 5, 2, 13), (2, 23, 3, 27), (4, 14, 5, 22), (6, 1, 7, 17),
        inset=((9, 1), (9, 2), (11, 3), (4, 13), (7, 20)),
    ),
    _year(
        "2026/27",
        (9, 3, 10, 23), (11, 2, 12, 18), (1, 4, 2, 12), (2, 22, 3, 25), (4, 12, 5, 28), (6, 7, 7, 21),
        inset=((9, 1), (9, 2)),
    ),
)  # fmt: skip

CALENDARS = Calendars(WORKING, HALFWAY)
NO_SCHOOL = Calendars(WORKING, None)
