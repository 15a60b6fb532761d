"""What must hold of the day counting for any calendar, not only for those that somebody thought of."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from children.bank_holidays import england_and_wales
from children.calendar_files import read_file
from peps.calendars import calendar_of
from peps.deadlines.calendars import BankHolidays, CalendarDays, SchoolCalendar, WorkingCalendar, school_year
from peps.deadlines.counting import add_days, add_months, days_between, due_only, subtract_days
from tests.unit.peps.calendars import GATESHEAD, GREAT_CHART, HALFWAY, HOLIDAYS, NOTTINGHAM, STAFFORDSHIRE

DAYS = st.dates(date(2025, 8, 31), date(2026, 12, 31))
COUNTS = st.integers(0, 40)
WORKING = WorkingCalendar(HOLIDAYS)
TERM_DATES = Path(__file__).parents[1] / "data" / "term-dates"


def shipped(name: str) -> SchoolCalendar:
    """A school's own file through the one reader."""
    path = TERM_DATES / f"{name}.toml"
    return calendar_of(read_file(path.read_bytes(), path.name, england_and_wales()).years, england_and_wales())


KENT, THREE_TERMS = shipped("kent-six-term"), shipped("portsmouth-infant")
settings.register_profile("portal", deadline=None, max_examples=60)
settings.load_profile("portal")


@st.composite
def school_calendars(draw: st.DrawFn) -> SchoolCalendar:
    """Two years of six half terms whose ends wander by up to a week, with a few closed days inside them."""
    years = []
    for first in (2025, 2026):
        fixed = [(9, 1, 10, 17), (11, 2, 12, 17), (1, 4, 2, 11), (2, 22, 3, 25), (4, 12, 5, 21), (6, 7, 7, 16)]
        spans = []
        for a, b, c, d in fixed:
            start = date(first if a >= 8 else first + 1, a, b) + timedelta(days=draw(st.integers(0, 6)))
            end = date(first if c >= 8 else first + 1, c, d) + timedelta(days=draw(st.integers(0, 6)))
            start += timedelta(days=(7 - start.weekday()) % 7 if start.weekday() >= 5 else 0)
            end -= timedelta(days=max(0, end.weekday() - 4))
            spans.append((start, end))
        closed = draw(st.sets(st.integers(0, 30).filter(lambda number: number % 7 < 5), max_size=4))
        monday = spans[0][0] + timedelta(days=7 - spans[0][0].weekday())
        closures = [(monday + timedelta(days=number), "inset", "") for number in closed]
        closures = [closure for closure in closures if closure[0] <= spans[0][1]]
        years.append(school_year(f"{first}/{(first + 1) % 100}", spans, closures))
    return SchoolCalendar(years, HOLIDAYS)


CALENDARS = st.one_of(
    school_calendars(), st.sampled_from([HALFWAY, NOTTINGHAM, GATESHEAD, STAFFORDSHIRE, WORKING, CalendarDays()])
)


#: Days that count badly elsewhere: the ends of the school year, leap day, the clocks' weekends, Easter, Christmas.
AWKWARD = [
    date(2025, 8, 31), date(2025, 9, 1), date(2025, 10, 25), date(2025, 10, 26), date(2025, 12, 24), date(2026, 3, 28),
    date(2026, 3, 29), date(2026, 4, 2), date(2026, 4, 3), date(2026, 8, 31), date(2026, 9, 1), date(2026, 10, 25),
]  # fmt: skip


@pytest.mark.parametrize("start", AWKWARD, ids=str)
@pytest.mark.parametrize("count", [0, 1, 2, 10, 20])
def test_awkward_days_keep_the_promises_of_all(start, count):
    for calendar in (KENT, THREE_TERMS, HALFWAY, WORKING, CalendarDays()):
        if calendar in (KENT, THREE_TERMS) and start > date(2026, 6, 1):
            continue
        answer = add_days(start, count, calendar)
        assert sum(step.counted is not None for step in answer.steps) == count
        assert answer.due == due_only(start, count, calendar) >= start
        assert not count or calendar.counts(answer.due)
        for step in answer.steps:
            assert (step.skipped is None) == calendar.counts(step.date)
        assert [step.date for step in answer.steps] == [
            start + timedelta(days=number) for number in range(1, (answer.due - start).days + 1)
        ]


def test_leap_day_good_friday_and_the_ends_of_the_year_by_date():
    leap = WorkingCalendar(BankHolidays(england_and_wales()))
    assert due_only(date(2028, 2, 28), 1, leap) == date(2028, 2, 29) and due_only(date(2028, 2, 29), 1, leap) == date(
        2028, 3, 1
    )
    assert due_only(date(2026, 4, 2), 1, WORKING) == date(2026, 4, 7)  # Good Friday, the weekend, Easter Monday
    assert due_only(date(2026, 8, 28), 1, WORKING) == date(2026, 9, 1)  # 31 August is the summer bank holiday
    assert due_only(date(2025, 8, 31), 1, KENT) == date(2025, 9, 1)
    assert due_only(date(2025, 10, 17), 1, KENT) == date(2025, 11, 3)


