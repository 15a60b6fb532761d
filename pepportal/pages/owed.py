"""What is due, worded for the person who reads it: for many children at once in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from children.models import Child, Enrolment
from children.policies import visible_to
from pepportal.access.actor import Actor
from pepportal.access.roles import Role
from pepportal.accounts.models import holds_on
from pepportal.accounts.queries import covered_by
from pepportal.clock.models import Obligation
from pepportal.clock.rules import Owed
from pepportal.ui import wording
from peps.calendars import calendars_for_schools, working_calendar
from peps.deadlines.calendars import CalendarNotPublished, Calendars, DayCalendar
from peps.deadlines.counting import days_between

SOON = 5  # units of the obligation's own count: shown as "soon"
UNIT_WORDS = {"school": "school day", "working": "working day", "calendar": "day"}
BUTTONS = {
    "meeting": "Arrange",
    "arranged": "Arrange",
    "prepare": "Fill in",
    "complete": "Finish",
    "amend": "Amend",
    "quality": "Review",
    "formal_review": "Arrange",
    "return": "Finish",
    "sdq": "Enter",
    "data": "Fill in",
    "upload": "Upload",
    "send": "Send",
    "allocate": "Allocate",
    "teacher": "Find out",
    "next_school": "Record",
}
LINKS = {
    "initiated": "pages:pep", "arranged": "meetings:panel", "meeting": "meetings:panel", "completed": "pages:pep", "prepare": "pages:pep",
    "complete": "pages:pep", "amend": "pages:pep", "quality": "qa:quality", "care_review": "pages:pep", "next_review": "pages:pep",
    "formal_review": "meetings:panel", "return": "pages:pep", "sdq": "targets:sdq", "data": "pages:pep", "upload": "qa:copies",
    "send": "qa:copies",
}  # fmt: skip
CHILD_LINKS = {"allocate": "children:allocate", "next_school": "children:change-school"}
"""What hangs on no plan and is done on a form of its own, for those who may change a child's facts; the rest on the child's page."""


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

    def left(self, child_id: UUID, due: date, unit: str) -> int | None:
        """Days of ``unit`` from today to ``due``; negative when late; None where the calendar isn't published."""
        return days_left(self.calendars[child_id], due, unit, self.day)


def tone_of(due: date, today: date, left: int | None) -> str:
    """late, soon or nothing."""
    if due < today:
        return "late"
    return "soon" if left is not None and left <= SOON else ""


def owed_href(row: Obligation) -> str:
    if row.pep_id is None:
        return reverse(CHILD_LINKS.get(row.kind, "pages:child"), args=[row.child_id])
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
                key=row.key, kind=row.kind, title=f"{row.title}: {row.child.name}", child=row.child, href=owed_href(row),
                why_href=reverse("pages:deadline", args=[row.child_id, row.key]), due=row.due_on,
                when=wording.due_words(row.due_on, today, left, UNIT_WORDS.get(row.unit, "day")),
                tone=tone_of(row.due_on, today, left), holder_role=row.holder_role,
                holder_name=row.holder.name if row.holder else "", rule=row.rule, provisional=row.provisional, pep_id=row.pep_id,
            )
        )  # fmt: skip
    return found


def owed_by(actor: Actor) -> QuerySet[Obligation]:
    """What this person holds: by name, for somebody whom they cover, for the school whose designated teacher they are, or for their
    virtual school."""
    mine = Q(holder=actor.user) | Q(holder__in=covered_by(actor.user.pk, actor.today))
    if schools := actor.organisations(Role.DESIGNATED_TEACHER):
        mine |= Q(holder_role="designated_teacher", holder_organisation__in=schools)
    if offices := actor.organisations(Role.VS_HEAD, Role.VS_DEPUTY, Role.VS_CASEWORKER):
        mine |= Q(holder=None, holder_organisation__in=offices)
        if Role.VS_HEAD in {held.role for held in actor.held}:
            mine |= Q(holder_role="virtual_school", kind="quality", holder_organisation__in=offices)
    if offices := actor.organisations(Role.VS_DATA):
        mine |= Q(holder_role="data_team", holder_organisation__in=offices)
    return (
        Obligation.objects.open()
        .filter(mine, child__in=visible_to(actor))
        .select_related("child__authority", "holder")
        .soonest_first()
    )


def word_live(
    owed: Iterable[Owed], child: Child, calendars: Calendars, today: date, *, may_change: bool = False
) -> list[OwedRow]:
    """Live obligations worded like the index's, open ones first by day, no query. The forms of CHILD_LINKS are there for those
    who ``may_change`` the child's facts."""
    found = []
    for each in sorted(owed, key=lambda o: (o.met_on is not None, o.deadline.due)):
        left = days_left(calendars, each.deadline.due, each.deadline.unit, today)
        when = (
            f"done {wording.in_words(each.met_on)}" + (", late" if each.met_on > each.deadline.due else "")
            if each.met_on
            else wording.due_words(each.deadline.due, today, left, UNIT_WORDS.get(each.deadline.unit, "day"))
        )
        href = reverse(LINKS.get(each.kind, "pages:pep"), args=[each.pep_id]) if each.pep_id else ""
        if may_change and each.kind in CHILD_LINKS:
            href = reverse(CHILD_LINKS[each.kind], args=[child.pk])
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


def days_left(calendars: Calendars, due: date, unit: str, today: date) -> int | None:
    calendar: DayCalendar = calendars.working
    if unit == "calendar":
        calendar = calendars.days
    elif unit == "school" and calendars.school is not None:
        calendar = calendars.school
    try:
        return days_between(today, due, calendar)
    except CalendarNotPublished:
        return None


def late_tag(late: bool) -> dict[str, str]:
    return {"status": "late", "status_word": "Late"} if late else {}


def waiting_table(rows: list[OwedRow]) -> dict[str, Any]:
    """What I wait for and from whom, for the home page's table."""
    return {
        "waiting_columns": ["Child", "What", "Who has it", "Expected"],
        "waiting_rows": [
            [
                {"text": row.child.name, "href": reverse("pages:child", args=[row.child.pk])},
                row.title.rsplit(": ", 1)[0],
                {"text": row.holder_name, "owner": row.holder_role, "owner_name": ""},
                {"text": wording.in_words(row.due, year=False), **late_tag(row.tone == "late")},
            ]
            for row in rows
        ],
    }  # fmt: skip
