"""What the meeting's pages show, worded; views stay thin."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import NoReverseMatch, reverse

from children.queries import Team, team_of
from meetings import queries
from meetings.forms import DayAndPlaceForm
from meetings.models import Invitation, Meeting, MeetingState, Reply
from meetings.policies import MeetingInView
from meetings.rules import DateRule
from pepportal.access.actor import Actor
from pepportal.access.vocabulary import May
from pepportal.audit.acting import LONDON
from pepportal.ui.wording import count_words, in_words, join_words, possessive, time_words
from peps.form_documents import Section
from peps.models import Pep
from peps.policies import PepInView
from peps.states import PepState

REPLY_STATUS = {Reply.NONE: "invited", Reply.YES: "accepted", Reply.NO: "declined", Reply.REPORT: "accepted"}
STATE_STATUS = {MeetingState.SCHEDULED: "booked", MeetingState.HELD: "held", MeetingState.CANCELLED: "cancelled"}
COLUMNS = ["Meeting of", "When", "State", "Your answer"]


def when(meeting: Meeting) -> str:
    """ "Tuesday 3 November 2026, 2pm to 3pm"."""
    starts = meeting.starts_at.astimezone(LONDON)
    ends = starts + timedelta(minutes=meeting.minutes)
    return f"{in_words(starts.date())}, {time_words(starts)} to {time_words(ends)}"


def section_of(view: PepInView) -> Section | None:
    """The section of this form that holds the meeting."""
    return next((section for section in view.document.sections if "meeting" in section.panels), None)


def panel_page(view: PepInView, actor: Actor) -> dict[str, Any]:
    pep = view.pep
    meeting = queries.meeting_of(pep)
    section = section_of(view)
    row = pep.sections.select_related("completed_by").filter(key=section.key).first() if section else None
    team = team_of(view.child, actor.today)
    rule = queries.date_rule(pep, team)
    may_arrange = view.may(May.ARRANGE_MEETING)
    status = queries.panel_status(pep)
    return {
        "view": view,
        "meeting": meeting,
        "when": when(meeting) if meeting else "",
        "section": section,
        "title": section.title if section else "The meeting",
        "mine": section is not None and view.owns(section),
        "row": row,
        "missing": status.missing,
        "may_complete": section is not None
        and view.writable
        and not (row and row.complete)
        and view.may_complete(section),
        "may_reopen": section is not None and view.writable and bool(row and row.complete) and view.owns(section),
        "may_arrange": may_arrange,
        "may_record": may_arrange and view.writable and meeting is not None and not (row and row.complete),
        "its_day": meeting is not None and queries.london_day(meeting.starts_at) <= actor.today,
        "may_review": view.may(May.REVIEW_QUALITY),
        "can_arrange": may_arrange and meeting is None and pep.state == PepState.PREPARING,
        "job": queries.whose_job(pep, team),
        "due": rule.due,
        "deadline_href": deadline_href(pep),
        "people": [_person(each, meeting) for each in queries.invitations_of(meeting)] if meeting else [],
        "list_warning": queries.list_warning(pep, meeting.invitations.count()) if meeting else "",
        "changes": _changes(pep, meeting),
        "facts": _facts(meeting) if meeting else [],
        "said": _said(meeting, view) if meeting else [],
        "links": during(view),
    }


def deadline_href(pep: Pep) -> str:
    """The page that explains the day, where it is there."""
    return _address("pages:deadline", pep.child_id, f"meeting:{pep.pk}")


def _address(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _person(each: Invitation, meeting: Meeting) -> dict[str, Any]:
    held = meeting.state == MeetingState.HELD
    if held and each.attended is not None:
        status, word = ("attended", "Came") if each.attended else ("absent", "Did not come")
    else:
        status, word = REPLY_STATUS[Reply(each.reply)], Reply(each.reply).label
    notes = [each.part, "must come" if each.required and not held else ""]
    if not held and not each.user and not each.email:
        notes.append("tell them yourself: no email address is recorded")
    return {
        "name": each.name,
        "note": ", ".join(filter(None, notes)),
        "reason": each.absence_reason,
        "status": status,
        "word": word,
        "remove": "" if held or each.required else reverse("meetings:uninvite", args=[meeting.pk, each.pk]),
    }


def _facts(meeting: Meeting) -> list[dict[str, Any]]:
    rows = [
        {"key": "When", "value": when(meeting), "status": STATE_STATUS[MeetingState(meeting.state)]},
        {"key": "Where", "value": meeting.place},
        {"key": "Led by", "value": meeting.chair or "Not decided"},
        {"key": "Arranged by", "value": meeting.organised_by.name},
    ]
    if meeting.interim:
        rows.insert(1, {"key": "Kind", "value": "Interim meeting, away from the school"})
    if meeting.date_reason:
        rows.append({"key": "Why this day", "value": meeting.date_reason})
    return rows


def _said(meeting: Meeting, view: PepInView) -> list[dict[str, Any]]:
    if meeting.state != MeetingState.HELD:
        return []
    recorder = meeting.recorded_by.name if meeting.recorded_by else ""
    rows: list[dict[str, Any]] = [
        {"key": "Held on", "value": meeting.held_on},
        {"key": "Overview", "value": meeting.overview},
        {"key": f"How {view.child.first_name} took part", "value": meeting.child_took_part},
        {"key": "Next meeting", "value": meeting.next_meeting_on or "Not set yet"},
        {"key": "Recorded by", "value": recorder},
    ]
    if meeting.next_meeting_reason:
        rows.insert(4, {"key": "Why that day", "value": meeting.next_meeting_reason})
    return rows


def _changes(pep: Pep, meeting: Meeting | None) -> list[dict[str, Any]]:
    """Moves with their reasons, and meetings of this plan that were cancelled."""
    found = [
        {"when": queries.cancelled_at(each), "title": f"Cancelled: {when(each)}", "text": each.cancel_reason}
        for each in queries.cancelled_of(pep)
    ]
    for each in queries.moves_of(meeting) if meeting else []:
        was = each.moved_from.astimezone(LONDON)
        text = f"It was to be on {in_words(was.date())}, {time_words(was)}. {each.reason}"
        found.append(
            {
                "when": each.at,
                "by": each.by.name,
                "title": f"Moved to {in_words(each.moved_to.astimezone(LONDON).date())}",
                "text": text,
            }
        )
    return found


def day_page(view: PepInView, form: DayAndPlaceForm, team: Team, rule: DateRule, actor: Actor) -> dict[str, Any]:
    """What stands beside the date: when it is due and why, good days, whose job it is, an interim meeting."""
    dates = rule.good_dates(actor.today)
    return {
        "view": view,
        "form": form,
        "due": rule.due,
        "deadline_href": deadline_href(view.pep),
        "job": queries.whose_job(view.pep, team),
        "me": actor.user,
        "good_dates": dates,
        "interim_reason": rule.interim_reason(actor.today),
        "list_warning": _list_warning(view, form),
    }


def _list_warning(view: PepInView, form: DayAndPlaceForm) -> str:
    suggestions = getattr(form, "suggestions", ())
    chosen = form["people"].value() or [] if "people" in form.fields else []
    other = 1 if "other_name" in form.fields and form["other_name"].value() else 0
    return queries.list_warning(view.pep, sum(each.required for each in suggestions) + len(chosen) + other)


def arranged_words(meeting: Meeting, today: date) -> str:
    if meeting.starts_at.astimezone(LONDON).date() < today:
        return f"The meeting of {when(meeting)} is entered. Record what happened next."
    people = list(meeting.invitations.all())
    alone = [each.name for each in people if not each.user_id and not each.email]
    words = f"The meeting is on {when(meeting)}. {count_words(len(people) - len(alone), 'person')} told by email."
    words = words.replace("person told", "person is told").replace("people told", "people are told")
    return f"{words} Tell {join_words(alone)} yourself." if alone else words


def recorded_words(pep: Pep, next_on: date | None) -> str:
    then = (
        f"The next one is on {in_words(next_on)}."
        if next_on
        else "Set the next meeting’s date before the section is complete."
    )
    return f"The meeting is recorded. {then}"


def during(view: PepInView) -> list[dict[str, str]]:
    """What is written down on other pages while the meeting goes on."""
    pages = [("targets:panel", "Targets"), ("targets:sdq", "SDQ score")]
    if view.may(May.SEE_FUNDING):
        pages.append(("funding:panel", "Pupil Premium Plus"))
    found = [{"href": _address(name, view.pep.pk), "text": text} for name, text in pages]
    return [each for each in found if each["href"]]


def row(meeting: Meeting, own: Invitation | None) -> list[Any]:
    """One meeting in a list."""
    href = reverse("meetings:meeting", args=[meeting.pk])
    answer: Any = {"text": "You were not asked"}
    if own:
        answer = {"status": REPLY_STATUS[Reply(own.reply)], "status_word": own.get_reply_display(), "text": ""}
    return [
        {"text": f"{meeting.pep.child.name}", "href": href, "note": meeting.pep.get_kind_display()},
        when(meeting),
        {"status": STATE_STATUS[MeetingState(meeting.state)], "text": ""},
        answer,
    ]


def meeting_page(view: MeetingInView) -> dict[str, Any]:
    """When and where, for somebody who was asked; nothing of the plan itself."""
    meeting = view.meeting
    rows = [
        {"key": "When", "value": when(meeting), "status": STATE_STATUS[MeetingState(meeting.state)]},
        {"key": "Where", "value": meeting.place},
        {"key": "Led by", "value": meeting.chair or "Not decided"},
        {"key": "Arranged by", "value": meeting.organised_by.name},
        {"key": "You are asked as", "value": view.invitation.part if view.invitation else ""},
    ]
    child = meeting.pep.child
    whose = "Your" if view.invitation and view.invitation.user_id == child.user_id else possessive(child.first_name)
    return {
        "view": view,
        "meeting": meeting,
        "title": f"{whose} PEP meeting",
        "rows": rows,
        "to_come": meeting.state == MeetingState.SCHEDULED,
        "panel_href": reverse("meetings:panel", args=[meeting.pep_id]) if view.reads_plan else "",
    }
