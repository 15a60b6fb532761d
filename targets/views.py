"""Pages of targets and of the SDQ score."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from pepportal.access.guard import PortalRequest, guarded, require
from pepportal.access.vocabulary import May
from peps.policies import PepInView, pep_for
from peps.states import NotPossible
from targets import actions, queries, sdq_page
from targets.forms import ReviewForm, SdqForm, SdqReasonForm, TargetForm, WithdrawForm
from targets.models import Target
from targets.policies import Rights, rights


def _open(
    request: PortalRequest, pep_id: UUID, panel: str, *, looked_at: str = "", writing: bool = False
) -> tuple[PepInView, Rights]:
    """The plan as this person sees it, and what they may do with the panel; 403 where they would write and may not."""
    view = pep_for(request.actor, pep_id, May.SEE_PEP, looked_at=looked_at)
    mine = rights(view, request.actor, panel)
    if writing:
        mine.require_writing()
    return view, mine


def _frame(view: PepInView, mine: Rights) -> dict[str, Any]:
    return {
        "view": view, "pep": view.pep, "child": view.child, "rights": mine, "section": mine.section,
        "owner_name": view.owner_of(mine.section),
    }  # fmt: skip


def _number(own: list[Target], target: Target) -> int:
    return next((n for n, each in enumerate(own, 1) if each.pk == target.pk), 0)


def _target(view: PepInView, target_id: UUID) -> Target:
    found = Target.objects.filter(pep=view.pep, withdrawn_at=None, pk=target_id).select_related("pep").first()
    if found is None:
        raise Http404("This plan has no such target.")
    return found


@guarded(May.SEE_PEP)
def panel(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    view, mine = _open(request, pep_id, "targets", looked_at="targets")
    own, earlier = queries.targets_of(view.pep), queries.earlier_targets(view.pep)
    policy = queries.target_rules(view.pep)
    context = {
        "targets": own, "earlier": earlier, "policy": policy, "left": queries.missing_of(policy, own, earlier),
        "required": [rule.words for rule in policy.required],
    }  # fmt: skip
    return render(request, "targets/panel.html", _frame(view, mine) | context)


def _refused(request: PortalRequest, why: Exception, to: str, pep_id: UUID) -> HttpResponse:
    messages.error(request, str(why))
    return redirect(to, pep_id)


def _target_form(request: PortalRequest, view: PepInView, target: Target | None = None) -> TargetForm:
    policy = queries.target_rules(view.pep)
    today = request.actor.today
    latest = queries.latest_review(view.pep, policy, today)
    data = request.POST if request.method == "POST" else None
    return TargetForm(data, latest=latest, weeks=policy.weeks, today=today, target=target)


@guarded(May.DRAFT_TARGETS, methods=("GET", "POST"))
def add(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    view, mine = _open(request, pep_id, "targets", writing=True)
    form = _target_form(request, view)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.draft(view.pep, values=form.values, as_teacher=mine.teacher, by=request.actor)
        except NotPossible as why:
            form.add_error(None, str(why))
        else:
            waits = "" if made.confirmed_at else " It waits for a teacher to confirm it."
            messages.success(request, f"The target is added.{waits}")
            return redirect("targets:panel", pep_id)
    return render(request, "targets/target.html", _frame(view, mine) | {"form": form, "title": "Add a target"})


@guarded(May.DRAFT_TARGETS, methods=("GET", "POST"))
def change(request: PortalRequest, pep_id: UUID, target_id: UUID) -> HttpResponse:
    view, mine = _open(request, pep_id, "targets", writing=True)
    target = _target(view, target_id)
    number = _number(queries.targets_of(view.pep), target)
    form = _target_form(request, view, target)
    context = _frame(view, mine) | {"form": form, "title": f"Change target {number}", "target": target}
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.amend(
                target, values=form.values, based_on=_revision(request), as_teacher=mine.teacher, by=request.actor
            )
        except NotPossible as why:
            form.add_error(None, str(why))
            return render(request, "targets/target.html", context)
        if isinstance(done, actions.Conflict):
            form.show_theirs(done.row, done.who)
            return render(request, "targets/target.html", context | {"conflict": done, "target": done.row}, status=409)
        messages.success(
            request, f"Target {number} is changed.{'' if done.confirmed_at else ' It waits for a teacher.'}"
        )
        return redirect("targets:panel", pep_id)
    return render(request, "targets/target.html", context | {"based_on": _revision(request) or target.revision})


def _revision(request: PortalRequest) -> int:
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 0


@guarded(May.CONFIRM_TARGETS, methods=("POST",))
def confirm(request: PortalRequest, pep_id: UUID, target_id: UUID) -> HttpResponse:
    view, mine = _open(request, pep_id, "targets")
    require(mine.teacher, "Only a teacher sets targets.")
    target = _target(view, target_id)
    number = _number(queries.targets_of(view.pep), target)
    try:
        done = actions.confirm(target, based_on=_revision(request), by=request.actor)
    except NotPossible as why:
        return _refused(request, why, "targets:panel", pep_id)
    if isinstance(done, actions.Conflict):
        messages.error(
            request, f"{done.who} changed target {number} while you were reading. Read it again, then confirm it."
        )
    else:
        messages.success(request, f"Target {number} is confirmed.")
    return redirect("targets:panel", pep_id)


@guarded(May.DRAFT_TARGETS, methods=("GET", "POST"))
def withdraw(request: PortalRequest, pep_id: UUID, target_id: UUID) -> HttpResponse:
    view, mine = _open(request, pep_id, "targets", writing=True)
    target = _target(view, target_id)
    number = _number(queries.targets_of(view.pep), target)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw(target, reason=form.cleaned_data["reason"], by=request.actor)
        except NotPossible as why:
            return _refused(request, why, "targets:panel", pep_id)
        messages.success(request, "The target is withdrawn.")
        return redirect("targets:panel", pep_id)
    context = _frame(view, mine) | {"form": form, "target": target, "number": number}
    return render(request, "targets/withdraw.html", context)


@guarded(May.DRAFT_TARGETS, methods=("GET", "POST"))
def review(request: PortalRequest, pep_id: UUID, target_id: UUID) -> HttpResponse:
    """How a target of the plan before this one went (R53)."""
    view, mine = _open(request, pep_id, "targets", writing=True)
    earlier = queries.earlier_targets(view.pep)
    target = next((each for each in earlier if each.pk == target_id), None)
    if target is None:
        raise Http404("The earlier plan has no such target.")
    shown = {} if target.outcome == "open" else {"outcome": target.outcome, "impact": target.impact}
    form = ReviewForm(request.POST if request.method == "POST" else None, initial=shown)
    context = _frame(view, mine) | {"form": form, "target": target, "number": _number(earlier, target)}
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.review_target(
                target, pep=view.pep, based_on=_revision(request), by=request.actor, **form.cleaned_data
            )
        except NotPossible as why:
            return _refused(request, why, "targets:panel", pep_id)
        if not isinstance(done, actions.Conflict):
            messages.success(request, "What became of the target is kept.")
            return redirect("targets:panel", pep_id)
        return render(request, "targets/review.html", context | {"conflict": done, "target": done.row}, status=409)
    return render(request, "targets/review.html", context)


# --- SDQ --------------------------------------------------------------------------------------------------------------


@guarded(May.SEE_PEP)
def sdq_panel(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    view, mine = _open(request, pep_id, "sdq", looked_at="SDQ score")
    return _show_sdq(request, view, mine)


def _show_sdq(request: PortalRequest, view: PepInView, mine: Rights, form: SdqReasonForm | None = None) -> HttpResponse:
    state = queries.sdq_state(view.pep)
    trend = queries.sdq_trend(view.child)
    policy = queries.sdq_rules(view.pep)
    reason = state.score.needs_no_target_because if state.score else ""
    context = {
        "state": state, "left": state.missing, "rows": sdq_page.rows(state.result), "facts": sdq_page.facts(state.score),
        "trend": sdq_page.trend_rows(trend, policy), "columns": sdq_page.TREND_COLUMNS,
        "few_months": sdq_page.known_too_short(state.score), "form": form or SdqReasonForm(initial={"reason": reason}),
    }  # fmt: skip
    return render(request, "targets/sdq.html", _frame(view, mine) | context)


@guarded(May.ENTER_SDQ, methods=("GET", "POST"))
def enter_sdq(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    view, mine = _open(request, pep_id, "sdq", writing=True)
    state = queries.sdq_state(view.pep)
    if not state.asked.possible:
        return _refused(request, NotPossible(state.asked.because), "targets:sdq", pep_id)
    how = sdq_page.how(request.POST.get("how") or request.GET.get("how"), state.score)
    form = SdqForm(
        request.POST if request.method == "POST" else None, today=request.actor.today, born=view.child.date_of_birth,
        how=how, initial=sdq_page.initial(state.score),
    )  # fmt: skip
    based_on = request.POST.get("based_on", sdq_page.token(state.score))
    context = _frame(view, mine) | {"form": form, "how": how, "based_on": based_on, "score": state.score}
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.enter_sdq(view.pep, values=form.values, based_on=based_on, by=request.actor)
        except NotPossible as why:
            form.add_error(None, str(why))
            return render(request, "targets/enter_sdq.html", context)
        if isinstance(done, actions.Conflict):
            theirs = {"conflict": done, "based_on": sdq_page.token(done.row), "theirs": sdq_page.facts(done.row)}
            return render(request, "targets/enter_sdq.html", context | theirs, status=409)
        messages.success(request, "The score is kept.")
        return redirect("targets:sdq", pep_id)
    return render(request, "targets/enter_sdq.html", context)


@guarded(May.ENTER_SDQ, methods=("POST",))
def explain_sdq(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    view, mine = _open(request, pep_id, "sdq", writing=True)
    form = SdqReasonForm(request.POST)
    if not form.is_valid():
        return _show_sdq(request, view, mine, form)
    try:
        actions.explain_sdq(view.pep, reason=form.cleaned_data["reason"], by=request.actor)
    except NotPossible as why:
        return _refused(request, why, "targets:sdq", pep_id)
    messages.success(request, "The reason is kept.")
    return redirect("targets:sdq", pep_id)
