"""The list of the children somebody may find: searched, filtered, sorted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.urls import reverse

from children.models import CareEpisode, Child, Enrolment, Placement
from children.policies import visible_to
from children.rules import sort_name, year_group, year_words
from pepportal.access.actor import Actor
from pepportal.accounts.models import holds_on
from pepportal.clock.models import Obligation
from pepportal.pages.owed import (
    UNIT_WORDS,
    DayCounts,
    late_tag,
)
from pepportal.ui import wording
from peps.models import Pep
from peps.states import WORDS, PepState

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
    children: list[Any] = list(page.object_list)  # children with the annotations of ``caseload``
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
            {"text": child.next_title, "note": when, **late_tag(due < today)} if due else "Nothing due",
            holder,
        ])  # fmt: skip
    return {"columns": columns, "rows": rows}
