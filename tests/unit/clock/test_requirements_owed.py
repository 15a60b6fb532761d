"""What is owed about a child, by when and by whom: the lists and the child's page say nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as D

import pytest

from pepportal.clock.rules import PREPARED, ChildFacts, Copy, Holder, MeetingFacts, PepFacts, copies_of, derive
from pepportal.profiles.reading import read_default, read_published
from peps.deadlines.rules import PublishedDate, policy_of
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
    found = owed(late)["prepare:1:social_worker"].deadline
    assert (found.due, found.assumed) == (D(2025, 10, 16), ("The plan was opened after that day.",))


@pytest.mark.parametrize(
    ("opened", "due"),
    [(D(2025, 10, 18), D(2025, 11, 3)), (D(2025, 11, 1), D(2025, 11, 3)), (D(2025, 11, 5), D(2025, 11, 5))],
)
def test_a_part_of_a_plan_opened_on_a_closed_day_is_due_on_the_next_school_day(opened, due):
    """A Saturday before half term, one before the meeting's week, and the day of the meeting itself."""
    assert owed(replace(ARRANGED, opened_on=opened))["prepare:1:social_worker"].deadline.due == due


PARTS = dict.fromkeys(PREPARED)
WHOSE = {  # R35: the parts each council wants before the meeting, and whose they are (SDQ: yearly, unless it says termly)
    "default": {"social_worker": "Doyle", "designated_teacher": "Khan", "sdq": "Khan"},
    "social-worker-led": {"social_worker": "Doyle"},
    "virtual-school-led": {
        "attainment": "Khan", "plans": "Doyle", "attendance": "Khan", "child": "Khan", "targets": "Khan",
        "funding": "Khan", "right_form": "Khan",
    },
    "kent-2017": {"designated_teacher": "Khan", "child": "Khan", "everyone_has_read": "Petrou"},
    "enfield": {"targets": "Khan", "attainment": "Khan"},
    "bolton-2021": {"social_worker": "Doyle"},
}  # fmt: skip


@pytest.mark.parametrize("name", WHOSE)
def test_each_part_that_the_council_wants_before_the_meeting_is_somebodys(name):
    """R35"""
    policy = policy_of(read_published(name).document)
    plan = replace(ARRANGED, policy=policy, parts_ready=PARTS, organiser="virtual_school")
    found = {key: each for key, each in owed(plan).items() if each.kind == "prepare"}
    assert {key.split(":")[2]: each.holder.name.split()[-1] for key, each in found.items()} == {
        part: whose for part, whose in WHOSE[name].items() if part != "sdq"
    }
    assert {each.deadline.due for each in found.values()} == {D(2025, 10, 15)}
    assert all(each.title == PREPARED[key.split(":")[2]][0] for key, each in found.items())


def test_the_schools_parts_are_the_virtual_schools_where_there_is_no_school():
    """R3"""
    led = policy_of(read_published("virtual-school-led").document)
    plan = replace(ARRANGED, policy=led, parts_ready=PARTS, school_part_by="virtual_school")
    found = {each.holder.name for key, each in owed(plan).items() if key.split(":")[-1] not in ("plans", "1")}
    assert found == {"Ms E. Petrou"}


@pytest.mark.parametrize("part", PREPARED)
def test_a_part_is_met_on_the_day_it_was_ready(part):
    """R35"""
    policy = replace(DEFAULT, prepared_parts=(part,))
    ready = replace(ARRANGED, policy=policy, parts_ready={part: D(2025, 10, 14)})
    assert owed(ready)[f"prepare:1:{part}"].met_on == D(2025, 10, 14)


WITH_SDQ = replace(ARRANGED, parts_ready={"social_worker": None, "sdq": None})


@pytest.mark.parametrize(
    ("frequency", "days", "wanted"),
    [
        ("termly", (), True),
        ("termly", (D(2025, 9, 20),), True),
        ("yearly", (), True),
        ("yearly", (D(2025, 7, 10),), True),  # last academic year's
        ("yearly", (D(2025, 9, 1),), False),
        ("never", (), False),
    ],
)
def test_the_teachers_sdq_is_owed_as_often_as_the_council_wants_it(frequency, days, wanted):
    """R56, R84: once, under the key of the part where the council lists it, under its own where it doesn't."""
    plan = replace(WITH_SDQ, sdq_frequency=frequency)
    listed = owed(plan, sdq_days=days)
    assert {key for key in listed if "sdq" in key} == ({"prepare:1:sdq"} if wanted else set())
    found = owed(replace(plan, policy=KENT), sdq_days=days)
    assert {key for key in found if "sdq" in key} == ({"sdq:1"} if wanted else set())
    if wanted:
        made = found["sdq:1"]
        assert (made.kind, made.deadline.due, made.holder.name) == ("sdq", D(2025, 10, 15), "Ms R. Khan")


