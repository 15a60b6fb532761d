from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q

from pepportal.accounts.models import Authority, User


class ProfileVersionQuerySet(models.QuerySet["ProfileVersion"]):
    def open_to(self, authority: Authority | None) -> ProfileVersionQuerySet:
        """Those shipped for all, and ``authority``'s own: another council's are not there."""
        return self.filter(Q(authority=None) | Q(authority=authority)) if authority else self.filter(authority=None)

    def in_force(self, name: Any, day: date, authority: Authority | None = None) -> ProfileVersion | None:
        """The version of ``name`` (a text, or an expression that gives one) that applies to ``authority`` on ``day``.

        The newest effective by then, the council's own before one shipped for all. Where none is effective yet, the
        oldest there is, a shipped one first: what was triggered before the oldest version goes by the oldest.
        """
        found = self.open_to(authority).filter(name=name)
        own_first, shipped_first = F("authority").desc(nulls_last=True), F("authority").asc(nulls_first=True)
        return (
            found.filter(effective_from__lte=day).order_by(own_first, "-effective_from", "-version").first()
            or found.order_by(shipped_first, "effective_from", "version").first()
        )


class ProfileVersion(models.Model):
    """Published rules as kept on a day. Never changed: a correction is a new version (R-profiles, house rule 2)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    authority = models.ForeignKey(Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """Whose own these are; None: shipped for every council that picks them."""
    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    effective_from = models.DateField()
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """Who published it in the browser; None: loaded by command."""
    reason = models.CharField(max_length=300, blank=True)
    """Why it takes effect before the day it was published."""

    objects = ProfileVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="profile_version_once", fields=["name", "version"], condition=Q(authority=None)
            ),
            models.UniqueConstraint(
                name="profile_version_once_a_council",
                fields=["authority", "name", "version"],
                condition=Q(authority__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class ChosenRules(models.Model):
    """A council's choice of rules from a day on. Only grows: whoever changes their mind chooses again."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    profile_name = models.CharField(max_length=60)
    effective_from = models.DateField()
    reason = models.CharField(max_length=300, blank=True)
    """Why it takes effect before the day it was chosen."""
    chosen_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["authority", "-effective_from"])]
        verbose_name_plural = "chosen rules"

    def __str__(self) -> str:
        return f"{self.profile_name} from {self.effective_from}"


class ProfileDraft(models.Model):
    """Rules that a council is working on: one at a time, changed table by table, gone when published or discarded."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    authority = models.OneToOneField(Authority, on_delete=models.PROTECT, related_name="+")
    based_on = models.ForeignKey(ProfileVersion, on_delete=models.PROTECT, related_name="+")
    document = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    """Rises with every save: a save names the one its page showed."""
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    """Who saved it last."""
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft after {self.based_on_id}"
