"""Where the council keeps its plans in a case system, putting the finished one there is owed, and written down when done."""

from __future__ import annotations

import pytest
from django.urls import reverse

from children.models import ChangeMark
from pepportal.audit.models import Event
from qa import actions
from qa.models import Delivery
from tests.cast import NOW
from tests.web.qa.stage import by, filled_plan, reading, signed_plan, use_profile

pytestmark = pytest.mark.django_db


def test_the_upload_is_owed_and_written_down(cast, client_as):
    """R72"""
    use_profile(cast, "kent-2017")
    pep = signed_plan(cast)
    actions.approve(pep, reading=reading(pep, "good"), by=by(cast.vs_head))
    owed = Delivery.objects.get(method="upload")
    assert (owed.to_name, owed.audience, owed.done_at) == ("The case system", "full", None)
    url = reverse("qa:posted", args=[owed.pk])
    client_as(cast.designated_teacher).post(url)
    owed.refresh_from_db()
    assert owed.done_at is None
    client_as(cast.data_officer).post(url)
    owed.refresh_from_db()
    assert (owed.done_by, owed.done_at is not None) == (cast.data_officer, True)
    assert Event.objects.filter(verb="put copy into the case system", child_id=pep.child_id).count() == 1


def test_no_upload_is_owed_where_the_council_names_no_case_system(cast):
    pep = signed_plan(cast)
    actions.approve(pep, reading=reading(pep), by=by(cast.vs_head))
    assert not Delivery.objects.filter(method="upload").exists()


@pytest.mark.parametrize(
    ("profile", "owners", "others"),
    [
        ("kent-2017", ("data_officer", "caseworker"), ("social_worker", "team_manager", "administrator", "iro")),
        ("bolton-2021", ("data_officer", "vs_head"), ("social_worker", "designated_teacher", "administrator")),
    ],
)
def test_whom_the_rules_name_writes_down_the_upload_and_nobody_else(cast, client_as, profile, owners, others):
    """R81"""
    use_profile(cast, profile)
    pep = filled_plan(cast)
    owed = Delivery.objects.create(pep=pep, audience="full", to_name="The case system", method="upload", owed_from=NOW)
    url, page = reverse("qa:posted", args=[owed.pk]), reverse("qa:copies", args=[pep.pk])
    for name in others:
        client = client_as(getattr(cast, name))
        client.post(url)
        assert url not in client.get(page).content.decode(), name
    owed.refresh_from_db()
    assert owed.done_at is None
    for name in owners:
        assert url in client_as(getattr(cast, name)).get(page).content.decode(), name
    ChangeMark.objects.all().delete()
    actions.mark_posted(owed, by=by(getattr(cast, owners[0])))
    owed.refresh_from_db()
    assert owed.done_by == getattr(cast, owners[0])
    assert ChangeMark.objects.get(child=pep.child).what == "copy sent", "the clock hears of it"
