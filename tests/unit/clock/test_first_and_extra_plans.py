"""What is owed that hangs on no plan: the first one, extra ones, who is missing, the term's data, informal reviews."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as D

import pytest

from pepportal.clock.rules import Change
from pepportal.profiles.reading import PUBLISHED_NAMES, read_published
from peps.deadlines.calendars import Calendars
from peps.deadlines.rules import CHANGE_WORDS, policy_of
from tests.unit.clock.test_requirements_owed import (
    ARRANGED,
    DEFAULT,
    ENTRY,
    FINAL,
    KENT,
    OPENED,
    owed,
)
from tests.unit.peps.calendars import HALFWAY, NO_SCHOOL, WORKING

POLICIES = {name: policy_of(read_published(name).document) for name in PUBLISHED_NAMES}
NOT_OPENED = {"scope_from_on": ENTRY, "entry_policy": DEFAULT, "entry_rules_id": 44, "episode_id": 5}

# --- the first plan, not opened yet

FIRST = {  # title, due: planned, unplanned, planned without a school place
    "default": ("Open the first plan and hold its meeting", D(2025, 11, 10), D(2025, 10, 27), D(2025, 11, 10)),
    "social-worker-led": ("Open the first plan and hold its meeting", D(2025, 11, 10), D(2025, 10, 27), D(2025, 11, 10)),
    "virtual-school-led": (
        "Open the first plan and arrange its meeting", D(2025, 11, 10), D(2025, 10, 27), D(2025, 11, 10),
    ),
    "kent-2017": ("Open the first plan and hold its meeting", D(2025, 11, 24), D(2025, 11, 10), D(2025, 11, 10)),
    "enfield": ("Open the first plan and hold its meeting", D(2025, 11, 10), D(2025, 10, 27), D(2025, 11, 10)),
    "bolton-2021": ("Open and complete the first plan", D(2025, 10, 27), D(2025, 10, 27), D(2025, 11, 10)),
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_a_first_plan_that_nobody_opened_is_owed_by_the_councils_rule(name):
    """R1-R4: planned, unplanned, without a school place."""
    title, planned, unplanned, no_place = FIRST[name]
    facts = NOT_OPENED | {"entry_policy": POLICIES[name]}
    found = owed(**facts)["first_pep:5"]
    assert (found.title, found.deadline.due, found.kind, found.rules_id) == (title, planned, "first_pep", 44)
    assert owed(**facts, planned=False)["first_pep:5"].deadline.due == unplanned
    assert owed(**facts, has_school=False, calendars=NO_SCHOOL)["first_pep:5"].deadline.due == no_place


def test_where_the_rule_is_about_starting_only_that_is_said():
    """R2"""
    assert owed(**NOT_OPENED, planned=False)["first_pep:5"].title == "Open the first plan"


def test_the_first_plan_is_opened_by_whoever_the_council_says_starts_it():
    """R18"""
    assert owed(**NOT_OPENED)["first_pep:5"].holder.role == "virtual_school"
    assert owed(**NOT_OPENED, first_pep_by="social_worker")["first_pep:5"].holder.name == "Mr P. Doyle"


def test_once_a_plan_is_open_the_first_is_no_longer_owed():
    assert "first_pep:5" not in owed(OPENED, **NOT_OPENED)
    assert set(owed(replace(OPENED, state="closed"), **NOT_OPENED)) == {"first_pep:5"}


def test_nobody_owes_a_first_plan_for_a_child_out_of_scope():
    """R17"""
    assert owed(**NOT_OPENED | {"scope_from_on": None}) == {}
    assert owed(**NOT_OPENED, in_scope=False) == {}


def test_a_child_who_grows_into_scope_has_the_time_from_then():
    """R17: in care since October, of school age on 31 December."""
    made = owed(**NOT_OPENED | {"scope_from_on": D(2025, 12, 31)})["first_pep:5"].deadline
    assert (made.start, made.due) == (D(2025, 12, 31), D(2026, 1, 29))
    assert (
        made.assumed[-1]
        == "The child had to have a plan from Wednesday 31 December 2025: the days are counted from then."
    )


# --- extra plans

MOVED = Change("enrolment:8", "school_change", D(2025, 12, 1))
CALLED = {"policy": DEFAULT, "rules_id": 45, "changes": (MOVED,)}


def test_a_change_of_school_calls_an_extra_plan():
    """R8: twenty working days from Monday 1 December, Christmas Day and Boxing Day not counted."""
    found = owed(FINAL, **CALLED)["extra:enrolment:8"]
    assert (found.kind, found.deadline.due, found.met_on) == ("extra_pep", D(2025, 12, 31), None)
    assert found.title == "Open an extra plan and hold its meeting: change of school"
    assert (found.holder.name, found.rules_id) == ("Mr P. Doyle", 45)
    assert "A change of school calls an extra PEP" in found.deadline.rule


@pytest.mark.parametrize("name", POLICIES)
def test_each_council_says_which_changes_call_one(name):
    """R8"""
    policy = POLICIES[name]
    changes = tuple(Change(f"change:{kind}", kind, D(2025, 12, 1)) for kind in CHANGE_WORDS)
    found = {key for key in owed(FINAL, policy=policy, changes=changes) if key.startswith("extra:")}
    assert found == {f"extra:change:{kind}" for kind in policy.extra_pep_on}


def test_a_change_keeps_the_rules_of_its_own_day():
    older = replace(MOVED, policy=POLICIES["kent-2017"], rules_id=12)
    assert "extra:enrolment:8" not in owed(FINAL, **CALLED | {"changes": (older,)})
    older = replace(older, kind="transition")
    assert owed(FINAL, **CALLED | {"changes": (older,)})["extra:enrolment:8"].rules_id == 12


def test_a_plan_whose_meeting_is_still_to_come_serves_a_change():
    """R8: nobody is asked for two meetings, and the one there is has the change's day where its own is later."""
    coming = replace(OPENED, pep_id=2, kind="review", trigger_on=D(2025, 11, 6), opened_on=D(2025, 11, 20))
    before = replace(FINAL, succeeded=True)
    found = owed(coming, before, **CALLED)
    serving = found["extra:enrolment:8"]
    assert found["meeting:2"].deadline.due > serving.deadline.due == D(2025, 12, 31)
    assert (serving.title, serving.pep_id, serving.met_on) == (
        "Hold the meeting that a change calls: change of school", 2, None,
    )  # fmt: skip
    soon = replace(coming, kind="first", trigger_on=D(2025, 11, 20))
    first = owed(soon, **CALLED)
    assert first["meeting:2"].deadline.due <= D(2025, 12, 31) and "extra:enrolment:8" not in first
    held = replace(
        coming, state="completing", meeting=replace(ARRANGED.meeting, day=D(2025, 12, 10), held_on=D(2025, 12, 10))
    )
    assert owed(held, before, **CALLED)["extra:enrolment:8"].met_on == D(2025, 12, 10)
    earlier = replace(held, meeting=replace(held.meeting, held_on=D(2025, 11, 28)))
    assert owed(earlier, before, **CALLED)["extra:enrolment:8"].met_on is None


