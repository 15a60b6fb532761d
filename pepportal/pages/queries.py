"""Reads that span rooms, for the pages people live in. Each answers frozen rows in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.urls import reverse

from children.models import CareEpisode, CareReview, Child, Enrolment, Placement
from children.policies import ChildInView, standing, visible_to, with_standing
from children.queries import Team
from children.rules import sort_name, year_group, year_words
from meetings.models import Invitation, Meeting, MeetingState
from pepportal.access.actor import Actor
from pepportal.access.roles import Role
from pepportal.access.vocabulary import May
from pepportal.accounts.models import holds_on
from pepportal.clock.facts import calendars_of, facts_of
from pepportal.clock.models import Obligation
from pepportal.clock.rules import Owed, derive, meeting_deadlines
from pepportal.ui import wording
from peps.calendars import calendars_for_schools, working_calendar
from peps.deadlines.calendars import CalendarNotPublished, Calendars, DayCalendar
from peps.deadlines.counting import days_between
from peps.deadlines.rules import Deadline
from peps.models import Pep
from peps.queries import document_of
from peps.states import WORDS, PepState
from qa.models import Decision, Edition, Review

SOON = 5  # units of the obligation's own count: shown as "soon"
UNIT_WORDS = {"school": "school day", "working": "working day", "calendar": "day"}
BUTTONS = {
    "meeting": "Arrange",
    "arranged": "Arrange",
    "prepare": "Fill in",
    "complete": "Finish",
    "amend": "Amend",
    "quality": "Review",
}
LINKS = {
    "initiated": "pages:pep", "arranged": "meetings:panel", "meeting": "meetings:panel", "completed": "pages:pep", "prepare": "pages:pep",
    "complete": "pages:pep", "amend": "pages:pep", "quality": "qa:quality", "care_review": "pages:pep", "next_review": "pages:pep",
}  # fmt: skip


@dataclass(frozen=True)
class OwedRow:
    """One thing due, worded for the person who reads it."""

    key: str
    kind: str
    title: str
    child: Child
    href: str
    why_href: str
    due: date
    when: str
    tone: str
    holder_role: str
    holder_name: str
    rule: str
    provisional: bool
    pep_id: object | None

    met: bool = False
    button: str = "Open"
    primary: bool = False

    @property
    def hint(self) -> str:
        return self.rule


class DayCounts:
    """Counts "in 3 school days" for many children at once: one query for all their schools' calendars."""

    def __init__(self, children: Iterable[Child], day: date) -> None:
        self.day = day
        rows = list(children)
        current = {
            enrolment.child_id: enrolment.school
            for enrolment in Enrolment.objects.filter(holds_on(day), child__in=rows, main=True).select_related(
                "school__organisation"
            )
        }
        self.schools = current
        found = calendars_for_schools(
            {(school, child.authority) for child in rows if (school := current.get(child.pk))}
        )
        working = working_calendar()
        self.calendars = {
            child.pk: Calendars(
                working=working,
                school=found.get((school.pk, child.authority_id)) if (school := current.get(child.pk)) else None,
            )
            for child in rows
        }

    def left(self, child_id: object, due: date, unit: str) -> int | None:
        """Days of ``unit`` from today to ``due``; negative when late; None where the calendar isn't published."""
        return _left(self.calendars[child_id], due, unit, self.day)


def tone_of(due: date, today: date, left: int | None) -> str:
    """late, soon or nothing."""
    if due < today:
        return "late"
    return "soon" if left is not None and left <= SOON else ""


def _href(row: Obligation) -> str:
    if row.pep_id is None:
        return reverse("pages:child", args=[row.child_id])
    return reverse(LINKS.get(row.kind, "pages:pep"), args=[row.pep_id])


