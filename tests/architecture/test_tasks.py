"""Everything that the portal does by itself: it is there, it is rung for, and doing it twice is as good as once."""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core import mail

from pepportal.clock.models import Obligation
from pepportal.jobs import app
from pepportal.notify.models import Notice
from qa.models import Edition
from tests import cast as stage
from tests.stage import set_stage

app.loader.import_default_modules()
OURS = sorted(name for name in app.tasks if not name.startswith("celery."))
SCHEDULED = sorted(entry["task"] for entry in app.conf.beat_schedule.values())


def test_every_scheduled_task_is_registered_and_every_task_is_scheduled():
    assert OURS == SCHEDULED


@pytest.mark.parametrize("name", SCHEDULED)
def test_a_scheduled_task_is_where_its_name_says(name):
    module, function = name.rsplit(".", 1)
    assert getattr(importlib.import_module(module), function).name == name == app.tasks[name].name


def rows() -> dict[str, Any]:
    """How much there is of everything, and the words of what the tasks write."""
    counts: dict[str, Any] = {model._meta.label: model._base_manager.count() for model in apps.get_models()}
    owed = Obligation.objects.order_by("pk").values_list("pk", "due_on", "met_on", "dropped_at", "revision")
    made = Edition.objects.order_by("pk").values_list("pk", "work_state", "digest", "attempts")
    told = Notice.objects.order_by("pk").values_list("pk", "work_state", "sent_at", "attempts")
    return counts | {"owed": list(owed), "made": list(made), "told": list(told), "mail": len(mail.outbox)}


@pytest.mark.django_db
@pytest.mark.parametrize("name", SCHEDULED)
def test_with_nothing_there_nothing_happens(name, rules):
    before = rows()
    for _ in range(2):
        app.tasks[name].apply(throw=True)
    assert rows() == before


@pytest.mark.django_db
def test_on_the_stage_each_does_its_work_once(cast, settings):
    set_stage(cast, only=("amara",))
    settings.PORTAL_NOW = stage.NOW + timedelta(hours=2)  # when everything on the stage has been written
    asked = Edition.objects.exclude(work_state="done").count()
    owed = Notice.objects.filter(sent_at=None, work_state="owed")
    alone, daily = owed.filter(delivery="at_once").count(), owed.filter(delivery="digest").exists()
    assert asked and alone and daily
    for name in SCHEDULED:
        app.tasks[name].apply(throw=True)
    assert not Edition.objects.exclude(work_state="done").exists()
    assert not Notice.objects.filter(work_state="owed").exists()
    left = Notice.objects.filter(sent_at__isnull=False, delivery="at_once")
    assert len(mail.outbox) == left.count() and left.filter(kind="digest").exists()
    not_sent = Notice.objects.filter(work_state="done", sent_at=None)
    assert all(notice.last_error.startswith("Not sent: ") for notice in not_sent)  # about the child who has left care
    for name in SCHEDULED * 3:  # what one finds another takes up: a child without a plan, its plan, its reminders
        app.tasks[name].apply(throw=True)
    once = rows()
    for name in SCHEDULED:
        app.tasks[name].apply(throw=True)
    assert rows() == once
