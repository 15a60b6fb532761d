"""A child came into care: records the facts and opens the first plan in one transaction (R1)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from children import actions, notices, queries
from children.actions import FactsConflict
from children.forms import EntryForm
from children.models import Child
from pepportal.access.guard import PortalRequest, guarded, require_role
from pepportal.access.vocabulary import May
from pepportal.pages.views import tell_organiser
from peps.actions import open_pep
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
            _open_first_plan(request, form, child)
            return redirect("pages:child", child.pk)
    context = {"form": form, "authority": authority, "others": [each for each in authorities if each != authority]}
    return render(request, "children/new.html", context)


def _open_first_plan(request: PortalRequest, form: EntryForm, child: Child) -> None:
    """The first plan opens by itself, whoever arranges its meeting is told, and a school nobody leads at is asked about."""
    actor = request.actor
    episode = queries.latest_episode(child)
    assert episode is not None
    made = open_pep(
        child=child, episode=episode, kind=PepKind.FIRST, cause=f"first:{episode.pk}", trigger_on=episode.began_on,
        by=actor,
    )  # fmt: skip
    tell_organiser(made, actor)
    messages.success(request, f"{child} ({child.reference}) is recorded, and the first plan is open.")
    chosen = form.chosen_school
    if chosen and not chosen.teachers:
        notices.nobody_leads_at_the_school(child, chosen.school, team=queries.team_of(child, actor.today), by=actor)
        messages.warning(
            request,
            f"{chosen.school} has no designated teacher in the portal: the virtual school is asked to find out who it is.",
        )