def worded(rows: Iterable[Obligation], today: date) -> list[OwedRow]:
    """Obligations as rows for a page: three queries however many."""
    rows = list(rows)
    counts = DayCounts({row.child_id: row.child for row in rows}.values(), today)
    found = []
    for row in rows:
        left = counts.left(row.child_id, row.due_on, row.unit)
        found.append(
            OwedRow(
                key=row.key, kind=row.kind, title=f"{row.title}: {row.child.name}", child=row.child, href=_href(row),
                why_href=reverse("pages:deadline", args=[row.child_id, row.key]), due=row.due_on,
                when=wording.due_words(row.due_on, today, left, UNIT_WORDS.get(row.unit, "day")),
                tone=tone_of(row.due_on, today, left), holder_role=row.holder_role,
                holder_name=row.holder.name if row.holder else "", rule=row.rule, provisional=row.provisional, pep_id=row.pep_id,
            )
        )  # fmt: skip
    return found


def owed_by(actor: Actor) -> QuerySet[Obligation]:
    """What this person holds: by name, for the school whose designated teacher they are, or for their virtual school."""
    mine = Q(holder=actor.user)
    if schools := actor.organisations(Role.DESIGNATED_TEACHER):
        mine |= Q(holder_role="designated_teacher", holder_organisation__in=schools)
    if offices := actor.organisations(Role.VS_HEAD, Role.VS_DEPUTY, Role.VS_CASEWORKER):
        mine |= Q(holder=None, holder_organisation__in=offices)
        if Role.VS_HEAD in {held.role for held in actor.held}:
            mine |= Q(holder_role="virtual_school", kind="quality", holder_organisation__in=offices)
    return (
        Obligation.objects.open()
        .filter(mine, child__in=visible_to(actor))
        .select_related("child__authority", "holder")
        .soonest_first()
    )


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


SORTS = {
    "name": ("sort_name", "reference"),
    "due": ("next_due_on", "sort_name"),
    "state": ("pep_state", "sort_name"),
    "school": ("school_name", "sort_name"),
}


@dataclass(frozen=True)
class CaseloadFilters:
    """What the caseload page was asked for."""

    search: str = ""
    show: str = ""
    state: str = ""
    school: str = ""
    sort: str = "name"
    descending: bool = False


def caseload(actor: Actor, wanted: CaseloadFilters) -> QuerySet[Child]:
    """The children this person may find, each with school, current plan and what is due next, searched, filtered, sorted."""
    today = actor.today
    enrolment = Enrolment.objects.filter(holds_on(today), child=OuterRef("pk"), main=True)
    plan = Pep.objects.filter(child=OuterRef("pk")).newest_first()
    due = Obligation.objects.open().filter(child=OuterRef("pk")).soonest_first()
    in_care = CareEpisode.objects.filter(holds_on(today), child=OuterRef("pk"))
    rows = visible_to(actor).annotate(
        school_name=Subquery(enrolment.values("school__organisation__name")[:1]),
        school_pk=Subquery(enrolment.values("school")[:1]),
        pep_pk=Subquery(plan.values("pk")[:1]),
        pep_state=Subquery(plan.values("state")[:1]),
        pep_term=Subquery(plan.values("term")[:1]),
        next_due_on=Subquery(due.values("due_on")[:1]),
        next_title=Subquery(due.values("title")[:1]),
        next_unit=Subquery(due.values("unit")[:1]),
        next_holder=Subquery(due.values("holder__name")[:1]),
        next_holder_role=Subquery(due.values("holder_role")[:1]),
        in_care=Exists(in_care),
        out_of_area=Exists(Placement.objects.filter(holds_on(today), child=OuterRef("pk"), out_of_area=True)),
    )
    if wanted.search:
        for word in wanted.search.split()[:5]:
            rows = rows.filter(
                Q(sort_name__icontains=sort_name("", word).strip())
                | Q(known_as__icontains=word)
                | Q(reference__icontains=word)
                | Q(school_name__icontains=word)
            )
    if wanted.state:
        rows = rows.filter(pep_state=wanted.state)
    if wanted.school:
        rows = rows.filter(school_pk=wanted.school)
    rows = rows.filter(**{"left": {"in_care": False}}.get(wanted.show, {"in_care": True}))
    if wanted.show == "late":
        rows = rows.filter(next_due_on__lt=today)
    elif wanted.show == "no_school":
        rows = rows.filter(school_pk=None)
    elif wanted.show == "out_of_area":
        rows = rows.filter(out_of_area=True)
    elif wanted.show == "no_plan":
        rows = rows.filter(pep_pk=None)
    first, *rest = SORTS.get(wanted.sort, SORTS["name"])
    order = F(first).desc(nulls_last=True) if wanted.descending else F(first).asc(nulls_last=True)
    return rows.select_related("authority").order_by(order, *rest, "pk")


