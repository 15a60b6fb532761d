"""Why this day? One deadline with every day counted or skipped, the rule and where it stands, what was assumed, and its story."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from children.models import Child
from children.queries import Team
from pepportal.clock.facts import facts_of
from pepportal.clock.models import Chase, Chased, Obligation, ObligationChange
from pepportal.clock.rules import ChildFacts, Owed, PepFacts, derive, plan_deadlines
from pepportal.profiles.models import ProfileVersion
from pepportal.profiles.queries import rules_of
from pepportal.profiles.reading import DEFAULT_SOURCE
from pepportal.timekeeping import london_date
from pepportal.ui import wording
from pepportal.ui.owners import OWNERS
from peps.deadlines.provisional import NO_BANK_HOLIDAYS, NO_CALENDAR
from peps.deadlines.rules import Deadline, Policy, policy_of
from peps.models import Pep

START_WORDS = {
    "prepare": "The meeting", "sdq": "The meeting", "care_review": "The care review", "complete": "The meeting", "return": "The meeting",
    "amend": "Returned", "quality": "With the virtual school", "upload": "Finalised", "send": "Finalised", "next_review": "The meeting",
    "extra_pep": "The change", "formal_review": "The concern", "allocate": "Nobody since", "teacher": "Nobody since",
    "next_school": "The new school year", "data": "The term begins",
}  # fmt: skip
"""What stands on the day that a kind is counted from."""
FIRST = ("first_pep", "initiated", "arranged", "meeting", "completed")
WHAT_IF_KINDS = {
    "prepare": "preparation", "sdq": "preparation", "complete": "completion", "return": "completion", "next_review": "review",
    "extra_pep": "extra_pep", "formal_review": "extra_pep",
} | dict.fromkeys(FIRST, "first_pep")  # fmt: skip
"""Which question of "What if" is about the same rule."""


# --- the days ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DayCell:
    """One day of the explanation's calendar."""

    day: date
    kind: str
    number: int | None = None
    reason: str = ""


def weeks_of(deadline: Deadline, start_words: str) -> list[list[DayCell]]:
    """The weeks from the start to the due day, each day counted or skipped and why (UX: the deadline, explained)."""
    first, last = min(deadline.start, deadline.due), max(deadline.start, deadline.due)
    steps = {step.date: step for step in deadline.steps}
    day = first - timedelta(days=first.weekday())
    end = last + timedelta(days=6 - last.weekday())
    weeks: list[list[DayCell]] = []
    while day <= end:
        if day.weekday() == 0:
            weeks.append([])
        step = steps.get(day)
        number = step.counted if step else None
        reason = (step.skipped or "") if step else ""
        if day == deadline.due:
            cell = DayCell(day, "due", number, reason)
        elif day == deadline.start:
            cell = DayCell(day, "start", number, start_words)
        elif number is not None:
            cell = DayCell(day, "counted", number)
        elif reason:
            cell = DayCell(day, "skipped", None, wording.upper_first(reason))
        else:
            cell = DayCell(day, "outside")
        weeks[-1].append(cell)
        day += timedelta(days=1)
    return weeks


# --- the rule ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Explained:
    """One deadline with everything that says why it is that day."""

    owed: Owed
    holder_words: str
    """Who holds it now, with the part."""
    done: str
    """When it was met, or ""."""
    weeks: list[list[DayCell]]
    days: list[DayCell]
    what_if: list[tuple[str, date]]
    what_if_kind: str
    version: ProfileVersion | None
    """The published rules that gave the day."""
    conventions: tuple[str, ...]
    """How this council's policy counts days, in words."""
    assumed: tuple[str, ...]
    provisional: str
    """Why the day is provisional, or ""."""

    @property
    def source(self) -> str:
        """Where the rule is published, where that is said and isn't the product itself."""
        said = self.owed.deadline.source
        if said in ("", DEFAULT_SOURCE):
            return ""
        number = said.removeprefix("S")
        return f"the published document (no. {number} in the list of sources)" if number.isdigit() else said

    @property
    def is_default(self) -> bool:
        """The rules are the product's own, so that "default" needs no saying."""
        return self.version is not None and self.version.name == "default"


def explained(child: Child, team: Team, key: str, today: date) -> Explained | None:
    """The named obligation of a child, derived live, with its calendar and what other facts would have given."""
    facts = facts_of(child, team, today)
    owed = next((each for each in derive(facts) if each.key == key), None) if facts else None
    if facts is None or owed is None:
        return None
    pep = next((each for each in facts.peps if each.pep_id == owed.pep_id), None)
    version = _version_of(owed, pep)
    made = owed.deadline
    weeks = weeks_of(made, _start_words(owed, pep, facts)) if made.steps else []
    policy = policy_of(rules_of(version).document) if version else None
    counted_on = made.steps and made.due >= made.start and policy is not None
    return Explained(
        owed=owed, holder_words=holder_words(owed.holder.role, owed.holder.name), done=_done(owed),
        weeks=weeks, days=[cell for week in weeks for cell in week if cell.kind != "outside"],
        what_if=_what_if(owed, pep, facts), what_if_kind=WHAT_IF_KINDS.get(owed.kind, ""), version=version,
        conventions=_conventions(policy) if counted_on and policy else (),
        assumed=made.assumed, provisional=_provisional(made),
    )  # fmt: skip


