"""What is owed about one child, by when, by whom: pure. Facts in (with the policy each plan was opened under), obligations out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from meetings.rules import PlanFacts, meeting_deadlines, provisionally, why_provisional
from peps.deadlines import rules as engine
from peps.deadlines.calendars import CalendarNotPublished, Calendars, DayCalendar, Term, academic_year_of, in_words
from peps.deadlines.counting import amount
from peps.deadlines.rules import CountedRule, Deadline, Policy


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
    policy: Policy | None = None
    """The rules in force on its day; None: those in force today."""
    rules_id: object | None = None


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
    source: str = ""


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
    """What may be owed before the meeting (a key of PREPARED) to the day it was ready, or None; absent: the plan has no such part."""
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
    """Of this time in care, the newest first."""
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
    episode_id: object | None = None
    school_id: object | None = None
    reviews_by: str = ""
    """The role that organises reviews and extra plans (R18); "" : whoever organised the last plan's meeting."""


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
    """Everything owed about a child, open and met. Nothing for a child outside the policy's scope (R17).

    Every open obligation is somebody's: a role that nobody fills falls to the virtual school.
    """
    if not facts.in_scope:
        return ()
    found = [*_first_plan(facts), *_without(facts), *_changes(facts), *_data(facts)]
    for pep in facts.peps:
        found += _pep(facts, pep)
    for review_id, day in facts.care_reviews:
        found += _care_review(facts, review_id, day)
    return tuple(found)


def _holder(facts: ChildFacts, role: str) -> Holder:
    return facts.holders.get(role) or Holder(role, None, "", facts.holders["virtual_school"].organisation_id)


def _due(facts: ChildFacts, rule: Callable[[Calendars], Deadline | None], start: date) -> Deadline | None:
    """The deadline of a rule counted from ``start``, provisional where it leads past the published calendars."""
    return provisionally(rule, facts.calendars, date(start.year + 2, 8, 31))


def _year_group(facts: ChildFacts, day: date) -> int | None:
    """The child's year group on a day: it goes up by one with each academic year."""
    if facts.year_group is None or facts.today is None:
        return facts.year_group
    return facts.year_group + engine.years_between(facts.today, day)


def _alive(facts: ChildFacts) -> list[PepFacts]:
    return [pep for pep in facts.peps if pep.state != "closed"]


# --- what hangs on no plan ---------------------------------------------------------------------------------------------

FIRST_PLAN = {
    "initiated": "Open the first plan",
    "meeting_arranged": "Open the first plan and arrange its meeting",
    "meeting_held": "Open the first plan and hold its meeting",
    "document_completed": "Open and complete the first plan",
}


def _first_plan(facts: ChildFacts) -> list[Owed]:
    """The first plan of a child in scope, until it is opened (R1-R4, R18): then the plan has its own obligations."""
    start, policy = facts.scope_from_on, facts.entry_policy
    if start is None or policy is None or _alive(facts):
        return []
    about = PlanFacts("first", "", start, facts.planned, facts.has_school, facts.year_group)
    found = meeting_deadlines(about, policy, facts.default_policy, facts.calendars)
    if not found:
        return []
    due = found[0]
    if start > facts.entry_on:
        noted = f"The child had to have a plan from {in_words(start)}: the days are counted from then."
        due = replace(due, assumed=(*due.assumed, noted))
    return [Owed(f"first_pep:{facts.episode_id}", "first_pep", FIRST_PLAN[due.event], None,
                 _holder(facts, facts.first_pep_by), due, None, facts.entry_rules_id)]  # fmt: skip


def _without(facts: ChildFacts) -> list[Owed]:
    """A child without a social worker, a known designated teacher or a next school: the virtual school's, until there is one."""
    year = academic_year_of(facts.outgrown_since) if facts.outgrown_since else ""
    wanted = (
        ("social_worker_allocated", facts.unallocated_since, f"allocate:{facts.episode_id}", "allocate", "Allocate a social worker"),
        ("designated_teacher_known", facts.no_teacher_since, f"teacher:{facts.school_id}", "teacher",
         "Find out who the designated teacher is"),
        ("next_school_known", facts.outgrown_since, f"next_school:{year}", "next_school", "Record the new school"),
    )  # fmt: skip
    found = []
    for what, since, key, kind, title in wanted:
        if since is None:
            continue
        due = _due(facts, partial(_known_by, facts, what, since), since)
        if due:
            found.append(Owed(key, kind, title, None, _holder(facts, "virtual_school"), due, None, facts.rules_id))
    return found