def test_an_sdq_of_this_plan_is_met_and_a_plan_without_the_panel_owes_none():
    """R84"""
    entered = replace(WITH_SDQ, sdq_frequency="yearly", parts_ready={"sdq": D(2025, 10, 14)})
    assert owed(entered, sdq_days=(D(2025, 10, 14),))["prepare:1:sdq"].met_on == D(2025, 10, 14)
    assert not [key for key in owed(replace(ARRANGED, sdq_frequency="termly")) if "sdq" in key]


def test_the_document_is_owed_after_the_meeting_by_each_owner():
    """R9"""
    found = {key: each.deadline.due for key, each in owed(HELD).items() if each.kind == "complete"}
    assert found == {
        "complete:1:designated_teacher": D(2025, 11, 20), "complete:1:social_worker": D(2025, 11, 20),
    }  # fmt: skip
    kent = {key for key, each in owed(replace(HELD, policy=KENT)).items() if each.kind == "complete"}
    assert kent == {"complete:1:designated_teacher"}
    assert not [key for key in owed(ARRANGED) if key.startswith("complete")]


BOLTON = policy_of(read_published("bolton-2021").document)


def test_the_school_returns_the_plan_to_the_social_worker():
    """R81: ten school days from Thursday 6 November; the social worker has no day of their own there."""
    found = owed(replace(HELD, policy=BOLTON))
    made = found["return:1"]
    assert (made.kind, made.title) == ("return", "Complete the plan and return it to the social worker")
    assert (made.deadline.due, made.holder.name, made.met_on) == (D(2025, 11, 20), "Ms R. Khan", None)
    assert not [key for key in found if key.startswith("complete:")]
    done = replace(HELD, policy=BOLTON, parts_complete={"designated_teacher": D(2025, 11, 18)})
    assert owed(done)["return:1"].met_on == D(2025, 11, 18)


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


COPIES = (
    Copy("case_system", "data_team", 5, "working"),
    Copy("carer", "social_worker", 3, "working", done_on=D(2025, 11, 28), source="S4"),
    Copy("school_file", "designated_teacher", 5, "calendar", assumed=("Said.",), default=True),
    Copy("care_review", "social_worker", 5, "working"),
)


def test_a_finished_plan_is_uploaded_and_sent_by_whoever_the_council_says():
    """R72, R74, R81: the care review's copy hangs on the review (R73)."""
    found = {key: each for key, each in owed(replace(FINAL, copies=COPIES)).items() if each.kind in ("upload", "send")}
    assert {key: (each.holder.role, each.deadline.due, each.met_on) for key, each in found.items()} == {
        "upload:1": ("data_team", D(2025, 12, 3), None),
        "send:1:carer": ("social_worker", D(2025, 12, 1), D(2025, 11, 28)),
        "send:1:school_file": ("designated_teacher", D(2025, 12, 1), None),
    }
    assert found["upload:1"].holder.organisation_id == 9  # nobody is the data team by name: the virtual school's
    assert (found["send:1:carer"].deadline.source, found["send:1:school_file"].deadline.default) == ("S4", True)
    assert found["send:1:school_file"].deadline.assumed == ("Said.",)
    assert not [key for key in owed(replace(HELD, copies=COPIES)) if key.startswith(("upload", "send"))]


def sharing(name: str) -> dict:
    return dict(read_published(name).document["sharing"])


