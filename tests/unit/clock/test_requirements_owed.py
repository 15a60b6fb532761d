"""What is owed about a child, by when and by whom: the lists and the child's page say nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as D

import pytest

from pepportal.clock.rules import ChildFacts, Holder, MeetingFacts, PepFacts, derive
from pepportal.profiles.reading import read_default, read_published
from peps.deadlines.rules import policy_of
from tests.unit.peps.calendars import CALENDARS

DEFAULT = policy_of(read_default().document)
KENT = policy_of(read_published("kent-2017").document)
ENTRY = D(2025, 10, 13)
MEETING = D(2025, 11, 5)
HOLDERS = {
    "virtual_school": Holder("virtual_school", 1, "Ms E. Petrou", 9),
    "social_worker": Holder("social_worker", 2, "Mr P. Doyle"),
    "designated_teacher": Holder("designated_teacher", 3, "Ms R. Khan"),
}
OPENED = PepFacts(
    pep_id=1, kind="first", state="preparing", trigger_on=ENTRY, opened_on=ENTRY, policy=DEFAULT, organiser="social_worker",
    meeting=None, parts_ready={"social_worker": None, "designated_teacher": None}, parts_complete={},
)  # fmt: skip
ARRANGED = replace(OPENED, meeting=MeetingFacts(arranged_on=D(2025, 10, 14), day=MEETING, held_on=None))
HELD = replace(
    ARRANGED, state="completing", meeting=replace(ARRANGED.meeting, held_on=D(2025, 11, 6)),
    parts_complete={"designated_teacher": None, "social_worker": None},
)  # fmt: skip


def owed(*peps: PepFacts, **facts) -> dict:
    child = {
        "child_id": 7, "in_scope": True, "entry_on": ENTRY, "planned": True, "has_school": True, "calendars": CALENDARS,
        "default_policy": DEFAULT, "holders": HOLDERS, "peps": peps,
    }  # fmt: skip
    return {each.key: each for each in derive(ChildFacts(**child | facts))}


def test_the_first_meeting_is_owed_by_whoever_organises_it():
    """R1, R18"""
    found = owed(OPENED)["meeting:1"]
    assert (found.deadline.due, found.met_on, found.holder.name) == (D(2025, 11, 10), None, "Mr P. Doyle")
    other = owed(replace(OPENED, organiser="designated_teacher"))["meeting:1"]
    assert other.holder.name == "Ms R. Khan"


def test_a_part_that_nobody_holds_is_still_owed():
    found = owed(OPENED, holders={"virtual_school": HOLDERS["virtual_school"]})["meeting:1"]
    assert (found.holder.user_id, found.holder.organisation_id) == (None, 9)


def test_an_unplanned_plan_is_to_be_started_and_its_meeting_held():
    """R2: by default the plan is started in 10 working days; its meeting has the time of a planned one."""
    found = owed(OPENED, planned=False)
    assert {key: each.deadline.due for key, each in found.items()} == {
        "initiated:1": D(2025, 10, 27), "meeting:1": D(2025, 11, 10),
    }  # fmt: skip
    assert found["initiated:1"].met_on == ENTRY


def test_outside_the_policys_scope_nothing_is_owed():
    """R17"""
    assert owed(OPENED, ARRANGED, in_scope=False, care_reviews=((5, D(2026, 4, 8)),)) == {}


def test_a_meeting_held_on_another_day_is_not_chased_for_the_arranged_one():
    """R11"""
    assert owed(ARRANGED)["meeting:1"].met_on is None
    assert owed(HELD)["meeting:1"].met_on == D(2025, 11, 6)


def test_parts_are_owed_before_the_meeting_by_those_who_fill_them_in():
    """R35"""
    found = {key: each for key, each in owed(ARRANGED).items() if each.kind == "prepare"}
    assert {key: (each.holder.name, each.deadline.due) for key, each in found.items()} == {
        "prepare:1:social_worker": ("Mr P. Doyle", D(2025, 10, 15)),
        "prepare:1:designated_teacher": ("Ms R. Khan", D(2025, 10, 15)),
    }
    assert not [key for key in owed(OPENED) if key.startswith("prepare")]
    assert not [key for key in owed(HELD) if key.startswith("prepare")]


def test_a_part_is_not_due_before_the_plan_was_opened():
    late = replace(ARRANGED, opened_on=D(2025, 10, 16))
    assert owed(late)["prepare:1:social_worker"].deadline.due == D(2025, 10, 16)


def test_the_document_is_owed_after_the_meeting_by_each_owner():
    """R9"""
    found = {key: each.deadline.due for key, each in owed(HELD).items() if each.kind == "complete"}
    assert found == {
        "complete:1:designated_teacher": D(2025, 11, 20), "complete:1:social_worker": D(2025, 11, 20),
    }  # fmt: skip
    kent = {key for key, each in owed(replace(HELD, policy=KENT)).items() if each.kind == "complete"}
    assert kent == {"complete:1:designated_teacher"}
    assert not [key for key in owed(ARRANGED) if key.startswith("complete")]


def test_a_returned_plan_gives_the_school_its_time_again():
    """R71"""
    returned = replace(HELD, state="returned", returned_on=D(2025, 11, 24))
    found = owed(returned)["amend:1"]
    assert (found.title, found.deadline.due) == ("Amend the returned plan", D(2025, 12, 8))


def test_a_submitted_plan_is_owed_its_check():
    """R71"""
    submitted = replace(HELD, state="submitted", submitted_on=D(2025, 11, 24))
    found = owed(submitted)["quality:1"]
    assert (found.holder.role, found.met_on) == ("virtual_school", None)
    assert found.deadline.due == D(2025, 12, 8)


FINAL = replace(HELD, state="finalised", submitted_on=D(2025, 11, 24), finalised_on=D(2025, 11, 26))


def test_after_one_plan_the_next_is_owed_until_it_is_opened():
    """R5, R12"""
    assert owed(FINAL)["next:1"].deadline.due == D(2026, 3, 19)
    assert "next:1" not in owed(replace(FINAL, succeeded=True))
    assert "next:1" not in owed(ARRANGED)


@pytest.mark.parametrize("state", ["completing", "submitted", "returned"])
def test_the_next_review_is_owed_while_the_last_plan_is_still_being_finished(state):
    """R5: a plan that nobody finishes doesn't take the child's next review with it."""
    found = owed(replace(HELD, state=state))["next:1"]
    assert (found.deadline.due, found.title) == (D(2026, 3, 19), "Finish this plan, open the next and hold its meeting")


def test_the_day_set_at_the_meeting_is_said_and_the_rules_day_stays():
    """R12"""
    found = owed(replace(FINAL, meeting=replace(FINAL.meeting, next_on=D(2026, 3, 4))))["next:1"]
    assert found.deadline.due == D(2026, 3, 19)
    assert "The last meeting set Wednesday 4 March 2026 for the next." in found.deadline.rule


def test_a_review_is_owed_by_whoever_organises_reviews():
    """R18"""
    assert owed(FINAL)["next:1"].holder.name == "Mr P. Doyle"
    assert owed(FINAL, reviews_by="designated_teacher")["next:1"].holder.name == "Ms R. Khan"


@pytest.mark.parametrize(
    ("finalised", "met"), [(D(2025, 11, 26), D(2025, 11, 26)), (None, None), (D(2026, 4, 9), None)]
)
def test_the_finished_plan_is_owed_before_the_care_review(finalised, met):
    """R73: so many working days before it; a plan finished after it doesn't count."""
    found = owed(replace(FINAL, finalised_on=finalised), care_reviews=((5, D(2026, 4, 8)),))["care_review:5"]
    assert (found.deadline.due, found.met_on) == (D(2026, 4, 1), met)


def test_an_extra_plan_has_its_own_day():
    """R8"""
    extra = replace(OPENED, pep_id=2, kind="extra", trigger_on=D(2025, 11, 24))
    deadline = owed(extra)["meeting:2"].deadline
    assert (deadline.kind, deadline.start, deadline.due) == ("extra_pep", D(2025, 11, 24), D(2025, 12, 22))


def test_a_closed_plan_owes_nothing():
    assert owed(replace(HELD, state="closed")) == {}
