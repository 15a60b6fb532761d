"""What the support commands ask for in common: a date, a number, a file of term dates, the bank holidays as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import Error as DatabaseError
from django.db import connection

from children.bank_holidays import england_and_wales
from children.calendar_files import LARGEST_FILE, Reading, read_file
from children.queries import bank_holidays
from peps.calendars import calendar_of
from peps.deadlines.calendars import CalendarError, SchoolCalendar
from peps.deadlines.counting import Step

SECONDS_TO_REACH_THE_DATABASE = 5


def one_day(text: str | None, option: str) -> date:
    """The day that an option gives, as 2026-09-02. Raises CommandError."""
    if not text:
        raise CommandError(f"Give {option}, a date such as 2026-09-02.")
    try:
        return _exactly(text)
    except ValueError:
        raise CommandError(f"{option} must be a real date such as 2026-09-02, not “{text}”.") from None


def _exactly(text: str) -> date:
    """Python reads 20250902 and 2025-W36-2 too. Raises ValueError."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(text)
    return day


def one_number(text: str | None, option: str) -> int:
    """The number of days that an option gives. Raises CommandError."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 4:
        raise CommandError(f"{option} must be a whole number of days from 0 to 9999, not “{text or ''}”.")
    return int(text)


def one_of(text: str | None, option: str, known: Iterable[str]) -> str:
    """A word that must be one of some. Raises CommandError."""
    if text not in (words := list(known)):
        raise CommandError(f"{option} must be one of {', '.join(words)}, not “{text or ''}”.")
    return str(text)


def holidays_now(note: Callable[[str], Any]) -> dict[date, str]:
    """The bundled bank holidays with what the database adds or cancels; ``note`` is told where it can't be reached."""
    if connection.connection is None:
        connection.settings_dict.setdefault("OPTIONS", {}).setdefault("connect_timeout", SECONDS_TO_REACH_THE_DATABASE)
    try:
        return bank_holidays()
    except DatabaseError:
        note("The database can’t be reached: bank holidays that it adds or cancels are left out.")
        return england_and_wales()


def dates_in(path: str, holidays: dict[date, str]) -> Reading:
    """The term dates in a file. Raises CommandError where it can't be read or holds a mistake."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise CommandError(f"The file {path} can’t be read: {error.strerror or error}.") from error
    reading = read_file(content, path, holidays)
    if reading.problems:
        first, *more = reading.problems
        raise CommandError(f"{path}: {first}{f' (and {len(more)} more)' if more else ''}")
    return reading


def calendar_in(path: str, holidays: dict[date, str]) -> SchoolCalendar:
    """The engine's calendar of a file of term dates. Raises CommandError."""
    try:
        return calendar_of(dates_in(path, holidays).years, holidays)
    except CalendarError as error:
        raise CommandError(f"{path}: {error.problems[0]}") from error


def steps_said(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Each day as JSON has it: counted with its number, or skipped and why."""
    return [
        {"date": step.date.isoformat(), "counted": step.counted}
        if step.skipped is None
        else {"date": step.date.isoformat(), "skipped": step.skipped}
        for step in steps
    ]


def steps_in_words(steps: Iterable[Step]) -> list[str]:
    """Each day as a line to read."""
    return [
        f"{step.date:%a} {step.date.isoformat()}  {step.skipped if step.skipped else f'day {step.counted}'}"
        for step in steps
    ]
