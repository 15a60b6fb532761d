"""What is due, by when, whose job: an index of what the engine derives, and the memory of how it moved."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models

from children.models import Child
from pepportal.accounts.models import Organisation, User
from pepportal.profiles.models import ProfileVersion
from peps.models import Pep


class ObligationQuerySet(models.QuerySet["Obligation"]):
    def open(self) -> ObligationQuerySet:
        return self.filter(met_on=None, dropped_at=None)

    def due_before(self, day: date) -> ObligationQuerySet:
        return self.open().filter(due_on__lt=day)

    def soonest_first(self) -> ObligationQuerySet:
        return self.order_by("due_on", "id")


class Obligation(models.Model):
    """Something due by a day. Can be rebuilt from the facts at any time (pepportal.clock.actions.sync_child)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="obligations")
    pep = models.ForeignKey(Pep, null=True, blank=True, on_delete=models.CASCADE, related_name="obligations")
    key = models.CharField(max_length=120)
    """What it is about, once per child: "first_pep:<episode>", "completion:<pep>:social_worker"."""
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    holder_role = models.CharField(max_length=40)
    holder = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="obligations")
    """The person who holds the ball now; None: nobody is in that part, and the virtual school holds it."""
    holder_organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField()
    unit = models.CharField(max_length=10)
    starts_on = models.DateField()
    rule = models.CharField(max_length=300)
    profile_version = models.ForeignKey(
        ProfileVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """The published rules that gave the day: those in force on the day it is counted from. A newer version changes nothing here."""
    provisional = models.BooleanField(default=False)
    met_on = models.DateField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(name="obligation_once", fields=["child", "key"])]
        indexes = [
            models.Index(
                fields=["holder", "due_on"], condition=models.Q(met_on=None, dropped_at=None), name="obligation_owed"
            ),
            models.Index(fields=["child", "due_on"]),
            models.Index(
                fields=["due_on", "child"],
                condition=models.Q(met_on=None, dropped_at=None),
                name="obligation_open_by_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} due {self.due_on}"


class ObligationChange(models.Model):
    """How an obligation came to be and moved: append-only. Remembers the old day, the reason, who had been told."""

    obligation_key = models.CharField(max_length=120)
    child_id = models.UUIDField(db_index=True)
    what = models.CharField(max_length=20, choices=[("made", "Made"), ("moved", "Moved"), ("met", "Met"), ("dropped", "Dropped"),
                                                    ("passed", "Passed on")])  # fmt: skip
    old_due_on = models.DateField(null=True)
    new_due_on = models.DateField(null=True)
    reason = models.CharField(max_length=300)
    told = models.JSONField(default=list)
    """Names of those who had been told the old day."""
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.obligation_key} {self.what}"


class Chased(models.TextChoices):
    REMINDER = "reminder", "Reminded"
    ESCALATION = "escalation", "Escalated"
    BY_HAND = "by_hand", "Reminded by hand"


class Chase(models.Model):
    """Somebody was told about something due: append-only. The portal takes each step of a revision once, however often it runs."""

    child_id = models.UUIDField(db_index=True)
    obligation_key = models.CharField(max_length=120)
    revision = models.PositiveIntegerField()
    what = models.CharField(max_length=12, choices=Chased.choices)
    step = models.SmallIntegerField()
    """Days of the profile's unit before the due day (reminder) or after the day its ladder counts from (escalation)."""
    falls_on = models.DateField()
    """The day on which the step was due; ``at`` may be later, where a night was missed."""
    told = models.JSONField(default=list)
    """[[user id, name, role], …]; empty where nobody is in that part."""
    at = models.DateTimeField()
    by_label = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="chased_once_a_step",
                fields=["child_id", "obligation_key", "revision", "what", "step"],
                condition=~models.Q(what="by_hand"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.obligation_key}"


class Feed(models.Model):
    """A person's secret calendar address. Only its digest is kept; revoking it closes it for good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the secret in the address."""
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_open_feed_a_person", fields=["user"], condition=models.Q(revoked_at=None))
        ]

    def __str__(self) -> str:
        return f"calendar of {self.user_id}"
