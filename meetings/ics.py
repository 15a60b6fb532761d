"""Invitations as iCalendar text (RFC 5545): what a person's own diary gets. No child is named in it (R45, R46).

Folding and escaping are the library's; what is ours is which facts go in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText

LONDON = ZoneInfo("Europe/London")
REQUEST, CANCEL = "REQUEST", "CANCEL"
SUMMARY = "PEP meeting"
PLACE_UNTOLD = "The organiser will tell you where"


@dataclass(frozen=True)
class Entry:
    """One meeting as one person's diary gets it. ``place`` is None for somebody who may not see the child."""

    meeting_id: UUID
    sequence: int
    starts_at: datetime
    minutes: int
    place: str | None
    attendee: str
    link: str
    host: str
    written_at: datetime


def one_line(text: str) -> str:
    """Text that can't start a line of its own, whatever it holds.

    >>> one_line("Room 4\\r\\nATTENDEE:mailto:x@y.example")
    'Room 4 ATTENDEE:mailto:x@y.example'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def calendar_file(entry: Entry, *, method: str = REQUEST) -> str:
    """The .ics text. UID stays the meeting's for as long as it lives; a later SEQUENCE replaces an earlier one.

    Times are given in Europe/London with its rules, so that a diary abroad or after the clocks change shows the right hour.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//PEP portal//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = Event()
    event.add("uid", f"{entry.meeting_id}@{entry.host}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.written_at.astimezone(ZoneInfo("UTC")))
    starts = entry.starts_at.astimezone(LONDON)
    event.add("dtstart", starts)
    event.add("dtend", starts + timedelta(minutes=entry.minutes))
    event.add("summary", SUMMARY)
    event.add("location", one_line(entry.place) if entry.place else PLACE_UNTOLD)
    event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("url", entry.link)
    organiser = vCalAddress(f"mailto:no-reply@{entry.host}")
    organiser.params["cn"] = vText("PEP portal")
    event.add("organizer", organiser)
    if entry.attendee:
        attendee = vCalAddress(f"mailto:{one_line(entry.attendee).replace(' ', '')}")
        attendee.params["partstat"] = vText("NEEDS-ACTION")
        attendee.params["role"] = vText("REQ-PARTICIPANT")
        event.add("attendee", attendee)
    calendar.add_component(london_time())
    calendar.add_component(event)
    return calendar.to_ical().decode("utf-8")


def london_time() -> Timezone:
    """England's clock as two yearly rules (in force since 1996): seven lines instead of the library's table of every year."""
    zone = Timezone()
    zone.add("tzid", "Europe/London")
    for part, name, month, hour, before, after in (
        (TimezoneDaylight(), "BST", 3, 1, 0, 1),
        (TimezoneStandard(), "GMT", 10, 2, 1, 0),
    ):
        part.add("tzname", name)
        # Without a zone on purpose: a VTIMEZONE gives its own changes in local time.
        part.add("dtstart", datetime(1996, month, 31 if month == 3 else 27, hour))  # noqa: DTZ001
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1SU"})
        part.add("tzoffsetfrom", timedelta(hours=before))
        part.add("tzoffsetto", timedelta(hours=after))
        zone.add_component(part)
    return zone
