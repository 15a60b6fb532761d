"""Tells people what they owe: reminders before the day, the ladder after it, a reminder by hand. Each step of each revision once.

Which step is owed is decided in peps.deadlines.chasing; here it is brought together with the index, the people of today and what has
been taken already. A step and its messages are one transaction that holds the obligation's row, so two machines at once tell once,
and what is met or moved at the same moment isn't chased.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from children.models import CareEpisode, Child, Enrolment, School
from children.queries import Team, teams_of
from meetings.models import Meeting, MeetingState
from pepportal.access.roles import Role
from pepportal.accounts.models import Membership, User
from pepportal.audit import actions as audit
from pepportal.audit.acting import LONDON, Acting
from pepportal.clock import notices
from pepportal.clock.models import Chase, Obligation
from pepportal.clock.models import Chased as What
from pepportal.clock.rules import INFORMAL
from pepportal.notify.actions import Message, owe
from pepportal.profiles.models import ProfileVersion
from pepportal.profiles.queries import NoProfile, profile_for, rules_of
from pepportal.profiles.reading import Profile
from peps.calendars import calendars_for_schools, working_calendar
from peps.deadlines.calendars import CalendarError, Calendars, DayCalendar, SchoolCalendar
from peps.deadlines.chasing import (
    Ladder,
    Owed,
    Owing,
    Reminders,
    ladder_from,
    reminder_owed,
    reminders_from,
    rungs_owed,
)
from peps.deadlines.counting import days_between
from peps.models import Pep, Section
from peps.queries import document_of

log = logging.getLogger(__name__)

BATCH = 500
SPARE_DAYS = 70
"""More than any holiday: so many days on top of twice a count of school days certainly reach back over it."""
ABOUT = {
    "first_pep": "meeting", "extra_pep": "meeting", "initiated": "meeting", "arranged": "meeting", "meeting": "meeting",
    "formal_review": "meeting", "next_review": "meeting",
    "completed": "document", "complete": "document", "amend": "document", "return": "document",
}  # fmt: skip
"""What a rung "when the meeting isn't held" or "when the document is late" speaks of."""
BOTH = {"meeting", "next_review", "formal_review"}
"""Due of designated teacher and social worker together, whoever of them arranges it (R15)."""
OFFICE = (Role.VS_HEAD, Role.VS_DEPUTY, Role.VS_CASEWORKER)


Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Taken:
    """A step that was taken: what is told about it outside (no child's name)."""

    reference: str
    key: str
    kind: str
    what: str
    step: int
    due_on: date
    falls_on: date
    told: tuple[tuple[str, str], ...]
    """Name and role of each person told."""


@dataclass(frozen=True)
class Chased:
    reminded: tuple[Taken, ...] = ()
    escalated: tuple[Taken, ...] = ()

    @property
    def told(self) -> int:
        """How many messages were written."""
        return sum(len(each.told) for each in (*self.reminded, *self.escalated))


# --- by the portal itself -------------------------------------------------------------------------------------------------


def chase(*, by: Acting) -> Chased:
    """Takes every step that is owed on ``by.today`` and not taken yet (R15, R16): the latest reminder before a due day, each rung
    after it. Safe twice and at the same moment elsewhere; a missed night is made good by the next run. A fixed number of queries for
    every five hundred obligations, and a few for each step.
    """
    rules = _Rulebook(by.today)
    taken: list[Taken] = []
    for rows in batches(in_care_and_open(by.today).filter(due_on__lte=by.today + rules.reach)):
        owed = list(_owed_now(rows, rules, by.today))
        around = _around({each.row.child_id: each.row.child for each in owed}.values(), by.today) if owed else {}
        for each in owed:
            try:
                done = _take(each, around[each.row.child_id], by=by)
            except Exception:  # one bad record must not stop the others; the next run takes the step
                log.exception("Nobody could be told of %s; it will be tried again.", each.row.pk)
            else:
                taken += [done] if done else []
    return Chased(
        tuple(each for each in taken if each.what == What.REMINDER),
        tuple(each for each in taken if each.what == What.ESCALATION),
    )


def in_care_and_open(day: date) -> QuerySet[Obligation]:
    """What is open about children who are in care on a day: nobody is told anything about a child who has left."""
    in_care = CareEpisode.objects.filter(child=OuterRef("child")).current(day)
    return Obligation.objects.open().filter(Exists(in_care)).select_related("child__authority")


def batches(found: QuerySet[Obligation]) -> Iterator[list[Obligation]]:
    """All of ``found``, five hundred at a time, so that memory stays flat; safe while rows change."""
    last: UUID | None = None
    while True:
        rows = list((found.filter(pk__gt=last) if last else found).order_by("pk")[:BATCH])
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        last = rows[-1].pk


@dataclass(frozen=True)
class _Rules:
    reminders: Reminders
    ladder: Ladder
    inset_counts: bool


def _rules_in(profile: Profile) -> _Rules:
    return _Rules(
        reminders_from(profile.table("reminders")),
        ladder_from(profile.table("escalation")),
        profile.table("deadlines")["counting"]["inset_counts"],
    )


class _Rulebook:
    """How each obligation is chased: by the rules that gave its day, or, where it keeps none, those in force today."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.by_version = {version.pk: _rules_in(rules_of(version)) for version in ProfileVersion.objects.all()}
        self.in_force: dict[UUID, _Rules | None] = {}
        most = max((max(each.reminders.before_due) for each in self.by_version.values()), default=0)
        self.reach = timedelta(days=2 * most + SPARE_DAYS)

    def of(self, row: Obligation) -> _Rules | None:
        if row.profile_version_id is not None:
            return self.by_version.get(row.profile_version_id)
        authority = row.child.authority
        if authority.pk not in self.in_force:
            try:
                self.in_force[authority.pk] = _rules_in(profile_for(authority, self.day).rules)
            except NoProfile:
                self.in_force[authority.pk] = None
        return self.in_force[authority.pk]


@dataclass(frozen=True)
class _Step:
    row: Obligation
    what: str
    owed: Owed
    counted: int | None = None
    """Days of the obligation's unit since it was due."""


def _owed_now(rows: list[Obligation], rules: _Rulebook, day: date) -> Iterator[_Step]:
    days = Days(rows, day)
    before: dict[tuple[UUID, str, int, str], set[int]] = {}
    for child, key, revision, what, step in Chase.objects.filter(
        child_id__in={row.child_id for row in rows}, obligation_key__in={row.key for row in rows}
    ).values_list("child_id", "obligation_key", "revision", "what", "step"):
        before.setdefault((child, key, revision, what), set()).add(step)
    late = [row for row in rows if row.due_on < day and row.pep_id]
    held = dict(
        Meeting.objects.filter(pep__in={row.pep_id for row in late}, state=MeetingState.HELD)
        .order_by("held_on")
        .values_list("pep_id", "held_on")
    )
    missing = _parts_missing([row for row in late if ABOUT.get(row.kind) == "document"])
    for row in rows:
        own = rules.of(row)
        if own is None:
            continue
        owing = Owing(
            row.due_on,
            row.holder_role,
            ABOUT.get(row.kind, ""),
            both=row.kind in BOTH,
            chased=row.title != INFORMAL,
            meeting_held_on=held.get(row.pep_id) if row.pep_id else None,
            social_worker_part_missing=row.pk in missing,
        )

        def taken(what: str, row: Obligation = row) -> Collection[int]:
            return before.get((row.child_id, row.key, row.revision, what), ())

        reminded = days.of(row.child_id, own.reminders.unit, own.inset_counts)
        if reminder := _answer(reminded, partial(_reminder, own.reminders, owing, day, taken(What.REMINDER))):
            yield _Step(row, What.REMINDER, reminder)
        climbed = days.of(row.child_id, own.ladder.unit, own.inset_counts)
        for rung in _answer(climbed, partial(_rungs, own.ladder, owing, day, taken(What.ESCALATION))):
            yield _Step(row, What.ESCALATION, rung, days.since(row, day))


def _answer(calendars: Iterable[DayCalendar], decide: Callable[[DayCalendar], Answer]) -> Answer:
    """What the first calendar says that reaches far enough; the last of them knows every day."""
    *some, last = calendars
    for calendar in some:
        try:
            return decide(calendar)
        except LookupError:
            continue
    return decide(last)


def _reminder(
    reminders: Reminders, owing: Owing, day: date, taken: Collection[int], calendar: DayCalendar
) -> Owed | None:
    return reminder_owed(reminders, owing, calendar, day, taken)


def _rungs(
    ladder: Ladder, owing: Owing, day: date, taken: Collection[int], calendar: DayCalendar
) -> tuple[Owed, ...]:  # fmt: skip
    return rungs_owed(ladder, owing, calendar, day, taken)


def _parts_missing(rows: list[Obligation]) -> set[UUID]:
    """Of late documents those in which the social worker's part is missing (R16): theirs itself, or a school's where the council
    gives the social worker no day of their own and what they fill in isn't complete. Two queries."""
    found = {row.pk for row in rows if row.holder_role == "social_worker"}
    schools = [row for row in rows if row.holder_role != "social_worker" and row.kind in ("complete", "completed")]
    if not schools:
        return found
    peps = {row.pep_id for row in schools if row.pep_id}
    own_day = set(
        Obligation.objects.filter(pep__in=peps, kind="complete", holder_role="social_worker", dropped_at=None)
        .values_list("pep_id", flat=True)
    )  # fmt: skip
    plans = {
        pep.pk: pep
        for pep in Pep.objects.filter(pk__in=peps - own_day).select_related("form_version", "profile_version")
    }
    left: dict[UUID, set[str]] = {}
    for pep, key in Section.objects.filter(pep__in=plans, complete=False).values_list("pep_id", "key"):
        left.setdefault(pep, set()).add(key)
    for row in schools:
        if row.pep_id in plans and left.get(row.pep_id, set()) & _social_workers_sections(plans[row.pep_id]):
            found.add(row.pk)
    return found


def _social_workers_sections(pep: Pep) -> set[str]:
    """What the social worker fills in alone; in a form that gives them nothing alone, what they share."""
    sections = [each for each in document_of(pep).sections if not each.panels]
    alone = {each.key for each in sections if each.owner == "social_worker"}
    return alone or {each.key for each in sections if each.owner == "both"}


class Days:
    """The days that count for each child today: a school's own on last year's pattern where the next isn't published, working days
    where it has published nothing. Three queries for any number of children."""

    def __init__(self, rows: Iterable[Obligation], day: date) -> None:
        children = {row.child_id: row.child for row in rows}
        until = max((row.due_on for row in rows), default=day)
        self.until = date(max(until, day).year + 2, 8, 31)
        enrolled = Enrolment.objects.filter(child__in=children.keys(), main=True).current(day)
        places = list(enrolled.values_list("child", "school", "school__local_authority"))
        known = {school: School(pk=school, local_authority_id=area) for _, school, area in places}
        self.schools: dict[UUID, School] = {child: known[school] for child, school, _ in places}
        pairs = {(self.schools[pk], child.authority) for pk, child in children.items() if pk in self.schools}
        self.found = calendars_for_schools(pairs) if pairs else {}
        self.working = working_calendar()
        self.authorities = {pk: child.authority_id for pk, child in children.items()}
        self.made: dict[tuple[object, bool], SchoolCalendar | None] = {}

    def of(self, child_id: UUID, unit: str, inset_counts: bool = False) -> Iterator[DayCalendar]:
        """The calendar to count on, and what to count on where that one doesn't reach."""
        if unit == "calendar":
            yield Calendars(working=self.working).days
            return
        if unit == "school" and (own := self._school(child_id, inset_counts)) is not None:
            yield own
        yield self.working
        yield Calendars(working=self.working).days

    def calendars(self, child_id: UUID) -> Calendars:
        """For a rule of the engine; without a school where it has published nothing."""
        return Calendars(working=self.working, school=self._school(child_id, False))

    def _school(self, child_id: UUID, inset_counts: bool) -> SchoolCalendar | None:
        school = self.schools.get(child_id)
        key = (school.pk, self.authorities[child_id]) if school else None
        if key is None:
            return None
        if (key, inset_counts) not in self.made:
            try:
                self.made[key, inset_counts] = self.found[key].with_inset(inset_counts).continued(self.until)
            except LookupError:
                self.made[key, inset_counts] = None
            except CalendarError:  # one school's contradiction must not stop the reminders of all others
                log.exception("The calendar of school %s contradicts itself and is not used.", school)
                self.made[key, inset_counts] = None
        return self.made[key, inset_counts]

    def since(self, row: Obligation, day: date) -> int:
        """Days of the obligation's unit since it was due."""
        return _answer(
            self.of(row.child_id, row.unit), lambda calendar: max(0, -days_between(day, row.due_on, calendar))
        )


# --- people ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Around:
    """Everybody whom the rules may name, by what they are to one child today."""

    child: Child
    team: Team
    head_teachers: tuple[User, ...]
    office: Mapping[str, tuple[User, ...]]
    """The authority's virtual school by role."""

    def in_role(self, role: str) -> tuple[User, ...]:
        """People in a role that the rules name; nobody where nobody is."""
        team = self.team
        if role in ("virtual_school_head", "virtual_school_deputy"):
            return self.office.get(role, ())
        if role in ("virtual_school_caseworker", "virtual_school_phase_lead"):
            return (team.caseworker,) if team.caseworker else self.office.get("virtual_school_caseworker", ())
        several = {
            "designated_teacher": team.designated_teachers,
            "head_teacher": self.head_teachers,
            "virtual_school": (team.caseworker,) if team.caseworker else team.virtual_school,
            "data_team": team.data_officers,
        }
        if role in several:
            return several[role]
        one = {
            "social_worker": team.social_worker,
            "team_manager": team.team_manager,
            "iro": team.iro,
            "carer": team.carer.user if team.carer else None,
            "child": self.child.user,
        }.get(role)
        return (one,) if one and one.is_active else ()

    def holders(self, role: str) -> tuple[User, ...]:
        """Those in the role, or the virtual school where nobody is: somebody always holds the ball."""
        return self.in_role(role) or self.in_role("virtual_school")


def _around(children: Iterable[Child], day: date) -> dict[UUID, Around]:
    children = list(children)
    teams = teams_of(children, day)
    schools = {team.school.pk for team in teams.values() if team.school}
    office: dict[tuple[object, str], list[User]] = {}
    held = Membership.objects.current(day).filter(user__is_active=True).select_related("user", "organisation")
    for each in held.filter(
        organisation__authority__in={child.authority_id for child in children}, role__in=[role.value for role in OFFICE]
    ).order_by("user__name", "user_id"):
        office.setdefault((each.organisation.authority_id, each.role), []).append(each.user)
    for each in held.filter(organisation__in=schools, role=Role.HEAD_TEACHER.value).order_by("user__name", "user_id"):
        office.setdefault((each.organisation_id, each.role), []).append(each.user)
    return {
        child.pk: Around(
            child,
            team,
            tuple(office.get((team.school.pk, Role.HEAD_TEACHER.value), ())) if team.school else (),
            {role.value: tuple(office.get((child.authority_id, role.value), ())) for role in OFFICE},
        )
        for child in children
        for team in [teams[child.pk]]
    }


# --- one step -------------------------------------------------------------------------------------------------------------


def _take(step: _Step, around: Around, *, by: Acting) -> Taken | None:
    """Tells everybody of one step and keeps that it was taken; None where it was taken or has become needless meanwhile."""
    row, what, number, on = step.row, step.what, step.owed.number, step.owed.on
    with transaction.atomic():
        if not _still_open(row):
            return None
        own = {
            "child_id": row.child_id,
            "obligation_key": row.key,
            "revision": row.revision,
            "what": what,
            "step": number,
        }
        if Chase.objects.filter(**own).exists():
            return None
        told = _tell(step, around, by=by)
        Chase.objects.create(
            **own, falls_on=on, told=[[str(a.pk), a.name, role] for a, role in told], at=by.at, by_label=by.label
        )
    names = tuple((person.name, role) for person, role in told)
    return Taken(row.child.reference, row.key, row.kind, what, number, row.due_on, on, names)


def _still_open(row: Obligation) -> bool:
    """Holds the obligation's row: whoever meets, moves or chases it meanwhile waits, and the sweep withdraws what was told here."""
    rows = Obligation.objects.open().select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=row.pk, revision=row.revision).first() is not None


