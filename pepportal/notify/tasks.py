"""Delivers owed notices: one commit a message, safe to run twice, alone or beside others."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.db import transaction

from pepportal.jobs.models import WorkState
from pepportal.notify.delivery import send
from pepportal.notify.models import Notice
from pepportal.timekeeping import now

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 8


def _claim() -> Notice | None:
    at = now()
    with transaction.atomic():
        notice = Notice.objects.claimable(at).select_for_update(skip_locked=True).order_by("not_before", "id").first()
        if notice is None:
            return None
        notice.work_state, notice.lease_until, notice.attempts = WorkState.DOING, at + LEASE, notice.attempts + 1
        notice.save(update_fields=["work_state", "lease_until", "attempts"])
        return notice


@shared_task
def deliver() -> None:
    """Sends every notice that is owed now. A failure waits longer each time, then is marked failed for somebody to look at."""
    while (notice := _claim()) is not None:
        try:
            send(notice)
        except OSError as error:  # smtplib's errors are OSErrors
            notice.last_error = str(error)[:300]
            notice.work_state = WorkState.OWED if notice.attempts < MOST_ATTEMPTS else WorkState.FAILED
            notice.not_before = now() + timedelta(minutes=2**notice.attempts)
        else:
            notice.work_state, notice.sent_at, notice.last_error = WorkState.DONE, now(), ""
        notice.lease_until = None
        notice.save(update_fields=["work_state", "sent_at", "last_error", "not_before", "lease_until"])
