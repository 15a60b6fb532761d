"""Counting days from one day to another, with every step kept. The first day is day 0, unless a council says 1."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from dataclasses import dataclass
from datetime import date

from peps.deadlines.calendars import ONE_DAY, DayCalendar, in_words

#: What one counted day is called, and several.
UNIT_WORDS = {
    "school": ("school day", "school days"),
    "working": ("working day", "working days"),
    "calendar": ("day", "days"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One day on the way: either the Nth counted day, or skipped, and why."""

    date: date
    counted: int | None
    skipped: str | None


@dataclass(frozen=True)
class Answer:
    """A day, and every day that was counted or skipped to find it."""

    due: date
    steps: tuple[Step, ...]

    @property
    def skipped(self) -> Counter[str]:
        """How often each reason skipped a day, without the names after the colon."""
        return Counter(step.skipped.partition(":")[0] for step in self.steps if step.skipped)


def due_only(start: date, count: int, calendar: DayCalendar, *, day_zero: bool = True) -> date:
    """The last permitted day without the steps: the `count`th counted day after `start`.

    With `day_zero` false `start` itself is day 1 where it counts. A count of 0 is `start`. Raises ValueError for a
    negative count and CalendarNotPublished past the published days.
    """
    if count < 0:
        raise ValueError(f"a number of days can't be negative: {count}")
    return calendar.nth_after(start if day_zero or not count else start - ONE_DAY, count)


def add_days(start: date, count: int, calendar: DayCalendar, day_zero: bool = True) -> Answer:
    """As `due_only`, with each day from `start` to the answer counted or skipped and why (day 0 itself is no step)."""
    due = due_only(start, count, calendar, day_zero=day_zero)
    steps: list[Step] = []
    number = 0
    day = start + ONE_DAY if day_zero or not count else start
    while day <= due:
        reason = calendar.reason_not(day)
        if reason is None:
            number += 1
        steps.append(Step(day, number if reason is None else None, reason))
        day += ONE_DAY
    return Answer(due, tuple(steps))


def subtract_days(day: date, count: int, calendar: DayCalendar) -> Answer:
    """The `count`th counted day before `day`, with the days between, the earliest first, numbered back from `day`."""
    if count < 0:
        raise ValueError(f"a number of days can't be negative: {count}")
    due = calendar.nth_before(day, count)
    steps: list[Step] = []
    number = 0
    each = day - ONE_DAY
    while each >= due:
        reason = calendar.reason_not(each)
        if reason is None:
            number += 1
        steps.append(Step(each, number if reason is None else None, reason))
        each -= ONE_DAY
    return Answer(due, tuple(reversed(steps)))


def days_between(today: date, due: date, calendar: DayCalendar) -> int:
    """Counted days left until `due`; below zero the counted days since. 0 today, and where none lies between."""
    if due >= today:
        return calendar.counted(today + ONE_DAY, due)
    return -calendar.counted(due + ONE_DAY, today)


def due_words(today: date, due: date, calendar: DayCalendar) -> str:
    """ "due today", "due in 3 school days", "2 school days late"; the date where no counted day lies between."""
    if due == today:
        return "due today"
    left = days_between(today, due, calendar)
    if left > 0:
        return f"due in {amount(left, calendar.unit)}"
    if left < 0:
        return f"{amount(-left, calendar.unit)} late"
    return f"due on {in_words(due)}" if due > today else f"late since {in_words(due)}"


def amount(count: int, unit: str) -> str:
    """ "1 school day", "20 working days"."""
    one, many = UNIT_WORDS[unit]
    return f"{count} {one if count == 1 else many}"


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the month's last where it has no such day: 31 August + 6 = 28 February."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def explain(answer: Answer, *, start: date, count: int, unit: str, day_zero: bool = True) -> str:
    """The answer in one or two plain sentences, with the skipped days by reason, the most frequent first.

    "20 school days from Monday 13 October 2025 at this school: Monday 24 November 2025. 22 days were skipped: 12
    weekend days and 10 days of half term."
    """
    where = " at this school" if unit == "school" else ""
    since = "from" if day_zero else "counting from"
    sentence = f"{amount(count, unit)} {since} {in_words(start)}{where}: {in_words(answer.due)}."
    if unit == "calendar":
        return sentence
    total = sum(answer.skipped.values())
    if not total:
        return f"{sentence} No day was skipped."
    parts = [_skipped(reason, number) for reason, number in answer.skipped.most_common()]
    said = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{sentence} {total} {'day was' if total == 1 else 'days were'} skipped: {said}."


def _skipped(reason: str, number: int) -> str:
    several = number != 1
    plain = {
        "weekend": f"{number} weekend {'days' if several else 'day'}",
        "bank holiday": f"{number} bank {'holidays' if several else 'holiday'}",
        "staff training (INSET)": f"{number} staff training {'days' if several else 'day'}",
        "occasional day": f"{number} occasional {'days' if several else 'day'}",
        "closed": f"{number} {'days' if several else 'day'} the school was closed",
    }
    if reason in plain:
        return plain[reason]
    the = "" if reason == "half term" else "the "
    return f"{number} {'days' if several else 'day'} of {the}{reason}"
