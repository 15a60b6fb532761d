"""When people are reminded of what is due, and who is told when it is late: `[reminders]`, `[escalation]`.

Pure. Sources: R15, R16 and the escalation row of the published profiles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from peps.deadlines.calendars import DayCalendar


@dataclass(frozen=True)
class Reminders:
    """So many days of `unit` before a due day, `to` these roles; 0 is the day itself."""

    before_due: tuple[int, ...]
    unit: str
    to: tuple[str, ...]


@dataclass(frozen=True)
class LadderStep:
    """`after` days (0: on the day) from the due day or from the meeting, `by` tells `tell`."""

    after: int
    start: str  # due or meeting_held
    tell: tuple[str, ...]
    by: str = ""
    when: str = "late"  # late, meeting_not_held or document_late


@dataclass(frozen=True)
class Ladder:
    unit: str
    steps: tuple[LadderStep, ...]
    manager_told_of: tuple[str, ...]
    iro_may_raise_with: tuple[str, ...]


def reminders_from(table: Mapping[str, Any]) -> Reminders:
    return Reminders(tuple(table["before_due"]), table["unit"], tuple(table["to"]))


def ladder_from(table: Mapping[str, Any]) -> Ladder:
    return Ladder(
        unit=table["unit"],
        steps=tuple(
            LadderStep(each["after"], each["from"], tuple(each["tell"]), each.get("by", ""), each.get("when", "late"))
            for each in table["steps"]
        ),
        manager_told_of=tuple(table["manager_told_of"]),
        iro_may_raise_with=tuple(table["iro_may_raise_with"]),
    )


def reminder_days(reminders: Reminders, due: date, calendar: DayCalendar) -> tuple[date, ...]:
    """The days on which a reminder is due, the earliest first. Raises CalendarNotPublished."""
    return tuple(sorted(calendar.nth_before(due, count) for count in set(reminders.before_due)))


@dataclass(frozen=True)
class Rung:
    """A step of the ladder with its day."""

    on: date
    step: LadderStep


def rungs(ladder: Ladder, due: date, calendar: DayCalendar, *, meeting_held_on: date | None = None) -> tuple[Rung, ...]:
    """Each step of the ladder with the day on which it is reached if nothing is done, the earliest first.

    Steps counted from the meeting are left out until it has been held. Raises CalendarNotPublished.
    """
    found = []
    for step in ladder.steps:
        start = due if step.start == "due" else meeting_held_on
        if start is not None:
            found.append(Rung(calendar.nth_after(start, step.after), step))
    return tuple(sorted(found, key=lambda rung: rung.on))