def _tell(step: _Step, around: Around, *, by: Acting) -> list[tuple[User, str]]:
    row, owed, counted = step.row, step.owed, step.counted
    told = []
    for person, role, message in _messages(step, around, by.today).values():
        notice = owe(message, to=person, about=_about(row, step.what, owed.number), by=by, child_id=row.child_id)
        if notice is not None:
            told.append((notice.person or person, role))
    if told or step.what == What.REMINDER:
        return told
    office = notices.escalated(row, role="virtual_school", today=by.today, counted=counted)
    for person in around.in_role("virtual_school"):
        if owe(office, to=person, about=_about(row, step.what, owed.number), by=by, child_id=row.child_id):
            told.append((person, "virtual_school"))
    return told


def _messages(step: _Step, around: Around, today: date) -> dict[UUID, tuple[User, str, Message]]:
    """Who is told of a step and in which words; whoever is named twice hears it once, in the first part that they have."""
    row, owed, counted = step.row, step.owed, step.counted
    found: dict[UUID, tuple[User, str, Message]] = {}

    def want(people: Iterable[User], role: str, message: Message) -> None:
        for person in people:
            found.setdefault(person.pk, (person, role, message))

    for role in owed.tell:
        if step.what == What.REMINDER:
            want(around.holders(role), role, notices.reminder(row, role=role))
        elif role == row.holder_role or role in ("designated_teacher", "social_worker"):
            want(around.holders(role), role, notices.overdue(row, role=role, today=today, counted=counted))
        else:
            want(around.in_role(role), role, notices.escalated(row, role=role, today=today, counted=counted))
    for role in owed.by:
        contact = notices.please_contact(row, role=role, whom=owed.tell, today=today, counted=counted)
        want(around.in_role(role), role, contact)
    if owed.managers:
        want(around.in_role("team_manager"), "team_manager", notices.part_missing(row, today=today, counted=counted))
    return found


