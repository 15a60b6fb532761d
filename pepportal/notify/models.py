"""Messages owed, written with the event that causes them and delivered afterwards."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from pepportal.jobs.models import OwedWork, OwedWorkQuerySet


class NoticeQuerySet(OwedWorkQuerySet):
    def for_person(self, user_id: object) -> NoticeQuerySet:
        return self.filter(person_id=user_id)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)


class Notice(OwedWork):
    """One message to one person. Subject and body name no child; what the reader may see is behind the link (R46)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    address = models.EmailField(blank=True)
    """For somebody invited who has no account; otherwise the person's own address at the time of sending."""
    key = models.CharField(max_length=200, unique=True)
    """(kind, person, subject, revision): the same event never writes twice. Also the Message-ID."""
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    link = models.CharField(max_length=300, blank=True)
    screen_text = models.CharField(max_length=300, blank=True)
    """What the notice list inside the portal says; may name the child, since only the signed-in reader sees it there."""
    child_id = models.UUIDField(null=True)
    calendar_file = models.TextField(blank=True)
    """The invitation's .ics, where there is one."""
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["work_state", "not_before"]),
            models.Index(fields=["person", "-created_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="notice_has_somebody_to_go_to",
                condition=models.Q(person__isnull=False) | ~models.Q(address=""),
            )
        ]

    def __str__(self) -> str:
        return self.subject


class MailboxMessage(models.Model):
    """A message as the demonstration's mailbox received it (MailboxBackend); real mail servers leave this table empty."""

    message_id = models.CharField(max_length=250)
    recipient = models.EmailField()
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    calendar_file = models.TextField(blank=True)
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-received_at"]), models.Index(fields=["recipient"])]

    def __str__(self) -> str:
        return f"{self.subject} to {self.recipient}"
