"""The PEP meeting: when, where, who was asked, who came, what was said."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from pepportal.accounts.models import User
from peps.models import Pep


class MeetingState(models.TextChoices):
    SCHEDULED = "scheduled", "Arranged"
    HELD = "held", "Held"
    CANCELLED = "cancelled", "Cancelled"


class Meeting(models.Model):
    """One meeting about one PEP. Moving it keeps the row and writes a MeetingMove; its .ics sequence rises."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pep = models.ForeignKey(Pep, on_delete=models.PROTECT, related_name="meetings")
    state = models.CharField(max_length=10, choices=MeetingState.choices, default=MeetingState.SCHEDULED)
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField("length in minutes", default=60)
    place = models.CharField(max_length=200)
    """Confidential: shown to invited people who may see the child, never in a subject line (R45)."""
    interim = models.BooleanField(default=False)
    """Held at the placement or virtual school because no school day is left before the due date."""
    date_reason = models.CharField(max_length=500, blank=True)
    """Why a date that the rules warn about was chosen (R10)."""
    chair = models.CharField(max_length=120, blank=True)
    organised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField(default=0)
    held_on = models.DateField(null=True, blank=True)
    overview = models.TextField(blank=True)
    child_took_part = models.TextField("how the child took part", blank=True)
    """Joined for the end, talked with the teacher before, agreed or changed the targets (R37)."""
    next_meeting_on = models.DateField(null=True, blank=True)
    next_meeting_reason = models.CharField(max_length=500, blank=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="meeting_held_has_its_day",
                condition=Q(state="held", held_on__isnull=False, recorded_by__isnull=False, recorded_at__isnull=False)
                | (~Q(state="held") & Q(held_on=None, recorded_by=None, recorded_at=None)),
            ),
            models.UniqueConstraint(name="one_arranged_meeting_a_pep", fields=["pep"], condition=Q(state="scheduled")),
        ]
        indexes = [models.Index(fields=["state", "starts_at"])]

    def __str__(self) -> str:
        return f"meeting {self.starts_at:%d %B %Y}"


class MeetingMove(models.Model):
    """A meeting was moved: from when, to when, why (R11). Append-only."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="moves")
    moved_from = models.DateTimeField()
    moved_to = models.DateTimeField()
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"moved to {self.moved_to:%d %B %Y}"


class Reply(models.TextChoices):
    NONE = "none", "No answer yet"
    YES = "yes", "Coming"
    NO = "no", "Can’t come"
    REPORT = "report", "Sends a report"


class Invitation(models.Model):
    """One person asked to one meeting, what they answered, whether they came (R40, R47)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="invitations")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="meeting_invitations")
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    part = models.CharField(max_length=60)
    """In what part they come: "Designated teacher", "Carer", "Educational psychologist"."""
    required = models.BooleanField(default=False)
    reply = models.CharField(max_length=8, choices=Reply.choices, default=Reply.NONE)
    replied_at = models.DateTimeField(null=True, blank=True)
    attended = models.BooleanField(null=True)
    absence_reason = models.CharField(max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="invited_once", fields=["meeting", "user"], condition=Q(user__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.part}"


class OtherKind(models.TextChoices):
    SCHOOL_REVIEW = "school_review", "Review at school"
    EHCP_REVIEW = "ehcp_review", "Annual review of the EHCP"
    TRANSITION = "transition", "Transition meeting"
    EXCLUSION = "exclusion", "Exclusion meeting"
    PROFESSIONALS = "professionals", "Professionals’ meeting"
    OTHER = "other", "Another meeting"


class OtherMeeting(models.Model):
    """Another meeting about the child's education, kept with the plan (R19): who came and what was decided."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pep = models.ForeignKey(Pep, on_delete=models.PROTECT, related_name="other_meetings")
    kind = models.CharField(max_length=20, choices=OtherKind.choices)
    on = models.DateField()
    who_came = models.TextField()
    summary = models.TextField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["-on", "-at"]
        indexes = [models.Index(fields=["pep", "on"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.on}"
