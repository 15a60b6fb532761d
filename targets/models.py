"""SMART targets, and the SDQ scores that inform them. No SDQ item wording is kept anywhere."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from children.models import Child
from pepportal.accounts.models import User
from peps.models import Pep


class TargetKind(models.TextChoices):
    ACADEMIC = "academic", "Academic"
    SOCIAL_EMOTIONAL = "social_emotional", "Social and emotional"
    PERSONAL = "personal", "Personal development"
    OTHER = "other", "Other"


class Outcome(models.TextChoices):
    OPEN = "open", "Not reviewed yet"
    ACHIEVED = "achieved", "Achieved"
    PARTLY = "partly", "Partly achieved"
    NOT_ACHIEVED = "not_achieved", "Not achieved"


class Target(models.Model):
    """One SMART target (R50, R51). A draft until a teacher has confirmed it (R52)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pep = models.ForeignKey(Pep, on_delete=models.CASCADE, related_name="targets")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=TargetKind.choices)
    need = models.TextField(blank=True)
    outcome_wanted = models.TextField()
    """Specific: what the child will be able to do."""
    baseline = models.TextField()
    """Where the child is now."""
    measure = models.TextField()
    """Measurable: how everyone will know."""
    strategies = models.TextField()
    """What will be done, how often, where."""
    who = models.CharField(max_length=200)
    review_by = models.DateField()
    in_childs_words = models.TextField(blank=True)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    outcome = models.CharField(max_length=14, choices=Outcome.choices, default=Outcome.OPEN)
    impact = models.TextField(blank=True)
    reviewed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                name="target_confirmed_who_and_when",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="target_position_once", fields=["pep", "position"], condition=Q(withdrawn_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"Target {self.position}"


class Sdq(models.Model):
    """One Strengths and Difficulties Questionnaire score, entered from the paper form (R56; domain 3.7)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="sdqs")
    pep = models.ForeignKey(Pep, null=True, blank=True, on_delete=models.PROTECT, related_name="sdqs")
    informant = models.CharField(
        max_length=10, choices=[("teacher", "Teacher"), ("carer", "Carer"), ("self", "The child")]
    )
    version = models.CharField(max_length=10, default="T4-17")
    completed_on = models.DateField()
    completed_by = models.CharField(max_length=120)
    known_months = models.PositiveSmallIntegerField("months they have known the child", null=True, blank=True)
    paper_held = models.BooleanField()
    items = models.JSONField(null=True, blank=True)
    """Item number to 0, 1, 2 or null; None where only the scales were entered."""
    emotional = models.PositiveSmallIntegerField(null=True)
    conduct = models.PositiveSmallIntegerField(null=True)
    hyperactivity = models.PositiveSmallIntegerField(null=True)
    peer = models.PositiveSmallIntegerField(null=True)
    prosocial = models.PositiveSmallIntegerField(null=True)
    total = models.PositiveSmallIntegerField(null=True)
    needs_no_target_because = models.TextField(blank=True)
    """Where the score passes the local threshold and no target addresses it: why (R56)."""
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sdq_scales_in_range",
                condition=(Q(emotional=None) | Q(emotional__lte=10)) & (Q(conduct=None) | Q(conduct__lte=10))
                & (Q(hyperactivity=None) | Q(hyperactivity__lte=10)) & (Q(peer=None) | Q(peer__lte=10))
                & (Q(prosocial=None) | Q(prosocial__lte=10)) & (Q(total=None) | Q(total__lte=40)),
            ),
            models.UniqueConstraint(name="sdq_once_a_pep_and_informant", fields=["pep", "informant"]),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"SDQ {self.informant} {self.completed_on}"
