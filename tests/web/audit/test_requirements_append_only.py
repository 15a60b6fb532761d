"""What only grows: the database itself refuses to change or forget it, whoever asks."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from pepportal.accounts.versions import keep
from pepportal.audit import actions as audit
from pepportal.audit.models import Event
from pepportal.clock.actions import sync_child
from pepportal.clock.models import ObligationChange
from pepportal.profiles.models import ProfileVersion
from peps.actions import open_pep
from peps.models import FormVersion

pytestmark = pytest.mark.django_db


def refuses(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone()[0], f"there is nothing in {table}"
        for order in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                cursor.execute(order)


def test_the_record_of_who_did_and_who_saw(cast, acting):
    audit.did("try", cast.children["amara"], by=acting(cast.social_worker), child_id=cast.children["amara"].pk)
    refuses("audit_event")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Event.objects.update(reason="other words")


def test_the_rules_and_the_forms_a_plan_was_made_under(rules):
    for model in (ProfileVersion, FormVersion):
        refuses(model._meta.db_table)


def test_what_was_due_before(cast, acting):
    child, episode = cast.children["amara"], cast.episodes["amara"]
    by = acting(cast.data_officer)
    open_pep(child=child, episode=episode, kind="first", cause="first:x", trigger_on=episode.began_on, by=by)
    assert sync_child(child.pk, by=by) > 0
    assert sync_child(child.pk, by=by) == 0
    assert ObligationChange.objects.filter(child_id=child.pk, what="made").exists()
    refuses("clock_obligationchange")


def test_a_saved_row_keeps_its_versions_with_author(cast, acting):
    placement = cast.children["amara"].placements.get()
    placement.area = "Elsewhere"
    keep(placement, by=acting(cast.data_officer), reason="moved")
    last = apps.get_model("children", "Placement").history.filter(id=placement.pk).order_by("-history_id").first()
    assert (last.history_user_id, last.area, last.history_change_reason) == (cast.data_officer.pk, "Elsewhere", "moved")
