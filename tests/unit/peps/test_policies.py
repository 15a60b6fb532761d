"""Every deadline cell of the six published profiles, and what each makes of awkward days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as D

import pytest

from pepportal.profiles.reading import PUBLISHED_NAMES, read_published
from peps.deadlines import rules
from peps.deadlines.calendars import Calendars
from peps.deadlines.chasing import ladder_from, reminder_days, reminders_from, rungs
from peps.deadlines.scope import in_scope, phase_of, scope_from, statutory_school_age, year_group
from tests.unit.peps.calendars import CALENDARS, HALFWAY, NO_SCHOOL, WORKING

POLICIES = {name: rules.policy_of(read_published(name).document) for name in PUBLISHED_NAMES}
ENTRY = D(2025, 10, 13)

# event, count, unit, due for an entry on Monday 13 October 2025 at a Kent school, default, assumed
PLANNED = {
    "default": ("meeting_held", 20, "working", D(2025, 11, 10), True, False),
    "social-worker-led": ("meeting_held", 20, "working", D(2025, 11, 10), True, False),
    "virtual-school-led": ("meeting_arranged", 20, "working", D(2025, 11, 10), False, True),
    "kent-2017": ("meeting_held", 20, "school", D(2025, 11, 24), False, False),
    "enfield": ("meeting_held", 20, "working", D(2025, 11, 10), True, False),
    "bolton-2021": ("document_completed", 10, "working", D(2025, 10, 27), False, False),
}
UNPLANNED = {
    "default": ("initiated", 10, "working", D(2025, 10, 27), True, False),
    "social-worker-led": ("initiated", 10, "working", D(2025, 10, 27), False, False),
    "virtual-school-led": ("meeting_arranged", 10, "working", D(2025, 10, 27), False, True),
    "kent-2017": ("meeting_held", 10, "school", D(2025, 11, 10), False, False),
    "enfield": ("initiated", 10, "working", D(2025, 10, 27), True, False),
    "bolton-2021": ("document_completed", 10, "working", D(2025, 10, 27), False, False),
}
NO_PLACE_PLANNED = {
    name: ("meeting_held", 20, "working", D(2025, 11, 10), name != "kent-2017", name == "kent-2017")
    for name in POLICIES
}
# "wherever placed": the social-worker-led rule for an unplanned entry holds without a school place too
NO_PLACE_UNPLANNED = {**NO_PLACE_PLANNED, "social-worker-led": UNPLANNED["social-worker-led"]}


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize(("planned", "place", "cells"), [
    (True, True, PLANNED), (False, True, UNPLANNED), (True, False, NO_PLACE_PLANNED),
    (False, False, NO_PLACE_UNPLANNED),
], ids=["planned", "unplanned", "no-place-planned", "no-place-unplanned"])  # fmt: skip
def test_first_pep(name, planned, place, cells):
    calendars = CALENDARS if place else NO_SCHOOL
    made = rules.first_pep(POLICIES[name], ENTRY, planned, place, calendars)
    assert (made.event, made.count, made.unit, made.due, made.default, bool(made.assumed)) == cells[name]
    assert made.due == rules.first_pep_due_only(
        POLICIES[name], ENTRY, planned=planned, has_school_place=place, calendars=calendars
    )
    assert made.steps[-1].date == made.due
    assert made.rule.endswith("of coming into care.")
    assert made.source == ("default" if made.default else read_published(name).document["profile"]["source"])


BOTH = ("designated_teacher", "social_worker")
COMPLETION = {
    "default": (10, "school", "document_completed", BOTH, D(2025, 12, 8), True),
    "social-worker-led": (10, "school", "document_completed", BOTH, D(2025, 12, 8), True),
    "virtual-school-led": (10, "school", "document_completed", BOTH, D(2025, 12, 8), True),
    "kent-2017": (10, "school", "document_completed", ("designated_teacher",), D(2025, 12, 8), False),
    "enfield": (7, "calendar", "document_completed", BOTH, D(2025, 12, 1), False),
    "bolton-2021": (10, "school", "returned_to_social_worker", ("designated_teacher",), D(2025, 12, 8), False),
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_completed_after_the_meeting(name):
    made = rules.completion(POLICIES[name], D(2025, 11, 24), calendars=CALENDARS)
    assert (made.count, made.unit, made.event, made.owners, made.due, made.default) == COMPLETION[name]


def test_whose_completion_it_is():
    kent = POLICIES["kent-2017"]
    assert rules.completion(kent, D(2025, 11, 24), calendars=CALENDARS, owner="social_worker") is None
    assert rules.completion(kent, D(2025, 11, 24), calendars=CALENDARS, owner="designated_teacher").owners == (
        "designated_teacher",
    )
    assert POLICIES["enfield"].completion.assumed  # "7 days" has no unit


def test_a_child_without_a_school_counts_working_days_and_is_told_so():
    made = rules.completion(POLICIES["default"], D(2025, 11, 24), calendars=NO_SCHOOL)
    assert (made.unit, made.due) == ("working", D(2025, 12, 8))
    assert rules.NO_SCHOOL_CALENDAR in made.assumed


REVIEW = {  # a meeting on 24 November 2025: the spring term ends on 2 April, its last ten days from 20 March
    "default": (D(2026, 3, 19), "every_term", True, False),
    "social-worker-led": (D(2026, 3, 19), "every_term", False, False),
    "virtual-school-led": (D(2026, 3, 19), "every_term", False, False),
    "kent-2017": (D(2026, 5, 24), "at_most_months", False, False),
    "enfield": (D(2026, 3, 19), "every_term", False, False),
    "bolton-2021": (D(2026, 3, 27), "published_dates", False, True),
}


@pytest.mark.parametrize("name", POLICIES)
def test_next_review(name):
    made = rules.next_review(POLICIES[name], D(2025, 11, 24), calendars=CALENDARS)
    assert (made.due, POLICIES[name].review.cycle, made.default, made.provisional) == REVIEW[name]


@pytest.mark.parametrize(("last", "due"), [(D(2025, 8, 31), D(2026, 2, 28)), (D(2027, 8, 31), D(2028, 2, 29))])
def test_six_months_from_the_last_day_of_august(last, due):
    assert rules.next_review(POLICIES["kent-2017"], last, calendars=CALENDARS).due == due


def test_a_review_after_a_meeting_in_the_holidays_is_in_the_term_that_follows():
    made = rules.next_review(POLICIES["default"], D(2025, 12, 29), calendars=CALENDARS)
    assert made.due == D(2026, 3, 19)
    assert "spring term ends on Thursday 2 April 2026" in made.explanation


AWKWARD = [  # what is awkward, unit, from, so many, due
    ("the clocks go back on Sunday 25 October 2026", "working", D(2026, 10, 23), 1, D(2026, 10, 26)),
    ("the clocks go back in half term", "school", D(2026, 10, 16), 1, D(2026, 11, 2)),
    ("the clocks go back: 48 hours and one are two days", "calendar", D(2026, 10, 24), 2, D(2026, 10, 26)),
    ("the clocks go forward on Sunday 28 March 2027, at Easter", "working", D(2027, 3, 25), 1, D(2027, 3, 30)),
    ("the clocks go forward: 48 hours less one are two days", "calendar", D(2027, 3, 27), 2, D(2027, 3, 29)),
    ("Good Friday and Easter Monday 2026", "working", D(2026, 4, 2), 1, D(2026, 4, 7)),
    ("Good Friday 2027, which the school is closed for", "school", D(2027, 3, 25), 1, D(2027, 4, 12)),
    ("31 August 2026 is a bank holiday", "working", D(2026, 8, 28), 1, D(2026, 9, 1)),
    ("31 August 2026 is the year's last day", "school", D(2026, 8, 31), 1, D(2026, 9, 2)),
    ("31 August 2027 is a Tuesday after a bank holiday", "working", D(2027, 8, 27), 1, D(2027, 8, 31)),
    ("Boxing Day 2026 is a Saturday: Monday instead", "working", D(2026, 12, 24), 1, D(2026, 12, 29)),
    ("Christmas 2027 is a weekend: Monday and Tuesday instead", "working", D(2027, 12, 24), 1, D(2027, 12, 29)),
    ("29 February 2028", "calendar", D(2028, 2, 28), 1, D(2028, 2, 29)),
    ("from 29 February 2028", "calendar", D(2028, 2, 29), 1, D(2028, 3, 1)),
]


@pytest.mark.parametrize(
    ("unit", "start", "count", "due"), [case[1:] for case in AWKWARD], ids=[case[0] for case in AWKWARD]
)
def test_awkward_days(unit, start, count, due):
    policy = replace(POLICIES["default"], completion=rules.CountedRule(count, unit, "document_completed", BOTH))
    calendars = Calendars(WORKING, HALFWAY_WITH_TRAINING if start == D(2026, 8, 31) else HALFWAY)
    made = rules.completion(policy, start, calendars=calendars)
    assert (made.due, made.steps[-1].date, made.steps[-1].counted) == (due, due, count)


HALFWAY_WITH_TRAINING = HALFWAY.with_closure(D(2026, 9, 1), "inset")


def test_a_plan_counted_from_29_february():
    """At most six months later, and by working days, past what is listed."""
    kent = POLICIES["kent-2017"]
    assert rules.next_review(kent, D(2028, 2, 29), calendars=CALENDARS).due == D(2028, 8, 29)
    longer = Calendars(WORKING.continued(D(2028, 12, 31)), None)
    made = rules.first_pep(kent, D(2028, 2, 29), True, False, longer)
    assert (made.due, made.provisional) == (D(2028, 3, 28), True)


def test_reviews_of_a_child_without_a_school():
    made = rules.next_review(POLICIES["default"], D(2025, 11, 24), calendars=NO_SCHOOL)
    assert made.due == D(2026, 3, 17)
    assert any("no school" in each for each in made.assumed)


def test_published_deadline_dates():
    bolton = POLICIES["bolton-2021"]
    dates = {each.term: each.due for each in bolton.review.published}
    assert dates == {"autumn": D(2021, 12, 17), "spring": D(2022, 3, 25), "summer": D(2022, 7, 15)}
    by_year = {**read_published("bolton-2021").document["deadlines"]["review"]}
    by_year["published"] = [
        {"academic_year": "2025/26", "term": "summer", "due": "2026-06-24"},
        {"academic_year": "2025/26", "term": "summer", "due": "2026-05-13", "year_groups": [11, 13]},
    ]
    document = read_published("bolton-2021").document
    policy = rules.policy_from({**document["deadlines"], "review": by_year}, document["meeting_dates"])
    for group, due in ((11, D(2026, 5, 13)), (10, D(2026, 6, 24)), (None, D(2026, 6, 24))):
        made = rules.next_review(policy, D(2026, 3, 2), calendars=CALENDARS, year_group=group)
        assert (made.due, made.provisional) == (due, False)
    with pytest.raises(rules.DatesNotPublished, match="spring"):
        rules.next_review(policy, D(2025, 11, 24), calendars=CALENDARS)


def test_the_third_review_of_the_year_is_informal_until_there_is_a_concern():
    kent, default = POLICIES["kent-2017"], POLICIES["default"]
    assert rules.form_of_next_review(kent, formal_this_year=1) == "formal"
    assert rules.form_of_next_review(kent, formal_this_year=2) == "informal"
    assert rules.form_of_next_review(kent, formal_this_year=2, concern=True) == "formal"
    assert rules.form_of_next_review(default, formal_this_year=2) == "formal"
    assert kent.data_collections_a_year == 3


EXTRA = {
    "default": {"school_change", "placement_change"},
    "social-worker-led": {"significant_change", "education_breakdown"},
    "virtual-school-led": {"concern", "transition"},
    "kent-2017": {"concern_at_informal_review", "significant_change", "transition"},
    "enfield": {"school_change", "placement_change"},
    "bolton-2021": {"school_change", "placement_change"},
}


@pytest.mark.parametrize("name", POLICIES)
def test_extra_pep(name):
    assert set(POLICIES[name].extra_pep_on) == EXTRA[name]
    for change in EXTRA[name]:
        assert rules.extra_pep(POLICIES[name], ENTRY, change, calendars=CALENDARS).due == D(2025, 11, 10)
    assert rules.extra_pep(POLICIES[name], ENTRY, "new_shoes", calendars=CALENDARS) is None


def test_an_extra_pep_says_what_called_it():
    made = rules.extra_pep(POLICIES["social-worker-led"], ENTRY, "education_breakdown", calendars=CALENDARS)
    assert made.rule == (
        "A breakdown of the education placement calls an extra PEP: the PEP meeting must be held within 20 working days of it."
    )


COPIES = {"carer": D(2025, 12, 3), "school_file": D(2025, 12, 3), "case_system": D(2025, 12, 3)}


@pytest.mark.parametrize("to", COPIES)
def test_a_finished_plan_goes_out_in_its_time(to):
    """R72, R74, R81: five working days from Wednesday 26 November."""
    rule = rules.CountedRule(5, "working", source="S4", assumed=("No time is given.",))
    made = rules.send_copy(POLICIES["bolton-2021"], to, rule, D(2025, 11, 26), calendars=CALENDARS)
    assert (made.due, made.source, made.assumed) == (COPIES[to], "S4", ("No time is given.",))
    assert made.rule.endswith("within 5 working days of being finalised.")


@pytest.mark.parametrize(
    ("day", "terms"),
    [
        (D(2025, 11, 5), [("autumn", D(2025, 12, 19)), ("spring", D(2026, 4, 2))]),
        (D(2025, 12, 29), [("autumn", D(2025, 12, 19)), ("spring", D(2026, 4, 2))]),
        (D(2026, 1, 5), [("autumn", D(2025, 12, 19)), ("spring", D(2026, 4, 2)), ("summer", D(2026, 7, 22))]),
        (D(2026, 8, 31), [("spring", D(2026, 4, 2)), ("summer", D(2026, 7, 22)), ("autumn", D(2026, 12, 18))]),
    ],
)
def test_schools_send_data_three_times_a_year(day, terms):
    """R7, R58: late data stay owed through the term that follows."""
    kent = POLICIES["kent-2017"]
    found = [rules.data_collection(kent, term, HALFWAY) for term in rules.data_terms(kent, day, HALFWAY)]
    assert [(made.rule.split()[-2], made.due) for made in found] == terms
    assert {(made.source, made.provisional, made.default) for made in found} == {("S2", False, False)}
    assert "three times a year" in found[0].rule and found[0].assumed == (rules.NO_DAY_FOR_DATA,)


def test_only_a_council_that_says_how_often_collects_data():
    for name, policy in POLICIES.items():
        assert bool(rules.data_terms(policy, D(2025, 11, 5), HALFWAY)) is (name == "kent-2017")
    once = replace(POLICIES["kent-2017"], data_collections_a_year=1)
    assert [term.name for term in rules.data_terms(once, D(2025, 11, 5), HALFWAY)] == ["summer"]


PREPARED = {
    "default": {"social_worker", "designated_teacher", "sdq"},
    "social-worker-led": {"social_worker"},
    "virtual-school-led": {"attainment", "plans", "attendance", "child", "targets", "funding", "right_form"},
    "kent-2017": {"designated_teacher", "child", "everyone_has_read"},
    "enfield": {"targets", "attainment"},
    "bolton-2021": {"social_worker"},
}


@pytest.mark.parametrize("name", POLICIES)
def test_due_before_the_meeting(name):
    made = rules.preparation(POLICIES[name], D(2025, 11, 5), calendars=CALENDARS)
    assert (made.due, made.count, made.unit) == (D(2025, 10, 15), 5, "school")
    assert set(POLICIES[name].prepared_parts) == PREPARED[name]


@pytest.mark.parametrize("name", POLICIES)
def test_the_care_review_and_the_quality_check(name):
    review = rules.before_care_review(POLICIES[name], D(2026, 4, 8), calendars=CALENDARS)
    assert (review.due, review.unit) == (D(2026, 4, 1), "working")  # Good Friday and Easter Monday lie between
    assert bool(review.assumed) is (name == "social-worker-led")
    check = rules.quality_turnaround(POLICIES[name], D(2025, 10, 13), calendars=CALENDARS)
    assert (check.due, check.default) == (D(2025, 11, 10), True)


WITHOUT = {
    "social_worker_allocated": (2, D(2025, 10, 15)),
    "designated_teacher_known": (5, D(2025, 10, 20)),
    "next_school_known": (5, D(2025, 10, 20)),
}


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("what", WITHOUT)
def test_nobody_says_how_long_a_child_may_be_without_somebody(name, what):
    """The product's own days, for every council alike, and shown as such."""
    made = rules.without(POLICIES[name], what, ENTRY, calendars=CALENDARS)
    assert (made.count, made.due) == WITHOUT[what]
    assert (made.unit, made.default, made.source) == ("working", True, "default")
    older = replace(POLICIES[name], **{what: None})
    assert rules.without(older, what, ENTRY, calendars=CALENDARS) is None


