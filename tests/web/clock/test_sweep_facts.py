"""What the clock knows about a child is the same for a page and for a sweep, and asked in as many queries for one as for many."""

from __future__ import annotations

from dataclasses import fields

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from children.models import Child
from children.queries import team_of
from pepportal.clock.facts import facts_for, facts_of
from pepportal.clock.rules import ChildFacts, derive
from tests.cast import TODAY
from tests.stage import set_stage

pytestmark = pytest.mark.django_db


def test_a_sweep_knows_of_each_child_what_its_page_knows(cast):
    set_stage(cast)
    cast.children["new"] = Child.objects.create(
        authority=cast.westmere, reference="WM-9001", given_name="New", family_name="Comer", sort_name="comer new",
        date_of_birth=TODAY.replace(year=2015), created_at="2026-10-06T08:00Z",
    )  # fmt: skip
    many = facts_for([child.pk for child in cast.children.values()], TODAY)
    for key, child in cast.children.items():
        one = facts_of(child, team_of(child, TODAY), TODAY)
        if one is None:
            assert (key, child.pk in many) == ("new", False)
            continue
        for each in fields(ChildFacts):
            if each.name != "calendars":
                assert getattr(many[child.pk], each.name) == getattr(one, each.name), (key, each.name)
        assert derive(many[child.pk]) == derive(one)


def test_as_many_queries_for_one_child_as_for_all(cast):
    set_stage(cast)
    everybody = [child.pk for child in cast.children.values()]
    facts_for(everybody, TODAY)  # published versions are read once a process
    asked = []
    for ids in (everybody[:1], everybody):
        with CaptureQueriesContext(connection) as caught:
            facts_for(ids, TODAY)
        asked.append(len(caught))
    assert asked == [7, 7]
