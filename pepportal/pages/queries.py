"""Reads that span rooms: the home pages, and what a plan says above its task list. A fixed number of queries each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse

from children.models import Child, Enrolment, School
from children.policies import standing, visible_to, with_standing
from meetings.models import Invitation, Meeting, MeetingState, OtherMeeting
from meetings.queries import OTHER_LINE, READS_THE_PLAN, OtherLine, other_lines
from pepportal.access.actor import Actor
from pepportal.access.roles import Role
from pepportal.accounts.models import holds_on
from pepportal.clock.models import Obligation
from pepportal.pages.owed import (
    BUTTONS,
    UNIT_WORDS,
    OwedRow,
    days_left,
    owed_by,
    owed_href,
    tone_of,
    worded,
)
from pepportal.ui import wording
from peps.calendars import calendars_of
from peps.models import Confirmation, Pep
from peps.queries import document_of
from peps.states import writable
from qa.models import Edition


@dataclass(frozen=True)
class Home:
    owed: list[OwedRow]
    owed_count: int
    late_count: int
    waiting: list[OwedRow]
    meetings: list[Meeting]
    children_count: int
    authorities_count: int


def home_of(actor: Actor, *, most: int = 12) -> Home:
    """The first page: what I owe, soonest first; what I am waiting for and from whom; my next meetings."""
    today = actor.today
    visible = visible_to(actor)
    mine = owed_by(actor)
    others = (
        Obligation.objects.open()
        .filter(child__in=visible)
        .exclude(pk__in=mine.values("pk"))
        .select_related("child__authority", "holder")
        .soonest_first()
    )
    counts = mine.aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    of_children = visible.aggregate(all=Count("pk"), authorities=Count("authority", distinct=True))
    mine_rows, other_rows = list(mine[:most]), list(others[:most])
    rows = worded([*mine_rows, *other_rows], today)
    owed = rows[: len(mine_rows)]
    meetings = (
        Meeting.objects.filter(state=MeetingState.SCHEDULED, starts_at__gte=actor.at, pep__child__in=visible)
        .filter(Q(organised_by=actor.user) | Exists(Invitation.objects.filter(meeting=OuterRef("pk"), user=actor.user)))
        .select_related("pep__child")
        .order_by("starts_at")[:4]
    )
    return Home(
        owed=[replace(row, button=BUTTONS.get(row.kind, "Open"), primary=index == 0) for index, row in enumerate(owed)],
        owed_count=counts["all"],
        late_count=counts["late"],
        waiting=rows[len(mine_rows) :],
        meetings=list(meetings),
        children_count=of_children["all"],
        authorities_count=of_children["authorities"],
    )


@dataclass(frozen=True)
class BesidePlan:
    """What other rooms keep about one plan and its page shows around the task list."""

    obligations: list[Obligation]
    """Every one that counts, met or not, soonest first."""
    holders: dict[UUID, str]
    others: list[OtherLine]
    confirmed: list[dict[str, str]]
    """what, user, name: who has confirmed what."""
    asked: dict[str, str]
    """Who is asked to its meeting and reads the plan: id and name."""
    school_phase: str


def beside_plan(pep: Pep, today: date) -> BesidePlan:
    """All of it in one query, so that the plan's page asks each room once."""
    own = {"pep": OuterRef("pk")}
    fields = ("id", "key", "kind", "title", "holder_role", "holder_id", "holder_organisation_id", "due_on", "unit", "rule",
              "provisional", "met_on")  # fmt: skip
    due = Obligation.objects.filter(**own, dropped_at=None).soonest_first()
    asked = Invitation.objects.filter(
        READS_THE_PLAN, ~Q(meeting__state=MeetingState.CANCELLED), meeting__pep=OuterRef("pk")
    )
    row = Pep.objects.values(
        due=ArraySubquery(due.values(json=JSONObject(**{name: name for name in fields}, holder_name="holder__name"))),
        others=ArraySubquery(OtherMeeting.objects.filter(**own).order_by("-on", "-at").values(json=OTHER_LINE)),
        confirmed=ArraySubquery(
            Confirmation.objects.filter(**own).order_by("at").values(
                json=JSONObject(what="what", user="user_id", name="user__name")
            )
        ),
        asked=ArraySubquery(asked.values(json=JSONObject(user="user_id", name="name"))),
        phase=Subquery(
            Enrolment.objects.filter(holds_on(today), child=OuterRef("child"), main=True).values("school__phase")[:1]
        ),
    ).get(pk=pep.pk)  # fmt: skip
    holders = {UUID(each["holder_id"]): each.pop("holder_name") or "" for each in row["due"] if each["holder_id"]}
    return BesidePlan(
        obligations=[_obligation(pep, each) for each in row["due"]],
        holders=holders,
        others=other_lines(row["others"]),
        confirmed=row["confirmed"],
        asked={each["user"]: each["name"] for each in row["asked"]},
        school_phase=row["phase"] or "",
    )


