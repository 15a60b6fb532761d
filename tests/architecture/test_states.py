"""A plan's states: what may happen in each, said here once more in words, held against the table, the actions and the roles."""

from __future__ import annotations

from typing import Any

import pytest

from children.models import ChangeMark
from pepportal.access.roles import ROLES
from pepportal.access.vocabulary import May
from pepportal.audit.models import Event
from pepportal.profiles.queries import rules_of
from peps.actions import bring_about, open_pep
from peps.models import Pep
from peps.states import TABLE, WHO, WORDS, WRITABLE, NotPossible, PepEvent, PepState, after
from tests import cast as stage
from tests.architecture.test_access import read_table

HOLD, SUBMIT, RETURN, FINALISE, CLOSE = PepEvent
EXPECTED = {
    "preparing": {HOLD: "completing", CLOSE: "closed"},
    "completing": {SUBMIT: "submitted", CLOSE: "closed"},
    "submitted": {RETURN: "returned", FINALISE: "finalised", CLOSE: "closed"},
    "returned": {SUBMIT: "submitted", CLOSE: "closed"},
    "finalised": {},
    "closed": {},
}
PAIRS = [(state, event) for state in PepState for event in PepEvent]


def test_the_table_is_what_is_expected():
    assert {
        (PepState(state), event): PepState(to) for state, found in EXPECTED.items() for event, to in found.items()
    } == TABLE


def test_every_state_has_its_words_and_what_may_be_filled_in_is_not_over():
    assert set(WORDS) == set(PepState)
    assert {state for state, found in EXPECTED.items() if HOLD in found or SUBMIT in found} == {
        each.value for each in WRITABLE
    }


@pytest.mark.parametrize(("state", "event"), PAIRS)
def test_the_rule_allows_what_the_table_says(state, event):
    if (to := EXPECTED[state.value].get(event)) is not None:
        assert after(state.value, event) == to
        return
    with pytest.raises(NotPossible) as refused:
        after(state.value, event)
    assert (
        str(refused.value).endswith(".")
        and state.words.lower() in str(refused.value)
        and event.value in str(refused.value)
    )


@pytest.fixture
def pep(cast, acting) -> Pep:
    child, episode = cast.children["amara"], cast.episodes["amara"]
    return open_pep(child=child, episode=episode, kind="first", cause="first:x", trigger_on=episode.began_on,
                    by=acting(cast.data_officer))  # fmt: skip


def put_into(pep: Pep, state: PepState) -> None:
    """As if it had come there: the database asks for the moment of finalising."""
    moments = {"finalised_at": stage.NOW if state == PepState.FINALISED else None}
    Pep.objects.filter(pk=pep.pk).update(state=state.value, **moments)


def as_kept(pep: Pep) -> dict[str, Any]:
    return Pep.objects.filter(pk=pep.pk).values().get()


def written() -> tuple[int, int]:
    return Event.objects.count(), ChangeMark.objects.count()


def test_the_action_does_what_the_table_says_and_else_nothing(pep, cast, acting):
    by = acting(cast.vs_head)
    for state, event in PAIRS:
        put_into(pep, state)
        before, events = as_kept(pep), written()
        to = EXPECTED[state.value].get(event)
        if to is None:
            with pytest.raises(NotPossible):
                bring_about(Pep.objects.get(pk=pep.pk), event, by=by)
            assert (as_kept(pep), written()) == (before, events), (state, event)
            continue
        # Also where the page still holds the plan as it was before somebody else moved it.
        stale = Pep.objects.get(pk=pep.pk)
        stale.state = "closed"
        moved = bring_about(stale, event, by=by)
        assert as_kept(pep)["state"] == moved.state == to, (state, event)
        assert (Event.objects.count(), ChangeMark.objects.count()) == (events[0] + 1, events[1] + 1)
        assert Event.objects.latest("id").verb == event.value
        stamp = {SUBMIT: "submitted_at", FINALISE: "finalised_at", CLOSE: "closed_at"}.get(event)
        assert stamp is None or as_kept(pep)[stamp] == by.at


VERBS = {HOLD: May.ARRANGE_MEETING, RETURN: May.REVIEW_QUALITY, FINALISE: May.REVIEW_QUALITY, CLOSE: May.CHANGE_FACTS}


@pytest.mark.parametrize("event", VERBS)
def test_those_who_may_are_those_whose_roles_hold_the_verb(event):
    assert {role.value for role, about in ROLES.items() if VERBS[event] in about.may} == WHO[event]


def test_whoever_signs_last_submits(rules):
    """Those with the verb, and whom the councils' rules ask to sign besides; the virtual school's own signature checks."""
    from pepportal.profiles.models import ProfileVersion

    asked = {
        step["role"]
        for version in ProfileVersion.objects.all()
        for step in rules_of(version).table("signatures")["steps"]
    }
    roles = {role.value for role in ROLES}
    holders = {role.value for role, about in ROLES.items() if May.SIGN in about.may}
    assert holders <= WHO[SUBMIT] <= roles
    assert asked & roles <= WHO[SUBMIT], "a council asks somebody for a signature whom the table of states doesn't know"


@pytest.mark.parametrize(
    ("event", "row"), [(HOLD, "meetings:record"), (RETURN, "qa:quality, open"), (FINALISE, "qa:quality, open")]
)
def test_the_table_of_addresses_says_the_same(event, row):
    assert read_table()[row].may_send == WHO[event]
