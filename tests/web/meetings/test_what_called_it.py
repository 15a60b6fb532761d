"""What called an extra plan decides its rule's words and who comes (R8, R43)."""

from __future__ import annotations

from datetime import date as D

import pytest

from children.models import ChangeKind, SignificantChange
from children.queries import team_of
from meetings.queries import date_rule, plan_facts
from peps.actions import open_pep
from tests import cast as stage
from tests.web.clock.doing import under

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("profile", "what", "change", "words"),
    [
        ("default", "enrolment", "school_change", "A change of school calls"),
        ("default", "placement", "placement_change", "A change of placement calls"),
        ("kent-2017", "change", "transition", "A transition calls"),
    ],
)
def test_a_plan_knows_the_change_that_called_it(cast, acting, profile, what, change, words):
    under(cast, profile)
    child, by = cast.children["amara"], acting(cast.data_officer)
    row = SignificantChange.objects.create(
        child=child, kind=ChangeKind.TRANSITION, on=D(2026, 10, 1), what="x", recorded_by=cast.caseworker, at=stage.NOW
    )
    pep = open_pep(
        child=child,
        episode=cast.episodes["amara"],
        kind="extra",
        cause=f"extra:{what}:{row.pk}",
        trigger_on=D(2026, 10, 1),
        by=by,
    )
    team = team_of(child, stage.TODAY)
    assert plan_facts(pep, team).change == change
    due = date_rule(pep, team).due
    assert due is not None and due.rule.startswith(words)


def test_a_plan_that_no_change_called_knows_none(cast, pep):
    assert plan_facts(pep, team_of(cast.children["amara"], stage.TODAY)).change == ""
