from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from pepportal.profiles.reading import PUBLISHED_NAMES, read_published
from qa import rules
from qa.policy import quality_policy, signature_policy
from qa.rules import Signed, StepState, signature_state
from tests.unit.qa.plans import LONDON

KHAN, DOYLE, HEAD = (UUID(int=n) for n in (1, 2, 3))
MORNING = datetime(2026, 11, 9, 9, tzinfo=LONDON)
DT, SW, VS = "designated_teacher", "social_worker", "virtual_school"


def steps(profile="default"):
    return signature_policy(read_published(profile).table("signatures")).steps


def signed(step, revision=7, user=KHAN, minute=0):
    return Signed(step, user, "Ms R. Khan", revision, MORNING + timedelta(minutes=minute))


def states(profile, signatures, present=()):
    return {each.step.role: each.state for each in signature_state(steps(profile), signatures, 7, present).steps}


@pytest.mark.parametrize(
    ("profile", "signatures", "present", "wanted"),
    [
        ("default", [], (), {DT: "open", SW: "open", VS: "review"}),
        ("default", [signed(DT)], (), {DT: "signed", SW: "open", VS: "review"}),
        ("default", [signed(DT, 6)], (), {DT: "void", SW: "open", VS: "review"}),
        ("default", [signed(DT, 6), signed(DT, 7, minute=5)], (), {DT: "signed", SW: "open", VS: "review"}),
        ("default", [signed(DT), signed(SW)], (), {DT: "signed", SW: "signed", VS: "review"}),
        ("default", [signed(DT), signed(SW), signed(VS, 6)], (), {DT: "signed", SW: "signed", VS: "review"}),
        ("default", [signed(DT), signed(SW), signed(VS)], (), {DT: "signed", SW: "signed", VS: "signed"}),
        ("kent-2017", [], (), {DT: "open", VS: "review"}),
        ("bolton-2021", [], (), {DT: "open", "virtual_school_head": "review", "virtual_school_deputy": "review"}),
        ("enfield", [], (), {DT: "open", SW: "open", "carer": "not_asked", "child": "not_asked", VS: "review"}),
        ("enfield", [], ("carer",), {DT: "open", SW: "open", "carer": "open", "child": "not_asked", VS: "review"}),
        (
            "enfield",
            [signed("carer", 6)],
            ("carer", "child"),
            {DT: "open", SW: "open", "carer": "void", "child": "open", VS: "review"},
        ),
    ],
)
def test_how_each_signature_stands(profile, signatures, present, wanted):
    assert states(profile, signatures, present) == {role: StepState(state) for role, state in wanted.items()}


@pytest.mark.parametrize(
    ("signatures", "present", "ready"),
    [
        ([], (), False),
        ([signed(DT)], (), False),
        ([signed(DT), signed(SW, 6)], (), False),
        ([signed(DT), signed(SW)], (), True),
        ([signed(DT), signed(SW)], ("carer",), False),
        ([signed(DT), signed(SW), signed("carer")], ("carer",), True),
    ],
)
def test_when_the_parties_have_signed(signatures, present, ready):
    assert signature_state(steps("enfield"), signatures, 7, present).parties_have_signed is ready


def test_a_higher_order_waits_for_the_lower():
    table = {"different_people": True, "scrutiny": [], "steps": [
        {"role": SW, "order": 1, "required": True, "statement": "a"}, {"role": DT, "order": 2, "required": True, "statement": "b"},
    ]}  # fmt: skip
    found = signature_state(signature_policy(table).steps, [], 7, ())
    assert found.turns == (SW,)
    assert found.step(DT).state == StepState.LATER
    assert not found.parties_have_signed
    assert signature_state(signature_policy(table).steps, [signed(SW)], 7, ()).turns == (DT,)


