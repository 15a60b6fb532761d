"""What the demonstration's past has already done: old messages lie in the mailbox, new ones and copies wait for the workers."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F

from pepportal.jobs.models import WorkState
from pepportal.notify.models import MailboxMessage, Notice
from peps.models import Pep
from qa.models import Delivery, Edition


def deliver_old(*, before: datetime) -> None:
    """Messages older than a week were delivered when they were written, and those of a fortnight ago have been read."""
    host = settings.PORTAL_ADDRESS.split("//")[-1].split(":")[0]
    old = Notice.objects.filter(created_at__lt=before, work_state=WorkState.OWED)
    MailboxMessage.objects.bulk_create(
        (
            MailboxMessage(
                message_id=f"<{notice.pk}@{host}>", recipient=notice.person.email if notice.person else notice.address,
                subject=notice.subject, text=notice.text, html=notice.html, calendar_file=notice.calendar_file,
                received_at=notice.created_at,
            )
            for notice in old.select_related("person").order_by("created_at", "id")
        ),
        batch_size=500,
    )  # fmt: skip
    read = before - timedelta(days=7)
    Notice.objects.filter(created_at__lt=read, read_at=None).update(read_at=F("created_at") + timedelta(hours=20))
    old.update(work_state=WorkState.DONE, sent_at=F("created_at"), attempts=1)


def copies_were_there(at: datetime) -> None:
    """In the past the workers made a plan's copies within minutes of its being finalised: whoever reads theirs in the portal had it
    then. The files themselves are still made, newest plan first."""
    Delivery.objects.filter(method="portal", done_at=None, owed_from__lt=at - timedelta(hours=1)).update(
        done_at=F("owed_from") + timedelta(minutes=3)
    )


def newest_copies_first(at: datetime) -> None:
    """The copies of finalised plans are owed still; workers take the earliest first, so the newest plan's get the earliest time."""
    newest = Pep.objects.filter(editions__isnull=False).order_by("-finalised_at").values_list("pk", flat=True)
    finalised = list(dict.fromkeys(newest))
    for place, pep in enumerate(finalised):
        Edition.objects.filter(pep=pep, work_state=WorkState.OWED).update(
            not_before=at - timedelta(minutes=len(finalised) - place)
        )