# to, by, count, unit, from the product's default, source
SHARED = {
    "default": [("carer", "social_worker", True), ("school_file", "designated_teacher", True)],
    "kent-2017": [
        ("case_system", "data_team", False), ("carer", "social_worker", True), ("school_file", "designated_teacher", True),
    ],
    "bolton-2021": [
        ("case_system", "virtual_school", False), ("carer", "social_worker", False), ("school_file", "designated_teacher", True),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "name", ["default", "social-worker-led", "virtual-school-led", "kent-2017", "enfield", "bolton-2021"]
)
def test_where_a_finished_plan_goes(name):
    """R72, R74: no document says how soon, so the product's days hold, and it is said."""
    made = copies_of(sharing(name), sharing("default"), {"carer": D(2025, 11, 28)}, source="S0")
    assert {(each.to, each.by, each.default) for each in made} == set(SHARED.get(name, SHARED["default"]))
    for each in made:
        assert (each.count, each.unit) == (5, "working")
        said = "The document gives no time for this: 5 working days, by default."
        assert (said in each.assumed) is not each.default
        assert each.source == ("default" if each.default else read_published(name).document["profile"]["source"])
        assert each.done_on == (D(2025, 11, 28) if each.to == "carer" else None)


@pytest.mark.parametrize(
    ("finalised", "met"), [(D(2025, 11, 26), D(2025, 11, 26)), (None, None), (D(2026, 4, 9), None)]
)
def test_the_finished_plan_is_owed_before_the_care_review(finalised, met):
    """R73: so many working days before it; a plan finished after it doesn't count."""
    found = owed(replace(FINAL, finalised_on=finalised), care_reviews=((5, D(2026, 4, 8)),))["care_review:5"]
    assert (found.deadline.due, found.met_on) == (D(2026, 4, 1), met)


def test_a_plan_finished_before_the_last_care_review_is_not_the_next_ones():
    """R73"""
    reviews = ((5, D(2026, 1, 8)), (6, D(2026, 4, 8)))
    found = owed(FINAL, care_reviews=reviews)
    assert (found["care_review:5"].met_on, found["care_review:6"].met_on) == (FINAL.finalised_on, None)
    later = replace(FINAL, pep_id=2, finalised_on=D(2026, 3, 2))
    assert owed(later, FINAL, care_reviews=reviews)["care_review:6"].met_on == D(2026, 3, 2)
    newer = replace(OPENED, pep_id=2, opened_on=D(2026, 2, 2))
    assert owed(newer, FINAL, care_reviews=reviews[1:])["care_review:6"].met_on is None


def test_a_child_without_a_plan_owes_one_before_the_care_review():
    """R73"""
    facts = {"care_reviews": ((5, D(2026, 4, 8)),), "policy": DEFAULT, "rules_id": 45}
    for peps in ((), (replace(FINAL, state="closed"),)):
        found = owed(*peps, **facts)["care_review:5"]
        assert (found.deadline.due, found.met_on, found.pep_id, found.rules_id) == (D(2026, 4, 1), None, None, 45)


PUBLISHED = replace(
    DEFAULT,
    review=replace(
        DEFAULT.review,
        cycle="published_dates",
        published=(
            PublishedDate("2026/27", "autumn", D(2026, 11, 25)),
            PublishedDate("2026/27", "autumn", D(2026, 10, 14), (11,)),
        ),
    ),
)


@pytest.mark.parametrize(("today", "year"), [(D(2026, 6, 3), 10), (D(2026, 9, 14), 11)])
def test_a_published_date_goes_by_the_year_group_when_its_term_begins(today, year):
    """R13: the same day whenever it is asked for."""
    held = replace(FINAL, policy=PUBLISHED, meeting=replace(FINAL.meeting, held_on=D(2026, 5, 6)))
    assert owed(held, year_group=year, today=today)["next:1"].deadline.due == D(2026, 10, 14)
    review = replace(OPENED, pep_id=2, kind="review", trigger_on=D(2026, 5, 6), policy=PUBLISHED)
    assert owed(review, year_group=year, today=today)["meeting:2"].deadline.due == D(2026, 10, 14)


def test_a_review_by_months_shows_its_days():
    """R6"""
    made = owed(replace(FINAL, policy=KENT))["next:1"].deadline
    assert (len(made.steps), made.steps[-1].date) == (made.count, made.due)


def test_an_extra_plan_has_its_own_day():
    """R8"""
    extra = replace(OPENED, pep_id=2, kind="extra", trigger_on=D(2025, 11, 24))
    deadline = owed(extra)["meeting:2"].deadline
    assert (deadline.kind, deadline.start, deadline.due) == ("extra_pep", D(2025, 11, 24), D(2025, 12, 22))


def test_each_obligation_says_which_rules_gave_its_day():
    found = owed(replace(FINAL, rules_id=31, copies=COPIES), care_reviews=((5, D(2026, 4, 8)),))
    assert {each.rules_id for each in found.values()} == {31}


def test_a_closed_plan_owes_nothing():
    assert owed(replace(HELD, state="closed")) == {}
