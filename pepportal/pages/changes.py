"""Something has changed for a child: recorded, and (for a concern at an informal review) the review made formal (R6, R8)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from children import actions, queries
from children.actions import FactsConflict, change_rules
from children.forms import About, CancelChangeForm, ChangeForm
from children.models import ChangeKind, Child, School, SignificantChange
from children.policies import child_for
from meetings.rules import provisionally
from pepportal.access.guard import PortalRequest, guarded
from pepportal.access.vocabulary import May
from pepportal.audit.acting import Acting
from pepportal.clock.rules import CONCERNS
from pepportal.profiles.queries import profile_for
from pepportal.ui.wording import in_words
from peps.actions import make_formal
from peps.calendars import calendars_of
from peps.deadlines.rules import Deadline, extra_pep, policy_of
from peps.models import Pep
from peps.states import PepState


def informal_plan(child: Child) -> Pep | None:
    """The child's informal review that still waits to be made."""
    plans = Pep.objects.filter(child=child, informal=True, state=PepState.PREPARING).select_related("child__authority")
    return plans.newest_first().first()


def called_by(child: Child, school: School | None, kind: str, on: date) -> Deadline | None:
    """The plan that a change calls under the rules in force on its day, or None where the council calls none (R8)."""
    policy = policy_of(profile_for(child.authority, on).rules.document)
    calendars = calendars_of(school, child.authority)
    return provisionally(
        lambda c: extra_pep(policy, on, kind, calendars=c), calendars, date(on.year + 2, 8, 31)
    )  # fmt: skip


@transaction.atomic
def record(child: Child, *, kind: ChangeKind, on: date, what: str, by: Acting) -> str:
    """Records the change and answers what follows from it, in words. A concern or a significant change while an informal
    review is going on makes that review a formal one (R6): no further plan is opened for it. Raises FactsConflict."""
    actions.record_change(child=child, kind=kind, on=on, what=what, by=by)
    plan = informal_plan(child) if kind in CONCERNS else None
    if plan is not None:
        make_formal(plan, reason=kind.label, by=by)
        return "The review is now a formal one: everybody meets, and whoever arranges the meeting has been told."
    if Pep.objects.filter(child=child, informal=False, state=PepState.PREPARING).exists():
        return "The plan that is being prepared serves it: bring it to that meeting."
    due = called_by(child, queries.team_of(child, by.today).school, kind, on)
    if due is None:
        return "Your council’s rules call no further plan for it."
    return f"The portal opens a plan for it by itself: {_event(due)} by {in_words(due.due)}."


def _event(due: Deadline) -> str:
    return {
        "initiated": "it has to be started",
        "meeting_arranged": "its meeting has to be arranged",
        "meeting_held": "its meeting has to be held",
        "document_completed": "it has to be complete",
    }.get(due.event, "it is due")


@guarded(May.ARRANGE_MEETING, methods=("GET", "POST"))
def record_change(request: PortalRequest, child_id: UUID) -> HttpResponse:
    """Something has changed: what, when, and what the portal does about it."""
    actor = request.actor
    view = child_for(actor, child_id, May.ARRANGE_MEETING, looked_at="changes for the child")
    child, episode = view.child, queries.episode_of(view.child, actor.today)
    if episode is None:
        messages.warning(request, f"{child.first_name} is not in care today: this can’t be recorded.")
        return redirect("pages:child", child.pk)
    rules = change_rules(child, actor.today)
    kinds = rules.recordable(informal_review=informal_plan(child) is not None)
    form = ChangeForm(request.POST or None, about=About(child, episode, actor.today), kinds=kinds)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            follows = record(child, kind=ChangeKind(data["kind"]), on=data["on"], what=data["what"], by=actor)
        except FactsConflict as conflict:
            form.add_error(conflict.field if conflict.field in form.fields else None, conflict.sentence)
        else:
            messages.success(request, f"Recorded. The virtual school has been told. {follows}")
            return redirect("pages:child", child.pk)
    context: dict[str, Any] = {
        "child": child, "form": form, "kinds": kinds, "changes": queries.changes_recorded(child),
        "may_change": view.may(May.CHANGE_FACTS), "tells_iro": "iro" in rules.tells,
        "moves": [_MOVES[each] for each in rules.calls if each in _MOVES],
    }  # fmt: skip
    return render(request, "pages/change.html", context)


_MOVES = {
    "school_change": ("children:change-school", "a change of school"),
    "placement_change": ("children:change-placement", "a change of home"),
}


@guarded(May.ARRANGE_MEETING, methods=("GET", "POST"))
def cancel_change(request: PortalRequest, child_id: UUID, change_id: UUID) -> HttpResponse:
    """A change recorded by mistake: says why, once, and it no longer counts."""
    view = child_for(request.actor, child_id, May.ARRANGE_MEETING, looked_at="a change for the child")
    change = SignificantChange.objects.filter(pk=change_id, child=view.child).select_related("recorded_by").first()
    if change is None:
        raise Http404("No such change for this child.")
    back = reverse("pages:record-change", args=[child_id])
    if change.cancelled_at is not None:
        messages.info(request, "This was cancelled already.")
        return redirect(back)
    form = CancelChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.cancel_change(change=change, reason=form.cleaned_data["reason"], by=request.actor)
        messages.success(request, "It no longer counts. What was due because of it is worked out again.")
        return redirect(back)
    return render(request, "pages/cancel_change.html", {"child": view.child, "change": change, "form": form})
