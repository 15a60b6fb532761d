"""When people are reminded of what is due, and who is told when it is late: `[reminders]`, `[escalation]`.

Pure. Sources: R15, R16 and the escalation row of the published profiles.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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


# --- what is owed today -------------------------------------------------------------------------------------------------

FROM_MEETING = 1000
"""Added to the number of a rung that is counted from the meeting, so that it is not taken for one counted from the due day."""
SCHOOLS_SIDE = ("designated_teacher", "head_teacher")
CARES_SIDE = ("social_worker", "team_manager")


@dataclass(frozen=True)
class Owing:
    """What chasing asks of one thing that is due."""

    due: date
    holder: str
    """The role that holds it."""
    about: str = ""
    """ "meeting" for a plan's start and meeting, "document" for what is written after it, "" for anything else."""
    both: bool = False
    """Designated teacher and social worker are both concerned, whoever of them holds it: the meeting, the next review (R15)."""
    chased: bool = True
    """False where it is met, or belongs to an informal review: then nobody is told anything."""
    meeting_held_on: date | None = None
    social_worker_part_missing: bool = False


@dataclass(frozen=True)
class Owed:
    """A step whose day has come and that nobody has taken: its number, its day, the roles that are told."""

    number: int
    on: date
    tell: tuple[str, ...]
    by: tuple[str, ...] = ()
    """The roles that are asked to see to it themselves (R16: the virtual school contacts the designated teacher)."""
    managers: bool = False
    """The social worker's manager is told that their part is missing (R16)."""


def concerned(role: str, owing: Owing) -> bool:
    """Whether a role is told of this at all: nobody is chased for what isn't theirs.

    Designated teacher and social worker where they hold it (or both are concerned), a head teacher where the school's side holds
    it, a team manager where the social worker's does; the virtual school and the reviewing officer always.
    """
    if role in ("designated_teacher", "social_worker"):
        return role == owing.holder or owing.both
    if role == "head_teacher":
        return owing.holder in SCHOOLS_SIDE
    if role == "team_manager":
        return owing.holder in CARES_SIDE
    return True


def reminder_owed(
    reminders: Reminders, owing: Owing, calendar: DayCalendar, as_of: date, taken: Collection[int]
) -> Owed | None:
    """The one reminder that is owed on `as_of` (R15), or nothing.

    Of the days that have come only the latest counts, also after missed nights and where the obligation is younger than the
    days: one reminder, never a pile. Once the due day is past it is the ladder's. `taken` holds the days before due that were
    reminded of already. Raises CalendarNotPublished.
    """
    if not owing.chased or as_of > owing.due:
        return None
    tell = tuple(role for role in reminders.to if role == owing.holder or (owing.both and concerned(role, owing)))
    if not tell:
        return None
    for count in sorted(set(reminders.before_due)):
        day = calendar.nth_before(owing.due, count)
        if day <= as_of:
            return None if any(each <= count for each in taken) else Owed(count, day, tell)
    return None


def rungs_owed(
    ladder: Ladder, owing: Owing, calendar: DayCalendar, as_of: date, taken: Collection[int]
) -> tuple[Owed, ...]:
    """The rungs that are reached on `as_of` and not yet taken, the gravest last; each missed one is made good, each once (R16).

    Nothing is late on its due day. A rung that concerns nobody is left out. Raises CalendarNotPublished.
    """
    if not owing.chased or as_of <= owing.due:
        return ()
    found: dict[int, Owed] = {}
    for step in ladder.steps:
        number = step.after + (FROM_MEETING if step.start == "meeting_held" else 0)
        start = owing.meeting_held_on if step.start == "meeting_held" else owing.due
        if start is None or number in taken or not _speaks_of(step, owing):
            continue
        on = calendar.nth_after(start, step.after)
        if on > as_of:
            continue
        tell = tuple(role for role in step.tell if concerned(role, owing))
        managers = owing.social_worker_part_missing and step is _managers_rung(ladder)
        if tell or managers:
            before = found.get(number, Owed(number, on, ()))
            found[number] = Owed(
                number,
                on,
                tuple(dict.fromkeys((*before.tell, *tell))),
                tuple(dict.fromkeys((*before.by, *((step.by,) if step.by and tell else ())))),
                before.managers or managers,
            )
    return tuple(sorted(found.values(), key=lambda each: (each.on, each.number)))


def _speaks_of(step: LadderStep, owing: Owing) -> bool:
    about = {"meeting_not_held": "meeting", "document_late": "document"}.get(step.when)
    return about is None or about == owing.about


def _managers_rung(ladder: Ladder) -> LadderStep | None:
    """Where the social worker's manager hears that their part is missing: the first rung counted from the meeting; without
    such a one the ladder names the manager itself, or else its last rung is it."""
    if "social_worker_part_missing" not in ladder.manager_told_of:
        return None
    from_meeting = [step for step in ladder.steps if step.start == "meeting_held"]
    if from_meeting:
        return min(from_meeting, key=lambda step: step.after)
    if any("team_manager" in step.tell for step in ladder.steps):
        return None
    return max(ladder.steps, key=lambda step: step.after)
