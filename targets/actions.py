"""Writes of targets and SDQ scores. Each holds the plan's row while it writes, so that two people come one after the other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from children.actions import mark_changed
from children.queries import team_of
from pepportal.accounts.versions import keep
from pepportal.audit import actions as audit
from pepportal.audit.acting import Acting
from peps import actions as peps
from peps.models import Pep
from peps.states import NotPossible
from targets import notices, rules, sdq
from targets.models import Outcome, Sdq, Target
from targets.queries import closed_because, earlier_targets, latest_review, sdq_rules, target_rules


@dataclass(frozen=True)
class TargetValues:
    """What is written in one target."""

    kind: str
    need: str
    outcome_wanted: str
    baseline: str
    measure: str
    strategies: str
    who: str
    review_by: date
    in_childs_words: str = ""

    def differing(self, target: Target) -> list[str]:
        return [name for name, value in asdict(self).items() if getattr(target, name) != value]


@dataclass(frozen=True)
class Conflict:
    """Somebody else changed it since the page was shown: nothing was written. ``row`` is how it stands now."""

    row: Any
    who: str
    at: datetime


@transaction.atomic
def draft(pep: Pep, *, values: TargetValues, as_teacher: bool, by: Acting) -> Target:
    """Adds a target (R50, R51). A teacher's stands at once; anybody else's waits for one (R52).

    Raises NotPossible where the plan is closed for writing or the date lies too far off.
    """
    held = _writable(pep, "targets")
    _check_date(held, values, by)
    last = Target.objects.filter(pep=held).aggregate(last=Max("position"))["last"] or 0
    target = Target(pep=held, position=last + 1, drafted_by_id=by.user_id, **asdict(values))  # type: ignore[misc]
    _set_confirmed(target, _stands(held, as_teacher), by)
    keep(target, by=by)
    _written("add a target", target, held, by, fields=asdict(values))
    return target


@transaction.atomic
def amend(target: Target, *, values: TargetValues, based_on: int, as_teacher: bool, by: Acting) -> Target | Conflict:
    """Changes a target that the page showed at revision ``based_on``. Answers Conflict, writing nothing, where somebody
    changed it since. Needs confirming again unless a teacher amended it (R52). Raises NotPossible as ``draft``."""
    held = _writable(target.pep, "targets")
    now = _standing(target)
    if now.revision != based_on:
        return _conflict(now)
    changed = values.differing(now)
    if "review_by" in changed:
        _check_date(held, values, by)
    confirmed = _stands(held, as_teacher)
    if not changed and (now.confirmed_at is not None or not confirmed):
        return now
    for name in changed:
        setattr(now, name, getattr(values, name))
    _set_confirmed(now, confirmed, by)
    now.revision += 1
    keep(now, by=by)
    _written("amend a target", now, held, by, fields=changed)
    return now


@transaction.atomic
def confirm(target: Target, *, based_on: int, by: Acting) -> Target | Conflict:
    """A teacher takes a drafted target as their own (R52), as they read it: answers Conflict where it changed since."""
    held = _writable(target.pep, "targets")
    now = _standing(target)
    if now.revision != based_on:
        return _conflict(now)
    if now.confirmed_at is None:
        _set_confirmed(now, True, by)
        keep(now, by=by, fields=["confirmed_by", "confirmed_at"])
        _written("confirm a target", now, held, by)
    return now


@transaction.atomic
def withdraw(target: Target, *, reason: str, by: Acting) -> Target:
    """Takes a target out of the plan; the row and its history stay."""
    held = _writable(target.pep, "targets")
    now = Target.objects.select_for_update().get(pk=target.pk)
    if now.withdrawn_at is None:
        now.withdrawn_at = by.at
        now.revision += 1
        keep(now, by=by, fields=["withdrawn_at", "revision"], reason=reason[:100])
        _written("withdraw a target", now, held, by)
    return now


@transaction.atomic
def review_target(
    target: Target, *, pep: Pep, outcome: str, impact: str, based_on: int, by: Acting
) -> Target | Conflict:
    """Says in ``pep`` how a target of the plan before it went, and what difference it made (R53). When at an informal review
    the last of them is achieved, the designated teacher is asked for new ones (R7)."""
    held = _writable(pep, "targets")
    now = Target.objects.select_for_update(of=("self",)).select_related("reviewed_by").get(pk=target.pk)
    if now.pep_id == held.pk or now.pep.child_id != held.child_id:
        raise NotPossible("Only a target of this child's earlier plan can be reviewed here.")
    if now.revision != based_on:
        return _conflict(now)
    now.outcome, now.impact = outcome, impact
    now.reviewed_by_id, now.reviewed_at = by.user_id, by.at
    if outcome == Outcome.OPEN:
        now.reviewed_by, now.reviewed_at = None, None
    now.revision += 1
    keep(now, by=by, fields=["outcome", "impact", "reviewed_by", "reviewed_at", "revision"])
    _written("review a target", now, held, by, fields=["outcome", "impact"])
    if held.informal and rules.all_achieved([each.outcome for each in earlier_targets(held)]):
        notices.new_targets_wanted(held, team=team_of(held.child, by.today), by=by)
    return now


@dataclass(frozen=True)
class SdqValues:
    """One questionnaire as entered from paper: answers by item number, or else the five scales."""

    completed_on: date
    completed_by: str
    known_months: int | None
    paper_held: bool
    items: dict[int, int | None] | None = None
    scales: dict[str, int] | None = None
    informant: str = "teacher"


@transaction.atomic
def enter_sdq(pep: Pep, *, values: SdqValues, based_on: str, by: Acting) -> Sdq | Conflict:
    """Enters or corrects the score of one informant (R56). ``based_on`` is the moment of the score that the page showed
    (ISO), or "": answers Conflict where another stands by now. Raises NotPossible where the paper isn't held, the child's
    age is outside the form's, or the plan is closed for writing; sdq.SdqError where the answers can't be scored."""
    held = _writable(pep, "sdq")
    if not values.paper_held:
        raise NotPossible("Only a score from a completed paper form can be entered.")
    least, most = rules.T4_17
    if not least <= rules.age_on(held.child.date_of_birth, values.completed_on) <= most:
        raise NotPossible(f"The questionnaire is made for ages {least} to {most}.")
    score = Sdq.objects.select_for_update().filter(pep=held, informant=values.informant).first()
    if based_on != (score.entered_at.isoformat() if score else ""):
        return _conflict_of_scores(score) if score else _gone()
    bands = sdq_rules(held).bands
    result = (
        sdq.score(values.items, values.informant, bands)
        if values.items is not None
        else sdq.from_scales(values.scales or {}, values.informant, bands)
    )
    score = score or Sdq(child_id=held.child_id, pep=held, informant=values.informant)
    score.completed_on, score.completed_by = values.completed_on, values.completed_by
    score.known_months, score.paper_held = values.known_months, values.paper_held
    score.items = {str(number): answer for number, answer in values.items.items()} if values.items is not None else None
    for name in sdq.SCALES:
        setattr(score, name, result.scales[name])
    score.total = result.total
    score.entered_by_id, score.entered_at = by.user_id, by.at  # type: ignore[assignment]
    keep(score, by=by)
    _written("enter an SDQ score", score, held, by, fields=["scales", "total"])
    return score


@transaction.atomic
def explain_sdq(pep: Pep, *, reason: str, informant: str = "teacher", by: Acting) -> Sdq:
    """Says why no target addresses a total at or above the council's own line (R56)."""
    held = _writable(pep, "sdq")
    score = Sdq.objects.select_for_update().filter(pep=held, informant=informant).first()
    if score is None:
        raise NotPossible("Enter the score first.")
    if score.needs_no_target_because != reason:
        score.needs_no_target_because = reason
        keep(score, by=by, fields=["needs_no_target_because"])
        _written("explain an SDQ score", score, held, by, fields=["needs_no_target_because"])
    return score


