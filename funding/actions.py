"""Writes of Pupil Premium Plus. Each holds the plan's row, then the child's, so that caps hold across a child's plans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from children.models import Child
from funding import notices, rules
from funding.models import EnteredScheme, FundingRequest, LedgerEntry, LedgerKind, RequestState, RequestTarget
from funding.queries import release_facts, scheme_of, taken_by
from pepportal.accounts.models import Authority
from pepportal.accounts.versions import keep
from pepportal.audit import actions as audit
from pepportal.audit.acting import Acting
from peps import actions as peps
from peps.models import Pep
from peps.states import NotPossible, PepState
from targets.models import Target
from targets.queries import closed_because


@dataclass(frozen=True)
class RequestValues:
    """What is asked for."""

    amount_pence: int
    category: str
    purpose: str
    expected_impact: str
    targets: tuple[UUID, ...]


@dataclass(frozen=True)
class Conflict:
    """Somebody changed the request since the page was shown: nothing was written. ``row`` is how it stands now."""

    row: FundingRequest
    who: str
    at: datetime


@transaction.atomic
def ask(pep: Pep, *, values: RequestValues, by: Acting) -> FundingRequest:
    """Asks for money for named targets of the plan (R60).

    Raises NotPossible, with the sentences, where the scheme doesn't allow it (R61, R62, R63), no target of this plan is
    named, or the plan is closed for writing.
    """
    held = _held(pep)
    _check_writable(held)
    named = _check(held, values, by)
    request = FundingRequest(
        pep=held, amount_pence=values.amount_pence, category=values.category, purpose=values.purpose,
        expected_impact=values.expected_impact, requested_by_id=by.user_id, requested_at=by.at,  # type: ignore[misc]
    )  # fmt: skip
    keep(request, by=by)
    _link(request, named)
    _written("ask for money", request, held, by)
    return request


@transaction.atomic
def amend(request: FundingRequest, *, values: RequestValues, based_on: int, by: Acting) -> FundingRequest | Conflict:
    """Changes what is asked for; what the virtual school had decided about it lapses. Answers Conflict, writing nothing,
    where somebody changed it since revision ``based_on``. Raises NotPossible as ``ask``."""
    held = _held(request.pep)
    _check_writable(held)
    now = _standing(request)
    if now.revision != based_on:
        return _conflict(now)
    named = _check(held, values, by, but=now.pk)
    now.amount_pence, now.category = values.amount_pence, values.category
    now.purpose, now.expected_impact = values.purpose, values.expected_impact
    _undecide(now, RequestState.REQUESTED)
    keep(now, by=by)
    _link(now, named)
    _written("amend a request for money", now, held, by)
    return now


@transaction.atomic
def withdraw(request: FundingRequest, *, by: Acting) -> FundingRequest:
    """Takes a request back; the row and its history stay."""
    held = _held(request.pep)
    _check_writable(held)
    now = FundingRequest.objects.select_for_update().get(pk=request.pk)
    if now.state != RequestState.WITHDRAWN:
        _undecide(now, RequestState.WITHDRAWN)
        keep(now, by=by)
        _written("withdraw a request for money", now, held, by)
    return now


@transaction.atomic
def decide(
    request: FundingRequest, *, agree: bool, pence: int | None, reason: str, based_on: int, by: Acting
) -> FundingRequest | Conflict:
    """The virtual school agrees an amount, at most what was asked for, or doesn't agree and says why (R64).

    Content of the plan doesn't change, so signatures stand. Answers Conflict where the request changed since the page was
    shown. Raises NotPossible where the plan is closed or the money was earned already.
    """
    held = _held(request.pep)
    if held.state == PepState.CLOSED:
        raise NotPossible("This plan is closed: nothing can be agreed for it.")
    now = _standing(request)
    if now.revision != based_on:
        return _conflict(now)
    if now.ledger.filter(kind=LedgerKind.ENTITLED).exists():
        raise NotPossible("The plan has earned this money: the decision can't be changed any more.")
    if agree and not (pence and pence <= now.amount_pence):
        raise NotPossible(f"Agree between £0.01 and {rules.pounds(now.amount_pence)}, which was asked for.")
    if not agree and not reason.strip():
        raise NotPossible("Say why it isn't agreed.")
    now.state = RequestState.AGREED if agree else RequestState.REFUSED
    now.agreed_pence = pence if agree else None
    now.decided_by_id, now.decided_at, now.decision_reason = by.user_id, by.at, reason
    now.revision += 1
    keep(now, by=by)
    audit.did(
        "agree money" if agree else "not agree money", now, by=by, child_id=held.child_id, fields=["agreed_pence"]
    )
    settle(held, by=by)
    return now


@transaction.atomic
def settle(pep: Pep, *, by: Acting, grade_reached: bool | None = None) -> tuple[LedgerEntry, ...]:
    """Moves the plan's agreed money as far as it can go, and answers the ledger entries it wrote.

    A finalised plan earns it (entitled); it is released where every condition holds, otherwise held with the reasons,
    written again only when they changed. Safe to call at any time, twice, or by two at once. ``grade_reached`` says whether
    the plan's grade is good enough, where the council's rules ask for one.
    """
    held = _held(pep)
    written: list[LedgerEntry] = []
    agreed = FundingRequest.objects.filter(pep=held, state=RequestState.AGREED)
    for request in agreed.order_by("requested_at", "id").prefetch_related("targets", "ledger"):
        kinds = {entry.kind for entry in request.ledger.all()}
        if LedgerKind.RELEASED in kinds:
            continue
        facts = release_facts(request, held, by.today, grade_reached)
        year = rules.financial_year(facts.on)
        if facts.finalised and LedgerKind.ENTITLED not in kinds:
            written.append(_enter(request, LedgerKind.ENTITLED, year, ["The plan is finalised."], held, by))
        release = rules.may_release(facts)
        if release.allowed:
            written.append(_enter(request, LedgerKind.RELEASED, year, list(release.reasons), held, by))
            notices.released(request, pep=held, by=by)
        elif list(release.reasons) != _last_reasons(request):
            written.append(_enter(request, LedgerKind.HELD, year, list(release.reasons), held, by))
    return tuple(written)


@transaction.atomic
def enter_scheme(
    authority: Authority, *, financial_year: str, amount_pence: int, times_a_year: int, by: Acting
) -> EnteredScheme:
    """Enters, or corrects, what the virtual school pays in a financial year; then moves the money that waited for it."""
    scheme = (
        EnteredScheme.objects.select_for_update().filter(authority=authority, financial_year=financial_year).first()
    )
    scheme = scheme or EnteredScheme(authority=authority, financial_year=financial_year)
    scheme.amount_pence, scheme.times_a_year = amount_pence, times_a_year
    scheme.entered_by_id, scheme.entered_at = by.user_id, by.at  # type: ignore[assignment]
    keep(scheme, by=by)
    audit.did("enter the funding scheme", scheme, by=by, fields=["amount_pence", "times_a_year"])
    waiting = FundingRequest.objects.filter(
        pep__child__authority=authority, pep__state=PepState.FINALISED, state=RequestState.AGREED
    ).exclude(ledger__kind=LedgerKind.RELEASED)
    for pep in Pep.objects.filter(pk__in=waiting.values("pep")).order_by("pk"):
        settle(pep, by=by)
    return scheme


# --- shared -----------------------------------------------------------------------------------------------------------


def _held(pep: Pep) -> Pep:
    held = Pep.objects.select_for_update(of=("self",)).select_related("profile_version", "form_version").get(pk=pep.pk)
    held.child = Child.objects.select_for_update(no_key=True).get(pk=held.child_id)
    return held


def _check_writable(pep: Pep) -> None:
    if closed := closed_because(pep, "funding"):
        raise NotPossible(closed)


def _standing(request: FundingRequest) -> FundingRequest:
    now = FundingRequest.objects.select_for_update().get(pk=request.pk)
    if now.state == RequestState.WITHDRAWN:
        raise NotPossible("Somebody withdrew this request while you were on the page.")
    return now


def _check(pep: Pep, values: RequestValues, by: Acting, but: UUID | None = None) -> list[Target]:
    """The targets named. Raises NotPossible with every sentence that stands against the request."""
    scheme = scheme_of(pep, by.today)
    verdicts = [
        rules.category_allowed(scheme, values.category),
        rules.within_cap(scheme, values.amount_pence, by.today, taken_by(pep.child_id, but=but)),
    ]
    against = [reason for verdict in verdicts for reason in verdict.against]
    named = list(Target.objects.filter(pep=pep, pk__in=values.targets, withdrawn_at=None))
    if len(named) != len(set(values.targets)) or (scheme.linked_to_targets and not named):
        against.append("Choose at least one target of this plan that the money pays towards.")
    if against:
        raise NotPossible(" ".join(against))
    return named


def _link(request: FundingRequest, named: Sequence[Target]) -> None:
    links = RequestTarget.objects.filter(request=request)
    links.exclude(target__in=named).delete()
    for target in named:
        RequestTarget.objects.get_or_create(request=request, target=target)


def _undecide(request: FundingRequest, state: RequestState) -> None:
    request.state, request.agreed_pence = state, None
    request.decided_by, request.decided_at, request.decision_reason = None, None, ""
    request.revision += 1


def _conflict(now: FundingRequest) -> Conflict:
    last = now.history.select_related("history_user").first()
    return Conflict(now, last.history_user.name if last.history_user else "Somebody", last.history_date)


def _last_reasons(request: FundingRequest) -> list[str] | None:
    entries: Iterable[LedgerEntry] = sorted(request.ledger.all(), key=lambda entry: entry.pk)
    return next((entry.reasons for entry in reversed(list(entries)) if entry.kind == LedgerKind.HELD), None)


def _enter(
    request: FundingRequest, kind: LedgerKind, year: str, reasons: list[str], pep: Pep, by: Acting
) -> LedgerEntry:
    entry = LedgerEntry.objects.create(
        request=request, kind=kind, amount_pence=request.agreed_pence or 0, financial_year=year, reasons=reasons,
        by_id=by.user_id, by_label=by.label, at=by.at,
    )  # fmt: skip
    audit.did(f"money {kind}", request, by=by, child_id=pep.child_id)
    return entry


def _written(verb: str, request: FundingRequest, pep: Pep, by: Acting) -> None:
    audit.did(verb, request, by=by, child_id=pep.child_id, fields=["amount_pence", "category", "purpose", "targets"])
    peps.touch(pep, by=by)
