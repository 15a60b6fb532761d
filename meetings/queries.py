"""Reads about meetings: what decides the date, whom to ask, how the panel stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db.models import Q, QuerySet
from django.db.models.functions import JSONObject

from children.models import Enrolment, SignificantChange
from children.queries import Team
from meetings import rules
from meetings.models import Invitation, Meeting, MeetingMove, MeetingState, OtherKind, OtherMeeting
from meetings.policies import visible_to
from meetings.policy import MeetingPolicy, meeting_policy
from meetings.rules import DateRule, Person, PlanFacts, Suggestion
from pepportal.access.actor import Actor
from pepportal.accounts.models import User
from pepportal.audit.acting import LONDON
from pepportal.profiles.queries import rules_of
from pepportal.profiles.reading import read_default
from pepportal.ui.wording import count_words, in_words, join_words
from peps.calendars import calendars_of
from peps.deadlines.rules import Policy, policy_of
from peps.deadlines.scope import year_group
from peps.models import Pep
from peps.panels import PanelStatus

PARTS = {
    "social_worker": "Social worker",
    "designated_teacher": "Designated teacher",
    "carer": "Carer",
    "child": "Child or young person",
    "virtual_school": "Virtual school",
    "iro": "Independent reviewing officer",
}
ORGANISERS = PARTS | {"virtual_school": "The virtual school", "data_team": "The data team"}


# --- one plan's meeting -------------------------------------------------------------------------------------------------


def meeting_of(pep: Pep) -> Meeting | None:
    """The plan's meeting that is arranged or was held; None where there is none or it was cancelled."""
    return (
        Meeting.objects.filter(pep=pep)
        .exclude(state=MeetingState.CANCELLED)
        .select_related("organised_by", "recorded_by")
        .order_by("-starts_at")
        .first()
    )


def invitations_of(meeting: Meeting) -> list[Invitation]:
    """Everybody asked, those who must come first."""
    return list(meeting.invitations.select_related("user").order_by("-required", "part", "name", "id"))


def moves_of(meeting: Meeting) -> list[MeetingMove]:
    return list(meeting.moves.select_related("by").order_by("at", "id"))


def cancelled_of(pep: Pep) -> list[Meeting]:
    return list(Meeting.objects.filter(pep=pep, state=MeetingState.CANCELLED).order_by("starts_at"))


def cancelled_at(meeting: Meeting) -> datetime:
    """When it was called off: the moment of its last version."""
    last: datetime = meeting.history.latest("history_date").history_date
    return last


def panel_status(pep: Pep) -> PanelStatus:
    """How far the plan's meeting is (R12)."""
    meeting = meeting_of(pep)
    held = meeting is not None and meeting.state == MeetingState.HELD
    left = rules.missing(held=held, next_on=meeting.next_meeting_on if meeting else None)
    if meeting is None:
        hint = "Not arranged yet"
    elif held:
        hint = f"Held on {in_words(meeting.held_on)}" if meeting.held_on else "Held"
    else:
        hint = f"Arranged for {in_words(london_day(meeting.starts_at))}"
    return PanelStatus(started=meeting is not None, missing=left, hint=hint)


