"""``manage.py run_clock --as-of 2026-11-22``: what the clock does by itself in a day, once: sweeps, opens, rolls over, chases."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.utils import OperationalError

from pepportal.audit.acting import LONDON, Acting, the_portal
from pepportal.clock import chasing, day
from pepportal.timekeeping import today
from pepportal.ui.wording import count_words, in_words, join_words
from peps.models import Pep

MORNING = time(6)


class Command(BaseCommand):
    help = (
        "Works out what is owed as of a day, opens the plans whose time has come, reminds and escalates. A second run of the "
        "same day does nothing more."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", metavar="DAY", help="a day such as 2026-11-22; today if you say nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        on = as_day(options["as_of"]) if options["as_of"] else today()
        try:
            done = run(by=the_portal(datetime.combine(on, MORNING, LONDON)))
        except OperationalError as error:
            raise CommandError("The database can’t be reached: start it, and run this again.") from error
        if options["json"]:
            self.stdout.write(json.dumps(done, ensure_ascii=False))
        else:
            for line in lines(done):
                self.stdout.write(line)


def as_day(text: str) -> date:
    """Raises CommandError with a sentence for what isn't a day."""
    try:
        found = date.fromisoformat(text)
        if found.isoformat() != text:  # Python reads 20261122 and 2026-W47-7 too
            raise ValueError(text)
    except ValueError:
        raise CommandError(f"“{text}” is not a day. Give one such as 2026-11-22.") from None
    return found


def run(*, by: Acting) -> dict[str, Any]:
    """One day's work, as plain values."""
    done = day.run(by=by)
    return {
        "as_of": by.today.isoformat(),
        "swept": done.swept,
        "opened": [_plan(pep) for pep in done.opened],
        "rolled_over": done.rolled_over,
        "reminded": _steps(done.chased.reminded),
        "escalated": _steps(done.chased.escalated),
        "told": done.chased.told,
    }


def _plan(pep: Pep) -> dict[str, Any]:
    due = pep.obligations.filter(kind="meeting").values_list("due_on", flat=True).first()
    return {"pep": str(pep.pk), "child": pep.child.reference, "kind": pep.kind, "due": due.isoformat() if due else None}


def _steps(taken: Iterable[chasing.Taken]) -> list[dict[str, Any]]:
    return [
        {
            "child": each.reference, "obligation": each.key, "kind": each.kind, "due": each.due_on.isoformat(), "step": each.step,
            "falls_on": each.falls_on.isoformat(), "told": [{"name": name, "role": role} for name, role in each.told],
        }
        for each in taken
    ]  # fmt: skip


def lines(done: dict[str, Any]) -> list[str]:
    """The same for people to read."""
    when = in_words(date.fromisoformat(done["as_of"]))
    found = [f"{when}: {count_words(done['swept'], 'obligation')} changed."]
    for plan in done["opened"]:
        due = f", meeting due by {in_words(date.fromisoformat(plan['due']))}" if plan["due"] else ""
        found.append(f"Opened for {plan['child']}: {plan['kind']} plan{due}")
    if done["rolled_over"]:
        found.append(f"{count_words(done['rolled_over'], 'plan')} got the form of the child’s new phase")
    for what in ("reminded", "escalated"):
        for step in done[what]:
            who = join_words(each["name"] for each in step["told"]) or "nobody to tell"
            due = in_words(date.fromisoformat(step["due"]))
            found.append(f"{what.capitalize()}, {step['child']}, {step['obligation']}, due {due}: {who}")
    found.append(f"{count_words(done['told'], 'message')} written.")
    return found
