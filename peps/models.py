"""The plan: its state, its sections, one answer a row, drafts that survive a time-out."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from children.models import CareEpisode, Child
from pepportal.accounts.models import User
from pepportal.profiles.models import ProfileVersion
from peps.states import PepState


class FormVersion(models.Model):
    """A form's shape as published: sections, owners, fields, panels. A PEP keeps the version it was opened with."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="form_version_once", fields=["key", "version"])]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class PepKind(models.TextChoices):
    FIRST = "first", "First PEP"
    REVIEW = "review", "Review"
    EXTRA = "extra", "Extra PEP"


class PepQuerySet(models.QuerySet["Pep"]):
    def open(self) -> PepQuerySet:
        return self.exclude(state__in=[PepState.FINALISED, PepState.CLOSED])

    def newest_first(self) -> PepQuerySet:
        return self.order_by("-opened_at", "-id")


class Pep(models.Model):
    """One Personal Education Plan: opened for a cause, filled in, met about, signed, checked and finalised."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="peps")
    episode = models.ForeignKey(CareEpisode, on_delete=models.PROTECT, related_name="peps")
    kind = models.CharField(max_length=10, choices=PepKind.choices)
    cause = models.CharField(max_length=120)
    """What opened it ("first:<episode>", "review:<pep>"): the same cause never opens two."""
    trigger_on = models.DateField()
    """The day its clock starts from: entry to care, the last meeting, the move."""
    term = models.CharField(max_length=30)
    """ "autumn 2026"."""
    profile_version = models.ForeignKey(ProfileVersion, on_delete=models.PROTECT)
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT)
    informal = models.BooleanField(default=False)
    """A progress review from the term's data, without a meeting of everybody; a concern makes it formal (R6)."""
    state = models.CharField(max_length=12, choices=PepState.choices(), default=PepState.PREPARING)
    revision = models.PositiveIntegerField(default=0)
    """Rises with every content write, from whichever room (peps.actions.touch)."""
    opened_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    finalised_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=200, blank=True)

    objects = PepQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pep_opened_once_a_cause", fields=["child", "cause"]),
            models.CheckConstraint(
                name="pep_finalised_has_its_moment",
                condition=Q(state="finalised", finalised_at__isnull=False)
                | (~Q(state="finalised") & Q(finalised_at=None)),
            ),
        ]
        indexes = [models.Index(fields=["child", "-opened_at"]), models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.term}"


class Confirmed(models.TextChoices):
    """What a person can confirm about a plan before its meeting (R30, R35)."""

    RIGHT_FORM = "right_form", "The right form is allocated"
    HAS_READ = "has_read", "I have read the plan"


class Confirmation(models.Model):
    """One person confirmed one thing about one plan. Append-only; the second time changes nothing."""

    pep = models.ForeignKey(Pep, on_delete=models.PROTECT, related_name="confirmations")
    what = models.CharField(max_length=20, choices=Confirmed.choices)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="confirmed_once", fields=["pep", "what", "user"])]

    def __str__(self) -> str:
        return f"{self.get_what_display()}, by {self.user_id}"


class Section(models.Model):
    """How far one section of one PEP is. What it asks stands in the form's document."""

    pep = models.ForeignKey(Pep, on_delete=models.CASCADE, related_name="sections")
    key = models.CharField(max_length=60)
    complete = models.BooleanField(default=False)
    completed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    completed_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="section_once_a_pep", fields=["pep", "key"]),
            models.CheckConstraint(
                name="section_completed_who_and_when",
                condition=Q(complete=False, completed_by=None, completed_at=None)
                | Q(complete=True, completed_by__isnull=False, completed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Answer(models.Model):
    """One field's value in one PEP. ``revision`` counts this answer's own changes: a save names the one it was based on."""

    pep = models.ForeignKey(Pep, on_delete=models.CASCADE, related_name="answers")
    field = models.CharField(max_length=80)
    value = models.JSONField(null=True)
    unknown_because = models.CharField(max_length=300, blank=True)
    """Why it can't be answered, instead of a typed "N/A"."""
    revision = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint(name="answer_once_a_field", fields=["pep", "field"])]

    def __str__(self) -> str:
        return self.field


class Draft(models.Model):
    """What somebody has typed into a section and not yet saved: kept on the server, theirs alone."""

    pep = models.ForeignKey(Pep, on_delete=models.CASCADE, related_name="drafts")
    section = models.CharField(max_length=60)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    values = models.JSONField()
    based_on = models.JSONField(default=dict)
    """Field id to the answer revision the page showed."""
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="draft_once_a_person", fields=["pep", "section", "user"])]

    def __str__(self) -> str:
        return f"{self.section} by {self.user_id}"
