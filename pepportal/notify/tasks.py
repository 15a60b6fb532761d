"""Delivers owed notices: one commit a message, safe to run twice, alone or beside others. And writes the daily e-mails."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from django.db import transaction

from pepportal.audit.acting import the_portal
from pepportal.jobs.models import WorkState
from pepportal.notify import actions, queries, rules
from pepportal.notify.delivery import send
from pepportal.notify.models import Notice
from pepportal.timekeeping import now

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 8


def _claim() -> Notice | None:
    at = now()
    with transaction.atomic():
        notice: Notice | None = (
            Notice.objects.to_send(at)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("person", "in_place_of")
            .order_by("not_before", "id")
            .first()
        )
        if notice is None:
            return None
        notice.work_state, notice.lease_until, notice.attempts = WorkState.DOING, at + LEASE, notice.attempts + 1
        notice.save(update_fields=["work_state", "lease_until", "attempts"])
        return notice


def _deliver_one(notice: Notice) -> None:
    by = the_portal(now())
    if notice.attempts > MOST_ATTEMPTS:  # each worker that took it up has died of it
        actions.not_taken(notice, rules.Refusal(True, "It was taken up and never finished"), most=MOST_ATTEMPTS, by=by)
        return
    try:
        if not actions.may_leave(notice, by=by):
            return
        send(notice)
    except Exception as error:  # whatever one message does, the next is delivered
        actions.not_taken(notice, rules.refusal_of(error), most=MOST_ATTEMPTS, by=the_portal(now()))
    else:
        actions.sent(notice, by=the_portal(now()))


@shared_task
def deliver() -> None:
    """Sends every notice that is owed now. A failure waits longer each time, then is marked failed for somebody to look at.

    A worker that dies between sending and writing that down leaves its lease: when that has run out, the notice is sent again with the
    same Message-ID.
    """
    while (notice := _claim()) is not None:
        _deliver_one(notice)


@shared_task
def send_digests() -> None:
    """Writes the daily e-mail of everybody whose hour has come today and who had none today, and delivers them.

    Late, twice or on two machines at once: one e-mail a person and day. A missed hour is made good the same day, else the next.
    """
    by = the_portal(now())
    for notice_id in queries.waiting_for_somebody_else(by.today):
        actions.readdress_waiting(notice_id, by=by)
    for user in queries.closed_with_something_waiting():
        actions.settle_waiting(user, by=by)
    for user in queries.daily_emails_due(by.at):
        try:
            actions.write_digest(user, by=by)
        except Exception:  # one person's must not keep everybody else's back; ten minutes on it is tried again
            log.exception("The daily email of %s could not be written.", user.pk)
    deliver()