def schools_of(actor: Actor) -> list[tuple[str, str]]:
    """The schools that this person's children attend today, for the caseload's filter."""
    rows = (
        Enrolment.objects.filter(holds_on(actor.today), main=True, child__in=visible_to(actor))
        .values_list("school", "school__organisation__name")
        .distinct()
        .order_by("school__organisation__name")
    )
    return [(str(pk), name) for pk, name in rows]


def live_obligations(child: Child, team: Team, today: date) -> tuple[Owed, ...]:
    """What is owed about one child, derived now from the facts, not read from the index (house, shapes)."""
    facts = facts_of(child, team, today)
    return derive(facts) if facts else ()


def word_live(owed: Iterable[Owed], child: Child, calendars: Calendars, today: date) -> list[OwedRow]:
    """Live obligations worded like the index's, open ones first by day, no query."""
    found = []
    for each in sorted(owed, key=lambda o: (o.met_on is not None, o.deadline.due)):
        left = _left(calendars, each.deadline.due, each.deadline.unit, today)
        when = (
            f"done {wording.in_words(each.met_on)}" + (", late" if each.met_on > each.deadline.due else "")
            if each.met_on
            else wording.due_words(each.deadline.due, today, left, UNIT_WORDS.get(each.deadline.unit, "day"))
        )
        href = reverse(LINKS.get(each.kind, "pages:pep"), args=[each.pep_id]) if each.pep_id else ""
        found.append(
            OwedRow(
                key=each.key, kind=each.kind, title=each.title, child=child, href=href,
                why_href=reverse("pages:deadline", args=[child.pk, each.key]), due=each.deadline.due, when=when,
                tone="" if each.met_on else tone_of(each.deadline.due, today, left), holder_role=each.holder.role,
                holder_name=each.holder.name, rule=each.deadline.rule, provisional=each.deadline.provisional, pep_id=each.pep_id,
                met=each.met_on is not None,
            )
        )  # fmt: skip
    return found


def _left(calendars: Calendars, due: date, unit: str, today: date) -> int | None:
    calendar: DayCalendar = calendars.working
    if unit == "calendar":
        calendar = calendars.days
    elif unit == "school" and calendars.school is not None:
        calendar = calendars.school
    try:
        return days_between(today, due, calendar)
    except CalendarNotPublished:
        return None


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
            cell = DayCell(day, "skipped", None, reason[:1].upper() + reason[1:])
        else:
            cell = DayCell(day, "outside")
        weeks[-1].append(cell)
        day += timedelta(days=1)
    return weeks


@dataclass(frozen=True)
class Explained:
    """One deadline with everything that says why it is that day."""

    owed: Owed
    title: str
    weeks: list[list[DayCell]]
    days: list[DayCell]
    what_if: list[tuple[str, date]]
    policy_title: str
    policy_version: str
    policy_from: date | None
    backwards: bool
    is_default: bool
    """The rules are the product's own, so that "default" needs no saying."""


