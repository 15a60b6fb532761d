"""``manage.py count_school_days --calendar FILE --year 2025/26``: a file's pupil days, stretch by stretch."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from peps.calendars import calendar_of
from peps.deadlines.calendars import CalendarError, CalendarNotPublished
from peps.management import asked


class Command(BaseCommand):
    help = (
        "How many days pupils attend in a year, by the file's own term dates; refused where it claims another number."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--calendar", metavar="FILE", help="term dates: TOML, CSV or iCalendar")
        parser.add_argument("--year", metavar="2025/26", help="may be left out where the file holds one year")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["calendar"]:
            raise CommandError("Give --calendar FILE, the term dates to count.")
        holidays = asked.holidays_now(self.stderr.write)
        reading = asked.dates_in(options["calendar"], holidays)
        there = [year.academic_year for year in reading.years]
        wanted = options["year"] or (there[0] if len(there) == 1 else "")
        if wanted not in there:
            raise CommandError(f"--year must be one of those in {options['calendar']}: {', '.join(there)}.")
        for warning in reading.warnings:
            self.stderr.write(warning)
        try:
            spans = calendar_of(reading.years, holidays).span_days(wanted)
        except (CalendarError, CalendarNotPublished) as error:
            raise CommandError(f"{options['calendar']}: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps({"total": sum(spans), "spans": spans}))
            return
        (year,) = (year for year in reading.years if year.academic_year == wanted)
        for (first, last, _), days in zip(sorted(year.spans), spans, strict=True):
            self.stdout.write(f"{first.isoformat()} to {last.isoformat()}  {days} pupil days")
        self.stdout.write(f"{wanted}: {sum(spans)} pupil days.")