def london_day(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()


# --- the date -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _default_policy() -> Policy:
    return policy_of(read_default().document)


def clock_policy(pep: Pep) -> Policy:
    return policy_of(rules_of(pep.profile_version).document)


def people_policy(pep: Pep) -> MeetingPolicy:
    return meeting_policy(rules_of(pep.profile_version).table("responsibilities"))


#: What opened an extra plan, as its cause says it, in the profile's word ([deadlines.extra_pep].on).
CAUSES = {"enrolment": "school_change", "placement": "placement_change"}


def _change_of(pep: Pep) -> str:
    """The change that called an extra plan ("extra:<what>:<id>"), in the profile's word; "" for any other plan."""
    opened_by, _, what = pep.cause.partition(":")
    called, _, row = what.partition(":")
    if opened_by != "extra" or called != "change":
        return CAUSES.get(called, "") if opened_by == "extra" else ""
    return SignificantChange.objects.filter(child=pep.child_id, pk=row).values_list("kind", flat=True).first() or ""


def plan_facts(pep: Pep, team: Team) -> PlanFacts:
    return PlanFacts(
        kind=pep.kind,
        change=_change_of(pep),
        trigger_on=pep.trigger_on,
        planned=pep.episode.planned,
        has_school=team.school is not None,
        year_group=year_group(pep.child.date_of_birth, pep.trigger_on),
    )


def date_rule(pep: Pep, team: Team) -> DateRule:
    """What decides whether this plan's meeting may be on a day, on the child's school's own calendar."""
    policy, calendars = clock_policy(pep), calendars_of(team.school, pep.child.authority)
    due = rules.meeting_due(plan_facts(pep, team), policy, _default_policy(), calendars)
    return DateRule(policy, calendars, pep.episode.began_on, due)


def next_date_rule(pep: Pep, team: Team, held_on: date) -> DateRule:
    """The same for the meeting after one held on ``held_on`` (R12)."""
    policy, calendars = clock_policy(pep), calendars_of(team.school, pep.child.authority)
    due = rules.next_due(policy, held_on, calendars, year_group(pep.child.date_of_birth, held_on))
    return DateRule(policy, calendars, pep.episode.began_on, due, not_before=held_on)


# --- the people ---------------------------------------------------------------------------------------------------------


def people_around(pep: Pep, team: Team) -> list[Person]:
    """The team around the child as people who may be asked; never birth parents (R49)."""

    def user(role: str, someone: User | None) -> list[Person]:
        return [Person(role, someone.name, PARTS[role], someone.pk, someone.email)] if someone else []

    people = user("social_worker", team.social_worker)
    for teacher in team.designated_teachers:
        people += user("designated_teacher", teacher)
    if team.carer:
        people.append(Person("carer", team.carer.name, PARTS["carer"], team.carer.user_id, team.carer.email))
    child = pep.child
    people.append(Person("child", child.name, PARTS["child"], child.user_id, child.user.email if child.user else ""))
    from_vs = team.caseworker or next(iter(team.virtual_school), None)
    return [*people, *user("virtual_school", from_vs), *user("iro", team.iro)]


def suggestions(pep: Pep, team: Team) -> tuple[Suggestion, ...]:
    """Whom the council's rules would have at this meeting, with the reason where it isn't plain."""
    policy = people_policy(pep)
    enrolled = Enrolment.objects.filter(child=pep.child_id, school=team.school).exists() if team.school else False
    facts = rules.attendance_facts(
        plan_facts(pep, team),
        authority_area=pep.child.authority.name,
        school_area=team.school.area if team.school and enrolled else "",
    )
    return rules.suggest(
        people_around(pep, team),
        must_attend=policy.must_attend,
        expected=policy.expected,
        invited=policy.invited,
        virtual_school_because=policy.why_virtual_school_attends(facts),
    )


def not_asked_yet(pep: Pep, team: Team, there: Iterable[Invitation]) -> tuple[Suggestion, ...]:
    """The team around the child without those who are asked already."""
    asked = {(each.user_id or each.name) for each in there}
    return tuple(each for each in suggestions(pep, team) if (each.person.user_id or each.person.name) not in asked)


@dataclass(frozen=True)
class WhoseJob:
    """Who arranges this meeting by the council's rules (R18)."""

    role: str
    words: str
    people: tuple[User, ...]

    @property
    def names(self) -> str:
        return join_words(person.name for person in self.people)


def people_in(role: str, team: Team) -> tuple[User, ...]:
    """Who is in a part of the child's team today; the virtual school (its caseworker for the child, else all) where nobody is."""
    vs = (team.caseworker,) if team.caseworker else team.virtual_school
    in_role: dict[str, tuple[User, ...]] = {
        "social_worker": (team.social_worker,) if team.social_worker else (),
        "designated_teacher": team.designated_teachers,
        "data_team": team.data_officers,
    }
    return in_role.get(role, ()) or vs


def whose_job(pep: Pep, team: Team) -> WhoseJob:
    """The role that the profile makes responsible and who is in it today; the virtual school where nobody is."""
    role = people_policy(pep).organiser(first=pep.kind == "first")
    people = people_in(role, team)
    if role != "virtual_school" and people == people_in("virtual_school", team):
        role = "virtual_school"
    return WhoseJob(role, ORGANISERS.get(role, role.replace("_", " ").capitalize()), people)


def chair_by_default(pep: Pep, team: Team) -> str:
    """The name of whoever leads by the council's rules: the designated teacher unless it says otherwise (R41)."""
    role = people_policy(pep).chairs
    return next((person.name for person in people_around(pep, team) if person.role == role), "")


def told_of_absence(pep: Pep, team: Team, part: str) -> tuple[User, ...]:
    """Who hears that a required person did not come: the social worker's manager where the council says so, else the
    virtual school; never the reviewing officer (R16, R47)."""
    told = rules_of(pep.profile_version).table("escalation").get("manager_told_of", [])
    if part == PARTS["social_worker"] and "social_worker_absent" in told and team.team_manager:
        return (team.team_manager,)
    return people_in("virtual_school", team)


def list_warning(pep: Pep, invited: int) -> str:
    """Said above a list that is longer than the council wants (R46)."""
    policy = people_policy(pep)
    if not policy.too_many(invited):
        return ""
    return (
        f"{count_words(invited, 'person')} are asked. Small meetings work better for the child: "
        f"{policy.invitations_warn_above} or fewer is what the council’s rules suggest."
    )


# --- lists --------------------------------------------------------------------------------------------------------------


def my_meetings(actor: Actor, *, past: bool, words: str, at: datetime) -> QuerySet[Meeting]:
    """Meetings this person may see: those to come soonest first, or held, cancelled and gone by, newest first."""
    found = visible_to(actor).select_related("pep__child", "organised_by")
    to_come = Q(state=MeetingState.SCHEDULED, starts_at__gte=at.replace(hour=0, minute=0, second=0, microsecond=0))
    found = found.exclude(to_come) if past else found.filter(to_come)
    for word in words.split()[:6]:
        found = found.filter(
            Q(pep__child__given_name__icontains=word)
            | Q(pep__child__family_name__icontains=word)
            | Q(pep__child__known_as__icontains=word)
            | Q(pep__child__reference__iexact=word)
        )
    return found.order_by("-starts_at" if past else "starts_at", "id")


def replies_of(actor: Actor, meetings: Iterable[Meeting]) -> dict[object, Invitation]:
    """This person's own invitation to each of ``meetings``."""
    own = Invitation.objects.filter(user=actor.user, meeting__in=list(meetings))
    return {each.meeting_id: each for each in own}


# --- other meetings -----------------------------------------------------------------------------------------------------


def other_meetings_of(pep: Pep) -> list[OtherMeeting]:
    """The other education meetings kept with a plan, newest first. One query."""
    return list(OtherMeeting.objects.filter(pep=pep).select_related("recorded_by"))


@dataclass(frozen=True)
class OtherLine:
    """One of them in a list: its words, and the plan on whose page it is found."""

    pk: str
    pep_id: str
    words: str


def other_lines(rows: Iterable[Mapping[str, str]]) -> list[OtherLine]:
    """The lines of rows that came as JSON (``id``, ``pep``, ``kind``, ``on``) with another query."""
    return [
        OtherLine(
            each["id"], each["pep"], f"{OtherKind(each['kind']).label}, {in_words(date.fromisoformat(each['on']))}"
        )
        for each in rows
    ]


OTHER_LINE = JSONObject(id="id", pep="pep_id", kind="kind", on="on")

READS_THE_PLAN = Q(user__is_active=True, user__carer_record=None, user__own_record=None)
"""Of the people asked to a meeting: those with an account who read the plan itself. Carer and child have pages of their own."""
