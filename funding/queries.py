"""Reads of Pupil Premium Plus: one plan's requests, and an authority's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Case, CharField, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from children.models import Enrolment
from funding import rules
from funding.models import EnteredScheme, FundingRequest, LedgerEntry, LedgerKind, RequestState, RequestTarget
from funding.policy import FundingPolicy, funding_policy
from pepportal.accounts.models import Authority
from pepportal.audit.acting import LONDON
from pepportal.profiles.queries import rules_of
from peps.models import Pep
from peps.panels import PanelStatus
from peps.states import PepState
from targets.models import Target
from targets.queries import targets_of

COUNTING = (RequestState.REQUESTED, RequestState.AGREED)


def scheme_of(pep: Pep, on: date) -> FundingPolicy:
    """The scheme of the rules that the plan was opened under; where they leave the figures to be entered each April, with
    those that the virtual school entered for the financial year of ``on``. ``pep.child`` must be at hand."""
    return _with_entered(funding_policy(rules_of(pep.profile_version).table("funding")), pep.child.authority_id, on)


def _with_entered(policy: FundingPolicy, authority_id: UUID, on: date) -> FundingPolicy:
    if policy.scheme != "to_be_entered":
        return policy
    entered = EnteredScheme.objects.filter(authority=authority_id, financial_year=rules.financial_year(on)).first()
    if entered is None:
        return policy
    return replace(
        policy,
        scheme="per_request",
        year="financial",
        amount_pence=entered.amount_pence,
        times_a_year=entered.times_a_year,
    )


def entered_scheme(authority: Authority, financial_year: str) -> EnteredScheme | None:
    return EnteredScheme.objects.filter(authority=authority, financial_year=financial_year).first()


def requests_of(pep: Pep) -> list[FundingRequest]:
    """The plan's requests with their targets and ledger, oldest first. 3 queries."""
    return list(
        FundingRequest.objects.filter(pep=pep)
        .select_related("requested_by", "decided_by")
        .prefetch_related(Prefetch("targets", Target.objects.order_by("position")), "ledger")
        .order_by("requested_at", "id")
    )


def taken_by(
    child_id: UUID, *, but: UUID | None = None, before: FundingRequest | None = None
) -> tuple[rules.Taken, ...]:
    """The child's other requests that count against the scheme, all of them or only those asked for ``before`` one. A
    request counts on the day its plan earned it, until then on the day it was asked for."""
    earned = LedgerEntry.objects.filter(request=OuterRef("pk"), kind=LedgerKind.ENTITLED).values("at")
    found = FundingRequest.objects.filter(pep__child=child_id, state__in=COUNTING).exclude(pep__state=PepState.CLOSED)
    if but is not None:
        found = found.exclude(pk=but)
    if before is not None:
        found = found.filter(
            Q(requested_at__lt=before.requested_at) | Q(requested_at=before.requested_at, pk__lt=before.pk)
        )
    rows = found.annotate(
        on=Coalesce(Subquery(earned), F("requested_at")), pence=Coalesce("agreed_pence", "amount_pence")
    )
    return tuple(rules.Taken(pence, _day(on)) for pence, on in rows.values_list("pence", "on"))


def _day(at: datetime) -> date:
    return at.astimezone(LONDON).date()


def earned_on(request: FundingRequest, today: date) -> date:
    """The day the money counts on: when its plan earned it, or else today."""
    entry = next((each for each in request.ledger.all() if each.kind == LedgerKind.ENTITLED), None)
    return _day(entry.at) if entry else today


def release_facts(
    request: FundingRequest, pep: Pep, today: date, grade_reached: bool | None = None
) -> rules.ReleaseFacts:
    """What decides about releasing one request's money. ``request`` comes with its targets and ledger."""
    on = earned_on(request, today)
    return rules.ReleaseFacts(
        scheme=scheme_of(pep, on),
        pence=request.agreed_pence or request.amount_pence,
        category=request.category,
        on=on,
        finalised=pep.state == PepState.FINALISED,
        agreed=request.state == RequestState.AGREED,
        confirmed_targets=sum(stands(each) and each.confirmed_at is not None for each in request.targets.all()),
        others=taken_by(pep.child_id, but=request.pk, before=request),
        grade_reached=grade_reached,
    )


def stands(target: Target) -> bool:
    return target.withdrawn_at is None


def panel_status(pep: Pep) -> PanelStatus:
    """How far the plan's money is: asking for none is complete. One query."""
    paid_towards = RequestTarget.objects.filter(request=OuterRef("pk"), target__withdrawn_at=None)
    live = list(
        FundingRequest.objects.filter(pep=pep, state__in=COUNTING)
        .annotate(has_a_target=Exists(paid_towards))
        .order_by("requested_at", "id")
    )
    linked = funding_policy(rules_of(pep.profile_version).table("funding")).linked_to_targets
    loose = [each.amount_pence for each in live if linked and not each.has_a_target]
    total = sum(each.amount_pence for each in live)
    hint = f"{rules.pounds(total)} asked for" if live else "No money is asked for"
    return PanelStatus(started=bool(live), missing=rules.missing(loose), hint=hint)


def target_choices(pep: Pep) -> list[tuple[str, str]]:
    """The plan's targets as answers, by the number people call them."""
    return [(str(each.pk), f"Target {n}: {each.outcome_wanted}") for n, each in enumerate(targets_of(pep), 1)]


# --- the authority's list ---------------------------------------------------------------------------------------------

STAGES = {
    "requested": "Asked for, not decided",
    "held": "Agreed, held",
    "released": "Released",
    "refused": "Not agreed",
    "withdrawn": "Withdrawn",
}
SORTS = {
    "child": ("pep__child__sort_name", "requested_at", "pk"),
    "asked": ("amount_pence", "pk"),
    "when": ("requested_at", "pk"),
}


@dataclass(frozen=True)
class Totals:
    requests: int
    asked: int
    agreed: int
    held: int
    released: int


def money_of(authorities: Iterable[UUID], today: date) -> QuerySet[FundingRequest]:
    """Every request for these authorities' children, each knowing its ``stage``, why it is held, and the child's school."""
    entries = LedgerEntry.objects.filter(request=OuterRef("pk"))
    school = Enrolment.objects.filter(child=OuterRef("pep__child")).current(today)
    return (
        FundingRequest.objects.filter(pep__child__authority__in=list(authorities))
        .select_related("pep__child")
        .annotate(
            is_released=Exists(entries.filter(kind=LedgerKind.RELEASED)),
            school=Subquery(school.values("school__organisation__name")[:1]),
            held_because=Subquery(entries.filter(kind=LedgerKind.HELD).order_by("-id").values("reasons")[:1]),
        )
        .annotate(
            stage=Case(
                When(is_released=True, then=Value("released")),
                When(state=RequestState.AGREED, then=Value("held")),
                default=F("state"),
                output_field=CharField(),
            )
        )
    )


def totals(requests: QuerySet[FundingRequest]) -> Totals:
    """Sums over a list from ``money_of``: what was asked for counts what was neither refused nor withdrawn."""
    found = requests.aggregate(
        asked=Sum("amount_pence", filter=Q(state__in=COUNTING)),
        agreed=Sum("agreed_pence"),
        held=Sum("agreed_pence", filter=Q(stage="held")),
        released=Sum("agreed_pence", filter=Q(stage="released")),
    )
    return Totals(requests=0, **{name: value or 0 for name, value in found.items()})
