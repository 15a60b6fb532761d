from __future__ import annotations

from datetime import date

import pytest

from pepportal.profiles.reading import read_published
from targets import rules
from targets.policy import Required, TargetsPolicy, sdq_policy, targets_policy
from targets.rules import EarlierFacts, TargetFacts

DEFAULT = targets_policy(read_published("default").table("targets"))
ENFIELD = targets_policy(read_published("enfield").table("targets"))
BOLTON = targets_policy(read_published("bolton-2021").table("targets"))
ANY = targets_policy(read_published("social-worker-led").table("targets"))


def _set(*kinds: str, drafts: tuple[int, ...] = ()) -> list[TargetFacts]:
    return [TargetFacts(n, kind, n not in drafts) for n, kind in enumerate(kinds, 1)]


@pytest.mark.parametrize(("policy", "kinds", "said"), [
    (DEFAULT, [], ("Two academic targets are needed", "One social or emotional target is needed")),
    (DEFAULT, ["academic"], ("One more academic target is needed", "One social or emotional target is needed")),
    (DEFAULT, ["academic", "academic"], ("One social or emotional target is needed",)),
    (DEFAULT, ["academic", "academic", "social_emotional"], ()),
    (ENFIELD, ["social_emotional", "other"], ("Two academic targets are needed",)),
    (BOLTON, ["academic"], ("One personal development or social or emotional target is needed",)),
    (BOLTON, ["academic", "personal"], ()),
    (ANY, [], ("One target is needed",)),
    (ANY, ["other"], ()),
])  # fmt: skip
def test_what_the_profile_requires(policy, kinds, said):
    assert rules.missing(policy, _set(*kinds), []) == said


def test_a_target_serves_one_requirement_and_as_many_are_served_as_can_be():
    wide = Required(("academic", "social_emotional"), 1, "one of either")
    narrow = Required(("academic",), 1, "one academic")
    policy = TargetsPolicy((wide, narrow), 12, True, True, False, False, ())
    assert rules.missing(policy, _set("academic"), []) != ()
    assert rules.missing(policy, _set("academic", "social_emotional"), []) == ()
    assert rules.missing(policy, _set("social_emotional", "academic"), []) == ()


@pytest.mark.parametrize(("drafts", "said"), [
    ((2,), ("Target 2 waits for a teacher to confirm",)),
    ((1, 3), ("Targets 1 and 3 wait for a teacher to confirm",)),
    ((1, 2, 3), ("Targets 1, 2 and 3 wait for a teacher to confirm",)),
])  # fmt: skip
def test_drafts_wait_for_a_teacher(drafts, said):
    kinds = ("academic", "academic", "social_emotional")
    assert rules.missing(DEFAULT, _set(*kinds, drafts=drafts), []) == said


def test_earlier_targets_come_first_and_by_number():
    earlier = [EarlierFacts(1, False), EarlierFacts(2, True), EarlierFacts(3, False)]
    full = _set("academic", "academic", "social_emotional")
    assert rules.missing(DEFAULT, full, earlier) == ("Say how earlier targets 1 and 3 went",)
    assert rules.missing(DEFAULT, full, earlier[:1]) == ("Say how earlier target 1 went",)
    assert rules.missing(DEFAULT, full, earlier[1:2]) == ()
    silent = TargetsPolicy(DEFAULT.required, 12, True, False, False, False, ())
    assert rules.missing(silent, full, earlier) == ()


@pytest.mark.parametrize(("day", "refused"), [
    (date(2026, 10, 5), "today or in the future"),
    (date(2026, 10, 6), ""),
    (date(2026, 12, 29), ""),
    (date(2026, 12, 30), "within 12 weeks, on or before 29 December 2026"),
])  # fmt: skip
def test_the_last_day_for_a_review(day, refused):
    said = rules.review_refused(day, latest=date(2026, 12, 29), weeks=12, today=date(2026, 10, 6))
    assert (refused in said) if refused else said == ""


YEARLY = sdq_policy(read_published("default").table("sdq"))
TERMLY = sdq_policy(read_published("bolton-2021").table("sdq"))


@pytest.mark.parametrize(("policy", "born", "last_on", "possible", "asked"), [
    (YEARLY, date(2016, 1, 1), None, True, True),
    (YEARLY, date(2016, 1, 1), date(2025, 10, 7), True, False),
    (YEARLY, date(2016, 1, 1), date(2025, 10, 6), True, True),
    (TERMLY, date(2016, 1, 1), date(2026, 10, 5), True, True),
    (TERMLY, date(2022, 10, 6), None, True, True),  # four today
    (TERMLY, date(2022, 10, 7), None, False, False),  # four tomorrow
    (TERMLY, date(2008, 10, 7), None, True, True),  # seventeen
    (TERMLY, date(2008, 10, 6), None, False, False),  # eighteen today
])  # fmt: skip
def test_when_a_score_is_asked_for(policy, born, last_on, possible, asked):
    said = rules.sdq_asked(policy, informant="teacher", born=born, on=date(2026, 10, 6), last_on=last_on)
    assert (said.possible, said.asked) == (possible, asked)
    assert said.because


def test_a_score_from_a_leap_day_lasts_its_year():
    def asked(day: date) -> bool:
        born = date(2018, 1, 1)
        return rules.sdq_asked(YEARLY, informant="teacher", born=born, on=day, last_on=date(2024, 2, 29)).asked

    assert not asked(date(2025, 2, 28))
    assert asked(date(2025, 3, 1))


def test_another_informant_is_not_asked():
    said = rules.sdq_asked(YEARLY, informant="carer", born=date(2016, 1, 1), on=date(2026, 10, 6), last_on=None)
    assert (said.possible, said.asked) == (True, False)


ASKED = rules.Asked(True, True, "")
NOT_ASKED = rules.Asked(True, False, "")


@pytest.mark.parametrize(("asked", "facts", "said"), [
    (ASKED, {"entered": False}, "Enter the score"),
    (NOT_ASKED, {"entered": False}, ""),
    (ASKED, {"scored": False}, "too few items"),
    (ASKED, {}, ""),
    (ASKED, {"over_threshold": True}, "The total is 17 or above"),
    (NOT_ASKED, {"over_threshold": True}, "The total is 17 or above"),
    (ASKED, {"over_threshold": True, "addressed": True}, ""),
    (ASKED, {"over_threshold": True, "reason": "Weekly counselling since May."}, ""),
    (ASKED, {"over_threshold": True, "reason": "  "}, "The total is 17 or above"),
])  # fmt: skip
def test_what_a_score_still_needs(asked, facts, said):
    plain = {
        "entered": True,
        "scored": True,
        "over_threshold": False,
        "addressed": False,
        "reason": "",
        "threshold": 17,
    }
    found = rules.sdq_missing(asked, **(plain | facts))
    assert (said in found[0]) if said else found == ()
