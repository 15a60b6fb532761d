"""What leaves the building: signatures, the virtual school's review, editions for their readers, and who got which."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from pepportal.accounts.models import User
from pepportal.jobs.models import OwedWork, OwedWorkQuerySet
from peps.models import Pep


class SignatureQuerySet(models.QuerySet["Signature"]):
    def standing(self, pep: Pep) -> SignatureQuerySet:
        """Signatures at the plan's present revision: any later change voids the earlier ones, visibly."""
        return self.filter(pep=pep, revision=pep.revision)


class Signature(models.Model):
    """A person agreed to one revision of a plan, in a part. Append-only (R70)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pep = models.ForeignKey(Pep, on_delete=models.PROTECT, related_name="signatures")
    step = models.CharField(max_length=60)
    """The profile's step ("designated_teacher", "virtual_school")."""
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    statement = models.CharField(max_length=300)
    revision = models.PositiveIntegerField()
    at = models.DateTimeField()

    objects = SignatureQuerySet.as_manager()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(name="signed_once_a_revision", fields=["pep", "step", "revision", "user"]),
        ]

    def __str__(self) -> str:
        return f"{self.name} signed"


class Decision(models.TextChoices):
    RETURNED = "returned", "Returned for amendment"
    APPROVED = "approved", "Approved"


class Review(models.Model):
    """One reading of a submitted plan by one person of the virtual school: grades, feedback, decision."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pep = models.ForeignKey(Pep, on_delete=models.PROTECT, related_name="reviews")
    revision = models.PositiveIntegerField()
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    grades = models.JSONField()
    """Criterion key to grade key; wording and order stand in the profile version that the plan keeps."""
    comments = models.JSONField(default=dict)
    overall = models.CharField(max_length=40)
    feedback = models.TextField(blank=True)
    decision = models.CharField(max_length=10, choices=Decision.choices)
    return_reason = models.TextField(blank=True)
    sections_to_amend = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(
                name="review_return_gives_its_reason",
                condition=Q(decision="returned") & ~Q(return_reason="") | Q(decision="approved", return_reason=""),
            ),
            models.UniqueConstraint(name="reviewed_once_by_a_person", fields=["pep", "revision", "reviewer"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} by {self.reviewer}"


class Audience(models.TextChoices):
    FULL = "full", "Full record, for the case file"
    SCHOOL = "school", "School copy"
    IRO = "iro", "Copy for the care review"
    CARER = "carer", "Copy for the carer"
    CHILD = "child", "Copy for the child"


class EditionQuerySet(OwedWorkQuerySet):
    def ready(self) -> EditionQuerySet:
        return self.filter(work_state="done")


class Edition(OwedWork):
    """A rendered copy for one audience of one revision: owed work until a worker has rendered it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pep = models.ForeignKey(Pep, on_delete=models.PROTECT, related_name="editions")
    audience = models.CharField(max_length=10, choices=Audience.choices)
    revision = models.PositiveIntegerField()
    draft = models.BooleanField(default=False)
    """Made before finalising: says DRAFT on every page."""
    file = models.FileField(upload_to="editions/%Y/%m/", blank=True, max_length=200)
    digest = models.CharField(max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField(null=True)
    requested_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    rendered_at = models.DateTimeField(null=True, blank=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="edition_once_a_revision", fields=["pep", "audience", "revision", "draft"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_audience_display()}"


class Delivery(models.Model):
    """Somebody is to receive a copy: how, and when it was done (R72, R74)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pep = models.ForeignKey(Pep, on_delete=models.PROTECT, related_name="deliveries")
    audience = models.CharField(max_length=10, choices=Audience.choices)
    to_user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_name = models.CharField(max_length=120)
    method = models.CharField(
        max_length=10,
        choices=[("portal", "In the portal, told by e-mail"), ("post", "By post"), ("upload", "Into the case system")],
    )
    owed_from = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    first_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="delivered_once", fields=["pep", "audience", "to_name"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_audience_display()} to {self.to_name}"
