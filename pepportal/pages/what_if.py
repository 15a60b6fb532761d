"""What if: the same facts under every council's rules, side by side. Composes the engine; decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from children.models import Child, Enrolment, School
from children.queries import enrolment_of, latest_episode
from children.rules import year_group
from meetings.models import Meeting, MeetingState
from meetings.rules import PlanFacts, meeting_deadlines
from pepportal.access.actor import Actor
from pepportal.access.roles import Role
from pepportal.accounts.models import Authority
from pepportal.clock.facts import default_policy
from pepportal.pages.why import DayCell, weeks_of
from pepportal.profiles.models import ProfileVersion
from pepportal.profiles.queries import NoProfile, profile_for, rules_of
from pepportal.profiles.reading import DEFAULT_NAME, PUBLISHED_NAMES
from pepportal.timekeeping import london_date
from pepportal.ui import wording
from peps.calendars import calendars_of, school_calendar_for, working_calendar
from peps.deadlines import rules as engine
from peps.deadlines.calendars import CalendarNotPublished, Calendars
from peps.deadlines.counting import amount
from peps.deadlines.provisional import provisionally
from peps.deadlines.rules import Deadline, Policy, policy_of

KINDS = {
    "first_pep": "First plan, from the day of coming into care",
    "review": "Next review, after a meeting",
    "completion": "Completion, after a meeting",
    "extra_pep": "Extra plan, after a change",
    "preparation": "Parts before a meeting",
    "opening": "Opening of the plan, before a meeting",
}
EVENTS = {
    "initiated": "Plan started", "meeting_arranged": "Meeting arranged", "meeting_held": "Meeting held",
    "document_completed": "Plan completed", "returned_to_social_worker": "Plan returned to the social worker",
    "parts_ready": "Parts ready",
}  # fmt: skip
NO_SCHOOL, PATTERN = "none", "pattern"
START_WORDS = {"first_pep": "Came into care", "extra_pep": "The change"}


@dataclass(frozen=True)
class Question:
    """What is asked of every council's rules."""

    kind: str
    day: date
    planned: bool
    change: str
    year_group: int | None
    calendars: Calendars


@dataclass(frozen=True)
class Answer:
    """What one council's rules say to it: one day, and why; or no day, and why not."""

    event: str
    due: str
    counted: str = ""
    skipped: str = ""
    marks: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    deadline: Deadline | None = None


@dataclass(frozen=True)
class Column:
    """One council's rules and their answers."""

    version: ProfileVersion
    own: bool
    answers: tuple[Answer, ...]

    @property
    def words(self) -> str:
        return f"{'Your council’s rules. ' if self.own else ''}Version {self.version.version}"


# --- whose rules, which days ------------------------------------------------------------------------------------------


def authorities_of(actor: Actor, child: Child | None) -> list[Authority]:
    """Whose rules stand first: the child's council's, else those of the councils this person works for. One query."""
    if child is not None:
        return [child.authority]
    ids = {held.authority_id for held in actor.held if held.authority_id}
    return list(Authority.objects.filter(pk__in=ids))


def versions_for(authorities: list[Authority], day: date) -> list[tuple[ProfileVersion, bool]]:
    """The own councils' rules in force on ``day``, then the newest shipped version of each other published profile."""
    own: dict[object, ProfileVersion] = {}
    for authority in authorities:
        try:
            version = profile_for(authority, day).version
        except NoProfile:
            continue
        own[version.pk] = version
    names = {version.name for version in own.values()}
    shipped: dict[str, ProfileVersion] = {}
    rows = ProfileVersion.objects.filter(
        authority=None, name__in=[name for name in PUBLISHED_NAMES if name not in names]
    )
    for row in rows.order_by("effective_from", "version"):
        shipped[row.name] = row
    others = [shipped[name] for name in PUBLISHED_NAMES if name in shipped]
    return [*((version, True) for version in own.values()), *((version, False) for version in others)]