def test_a_version_kept_before_there_were_such_rules_is_still_read():
    document = read_published("kent-2017").document
    older = {key: value for key, value in document["deadlines"].items() if key not in WITHOUT}
    kept = rules.policy_from(older, document["meeting_dates"])
    assert (kept.social_worker_allocated, kept.completion) == (None, POLICIES["kent-2017"].completion)


def test_opening():
    summer = D(2026, 5, 6)
    assert rules.opening(POLICIES["default"], summer, calendars=CALENDARS) == (D(2026, 3, 23), D(2026, 3, 23))
    bolton = POLICIES["bolton-2021"]
    windows = {
        D(2025, 11, 24): (D(2025, 8, 25), D(2025, 8, 29)),
        D(2026, 2, 3): (D(2026, 1, 5), D(2026, 1, 9)),
        summer: (D(2026, 4, 13), D(2026, 4, 17)),
    }
    for meeting, window in windows.items():
        assert rules.opening(bolton, meeting, calendars=CALENDARS) == window


# holidays, lead-up, lead-up days
MEETINGS = dict.fromkeys(POLICIES, ("refused", "reason", 10)) | {"enfield": ("refused", "refused", 10)}


@pytest.mark.parametrize("name", POLICIES)
def test_where_a_meeting_may_not_be(name):
    policy = POLICIES[name]
    assert (policy.meeting_dates.holidays, policy.meeting_dates.lead_up, policy.meeting_dates.lead_up_days) == MEETINGS[
        name
    ]
    for day in (D(2025, 10, 22), D(2025, 12, 29), D(2026, 8, 3), D(2025, 11, 15), D(2026, 5, 4)):
        verdict = rules.meeting_date(policy, day, CALENDARS)
        assert (verdict.outcome, verdict.allowed) == ("refused", False), day
    lead_up = rules.meeting_date(policy, D(2025, 12, 15), CALENDARS)
    assert lead_up.allowed is (name != "enfield")
    assert lead_up.needs_reason is (name != "enfield")
    assert "last 10 school days of term" in lead_up.reasons[0]
    assert bool(lead_up.assumed) is (name == "enfield")
    assert rules.meeting_date(policy, D(2025, 12, 5), CALENDARS) == rules.Verdict("allowed")


