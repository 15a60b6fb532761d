"""Invitations as a diary reads them back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from meetings.ics import CANCEL, LONDON, PLACE_UNTOLD, Entry, calendar_file

ENTRY = Entry(
    meeting_id=UUID("0b6c1d7e-0000-4000-8000-000000000001"), sequence=0, starts_at=datetime(2026, 10, 20, 14, 0, tzinfo=LONDON), minutes=75,
    place="Room 4", attendee="sw@portal.example", link="https://portal.example/meetings/1/", host="portal.example",
    written_at=datetime(2026, 10, 6, 10, 0, tzinfo=LONDON),
)  # fmt: skip


def read(text: str):
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def changed(**what) -> Entry:
    return Entry(**(ENTRY.__dict__ | what))


def test_a_diary_reads_what_was_meant():
    calendar, event = read(calendar_file(ENTRY))
    assert calendar["method"] == "REQUEST"
    assert str(event["uid"]).startswith(str(ENTRY.meeting_id)) and event["sequence"] == 0
    assert event.decoded("dtstart") == ENTRY.starts_at
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(minutes=75)
    assert event["dtstart"].params["TZID"] == "Europe/London"
    assert str(event["summary"]) == "PEP meeting" and str(event["location"]) == "Room 4"
    assert str(event["organizer"]) == "mailto:no-reply@portal.example"


@pytest.mark.parametrize(
    "moment", [datetime(2026, 10, 20, 14, tzinfo=LONDON), datetime(2026, 11, 20, 14, tzinfo=LONDON)]
)
def test_the_hour_is_right_on_both_sides_of_the_clock_change(moment):
    _, event = read(calendar_file(changed(starts_at=moment.astimezone(ZoneInfo("UTC")))))
    assert event.decoded("dtstart").astimezone(ZoneInfo("UTC")) == moment.astimezone(ZoneInfo("UTC"))
    assert event["dtstart"].to_ical().decode().endswith("T140000")


def test_the_zones_rules_agree_with_the_clock():
    calendar, _ = read(calendar_file(ENTRY))
    (zone,) = calendar.walk("VTIMEZONE")
    london = zone.to_tz(lookup_tzid=False)
    for month in (1, 3, 4, 7, 10, 11, 12):
        naive = datetime(2027, month, 15, 12)
        assert naive.replace(tzinfo=london).utcoffset() == naive.replace(tzinfo=LONDON).utcoffset()


def test_a_move_keeps_the_uid_and_raises_the_sequence():
    _, first = read(calendar_file(ENTRY))
    _, second = read(calendar_file(changed(sequence=1)))
    assert first["uid"] == second["uid"] and second["sequence"] == 1


def test_a_cancellation_says_so():
    calendar, event = read(calendar_file(ENTRY, method=CANCEL))
    assert calendar["method"] == "CANCEL" and event["status"] == "CANCELLED"


def test_somebody_without_an_account_is_not_told_where():
    _, event = read(calendar_file(changed(place=None)))
    assert str(event["location"]) == PLACE_UNTOLD


HOSTILE = [
    "Room 4\r\nATTENDEE:mailto:evil@x.example",
    "Room 4\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:Another",
    'Room; 4, by the \\n hall "quoted"',
    "é" * 150 + " 🏫 " + "長" * 40,
    "A\u2028ATTENDEE:mailto:evil@x.example\x00\x85B",
]


@pytest.mark.parametrize("place", HOSTILE)
def test_no_place_can_add_a_line_of_its_own(place):
    text = calendar_file(changed(place=place))
    calendar, event = read(text)
    assert len(calendar.walk("VEVENT")) == 1 and not isinstance(event["attendee"], list)
    assert str(event["attendee"]) == "mailto:sw@portal.example"
    assert str(event["summary"]) == "PEP meeting"
    assert not any(line.startswith(("ATTENDEE", "END:VEVENT")) for line in text.split("LOCATION:")[1].split("\r\n")[:1])
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_what_a_place_says_comes_through():
    place = HOSTILE[2]
    _, event = read(calendar_file(changed(place=place)))
    assert str(event["location"]) == place