def _known_by(facts: ChildFacts, what: str, since: date, calendars: Calendars) -> Deadline | None:
    """By the rules in force today, or by the product's where those were kept before there was such a rule."""
    own = engine.without(facts.policy or facts.default_policy, what, since, calendars=calendars)
    return own or engine.without(facts.default_policy, what, since, calendars=calendars)


#: Changes that turn an informal progress review into a formal meeting (R6).
CONCERNS = ("concern", "concern_at_informal_review", "significant_change")


def _changes(facts: ChildFacts) -> list[Owed]:
    """The plans that changes call (R8), and the formal meeting that a concern at an informal review calls (R6).

    A change is met by the first formal meeting held on its day or later. While a formal plan's meeting is still to come,
    that meeting serves: it is owed by the change's own day too, unless the plan's day is no later (nobody is asked for two
    meetings). A change that has opened its own plan is owed there. Before the first plan, that plan serves every change.
    """
    alive = _alive(facts)
    formal = [pep for pep in alive if not pep.informal]
    to_come = [pep for pep in formal if pep.state == "preparing"]
    held = sorted(pep.meeting.held_on for pep in formal if pep.meeting and pep.meeting.held_on)
    found: dict[str, Owed] = {}
    for change in sorted(facts.changes, key=lambda each: (each.on, each.key)) if alive else ():
        policy = change.policy or facts.policy
        before_the_plan = change.on <= facts.entry_on or bool(facts.scope_from_on and change.on < facts.scope_from_on)
        if policy is None or before_the_plan or any(pep.cause == f"extra:{change.key}" for pep in alive):
            continue
        met = next((day for day in held if day >= change.on), None)
        due = _due(facts, partial(_extra, policy, change), change.on)
        serving = to_come if met is None else []
        if due is None or any(_held_anyway(facts, pep, due) for pep in serving):
            continue
        turned = _informal_at(alive, policy, change)
        if turned:
            made = Owed(f"concern:{turned.pep_id}", "formal_review", "Arrange a formal meeting", turned.pep_id,
                        _holder(facts, "virtual_school"), due, met, change.rules_id or facts.rules_id)  # fmt: skip
        else:
            title = f"Open an extra plan and hold its meeting: {engine.CHANGE_WORDS[change.kind]}"
            made = Owed(f"extra:{change.key}", "extra_pep", title, None,
                        _holder(facts, facts.reviews_by or alive[0].organiser), due, met, change.rules_id or facts.rules_id)  # fmt: skip
        if serving:
            title = f"Hold the meeting that a change calls: {engine.CHANGE_WORDS[change.kind]}"
            made = replace(made, title=title, pep_id=serving[0].pep_id)
        found.setdefault(made.key, made)
    return list(found.values())


def _held_anyway(facts: ChildFacts, pep: PepFacts, due: Deadline) -> bool:
    """Whether a plan's own meeting is owed by the day of a change's, or before it."""
    own = plan_deadlines(facts, pep)
    return bool(own) and own[-1].due <= due.due


def _extra(policy: Policy, change: Change, calendars: Calendars) -> Deadline | None:
    return engine.extra_pep(policy, change.on, change.kind, calendars=calendars)


def _informal_at(alive: list[PepFacts], policy: Policy, change: Change) -> PepFacts | None:
    """The informal review that was the newest plan on the day of a concern, under rules that then make it formal."""
    if change.kind not in CONCERNS or not policy.review.formal_if_concerns:
        return None
    newest = next((pep for pep in alive if pep.opened_on <= change.on), None)
    return newest if newest and newest.informal else None


def _data(facts: ChildFacts) -> list[Owed]:
    """The term's progress data that schools send (R7, R58), where the council says how often: in the plan's attainment part.

    One completed attainment part is one term's data, the oldest term's first: a term is sent by a part completed from its
    first day until the next begins, or, late, until the next one's last day in a plan that was opened before the next began.
    A term that was over before the child's time here, or before there was any plan to send them in, is not owed.
    """
    alive, policy, today, school = _alive(facts), facts.policy, facts.today, facts.calendars.school
    if not (alive and policy and policy.data_collections_a_year and today and school):
        return []
    try:
        longer = school.continued(date(today.year + 1, 8, 31))
    except CalendarNotPublished:
        return []
    found = []
    since = max(facts.scope_from_on or facts.entry_on, min(pep.opened_on for pep in alive))
    completed = sorted(
        (pep.attainment_on, pep.opened_on, place) for place, pep in enumerate(alive) if pep.attainment_on
    )
    terms = [term for term in engine.data_terms(policy, today, longer) if term.last >= since]
    for place, term in enumerate(terms):
        due = engine.data_collection(policy, term, longer)
        if due.provisional:
            noted = why_provisional(CalendarNotPublished(term.academic_year))
            due = replace(due, assumed=(*due.assumed, noted))
        following = terms[place + 1] if place + 1 < len(terms) else None
        sent = next((each for each in completed if _data_of(term, following, on=each[0], opened_on=each[1])), None)
        if sent:
            completed.remove(sent)
        found.append(
            Owed(f"data:{term.academic_year}:{term.name}", "data", f"Send the {term.name} term’s progress and attainment",
                 alive[0].pep_id, _holder(facts, alive[0].school_part_by), due, sent[0] if sent else None, facts.rules_id)
        )  # fmt: skip
    return found