def test_a_change_that_has_opened_its_plan_is_owed_there():
    """R8"""
    own = replace(OPENED, pep_id=2, kind="extra", trigger_on=MOVED.on, opened_on=MOVED.on, cause="extra:enrolment:8")
    found = owed(own, replace(FINAL, succeeded=True), **CALLED)
    assert "extra:enrolment:8" not in found
    assert found["meeting:2"].deadline.due == D(2025, 12, 31)
    placement = replace(MOVED, key="placement:3", kind="placement_change")
    own = replace(own, cause="extra:placement:3")
    rule = owed(own, **CALLED | {"changes": (placement,)})["meeting:2"].deadline.rule
    assert rule.startswith("A change of placement calls")
    closed = replace(own, state="closed", cause="extra:enrolment:8")
    assert "extra:enrolment:8" in owed(closed, FINAL, **CALLED)


def test_the_first_plan_serves_what_changes_before_it():
    assert set(owed(**NOT_OPENED, **CALLED)) == {"first_pep:5"}
    arrival = replace(MOVED, on=ENTRY)
    assert "extra:enrolment:8" not in owed(FINAL, **CALLED | {"changes": (arrival,)})
    small = replace(MOVED, on=D(2025, 11, 20))
    assert "extra:enrolment:8" not in owed(FINAL, **CALLED | {"changes": (small,), "scope_from_on": D(2025, 12, 31)})


