"""Named grants: one person, one record, chosen abilities, a reason and an end date, on guardian's direct-key tables.

The concrete tables stand beside what they open (children.models.ChildGrant); the pages come with the access issue.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from guardian.models import UserObjectPermissionBase


class NamedGrant(UserObjectPermissionBase):
    """Base of a direct-key grant table: guardian's user, permission and content_object, and why and until when."""

    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    began_on = models.DateField()
    ended_on = models.DateField()

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True
