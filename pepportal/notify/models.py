"""Messages owed, written with the event that causes them and delivered afterwards."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from pepportal.jobs.models import OwedWork, OwedWorkQuerySet, WorkState


class Delivery(models.TextChoices):
    AT_ONCE = "at_once", "An email of its own, at once"
    DIGEST = "digest", "In the daily email"


DIGEST = "digest"
"""The kind of the daily e-mail itself. It carries notices and is none of its own: nobody reads it on their list."""


class NoticeQuerySet(OwedWorkQuerySet):
    def for_person(self, user_id: object) -> NoticeQuerySet:
        """What reached a person, their own or somebody's whom they cover."""
        return self.filter(person_id=user_id).exclude(kind=DIGEST)

    def on_the_list_of(self, user_id: object) -> NoticeQuerySet:
        """What reached a person, and what was theirs and went to their cover: they find it when they are back."""
        return self.filter(models.Q(person_id=user_id) | models.Q(in_place_of_id=user_id)).exclude(kind=DIGEST)

    def to_send(self, at: object) -> models.QuerySet:
        """What a worker may take up now: what waits for a daily e-mail leaves with that."""
        return self.claimable(at).filter(delivery=Delivery.AT_ONCE)

    def waiting(self) -> NoticeQuerySet:
        """What goes with somebody's next daily e-mail."""
        return self.filter(delivery=Delivery.DIGEST, work_state=WorkState.OWED)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)


class Notice(OwedWork):
    """One message to one person. Subject and body name no child; what the reader may see is behind the link (R46)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    in_place_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """For whom it was, where ``person`` covers for them."""
    address = models.EmailField(blank=True)
    """For somebody invited who has no account; otherwise the person's own address at the time of sending."""
    key = models.CharField(max_length=200, unique=True)
    """(kind, person for whom it was, subject, revision): the same event never writes twice."""
    delivery = models.CharField(max_length=8, choices=Delivery.choices, default=Delivery.AT_ONCE)
    urgent = models.BooleanField(default=False)
    """Its own e-mail at once, whatever the reader has chosen."""
    digest = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="carried")
    """The daily e-mail with which it left."""
    due_on = models.DateField(null=True, blank=True)
    """By when it asks for something; the daily e-mail has the most pressing first."""
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    lines = models.JSONField(default=list)
    """The lines and the link's words that ``text`` and ``html`` were written from, to write them again for a cover."""
    link_text = models.CharField(max_length=120, blank=True)
    link = models.CharField(max_length=300, blank=True)
    screen_text = models.CharField(max_length=300, blank=True)
    """What the notice list inside the portal says; may name the child, since only the signed-in reader sees it there."""
    child_id = models.UUIDField(null=True)
    calendar_file = models.TextField(blank=True)
    """The invitation's .ics, where there is one."""
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    told_otherwise = models.CharField(max_length=300, blank=True)
    """How somebody was told whom the e-mail did not reach, in the words of who told them."""

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=models.Q(delivery="at_once", work_state__in=["owed", "doing"]),
                name="notice_to_send",
            ),
            models.Index(
                fields=["person"], condition=models.Q(delivery="digest", work_state="owed"), name="notice_waiting"
            ),
            models.Index(fields=["created_at"], condition=models.Q(work_state="failed"), name="notice_undelivered"),
            models.Index(fields=["person", "-created_at"]),
            models.Index(fields=["child_id", "-created_at"], name="notice_about_a_child"),
        ]
        constraints = [
            models.CheckConstraint(
                name="notice_has_somebody_to_go_to",
                condition=models.Q(person__isnull=False) | ~models.Q(address=""),
            ),
            models.CheckConstraint(
                name="notice_in_a_digest_is_a_persons",
                condition=models.Q(delivery="at_once") | models.Q(person__isnull=False),
            ),
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