# --- informal reviews

SECOND = replace(
    FINAL, pep_id=2, kind="review", policy=KENT, succeeded=False,
    meeting=replace(FINAL.meeting, day=D(2026, 2, 4), held_on=D(2026, 2, 4)),
)  # fmt: skip
FORMER = replace(FINAL, policy=KENT, succeeded=True)
THIRD = replace(
    OPENED, pep_id=3, kind="review", policy=KENT, informal=True, trigger_on=D(2026, 2, 4), opened_on=D(2026, 5, 5)
)
SPOKEN = Change("change:6", "concern_at_informal_review", D(2026, 5, 20))
THREE = (THIRD, replace(SECOND, succeeded=True), FORMER)


def test_after_two_formal_meetings_a_year_the_third_review_is_the_virtual_schools():
    """R6, R7: two formal ones this academic year; in the next year it is formal again."""
    found = owed(SECOND, FORMER)["next:2"]
    assert (found.title, found.holder.role) == ("Review progress from the term’s data", "virtual_school")
    assert found.deadline.due == D(2026, 8, 4)
    only = owed(SECOND)["next:2"]
    assert (only.title, only.holder.role) == ("Open the next plan and hold its meeting", "social_worker")
    later = replace(SECOND, meeting=replace(SECOND.meeting, held_on=D(2026, 3, 4)))
    assert owed(later, FORMER)["next:2"].deadline.due == D(2026, 9, 4)
    assert owed(later, FORMER)["next:2"].holder.role == "social_worker"
    assert owed(replace(SECOND, policy=DEFAULT), FORMER)["next:2"].holder.role == "social_worker"


def test_a_significant_change_keeps_the_third_review_formal():
    """R6"""
    change = Change("change:6", "significant_change", D(2026, 3, 2))
    assert owed(SECOND, FORMER, changes=(change,))["next:2"].holder.role == "social_worker"
    before = replace(change, on=D(2026, 2, 2))
    assert owed(SECOND, FORMER, changes=(before,))["next:2"].holder.role == "virtual_school"


def test_an_informal_review_owes_its_record_and_no_meeting():
    """R7"""
    found = owed(*THREE)
    assert {key: each.title for key, each in found.items() if each.pep_id == 3} == {
        "meeting:3": "Review progress from the term’s data"
    }
    assert (found["meeting:3"].holder.role, found["meeting:3"].deadline.due) == ("virtual_school", D(2026, 8, 4))
    held = replace(
        THIRD, state="completing", meeting=replace(ARRANGED.meeting, day=D(2026, 6, 3), held_on=D(2026, 6, 3)),
        parts_complete={"designated_teacher": None},
    )  # fmt: skip
    after = {key: each for key, each in owed(held, *THREE[1:]).items() if each.pep_id == 3}
    assert set(after) == {"meeting:3", "next:3"}
    assert (after["meeting:3"].met_on, after["next:3"].deadline.due) == (D(2026, 6, 3), D(2026, 12, 3))
    assert after["next:3"].holder.role == "social_worker"


