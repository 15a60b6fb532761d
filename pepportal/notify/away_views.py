"""I am away: from when until when, and who covers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from pepportal.access.guard import PortalRequest, guarded
from pepportal.accounts import queries
from pepportal.accounts.actions import AbsenceConflict, end_absence, record_absence
from pepportal.accounts.models import Absence, User
from pepportal.notify import notices
from pepportal.notify.forms import AbsenceForm
from pepportal.notify.policies import absences_in_reach, people_of
from pepportal.ui.wording import in_words


def _days(absence: Absence) -> str:
    first, last = in_words(absence.began_on), in_words(queries.last_day(absence))
    return f"On {first}" if first == last else f"{first} to {last}"


def _working(request: PortalRequest) -> None:
    if not request.actor.held:
        raise PermissionDenied(
            "This page is for people who work with looked-after children: a colleague covers for them."
        )


@guarded(methods=("GET", "POST"))
def away(request: PortalRequest) -> HttpResponse:
    """Records that oneself, or somebody of one's people (``?who=``), is away and who covers; lists what is recorded."""
    _working(request)
    actor, people = request.actor, list(people_of(request.actor))
    who = _who(request, people)
    colleagues = list(queries.colleagues(who, actor.today))
    form = AbsenceForm(request.POST or None, colleagues=colleagues, initial={"began_on": actor.today})
    if request.method == "POST" and form.is_valid():
        try:
            absence = record_absence(user=who, by=actor, **form.values)
        except AbsenceConflict as conflict:
            form.add_error(conflict.field, conflict.sentence)
        else:
            notices.tell_the_cover(absence, by=actor)
            messages.success(request, f"Recorded. {absence.cover.name} covers: {_days(absence)}.")
            return redirect(request.get_full_path())
    shown = queries.absences_of([actor.user.pk, *(each.pk for each in people)], actor.today)
    context = {
        "form": form, "who": who, "own": who == actor.user, "people": people, "colleagues": colleagues,
        "absences": [(each, _days(each), each.user_id == actor.user_id, each.began_on <= actor.today) for each in shown],
        "covering": [(each, _days(each)) for each in queries.covering(actor.user.pk, actor.today)],
    }  # fmt: skip
    return render(request, "notify/away.html", context)


def _who(request: PortalRequest, people: list[User]) -> User:
    """Oneself, or the one of one's people who is named in the address; 404 for anybody else."""
    named = request.GET.get("who", "")
    if not named or named == str(request.actor.user_id):
        return request.actor.user
    found = next((each for each in people if str(each.pk) == named), None)
    return found or get_object_or_404(User.objects.none())


@guarded(methods=("POST",))
def end(request: PortalRequest, absence_id: UUID) -> HttpResponse:
    """Somebody is back, or doesn't go. Somebody else's absence is not there."""
    _working(request)
    absence: Absence = get_object_or_404(absences_in_reach(request.actor), pk=absence_id)
    ended = end_absence(absence, by=request.actor)
    if ended.cancelled_at or ended.ended_on == request.actor.today:
        notices.tell_the_cover_that_it_is_over(absence, by=request.actor)
    whose = "Your absence" if absence.user_id == request.actor.user_id else f"The absence of {absence.user.name}"
    messages.success(request, f"{whose} is ended. {absence.cover.name} covers no more.")
    return redirect(reverse("notify:away"))
