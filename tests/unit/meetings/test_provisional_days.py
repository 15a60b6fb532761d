"""A deadline past what is published: counted all the same, marked provisional, and saying on what it rests."""

from __future__ import annotations

from datetime import date as D

from children.bank_holidays import england_and_wales
from meetings.rules import NO_BANK_HOLIDAYS, NO_CALENDAR, provisionally
from pepportal.profiles.reading import read_published
from peps.deadlines.calendars import BankHolidays, Calendars, SchoolCalendar, WorkingCalendar
from peps.deadlines.rules import first_pep, policy_of
from tests.unit.peps.calendars import HALFWAY

KENT = policy_of(read_published("kent-2017").document)
BOLTON = policy_of(read_published("bolton-2021").document)
WORKING = WorkingCalendar(BankHolidays(england_and_wales()))
UNTIL = D(2030, 8, 31)


def test_working_days_past_the_list_of_bank_holidays_are_counted_and_said():
    made = provisionally(lambda c: first_pep(BOLTON, D(2028, 12, 18), True, True, c), Calendars(WORKING), UNTIL)
    assert made is not None and made.unit == "working"
    assert made.due == D(2029, 1, 4)  # ten working days without Christmas, Boxing Day and New Year's Day
    assert made.provisional and NO_BANK_HOLIDAYS in made.assumed


def test_within_the_list_nothing_is_provisional():
    made = provisionally(lambda c: first_pep(BOLTON, D(2026, 12, 14), True, True, c), Calendars(WORKING), UNTIL)
    assert made is not None and made.due == D(2026, 12, 30)
    assert not made.provisional and NO_BANK_HOLIDAYS not in made.assumed


def test_school_days_past_the_list_go_by_last_years_pattern():
    made = provisionally(lambda c: first_pep(KENT, D(2029, 4, 23), True, True, c), Calendars(WORKING, HALFWAY), UNTIL)
    assert made is not None and made.unit == "school" and made.provisional
    assert D(2029, 5, 7) in {step.date for step in made.steps if step.skipped == "bank holiday: Early May bank holiday"}


def test_a_school_without_a_calendar_is_counted_in_working_days_past_the_list_too():
    calendars = Calendars(WORKING, SchoolCalendar([], WORKING.bank_holidays))
    made = provisionally(lambda c: first_pep(KENT, D(2029, 4, 23), True, True, c), calendars, UNTIL)
    assert made is not None and made.unit == "working" and made.provisional and NO_CALENDAR in made.assumed


def test_days_before_anything_was_listed_have_no_answer():
    for calendars in (Calendars(WORKING), Calendars(WORKING, HALFWAY)):
        assert provisionally(lambda c: first_pep(BOLTON, D(2009, 4, 23), True, True, c), calendars, UNTIL) is None
