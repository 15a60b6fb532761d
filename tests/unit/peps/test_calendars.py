from __future__ import annotations

from datetime import date as D
from pathlib import Path

import pytest

from children.bank_holidays import england_and_wales
from children.calendar_files import read_file
from peps.calendars import calendar_of
from peps.deadlines.calendars import (
    BankHolidays,
    CalendarNotPublished,
    SchoolCalendar,
    academic_year_of,
    school_year,
)
from tests.unit.peps.calendars import GATESHEAD, HALFWAY, HOLIDAYS, STAFFORDSHIRE, WORKING

TERM_DATES = Path(__file__).parents[2] / "data" / "term-dates"
FILES = {
    "kent-six-term": ("2025/26", 190),
    "portsmouth-infant": ("2025/26", 190),
    "secondary-staggered-inset": ("2026/27", 190),
    "staffordshire": ("2026/27", 193),
}


def test_the_bundled_list_cannot_be_spoilt_by_a_caller():
    england_and_wales().clear()
    assert england_and_wales()


@pytest.mark.parametrize(("day", "year"), [
    (D(2026, 8, 31), "2025/26"), (D(2026, 9, 1), "2026/27"), (D(2028, 2, 29), "2027/28"), (D(1999, 9, 1), "1999/00"),
])  # fmt: skip
def test_academic_year(day, year):
    assert academic_year_of(day) == year


def read(name: str) -> SchoolCalendar:
    """A shipped file of term dates through the one reader, as the engine's calendar."""
    path = TERM_DATES / f"{name}.toml"
    reading = read_file(path.read_bytes(), path.name, england_and_wales())
    assert reading.problems == () and reading.warnings == ()
    return calendar_of(reading.years, england_and_wales())


@pytest.mark.parametrize("name", FILES)
def test_real_calendars_count_to_their_pupil_days(name):
    year, total = FILES[name]
    calendar = read(name)
    assert calendar.pupil_days(year) == total
    assert sum(calendar.span_days(year)) == total


def test_the_six_terms_of_kent_are_three():
    calendar = read("kent-six-term")
    assert [(term.name, term.first, term.last) for term in calendar.terms()] == [
        ("autumn", D(2025, 9, 1), D(2025, 12, 19)),
        ("spring", D(2026, 1, 5), D(2026, 4, 2)),
        ("summer", D(2026, 4, 20), D(2026, 7, 21)),
    ]
    assert calendar.span_days("2025/26")[:2] == [35, 35]  # the five training days of October are out


@pytest.mark.parametrize(("day", "reason"), [
    (D(2025, 10, 18), "weekend"),
    (D(2025, 10, 20), "half term"),
    (D(2025, 12, 22), "Christmas holiday"),
    (D(2025, 12, 25), "bank holiday: Christmas Day"),
    (D(2026, 4, 3), "bank holiday: Good Friday"),
    (D(2026, 4, 7), "Easter holiday"),
    (D(2026, 7, 23), "summer holiday"),
    (D(2026, 8, 31), "bank holiday: Summer bank holiday"),
    (D(2025, 9, 1), "staff training (INSET)"),
    (D(2026, 9, 1), "staff training (INSET)"),
    (D(2025, 10, 17), None),
])  # fmt: skip
def test_why_a_day_is_no_school_day(day, reason):
    assert HALFWAY.reason_not(day) == reason
    assert HALFWAY.is_school_day(day) is (reason is None)


def test_the_summer_before_the_first_published_term():
    assert STAFFORDSHIRE.reason_not(D(2025, 9, 1)) == "staff training (INSET)"
    only = SchoolCalendar([school_year("2025/26", [(D(2025, 9, 4), D(2026, 7, 20))])], HOLIDAYS)
    assert only.reason_not(D(2025, 9, 3)) == "summer holiday"


def test_an_occasional_day_keeps_its_name():
    fair = HALFWAY.with_closure(D(2026, 6, 12), "occasional", "town fair")
    assert fair.reason_not(D(2026, 6, 12)) == "occasional day: town fair"
    assert fair.pupil_days("2025/26") == HALFWAY.pupil_days("2025/26") - 1


@pytest.mark.parametrize("day", [D(2025, 8, 31), D(2027, 9, 1), D(2030, 1, 1)])
def test_outside_the_published_years_it_says_which_year_is_missing(day):
    with pytest.raises(CalendarNotPublished) as raised:
        HALFWAY.is_school_day(day)
    assert raised.value.academic_year == academic_year_of(day)
    assert academic_year_of(day) in str(raised.value)


def test_a_gap_between_published_years_is_not_jumped():
    gap = SchoolCalendar([HALFWAY.years[0], school_year("2027/28", [(D(2027, 9, 1), D(2028, 7, 20))])], HOLIDAYS)
    with pytest.raises(CalendarNotPublished, match="2026/27"):
        gap.nth_after(D(2026, 7, 20), 10)
    with pytest.raises(CalendarNotPublished, match="2026/27"):
        gap.nth_before(D(2027, 9, 2), 5)


def test_bank_holidays_that_nobody_has_published():
    with pytest.raises(CalendarNotPublished, match="bank holidays for 2027/28"):
        WORKING.nth_after(D(2027, 12, 20), 20)


def test_a_calendar_without_years_knows_nothing():
    with pytest.raises(CalendarNotPublished, match="2025/26"):
        SchoolCalendar([], HOLIDAYS).nth_after(D(2025, 10, 13), 10)


def test_last_years_pattern_is_used_only_when_asked_for_and_says_so():
    longer = HALFWAY.continued(D(2028, 3, 1))
    assert longer.is_provisional(D(2027, 10, 1))
    assert not longer.is_provisional(D(2027, 7, 1))
    assert longer.years[-1].spans[0].first == D(2027, 8, 31)
    assert [span.term for span in longer.years[-1].spans] == [span.term for span in HALFWAY.years[-1].spans]
    assert HALFWAY.continued(D(2027, 7, 1)) is HALFWAY


@pytest.mark.parametrize(("day", "count", "inside"), [
    (D(2025, 12, 5), 10, False), (D(2025, 12, 8), 10, True), (D(2025, 12, 13), 10, True), (D(2025, 12, 19), 10, True),
    (D(2025, 12, 22), 10, False), (D(2025, 10, 17), 10, False), (D(2025, 12, 19), 0, False),
])  # fmt: skip
def test_lead_up_to_the_end_of_term(day, count, inside):
    assert HALFWAY.lead_up(day, count) is inside


def test_a_half_term_is_inside_its_term_and_a_holiday_in_none():
    assert str(HALFWAY.term_of(D(2025, 10, 22))) == "autumn term 2025/26"
    assert HALFWAY.term_of(D(2025, 12, 29)) is None
    assert HALFWAY.term_after(D(2025, 12, 29)).name == "spring"
    with pytest.raises(CalendarNotPublished, match="2027/28"):
        HALFWAY.term_after(D(2027, 7, 1))


def test_clock_changes_move_no_day():
    """The weekends on which the clocks change: the day after is one day on, whatever the hour does."""
    assert GATESHEAD.nth_after(D(2026, 3, 27), 1) == D(2026, 3, 30)
    assert WORKING.nth_after(D(2025, 10, 24), 1) == D(2025, 10, 27)


def test_bank_holidays_know_whole_years():
    assert BankHolidays({D(2026, 12, 25): "Christmas Day"}).last_known == D(2026, 12, 31)