def explained(child: Child, team: Team, key: str, today: date) -> Explained | None:
    """The named obligation of a child, derived live, with its calendar and what other facts would have given."""
    facts = facts_of(child, team, today)
    if facts is None:
        return None
    owed = next((each for each in derive(facts) if each.key == key), None)
    if owed is None:
        return None
    pep = next((each for each in facts.peps if each.pep_id == owed.pep_id), None)
    row = Pep.objects.select_related("profile_version").filter(pk=owed.pep_id).first() if owed.pep_id else None
    start_words = {"prepare": "The meeting", "care_review": "The care review"}.get(
        owed.kind,
        "Came into care" if pep and pep.kind == "first" and owed.deadline.start == facts.entry_on else "Start",
    )
    weeks = weeks_of(owed.deadline, start_words) if owed.deadline.steps else []
    what_if: list[tuple[str, date]] = []
    if pep and pep.kind == "first" and owed.kind in ("meeting", "initiated", "arranged", "completed"):
        for words, changed in (
            (
                "After an unplanned placement" if facts.planned else "After a planned placement",
                replace(facts, planned=not facts.planned),
            ),
            (
                "With a school place" if not facts.has_school else "Without a school place",
                replace(facts, has_school=not facts.has_school),
            ),
        ):
            for deadline in meeting_deadlines(changed, pep)[-1:]:
                what_if.append((words, deadline.due))
    return Explained(
        owed=owed, title=f"{owed.title}: {wording.in_words(owed.deadline.due)}", weeks=weeks,
        days=[cell for week in weeks for cell in week if cell.kind != "outside"], what_if=what_if,
        policy_title=row.profile_version.title if row else "", policy_version=pep.policy.version if pep else "",
        policy_from=row.profile_version.effective_from if row else None, backwards=owed.deadline.due < owed.deadline.start,
        is_default=bool(row and row.profile_version.name == "default"),
    )  # fmt: skip


@dataclass(frozen=True)
class ChildPage:
    """What a child's page shows beside the child and the team."""

    owed: list[OwedRow]
    done: list[OwedRow]
    current: Pep | None
    earlier: list[Pep]
    placements: list[Placement]
    schools: list[Enrolment]
    episode: CareEpisode | None
    review: CareReview | None
    address: str
    address_withheld: bool
    may_open_next: bool


def child_page(view: ChildInView, team: Team, today: date, *, obligations: bool) -> ChildPage:
    """The facts, plans and deadlines of one child; obligations are derived live and only for those who may read plans."""
    child = view.child
    peps = list(Pep.objects.filter(child=child).newest_first()[:10])
    current = next((pep for pep in peps if pep.state not in (PepState.FINALISED, PepState.CLOSED)), None)
    facts = facts_of(child, team, today) if obligations else None
    rows = word_live(derive(facts), child, facts.calendars, today) if facts else []
    address = getattr(team.placement, "address", None) if team.placement and view.may(May.SEE_ADDRESS) else None
    confidential = bool(address and address.confidential)
    shown = address is not None and (not confidential or view.may(May.CHANGE_FACTS) or Role.SOCIAL_WORKER in view.roles)
    care = view.may(May.SEE_CARE_FACTS)
    episode = CareEpisode.objects.filter(child=child).order_by("-began_on").first()
    return ChildPage(
        owed=[row for row in rows if not row.met],
        done=[row for row in rows if row.met],
        current=current,
        earlier=[pep for pep in peps if pep is not current],
        placements=list(Placement.objects.filter(child=child).select_related("carer").order_by("-began_on"))
        if care
        else [],
        schools=list(
            Enrolment.objects.filter(child=child).select_related("school__organisation").order_by("-began_on")
        ),
        episode=episode,
        review=CareReview.objects.filter(child=child, on__gte=today, cancelled_at=None).order_by("on").first(),
        address=address.text if address and shown else "",
        address_withheld=confidential and not shown,
        may_open_next=current is None
        and bool(peps)
        and view.may(May.ARRANGE_MEETING)
        and episode is not None
        and episode.ended_on is None,
    )


