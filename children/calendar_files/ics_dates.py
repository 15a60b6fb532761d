"""Term dates as a calendar file (iCalendar), as schools' websites offer it for phones.

What an event means is read from its summary: "Autumn term 1" over several days is a stretch of school; "Term starts" and
"Term ends" are a pair; INSET, training and non-pupil days are closed; holidays and bank holidays are not kept, but may not
contradict the terms. An event that can't be understood is named with its line, and nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from children.calendar_files.drafts import (
    LONGEST_CLOSURE,
    DraftYear,
    Mistakes,
    Reading,
    Row,
    finish,
    is_training,
    weekday_mistake,
    year_of,
)
from children.rules import day_words

LONDON = ZoneInfo("Europe/London")
MOST_EVENTS = 1000
LONGEST_SUMMARY = 200
"""Characters of a summary that are looked at: what an event is stands at its beginning."""
ODD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a calendar file can make its library or a date raise."""
ONE_DAY = timedelta(days=1)
_BANK_HOLIDAY = re.compile(
    r"bank holiday|public holiday|good friday|easter monday|christmas day|boxing day|new year.?s day|\bmay day\b", re.I
)
_HOLIDAY = re.compile(r"\bholidays?\b|\bbreak\b(?! ?up)|\bvacation\b|\bhalf[- ]?term\b(?!\s*[1-6]\b)", re.I)
_PART = r"(term|half[- ]?term\s*[1-6]?|school|academic year|pupils?|students?|children|classes)"
_STARTS = re.compile(
    rf"\b{_PART}\b.*\b(starts?|begins?|opens?|reopens?|returns?|back)\b|\b(start|beginning|first day)\b.*\b{_PART}\b",
    re.I,
)
_ENDS = re.compile(rf"\b{_PART}\b.*\b(ends?|finish(es)?|closes|breaks? up)\b|\b(end|last day)\b.*\b{_PART}\b", re.I)
_TERM = re.compile(r"\bterm\b|\bhalf[- ]?term\s*[1-6]\b", re.I)
_CLOSED = re.compile(
    r"\bocc?asional\b|\bclosed\b|\bclosure\b|\bno school\b|\bday off\b|\bemergency\b|\bpolling\b", re.I
)


@dataclass(frozen=True)
class Event:
    summary: str
    first: date
    last: date
    line: int

    @property
    def row(self) -> Row:
        return Row(self.first, self.last, self.summary, self.line)

    @property
    def when(self) -> str:
        if self.first == self.last:
            return day_words(self.first)
        return f"{day_words(self.first)} to {day_words(self.last)}"


