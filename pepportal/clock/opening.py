"""Opens the plans that are owed and gives their parts out (R14, R30); a plan in preparation follows its child into the next phase.

What is owed is read from the index, so the sweep goes first. A plan is opened in one transaction that holds the child's row, and the
same cause never opens two: safe twice, late, and on two machines at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from children.models import CareEpisode, Child, Enrolment
from children.queries import Team, team_of
from children.rules import academic_year_of, phase_of
from meetings.models import Meeting, MeetingState
from meetings.notices import please_arrange
from meetings.queries import people_in
from pepportal.accounts.models import User
from pepportal.audit.acting import Acting
from pepportal.clock import notices
from pepportal.clock.chasing import Days, batches, in_care_and_open
from pepportal.clock.facts import facts_of
from pepportal.clock.models import Obligation
from pepportal.clock.rules import INFORMAL, Owed, derive
from pepportal.notify.actions import owe
from pepportal.profiles.models import ProfileVersion
from pepportal.profiles.queries import rules_of
from pepportal.timekeeping import london_date
from peps import notices as plan_notices
from peps.actions import change_phase, open_pep
from peps.deadlines import rules as engine
from peps.deadlines.calendars import Calendars
from peps.deadlines.rules import Policy, policy_of
from peps.models import Pep, PepKind
from peps.policy import PepPolicy, pep_policy
from peps.queries import document_of, phase_on
from peps.states import PepState

log = logging.getLogger(__name__)

GIVEN_BY_OWNER = ("designated_teacher", "social_worker", "both")
"""Whose sections are given out when a plan opens; a child's or carer's only where the council's rules name them."""
LONGEST_TERM = timedelta(days=150)


# --- opening ----------------------------------------------------------------------------------------------------------------


def open_due(*, by: Acting) -> list[Pep]:
    """Opens on ``by.today`` every plan that is owed and not open: the first plan of a child who has come into scope, the next
    review once the council's window for it is reached (R14; a missed week is made good), the extra plan that a change calls (R8).
    Each is given out to those who have a part in it, and its organiser is told."""
    opened: list[Pep] = []
    for rows in batches(in_care_and_open(by.today).filter(kind="first_pep")):
        opened += _opened(rows, _open_first, by=by)
    for rows in batches(_next_reviews(by.today)):
        opened += _opened(_in_window(rows, by.today), _open_review, by=by)
    for rows in batches(in_care_and_open(by.today).filter(kind="extra_pep")):
        opened += _opened(rows, _open_extra, by=by)
    return opened


def _opened(rows: Iterable[Obligation], open_one: Callable[..., Pep | None], *, by: Acting) -> list[Pep]:
    """Each by itself: one record that can't be opened must not stop the others."""
    found = []
    for row in rows:
        try:
            pep = open_one(row, by=by)
        except Exception:
            log.exception("The plan owed as %s could not be opened; it will be tried again.", row.pk)
        else:
            found += [pep] if pep else []
    return found


@transaction.atomic
def _open_first(row: Obligation, *, by: Acting) -> Pep | None:
    child, episode = _held(row, by.today)
    if episode is None or Pep.objects.filter(episode=episode).exists():
        return None
    return _open(child, episode, PepKind.FIRST, f"first:{episode.pk}", row.starts_on, by=by)


@transaction.atomic
def _open_review(row: Obligation, *, by: Acting) -> Pep | None:
    child, episode = _held(row, by.today)
    last = Pep.objects.filter(obligations=row, episode=episode).first()
    cause = f"review:{row.pep_id}"
    if last is None or episode is None or Pep.objects.filter(child=child, cause=cause).exists():
        return None
    if Pep.objects.filter(episode=episode, opened_at__gt=last.opened_at).exclude(state=PepState.CLOSED).exists():
        return None
    return _open(child, episode, PepKind.REVIEW, cause, row.starts_on, informal=row.title == INFORMAL, by=by)


@transaction.atomic
def _open_extra(row: Obligation, *, by: Acting) -> Pep | None:
    child, episode = _held(row, by.today)
    if episode is None or Pep.objects.filter(child=child, cause=row.key).exists():
        return None
    if Pep.objects.filter(episode=episode, state=PepState.PREPARING).exists():
        return None
    return _open(child, episode, PepKind.EXTRA, row.key, row.starts_on, by=by)


def _held(row: Obligation, day: date) -> tuple[Child, CareEpisode | None]:
    """The child, whose plans nobody else opens until the transaction ends, and the present time in care."""
    children = Child.objects.select_for_update(of=("self",), no_key=True).select_related("authority", "user")
    child = children.get(pk=row.child_id)
    return child, CareEpisode.objects.filter(child=child).current(day).first()