def test_a_concern_at_an_informal_review_calls_a_formal_meeting():
    """R6: the virtual school arranges it, in the time of an extra plan."""
    found = owed(*THREE, policy=KENT, rules_id=45, changes=(SPOKEN,))
    made = found["concern:3"]
    assert (made.kind, made.title, made.holder.role) == ("formal_review", "Arrange a formal meeting", "virtual_school")
    assert (made.deadline.due, made.met_on, made.pep_id, made.rules_id) == (D(2026, 6, 18), None, 3, 45)
    assert not [key for key in found if key.startswith("extra:")]
    twice = owed(*THREE, policy=KENT, changes=(SPOKEN, Change("change:7", "significant_change", D(2026, 6, 8))))
    assert twice["concern:3"].deadline.due == D(2026, 6, 18)


def test_the_formal_meeting_meets_the_concern():
    """R6"""
    formal = replace(SECOND, pep_id=4, opened_on=D(2026, 5, 22), state="preparing", meeting=None, finalised_on=None,
                     submitted_on=None)  # fmt: skip
    assert "concern:3" not in owed(formal, *THREE, policy=KENT, changes=(SPOKEN,))  # due before the concern's own day
    formal = replace(formal, trigger_on=D(2026, 2, 4))
    served = owed(formal, *THREE, policy=KENT, changes=(SPOKEN,))
    assert (served["concern:3"].pep_id, served["concern:3"].met_on) == (4, None)
    assert "extra:change:6" not in served
    held = replace(formal, state="completing", meeting=replace(SECOND.meeting, held_on=D(2026, 6, 4)))
    assert owed(held, *THREE, policy=KENT, changes=(SPOKEN,))["concern:3"].met_on == D(2026, 6, 4)


def test_other_changes_at_an_informal_review_call_an_extra_plan():
    transition = replace(SPOKEN, kind="transition")
    assert "extra:change:6" in owed(*THREE, policy=KENT, changes=(transition,))
    earlier = replace(SPOKEN, kind="significant_change", on=D(2026, 4, 20))
    assert "extra:change:6" in owed(*THREE, policy=KENT, changes=(earlier,))


# --- the term's data

TODAY = {"policy": KENT, "rules_id": 45, "today": D(2025, 11, 26)}


def test_schools_owe_the_terms_data_where_the_council_collects_them():
    """R7, R58"""
    found = {key: each for key, each in owed(FINAL, **TODAY).items() if each.kind == "data"}
    assert {key: (each.deadline.due, each.holder.name) for key, each in found.items()} == {
        "data:2025/26:autumn": (D(2025, 12, 19), "Ms R. Khan"), "data:2025/26:spring": (D(2026, 4, 2), "Ms R. Khan"),
    }  # fmt: skip
    assert not [key for key in owed(FINAL, **TODAY | {"policy": DEFAULT}) if key.startswith("data")]
    assert not [key for key in owed(**TODAY) if key.startswith("data")]
    assert not [key for key in owed(FINAL, **TODAY, calendars=NO_SCHOOL) if key.startswith("data")]


@pytest.mark.parametrize(
    ("sent", "autumn", "spring"),
    [
        (D(2025, 9, 2), None, None),  # the summer term's
        (D(2025, 9, 3), D(2025, 9, 3), None),
        (D(2026, 1, 4), D(2026, 1, 4), None),  # late, in the holiday
        (D(2026, 1, 5), D(2026, 1, 5), None),  # late, in the next term
        (D(2026, 4, 2), D(2026, 4, 2), None),
        (D(2026, 4, 3), None, D(2026, 4, 3)),
    ],
)
def test_data_count_for_the_term_in_which_they_were_sent(sent, autumn, spring):
    found = owed(replace(FINAL, attainment_on=sent), **TODAY)
    assert (found["data:2025/26:autumn"].met_on, found["data:2025/26:spring"].met_on) == (autumn, spring)


IN_SPRING = TODAY | {"today": D(2026, 1, 20)}


def test_one_completed_part_is_one_terms_data():
    """R58: what a plan of the spring says is the spring's, however late the autumn's is."""
    spring = replace(FINAL, pep_id=2, opened_on=D(2026, 1, 12), attainment_on=D(2026, 3, 2))
    found = owed(spring, FINAL, **IN_SPRING)
    assert (found["data:2025/26:autumn"].met_on, found["data:2025/26:spring"].met_on) == (None, D(2026, 3, 2))
    both = owed(spring, replace(FINAL, attainment_on=D(2026, 1, 9)), **IN_SPRING)
    assert both["data:2025/26:autumn"].met_on == D(2026, 1, 9)
    assert both["data:2025/26:spring"].met_on == D(2026, 3, 2)