def school_choices(authorities: list[Authority]) -> list[tuple[str, str]]:
    """No school, a council's own term dates, or any school. One query."""
    patterns = [(f"{PATTERN}:{each.pk}", f"{wording.possessive(each.name)} term dates") for each in authorities]
    schools = School.objects.select_related("organisation").order_by("organisation__name", "pk")
    return [(NO_SCHOOL, "No school place"), *patterns, *((str(each.pk), str(each)) for each in schools)]


def calendars_for(chosen: str, authorities: list[Authority]) -> Calendars:
    """The calendars that a choice of ``school_choices`` counts on."""
    if chosen == NO_SCHOOL:
        return Calendars(working=working_calendar(), school=None)
    for each in authorities:
        if chosen == f"{PATTERN}:{each.pk}":
            return Calendars(working=working_calendar(), school=school_calendar_for(None, each))
    school = School.objects.select_related("organisation", "local_authority").get(pk=UUID(chosen))
    authority: Any = authorities[0] if authorities else None
    return calendars_of(school, authority)


def prefilled(actor: Actor, child: Child | None, kind: str) -> dict[str, Any]:
    """What the form starts with: a child's own facts, or for a teacher their school. Three queries for a child."""
    schools = [str(pk) for pk in actor.organisations(Role.DESIGNATED_TEACHER, Role.HEAD_TEACHER)]
    start: dict[str, Any] = {
        "kind": kind if kind in KINDS else "first_pep", "placement": "planned", "change": "school_change",
        "school": schools[0] if schools else "",
    }  # fmt: skip
    day: date | None = None
    if child is not None:
        enrolment: Enrolment | None = enrolment_of(child, actor.today)
        episode = latest_episode(child)
        start["school"] = str(enrolment.school_id) if enrolment else NO_SCHOOL
        start["year_group"] = year_group(child.date_of_birth, actor.today)
        start["placement"] = "planned" if episode is None or episode.planned else "unplanned"
        day = episode.began_on if episode and start["kind"] == "first_pep" else _meeting_day(child, start["kind"])
        day = day or actor.today
        start |= {"day_0": day.day, "day_1": day.month, "day_2": day.year}
    return start


def _meeting_day(child: Child, kind: str) -> date | None:
    """The meeting from which a kind counts: the one to come for what lies before it, else the last that was held."""
    if kind == "extra_pep":
        return None
    meetings = Meeting.objects.filter(pep__child=child).exclude(state=MeetingState.CANCELLED).order_by("-starts_at")
    rows = list(meetings[:10])
    held = next((row.held_on for row in rows if row.held_on), None)
    ahead = next((london_date(row.starts_at) for row in rows if row.state == MeetingState.SCHEDULED), None)
    return (ahead or held) if kind in ("preparation", "opening") else (held or ahead)


# --- answers ----------------------------------------------------------------------------------------------------------


def columns(question: Question, versions: list[tuple[ProfileVersion, bool]]) -> list[Column]:
    """Every version's answers, in the order given. No query."""
    return [
        Column(
            version, own, answers(question, policy_of(rules_of(version).document), silent=version.name != DEFAULT_NAME)
        )
        for version, own in versions
    ]


def answers(question: Question, policy: Policy, *, silent: bool = True) -> tuple[Answer, ...]:
    """What one policy says: one answer, two where a plan is first started and then met about, or the reason for none.
    ``silent``: what is the product's own is marked as such; the default rules have no need of it."""
    if question.kind == "opening":
        return (_opening(question, policy, silent),)
    found = _deadlines(question, policy)
    return tuple(_answer(each, silent) for each in found) or (Answer("", _why_none(question, policy)),)


def _deadlines(question: Question, policy: Policy) -> tuple[Deadline, ...]:
    day = question.day
    if question.kind in ("first_pep", "review"):
        plan = PlanFacts(
            "first" if question.kind == "first_pep" else "review", "", day, question.planned,
            question.calendars.school is not None, question.year_group,
        )  # fmt: skip
        return meeting_deadlines(plan, policy, default_policy(), question.calendars)
    rules: dict[str, Callable[[Calendars], Deadline | None]] = {
        "completion": lambda c: engine.completion(policy, day, calendars=c),
        "extra_pep": lambda c: engine.extra_pep(policy, day, question.change, calendars=c),
        "preparation": lambda c: engine.preparation(policy, day, calendars=c),
    }
    made = provisionally(rules[question.kind], question.calendars, date(day.year + 2, 8, 31))
    return (made,) if made else ()