def _about(row: Obligation, what: str, step: int | str) -> str:
    return f"obligation:{row.pk}:{row.revision}:{what}{step}"


# --- by hand --------------------------------------------------------------------------------------------------------------


def reached_by_hand(obligations: Iterable[Obligation], day: date) -> dict[UUID, tuple[User, ...]]:
    """Whom a reminder by hand would reach on ``day``, by obligation; nobody where somebody has reminded of it by hand that day."""
    rows = list(in_care_and_open(day).filter(pk__in=[row.pk for row in obligations]))
    around = _around({row.child_id: row.child for row in rows}.values(), day)
    sent = Chase.objects.filter(child_id__in={row.child_id for row in rows}, what=What.BY_HAND).values_list(
        "child_id", "obligation_key", "at"
    )
    done = {(child, key) for child, key, at in sent if at.astimezone(LONDON).date() == day}
    return {
        row.pk: () if (row.child_id, row.key) in done else around[row.child_id].holders(row.holder_role) for row in rows
    }


def remind_by_hand(obligations: Iterable[Obligation], *, by: Acting, words: str = "") -> int:
    """Tells whoever holds each of these, or the virtual school where nobody does, at once and with ``words`` from whoever asks for
    it (shown in the portal only: they may name the child). What is met is left out, and so is what was reminded of by hand today
    already: two people at one list don't write twice. How many people were told."""
    told: set[UUID] = set()
    wanted = [row.pk for row in obligations]
    for start in range(0, len(wanted), BATCH):
        rows = list(in_care_and_open(by.today).filter(pk__in=wanted[start : start + BATCH]).order_by("due_on", "pk"))
        around = _around({row.child_id: row.child for row in rows}.values(), by.today)
        days = Days(rows, by.today)
        for row in rows:
            told |= _remind(row, around[row.child_id], days.since(row, by.today), words.strip(), by=by)
    return len(told)


def _remind(row: Obligation, around: Around, counted: int | None, words: str, *, by: Acting) -> set[UUID]:
    with transaction.atomic():
        if not _still_open(row):
            return set()
        by_hand = Chase.objects.filter(child_id=row.child_id, obligation_key=row.key, what=What.BY_HAND)
        last = by_hand.order_by("-at").values_list("at", flat=True).first()
        if last is not None and last.astimezone(LONDON).date() == by.today:
            return set()
        message = notices.by_hand(row, words=words, today=by.today, counted=counted)
        about = _about(row, What.BY_HAND, by.today.isoformat())
        people = {each.pk: each for each in around.holders(row.holder_role)}.values()
        sent = [owe(message, to=each, about=about, by=by, child_id=row.child_id) for each in people]
        told = [each.person for each in sent if each is not None and each.person is not None]
        Chase.objects.create(
            child_id=row.child_id, obligation_key=row.key, revision=row.revision, what=What.BY_HAND, step=0, falls_on=by.today,
            told=[[str(each.pk), each.name, row.holder_role] for each in told], at=by.at, by_label=by.label,
        )  # fmt: skip
        audit.did("remind by hand", row, by=by, child_id=row.child_id)
        return {each.pk for each in told}