def next_due_of(pep: Pep, child: Child, team: Team, actor: Actor) -> OwedRow | None:
    """What this person owes first in this plan, else what anybody owes first: the line at the head of the plan."""
    rows = list(
        Obligation.objects.open()
        .filter(pep=pep)
        .exclude(kind__in=["next_review", "care_review"])
        .select_related("child__authority", "holder")
        .soonest_first()
    )
    if not rows:
        return None
    mine = [
        row
        for row in rows
        if row.holder_id == actor.user_id or (row.holder_organisation_id in {h.organisation_id for h in actor.held})
    ]
    row = (mine or rows)[0]
    calendars = calendars_of(child, team)
    left = _left(calendars, row.due_on, row.unit, actor.today)
    return OwedRow(
        key=row.key, kind=row.kind, title=row.title, child=child, href=_href(row),
        why_href=reverse("pages:deadline", args=[child.pk, row.key]), due=row.due_on, when=wording.due_words(row.due_on, actor.today, left, UNIT_WORDS.get(row.unit, "day")),
        tone=tone_of(row.due_on, actor.today, left), holder_role=row.holder_role, holder_name=row.holder.name if row.holder else "",
        rule=row.rule, provisional=row.provisional, pep_id=pep.pk, primary=bool(mine),
    )  # fmt: skip


def last_return(pep: Pep) -> Review | None:
    """Why the plan was sent back, while it is."""
    if pep.state != PepState.RETURNED:
        return None
    return pep.reviews.filter(decision=Decision.RETURNED).select_related("reviewer").order_by("-at").first()


def last_plan(child: Child) -> Pep | None:
    return Pep.objects.filter(child=child).select_related("episode").newest_first().first()


def trigger_of_next(last: Pep) -> date:
    """The day from which the next review is counted: the last meeting held, else the day that plan was triggered."""
    held = last.meetings.filter(state=MeetingState.HELD).order_by("-held_on").values_list("held_on", flat=True).first()
    return held or last.trigger_on


def _late(late: bool) -> dict[str, str]:
    return {"status": "late", "status_word": "Late"} if late else {}


def caseload_table(page: Page[Child], wanted: CaseloadFilters, sent: QueryDict, today: date) -> dict[str, Any]:
    """The caseload's columns (sortable links) and rows, for the data table: two queries for the days left."""

    def sort_link(key: str) -> dict[str, Any]:
        query = sent.copy()
        query.pop("page", None)
        now = wanted.sort == key
        query["sort"] = f"-{key}" if now and not wanted.descending else key
        return {
            "href": f"?{query.urlencode()}",
            "sort": ("descending" if wanted.descending else "ascending") if now else "",
        }

    columns = [
        {"text": "Child", **sort_link("name")},
        {"text": "School", **sort_link("school")},
        {"text": "Plan", **sort_link("state")},
        {"text": "Next", **sort_link("due")},
        {"text": "Who has it"},
    ]
    children = list(page.object_list)
    counts = DayCounts(children, today)
    rows = []
    for child in children:
        year = year_words(year_group(child.date_of_birth, today))
        note = f"{year}, {child.reference}" + (", placed out of area" if child.out_of_area else "")
        due = child.next_due_on
        left = counts.left(child.pk, due, child.next_unit) if due else None
        when = (
            wording.upper_first(wording.due_words(due, today, left, UNIT_WORDS.get(child.next_unit, "day")))
            if due
            else ""
        )
        plan = (
            {"text": child.pep_term or "", "status": child.pep_state, "status_word": WORDS[PepState(child.pep_state)]}
            if child.pep_state
            else "No plan yet"
        )
        holder = {"text": child.next_holder or "", "owner": child.next_holder_role, "owner_name": ""} if due else ""
        rows.append([
            {"text": child.name, "href": reverse("pages:child", args=[child.pk]), "note": note},
            child.school_name or ("No school place" if child.in_care else "Left care"),
            plan,
            {"text": child.next_title, "note": when, **_late(due < today)} if due else "Nothing due",
            holder,
        ])  # fmt: skip
    return {"columns": columns, "rows": rows}


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


