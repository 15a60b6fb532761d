"""When a PEP meeting is due, on which days it would be good, who is asked and who was missed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from peps.deadlines import rules as engine
from peps.deadlines.calendars import Calendars
from peps.deadlines.provisional import NO_BANK_HOLIDAYS as NO_BANK_HOLIDAYS
from peps.deadlines.provisional import NO_CALENDAR as NO_CALENDAR
from peps.deadlines.provisional import provisionally
from peps.deadlines.provisional import why_provisional as why_provisional
from peps.deadlines.rules import Deadline, Policy, Verdict

ONE_DAY = timedelta(days=1)
FURTHEST_SUGGESTION = timedelta(days=120)
#: Events by whose day the meeting itself has happened.
HELD_BY_THEN = ("meeting_held", "document_completed")


# --- when ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlanFacts:
    """What decides when one plan's meeting is due."""

    kind: str
    """first, review or extra."""
    change: str
    """For an extra plan: what called it, in the profile's word ("school_change")."""
    trigger_on: date
    planned: bool
    has_school: bool
    year_group: int | None = None


def meeting_deadlines(facts: PlanFacts, policy: Policy, default: Policy, calendars: Calendars) -> tuple[Deadline, ...]:
    """The deadline that the council's rule gives this plan and, where that is about starting or arranging it, the meeting's
    own day after it (R1-R8): by the rule for a planned placement, or else the product's, and never an earlier day."""
    until = date(facts.trigger_on.year + 2, 8, 31)
    if facts.kind == "first":
        return _of_first(facts, policy, default, calendars, until)
    if facts.kind == "extra":
        change = facts.change if facts.change in policy.extra_pep_on else next(iter(policy.extra_pep_on), "")
        made = provisionally(
            lambda c: engine.extra_pep(policy, facts.trigger_on, change, calendars=c), calendars, until
        )
    else:
        made = provisionally(
            lambda c: engine.next_review(policy, facts.trigger_on, calendars=c, year_group=facts.year_group),
            calendars,
            until,
        )
    return (made,) if made else ()


def _of_first(
    facts: PlanFacts, policy: Policy, default: Policy, calendars: Calendars, until: date
) -> tuple[Deadline, ...]:
    def first(rules: Policy, planned: bool) -> Deadline | None:
        return provisionally(
            lambda c: engine.first_pep(rules, facts.trigger_on, planned, facts.has_school, c), calendars, until
        )

    own = first(policy, facts.planned)
    if own is None or own.event in HELD_BY_THEN:
        return (own,) if own else ()
    noted = "The policy says when the plan is started or arranged, not when the meeting is held: the rule for a planned placement is used."
    for rules in (policy, default):
        held = first(rules, True)
        if held is not None and held.event in HELD_BY_THEN:
            return own, replace(held, due=max(held.due, own.due), assumed=(*held.assumed, noted))
    return (own,)


def meeting_due(facts: PlanFacts, policy: Policy, default: Policy, calendars: Calendars) -> Deadline | None:
    """The deadline by which this plan's meeting has happened, or None where no rule gives one."""
    found = meeting_deadlines(facts, policy, default, calendars)
    return found[-1] if found and found[-1].event in HELD_BY_THEN else None


def next_due(policy: Policy, held_on: date, calendars: Calendars, year_group: int | None) -> Deadline | None:
    """By when the meeting after one held on ``held_on`` is due (R5, R12)."""
    return provisionally(
        lambda c: engine.next_review(policy, held_on, calendars=c, year_group=year_group),
        calendars,
        date(held_on.year + 2, 8, 31),
    )