def _version_of(owed: Owed, pep: PepFacts | None) -> ProfileVersion | None:
    """The version that gave the day: what hangs on a plan goes by the plan's."""
    rules_id: Any = owed.rules_id or (pep.rules_id if pep else None)
    if rules_id is None and owed.pep_id:
        rules_id = Pep.objects.filter(pk=str(owed.pep_id)).values_list("profile_version", flat=True).first()
    return ProfileVersion.objects.filter(pk=rules_id).first() if rules_id else None


def _start_words(owed: Owed, pep: PepFacts | None, facts: ChildFacts) -> str:
    if owed.kind in FIRST and owed.deadline.start == facts.entry_on:
        return "Came into care"
    if pep is not None and pep.kind == "review" and owed.kind in FIRST:
        return "The last meeting"
    if pep is not None and pep.kind == "extra" and owed.kind in FIRST:
        return "The change"
    return START_WORDS.get(owed.kind, "Start")


def _done(owed: Owed) -> str:
    if owed.met_on is None:
        return ""
    late = ", late" if owed.met_on > owed.deadline.due else ", in time"
    return f"Done on {wording.in_words(owed.met_on)}{late}"


def _provisional(made: Deadline) -> str:
    """The sentence that says which year isn't published: among what was assumed, where the counting wrote it."""
    if not made.provisional:
        return ""
    said = [line for line in made.assumed if line in (NO_CALENDAR, NO_BANK_HOLIDAYS) or "published" in line]
    return said[-1] if said else "It rests on a year that isn’t published yet."


def _what_if(owed: Owed, pep: PepFacts | None, facts: ChildFacts) -> list[tuple[str, date]]:
    """For a first plan: the day that each other fact would have given."""
    if pep is None or pep.kind != "first" or owed.kind not in FIRST:
        return []
    others = (
        (
            "After an unplanned placement" if facts.planned else "After a planned placement",
            replace(facts, planned=not facts.planned),
        ),
        (
            "Without a school place" if facts.has_school else "With a school place",
            replace(facts, has_school=not facts.has_school),
        ),
    )
    return [(words, deadline.due) for words, changed in others for deadline in plan_deadlines(changed, pep)[-1:]]


def _conventions(policy: Policy) -> tuple[str, ...]:
    return (
        f"The day it starts is day {0 if policy.day_zero else 1}.",
        f"Staff training days {'count as' if policy.inset_counts else 'are not'} school days.",
    )


def holder_words(role: str, name: str) -> str:
    """Who holds the ball, with the part: somebody always does."""
    words = OWNERS[role].words if role in OWNERS else wording.upper_first(role.replace("_", " "))
    if not name:
        return f"{words}: nobody is in that part, so the virtual school holds it"
    return name if name == f"The {words[:1].lower()}{words[1:]}" else f"{name}, {words[:1].lower()}{words[1:]}"


# --- its story --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """One thing that happened to an obligation, for the timeline."""

    when: datetime
    title: str
    by: str = ""
    text: str = ""


def story_of(child_id: UUID, key: str) -> list[Told]:
    """How it came to this day: made, moved (from which day, why, and who had been told), passed on, met; and each reminder and
    escalation, to whom. Oldest first, two queries."""
    changes = ObligationChange.objects.filter(child_id=child_id, obligation_key=key)
    chases = Chase.objects.filter(child_id=child_id, obligation_key=key)
    found = [_changed(each) for each in changes.order_by("id")] + [_chased(each) for each in chases.order_by("id")]
    return sorted(found, key=lambda each: each.when)


def _changed(change: ObligationChange) -> Told:
    old = wording.in_words(change.old_due_on) if change.old_due_on else ""
    new = wording.in_words(change.new_due_on) if change.new_due_on else ""
    titles = {
        "made": f"Due {new}", "moved": f"Moved from {old} to {new}", "met": "Met", "dropped": f"No longer due {old}",
        "passed": "Passed on",
    }  # fmt: skip
    text = "" if change.what == "made" else f"{wording.upper_first(change.reason).rstrip('.')}."
    if change.what == "moved":
        names = wording.join_words(change.told)
        text += f" The earlier day had been told to {names}." if names else " Nobody had been told the earlier day."
    return Told(change.at, titles[change.what], text=text.strip())


def _chased(chase: Chase) -> Told:
    titles = {
        Chased.REMINDER: "Reminder" if chase.step else "Reminder on the day",
        Chased.ESCALATION: "Escalation",
        Chased.BY_HAND: "Reminder by hand",
    }
    names = [f"{each[1]} ({_role(each[2])})" if len(each) > 2 else str(each[1]) for each in chase.told if len(each) > 1]
    text = f"Told: {wording.join_words(names)}." if names else "Nobody is in that part."
    if chase.falls_on < london_date(chase.at):
        text += f" Its day was {wording.in_words(chase.falls_on)}."
    by = chase.by_label if chase.what == Chased.BY_HAND else ""
    return Told(chase.at, titles[Chased(chase.what)], by=by, text=text)


def _role(role: str) -> str:
    words = OWNERS[role].words if role in OWNERS else role.replace("_", " ")
    return words[:1].lower() + words[1:]


# --- what is over -----------------------------------------------------------------------------------------------------


def once_owed(child: Child, key: str) -> Obligation | None:
    """What the index remembers of something that isn't owed any more: its last day, rule and rules."""
    if "\x00" in key:  # an address may hold what the database doesn’t
        return None
    return (
        Obligation.objects.filter(child=child, key=key)
        .select_related("profile_version", "holder")
        .order_by("pk")
        .first()
    )
