"""Pupil Premium Plus: what was asked for, and an append-only ledger of what became of it. Money is whole pence."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from pepportal.accounts.models import Authority, User
from peps.models import Pep
from targets.models import Target


class RequestState(models.TextChoices):
    REQUESTED = "requested", "Asked for"
    AGREED = "agreed", "Agreed"
    REFUSED = "refused", "Not agreed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class FundingRequest(models.Model):
    """Money asked for in one PEP, for named targets (R60)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pep = models.ForeignKey(Pep, on_delete=models.PROTECT, related_name="funding_requests")
    amount_pence = models.PositiveIntegerField()
    category = models.CharField(max_length=60)
    purpose = models.TextField()
    expected_impact = models.TextField(blank=True)
    targets = models.ManyToManyField(Target, through="RequestTarget", related_name="funding_requests")
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.REQUESTED)
    agreed_pence = models.PositiveIntegerField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)
    """Rises with every change, so that nobody agrees an amount that was changed under their eyes."""
    history = HistoricalRecords()

    class Meta:
        ordering = ["requested_at", "id"]
        constraints = [
            models.CheckConstraint(name="funding_request_asks_for_money", condition=Q(amount_pence__gt=0)),
            models.CheckConstraint(
                name="funding_decision_who_and_when",
                condition=Q(state__in=["requested", "withdrawn"], decided_by=None, decided_at=None)
                | Q(state__in=["agreed", "refused"], decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="funding_agreed_has_an_amount",
                condition=Q(state="agreed", agreed_pence__gt=0) | (~Q(state="agreed") & Q(agreed_pence=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"£{self.amount_pence / 100:.2f}"


class RequestTarget(models.Model):
    """Which target a request pays towards."""

    request = models.ForeignKey(FundingRequest, on_delete=models.CASCADE)
    target = models.ForeignKey(Target, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(name="request_names_a_target_once", fields=["request", "target"])]

    def __str__(self) -> str:
        return f"{self.request_id} for {self.target_id}"


class LedgerKind(models.TextChoices):
    ENTITLED = "entitled", "Earned by the finalised plan"
    HELD = "held", "Held"
    RELEASED = "released", "Released to the school"
    PAID = "paid", "Paid"


class LedgerEntry(models.Model):
    """One event in a request's money: append-only; entitlement, release and payment are three events (house, shapes)."""

    request = models.ForeignKey(FundingRequest, on_delete=models.PROTECT, related_name="ledger")
    kind = models.CharField(max_length=10, choices=LedgerKind.choices)
    amount_pence = models.PositiveIntegerField()
    financial_year = models.CharField(max_length=7)
    """ "2026/27", April to March: not the academic year."""
    reasons = models.JSONField(default=list)
    """Why it is held, or which conditions released it: sentences."""
    by_id = models.UUIDField(null=True)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="money_moves_once",
                fields=["request", "kind"],
                condition=Q(kind__in=["entitled", "released", "paid"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} £{self.amount_pence / 100:.2f}"


class EnteredScheme(models.Model):
    """What a virtual school pays in one financial year, for a council whose rules leave the figures to be entered each April."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="entered_schemes")
    financial_year = models.CharField(max_length=7)
    amount_pence = models.PositiveIntegerField("the most that one request may ask for")
    times_a_year = models.PositiveSmallIntegerField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="scheme_entered_once_a_year", fields=["authority", "financial_year"]),
            models.CheckConstraint(name="scheme_pays_something", condition=Q(amount_pence__gt=0, times_a_year__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.authority_id} {self.financial_year}"
