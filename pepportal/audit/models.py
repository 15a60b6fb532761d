"""Append-only events: who did, who saw. Plain ids and no foreign keys, so that a purge elsewhere never touches the record.

Texts, addresses and answers never go in: verbs, ids, field names and digests only.
"""

from __future__ import annotations

from django.db import models


class Kind(models.TextChoices):
    DID = "did", "Did"
    SAW = "saw", "Saw"
    REFUSED = "refused", "Was refused"
    SIGNED_IN = "signed_in", "Signed in"


class EventQuerySet(models.QuerySet["Event"]):
    def about_child(self, child_id: object) -> EventQuerySet:
        return self.filter(models.Q(child_id=child_id) | models.Q(children__contains=[str(child_id)]))

    def newest_first(self) -> EventQuerySet:
        return self.order_by("-id")


class Event(models.Model):
    """One thing done or seen. Rows refuse UPDATE, DELETE and TRUNCATE by trigger."""

    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    verb = models.CharField(max_length=60)
    actor_id = models.UUIDField(null=True, db_index=True)
    actor_label = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    child_id = models.UUIDField(null=True, db_index=True)
    children = models.JSONField(default=list)
    """For a list page: the ids of the children shown."""
    fields = models.JSONField(default=list)
    """Names of the fields changed or shown, never their content."""
    reason = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=40, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id"])]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.verb} {self.subject_type} {self.subject_id}"