def test_a_meeting_before_entry_after_the_due_day_or_after_the_terms_deadline():
    default, bolton = POLICIES["default"], POLICIES["bolton-2021"]
    assert rules.meeting_date(default, D(2025, 10, 10), CALENDARS, entry_date=ENTRY).outcome == "refused"
    late = rules.meeting_date(default, D(2025, 11, 11), CALENDARS, D(2025, 11, 10))
    assert (late.outcome, late.reasons) == (
        "warned", ("Tuesday 11 November 2025 is after the day it is due, Monday 10 November 2025.",),
    )  # fmt: skip
    deadline = D(2026, 3, 6)
    assert rules.meeting_date(bolton, D(2026, 3, 9), CALENDARS, term_deadline=deadline).outcome == "refused"
    assert rules.meeting_date(bolton, D(2026, 3, 9), CALENDARS, term_deadline=deadline).assumed
    assert rules.meeting_date(default, D(2026, 3, 9), CALENDARS, term_deadline=deadline).outcome == "warned"


def test_awkward_days_of_other_kinds():
    default = POLICIES["default"]
    closed = Calendars(WORKING, HALFWAY.with_closure(D(2025, 11, 12), "inset"))
    assert rules.meeting_date(default, D(2025, 11, 12), closed).outcome == "warned"
    unpublished = rules.meeting_date(default, D(2027, 10, 4), CALENDARS)
    assert (unpublished.outcome, "2027/28 is not published" in unpublished.reasons[0]) == ("warned", True)
    assert rules.meeting_date(default, D(2025, 10, 22), NO_SCHOOL).outcome == "allowed"
    assert rules.meeting_date(default, D(2025, 10, 25), NO_SCHOOL).outcome == "refused"
    assert rules.meeting_date(default, D(2025, 10, 22), CALENDARS, interim=True).outcome == "allowed"


