"""When the meeting may be, whom it asks, who was missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from meetings import rules
from meetings.policy import meeting_policy
from meetings.rules import Came, DateRule, Person, PlanFacts
from pepportal.profiles.reading import PUBLISHED_NAMES, read_default, read_published
from peps.deadlines.calendars import BankHolidays, Calendars, SchoolCalendar, WorkingCalendar, school_year
from peps.deadlines.rules import policy_of

SPANS = [
    (date(2026, 9, 2), date(2026, 10, 23)), (date(2026, 11, 2), date(2026, 12, 18)),
    (date(2027, 1, 4), date(2027, 2, 12)), (date(2027, 2, 22), date(2027, 3, 25)),
    (date(2027, 4, 12), date(2027, 5, 28)), (date(2027, 6, 7), date(2027, 7, 21)),
]  # fmt: skip
HOLIDAYS = BankHolidays(
    {date(2026, 1, 1): "New Year’s Day", date(2026, 12, 25): "Christmas Day", date(2027, 12, 27): "Christmas Day"}
)
SCHOOL = SchoolCalendar([school_year("2026/27", SPANS, [(date(2026, 11, 2), "inset", "")])], HOLIDAYS)
CALENDARS = Calendars(working=WorkingCalendar(HOLIDAYS), school=SCHOOL)
ENTRY = date(2026, 10, 5)
FIRST = PlanFacts(kind="first", change="first", trigger_on=ENTRY, planned=True, has_school=True, year_group=4)
HALF_TERM = date(2026, 10, 28)


def profile(name: str):
    return read_default() if name == "default" else read_published(name)


def policy(name: str = "default"):
    return policy_of(profile(name).document)


def rule(name: str = "default", facts: PlanFacts = FIRST, calendars: Calendars = CALENDARS) -> DateRule:
    due = rules.meeting_due(facts, policy(name), policy(), calendars)
    return DateRule(policy(name), calendars, ENTRY, due)


# --- when it is due -----------------------------------------------------------------------------------------------------


def test_a_first_meeting_after_a_planned_entry_is_due_in_twenty_working_days():
    assert rule().due.due == date(2026, 11, 2)


def test_kent_counts_school_days_so_half_term_puts_it_off():
    assert rule("kent-2017").due.due == date(2026, 11, 10)


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
@pytest.mark.parametrize("planned", [True, False])
def test_every_council_gives_a_first_meeting_a_day(name, planned):
    found = rule(name, replace(FIRST, planned=planned)).due
    assert found is not None and found.due > ENTRY and found.event in rules.HELD_BY_THEN


def test_where_the_rule_is_about_starting_the_plan_the_meeting_comes_no_earlier():
    unplanned = rule("default", replace(FIRST, planned=False)).due
    assert unplanned.event == "meeting_held" and unplanned.due == date(2026, 11, 2)


def test_a_review_is_due_before_the_lead_up_to_the_end_of_the_next_term():
    found = rule("default", replace(FIRST, kind="review", trigger_on=date(2026, 11, 10))).due
    assert found.due == SCHOOL.last_day_before_lead_up(SCHOOL.term_of(date(2027, 3, 1)), 10)


def test_a_school_that_has_not_published_next_year_gives_a_provisional_day():
    found = rule("default", replace(FIRST, kind="review", trigger_on=date(2027, 7, 1))).due
    assert found.provisional and found.due > date(2027, 9, 1)


def test_a_school_without_any_calendar_still_gives_a_day():
    bare = Calendars(working=CALENDARS.working, school=SchoolCalendar([], HOLIDAYS))
    found = rule("kent-2017", calendars=bare).due
    assert found.provisional and found.due == date(2026, 11, 2)


# --- the day ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "day", "outcome", "words"),
    [
        ("default", date(2026, 10, 20), "allowed", ""),
        ("default", HALF_TERM, "refused", "half term"),
        ("default", date(2026, 10, 18), "refused", "weekend"),
        ("default", date(2026, 11, 2), "warned", "staff training"),
        ("default", date(2026, 11, 5), "warned", "after the day it is due"),
        ("default", date(2026, 12, 15), "warned", "last 10 school days"),
        ("enfield", date(2026, 12, 15), "refused", "last 10 school days"),
        ("default", date(2026, 10, 4), "refused", "before the child came into care"),
        ("default", date(2027, 12, 15), "warned", "not published"),
    ],
)
def test_the_day_is_judged_by_the_councils_own_rule(name, day, outcome, words):
    verdict = rule(name).verdict(day)
    assert verdict.outcome == outcome
    assert words in " ".join(verdict.reasons)


def test_the_same_day_is_a_matter_of_policy():
    allowing = replace(policy(), meeting_dates=replace(policy().meeting_dates, holidays="allowed"))
    assert replace(rule(), policy=allowing).verdict(HALF_TERM).outcome == "allowed"


def test_the_lead_up_to_the_end_of_term_needs_a_reason_by_default():
    assert rule().verdict(date(2026, 12, 15)).needs_reason


def test_an_interim_meeting_may_be_in_the_holidays_but_not_at_a_weekend():
    assert rule().verdict(HALF_TERM, interim=True).allowed
    assert not rule().verdict(date(2026, 10, 31), interim=True).allowed


def test_a_meeting_after_the_terms_published_deadline_is_refused_where_the_council_says_so():
    facts = replace(FIRST, kind="review", trigger_on=date(2026, 6, 10))
    found = rule("bolton-2021", facts)
    assert found.due is not None
    later = next(
        day for day in rules._days(found.due.due, date(2027, 3, 1)) if SCHOOL.is_school_day(day) and day > found.due.due
    )
    assert found.verdict(later).outcome == "refused"


def test_interim_is_offered_only_when_no_school_day_is_left():
    assert rule().interim_reason(date(2026, 10, 20)) == ""
    late = replace(rule(), due=replace(rule().due, due=date(2026, 10, 30)))
    assert "No school day is left" in late.interim_reason(date(2026, 10, 26))


def test_the_next_meeting_comes_after_this_one():
    later = replace(rule(), not_before=date(2026, 10, 20), due=None)
    assert not later.verdict(date(2026, 10, 20)).allowed
    assert later.verdict(date(2026, 11, 10)).outcome == "allowed"


def test_three_good_days_by_the_due_date_with_time_to_prepare():
    days = rule().good_dates(date(2026, 10, 6))
    assert days == (date(2026, 10, 14), date(2026, 10, 15), date(2026, 10, 16))
    assert all(rule().prepared_by(day) > date(2026, 10, 6) for day in days)


def test_good_days_are_never_before_entry_nor_after_the_due_date():
    days = rule().good_dates(date(2026, 10, 21))
    assert days == (date(2026, 10, 22), date(2026, 10, 23))
    assert rule().good_dates(date(2026, 10, 1))[0] > ENTRY


# --- the people ---------------------------------------------------------------------------------------------------------

TEAM = [
    Person("social_worker", "Mr P. Doyle", "Social worker", 1, "sw@x.example"),
    Person("designated_teacher", "Ms R. Khan", "Designated teacher", 2, "dt@x.example"),
    Person("carer", "Mrs H. Bright", "Carer", None, ""),
    Person("child", "Amara Okafor", "Child or young person"),
    Person("virtual_school", "Ms E. Petrou", "Virtual school", 5, "vs@x.example"),
    Person("iro", "Ms D. Ferreira", "Independent reviewing officer", 6, "iro@x.example"),
]


def suggested(name: str, facts: PlanFacts = FIRST, school_area: str = "Westmere"):
    people = meeting_policy(profile(name).table("responsibilities"))
    criteria = rules.attendance_facts(facts, authority_area="Westmere", school_area=school_area)
    found = rules.suggest(
        TEAM, must_attend=people.must_attend, expected=people.expected, invited=people.invited,
        virtual_school_because=people.why_virtual_school_attends(criteria),
    )  # fmt: skip
    return {each.person.role: each for each in found}


def test_social_worker_and_teacher_must_come_and_the_carer_is_expected():
    found = suggested("default")
    assert {role for role, each in found.items() if each.required} == {"social_worker", "designated_teacher"}
    assert found["carer"].ticked and "Expected to come." in found["carer"].why
    assert found["child"].ticked and not found["iro"].ticked


def test_a_carer_without_an_address_is_told_in_person():
    assert "tell them yourself" in suggested("default")["carer"].why


REVIEW = replace(FIRST, kind="review")


@pytest.mark.parametrize(
    ("name", "facts", "area", "comes"),
    [
        ("default", FIRST, "Westmere", True),
        ("default", REVIEW, "Westmere", False),
        ("virtual-school-led", REVIEW, "Westmere", True),
        ("kent-2017", FIRST, "Westmere", True),
        ("kent-2017", REVIEW, "Westmere", False),
        ("bolton-2021", REVIEW, "Eastvale", True),
        ("bolton-2021", replace(REVIEW, year_group=11), "Westmere", True),
        ("default", replace(REVIEW, kind="extra", change="school_change"), "Westmere", True),
    ],
)
def test_the_virtual_school_comes_where_the_councils_criteria_say_so(name, facts, area, comes):
    found = suggested(name, facts, area)["virtual_school"]
    assert found.ticked is comes
    assert found.why


def test_nobody_but_the_team_is_suggested():
    assert {each.person.name for each in suggested("default").values()} == {person.name for person in TEAM}


def test_one_of_two_teachers_is_enough():
    came = [
        Came("Designated teacher", True, False),
        Came("Designated teacher", True, True),
        Came("Social worker", True, False),
    ]
    assert rules.parts_missed(came) == {"Social worker"}


def test_somebody_expected_but_not_required_is_not_missed():
    assert rules.parts_missed([Came("Carer", False, False)]) == frozenset()


@pytest.mark.parametrize(
    ("held", "next_on", "left"),
    [
        (False, None, ("Record the meeting", "Set the next meeting’s date")),
        (True, None, ("Set the next meeting’s date",)),
        (True, date(2027, 2, 2), ()),
    ],
)
def test_what_the_section_lacks(held, next_on, left):
    assert rules.missing(held=held, next_on=next_on) == left
