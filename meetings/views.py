"""The meeting's pages: its panel in the plan, arranging, moving, recording; one's own meetings and answers."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from children.queries import Team, team_of
from meetings import actions, forms, page, policies, queries
from meetings.models import Meeting, MeetingState
from pepportal.access.actor import Actor
from pepportal.access.guard import PortalRequest, guarded
from pepportal.access.vocabulary import May
from pepportal.ui.wording import in_words
from peps.models import Pep
from peps.policies import PepInView, pep_for
from peps.states import NotPossible, PepState

BOTH = ("GET", "POST")
A_PAGE = 20


def _sent(request: PortalRequest) -> QueryDict | None:
    """What was sent; an empty form is sent too."""
    return request.POST if request.method == "POST" else None


def _panel(pep: Pep) -> HttpResponse:
    return redirect("meetings:panel", pep.pk)


# --- in the plan --------------------------------------------------------------------------------------------------------


@guarded(May.SEE_PEP)
def panel(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    """What is arranged, who is asked and what they answered, moves and why; or whose job it is to arrange it."""
    view = pep_for(request.actor, pep_id, May.SEE_PEP, looked_at="the meeting")
    return render(request, "meetings/panel.html", page.panel_page(view, request.actor))


@guarded(May.ARRANGE_MEETING, methods=BOTH)
def arrange(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    """Date, place and people of the plan's meeting, under the council's rule for meeting dates."""
    actor = request.actor
    view = pep_for(actor, pep_id, May.ARRANGE_MEETING, looked_at="arranging the meeting")
    if view.pep.state != PepState.PREPARING or queries.meeting_of(view.pep):
        messages.info(request, "This plan’s meeting is arranged or held already.")
        return _panel(view.pep)
    team = team_of(view.child, actor.today)
    rule = queries.date_rule(view.pep, team)
    form = forms.ArrangeForm(
        _sent(request), rule=rule, today=actor.today, interim_reason=rule.interim_reason(actor.today),
        suggestions=queries.suggestions(view.pep, team),
        initial={"chair": queries.chair_by_default(view.pep, team), "day": _asked_day(request)},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.schedule(
                view.pep, starts_at=form.starts_at, **form.said(), people=form.everybody(), by=actor
            )
        except NotPossible as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, page.arranged_words(made, actor.today))
            return _panel(view.pep)
    return render(request, "meetings/arrange.html", page.day_page(view, form, team, rule, actor))


def _asked_day(request: PortalRequest) -> date | None:
    """The day of a suggestion that was followed."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None


@guarded(May.ARRANGE_MEETING, methods=BOTH)
def move(request: PortalRequest, meeting_id: UUID) -> HttpResponse:
    """Another day, time or place, and why."""
    actor = request.actor
    meeting, view = policies.meeting_to_arrange(actor, meeting_id, looked_at="moving the meeting")
    if meeting.state != MeetingState.SCHEDULED:
        raise Http404("This meeting is not arranged any more.")
    team = team_of(view.child, actor.today)
    rule = queries.date_rule(view.pep, team)
    reason = rule.interim_reason(actor.today) or ("It is an interim meeting." if meeting.interim else "")
    form = forms.MoveForm(
        _sent(request), rule=rule, today=actor.today, interim_reason=reason,
        initial=forms.MoveForm.as_arranged(meeting) | ({"day": _asked_day(request)} if "day" in request.GET else {}),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            moved = actions.move(meeting, starts_at=form.starts_at, **form.said(), by=actor)
        except NotPossible as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, f"The meeting is now on {page.when(moved)}. Everybody asked is told.")
            return _panel(view.pep)
    context = page.day_page(view, form, team, rule, actor) | {"meeting": meeting}
    return render(request, "meetings/move.html", context)


@guarded(May.ARRANGE_MEETING, methods=BOTH)
def cancel(request: PortalRequest, meeting_id: UUID) -> HttpResponse:
    """Calls the meeting off, with a reason."""
    meeting, view = policies.meeting_to_arrange(request.actor, meeting_id, looked_at="cancelling the meeting")
    form = forms.CancelForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel(meeting, reason=form.cleaned_data["reason"], by=request.actor)
        except NotPossible as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, "The meeting is cancelled. Everybody asked is told.")
            return _panel(view.pep)
    return render(
        request, "meetings/cancel.html", {"view": view, "meeting": meeting, "form": form, "when": page.when(meeting)}
    )


@guarded(May.ARRANGE_MEETING, methods=BOTH)
def invite(request: PortalRequest, meeting_id: UUID) -> HttpResponse:
    """One or more people asked later."""
    actor = request.actor
    meeting, view = policies.meeting_to_arrange(actor, meeting_id, looked_at="inviting to the meeting")
    there = queries.invitations_of(meeting)
    form = forms.InviteForm(
        _sent(request), suggestions=queries.not_asked_yet(view.pep, team_of(view.child, actor.today), there)
    )
    if request.method == "POST" and form.is_valid():
        try:
            for person in form.everybody():
                actions.invite(meeting, person=person, by=actor)
        except NotPossible as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, "They are asked to the meeting.")
            return _panel(view.pep)
    warning = queries.list_warning(view.pep, len(there) + 1)
    return render(request, "meetings/invite.html", {"view": view, "meeting": meeting, "form": form, "warning": warning})