# --- shared -----------------------------------------------------------------------------------------------------------


def _writable(pep: Pep, panel: str) -> Pep:
    """The plan's row, held until the end of the transaction. Raises NotPossible where the panel can't be written in."""
    rows = Pep.objects.select_for_update(of=("self",)).select_related("child", "profile_version", "form_version")
    held = rows.get(pk=pep.pk)
    if closed := closed_because(held, panel):
        raise NotPossible(closed)
    return held


def _standing(target: Target) -> Target:
    now = Target.objects.select_for_update().get(pk=target.pk)
    if now.withdrawn_at is not None:
        raise NotPossible("Somebody withdrew this target while you were on the page.")
    return now


def _stands(pep: Pep, as_teacher: bool) -> bool:
    return as_teacher or not target_rules(pep).teacher_only


def _set_confirmed(target: Target, confirmed: bool, by: Acting) -> None:
    target.confirmed_by_id, target.confirmed_at = (by.user_id, by.at) if confirmed else (None, None)


def _check_date(pep: Pep, values: TargetValues, by: Acting) -> None:
    policy = target_rules(pep)
    latest = latest_review(pep, policy, by.today)
    if refused := rules.review_refused(values.review_by, latest=latest, weeks=policy.weeks, today=by.today):
        raise NotPossible(refused + ".")


def _conflict(now: Target) -> Conflict:
    last = now.history.select_related("history_user").first()
    user = last.history_user if last else None
    return Conflict(now, user.name if user else "Somebody", last.history_date)


def _conflict_of_scores(score: Sdq) -> Conflict:
    return Conflict(score, score.entered_by.name, score.entered_at)


def _gone() -> Conflict:
    raise NotPossible("The score that you were correcting is no longer there.")


def _written(verb: str, row: Target | Sdq, pep: Pep, by: Acting, *, fields: Any = ()) -> None:
    audit.did(verb, row, by=by, child_id=pep.child_id, fields=list(fields))
    peps.touch(pep, by=by)
    mark_changed(pep.child, what="targets" if isinstance(row, Target) else "sdq", by=by)