@given(CALENDARS, DAYS, DAYS, COUNTS)
@example(HALFWAY, date(2026, 8, 31), date(2026, 9, 1), 1)
@example(WORKING, date(2026, 4, 2), date(2026, 4, 3), 1)
@example(NOTTINGHAM, date(2026, 3, 28), date(2026, 3, 29), 1)
@example(GATESHEAD, date(2025, 10, 25), date(2025, 10, 26), 5)
def test_a_later_start_is_never_due_earlier(calendar, one, other, count):
    earlier, later = sorted((one, other))
    assert due_only(earlier, count, calendar) <= due_only(later, count, calendar)


@given(CALENDARS, DAYS, st.integers(1, 40), st.booleans())
def test_the_nth_day_has_n_counted_days_and_counts_itself(calendar, start, count, day_zero):
    start += timedelta(days=not day_zero)  # 31 August 2025 itself lies before the first published year
    answer = add_days(start, count, calendar, day_zero)
    assert [step.counted for step in answer.steps if step.skipped is None] == list(range(1, count + 1))
    assert calendar.counts(answer.due) and calendar.reason_not(answer.due) is None
    assert all(bool(step.skipped) is (step.counted is None) for step in answer.steps)
    first = start + timedelta(days=day_zero)
    assert [step.date for step in answer.steps] == [
        first + timedelta(days=number) for number in range((answer.due - first).days + 1)
    ]
    assert answer.due == due_only(start, count, calendar, day_zero=day_zero)


@given(
    st.sampled_from([KENT, THREE_TERMS]),
    st.dates(date(2025, 8, 31), date(2026, 4, 30)),
    COUNTS,
    st.dates(date(2025, 9, 1), date(2026, 7, 1)),
)
def test_six_and_three_terms_keep_the_promises_too(calendar, start, count, closed):
    due = due_only(start, count, calendar)
    assert due <= due_only(start + timedelta(days=1), count, calendar)
    assert not count or calendar.is_school_day(due)
    assert len({term.name for term in calendar.terms()}) == 3
    if calendar.is_school_day(closed):
        assert due_only(start, count, calendar.with_closure(closed, "inset")) >= due
    if start > date(2025, 8, 31) and calendar.is_school_day(start):
        assert subtract_days(due, count, calendar).due == start


@given(DAYS, st.integers(1, 600))
def test_working_days_by_law_keep_the_promises_too(start, count):
    """Far past the published list: monotone, never on a day off, and provisional exactly where the list has ended."""
    longer = WORKING.continued(date(2031, 12, 31))
    due = due_only(start, count, longer)
    assert longer.counts(due) and longer.counted(start + timedelta(days=1), due) == count
    assert longer.is_provisional(due) is (due > HOLIDAYS.last_known)


@given(school_calendars(), DAYS, st.integers(1, 40), st.dates(date(2025, 9, 1), date(2027, 6, 30)))
def test_one_more_closed_day_is_never_due_earlier(calendar, start, count, closed):
    if calendar.is_school_day(closed):
        shorter = calendar.with_closure(closed, "emergency", "burst pipe")
        assert due_only(start, count, shorter) >= due_only(start, count, calendar)
        assert shorter.reason_not(closed) == "closed: burst pipe"


@given(st.sampled_from([HALFWAY, GREAT_CHART, STAFFORDSHIRE]), st.dates(date(2025, 8, 31), date(2026, 5, 1)), COUNTS)
def test_counting_training_days_is_never_due_later(calendar, start, count):
    assert due_only(start, count, calendar.with_inset(True)) <= due_only(start, count, calendar)


@given(CALENDARS, DAYS, COUNTS)
def test_days_left_undo_the_adding(calendar, start, count):
    due = due_only(start, count, calendar)
    assert days_between(start, due, calendar) == count
    assert days_between(due, start, calendar) == -sum(
        calendar.counts(start + timedelta(days=number)) for number in range(1, (due - start).days + 1)
    )


@given(CALENDARS, st.dates(date(2026, 2, 1), date(2026, 12, 31)), COUNTS)
def test_backwards_and_forwards_agree(calendar, day, count):
    back = subtract_days(day, count, calendar)
    assert days_between(back.due, day, calendar) + (1 if count and not calendar.counts(day) else 0) >= count
    if calendar.counts(day):
        assert due_only(back.due, count, calendar) == day


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-60, 60))
def test_months_land_in_the_right_month(day, months):
    then = add_months(day, months)
    assert (then.year * 12 + then.month) - (day.year * 12 + day.month) == months
    assert then.day == day.day or (then.day < day.day and (then + timedelta(days=1)).day == 1)