def read(text: str, bank_holidays: Collection[date]) -> Reading:
    """The academic years in a calendar file, or every mistake found in it."""
    return _Reader(text).read(bank_holidays)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.mistakes = Mistakes()
        self.years: dict[str, DraftYear] = {}

    def read(self, bank_holidays: Collection[date]) -> Reading:
        lines = _event_lines(self.text)
        if len(lines) > MOST_EVENTS:
            return Reading(
                "", (), (f"There are {len(lines):,} events; a school year has about 20. Export only the term dates.",)
            )
        try:
            calendar: Any = icalendar.Calendar.from_ical(self.text)
            events = calendar.walk("VEVENT")
        except (*ODD, RecursionError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            return Reading("", (), (f"This is not a whole calendar file ({said[:120]}). Export it again.",))
        if len(events) != len(lines):
            return Reading("", (), ("This is not a whole calendar file: an event in it has no end. Export it again.",))
        found = [event for each, line in zip(events, lines, strict=True) if (event := self.readable(each, line))]
        self.sort_out(sorted(found, key=lambda event: (event.first, event.line)))
        if not self.mistakes and not any(year.spans for year in self.years.values()):
            self.mistakes.add(0, "There is no term in this calendar: it needs events such as “Autumn term 1”")
        years = [self.years[name] for name in sorted(self.years) if self.years[name].spans or self.years[name].closures]
        for year in years:
            year.in_order()
        return finish(str(calendar.get("X-WR-CALNAME", "")), years, self.mistakes, bank_holidays)

    def readable(self, each: Any, line: int) -> Event | None:
        summary = " ".join(str(each.get("SUMMARY", ""))[: 2 * LONGEST_SUMMARY].split())[:LONGEST_SUMMARY]
        try:
            return self.event(each, summary, line)
        except ODD:  # a date past the calendar's end, a time that is no day, two of what there is one of
            self.mistakes.add(
                line, f"“{summary}”: this date can’t be read: write it as DTSTART;VALUE=DATE:20260902, and once only"
            )
            return None

    def event(self, each: Any, summary: str, line: int) -> Event | None:
        """An event's days, or None where it is cancelled or has a mistake. Raises one of ODD for what is no date."""
        if str(each.get("STATUS", "")).upper() == "CANCELLED":
            return None
        if each.errors:
            name, reason = each.errors[0]
            self.mistakes.add(line, f"“{summary}”: its {name or 'content'} can’t be read ({str(reason)[:120]})")
            return None
        if "RRULE" in each or "RDATE" in each:
            self.mistakes.add(line, f"“{summary}” repeats: give each of its days an event of its own")
            return None
        if not summary or "DTSTART" not in each:
            self.mistakes.add(
                line, f"“{summary}” has no date" if summary else "An event has no summary: say what it is"
            )
            return None
        start = _day_of(each["DTSTART"])
        first = _london_day(start)
        if "DTEND" in each:
            end = _day_of(each["DTEND"])
        elif "DURATION" in each:
            end = start + each["DURATION"].dt
        else:
            end = start + ONE_DAY if not isinstance(start, datetime) else start
        last = _last_day(end)
        if end == start:  # some calendars write a single day as ending when it starts
            last = first
        if last < first:
            self.mistakes.add(line, f"“{summary}” ends on {day_words(last)}, before it starts on {day_words(first)}")
            return None
        if not self.mistakes.stretch(first, last, line):
            return None
        event = Event(summary, first, last, line)
        if wrong := weekday_mistake(summary, event.first, event.last):
            self.mistakes.add(line, wrong)
        return event

    def sort_out(self, events: list[Event]) -> None:
        opened: Event | None = None
        for event in events:
            year = self.years.setdefault(year_of(event.first), DraftYear(year_of(event.first), event.line))
            kind = kind_of_event(event)
            if kind == "holiday":
                year.holidays.append(event.row)
            elif kind == "bank holiday":
                year.bank_holidays.append(event.row)
            elif kind == "closed":
                self.close(year, event)
            elif kind == "term":
                year.spans.append(event.row)
            elif kind == "starts":
                if opened:
                    self.unpaired(opened, "end")
                opened = event
            elif kind == "ends" and opened:
                year.spans.append(Row(opened.first, event.last, _pair_words(opened, event), opened.line))
                opened = None
            elif kind == "ends":
                self.unpaired(event, "start")
            else:
                self.mistakes.add(
                    event.line,
                    f"“{event.summary}” ({event.when}) is not understood. Call it a term, an INSET day, an occasional day, a "
                    "holiday or a bank holiday, or take it out",
                )
        if opened:
            self.unpaired(opened, "end")

    def close(self, year: DraftYear, event: Event) -> None:
        days = list(event.row.weekdays())
        if not days:
            self.mistakes.add(event.line, f"“{event.summary}” ({event.when}) is at a weekend")
        elif len(days) > LONGEST_CLOSURE:
            self.mistakes.add(
                event.line, f"“{event.summary}” closes {len(days)} school days: call it a holiday, or the term a term"
            )
        else:
            year.close(event.row, event.summary)

    def unpaired(self, event: Event, missing: str) -> None:
        self.mistakes.add(event.line, f"“{event.summary}” ({event.when}) has no event for the {missing} of that term")


def kind_of_event(event: Event) -> str:
    """term, starts, ends, closed, holiday, bank holiday, or "" where an event's summary says none of these."""
    words, one_day = event.summary, event.first == event.last
    if _BANK_HOLIDAY.search(words):
        return "bank holiday"
    if is_training(words) or _CLOSED.search(words):
        return "closed"
    if one_day and _ENDS.search(words):
        return "ends"
    if one_day and _STARTS.search(words):
        return "starts"
    if _HOLIDAY.search(words):
        return "holiday"
    if not one_day and _TERM.search(words):
        return "term"
    return ""


def _pair_words(first: Event, last: Event) -> str:
    """What both events of a pair say of the term: "Autumn term"."""
    words = first.summary.split()
    shared = [
        word
        for word in words
        if word.lower() in last.summary.lower().split() and word.lower() not in ("of", "for", "the")
    ]
    return " ".join(shared) if len(shared) > 1 else ""


def _day_of(value: Any) -> date | datetime:
    """The day or time of a DTSTART or DTEND. Raises TypeError for a time without a day, a period, or a list of days."""
    found = getattr(value, "dt", None)
    if not isinstance(found, date):
        raise TypeError(f"{type(value).__name__} is no day")
    return found


def _london_day(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return (value.astimezone(LONDON) if value.tzinfo else value).date()
    return value


def _last_day(end: date | datetime) -> date:
    """The last day of an event: its end is the day after for whole days, and for a time of midnight."""
    if isinstance(end, datetime):
        local = end.astimezone(LONDON) if end.tzinfo else end
        return local.date() - ONE_DAY if local.time() == time(0) else local.date()
    return end - ONE_DAY


def _event_lines(text: str) -> list[int]:
    """The line on which each event begins."""
    return [number for number, line in enumerate(text.splitlines(), 1) if line.strip().upper() == "BEGIN:VEVENT"]
