"""Worked deadlines: the table that councils' own documents were checked against, day by day."""

from __future__ import annotations

from datetime import date as D

import pytest

from peps.deadlines.calendars import CalendarDays
from peps.deadlines.counting import (
    add_days,
    add_months,
    amount,
    days_between,
    due_only,
    due_words,
    explain,
    subtract_days,
)
from tests.unit.peps.calendars import GATESHEAD, GREAT_CHART, HALFWAY, NOTTINGHAM, STAFFORDSHIRE, WORKING

#: Entry; 10 and 20 working days; then 10 and 20 school days at four schools (None: not published far enough).
TABLE = [
    (D(2025, 10, 13), D(2025, 10, 27), D(2025, 11, 10), (D(2025, 11, 10), D(2025, 11, 24)),
     (D(2025, 11, 3), D(2025, 11, 17)), (D(2025, 11, 10), D(2025, 11, 24)), (D(2025, 11, 4), D(2025, 11, 18))),
    (D(2025, 12, 12), D(2025, 12, 30), D(2026, 1, 14), (D(2026, 1, 9), D(2026, 1, 23)),
     (D(2026, 1, 12), D(2026, 1, 26)), (D(2026, 1, 9), D(2026, 1, 23)), (D(2026, 1, 9), D(2026, 1, 23))),
    (D(2026, 3, 16), D(2026, 3, 30), D(2026, 4, 15), (D(2026, 4, 13), D(2026, 4, 27)),
     (D(2026, 3, 30), D(2026, 4, 28)), (D(2026, 3, 30), D(2026, 4, 28)), (D(2026, 4, 14), D(2026, 4, 28))),
    (D(2026, 3, 28), D(2026, 4, 14), D(2026, 4, 28), (D(2026, 4, 24), D(2026, 5, 11)),
     (D(2026, 4, 27), D(2026, 5, 12)), (D(2026, 4, 27), D(2026, 5, 12)), (D(2026, 4, 27), D(2026, 5, 12))),
    (D(2026, 4, 23), D(2026, 5, 8), D(2026, 5, 22), (D(2026, 5, 8), D(2026, 5, 22)),
     (D(2026, 5, 8), D(2026, 5, 22)), (D(2026, 5, 8), D(2026, 5, 22)), (D(2026, 5, 8), D(2026, 5, 22))),
    (D(2026, 7, 16), D(2026, 7, 30), D(2026, 8, 13), (D(2026, 9, 4), D(2026, 9, 18)),
     (D(2026, 9, 14), D(2026, 9, 28)), (D(2026, 9, 9), D(2026, 9, 23)), (D(2026, 9, 15), D(2026, 9, 29))),
    (D(2026, 8, 3), D(2026, 8, 17), D(2026, 9, 1), (D(2026, 9, 15), D(2026, 9, 29)),
     (D(2026, 9, 15), D(2026, 9, 29)), (D(2026, 9, 15), D(2026, 9, 29)), (D(2026, 9, 16), D(2026, 9, 30))),
    (D(2026, 10, 12), D(2026, 10, 26), D(2026, 11, 9), (D(2026, 11, 9), D(2026, 11, 23)),
     (D(2026, 11, 2), D(2026, 11, 16)), (D(2026, 11, 9), D(2026, 11, 23)), (D(2026, 11, 2), D(2026, 11, 16))),
    (D(2026, 12, 7), D(2026, 12, 21), D(2027, 1, 7), (D(2027, 1, 4), D(2027, 1, 18)), None,
     (D(2027, 1, 4), D(2027, 1, 18)), None),
]  # fmt: skip
SCHOOLS = {"nottingham": NOTTINGHAM, "gateshead": GATESHEAD, "halfway": HALFWAY, "staffordshire": STAFFORDSHIRE}
CELLS = [
    pytest.param(entry, count, calendar, due, id=f"{entry}-{count}-{name}")
    for entry, ten, twenty, *schools in TABLE
    for name, calendar, pair in [
        ("working", WORKING, (ten, twenty)),
        *((name, calendar, pair) for (name, calendar), pair in zip(SCHOOLS.items(), schools, strict=True)),
    ]
    if pair
    for count, due in zip((10, 20), pair, strict=True)
]


@pytest.mark.parametrize(("entry", "count", "calendar", "due"), CELLS)
def test_worked_deadlines(entry, count, calendar, due):
    answer = add_days(entry, count, calendar)
    assert answer.due == due == due_only(entry, count, calendar)
    assert [step.counted for step in answer.steps if step.counted] == list(range(1, count + 1))
    assert answer.steps[-1].date == due


def test_the_same_entry_at_two_schools_of_one_council_and_with_training_days_counted():
    entry = D(2025, 10, 13)
    assert due_only(entry, 10, HALFWAY) == D(2025, 11, 10)
    assert due_only(entry, 10, GREAT_CHART) == D(2025, 11, 4)
    assert due_only(entry, 10, GREAT_CHART.with_inset(True)) == D(2025, 11, 3)


