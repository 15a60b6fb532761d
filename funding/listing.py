"""What the money pages show, as plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from funding import queries, rules
from funding.forms import DecisionForm
from funding.models import FundingRequest, LedgerEntry, LedgerKind, RequestState
from funding.policies import Rights
from funding.policy import FundingPolicy, funding_policy
from pepportal.accounts.models import Authority
from pepportal.audit.acting import LONDON
from pepportal.profiles.queries import profile_for
from pepportal.ui.wording import money
from peps.models import Pep
from targets.models import Target
from targets.queries import targets_of

TAGS = {"requested": "requested", "held": "on_hold", "released": "released", "refused": "refused", "withdrawn": "ended"}


@dataclass(frozen=True)
class Card:
    """One request of a plan: what is asked for, what became of it, and what this person may do about it."""

    row: FundingRequest
    title: str
    stage: str
    stage_words: str
    category: str
    targets: tuple[str, ...]
    timeline: tuple[dict[str, Any], ...]
    holds: tuple[str, ...]
    """Why the money is not released yet, live; empty once it is, or where nothing is agreed."""
    changes: bool
    decision: DecisionForm | None

    @property
    def decision_open(self) -> bool:
        """An undecided request shows its decision at once; so does one whose decision has a mistake."""
        return self.decision is not None and (self.row.state == RequestState.REQUESTED or self.decision.is_bound)

    @property
    def live(self) -> bool:
        return self.row.state in queries.COUNTING


def cards(
    found: Sequence[FundingRequest], pep: Pep, today: date, *, rights: Rights, wrong: DecisionForm | None = None
) -> list[Card]:
    """The plan's requests as this person sees them; ``wrong`` is a decision form that has mistakes."""
    numbers = {each.pk: n for n, each in enumerate(targets_of(pep), 1)}
    return [_card(row, pep, today, numbers, rights, wrong) for row in found]


def _card(
    row: FundingRequest, pep: Pep, today: date, numbers: dict[UUID, int], rights: Rights, wrong: DecisionForm | None
) -> Card:
    kinds = {entry.kind for entry in row.ledger.all()}
    stage = "released" if LedgerKind.RELEASED in kinds else "held" if row.state == RequestState.AGREED else row.state
    decides = rights.may_decide and row.state != RequestState.WITHDRAWN and LedgerKind.ENTITLED not in kinds
    mistaken = wrong if wrong is not None and wrong.request.pk == row.pk else None
    release = rules.may_release(queries.release_facts(row, pep, today)) if stage == "held" else None
    return Card(
        row=row,
        title=f"{money(row.agreed_pence or row.amount_pence)} for {_lower(row.category)}",
        stage=TAGS[stage],
        stage_words=queries.STAGES[stage],
        category=rules.CATEGORIES.get(row.category, row.category),
        targets=tuple(_target_words(each, numbers, rights.sees_targets) for each in row.targets.all()),
        timeline=tuple(timeline(row)),
        holds=() if release is None or release.allowed else release.reasons,
        changes=rights.may_ask and row.state != RequestState.WITHDRAWN,
        decision=(mistaken or DecisionForm(request=row)) if decides else None,
    )


def _lower(category: str) -> str:
    words = rules.CATEGORIES.get(category, category)
    return words[:1].lower() + words[1:]


def _target_words(target: Target, numbers: dict[UUID, int], in_full: bool) -> str:
    number = numbers.get(target.pk)
    if number is None:
        return "A target that was withdrawn"
    draft = "" if target.confirmed_at else " (a draft: a teacher has to confirm it)"
    return f"Target {number}: {target.outcome_wanted}{draft}" if in_full else f"Target {number}{draft}"


def facts(row: FundingRequest) -> list[dict[str, Any]]:
    return [
        {"key": "Amount", "value": money(row.amount_pence)},
        {"key": "For", "value": rules.CATEGORIES.get(row.category, row.category)},
        {"key": "What will be bought", "value": row.purpose},
        {"key": "What difference it will make", "value": row.expected_impact},
    ]


LEDGER_WORDS = {
    LedgerKind.ENTITLED: "Earned by the finalised plan",
    LedgerKind.HELD: "Held",
    LedgerKind.RELEASED: "Released to the school",
    LedgerKind.PAID: "Paid",
}


