from __future__ import annotations

import uuid
from datetime import date

from django.db import models


class ProfileVersionQuerySet(models.QuerySet["ProfileVersion"]):
    def in_force(self, name: str, day: date) -> ProfileVersion | None:
        """The version of ``name`` that applies on ``day``: the newest effective by then, or else the oldest there is."""
        return (
            self.filter(name=name, effective_from__lte=day).order_by("-effective_from", "-version").first()
            or self.filter(name=name).order_by("effective_from", "version").first()
        )


class ProfileVersion(models.Model):
    """A council's published rules as loaded on a day. Never changed: a correction is a new version (R-profiles, house rule 2)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    effective_from = models.DateField()
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    objects = ProfileVersionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(name="profile_version_once", fields=["name", "version"])]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"
