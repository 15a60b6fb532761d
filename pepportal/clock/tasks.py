from __future__ import annotations

from celery import shared_task

from children.models import Child
from pepportal.audit.acting import the_portal
from pepportal.clock import actions, chasing, opening
from pepportal.timekeeping import now


@shared_task
def sweep_marked() -> None:
    """Every few seconds: children whose facts changed."""
    actions.sync_marked(by=the_portal(now()))


@shared_task
def sweep_all() -> None:
    """Every night: everyone, so that nothing rests on a mark having been made."""
    by = the_portal(now())
    for child_id in Child.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=500):
        actions.sync_child(child_id, by=by)


@shared_task
def open_plans() -> None:
    """In the morning, and again through the day for what a night missed: plans whose time has come."""
    opening.open_due(by=the_portal(now()))


@shared_task
def roll_over() -> None:
    """Every morning: from 1 September plans in preparation follow their child into the next phase."""
    opening.roll_over(by=the_portal(now()))


@shared_task
def chase() -> None:
    """In the morning, and again through the day for what a night missed: reminders, and the ladder."""
    chasing.chase(by=the_portal(now()))