def test_each_day_of_an_answer():
    steps = add_days(D(2025, 10, 13), 10, HALFWAY).steps
    counted = [14, 15, 16, 17, 3, 4, 5, 6, 7, 10]
    assert [(step.counted, step.date.day) for step in steps if step.counted] == list(enumerate(counted, 1))
    october = {step.date.day: step.skipped for step in steps if step.date.month == 10}
    assert (october[17], october[18], october[20], october[31]) == (None, "weekend", "half term", "half term")
    assert steps[0].date == D(2025, 10, 14)


def test_the_sentence():
    answer = add_days(D(2025, 10, 13), 20, HALFWAY)
    assert explain(answer, start=D(2025, 10, 13), count=20, unit="school") == (
        "20 school days from Monday 13 October 2025 at this school: Monday 24 November 2025. "
        "22 days were skipped: 12 weekend days and 10 days of half term."
    )
    christmas = add_days(D(2025, 12, 12), 10, WORKING)
    assert explain(christmas, start=D(2025, 12, 12), count=10, unit="working") == (
        "10 working days from Friday 12 December 2025: Tuesday 30 December 2025. "
        "8 days were skipped: 6 weekend days and 2 bank holidays."
    )
    week = add_days(D(2025, 10, 13), 7, CalendarDays())
    assert explain(week, start=D(2025, 10, 13), count=7, unit="calendar") == (
        "7 days from Monday 13 October 2025: Monday 20 October 2025."
    )
    assert explain(add_days(D(2025, 10, 13), 1, HALFWAY), start=D(2025, 10, 13), count=1, unit="school").endswith(
        "Tuesday 14 October 2025. No day was skipped."
    )


def test_the_day_itself_as_day_one():
    assert due_only(D(2025, 10, 13), 10, HALFWAY, day_zero=False) == D(2025, 11, 7)
    answer = add_days(D(2025, 10, 13), 2, HALFWAY, day_zero=False)
    assert [(step.date, step.counted) for step in answer.steps] == [(D(2025, 10, 13), 1), (D(2025, 10, 14), 2)]
    # a day that doesn't count can't be day 1
    assert due_only(D(2025, 10, 18), 1, WORKING, day_zero=False) == D(2025, 10, 20)


def test_nought_days_is_the_day_itself_and_less_is_refused():
    assert add_days(D(2025, 10, 18), 0, WORKING) == add_days(D(2025, 10, 18), 0, WORKING, False)
    assert due_only(D(2025, 10, 18), 0, WORKING) == D(2025, 10, 18)
    with pytest.raises(ValueError, match="negative"):
        due_only(D(2025, 10, 18), -1, WORKING)
    with pytest.raises(ValueError, match="negative"):
        subtract_days(D(2025, 10, 18), -1, WORKING)


def test_backwards():
    answer = subtract_days(D(2025, 11, 5), 5, HALFWAY)
    assert answer.due == D(2025, 10, 15)
    assert [step.counted for step in answer.steps if step.counted] == [5, 4, 3, 2, 1]
    assert answer.steps[0].date == D(2025, 10, 15)


@pytest.mark.parametrize(("today", "left", "words"), [
    (D(2025, 11, 21), 1, "due in 1 school day"),
    (D(2025, 11, 19), 3, "due in 3 school days"),
    (D(2025, 11, 24), 0, "due today"),
    (D(2025, 11, 26), -2, "2 school days late"),
])  # fmt: skip
def test_days_left(today, left, words):
    assert days_between(today, D(2025, 11, 24), HALFWAY) == left
    assert due_words(today, D(2025, 11, 24), HALFWAY) == words


def test_late_on_a_weekend_is_late_all_the_same():
    assert due_words(D(2025, 11, 22), D(2025, 11, 21), HALFWAY) == "late since Friday 21 November 2025"
    assert due_words(D(2025, 11, 22), D(2025, 11, 23), HALFWAY) == "due on Sunday 23 November 2025"


@pytest.mark.parametrize(("day", "months", "then"), [
    (D(2025, 8, 31), 6, D(2026, 2, 28)), (D(2027, 8, 31), 6, D(2028, 2, 29)), (D(2025, 10, 13), 6, D(2026, 4, 13)),
    (D(2028, 2, 29), 12, D(2029, 2, 28)), (D(2026, 7, 31), -1, D(2026, 6, 30)), (D(2026, 12, 31), 2, D(2027, 2, 28)),
])  # fmt: skip
def test_months(day, months, then):
    assert add_months(day, months) == then


def test_amounts():
    assert (amount(1, "working"), amount(2, "calendar")) == ("1 working day", "2 days")