def test_data_of_a_term_before_the_child_was_here_are_not_owed():
    """R58"""
    assert "data:2025/26:autumn" in owed(FINAL, **IN_SPRING)
    assert "data:2025/26:autumn" not in owed(FINAL, **IN_SPRING, entry_on=D(2026, 1, 7))
    assert "data:2025/26:autumn" not in owed(replace(FINAL, opened_on=D(2026, 1, 7)), **IN_SPRING)


def test_data_for_a_term_that_is_not_published_have_a_provisional_day():
    found = owed(FINAL, **TODAY | {"today": D(2027, 7, 1)})["data:2027/28:autumn"]
    assert found.deadline.provisional
    assert found.deadline.assumed[-1] == (
        "The school calendar for 2027/28 is not published: this is a provisional date from last year’s pattern."
    )


# --- who is missing

SINCE = D(2025, 10, 17)  # a Friday
MISSING = {
    "allocate:5": ("unallocated_since", "allocate", "Allocate a social worker", D(2025, 10, 21)),
    "teacher:6": ("no_teacher_since", "teacher", "Find out who the designated teacher is", D(2025, 10, 24)),
    "next_school:2025/26": ("outgrown_since", "next_school", "Record the new school", D(2025, 10, 24)),
}


@pytest.mark.parametrize("key", MISSING)
@pytest.mark.parametrize("kept", [DEFAULT, None, replace(KENT, social_worker_allocated=None, designated_teacher_known=None,
                                                         next_school_known=None)], ids=["own", "none", "older"])  # fmt: skip
def test_whoever_a_child_is_without_is_the_virtual_schools_to_find(key, kept):
    fact, kind, title, due = MISSING[key]
    found = owed(**{fact: SINCE, "policy": kept, "rules_id": 45, "episode_id": 5, "school_id": 6})
    assert set(found) == {key}
    made = found[key]
    assert (made.kind, made.title, made.deadline.due, made.rules_id) == (kind, title, due, 45)
    assert (made.holder.role, made.holder.user_id, made.deadline.default) == ("virtual_school", 1, True)


def test_nobody_is_looked_for_out_of_scope():
    """R17"""
    assert owed(unallocated_since=SINCE, no_teacher_since=SINCE, outgrown_since=SINCE, in_scope=False) == {}


def test_a_day_past_the_published_calendar_says_so():
    """The issue's own words, for a plan, a review and a copy alike."""
    words = "The school calendar for 2027/28 is not published: this is a provisional date from last year’s pattern."
    late = {"entry_on": D(2027, 7, 19), "scope_from_on": D(2027, 7, 19), "entry_policy": KENT}
    first = owed(**late)["first_pep:None"].deadline
    assert (first.provisional, first.assumed) == (True, (words,))
    held = replace(FINAL, meeting=replace(FINAL.meeting, held_on=D(2027, 7, 5)))
    review = owed(held)["next:1"].deadline
    assert (review.provisional, review.assumed[-1]) == (True, words)
    complete = owed(replace(held, state="completing", policy=KENT))
    assert not complete["complete:1:designated_teacher"].deadline.provisional
    bare = Calendars(WORKING, type(HALFWAY)((), HALFWAY.bank_holidays))
    unpublished = owed(**late, calendars=bare)["first_pep:None"].deadline
    assert unpublished.provisional and "The school has published no calendar" in unpublished.assumed[-1]
    ends = owed(replace(FINAL, policy=DEFAULT), calendars=bare)["next:1"].deadline.assumed
    assert "The ends of terms are taken as 20 December, 31 March and 20 July." in ends
    assert not [each for each in (*unpublished.assumed, *ends) if "The child has no school" in each]
