"""A person's calendar feed (RFC 5545): the days of what they owe and their meetings, by reference and link only.

Whoever has the address can read it, so it names no child, no school and no place, and says of each thing only that it is due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from icalendar import Calendar, Event

from children.policies import visible_to
from meetings.ics import LONDON, london_time
from meetings.models import Invitation, Meeting, MeetingState, Reply
from pepportal.access.actor import Actor
from pepportal.clock.models import Obligation, ObligationChange
from pepportal.pages.owed import owed_by, owed_href

UTC = ZoneInfo("UTC")
MOST = 1000
"""Things owed in one feed: nobody's diary needs more, and a feed must stay small."""
WORDS = {
    "initiated": "a plan is to be started", "first_pep": "a first plan is to be opened", "arranged": "a meeting is to be arranged",
    "meeting": "a meeting is to be held", "completed": "a plan is to be complete", "prepare": "your part is due",
    "complete": "your part is due", "return": "a plan is to be returned", "upload": "a plan is to be uploaded",
    "send": "a copy is to be sent", "amend": "a returned plan is to be amended", "quality": "a plan is to be checked",
    "next_review": "the next review is due", "extra_pep": "an extra plan is due", "formal_review": "a formal review is due",
    "care_review": "the plan is to be ready", "sdq": "a score is due", "data": "data are due", "allocate": "an allocation is due",
    "teacher": "a contact is to be found", "next_school": "a next step is to be recorded",
}  # fmt: skip
"""What an entry says of each kind. Titles are not used: they may come to name somebody."""


@dataclass(frozen=True)
class Entry:
    """One entry of the diary: on a day, or from a moment for some minutes."""

    uid: str
    sequence: int
    summary: str
    link: str
    written_at: datetime
    day: date | None = None
    starts_at: datetime | None = None
    minutes: int = 0


@dataclass(frozen=True)
class FeedContent:
    text: str
    children: frozenset[UUID]
    """Whom it is about, for the record of the look."""


def feed_content(actor: Actor, made_at: datetime) -> FeedContent:
    """The feed of this person now: what they owe about the children they still see, and the meetings about those to which
    they are asked or which they arrange. Two queries."""
    owed = _owed(actor)
    meetings = _meetings(actor)
    entries = [_owed_entry(row, made_at) for row in owed] + [_meeting_entry(row, made_at) for row in meetings]
    about = {row.child_id for row in owed} | {row.pep.child_id for row in meetings}
    return FeedContent(calendar_text(entries), frozenset(about))


def _owed(actor: Actor) -> list[Obligation]:
    last = ObligationChange.objects.filter(child_id=OuterRef("child_id"), obligation_key=OuterRef("key"))
    rows = owed_by(actor).annotate(changed_at=Subquery(last.order_by("-id").values("at")[:1]))
    return list(rows[:MOST])


def _meetings(actor: Actor) -> list[Meeting]:
    asked = Invitation.objects.filter(meeting=OuterRef("pk"), user=actor.user).exclude(reply=Reply.NO)
    last = Meeting.history.filter(id=OuterRef("pk")).order_by("-history_date").values("history_date")[:1]
    rows = Meeting.objects.filter(state=MeetingState.SCHEDULED, pep__child__in=visible_to(actor).values("pk"))
    rows = rows.filter(Q(organised_by=actor.user) | Exists(asked)).select_related("pep__child")
    return list(rows.annotate(changed_at=Subquery(last)).order_by("starts_at", "id")[:MOST])


def _owed_entry(row: Obligation, made_at: datetime) -> Entry:
    changed: datetime | None = row.changed_at  # type: ignore[attr-defined]
    said = WORDS.get(row.kind, "something is due")
    return Entry(
        uid=f"obligation-{row.pk}", sequence=row.revision, summary=f"PEP: {said} ({row.child.reference})",
        link=settings.PORTAL_ADDRESS + owed_href(row), written_at=changed or made_at, day=row.due_on,
    )  # fmt: skip


def _meeting_entry(row: Meeting, made_at: datetime) -> Entry:
    changed: datetime | None = row.changed_at  # type: ignore[attr-defined]
    return Entry(
        uid=f"meeting-{row.pk}", sequence=row.sequence, summary=f"PEP meeting ({row.pep.child.reference})",
        link=settings.PORTAL_ADDRESS + reverse("meetings:panel", args=[row.pep_id]), written_at=changed or made_at,
        starts_at=row.starts_at, minutes=row.minutes,
    )  # fmt: skip


def calendar_text(entries: list[Entry]) -> str:
    """The feed's text: the same for the same entries, so that a diary that has it needn't fetch it again."""
    host = urlsplit(settings.PORTAL_ADDRESS).hostname or "portal"
    calendar = Calendar()
    calendar.add("prodid", "-//PEP portal//Feed//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "PEP portal")
    calendar.add("x-wr-timezone", "Europe/London")
    calendar.add("refresh-interval", timedelta(hours=6), {"value": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    calendar.add_component(london_time())
    for entry in entries:
        event = Event()
        event.add("uid", f"{entry.uid}@{host}")
        event.add("sequence", entry.sequence)
        event.add("dtstamp", entry.written_at.astimezone(UTC))
        event.add("summary", entry.summary)
        if entry.starts_at is not None:
            starts = entry.starts_at.astimezone(LONDON)
            event.add("dtstart", starts)
            event.add("dtend", starts + timedelta(minutes=entry.minutes))
        elif entry.day is not None:
            event.add("dtstart", entry.day)
            event.add("dtend", entry.day + timedelta(days=1))
            event.add("transp", "TRANSPARENT")
        event.add("class", "PRIVATE")
        event.add("url", entry.link)
        event.add("description", f"Who and what: {entry.link}")
        calendar.add_component(event)
    return calendar.to_ical().decode("utf-8")
