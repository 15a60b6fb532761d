"""Keys that make a double tap do a thing once, and forms kept for somebody who was signed out while typing."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class OnceKey(models.Model):
    """A form that has been acted on, and where it led. Written in the transaction of the act."""

    key = models.UUIDField(primary_key=True)
    user_id = models.UUIDField()
    path = models.CharField(max_length=400)
    led_to = models.CharField(max_length=600, blank=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.path} {self.key}"


class HeldForm(models.Model):
    """What somebody typed into a form that was sent after their session had ended: kept until they are back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    path = models.CharField(max_length=400)
    fields = models.JSONField()
    """Field name to list of values; files can't be kept and the page says so."""
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.path} kept for {self.user_id}"


class WorkState(models.TextChoices):
    OWED = "owed", "Waiting"
    DOING = "doing", "In progress"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class OwedWorkQuerySet(models.QuerySet):
    def claimable(self, at: object) -> models.QuerySet:
        """Rows nobody holds, or whose holder's lease ran out; lock them with ``claim``."""
        return self.filter(
            models.Q(work_state=WorkState.OWED, not_before__lte=at)
            | models.Q(work_state=WorkState.DOING, lease_until__lt=at)
        )


class OwedWork(models.Model):
    """A row that some worker must do: safe to run twice and to take up again after a crash."""

    work_state = models.CharField(max_length=8, choices=WorkState.choices, default=WorkState.OWED)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True