def test_an_interim_meeting_is_offered_where_no_school_day_is_left():
    kent = POLICIES["kent-2017"]
    offered = rules.interim_needed(kent, D(2026, 7, 23), D(2026, 8, 13), CALENDARS)
    assert offered.places == ("placement", "virtual_school")
    assert "Thursday 13 August 2026" in offered.reason
    assert rules.interim_needed(kent, D(2026, 7, 23), D(2026, 9, 2), CALENDARS) is None
    assert rules.interim_needed(kent, D(2026, 7, 23), D(2026, 8, 13), NO_SCHOOL) is None
    # Where the council refuses the last days of term they don't help: an entry in them needs an interim meeting.
    assert rules.interim_needed(POLICIES["enfield"], D(2026, 7, 16), D(2026, 8, 13), CALENDARS)
    assert rules.interim_needed(POLICIES["default"], D(2026, 7, 16), D(2026, 8, 13), CALENDARS) is None
    # Overdue: only while the school is closed.
    assert rules.interim_needed(kent, D(2025, 10, 22), D(2025, 10, 17), CALENDARS)
    assert rules.interim_needed(kent, D(2025, 11, 4), D(2025, 10, 17), CALENDARS) is None


def test_a_date_from_last_years_pattern_is_provisional():
    entry = D(2027, 7, 15)
    longer = Calendars(WORKING, HALFWAY.continued(D(2027, 12, 31)))
    made = rules.first_pep(POLICIES["kent-2017"], entry, True, True, longer)
    assert made.provisional and made.due > D(2027, 9, 1)
    assert not rules.first_pep(POLICIES["kent-2017"], ENTRY, True, True, CALENDARS).provisional