@pytest.mark.parametrize(
    ("step", "roles", "user", "given", "stands_in", "allowed"),
    [
        (DT, {DT}, KHAN, [], False, True),
        (DT, {SW}, KHAN, [], False, False),
        (SW, {SW}, DOYLE, [], False, True),
        (DT, {"virtual_school_caseworker"}, HEAD, [], False, False),
        (DT, {"virtual_school_caseworker"}, HEAD, [], True, True),
        (SW, {"virtual_school_caseworker"}, HEAD, [], True, False),
        (DT, {DT}, KHAN, [signed(DT)], False, False),
        (SW, {SW, DT}, KHAN, [signed(DT)], False, False),  # different people
        (VS, {"virtual_school_head"}, HEAD, [signed(DT), signed(SW, user=DOYLE)], False, False),  # by checking only
    ],
)
def test_who_may_sign(step, roles, user, given, stands_in, allowed):
    state = signature_state(steps(), given, 7, ())
    assert (
        rules.may_sign_step(
            state.step(step), roles, user_id=user, state=state, different_people=True, stands_in=stands_in
        )
        is allowed
    )


@pytest.mark.parametrize(
    ("profile", "needed"),
    [("default", (VS,)), ("kent-2017", (VS,)), ("bolton-2021", ("virtual_school_head", "virtual_school_deputy"))],
)
def test_who_must_check(profile, needed):
    read = read_published(profile)
    assert rules.checks_needed(quality_policy(read.table("quality")).checkers, steps(profile)) == needed


@pytest.mark.parametrize(
    ("needed", "given", "roles", "found"),
    [
        ((VS,), (), {"virtual_school_caseworker"}, VS),
        ((VS,), (VS,), {"virtual_school_caseworker"}, None),
        ((VS,), (), {SW}, None),
        (("virtual_school_head", "virtual_school_deputy"), (), {"virtual_school_caseworker"}, None),
        (("virtual_school_head", "virtual_school_deputy"), ("virtual_school_head",), {"virtual_school_head"}, None),
        (
            ("virtual_school_head", "virtual_school_deputy"),
            ("virtual_school_head",),
            {"virtual_school_deputy"},
            "virtual_school_deputy",
        ),
    ],
)
def test_which_check_is_open_to_whom(needed, given, roles, found):
    assert rules.check_open_to(needed, given, roles) == found


@pytest.mark.parametrize("profile", PUBLISHED_NAMES)
def test_every_published_rubric_rolls_up(profile):
    policy = quality_policy(read_published(profile).table("quality"))
    best, worst = policy.grades[0].key, policy.grades[-1].key
    keys = [each.key for each in policy.criteria]
    assert policy.overall(dict.fromkeys(keys, best)).grade.key == best
    assert policy.overall(dict.fromkeys(keys, best) | {keys[0]: worst}).grade.key == worst
    with pytest.raises(ValueError, match="Not graded yet"):
        policy.overall(dict.fromkeys(keys[1:], best))


@pytest.mark.parametrize(
    ("change", "starts"),
    [
        ({}, ""),
        ({"check": None}, "Your council’s rules don’t ask"),
        ({"good_enough": False}, "The overall grade is developing"),
        ({"has_signed": True}, "You have signed this plan"),
        ({"has_signed": True, "different_people": False}, ""),
    ],
)
def test_why_somebody_cannot_approve(change, starts):
    asked = {
        "good_enough": True,
        "check": VS,
        "has_signed": False,
        "different_people": True,
        "minimum": "Good",
        "grade": "Developing",
    }
    said = rules.may_approve(**(asked | change))
    assert said.startswith(starts) if starts else said == ""


@pytest.mark.parametrize(
    ("ready", "today", "status"),
    [(10, 12, "met"), (15, 15, "met"), (16, 16, "met_late"), (None, 15, "due"), (None, 16, "late")],
)
def test_in_time_for_the_care_review(ready, today, status):
    on = date(2026, 11, ready) if ready else None
    assert rules.in_time(on, date(2026, 11, 15), date(2026, 11, today))[0] == status