def _data_of(term: Term, following: Term | None, *, on: date, opened_on: date) -> bool:
    """Whether a part completed on a day may be a term's data: in its time, or late in a plan opened before the following began."""
    if following is None or on < following.first:
        return term.first <= on
    return opened_on < following.first and on <= following.last


# --- one plan ----------------------------------------------------------------------------------------------------------


def _pep(facts: ChildFacts, pep: PepFacts) -> list[Owed]:
    """One plan's obligations.

    An informal progress review (R6, R7) has no meeting of all: nothing is owed before or after one. Its own event is that
    the virtual school records the review, on the day kept as the meeting's.
    """
    if pep.state == "closed":
        return []
    made = _meeting(facts, pep)
    if not pep.informal:
        made += [*_preparation(facts, pep), *_completion(facts, pep)]
    made += [*_quality(facts, pep), *_copies(facts, pep), *_next(facts, pep)]
    return [replace(each, rules_id=pep.rules_id) for each in made]


def plan_deadlines(facts: ChildFacts, pep: PepFacts) -> tuple[Deadline, ...]:
    """The rule that applies to this plan's start, and, where that is about an earlier step, the meeting's own day as well."""
    change = next((each.kind for each in facts.changes if pep.cause == f"extra:{each.key}"), "")
    about = PlanFacts(
        pep.kind, change, pep.trigger_on, facts.planned, facts.has_school, _year_group(facts, pep.trigger_on)
    )
    return meeting_deadlines(about, pep.policy, facts.default_policy, facts.calendars)


EVENTS = {
    "initiated": ("initiated", "Start the plan"),
    "meeting_arranged": ("arranged", "Arrange the meeting"),
    "meeting_held": ("meeting", "Hold the meeting"),
    "document_completed": ("completed", "Complete the plan"),
}
INFORMAL = "Review progress from the term’s data"


def _meeting(facts: ChildFacts, pep: PepFacts) -> list[Owed]:
    meeting = pep.meeting
    met = {
        "initiated": pep.opened_on,
        "meeting_arranged": meeting.arranged_on if meeting else None,
        "meeting_held": meeting.held_on if meeting else None,
        "document_completed": pep.submitted_on or pep.finalised_on,
    }
    deadlines = plan_deadlines(facts, pep)
    if pep.informal:
        return [Owed(f"meeting:{pep.pep_id}", "meeting", INFORMAL, pep.pep_id, _holder(facts, "virtual_school"), due,
                     met["meeting_held"]) for due in deadlines[-1:]]  # fmt: skip
    found = []
    for deadline in deadlines:
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


#: What may be owed before the meeting (R35): in words, and whose it is ("school": whoever fills in the school's part).
PREPARED = {
    "social_worker": ("Fill in your part before the meeting", "social_worker"),
    "designated_teacher": ("Fill in your part and draft targets before the meeting", "school"),
    "sdq": ("Enter the teacher SDQ score before the meeting", "school"),
    "child": ("Ask the child for their views before the meeting", "school"),
    "targets": ("Draft the targets before the meeting", "school"),
    "attainment": ("Fill in attainment and progress before the meeting", "school"),
    "attendance": ("Fill in attendance before the meeting", "school"),
    "plans": ("Have the child’s plans ready before the meeting", "social_worker"),
    "funding": ("Note ideas for the Pupil Premium Plus before the meeting", "school"),
    "right_form": ("Check that the plan is on the right form", "school"),
    "everyone_has_read": ("See that everybody has read the plan before the meeting", "organiser"),
}
OPENED_LATER = "The plan was opened after that day."


