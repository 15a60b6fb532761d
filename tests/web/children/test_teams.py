"""The team around many children is the team around each of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from children.queries import team_of, teams_of
from pepportal.accounts.models import Membership
from tests import cast as stage
from tests import factories as f

pytestmark = pytest.mark.django_db


def test_the_same_people_for_many_children_as_for_each(cast):
    f.MembershipFactory(
        user=f.UserFactory(name="Mr A. Second"), organisation=cast.primary.organisation, role="designated_teacher"
    )
    f.MembershipFactory(
        user=f.UserFactory(name="Ms B. Later"), organisation=cast.team, role="team_manager", began_on=stage.TODAY
    )
    f.AllocationFactory(child=cast.children["amara"], user=cast.caseworker, part="virtual_school_caseworker")
    children = list(cast.children.values())
    for day in (stage.TODAY, stage.TODAY - timedelta(days=200), stage.TODAY + timedelta(days=30)):
        assert teams_of(children, day) == {child.pk: team_of(child, day) for child in children}
    cast.social_worker.is_active = False
    cast.social_worker.save()
    Membership.objects.filter(user=cast.vs_head).update(ended_on=stage.TODAY)
    assert teams_of(children, stage.TODAY) == {child.pk: team_of(child, stage.TODAY) for child in children}


def test_in_five_queries_however_many(cast, django_assert_num_queries):
    with django_assert_num_queries(5):
        teams_of(list(cast.children.values()), stage.TODAY)
    assert teams_of([], stage.TODAY) == {}