def timeline(row: FundingRequest) -> list[dict[str, Any]]:
    """What became of a request, oldest first: asking, the decision, then the ledger with its reasons."""
    asked = {"when": row.requested_at, "title": f"{money(row.amount_pence)} asked for", "by": row.requested_by.name}
    found: list[tuple[Any, int, dict[str, Any]]] = [(row.requested_at, 0, asked)]
    if row.decided_at and row.decided_by:
        agreed = row.state == RequestState.AGREED
        title = f"{money(row.agreed_pence or 0)} agreed" if agreed else "Not agreed"
        said = {"when": row.decided_at, "title": title, "by": row.decided_by.name, "text": row.decision_reason}
        found.append((row.decided_at, 1, said))
    found += [(entry.at, 2, _entry(entry)) for entry in row.ledger.all()]
    return [item for *_, item in sorted(found, key=lambda each: (each[0], each[1]))]


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    title = f"{LEDGER_WORDS[LedgerKind(entry.kind)]}: {money(entry.amount_pence)}, {entry.financial_year}"
    return {"when": entry.at, "title": title, "by": entry.by_label, "text": " ".join(entry.reasons)}


def seen_words(scheme: FundingPolicy, today: date) -> str:
    """When schools see the money of the instalment of today (R67), where the scheme says so."""
    part = next((each for each in scheme.instalments if each.covers(today)), None)
    return f"When schools see the money for {part.label}: {part.seen}." if part else ""


# --- the authority's list ---------------------------------------------------------------------------------------------

COLUMNS = [
    "Child",
    "School",
    {"text": "Asked for", "numeric": True},
    {"text": "Agreed", "numeric": True},
    "What became of it",
    "Asked on",
]


def search(rows: QuerySet[FundingRequest], words: str, stage: str) -> QuerySet[FundingRequest]:
    """Rows whose child or school has every word, in one stage or all."""
    for word in words.split():
        rows = rows.filter(
            Q(pep__child__given_name__icontains=word)
            | Q(pep__child__family_name__icontains=word)
            | Q(pep__child__known_as__icontains=word)
            | Q(pep__child__reference__icontains=word)
            | Q(school__icontains=word)
        )
    return rows.filter(Q(stage=stage)) if stage else rows


def sorted_by(rows: QuerySet[FundingRequest], sort: str) -> QuerySet[FundingRequest]:
    fields = queries.SORTS[sort.lstrip("-")]
    return rows.order_by(*(f"-{name}" for name in fields) if sort.startswith("-") else fields)


def table_rows(rows: Iterable[Any]) -> list[list[Any]]:
    return [
        [
            {
                "text": row.pep.child.name,
                "href": reverse("funding:panel", args=[row.pep_id]),
                "note": f"{row.pep.child.reference}, {row.pep.term}",
            },
            row.school or "No school place",
            money(row.amount_pence),
            "–" if row.agreed_pence is None else money(row.agreed_pence),
            {
                "status": TAGS[row.stage],
                "status_word": queries.STAGES[row.stage],
                "note": " ".join(row.held_because or ()) if row.stage == "held" else "",
            },
            row.requested_at.astimezone(LONDON).date(),
        ]
        for row in rows
    ]


def total_rows(found: queries.Totals) -> list[dict[str, str]]:
    return [
        {"key": "Asked for", "value": money(found.asked)},
        {"key": "Agreed", "value": money(found.agreed)},
        {"key": "Held", "value": money(found.held)},
        {"key": "Released", "value": money(found.released)},
    ]


def schemes_to_enter(authorities: Iterable[UUID], today: date) -> list[dict[str, str]]:
    """The authorities whose rules leave the figures to be entered each April, with what to do for this year."""
    year = rules.financial_year(today)
    found = []
    for authority in Authority.objects.filter(pk__in=list(authorities)):
        if funding_policy(profile_for(authority, today).rules.table("funding")).scheme != "to_be_entered":
            continue
        kept = queries.entered_scheme(authority, year)
        said = "Not entered yet: agreed money is held."
        if kept:
            said = f"Up to {money(kept.amount_pence)}, {rules.times_words(kept.times_a_year)} a year for each child."
        found.append(
            {
                "title": f"The scheme of {authority.name} for {year}",
                "text": said,
                "href": reverse("funding:scheme", args=[authority.pk]),
                "link": "Change it" if kept else "Enter the scheme",
            }
        )
    return found
