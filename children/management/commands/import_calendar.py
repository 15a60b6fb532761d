"""``manage.py import_calendar FILE --school … | --authority …``: term dates from a file, checked whole, then published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q, QuerySet
from django.db.utils import OperationalError

from children import actions, queries, rules
from children.calendar_files import LARGEST_FILE, Reading, read_file
from children.models import School
from pepportal.accounts.models import Authority
from pepportal.audit.acting import the_portal
from pepportal.timekeeping import now


class Command(BaseCommand):
    help = "Checks term dates (TOML, CSV or iCalendar) and publishes them as a new version: every year of the file, or none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--school", metavar="NAME|URN|ID", help="whose days they are")
        parser.add_argument("--authority", metavar="CODE|NAME", help="or the council whose pattern they are")
        parser.add_argument("--source", default="", help="where they were published")
        parser.add_argument("--check", action="store_true", help="only check the file")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.publish(options)
        except OperationalError as error:
            raise CommandError("The database can’t be reached: start it, and run this again.") from error

    def publish(self, options: dict[str, Any]) -> None:
        """Reads the file, publishes it unless it is only checked, and tells what was done. Raises CommandError."""
        reading = self.read(options["file"])
        school, authority = self.owner(reading, options)
        versions: list[dict[str, Any]] = []
        holidays = queries.bank_holidays()
        counted = {year.academic_year: rules.pupil_days(year, holidays) for year in reading.years}
        if not options["check"]:
            try:
                made = actions.publish_calendars(
                    years=reading.years, name=reading.name or str(school or authority), school=school, authority=authority,
                    source=options["source"] or Path(options["file"]).name, by=the_portal(now()),
                )  # fmt: skip
            except actions.FactsConflict as conflict:
                raise CommandError(conflict.sentence) from conflict
            versions = [
                {"academic_year": row.academic_year, "version": row.version, "pupil_days": counted[row.academic_year]}
                for row in made
            ]
        told = {
            "file": options["file"],
            "owner": str(school or authority or ""),
            "checked_only": options["check"],
            "years": [{"academic_year": name, "pupil_days": days} for name, days in counted.items()],
            "versions": versions,
            "warnings": list(reading.warnings),
        }
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        for warning in reading.warnings:
            self.stderr.write(warning)
        for row in versions or told["years"]:
            done = f"published for {told['owner']} as version {row['version']}" if versions else "can be published"
            self.stdout.write(f"{row['academic_year']}: {row['pupil_days']} pupil days, {done}.")

    def read(self, file: str) -> Reading:
        """Every year of the file. Raises CommandError with every mistake."""
        try:
            with Path(file).open("rb") as opened:
                content = opened.read(LARGEST_FILE + 1)
        except OSError as error:
            raise CommandError(f"The file {file} can’t be read: {error.strerror or error}.") from error
        reading = read_file(content, file, queries.bank_holidays())
        if reading.problems:
            raise CommandError("\n".join(f"{file}: {problem}" for problem in reading.problems))
        return reading

    def owner(self, reading: Reading, options: dict[str, Any]) -> tuple[School | None, Authority | None]:
        """The school or the council that is named: by the options, else by the file itself. Raises CommandError."""
        school, authority = options["school"], options["authority"]
        if school and authority:
            raise CommandError("Give --school or --authority, not both.")
        if authority:
            found = Authority.objects.filter(Q(code__iexact=authority) | Q(name__iexact=authority))
            return None, one(found, f"--authority “{authority}”", "code or name")
        if school:
            return one(schools(school), f"--school “{school}”", "name, URN or id"), None
        if options["check"]:
            return None, None
        named = list(schools(reading.name)[:2]) if reading.name else []
        if len(named) == 1:
            return named[0], None
        raise CommandError("Say whose term dates they are: --school NAME, URN or id, or --authority CODE or name.")


def schools(text: str) -> QuerySet[School]:
    """Schools of that name, URN or id."""
    wanted = Q(organisation__name__iexact=text) | Q(urn=text)
    try:
        wanted |= Q(pk=UUID(text))
    except ValueError:
        pass
    return School.objects.filter(wanted).select_related("organisation")


def one(found: QuerySet[Any], said: str, by: str) -> Any:
    """The one row found. Raises CommandError where there is none, or several."""
    rows = list(found[:2])
    if len(rows) == 1:
        return rows[0]
    raise CommandError(f"{said} fits {'several' if rows else 'nothing'}: give its whole {by} as the portal has it.")
