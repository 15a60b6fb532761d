"""``manage.py add_days --unit school|working|calendar --from DATE --count N``: the day so many days on, step by step."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from peps.deadlines.calendars import BankHolidays, CalendarDays, CalendarNotPublished, DayCalendar, WorkingCalendar
from peps.deadlines.counting import UNIT_WORDS, add_days, explain
from peps.management import asked


class Command(BaseCommand):
    help = "The day so many days after a day, with every day counted or skipped. The first day is day 0."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--unit", metavar="school|working|calendar")
        parser.add_argument("--from", dest="start", metavar="DATE", help="day 0, such as 2025-10-13")
        parser.add_argument("--count", metavar="N")
        parser.add_argument(
            "--calendar", metavar="FILE", help="term dates: TOML, CSV or iCalendar; needed for school days"
        )
        parser.add_argument("--inset-counts", action="store_true", help="staff training days count as school days")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        unit = asked.one_of(options["unit"], "--unit", ("school", "working", "calendar"))
        start = asked.one_day(options["start"], "--from")
        count = asked.one_number(options["count"], "--count")
        calendar = self.calendar(unit, options["calendar"], inset_counts=options["inset_counts"])
        try:
            answer = add_days(start, count, calendar)
        except CalendarNotPublished as missing:
            mend = f" Add that year to {options['calendar']}." if unit == "school" else ""
            raise CommandError(f"{missing}{mend}") from missing
        except OverflowError as error:
            raise CommandError("That day lies beyond the year 9999.") from error
        if options["json"]:
            told = {"due": answer.due.isoformat(), "steps": asked.steps_said(answer.steps)}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            for line in asked.steps_in_words(answer.steps):
                self.stdout.write(line)
            self.stdout.write(explain(answer, start=start, count=count, unit=unit))

    def calendar(self, unit: str, file: str | None, *, inset_counts: bool) -> DayCalendar:
        """The calendar to count on. Raises CommandError."""
        if file and not Path(file).is_file():  # whatever is counted: a name mistyped is said
            raise CommandError(f"The file {file} can’t be read: there is no such file.")
        if unit == "calendar":
            return CalendarDays()
        if unit == "school" and not file:
            raise CommandError("School days need the school’s own term dates: give --calendar FILE.")
        assert unit in UNIT_WORDS
        holidays: dict[date, str] = asked.holidays_now(self.stderr.write)
        if file and unit == "school":
            return asked.calendar_in(file, holidays).with_inset(inset_counts)
        return WorkingCalendar(BankHolidays(holidays))
