from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from celery import shared_task

from pepportal.audit.acting import the_portal
from pepportal.clock import actions, chasing, opening
from pepportal.timekeeping import now

AT_A_TIME = 10_000
MARKED_AT_A_TIME = 200
MARKED_SECONDS = 8
"""How long one run goes on while marks are left: a publication marks thousands, and one changed child must not wait behind them."""


@shared_task
def sweep_marked() -> None:
    """Every few seconds: children whose facts changed, until none is left or the time is up."""
    until = now() + timedelta(seconds=MARKED_SECONDS)
    while actions.sync_marked(by=the_portal(now()), limit=MARKED_AT_A_TIME) >= MARKED_AT_A_TIME and now() < until:
        pass


@shared_task
def sweep_all(after: str = "") -> None:
    """Every night: everyone, so that nothing rests on a mark having been made. So many at a time, because a task that takes
    longer than the broker waits is given to a second worker (pepportal.jobs.celery); the next part is a task of its own."""
    swept = actions.sweep(by=the_portal(now()), after=UUID(after) if after else None, most=AT_A_TIME)
    if swept.last is not None:
        sweep_all.delay(after=str(swept.last))


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