def _obligation(pep: Pep, said: dict[str, Any]) -> Obligation:
    said.pop("holder_name", None)
    for name in ("due_on", "met_on"):
        said[name] = date.fromisoformat(said[name]) if said[name] else None
    for name in ("holder_id", "holder_organisation_id"):
        said[name] = UUID(said[name]) if said[name] else None
    return Obligation(child_id=pep.child_id, pep_id=pep.pk, **said)


def next_due_of(pep: Pep, child: Child, school: School | None, beside: BesidePlan, actor: Actor) -> OwedRow | None:
    """What this person owes first in this plan, else what anybody owes first: the line at the head of the plan."""
    rows = [row for row in beside.obligations if row.met_on is None and row.kind not in ("next_review", "care_review")]
    if not rows:
        return None
    mine = [
        row
        for row in rows
        if row.holder_id == actor.user_id or (row.holder_organisation_id in {h.organisation_id for h in actor.held})
    ]
    row = (mine or rows)[0]
    calendars = calendars_of(school, child.authority)
    left = days_left(calendars, row.due_on, row.unit, actor.today)
    when = wording.due_words(row.due_on, actor.today, left, UNIT_WORDS.get(row.unit, "day"))
    return OwedRow(
        key=row.key, kind=row.kind, title=row.title, child=child, href=owed_href(row),
        why_href=reverse("pages:deadline", args=[child.pk, row.key]), due=row.due_on, when=when,
        tone=tone_of(row.due_on, actor.today, left), holder_role=row.holder_role,
        holder_name=beside.holders.get(row.holder_id, "") if row.holder_id else "", rule=row.rule,
        provisional=row.provisional, pep_id=pep.pk, primary=bool(mine),
    )  # fmt: skip


def last_plan(child: Child) -> Pep | None:
    return Pep.objects.filter(child=child).select_related("episode").newest_first().first()


def trigger_of_next(last: Pep) -> date:
    """The day from which the next review is counted: the last meeting held, else the day that plan was triggered."""
    held = last.meetings.filter(state=MeetingState.HELD).order_by("-held_on").values_list("held_on", flat=True).first()
    return held or last.trigger_on


@dataclass(frozen=True)
class FamilyChild:
    """What one carer or young person finds about one child."""

    child: Child
    own_is_child: bool
    pep: Pep | None
    own_section: str
    meeting: Meeting | None
    invitation: Invitation | None
    copies: list[Edition]


def family_home(actor: Actor, *, most: int = 12) -> list[FamilyChild]:
    """The first page of a carer or a young person: for each child what they can say, when the meeting is, their copies.
    Five queries, however many children."""
    children = list(with_standing(actor).select_related("authority").order_by("sort_name")[:most])
    peps: dict[UUID, list[Pep]] = {}
    for each in Pep.objects.filter(child__in=children).select_related("form_version", "profile_version").newest_first():
        peps.setdefault(each.child_id, []).append(each)
    peps = {child: own[:6] for child, own in peps.items()}
    open_plans = {
        child: pep for child, own in peps.items() if (pep := next((p for p in own if writable(p.state)), None))
    }
    arranged = Meeting.objects.filter(pep__in=open_plans.values(), state=MeetingState.SCHEDULED)
    meetings = {meeting.pep_id: meeting for meeting in arranged}
    asked = Invitation.objects.filter(meeting__in=meetings.values(), user=actor.user) if meetings else ()
    invitations = {invitation.meeting_id: invitation for invitation in asked}
    copies = list(
        Edition.objects.ready()
        .filter(pep__in=[pep for own in peps.values() for pep in own], audience__in=["child", "carer"], draft=False)
        .select_related("pep")
        .order_by("-rendered_at")
    )
    found = []
    for child in children:
        owner = "child" if Role.CHILD in standing(actor, child) else "carer"
        plan: Pep | None = open_plans.get(child.pk)
        section = next((each.key for each in document_of(plan).sections if each.owner == owner), "") if plan else ""
        meeting = meetings.get(plan.pk) if plan else None
        invitation = invitations.get(meeting.pk) if meeting else None
        own_copies = [each for each in copies if each.pep.child_id == child.pk and each.audience == owner]
        found.append(FamilyChild(child, owner == "child", plan, section, meeting, invitation, own_copies))
    return found