def family_home(actor: Actor) -> list[FamilyChild]:
    """The first page of a carer or a young person: for each child what they can say, when the meeting is, their copies."""
    found = []
    for child in with_standing(actor).select_related("authority").order_by("sort_name")[:12]:
        roles = standing(actor, child)
        peps = list(Pep.objects.filter(child=child).select_related("form_version").newest_first()[:6])
        pep = next(
            (each for each in peps if each.state in (PepState.PREPARING, PepState.COMPLETING, PepState.RETURNED)), None
        )
        owner = "child" if Role.CHILD in roles else "carer"
        section = next((each.key for each in document_of(pep).sections if each.owner == owner), "") if pep else ""
        meeting = pep.meetings.filter(state=MeetingState.SCHEDULED).first() if pep else None
        copies = list(
            Edition.objects.ready()
            .filter(pep__in=peps, audience=owner, draft=False)
            .select_related("pep")
            .order_by("-rendered_at")
        )
        invitation = Invitation.objects.filter(meeting=meeting, user=actor.user).first() if meeting else None
        found.append(FamilyChild(child, owner == "child", pep, section, meeting, invitation, copies))
    return found


def waiting_table(rows: list[OwedRow]) -> dict[str, Any]:
    """What I wait for and from whom, for the home page's table."""
    return {
        "waiting_columns": ["Child", "What", "Who has it", "Expected"],
        "waiting_rows": [
            [
                {"text": row.child.name, "href": reverse("pages:child", args=[row.child.pk])},
                row.title.rsplit(": ", 1)[0],
                {"text": row.holder_name, "owner": row.holder_role, "owner_name": ""},
                {"text": wording.in_words(row.due, year=False), **_late(row.tone == "late")},
            ]
            for row in rows
        ],
    }  # fmt: skip


def child_tables(view: ChildInView, team: Team, page: ChildPage) -> dict[str, Any]:
    """The facts of care and the team as summary rows, and where they are changed."""
    child, placement, episode = view.child, team.placement, page.episode
    care = []
    if episode:
        kind = "planned" if episode.planned else "unplanned"
        care.append({"key": "Came into care", "value": f"{wording.in_words(episode.began_on)}, {kind}"})
        care.append({"key": "Legal status", "value": episode.get_legal_status_display()})
        if episode.ended_on:
            care.append(
                {
                    "key": "Left care",
                    "value": f"{wording.in_words(episode.ended_on)}: {episode.get_end_reason_display()}",
                }
            )
    if placement:
        where = f"{placement.get_kind_display()} since {wording.in_words(placement.began_on)}, in {placement.area}"
        care.append(
            {
                "key": "Lives with",
                "value": [
                    str(placement.carer or "No carer recorded"),
                    where + (", out of area" if placement.out_of_area else ""),
                ],
            }
        )
    if page.address:
        care.append({"key": "Address", "value": page.address})
    elif page.address_withheld:
        care.append({"key": "Address", "value": "Withheld: it is confidential and your part doesn’t need it"})
    care.append({"key": "Date of birth", "value": child.date_of_birth})
    people = [
        {"key": "Social worker", "value": team.social_worker.name if team.social_worker else "Nobody is allocated"},
        {
            "key": "Designated teacher",
            "value": [t.name for t in team.designated_teachers]
            or ("The school has none recorded" if team.school else "No school place"),
        },
        {"key": "School", "value": str(team.school) if team.school else "No school place"},
        {"key": "Carer", "value": str(team.carer) if team.carer else "Nobody recorded"},
        {"key": "Virtual school", "value": team.caseworker.name if team.caseworker else "No caseworker allocated"},
        {"key": "Independent reviewing officer", "value": team.iro.name if team.iro else "Nobody is appointed"},
    ]
    names = [
        ("Change where the child lives", "children:change-placement"), ("Change the school", "children:change-school"),
        ("Change the team", "children:allocate"), ("Correct the entry to care", "pages:correct-entry"),
        ("Set the care review", "children:set-care-review"), ("Record leaving care", "children:end-care"),
        ("Who changed what", "children:history"),
    ]  # fmt: skip
    return {
        "care_rows": care,
        "team_rows": people,
        "change_links": [(text, reverse(name, args=[child.pk])) for text, name in names] if view.may(May.CHANGE_FACTS) else [],
    }  # fmt: skip
