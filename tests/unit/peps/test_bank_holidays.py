"""The bundled list against the law's own rules, year by year, and what is counted on after the list ends."""

from __future__ import annotations

from datetime import date as D

import pytest

from children.bank_holidays import england_and_wales, substitute_days
from peps.deadlines.bank_holidays import by_law, easter
from peps.deadlines.calendars import BankHolidays, CalendarNotPublished, SchoolCalendar, WorkingCalendar, school_year
from tests.unit.peps.calendars import HALFWAY

#: What was proclaimed for one year only: days added, and days of the law's rules that moved away.
ONE_OFFS = {
    2012: ({D(2012, 6, 4): "Spring bank holiday", D(2012, 6, 5): "Queen's Diamond Jubilee"}, [D(2012, 5, 28)]),
    2020: ({D(2020, 5, 8): "Early May bank holiday (VE day)"}, [D(2020, 5, 4)]),
    2022: (
        {
            D(2022, 6, 2): "Spring bank holiday",
            D(2022, 6, 3): "Platinum Jubilee bank holiday",
            D(2022, 9, 19): "Bank Holiday for the State Funeral of Queen Elizabeth II",
        },
        [D(2022, 5, 30)],
    ),
    2023: ({D(2023, 5, 8): "Bank holiday for the coronation of King Charles III"}, []),
}
BUNDLED = BankHolidays(england_and_wales())
YEARS = sorted({day.year for day in BUNDLED.days})


@pytest.mark.parametrize("year", YEARS)
def test_the_bundled_list_is_what_the_law_gives(year):
    added, moved = ONE_OFFS.get(year, ({}, []))
    law = {day: name for day, name in by_law(year).items() if day not in moved} | added
    assert {day: name for day, name in BUNDLED.days.items() if day.year == year} == law


def test_the_bundled_list_has_the_years_that_are_counted_in():
    assert YEARS[0] <= 2012 and set(range(2024, 2029)) <= set(YEARS)
    assert list(range(YEARS[0], YEARS[-1] + 1)) == YEARS


@pytest.mark.parametrize(("year", "days"), [
    # 26 December is a Saturday: the Monday after. 25 and 26 December at a weekend: the Monday and the Tuesday.
    (2026, {D(2026, 12, 28): "Boxing Day"}),
    (2027, {D(2027, 12, 27): "Christmas Day", D(2027, 12, 28): "Boxing Day"}),
    (2028, {D(2028, 1, 3): "New Year's Day"}),
    (2025, {}),
])  # fmt: skip
def test_substitute_days(year, days):
    assert {day: name for day, name in substitute_days().items() if day.year == year} == days
    working = WorkingCalendar(BUNDLED)
    for day, name in days.items():
        assert working.reason_not(day) == f"bank holiday: {name}"


def test_the_first_working_days_after_the_christmases_of_2026_and_2027():
    working = WorkingCalendar(BUNDLED)
    assert working.nth_after(D(2026, 12, 24), 1) == D(2026, 12, 29)
    assert working.nth_after(D(2027, 12, 24), 1) == D(2027, 12, 29)
    assert working.nth_after(D(2027, 12, 31), 1) == D(2028, 1, 4)


@pytest.mark.parametrize(("year", "sunday"), [
    (1818, D(1818, 3, 22)), (1943, D(1943, 4, 25)), (2000, D(2000, 4, 23)), (2024, D(2024, 3, 31)), (2038, D(2038, 4, 25)),
    (2285, D(2285, 3, 22)),
])  # fmt: skip
def test_easter_at_its_earliest_latest_and_between(year, sunday):
    assert easter(year) == sunday


@pytest.mark.parametrize("year", range(2029, 2060))
def test_a_year_by_law_has_eight_weekdays(year):
    assert len(by_law(year)) == 8
    assert all(day.weekday() < 5 and day.year == year for day in by_law(year))


def test_working_days_go_on_by_law_only_when_asked_for_and_say_so():
    working = WorkingCalendar(BUNDLED)
    last = working.bank_holidays.last_known
    with pytest.raises(CalendarNotPublished, match="list of bank holidays"):
        working.nth_after(last, 10)
    longer = working.continued(D(last.year + 1, 8, 31))
    assert longer.reason_not(D(2029, 3, 30)) == "bank holiday: Good Friday"
    assert longer.nth_after(D(2029, 3, 29), 1) == D(2029, 4, 3)
    assert longer.is_provisional(D(2029, 1, 2)) and not longer.is_provisional(D(2028, 12, 29))
    with pytest.raises(CalendarNotPublished):
        longer.nth_after(D(2029, 12, 20), 20)


def test_a_longer_list_is_made_once_and_the_published_part_stays_published():
    working = WorkingCalendar(BUNDLED)
    assert working.continued(D(2028, 12, 31)) is working
    assert working.continued(D(2030, 1, 1)) is working.continued(D(2030, 12, 1))
    twice = working.continued(D(2029, 1, 1)).continued(D(2031, 1, 1))
    assert twice.is_provisional(D(2029, 6, 1)) and twice.counts(D(2031, 1, 2))


def test_no_list_at_all_is_not_continued():
    with pytest.raises(CalendarNotPublished):
        WorkingCalendar(BankHolidays({})).continued(D(2027, 1, 1))


def test_a_school_that_published_before_the_list_closes_on_bank_holidays_all_the_same():
    calendar = SchoolCalendar([school_year("2028/29", [(D(2028, 9, 4), D(2029, 7, 20))])], BUNDLED)
    assert calendar.reason_not(D(2029, 5, 7)) == "bank holiday: Early May bank holiday"
    assert calendar.is_provisional(D(2029, 5, 8)) and not calendar.is_provisional(D(2028, 12, 8))


def test_last_years_pattern_is_continued_with_the_bank_holidays_of_its_own_years():
    longer = HALFWAY.continued(D(2029, 7, 1))
    assert longer.reason_not(D(2029, 5, 7)) == "bank holiday: Early May bank holiday"
    assert longer.is_provisional(D(2029, 5, 8))
    assert HALFWAY.continued(D(2029, 7, 2)) is longer
