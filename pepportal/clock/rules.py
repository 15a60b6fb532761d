"""What is owed about one child, by when, by whom: pure. Facts in (with the policy each plan was opened under), obligations out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from meetings.rules import PlanFacts, meeting_deadlines, provisionally
from peps.deadlines import rules as engine
from peps.deadlines.calendars import Calendars
from peps.deadlines.rules import Deadline, Policy


@dataclass(frozen=True)
class Holder:
    """Who holds the ball: a role, the person in it (None: nobody), the organisation that answers for it."""

    role: str
    user_id: object | None = None
    name: str = ""
    organisation_id: object | None = None


@dataclass(frozen=True)
class MeetingFacts:
    arranged_on: date
    day: date
    held_on: date | None
    next_on: date | None = None
    """The day set at the meeting for the one that follows (R12)."""


@dataclass(frozen=True)
class Change:
    """Something that may call an extra plan (R8): its key, the profile's word for it, its day."""

    key: str
    """"enrolment:<id>", "placement:<id>", "change:<id>"."""
    kind: str
    """school_change, placement_change, significant_change, concern, transition, concern_at_informal_review, education_breakdown."""
    on: date


@dataclass(frozen=True)
class Copy:
    """A copy of a finished plan that somebody owes somebody (R72-R74, R81)."""

    to: str
    """care_review, carer, school_file, case_system."""
    by: str
    """The role that sees to it."""
    count: int
    unit: str
    assumed: tuple[str, ...] = ()
    default: bool = False
    done_on: date | None = None


@dataclass(frozen=True)
class PepFacts:
    pep_id: object
    kind: str
    state: str
    trigger_on: date
    opened_on: date
    policy: Policy
    organiser: str
    """The role that arranges this meeting (R18)."""
    meeting: MeetingFacts | None
    parts_ready: Mapping[str, date | None]
    """Owner ("social_worker", "designated_teacher", "sdq") to the day its part was ready, or None; absent: it has no part."""
    parts_complete: Mapping[str, date | None]
    """Owner to the day all its sections were complete and, where the profile asks it, signed."""
    submitted_on: date | None = None
    returned_on: date | None = None
    finalised_on: date | None = None
    succeeded: bool = False
    """A later PEP has been opened."""
    school_part_by: str = "designated_teacher"
    rules_id: object | None = None
    """The profile version the plan was opened under."""
    cause: str = ""
    """What opened it ("first:<episode>", "review:<pep>", "extra:enrolment:<id>")."""
    informal: bool = False
    """A progress review by the virtual school from data, without a meeting of all (R6, R7)."""
    sdq_frequency: str = "never"
    """yearly, termly or never: how often the council wants the teacher's SDQ (R56, R84)."""
    attainment_on: date | None = None
    """The day the attainment section was marked complete: that term's data (R58)."""
    copies: tuple[Copy, ...] = ()


@dataclass(frozen=True)
class ChildFacts:
    child_id: object
    in_scope: bool
    entry_on: date
    planned: bool
    has_school: bool
    calendars: Calendars
    default_policy: Policy
    holders: Mapping[str, Holder]
    peps: tuple[PepFacts, ...]
    care_reviews: tuple[tuple[object, date], ...] = ()
    year_group: int | None = None
    today: date | None = None
    policy: Policy | None = None
    """The rules in force today for the child's authority, for what hangs on no plan."""
    rules_id: object | None = None
    scope_from_on: date | None = None
    """The first day in this time in care on which the child had to have a plan; None while out of scope."""
    entry_policy: Policy | None = None
    """The rules in force on ``scope_from_on``: those a first plan not yet opened would have."""
    entry_rules_id: object | None = None
    first_pep_by: str = "virtual_school"
    """The role that starts a first plan (R18)."""
    changes: tuple[Change, ...] = ()
    unallocated_since: date | None = None
    """Nobody has been the child's social worker since that day."""
    no_teacher_since: date | None = None
    """The school has had no designated teacher since that day (or since the child came)."""
    outgrown_since: date | None = None
    """Since that 1 September the child is too old for the school whose roll they are on, and no other is recorded."""
    sdq_days: tuple[date, ...] = ()
    """Days of the teacher's SDQs in this time in care."""


@dataclass(frozen=True)
class Owed:
    """One obligation, with the deadline that explains itself."""

    key: str
    kind: str
    title: str
    pep_id: object | None
    holder: Holder
    deadline: Deadline
    met_on: date | None = None
    rules_id: object | None = None
    """The profile version that gave the day."""


def derive(facts: ChildFacts) -> tuple[Owed, ...]:
    """Everything owed about a child, open and met. Nothing for a child outside the policy's scope (R17)."""
    if not facts.in_scope:
        return ()
    found: list[Owed] = []
    for pep in facts.peps:
        found += _pep(facts, pep)
    for review_id, day in facts.care_reviews:
        found += _care_review(facts, review_id, day)
    return tuple(found)


def _holder(facts: ChildFacts, role: str) -> Holder:
    return facts.holders.get(role) or Holder(role, None, "", facts.holders["virtual_school"].organisation_id)


def _pep(facts: ChildFacts, pep: PepFacts) -> list[Owed]:
    if pep.state == "closed":
        return []
    made = [*_meeting(facts, pep), *_preparation(facts, pep), *_completion(facts, pep), *_quality(facts, pep)]
    if pep.state == "finalised" and not pep.succeeded and pep.meeting and pep.meeting.held_on:
        held = pep.meeting.held_on
        due = provisionally(
            lambda c: engine.next_review(pep.policy, held, calendars=c, year_group=facts.year_group),
            facts.calendars,
            date(held.year + 2, 8, 31),
        )
        if due:
            made.append(Owed(f"next:{pep.pep_id}", "next_review", "Open the next plan and hold its meeting", pep.pep_id,
                             _holder(facts, pep.organiser), due))  # fmt: skip
    return made