# opened: before the meeting (school days, the day for a meeting on 24 November 2025), or in weeks; default, assumed
OPENED = {
    "default": ("before_meeting", 20, True, False),
    "social-worker-led": ("before_meeting", 20, True, False),
    "virtual-school-led": ("before_meeting", 20, False, True),
    "kent-2017": ("before_meeting", 20, False, True),
    "enfield": ("before_meeting", 20, True, False),
    "bolton-2021": ("weeks", 0, False, False),
}


@pytest.mark.parametrize("name", POLICIES)
def test_when_documents_are_opened(name):
    rule = POLICIES[name].opening
    assert (rule.when, rule.count, rule.default, bool(rule.assumed)) == OPENED[name]
    assert rule.unit == "school"
    opened = rules.opening(POLICIES[name], D(2025, 11, 24), calendars=CALENDARS)
    week = (D(2025, 8, 25), D(2025, 8, 29))
    assert opened == (week if name == "bolton-2021" else (D(2025, 10, 13), D(2025, 10, 13)))
    weeks = {
        "autumn": "last_week_of_holiday_before",
        "spring": "first_week_of_term",
        "summer": "last_week_of_holiday_before",
    }
    assert rule.weeks == (weeks if name == "bolton-2021" else {})


# facts confirmed; whether the council says so itself
CONFIRMED = dict.fromkeys(POLICIES, ("pep", False)) | {
    "kent-2017": ("meeting", True), "enfield": ("pep", True), "bolton-2021": ("pep", True),
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_when_facts_need_confirming(name):
    each, said = CONFIRMED[name]
    assert POLICIES[name].facts_confirmed_each == each
    assert read_published(name).is_default("deadlines.facts_confirmed") is not said


# starts, organises the first meeting, organises reviews; assumed
ORGANISED = {
    "default": ("virtual_school", "designated_teacher", "designated_teacher", set()),
    "social-worker-led": ("social_worker", "social_worker", "social_worker", {"organises_first_meeting"}),
    "virtual-school-led": ("virtual_school", "virtual_school", "virtual_school", set()),
    "kent-2017": ("social_worker", "designated_teacher", "designated_teacher", set()),
    "enfield": (
        "social_worker", "social_worker", "social_worker", {"starts_first_pep", "organises_first_meeting"},
    ),
    "bolton-2021": ("virtual_school", "virtual_school", "virtual_school", set()),
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_who_starts_and_who_organises(name):
    """R18"""
    profile = read_published(name)
    keys = ("starts_first_pep", "organises_first_meeting", "organises_reviews")
    assert tuple(profile.table("responsibilities")[key] for key in keys) == ORGANISED[name][:3]
    assert {key for key in keys if profile.is_assumed(f"responsibilities.{key}")} == ORGANISED[name][3]
    told = {"kent-2017": ["designated_teacher", "virtual_school", "carer"]}
    if name in told:
        assert profile.table("responsibilities")["told_at_start"] == told[name]


@pytest.mark.parametrize("name", POLICIES)
def test_who_fills_in_the_schools_part_without_a_school_place(name):
    """R3, R22"""
    without = read_published(name).table("responsibilities")["without_school_place"]
    assert without["school_part_by"] == "virtual_school"
    assert bool(without.get("note_of_situation")) is (name != "social-worker-led")
    assert read_published(name).is_default("responsibilities.without_school_place") is (
        name not in ("social-worker-led", "kent-2017")
    )
    if name == "social-worker-led":
        assert (without["meeting_at"], without["education_providers_involved"]) == ("placement", True)


# formal meetings a year, what the third is
CYCLES = dict.fromkeys(POLICIES, (None, "formal", False)) | {"kent-2017": (2, "informal", True)}


@pytest.mark.parametrize("name", POLICIES)
def test_review_cycles(name):
    """R5, R6, R13"""
    review = POLICIES[name].review
    assert (review.formal_a_year, review.third, review.formal_if_concerns) == CYCLES[name]
    assert review.event == ("document_completed" if name == "bolton-2021" else "meeting_held")
    assert review.months == (6 if name == "kent-2017" else None)
    assert bool(review.assumed) is (name == "bolton-2021")


AFTER_TERM = dict.fromkeys(POLICIES, ("warned", True)) | {"bolton-2021": ("refused", False)}


@pytest.mark.parametrize("name", POLICIES)
def test_a_meeting_after_the_terms_deadline(name):
    """R13: a deadline a term is published by one council only; that a meeting may not be after it is assumed there."""
    outcome, default = AFTER_TERM[name]
    profile = read_published(name)
    assert POLICIES[name].meeting_dates.after_term_deadline == outcome
    assert profile.is_default("meeting_dates.after_term_deadline") is default
    assert profile.is_assumed("meeting_dates.after_term_deadline") is (name == "bolton-2021")
    assert profile.is_assumed("meeting_dates.lead_up") is (name == "enfield")
    assert profile.is_default("meeting_dates.holidays") is (name != "enfield")


# to whom reminders go; whether the days are assumed
REMINDED = dict.fromkeys(POLICIES, (BOTH, False)) | {
    "virtual-school-led": (("designated_teacher",), True), "enfield": (BOTH, True),
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_whom_reminders_go_to(name):
    """R15"""
    profile = read_published(name)
    reminders = reminders_from(profile.table("reminders"))
    assert (reminders.to, profile.is_assumed("reminders.before_due")) == REMINDED[name]
    assert (reminders.before_due, reminders.unit) == ((20, 10, 3, 0), "school")
    assert profile.is_default("reminders.before_due") is (name not in ("enfield", "virtual-school-led"))


# after, from, told, by whom, when
STEPS = [
    (0, "due", ("designated_teacher", "social_worker"), "", "late"),
    (5, "due", ("virtual_school_caseworker",), "", "late"),
    (10, "due", ("head_teacher", "team_manager"), "", "late"),
    (15, "due", ("virtual_school_head",), "", "late"),
    (20, "due", ("iro",), "", "late"),
]
ESCALATED = dict.fromkeys(POLICIES, STEPS) | {
    "kent-2017": [(10, "meeting_held", ("designated_teacher",), "virtual_school_caseworker", "document_late")],
    "enfield": [(0, "due", ("social_worker", "designated_teacher"), "virtual_school", "late")],
}


@pytest.mark.parametrize("name", POLICIES)
def test_every_step_of_the_ladder(name):
    """R16"""
    profile = read_published(name)
    ladder = ladder_from(profile.table("escalation"))
    assert [(each.after, each.start, each.tell, each.by, each.when) for each in ladder.steps] == ESCALATED[name]
    assert ladder.unit == "school"
    assert ladder.iro_may_raise_with == ("social_worker", "virtual_school_head")
    assert profile.is_default("escalation.iro_may_raise_with") is (name != "social-worker-led")
    assert ladder.manager_told_of == ("social_worker_part_missing", "social_worker_absent")
    assert profile.is_default("escalation.manager_told_of") is (name != "kent-2017")
    assert profile.is_assumed("escalation.steps") is (name == "enfield")


LADDERS = {
    "default": [(D(2025, 11, 24), "designated_teacher"), (D(2025, 12, 1), "virtual_school_caseworker"),
                (D(2025, 12, 8), "head_teacher"), (D(2025, 12, 15), "virtual_school_head"), (D(2026, 1, 5), "iro")],
    "kent-2017": [(D(2025, 11, 24), "designated_teacher")],
    "enfield": [(D(2025, 11, 24), "social_worker")],
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_reminders_and_escalation(name):
    document = read_published(name).document
    reminders = reminders_from(document["reminders"])
    assert reminder_days(reminders, D(2025, 11, 24), HALFWAY) == (
        D(2025, 10, 13), D(2025, 11, 10), D(2025, 11, 19), D(2025, 11, 24),
    )  # fmt: skip
    ladder = ladder_from(document["escalation"])
    climbed = rungs(ladder, D(2025, 11, 24), HALFWAY, meeting_held_on=D(2025, 11, 10))
    due = LADDERS.get(name, LADDERS["default"])
    assert [(rung.on, rung.step.tell[0]) for rung in climbed] == due


def test_kent_calls_on_the_tenth_school_day_after_the_meeting():
    ladder = ladder_from(read_published("kent-2017").document["escalation"])
    assert rungs(ladder, D(2025, 11, 24), HALFWAY) == ()
    (rung,) = rungs(ladder, D(2025, 11, 24), HALFWAY, meeting_held_on=D(2025, 11, 24))
    assert (rung.on, rung.step.by, rung.step.when) == (D(2025, 12, 8), "virtual_school_caseworker", "document_late")
    assert ladder.manager_told_of == ("social_worker_part_missing", "social_worker_absent")


SCOPES = {name: scope_from(read_published(name).document["scope"]) for name in POLICIES}
DAY = D(2025, 11, 24)
# born, in provision -> default, statutory school age (two profiles), Bolton
AGES = [
    (D(2023, 1, 5), True, False, False, False),  # two
    (D(2022, 3, 1), True, True, False, True),  # three, goes to a nursery
    (D(2022, 3, 1), False, False, False, False),  # three, at home
    (D(2020, 10, 1), False, False, False, False),  # five in October, not of school age before 31 December
    (D(2020, 10, 1), True, True, False, True),
    (D(2020, 8, 31), False, True, True, True),  # five on a prescribed day
    (D(2009, 9, 2), False, True, True, True),  # sixteen, Year 11
    (D(2009, 6, 1), False, True, False, True),  # Year 12
    (D(2007, 9, 2), False, True, False, False),  # Year 13, eighteen
    (D(2007, 8, 31), False, False, False, False),  # past Year 13
]


@pytest.mark.parametrize(("born", "provision", "default", "school_age", "bolton"), AGES)
def test_who_is_in_scope(born, provision, default, school_age, bolton):
    expected = dict.fromkeys(SCOPES, default) | {
        "virtual-school-led": school_age, "kent-2017": school_age, "bolton-2021": bolton,
    }  # fmt: skip
    got = {name: in_scope(scope, born=born, day=DAY, in_provision=provision).yes for name, scope in SCOPES.items()}
    assert got == expected


@pytest.mark.parametrize("name", POLICIES)
def test_the_adoption_order_ends_it_and_a_short_break_never_begins(name):
    born = D(2015, 3, 1)
    kept = {"born": born, "day": DAY, "in_provision": True}
    assert in_scope(SCOPES[name], **kept, adoption_order_on=D(2025, 11, 25)).yes
    ended = in_scope(SCOPES[name], **kept, adoption_order_on=DAY)
    assert (ended.yes, "adoption order" in ended.reason) == (False, True)
    assert not in_scope(SCOPES[name], **kept, short_break=True).yes


def test_school_ages_and_years():
    assert statutory_school_age(D(2020, 3, 31)) == (D(2025, 3, 31), D(2036, 6, 27))
    assert statutory_school_age(D(2020, 9, 1)) == (D(2025, 12, 31), D(2037, 6, 26))
    assert [year_group(born, DAY) for born in (D(2021, 8, 31), D(2020, 8, 31), D(2020, 9, 1))] == [0, 1, 0]
    assert [phase_of(born, DAY) for born in (D(2021, 5, 1), D(2020, 5, 1), D(2014, 8, 31), D(2009, 8, 31))] == [
        "early_years", "primary", "secondary", "post_16",
    ]  # fmt: skip
    assert (year_group(D(2015, 9, 1), D(2026, 8, 31)), year_group(D(2015, 9, 1), D(2026, 9, 1))) == (5, 6)