@guarded(May.ARRANGE_MEETING, methods=BOTH)
def uninvite(request: PortalRequest, meeting_id: UUID, invitation_id: UUID) -> HttpResponse:
    """Asks once, then takes a person off the list."""
    meeting, view = policies.meeting_to_arrange(request.actor, meeting_id, looked_at="the meeting's list")
    invitation = meeting.invitations.select_related("user").filter(pk=invitation_id).first()
    if invitation is None:
        raise Http404("Nobody of this name is asked.")
    if request.method == "POST":
        invitation.meeting = meeting
        try:
            actions.uninvite(invitation, by=request.actor)
            messages.success(request, f"{invitation.name} is off the list.")
        except NotPossible as why:
            messages.error(request, str(why))
        return _panel(view.pep)
    return render(request, "meetings/uninvite.html", {"view": view, "meeting": meeting, "invitation": invitation})


@guarded(May.ARRANGE_MEETING, methods=BOTH)
def record(request: PortalRequest, meeting_id: UUID) -> HttpResponse:
    """What happened: who came, what was said, when they meet next. For a phone on the table."""
    actor = request.actor
    meeting, view = policies.meeting_to_arrange(actor, meeting_id, looked_at="the meeting's record")
    if meeting.state == MeetingState.CANCELLED:
        raise Http404("This meeting was cancelled.")
    form = _record_form(request, meeting, view)
    if request.method == "POST" and form.is_valid():
        try:
            actions.record(meeting, **form.said(), by=actor)
        except NotPossible as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, page.recorded_words(view.pep, form.cleaned_data.get("next_on")))
            return _panel(view.pep)
    context = {"view": view, "meeting": meeting, "form": form, "when": page.when(meeting), "links": page.during(view)}
    return render(request, "meetings/record.html", context)


def _record_form(request: PortalRequest, meeting: Meeting, view: PepInView) -> forms.RecordForm:
    actor: Actor = request.actor
    team: Team = team_of(view.child, actor.today)
    return forms.RecordForm(
        _sent(request), meeting=meeting, people=queries.invitations_of(meeting), today=actor.today,
        entry_on=view.pep.episode.began_on, next_rule=lambda day: queries.next_date_rule(view.pep, team, day),
        child_name=view.child.first_name,
    )  # fmt: skip


# --- other meetings -----------------------------------------------------------------------------------------------------


@guarded(May.SEE_PEP)
def others(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    """The other meetings about the child's education that are kept with a plan."""
    view = pep_for(request.actor, pep_id, May.SEE_PEP, looked_at="other meetings")
    context = {
        "view": view, "meetings": queries.other_meetings_of(view.pep),
        "may_add": view.may(May.ARRANGE_MEETING) and view.pep.state != PepState.CLOSED,
    }  # fmt: skip
    return render(request, "meetings/others.html", context)


@guarded(May.ARRANGE_MEETING, methods=BOTH)
def add_other(request: PortalRequest, pep_id: UUID) -> HttpResponse:
    """Records another meeting with the plan."""
    actor = request.actor
    view = pep_for(actor, pep_id, May.ARRANGE_MEETING, looked_at="another meeting")
    form = forms.OtherMeetingForm(_sent(request), today=actor.today)
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_other(view.pep, **form.said(), by=actor)
        except NotPossible as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, "The meeting is kept with the plan.")
            return redirect("meetings:others", pep_id)
    return render(request, "meetings/other.html", {"view": view, "form": form, "row": None})


@guarded(May.ARRANGE_MEETING, methods=BOTH)
def change_other(request: PortalRequest, other_meeting_id: UUID) -> HttpResponse:
    """Puts the record of another meeting right."""
    actor = request.actor
    row, view = policies.other_to_change(actor, other_meeting_id, looked_at="another meeting")
    form = forms.OtherMeetingForm(_sent(request), today=actor.today, row=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct_other(row, **form.said(), based_on=_version(request), by=actor)
        except NotPossible as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, "The record is corrected. What it said before stays in its history.")
            return redirect("meetings:others", view.pep.pk)
    context = {"view": view, "form": form, "row": row, "based_on": row.history.count()}
    return render(request, "meetings/other.html", context)


def _version(request: PortalRequest) -> int:
    """Which version of the record the page showed; 0, which is none, where that was not sent."""
    sent = request.POST.get("based_on", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else 0


# --- one's own ----------------------------------------------------------------------------------------------------------


@guarded()
def meetings(request: PortalRequest) -> HttpResponse:
    """The meetings a person may see: to come, or gone by."""
    actor = request.actor
    form = forms.FindForm(request.GET)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    past = asked.get("when") == "past"
    found = queries.my_meetings(actor, past=past, words=asked.get("q", ""), at=actor.at)
    shown = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    own = queries.replies_of(actor, shown)
    rows = [page.row(meeting, own.get(meeting.pk)) for meeting in shown]
    context = {
        "filter_form": form,
        "page": shown,
        "rows": rows,
        "past": past,
        "searched": bool(asked.get("q")),
        "columns": page.COLUMNS,
    }
    return render(request, "meetings/meetings.html", context)


@guarded(May.REPLY_TO_INVITATION, methods=BOTH)
def meeting(request: PortalRequest, meeting_id: UUID) -> HttpResponse:
    """When and where, and one's own answer. Those who read the plan and were not asked go to the plan's page."""
    actor = request.actor
    view = policies.meeting_for(actor, meeting_id, looked_at="a meeting")
    if view.invitation is None and request.method == "GET":
        return _panel(view.meeting.pep)
    invitation = policies.own_invitation(view)
    form = forms.ReplyForm(_sent(request), initial={"answer": invitation.reply})
    if request.method == "POST" and form.is_valid():
        try:
            actions.reply(invitation, answer=form.cleaned_data["answer"], by=actor)
        except NotPossible as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, "Your answer is kept. You can change it until the meeting.")
            return redirect(reverse("meetings:meeting", args=[meeting_id]))
    context = page.meeting_page(view) | {"form": form, "today": in_words(actor.today)}
    return render(request, "meetings/meeting.html", context)
