"""What the clock knows of a child's care, school and people, from the dated facts alone (R8, R17, R18, R35, R72)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as D
from datetime import datetime, timedelta

import pytest

from children import actions as care
from children.models import Allocation, CareEpisode, Child, Enrolment, Part
from meetings.queries import READS_THE_PLAN
from pepportal.accounts.models import Membership
from pepportal.audit.acting import LONDON
from pepportal.clock import published
from pepportal.clock.facts import facts_for
from pepportal.clock.rules import ChildFacts
from peps.models import Confirmation
from qa.models import Delivery
from tests import cast as stage
from tests import factories as f
from tests.web.clock.doing import arranged, opened, under

pytestmark = pytest.mark.django_db
TODAY = stage.TODAY


def known(child: Child, day: D = TODAY) -> ChildFacts:
    return facts_for([child.pk], day)[child.pk]


def born(child: Child, day: D) -> Child:
    Child.objects.filter(pk=child.pk).update(date_of_birth=day)
    return child


def test_without_a_social_worker_since_the_last_one_ended(cast, acting):
    amara, by = cast.children["amara"], acting(cast.data_officer)
    assert known(amara).unallocated_since is None
    held = Allocation.objects.get(child=amara, part=Part.SOCIAL_WORKER)
    care.end_allocation(allocation=held, ended_on=D(2026, 10, 20), by=by)
    assert known(amara, D(2026, 10, 19)).unallocated_since is None
    found = known(amara, D(2026, 10, 25))
    assert found.unallocated_since == D(2026, 10, 20) and "social_worker" not in found.holders


def test_a_closed_account_is_nobody_from_when_its_post_ended(cast):
    amara = cast.children["amara"]
    cast.social_worker.is_active = False
    cast.social_worker.save()
    Membership.objects.filter(user=cast.social_worker).update(ended_on=D(2026, 10, 9))
    assert known(amara, D(2026, 10, 20)).unallocated_since == D(2026, 10, 9)


def test_a_school_without_a_designated_teacher_since_the_last_one_left(cast):
    amara = cast.children["amara"]
    assert known(amara).no_teacher_since is None
    Membership.objects.filter(user=cast.designated_teacher).update(ended_on=D(2026, 10, 12))
    found = known(amara, D(2026, 10, 20))
    assert found.no_teacher_since == D(2026, 10, 12) and "designated_teacher" not in found.holders
    Membership.objects.filter(user=cast.designated_teacher).delete()
    assert (
        known(amara).no_teacher_since == cast.episodes["amara"].began_on
    )  # never one: since the child was looked after there


def test_too_old_for_the_primary_school_until_another_is_recorded(cast, acting):
    amara = born(cast.children["amara"], D(2015, 9, 1))  # Year 6 in 2026/27
    assert known(amara, D(2027, 8, 31)).outgrown_since is None
    assert known(amara, D(2027, 9, 1)).outgrown_since == known(amara, D(2028, 2, 1)).outgrown_since == D(2027, 9, 1)
    care.change_school(
        child=amara, school=cast.secondary, began_on=D(2027, 9, 6), by=acting(cast.data_officer)
    )  # fmt: skip
    assert known(amara, D(2027, 9, 1)).outgrown_since is None


def test_another_school_and_another_home_are_changes_and_the_first_ones_are_not(cast, acting):
    """R8"""
    amara, by = cast.children["amara"], acting(cast.data_officer)
    assert known(amara).changes == ()
    care.change_school(child=amara, school=cast.secondary, began_on=D(2026, 11, 2), by=by)
    care.change_placement(child=amara, kind="kinship", area="Westmere", began_on=D(2026, 11, 9), by=by)
    assert known(amara, D(2026, 11, 1)).changes == ()
    found = known(amara, D(2026, 11, 9)).changes
    assert [(each.kind, each.on) for each in found] == [
        ("school_change", D(2026, 11, 2)),
        ("placement_change", D(2026, 11, 9)),
    ]
    school = Enrolment.objects.get(child=amara, school=cast.secondary)
    assert found[0].key == f"enrolment:{school.pk}" and found[0].policy.name == "default"
    again = known(amara, D(2026, 11, 9))
    care.change_school(child=amara, school=cast.primary, began_on=D(2026, 11, 16), by=by)
    assert len(known(amara, D(2026, 11, 16)).changes) == len(again.changes) + 1


def test_the_first_school_of_a_child_who_had_none_is_a_change(cast, acting):
    skye = cast.children["skye"]
    care.change_school(child=skye, school=cast.secondary, began_on=TODAY, by=acting(cast.data_officer))
    assert [(each.kind, each.on) for each in known(skye).changes] == [("school_change", TODAY)]


def test_a_plan_is_owed_from_the_day_the_child_came_into_scope(cast):
    """R17: from three, and before school age only in a nursery or school."""
    skye = born(cast.children["skye"], D(2023, 10, 20))
    episode = cast.episodes["skye"]
    assert (known(skye, D(2026, 10, 25)).in_scope, known(skye, D(2026, 10, 25)).scope_from_on) == (False, None)
    f.EnrolmentFactory(child=skye, school=cast.primary, began_on=D(2026, 10, 12))
    assert not known(skye, D(2026, 10, 19)).in_scope
    found = known(skye, D(2026, 10, 25))
    assert found.in_scope and found.scope_from_on == D(2026, 10, 20) and found.entry_on == episode.began_on
    assert found.entry_policy.name == "default" and found.first_pep_by == "virtual_school"
    assert known(cast.children["amara"]).scope_from_on == cast.episodes["amara"].began_on


def test_short_breaks_and_the_end_of_care_put_a_child_out_of_scope(cast):
    """R17"""
    amara = cast.children["amara"]
    assert known(amara).in_scope
    CareEpisode.objects.filter(child=amara).update(short_breaks=True)
    assert not known(amara).in_scope
    CareEpisode.objects.filter(child=amara).update(short_breaks=False, ended_on=TODAY, end_reason="adopted")
    assert not known(amara).in_scope


def test_everybody_has_read_when_each_person_asked_has_said_so(cast, acting):
    """R35"""
    pep = opened(cast, acting(cast.data_officer))
    arranged(pep, D(2026, 10, 20), acting(cast.designated_teacher))
    rules = published.version_rules([pep.profile_version_id])[pep.profile_version_id]
    wanted = (*rules.policy.prepared_parts, "everyone_has_read", "right_form")
    published._RULES[pep.profile_version_id] = replace(rules, policy=replace(rules.policy, prepared_parts=wanted))
    try:
        readers = list(pep.meetings.get().invitations.filter(READS_THE_PLAN).values_list("user", flat=True))
        assert len(readers) > 1
        for number, user in enumerate(readers):
            assert known(pep.child).peps[0].parts_ready["everyone_has_read"] is None
            at = datetime(2026, 10, 7 + number, 23, 30, tzinfo=LONDON)
            Confirmation.objects.create(pep=pep, what="has_read", user_id=user, at=at)
        assert known(pep.child).peps[0].parts_ready["everyone_has_read"] == D(2026, 10, 7) + timedelta(
            days=len(readers) - 1
        )
        assert known(pep.child).peps[0].parts_ready["right_form"] is None
        Confirmation.objects.create(pep=pep, what="right_form", user=cast.social_worker, at=stage.NOW)
        assert known(pep.child).peps[0].parts_ready["right_form"] == TODAY
    finally:
        published._RULES[pep.profile_version_id] = rules


def test_a_copy_is_done_when_the_last_of_its_kind_is(cast, acting):
    """R72, R74"""
    under(cast, "default")
    pep = opened(cast, acting(cast.data_officer))
    asked = {copy.to: copy.done_on for copy in known(pep.child).peps[0].copies}
    assert asked == {"carer": None, "school_file": None}
    for name, done_at in (("Mrs H. Bright", stage.NOW), ("Mr Bright", None)):
        Delivery.objects.create(
            pep=pep, audience="carer", to_name=name, method="post", owed_from=stage.NOW, done_at=done_at
        )
    assert {copy.to: copy.done_on for copy in known(pep.child).peps[0].copies}["carer"] is None
    Delivery.objects.filter(to_name="Mr Bright").update(done_at=stage.NOW + timedelta(days=2))
    assert {copy.to: copy.done_on for copy in known(pep.child).peps[0].copies}["carer"] == TODAY + timedelta(days=2)