def _why_none(question: Question, policy: Policy) -> str:
    if question.kind == "extra_pep":
        return f"No extra plan is called by a {engine.CHANGE_WORDS[question.change]}"
    return "No day is published for that"


def _answer(made: Deadline, silent: bool) -> Answer:
    marks = (
        *(["Product’s default"] if made.default and silent else []),
        *(["Provisional"] if made.provisional else []),
    )
    event = EVENTS.get(made.event, wording.upper_first(made.event.replace("_", " ")))
    if made.owners:
        event += f" by {wording.join_words(owner.replace('_', ' ') for owner in made.owners)}"
    return Answer(
        event=event, due=wording.in_words(made.due),
        counted=amount(made.count, made.unit) + (" before" if made.due < made.start else "") if made.steps else "Not counted in days",
        skipped=_skipped(made), marks=marks, assumed=made.assumed, deadline=made,
    )  # fmt: skip


def _skipped(made: Deadline) -> str:
    """The sentence about what was skipped; where nothing is counted, the sentence that gives the day."""
    rest = made.explanation.partition(". ")[2]
    if not made.steps:
        return made.explanation
    skipped = sum(1 for step in made.steps if step.skipped)
    return rest or (f"{wording.count_words(skipped, 'day')} skipped." if skipped else "No day was skipped.")


def _opening(question: Question, policy: Policy, silent: bool) -> Answer:
    rule, calendars, until = policy.opening, question.calendars, date(question.day.year + 2, 8, 31)
    marks = ["Product’s default"] if rule.default and silent else []
    try:
        first, last = engine.opening(policy, question.day, calendars=calendars)
    except CalendarNotPublished:
        marks.append("Provisional")
        try:
            school = calendars.school.continued(until) if calendars.school else None
            first, last = engine.opening(
                policy, question.day, calendars=Calendars(calendars.working.continued(until), school)
            )
        except LookupError as missing:
            return Answer("", str(missing))
    due = wording.in_words(first) + (f" to {wording.in_words(last)}" if last != first else "")
    counted = f"{amount(rule.count, rule.unit)} before" if rule.when == "before_meeting" else "By the week of the term"
    return Answer("Plan opened", due, counted, "", tuple(marks), rule.assumed)


# --- the page ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """One council's days, shown below the table."""

    title: str
    calendars: tuple[tuple[Answer, list[list[DayCell]]], ...]


def opened(found: list[Column], wanted: str, kind: str) -> Opened | None:
    """The days of the version asked for; nothing where none is, or it has no day."""
    column = next((each for each in found if str(each.version.pk) == wanted), None)
    if column is None:
        return None
    start = START_WORDS.get(kind, "The meeting")
    shown = tuple(
        (each, weeks_of(each.deadline, start) if each.deadline.steps else [])
        for each in column.answers
        if each.deadline is not None
    )
    return Opened(column.version.title, shown) if shown else None


def table_of(found: list[Column], address: str) -> list[list[Any]]:
    """The answers as the rows of a table; each council's name opens its days."""
    rows = []
    for column in found:
        for answer in column.answers:
            marks = ". ".join((*answer.marks, *(["Something was assumed"] if answer.assumed else [])))
            rows.append([
                {"text": column.version.title, "href": f"{address}&open={column.version.pk}#days", "note": column.words},
                answer.event or "Nothing",
                {"text": answer.due},
                answer.counted or "Not counted in days",
                answer.skipped or "Nothing",
                marks or "As published",
            ])  # fmt: skip
    return rows


TABLE_COLUMNS = ["Whose rules", "What", "By when", "Counted", "Skipped", "How sure"]