def _preparation(facts: ChildFacts, pep: PepFacts) -> list[Owed]:
    """What is owed before an arranged meeting (R35), and the teacher's SDQ with its own day (R56, R84)."""
    if pep.meeting is None or pep.meeting.held_on or pep.state != "preparing":
        return []
    day = pep.meeting.day
    due = _due(facts, lambda c: engine.preparation(pep.policy, day, calendars=c), day)
    if due is None:
        return []
    if due.due < pep.opened_on:
        due = replace(due, due=_first_day_from(facts, pep, due.unit, day), assumed=(*due.assumed, OPENED_LATER))
    found = []
    for part in (*pep.policy.prepared_parts, *(() if "sdq" in pep.policy.prepared_parts else ("sdq",))):
        if part not in pep.parts_ready or (part == "sdq" and not _sdq_wanted(facts, pep, day)):
            continue
        title, whose = PREPARED[part]
        role = {"school": pep.school_part_by, "organiser": pep.organiser}.get(whose, whose)
        key, kind = f"prepare:{pep.pep_id}:{part}", "prepare"
        if part not in pep.policy.prepared_parts:
            key, kind = f"sdq:{pep.pep_id}", "sdq"
        found.append(Owed(key, kind, title, pep.pep_id, _holder(facts, role), due, pep.parts_ready[part]))
    return found


def _sdq_wanted(facts: ChildFacts, pep: PepFacts, day: date) -> bool:
    """Whether the teacher's SDQ belongs to this plan: for every one, or for the first of the meeting's academic year."""
    if pep.parts_ready["sdq"] or pep.sdq_frequency == "termly":
        return True
    done = any(academic_year_of(each) == academic_year_of(day) for each in facts.sdq_days)
    return pep.sdq_frequency == "yearly" and not done


def _first_day_from(facts: ChildFacts, pep: PepFacts, unit: str, meeting: date) -> date:
    """The first day of ``unit`` from the day a plan was opened, but never after its meeting."""
    calendar: DayCalendar = facts.calendars.days if unit == "calendar" else facts.calendars.working
    if unit == "school" and facts.calendars.school is not None:
        calendar = facts.calendars.school.with_inset(pep.policy.inset_counts)
    try:
        return min(meeting, calendar.nth_after(pep.opened_on - timedelta(days=1), 1))
    except CalendarNotPublished:
        return min(meeting, pep.opened_on)


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
    """An owner's part after the meeting (R9), the school's return of it to the social worker (R81), or what the virtual
    school's return asks of the school (R71)."""
    due = _due(facts, lambda c: engine.completion(pep.policy, start, calendars=c, owner=owner), start)
    if due is None:
        return None
    holder = _holder(facts, pep.school_part_by if owner == "designated_teacher" else owner)
    met = pep.parts_complete[owner]
    if pep.returned_on and owner == "designated_teacher":
        due = replace(due, rule=due.rule.replace("After the meeting", "After a return"))
        return Owed(f"amend:{pep.pep_id}", "amend", "Amend the returned plan", pep.pep_id, holder, due, met)
    if due.event == "returned_to_social_worker":
        title = "Complete the plan and return it to the social worker"
        return Owed(f"return:{pep.pep_id}", "return", title, pep.pep_id, holder, due, met)
    key, title = f"complete:{pep.pep_id}:{owner}", "Finish and sign your part of the plan"
    return Owed(key, "complete", title, pep.pep_id, holder, due, met)


def _quality(facts: ChildFacts, pep: PepFacts) -> list[Owed]:
    if pep.submitted_on is None or pep.state not in ("submitted", "finalised"):
        return []
    submitted = pep.submitted_on
    due = _due(facts, lambda c: engine.quality_turnaround(pep.policy, submitted, calendars=c), submitted)
    if due is None:
        return []
    return [Owed(f"quality:{pep.pep_id}", "quality", "Check the quality of the plan", pep.pep_id,
                 _holder(facts, "virtual_school"), due, pep.finalised_on)]  # fmt: skip


#: Copies that have a day of their own; the care review's hangs on the review (R73).
COPIES = {
    "case_system": ("upload:{}", "upload", "Upload the finished plan to the case system"),
    "carer": ("send:{}:carer", "send", "Send the finished plan to the carer"),
    "school_file": ("send:{}:school_file", "send", "Put the finished plan on the school’s file"),
}


