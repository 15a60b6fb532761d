"""What must hold of the day counting for any calendar, not only for those that somebody thought of."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from peps.deadlines.calendars import CalendarDays, SchoolCalendar, WorkingCalendar, school_year
from peps.deadlines.counting import add_days, add_months, days_between, due_only, subtract_days
from tests.unit.peps.calendars import GATESHEAD, GREAT_CHART, HALFWAY, HOLIDAYS, NOTTINGHAM, STAFFORDSHIRE

DAYS = st.dates(date(2025, 8, 31), date(2026, 12, 31))
COUNTS = st.integers(0, 40)
WORKING = WorkingCalendar(HOLIDAYS)
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


@given(CALENDARS, DAYS, DAYS, COUNTS)
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
