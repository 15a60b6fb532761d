"""Reads of targets and SDQ scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, Q, QuerySet

from children.models import Child
from pepportal.audit.acting import LONDON
from pepportal.profiles.queries import rules_of
from peps.models import Pep
from peps.panels import PanelStatus
from peps.queries import document_of
from peps.states import PepState, writable
from targets import rules, sdq
from targets.models import Outcome, Sdq, Target, TargetKind
from targets.policy import SdqPolicy, TargetsPolicy, sdq_policy, targets_policy

ADDRESSES_FEELINGS = frozenset({TargetKind.SOCIAL_EMOTIONAL})


def targets_of(pep: Pep) -> list[Target]:
    """The plan's targets that stand, in order; people call them by their place in it, from 1."""
    return list(_live(Target.objects.filter(pep=pep)))


def _live(targets: QuerySet[Target]) -> QuerySet[Target]:
    return (
        targets.filter(withdrawn_at=None)
        .select_related("drafted_by", "confirmed_by", "reviewed_by")
        .order_by("position")
    )


def earlier_targets(pep: Pep) -> list[Target]:
    """The targets of the child's plan before this one, for review (R53): those not reviewed yet, and those reviewed since
    this plan was opened, so that what was said stays in sight. 2 queries."""
    before = (
        Pep.objects.filter(
            child=pep.child_id, opened_at__lt=pep.opened_at, targets__withdrawn_at=None, targets__isnull=False
        )
        .order_by("-opened_at", "-id")
        .values_list("pk", flat=True)
        .first()
    )
    if before is None:
        return []
    found = _live(Target.objects.filter(pep=before))
    return [each for each in found if _to_review(each, pep)]


def _own_and_earlier(pep: Pep) -> tuple[list[Target], list[Target]]:
    """``targets_of`` and ``earlier_targets`` in one query, from all of the child's."""
    rows: list[Any] = list(
        _live(
            Target.objects.filter(Q(pep=pep) | Q(pep__opened_at__lt=pep.opened_at), pep__child=pep.child_id)
        ).annotate(plan_opened_at=F("pep__opened_at"))
    )
    own = [each for each in rows if each.pep_id == pep.pk]
    before = max(((each.plan_opened_at, each.pep_id) for each in rows if each.pep_id != pep.pk), default=None)
    earlier = [each for each in rows if before and each.pep_id == before[1]]
    return own, [each for each in earlier if _to_review(each, pep)]


def _to_review(target: Target, pep: Pep) -> bool:
    return target.reviewed_at is None or target.reviewed_at >= pep.opened_at


def target_rules(pep: Pep) -> TargetsPolicy:
    return targets_policy(rules_of(pep.profile_version).table("targets"))


def sdq_rules(pep: Pep) -> SdqPolicy:
    return sdq_policy(rules_of(pep.profile_version).table("sdq"))


def missing_of(policy: TargetsPolicy, own: Sequence[Target], earlier: Sequence[Target]) -> tuple[str, ...]:
    """``rules.missing`` for rows."""
    return rules.missing(
        policy,
        [rules.TargetFacts(n, each.kind, each.confirmed_at is not None) for n, each in enumerate(own, 1)],
        [rules.EarlierFacts(n, each.outcome != Outcome.OPEN) for n, each in enumerate(earlier, 1)],
    )


def panel_status(pep: Pep) -> PanelStatus:
    """How far the plan's targets are. One query."""
    own, earlier = _own_and_earlier(pep)
    hint = f"{len(own)} {'target' if len(own) == 1 else 'targets'}" if own else "No targets yet"
    started = bool(own) or any(each.outcome != Outcome.OPEN for each in earlier)
    return PanelStatus(started=started, missing=missing_of(target_rules(pep), own, earlier), hint=hint)


def latest_review(pep: Pep, policy: TargetsPolicy, today: date) -> date:
    """The last day on which a target of this plan may be reviewed: the council's weeks after today, or after the plan's
    meeting where that comes later. The meeting stands a floor above; only its day is read, through the plan's own rows."""
    days = [
        held_on or starts_at.astimezone(LONDON).date()
        for held_on, starts_at in Pep.objects.filter(pk=pep.pk, meetings__state__in=["scheduled", "held"]).values_list(
            "meetings__held_on", "meetings__starts_at"
        )
    ]
    return policy.latest(max([today, *days]))


def closed_because(pep: Pep, panel: str) -> str:
    """Why a panel of a plan can't be written in now, as a sentence, or nothing: the plan is with the virtual school or
    over, or its section is marked complete. 2 queries."""
    if not writable(pep.state):
        return f"This plan is {PepState(pep.state).words.lower()}: it can't be changed now."
    keys = [section.key for section in document_of(pep).sections if panel in section.panels]
    done = pep.sections.filter(key__in=keys, complete=True).select_related("completed_by").first()
    if done is None or done.completed_by is None:
        return ""
    return f"{done.completed_by.name} marked this section complete. Open it again to change it."


# --- SDQ --------------------------------------------------------------------------------------------------------------


def sdq_trend(child: Child, informant: str = "teacher") -> list[Sdq]:
    """A child's scores by one informant, oldest first: thresholds and bands are never shared between informants."""
    return list(Sdq.objects.filter(child=child, informant=informant).order_by("completed_on", "entered_at"))


def result_of(score: Sdq, policy: SdqPolicy) -> sdq.Result:
    """The kept scores with the bands of the council's scheme."""
    scales = {name: getattr(score, name) for name in sdq.SCALES}
    return sdq.from_scales(scales, score.informant, policy.bands)


@dataclass(frozen=True)
class SdqState:
    """Everything that decides about one informant's score in one plan."""

    asked: rules.Asked
    score: Sdq | None
    result: sdq.Result | None
    threshold: sdq.LocalThreshold | None
    over: bool
    addressed: bool
    missing: tuple[str, ...]


def sdq_state(pep: Pep, informant: str = "teacher") -> SdqState:
    """How one informant's score stands. One query."""
    policy = sdq_rules(pep)
    feelings = Target.objects.filter(pep=pep, withdrawn_at=None, kind__in=ADDRESSES_FEELINGS)
    scores = list(
        Sdq.objects.filter(child=pep.child_id, informant=informant)
        .select_related("entered_by")
        .annotate(has_a_target=Exists(feelings))
    )
    score = next((each for each in scores if each.pep_id == pep.pk), None)
    opened_on = pep.opened_at.astimezone(LONDON).date()
    before = [each.completed_on for each in scores if each is not score and each.completed_on <= opened_on]
    last = max(before, default=None)
    asked = rules.sdq_asked(policy, informant=informant, born=pep.child.date_of_birth, on=opened_on, last_on=last)
    result = result_of(score, policy) if score else None
    line = policy.local_threshold
    over = bool(result and line and line.reached(result))
    addressed = over and score is not None and score.has_a_target
    missing = rules.sdq_missing(
        asked,
        entered=score is not None,
        scored=result is not None and result.total is not None,
        over_threshold=over,
        addressed=addressed,
        reason=score.needs_no_target_because if score else "",
        threshold=line.total if line else None,
    )
    return SdqState(asked, score, result, line, over, addressed, missing)


def sdq_status(pep: Pep) -> PanelStatus:
    """How far the plan's SDQ is; only the teacher's form is entered here."""
    state = sdq_state(pep)
    if state.score is not None:
        hint = "Total can't be worked out" if state.score.total is None else f"Total {state.score.total} of 40"
    else:
        hint = "" if state.asked.asked else state.asked.because
    return PanelStatus(started=state.score is not None, missing=state.missing, hint=hint)
