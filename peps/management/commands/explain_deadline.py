"""``manage.py explain_deadline``: when something is due under a council's published rules, and why that day."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pepportal.profiles.reading import Profile, ProfileError, read, read_default, read_published
from peps.deadlines import rules
from peps.deadlines.calendars import BankHolidays, CalendarNotPublished, Calendars, SchoolCalendar, WorkingCalendar
from peps.deadlines.provisional import provisionally
from peps.deadlines.rules import Deadline, Policy
from peps.management import asked


@dataclass(frozen=True)
class Question:
    """What is asked about one child, as the options give it."""

    trigger: date
    planned: bool
    has_school_place: bool
    change: str
    year_group: int | None


Rule = Callable[[Policy, Question, Calendars], Deadline | None]
KINDS: dict[str, Rule] = {
    "first_pep": lambda p, q, c: rules.first_pep(p, q.trigger, q.planned, q.has_school_place, c),
    "review": lambda p, q, c: rules.next_review(p, q.trigger, calendars=c, year_group=q.year_group),
    "completion": lambda p, q, c: rules.completion(p, q.trigger, calendars=c),
    "extra_pep": lambda p, q, c: rules.extra_pep(p, q.trigger, q.change or next(iter(p.extra_pep_on), ""), calendars=c),
    "preparation": lambda p, q, c: rules.preparation(p, q.trigger, calendars=c),
    "quality": lambda p, q, c: rules.quality_turnaround(p, q.trigger, calendars=c),
    "care_review": lambda p, q, c: rules.before_care_review(p, q.trigger, calendars=c),
}
TRIGGERS = "the entry to care, the meeting, the change, the day the plan was sent in, or the care review"


class Command(BaseCommand):
    help = "When something is due under a council's published rules, with the rule, the steps and what was assumed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--profile", metavar="NAME|FILE", help="a shipped profile, or a TOML file")
        parser.add_argument("--kind", metavar="KIND", help=", ".join(KINDS))
        parser.add_argument("--trigger", metavar="DATE", help=f"the day it is counted from: {TRIGGERS}")
        parser.add_argument("--placement", metavar="planned|unplanned", help="needed for the first PEP")
        parser.add_argument("--no-school-place", action="store_true")
        parser.add_argument(
            "--change", metavar="WORD", help="for an extra PEP: what has changed, in the profile's word"
        )
        parser.add_argument("--year-group", metavar="N", help="for councils that publish dates by year group")
        parser.add_argument("--calendar", metavar="FILE", help="the school's term dates: TOML, CSV or iCalendar")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        kind = asked.one_of(options["kind"], "--kind", KINDS)
        profile = self.profile(options["profile"])
        question = self.question(kind, options)
        policy = rules.policy_of(profile.document)
        if question.change and question.change not in policy.extra_pep_on:
            asked.one_of(question.change, "--change", policy.extra_pep_on)
        calendars = self.calendars(options["calendar"], has_school=question.has_school_place)
        until = date(min(question.trigger.year + 2, 9000), 8, 31)
        try:
            found = provisionally(lambda c: KINDS[kind](policy, question, c), calendars, until)
        except (CalendarNotPublished, OverflowError) as error:
            raise CommandError(f"That day can’t be worked out: {error}") from error
        if found is None:
            raise CommandError(self.no_answer(kind, policy, question, calendars))
        told = self.told(profile, found)
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        for line in asked.steps_in_words(found.steps):
            self.stdout.write(line)
        self.stdout.write(f"{found.rule}\n{found.explanation}")
        self.stdout.write(f"{profile.title}, version {profile.version}. Source: {found.source}.")
        for sentence in found.assumed:
            self.stdout.write(f"Assumed: {sentence}")
        if found.provisional:
            self.stdout.write("Provisional: it rests on a year that is not published yet.")

    def told(self, profile: Profile, found: Deadline) -> dict[str, Any]:
        return {
            "due": found.due.isoformat(),
            "steps": asked.steps_said(found.steps),
            "profile": profile.name,
            "version": profile.version,
            "rule": found.rule,
            "event": found.event,
            "unit": found.unit,
            "count": found.count,
            "assumed": list(found.assumed),
            "default": found.default,
            "provisional": found.provisional,
            "explanation": found.explanation,
            "source": found.source,
        }

    def profile(self, name: str | None) -> Profile:
        """A shipped profile by its name, or one from a file. Raises CommandError."""
        try:
            if name and name.endswith(".toml"):
                return read(Path(name).read_text(encoding="utf-8"), read_default(), file=name)
            return read_published(name or "")
        except (ProfileError, OSError, UnicodeDecodeError) as error:
            first = str(error).splitlines()[0]
            raise CommandError(
                first if name else f"Give --profile NAME or a TOML file: {first.partition('; ')[2]}."
            ) from error

    def question(self, kind: str, options: dict[str, Any]) -> Question:
        placement = options["placement"]
        if kind == "first_pep" or placement is not None:
            placement = asked.one_of(placement, "--placement", ("planned", "unplanned"))
        return Question(
            trigger=asked.one_day(options["trigger"], "--trigger"),
            planned=placement != "unplanned",
            has_school_place=not options["no_school_place"],
            change=options["change"] or "",
            year_group=None
            if options["year_group"] is None
            else asked.one_number(options["year_group"], "--year-group"),
        )

    def calendars(self, file: str | None, *, has_school: bool) -> Calendars:
        """Working days always; the school's own days from its file; a school without a file has published nothing."""
        holidays = asked.holidays_now(self.stderr.write)
        listed = BankHolidays(holidays)
        school = asked.calendar_in(file, holidays) if file else SchoolCalendar([], listed)
        return Calendars(WorkingCalendar(listed), school if has_school else None)

    def no_answer(self, kind: str, policy: Policy, question: Question, calendars: Calendars) -> str:
        if kind == "extra_pep" and not policy.extra_pep_on:
            return f"Under {policy.name} no change calls an extra PEP."
        try:
            KINDS[kind](policy, question, calendars)
        except LookupError as missing:
            return f"{missing} Give --calendar FILE with that year."
        return f"{policy.name} has no rule for {kind.replace('_', ' ')}."
