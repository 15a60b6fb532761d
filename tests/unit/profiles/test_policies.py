"""What the other apps read out of their own table: money, signatures, rubric, sharing, meetings."""

from __future__ import annotations

from datetime import date as D

import pytest

from funding.policy import funding_policy
from meetings.policy import ATTENDANCE_REASONS, meeting_policy
from pepportal.profiles.reading import PUBLISHED_NAMES, read_published
from qa.policy import quality_policy, sharing_policy, signature_policy

FUNDING = {name: funding_policy(read_published(name).table("funding")) for name in PUBLISHED_NAMES}
SIGNATURES = {name: signature_policy(read_published(name).table("signatures")) for name in PUBLISHED_NAMES}
QUALITY = {name: quality_policy(read_published(name).table("quality")) for name in PUBLISHED_NAMES}
MEETINGS = {name: meeting_policy(read_published(name).table("responsibilities")) for name in PUBLISHED_NAMES}


def test_five_hundred_pounds_three_times_a_year():
    enfield = FUNDING["enfield"]
    assert (enfield.most_pence(D(2025, 11, 24)), enfield.year_pence()) == (50_000, 150_000)
    assert enfield.year_of(D(2026, 8, 31)) == "2025/26"
    assert enfield.exceptional and enfield.release_needs == ("finalised", "targets_agreed", "use_agreed")


@pytest.mark.parametrize(("day", "most", "year"), [
    (D(2025, 3, 31), 104_500, "2024/25"), (D(2025, 4, 1), 75_000, "2025/26"), (D(2025, 8, 31), 75_000, "2025/26"),
    (D(2025, 9, 1), 104_500, "2025/26"), (D(2026, 1, 5), 104_500, "2025/26"),
])  # fmt: skip
def test_two_instalments(day, most, year):
    bolton = FUNDING["bolton-2021"]
    assert (bolton.most_pence(day), bolton.year_of(day), bolton.year_pence()) == (most, year, 179_500)
    assert set(bolton.never_for) == {"administration", "clothing", "transport"}


def test_amounts_that_the_virtual_school_enters_itself():
    for name in ("default", "social-worker-led", "virtual-school-led", "kent-2017"):
        assert FUNDING[name].scheme == "to_be_entered"
        assert FUNDING[name].most_pence(D(2025, 11, 24)) is None
        assert FUNDING[name].year_pence() is None


SIGNED_BY = {
    "kent-2017": [["designated_teacher"], ["virtual_school"]],
    "bolton-2021": [["designated_teacher"], ["virtual_school_head", "virtual_school_deputy"]],
}


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
def test_who_signs_in_which_order(name):
    expected = SIGNED_BY.get(name, [["designated_teacher", "social_worker"], ["virtual_school"]])
    signed: list[str] = []
    for roles in expected:
        assert [step.role for step in SIGNATURES[name].next_steps(signed)] == roles
        signed += roles
    assert SIGNATURES[name].next_steps(signed) == ()
    assert SIGNATURES[name].different_people


def test_who_was_at_the_meeting_signs_in_enfield():
    enfield = SIGNATURES["enfield"]
    assert [step.role for step in enfield.next_steps([], present=["child", "carer"])] == [
        "designated_teacher", "social_worker", "carer", "child",
    ]  # fmt: skip
    assert [step.role for step in enfield.next_steps(["designated_teacher", "social_worker"], ["child"])] == ["child"]


@pytest.mark.parametrize(("low", "grade"), [
    ({}, "excellent"),
    ({"voice": "good"}, "excellent"),
    ({"voice": "good", "needs": "good"}, "good"),
    ({"voice": "developing", "needs": "good"}, "good"),
    ({"voice": "developing", "needs": "developing"}, "developing"),
    ({"voice": "not_acceptable"}, "not_acceptable"),
])  # fmt: skip
def test_the_overall_grade_and_what_pulled_it_down(low, grade):
    policy = QUALITY["default"]
    graded = {criterion.key: "excellent" for criterion in policy.criteria} | low
    overall = policy.overall(graded)
    assert overall.grade.key == grade
    assert len(overall.reasons) == (0 if grade == "excellent" else len(low))


def test_most_criteria_and_an_unfinished_check():
    table = read_published("default").table("quality")
    table["roll_up"] = [{"grade": "not_acceptable", "at_or_below": "not_acceptable", "majority": True}]
    policy = quality_policy(table)
    keys = [criterion.key for criterion in policy.criteria]
    half = {key: "not_acceptable" if number < len(keys) // 2 else "good" for number, key in enumerate(keys)}
    assert policy.overall(half).grade.key == "excellent"
    assert policy.overall(half | {keys[-1]: "not_acceptable"}).grade.key == "not_acceptable"
    with pytest.raises(ValueError, match="Not graded yet: The child's voice"):
        policy.overall(dict.fromkeys(keys[1:], "good"))
    with pytest.raises(KeyError):
        policy.grade("superb")


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
def test_the_minimum_grade(name):
    assert QUALITY[name].good_enough("good")
    assert QUALITY[name].good_enough("developing") is (name != "kent-2017")
    for criterion in QUALITY[name].criteria:
        assert set(criterion.words) == {grade.key for grade in QUALITY[name].grades}


def test_where_copies_go():
    to = {
        name: {copy.to: copy for copy in sharing_policy(read_published(name).table("sharing")).copies}
        for name in PUBLISHED_NAMES
    }
    assert all({"care_review", "carer", "school_file"} <= set(copies) for copies in to.values())
    assert {name for name, copies in to.items() if "case_system" in copies} == {"kent-2017", "bolton-2021"}
    assert to["kent-2017"]["case_system"].by == "data_team"
    assert to["bolton-2021"]["carer"].how == ("secure_email", "post")
    assert all(copies["carer"].edition == "carer" for copies in to.values())


def test_who_comes():
    bolton, led, kent = MEETINGS["bolton-2021"], MEETINGS["virtual-school-led"], MEETINGS["kent-2017"]
    assert bolton.why_virtual_school_attends({"year_6", "red_rated"}) == (
        ATTENDANCE_REASONS["red_rated"], ATTENDANCE_REASONS["year_6"],
    )  # fmt: skip
    assert bolton.why_virtual_school_attends(set()) == ()
    assert led.why_virtual_school_attends(set()) == (ATTENDANCE_REASONS["always"],)
    assert (kent.organiser(first=True), kent.organiser(first=False)) == ("designated_teacher", "designated_teacher")
    assert (led.too_many(6), led.too_many(7), kent.too_many(8), kent.too_many(9)) == (False, True, False, True)
    assert kent.absent({"designated_teacher", "carer"}) == ("social_worker",)
    assert kent.may_chair == ("child",)