def plan_deadlines(facts: ChildFacts, pep: PepFacts) -> tuple[Deadline, ...]:
    """The rule that applies to this plan's start, and, where that is about an earlier step, the meeting's own day as well."""
    about = PlanFacts(pep.kind, "", pep.trigger_on, facts.planned, facts.has_school, facts.year_group)
    return meeting_deadlines(about, pep.policy, facts.default_policy, facts.calendars)


EVENTS = {
    "initiated": ("initiated", "Start the plan"),
    "meeting_arranged": ("arranged", "Arrange the meeting"),
    "meeting_held": ("meeting", "Hold the meeting"),
    "document_completed": ("completed", "Complete the plan"),
}


def _meeting(facts: ChildFacts, pep: PepFacts) -> list[Owed]:
    meeting = pep.meeting
    met = {
        "initiated": pep.opened_on,
        "meeting_arranged": meeting.arranged_on if meeting else None,
        "meeting_held": meeting.held_on if meeting else None,
        "document_completed": pep.submitted_on or pep.finalised_on,
    }
    found = []
    for deadline in plan_deadlines(facts, pep):
        slug, title = EVENTS[deadline.event]
        if deadline.event == "meeting_held" and meeting is None:
            title = "Arrange and hold the meeting"
        found.append(
            Owed(
                f"{slug}:{pep.pep_id}",
                slug,
                title,
                pep.pep_id,
                _holder(facts, pep.organiser),
                deadline,
                met[deadline.event],
            )
        )
    if not any(each.kind == "meeting" for each in found) and found:
        # Completed by a day: the meeting is held by then too.
        last = found[-1]
        title = "Hold the meeting" if meeting else "Arrange and hold the meeting"
        found.append(
            replace(last, key=f"meeting:{pep.pep_id}", kind="meeting", title=title, met_on=met["meeting_held"])
        )
    return found


def _preparation(facts: ChildFacts, pep: PepFacts) -> list[Owed]:
    if pep.meeting is None or pep.meeting.held_on or pep.state != "preparing":
        return []
    day = pep.meeting.day
    due = provisionally(
        lambda c: engine.preparation(pep.policy, day, calendars=c), facts.calendars, date(day.year + 1, 8, 31)
    )
    if due is None:
        return []
    due = replace(due, due=max(due.due, pep.opened_on))
    titles = {
        "social_worker": "Fill in your part before the meeting",
        "designated_teacher": "Fill in your part and draft targets before the meeting",
        "sdq": "Enter the teacher SDQ score before the meeting",
    }
    holders = {"sdq": pep.school_part_by, "designated_teacher": pep.school_part_by}
    return [
        Owed(f"prepare:{pep.pep_id}:{part}", "prepare", titles[part], pep.pep_id,
             _holder(facts, holders.get(part, part)), due, pep.parts_ready[part])
        for part in pep.policy.prepared_parts
        if part in pep.parts_ready and part in titles
    ]  # fmt: skip


def _completion(facts: ChildFacts, pep: PepFacts) -> list[Owed]:
    if pep.meeting is None or pep.meeting.held_on is None:
        return []
    held = pep.meeting.held_on
    found = [
        _finish(facts, pep, owner, pep.returned_on if owner == "designated_teacher" and pep.returned_on else held)
        for owner in ("designated_teacher", "social_worker")
        if owner in pep.parts_complete
    ]
    return [each for each in found if each]


def _finish(facts: ChildFacts, pep: PepFacts, owner: str, start: date) -> Owed | None:
    """An owner's part after the meeting (R9), or what a return asks of the school."""
    due = provisionally(
        lambda c: engine.completion(pep.policy, start, calendars=c, owner=owner),
        facts.calendars,
        date(start.year + 1, 8, 31),
    )
    if due is None:
        return None
    holder = _holder(facts, pep.school_part_by if owner == "designated_teacher" else owner)
    met = pep.parts_complete[owner]
    if pep.returned_on and owner == "designated_teacher":
        due = replace(due, rule=due.rule.replace("After the meeting", "After a return"))
        return Owed(f"amend:{pep.pep_id}", "amend", "Amend the returned plan", pep.pep_id, holder, due, met)
    key, title = f"complete:{pep.pep_id}:{owner}", "Finish and sign your part of the plan"
    return Owed(key, "complete", title, pep.pep_id, holder, due, met)


def _quality(facts: ChildFacts, pep: PepFacts) -> list[Owed]:
    if pep.submitted_on is None or pep.state not in ("submitted", "finalised"):
        return []
    submitted = pep.submitted_on
    due = provisionally(
        lambda c: engine.quality_turnaround(pep.policy, submitted, calendars=c),
        facts.calendars,
        date(submitted.year + 1, 8, 31),
    )
    if due is None:
        return []
    return [Owed(f"quality:{pep.pep_id}", "quality", "Check the quality of the plan", pep.pep_id,
                 _holder(facts, "virtual_school"), due, pep.finalised_on)]  # fmt: skip


def _care_review(facts: ChildFacts, review_id: object, day: date) -> list[Owed]:
    if not facts.peps:
        return []
    policy = facts.peps[0].policy
    due = provisionally(
        lambda c: engine.before_care_review(policy, day, calendars=c), facts.calendars, date(day.year + 1, 8, 31)
    )
    if due is None:
        return []
    ready = [pep.finalised_on for pep in facts.peps if pep.finalised_on and pep.finalised_on <= day]
    return [Owed(f"care_review:{review_id}", "care_review", "Have the finished plan ready for the care review", facts.peps[0].pep_id,
                 _holder(facts, "social_worker"), due, max(ready) if ready else None)]  # fmt: skip