def _open(
    child: Child, episode: CareEpisode, kind: str, cause: str, trigger_on: date, *, informal: bool = False, by: Acting
) -> Pep:
    made = open_pep(
        child=child,
        episode=episode,
        kind=kind,
        cause=cause,
        trigger_on=trigger_on,
        informal=informal,
        tell=False,
        by=by,
    )
    team = team_of(child, by.today)
    delegate(made, team, by=by)
    tell_organiser(made, by=by, team=team)
    return made


# --- when a review's window is reached ----------------------------------------------------------------------------------------


def _next_reviews(day: date) -> QuerySet[Obligation]:
    held = Meeting.objects.filter(pep=OuterRef("pep"), state=MeetingState.HELD).order_by("-held_on")
    rows = in_care_and_open(day).filter(kind="next_review")
    return rows.annotate(set_for=Subquery(held.values("next_meeting_on")[:1]))


def _in_window(rows: list[Obligation], day: date) -> Iterator[Obligation]:
    """Those whose plan is to be opened by now: counted back from the day that the last meeting set, else from the due day."""
    days = Days(rows, day)
    versions = ProfileVersion.objects.in_bulk({row.profile_version_id for row in rows if row.profile_version_id})
    policies = {pk: policy_of(rules_of(version).document) for pk, version in versions.items()}
    for each in rows:
        row: Any = each  # with the annotation of ``_next_reviews``
        policy = policies.get(row.profile_version_id)
        meeting_on = row.set_for or row.due_on
        if policy and meeting_on - _furthest(policy) <= day and opens_on(policy, meeting_on, days, row.child_id) <= day:
            yield each


def _furthest(policy: Policy) -> timedelta:
    """A window never lies further ahead of a meeting; spares counting for most."""
    return LONGEST_TERM if policy.opening.when == "weeks" else timedelta(days=2 * policy.opening.count + 70)


def opens_on(policy: Policy, meeting_on: date, days: Days, child_id: UUID) -> date:
    """The first day on which the plan for a meeting on ``meeting_on`` is opened (R14, R30); without the school's days where they
    aren't known."""
    for calendars in (days.calendars(child_id), Calendars(working=days.working)):
        try:
            return engine.opening(policy, meeting_on, calendars=calendars)[0]
        except LookupError:
            continue
    return meeting_on


# --- who gets what ------------------------------------------------------------------------------------------------------------


def delegate(pep: Pep, team: Team, *, by: Acting) -> None:
    """Gives the parts of a plan that has just been opened to whom the council's rules give them (``opened_parts_go_to``): each
    person hears once, with all that is theirs and by when. Whoever else is told at the start hears that the plan is open."""
    rules = rules_of(pep.profile_version)
    policy = pep_policy(rules.table("responsibilities"), rules.table("form"))
    by_day = _parts_due(pep, team, by.today)
    about, page = f"pep:{pep.pk}", f"/peps/{pep.pk}/"
    if pep.informal:
        review = notices.parts_given(pep, titles=("Progress review",), by_day=by_day, link=page)
        for person in people_in("virtual_school", team):
            owe(review, to=person, about=about, by=by, child_id=pep.child_id)
        return
    people: dict[UUID, User] = {}
    titles: dict[UUID, list[str]] = {}
    own_page: dict[UUID, str] = {}
    document = document_of(pep)
    for section in document.sections:
        role = _goes_to(section.key, section.owner, policy)
        for person in _people(role, pep.child, team) if role else ():
            people[person.pk] = person
            titles.setdefault(person.pk, []).append(section.title)
            if role in ("child", "carer"):
                own_page[person.pk] = f"{page}sections/{section.key}/"
    for pk, person in people.items():
        message = notices.parts_given(pep, titles=titles[pk], by_day=by_day, link=own_page.get(pk, page))
        owe(message, to=person, about=about, by=by, child_id=pep.child_id)
    carers = next((f"{page}sections/{each.key}/" for each in document.sections if each.owner == "carer"), "")
    plan_notices.opened(
        pep, pep.child, parts=policy.told_at_start, carer_page=carers, team=team, but=people.keys(), by=by
    )


def _goes_to(key: str, owner: str, policy: PepPolicy) -> str:
    named = policy.opened_parts_go_to
    return named.get(key, "") or (named.get("other", owner) if owner in GIVEN_BY_OWNER else "")