def _copies(facts: ChildFacts, pep: PepFacts) -> list[Owed]:
    """The copies of a finished plan, each with its owner and its day (R72, R74, R81)."""
    found = []
    for copy in pep.copies:
        if copy.to not in COPIES or pep.finalised_on is None:
            continue
        rule = CountedRule(copy.count, copy.unit, source=copy.source, assumed=copy.assumed, default=copy.default)
        due = _due(facts, partial(_sent, pep.policy, copy.to, rule, pep.finalised_on), pep.finalised_on)
        key, kind, title = COPIES[copy.to]
        if due:
            found.append(
                Owed(key.format(pep.pep_id), kind, title, pep.pep_id, _holder(facts, copy.by), due, copy.done_on)
            )
    return found


def _sent(policy: Policy, to: str, rule: CountedRule, finalised_on: date, calendars: Calendars) -> Deadline:
    return engine.send_copy(policy, to, rule, finalised_on, calendars=calendars)


def copies_of(
    sharing: Mapping[str, Any], default: Mapping[str, Any], done: Mapping[str, date | None], *, source: str = ""
) -> tuple[Copy, ...]:
    """The copies that a profile document's ``[sharing]`` table asks for, with the day each was done.

    Where the council gives no time for one, the product's own holds and it is said; for the case system, which the product
    has no rule for, that of the carer's copy.
    """
    found = []
    for key, each in sharing.items():
        to = key.removeprefix("to_")
        if to == key or to not in COPIES:
            continue
        silent = key in sharing.get("defaults", ())
        timed = each if "count" in each else default.get(key, default["to_carer"])
        assumed = tuple(each.get("assumed", {}).values())
        if timed is not each:
            assumed += (f"The document gives no time for this: {amount(timed['count'], timed['unit'])}, by default.",)
        found.append(
            Copy(to, each["by"], timed["count"], timed["unit"], assumed, silent, done.get(to),
                 "default" if silent else str(each.get("source", source)))
        )  # fmt: skip
    return tuple(found)


def _next(facts: ChildFacts, pep: PepFacts) -> list[Owed]:
    """The review after a meeting that was held, until a later plan is opened (R5, R6, R12): owed while this plan is still
    being finished too. The day that the meeting set for the next one is said; the rule's own day stays the due day."""
    held = pep.meeting.held_on if pep.meeting else None
    if pep.meeting is None or held is None or pep.succeeded:
        return []
    due = _due(
        facts, lambda c: engine.next_review(pep.policy, held, calendars=c, year_group=_year_group(facts, held)), held
    )
    if due is None:
        return []
    if pep.meeting.next_on:
        due = replace(due, rule=f"{due.rule} The last meeting set {in_words(pep.meeting.next_on)} for the next.")
    title, role = "Open the next plan and hold its meeting", facts.reviews_by or pep.organiser
    if pep.state != "finalised":
        title = "Finish this plan, open the next and hold its meeting"
    if _informal_next(facts, pep, held, due.due):
        title, role = INFORMAL, "virtual_school"
    return [Owed(f"next:{pep.pep_id}", "next_review", title, pep.pep_id, _holder(facts, role), due)]


def _informal_next(facts: ChildFacts, pep: PepFacts, held: date, due: date) -> bool:
    """Whether the review due on ``due`` may be informal (R6): after that academic year's formal ones, without a concern since."""
    held_days = [each.meeting.held_on for each in facts.peps if each.meeting and not each.informal]
    formal = sum(day is not None and academic_year_of(day) == academic_year_of(due) for day in held_days)
    concern = any(change.on >= held and change.kind in pep.policy.extra_pep_on for change in facts.changes)
    return engine.form_of_next_review(pep.policy, formal_this_year=formal, concern=concern) == "informal"


def _care_review(facts: ChildFacts, review_id: object, day: date) -> list[Owed]:
    """The finished plan before a care review (R73): one finished since the review before it; at the first, the newest plan.
    A child in scope without any plan owes it too, by the rules in force today."""
    alive = _alive(facts)
    newest = alive[0] if alive else None
    policy, rules_id = (newest.policy, newest.rules_id) if newest else (facts.policy, facts.rules_id)
    if policy is None:
        return []
    due = _due(facts, lambda c: engine.before_care_review(policy, day, calendars=c), day)
    if due is None:
        return []
    before = max((each for _, each in facts.care_reviews if each < day), default=None)
    fresh = [pep for pep in alive if pep.finalised_on and pep.finalised_on > before] if before else alive[:1]
    ready = [pep.finalised_on for pep in fresh if pep.finalised_on and pep.finalised_on <= day]
    return [Owed(f"care_review:{review_id}", "care_review", "Have the finished plan ready for the care review",
                 newest.pep_id if newest else None, _holder(facts, "social_worker"), due, max(ready, default=None), rules_id)]  # fmt: skip
