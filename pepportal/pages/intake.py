"""A child came into care, or the record of it is put right: the facts and the first plan in one transaction (R1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from children import actions, notices, queries
from children.actions import FactsConflict
from children.forms import About, CorrectEntryForm, EntryForm
from children.models import Child
from children.policies import child_for
from children.views import FactPage, change_fact
from pepportal.access.guard import PortalRequest, guarded, require_role
from pepportal.access.vocabulary import May
from pepportal.clock.opening import tell_organiser
from pepportal.pages.scope import why_no_plan
from peps.actions import follow_entry, open_pep
from peps.models import PepKind


@guarded(May.RECORD_CHILD, methods=("GET", "POST"))
def record_entry(request: PortalRequest) -> HttpResponse:
    """The form, and what follows from it: the child, the first plan, and the message to whoever arranges the meeting."""
    require_role(request.actor, May.RECORD_CHILD)
    authorities = queries.authorities_recording(request.actor)
    wanted = request.GET.get("authority", "")
    authority = next((each for each in authorities if str(each.pk) == wanted), authorities[0])
    form = EntryForm(request.POST or None, authority=authority, today=request.actor.today)
    if request.method == "POST" and form.is_valid():
        try:
            child = actions.record_entry(**form.facts(), by=request.actor)
        except FactsConflict as conflict:
            form.add_error(conflict.field if conflict.field in form.fields else None, conflict.sentence)
        else:
            _first_plan(request, child)
            _ask_who_leads(request, form, child)
            return redirect("pages:child", child.pk)
    context = {"form": form, "authority": authority, "others": [each for each in authorities if each != authority]}
    return render(request, "children/new.html", context)


def _first_plan(request: PortalRequest, child: Child) -> None:
    """The first plan opens by itself and whoever arranges its meeting is told; not for a child whom the council's rules of
    the entry day leave out (R17): the page says why, and the clock opens it when that is over."""
    actor = request.actor
    episode = queries.latest_episode(child)
    assert episode is not None
    in_provision = queries.enrolment_of(child, actor.today) is not None
    if why := why_no_plan(child, episode, day=episode.began_on, in_provision=in_provision):
        messages.success(request, f"{child} ({child.reference}) is recorded.")
        messages.info(request, f"No plan is opened now. {why}")
        return
    made = open_pep(
        child=child, episode=episode, kind=PepKind.FIRST, cause=f"first:{episode.pk}", trigger_on=episode.began_on,
        by=actor,
    )  # fmt: skip
    tell_organiser(made, by=actor)
    messages.success(request, f"{child} ({child.reference}) is recorded, and the first plan is open.")


def _ask_who_leads(request: PortalRequest, form: EntryForm, child: Child) -> None:
    """A school that nobody leads at is asked about, plan or no plan."""
    actor, chosen = request.actor, form.chosen_school
    if chosen and not chosen.teachers:
        notices.nobody_leads_at_the_school(child, chosen.school, team=queries.team_of(child, actor.today), by=actor)
        messages.warning(
            request,
            f"{chosen.school} has no designated teacher in the portal: the virtual school is asked to find out who it is.",
        )


def _correct(form: Any, about: About, by: Any) -> str:
    data = form.cleaned_data
    assert about.episode is not None
    episode = actions.correct_entry(
        episode=about.episode, began_on=data["began_on"], planned=data["planned"] == "yes",
        legal_status=data["legal_status"], short_breaks=data["short_breaks"], reason=data["reason"], by=by,
    )  # fmt: skip
    moved = follow_entry(episode, by=by)
    plan = "The first plan’s clock starts from the corrected day." if moved else "The due days are worked out again."
    return f"The entry to care is corrected. {plan}"


@guarded(May.CHANGE_FACTS, methods=("GET", "POST"))
def correct_entry(request: PortalRequest, child_id: UUID) -> HttpResponse:
    """Puts the day or the manner of the entry right, and with it the start of the first plan's clock."""
    view = child_for(request.actor, child_id, May.CHANGE_FACTS, looked_at="entry form")
    page = FactPage(
        "Correct how the child came into care", "Correct the record", CorrectEntryForm, _correct,
        "Only for mistakes: the first placement and the team that began on the same day move along. The days by which "
        "plans are due are worked out again, and both versions stay in the history.",
    )  # fmt: skip
    return change_fact(request, view, page)