@dataclass(frozen=True)
class DateRule:
    """Everything that decides whether a meeting may be on a day: the council's policy, the school's days, the limits."""

    policy: Policy
    calendars: Calendars
    entry_on: date
    due: Deadline | None = None
    not_before: date | None = None
    """The next meeting comes after this one."""

    def verdict(self, day: date, *, interim: bool = False) -> Verdict:
        """Allowed, warned or refused, with the reasons (R10). A council that publishes one deadline a term (R13) has its
        own outcome for a meeting after that."""
        if self.not_before is not None and day <= self.not_before:
            return Verdict("refused", (f"It must be after {engine.in_words(self.not_before)}.",))
        due = self.due.due if self.due else None
        published = self.due is not None and self.due.kind == "review" and self.policy.review.cycle == "published_dates"
        return engine.meeting_date(
            self.policy,
            day,
            self.calendars,
            None if published else due,
            entry_date=self.entry_on,
            term_deadline=due if published else None,
            interim=interim,
        )

    def interim_reason(self, today: date) -> str:
        """Why an interim meeting is offered, or "" where it isn't: no day is left on which the school could hold it."""
        if self.due is None:
            return ""
        try:
            found = engine.interim_needed(self.policy, today, self.due.due, self.calendars)
        except LookupError:
            return ""
        return found.reason if found else ""

    def prepared_by(self, meeting_on: date) -> date | None:
        """The day by which the parts owed before the meeting are due (R35); None where its calendar isn't published."""
        try:
            return engine.preparation(self.policy, meeting_on, calendars=self.calendars).due
        except LookupError:
            return None

    def good_dates(self, today: date, count: int = 3) -> tuple[date, ...]:
        """The next days on which nothing speaks against a meeting, by the due date: first those that leave everybody the
        whole time to prepare, then, where they are too few, sooner ones. In order of date."""
        last = self.due.due if self.due and self.due.due > today else today + FURTHEST_SUGGESTION
        free = [day for day in _days(max(today + ONE_DAY, self.entry_on), last) if self._plainly_good(day)]
        ready = [day for day in free if (by := self.prepared_by(day)) is not None and by > today]
        sooner = [day for day in reversed(free) if day not in ready]
        return tuple(sorted([*ready, *sooner][:count]))

    def _plainly_good(self, day: date) -> bool:
        calendar = self.calendars.school or self.calendars.working
        try:
            return calendar.counts(day) and self.verdict(day).outcome == "allowed"
        except LookupError:
            return False


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += ONE_DAY


# --- who ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """Somebody in the team around the child, as far as an invitation needs to know."""

    role: str
    name: str
    part: str
    user_id: object | None = None
    email: str = ""


@dataclass(frozen=True)
class Suggestion:
    """One person a meeting might ask: whether they must come, whether the box is ticked beforehand, and why."""

    key: str
    person: Person
    required: bool
    ticked: bool
    why: str = ""


def suggest(
    people: Iterable[Person],
    *,
    must_attend: Collection[str],
    expected: Collection[str],
    invited: Collection[str],
    virtual_school_because: Collection[str],
) -> tuple[Suggestion, ...]:
    """Whom to ask (R40): those who must come, those expected, the child, the virtual school where the council's criteria
    say so (R43); the reviewing officer only if wanted. Birth parents are never suggested (R49)."""
    found: list[Suggestion] = []
    for number, person in enumerate(people):
        required = person.role in must_attend
        why, ticked = "", required or person.role in expected or person.role in invited
        if person.role == "virtual_school" and not required:
            ticked = bool(virtual_school_because) or person.role in expected
            why = " ".join(virtual_school_because) or (
                "" if ticked else "Nothing in the council’s criteria asks for the virtual school this time."
            )
        elif required:
            why = "Must come."
        elif person.role in expected:
            why = "Expected to come."
        if not person.email and person.role in ("carer", "child"):
            why = f"{why} No email address is recorded: tell them yourself.".strip()
        key = f"{person.role}-{person.user_id or number}"
        found.append(Suggestion(key, person, required, ticked, why))
    return tuple(sorted(found, key=lambda each: (not each.required, not each.ticked)))


def attendance_facts(facts: PlanFacts, *, authority_area: str, school_area: str) -> frozenset[str]:
    """Which of the criteria for the virtual school's coming hold, as far as the portal's facts tell (R43)."""
    held = {
        "first_meeting": facts.kind == "first",
        "new_case": facts.kind == "first",
        "school_move": facts.kind == "extra" and facts.change == "school_change",
        "out_of_borough": bool(school_area) and school_area != authority_area,
        "year_6": facts.year_group == 6,
        "year_11": facts.year_group == 11,
    }
    return frozenset(criterion for criterion, holds in held.items() if holds)


# --- who came, what is missing ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Came:
    """One invited person on the day."""

    part: str
    required: bool
    attended: bool


def parts_missed(came: Iterable[Came]) -> frozenset[str]:
    """The parts that had to be there and were not. One of several designated teachers is enough (R40, R47)."""
    people = list(came)
    return frozenset(
        each.part for each in people if each.required and not any(o.attended for o in people if o.part == each.part)
    )


def missing(*, held: bool, next_on: date | None) -> tuple[str, ...]:
    """What stands between the meeting section and completion (R12, R47)."""
    left = []
    if not held:
        left.append("Record the meeting")
    if next_on is None:
        left.append("Set the next meeting’s date")
    return tuple(left)