def _people(role: str, child: Child, team: Team) -> tuple[User, ...]:
    """Who is in a part today; a child or carer only with an account of their own, for all others the virtual school steps in."""
    if role in ("child", "carer"):
        person = child.user if role == "child" else team.carer.user if team.carer else None
        return (person,) if person and person.is_active else ()
    return people_in(role, team)


def _meeting_owed(pep: Pep, team: Team, day: date) -> Owed | None:
    facts = facts_of(pep.child, team, day)
    found = derive(facts) if facts else ()
    return next((each for each in found if each.pep_id == pep.pk and each.kind == "meeting"), None)


def _parts_due(pep: Pep, team: Team, day: date) -> date | None:
    """By when the parts are wanted: before the meeting by the council's rule, counted from the day by which it must be held; that
    day itself where there is no time left before it."""
    owed = _meeting_owed(pep, team, day)
    if owed is None or owed.deadline.due < day:
        return None
    policy = policy_of(rules_of(pep.profile_version).document)
    found = facts_of(pep.child, team, day)
    try:
        before = engine.preparation(policy, owed.deadline.due, calendars=found.calendars).due if found else day
    except LookupError:
        before = owed.deadline.due
    return before if before > day else owed.deadline.due


def tell_organiser(pep: Pep, *, by: Acting, team: Team | None = None) -> None:
    """Owes the organiser (R18) the message that a meeting is to be arranged, with its day; an informal review has none."""
    team = team or team_of(pep.child, by.today)
    owed = None if pep.informal else _meeting_owed(pep, team, by.today)
    if owed is not None:
        please_arrange(pep, owed.deadline.due, owed.holder.role, team=team, by=by)


# --- the new school year --------------------------------------------------------------------------------------------------------


def roll_over(*, by: Acting) -> int:
    """From 1 September: plans in preparation get the form of the phase their child is in now (Year 6 to Year 7), and the
    designated teacher is told (R31). A plan whose meeting lies in the school year that is over keeps its form. Safe twice; how
    many plans changed."""
    changed = 0
    rows = _in_preparation(by.today)
    forms = _forms_by_rules()
    last: UUID | None = None
    while found := list((rows.filter(pk__gt=last) if last else rows)[:500]):
        for row in found:
            try:
                changed += _follow(row, forms, by=by)
            except Exception:  # one plan's must not keep the others on last year's form
                log.exception("Plan %s did not get the form of its child's phase.", row.pk)
        last = found[-1].pk
    return changed


def _in_preparation(day: date) -> QuerySet[Pep]:
    in_care = CareEpisode.objects.filter(pk=OuterRef("episode")).current(day)
    enrolled = Enrolment.objects.filter(child=OuterRef("child"), main=True).current(day)
    arranged = Meeting.objects.filter(pep=OuterRef("pk"), state=MeetingState.SCHEDULED)
    return (
        Pep.objects.filter(Exists(in_care), state=PepState.PREPARING)
        .select_related("child")
        .annotate(
            form_key=F("form_version__key"),
            school_phase=Subquery(enrolled.values("school__phase")[:1]),
            meets_at=Subquery(arranged.values("starts_at")[:1]),
        )
        .order_by("pk")
    )


def _forms_by_rules() -> dict[UUID, dict[str, str]]:
    found = {}
    for version in ProfileVersion.objects.all():
        table = rules_of(version).table("form")
        found[version.pk] = {phase: table[phase] for phase in ("early_years", "primary", "secondary", "post_16")}
    return found


def phase_day(meets_at: datetime | None, day: date) -> date:
    """The day whose school year a plan in preparation is for: its meeting's, or today where that lies beyond 1 September."""
    if meets_at is None:
        return day
    meeting = london_date(meets_at)
    return day if meeting > day and academic_year_of(meeting) != academic_year_of(day) else meeting


def _follow(pep: Pep, forms: dict[UUID, dict[str, str]], *, by: Acting) -> bool:
    row: Any = pep  # with the annotations of ``_in_preparation``
    day = phase_day(row.meets_at, by.today)
    if forms[row.profile_version_id][phase_of(row.child.date_of_birth, day, row.school_phase or "")] == row.form_key:
        return False
    with transaction.atomic():
        made = change_phase(pep, phase=phase_on(pep.child, day), by=by)
        if made:
            team = team_of(pep.child, by.today)
            message = notices.form_changed(pep)
            for person in team.designated_teachers or people_in("virtual_school", team):
                owe(message, to=person, about=f"pep:{pep.pk}:{pep.form_version_id}", by=by, child_id=pep.child_id)
        return made
