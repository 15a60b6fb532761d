"""One child: what is owed, derived live; the facts, the team, the plans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.urls import reverse

from children.models import CareEpisode, ChangeKind, Child, Enrolment, Placement, PlacementAddress
from children.policies import ChildInView
from children.queries import Team
from meetings.models import OtherMeeting
from meetings.queries import OTHER_LINE, OtherLine, other_lines
from pepportal.access.roles import Role
from pepportal.access.vocabulary import May
from pepportal.clock.facts import facts_of, rows_of
from pepportal.clock.rules import Owed, derive
from pepportal.pages.owed import (
    OwedRow,
    word_live,
)
from pepportal.pages.scope import why_no_plan
from pepportal.ui import wording
from peps.models import Pep
from peps.states import PepState


def live_obligations(child: Child, team: Team, today: date) -> tuple[Owed, ...]:
    """What is owed about one child, derived now from the facts, not read from the index (house, shapes)."""
    facts = facts_of(child, team, today)
    return derive(facts) if facts else ()


@dataclass(frozen=True)
class ChildPage:
    """What a child's page shows beside the child and the team."""

    owed: list[OwedRow]
    done: list[OwedRow]
    current: Pep | None
    earlier: list[Pep]
    placements: list[Placement]
    schools: list[Stay]
    episode: CareEpisode | None
    review_on: date | None
    address: str
    address_withheld: bool
    may_open_next: bool
    why_nothing: str
    """Why nothing is owed about a child in care: out of the council's scope; "" otherwise."""
    changes: list[tuple[str, date]]
    """What was recorded as changed in this time in care and still counts: what and when, newest first."""
    other_meetings: list[OtherLine]


def child_page(view: ChildInView, team: Team, today: date, *, obligations: bool) -> ChildPage:
    """The facts, plans and deadlines of one child; obligations are derived live and only for those who may read plans."""
    child = view.child
    found = rows_of(child)
    peps = found.peps[:10]
    current = next((pep for pep in peps if pep.state not in (PepState.FINALISED, PepState.CLOSED)), None)
    facts = facts_of(child, team, today, found) if obligations else None
    may_change = view.may(May.CHANGE_FACTS)
    rows = word_live(derive(facts), child, facts.calendars, today, may_change=may_change) if facts else []
    care = view.may(May.SEE_CARE_FACTS)
    schools, others = _schools_and_meetings(child)
    placements = _placements(view) if care else []
    address = _address(view, team, placements)
    confidential = bool(address and address.confidential)
    shown = address is not None and (not confidential or view.may(May.CHANGE_FACTS) or Role.SOCIAL_WORKER in view.roles)
    episode = found.episodes[0] if found.episodes else None
    return ChildPage(
        owed=[row for row in rows if not row.met],
        done=[row for row in rows if row.met],
        current=current,
        earlier=[pep for pep in peps if pep is not current],
        placements=placements,
        schools=schools,
        episode=episode,
        review_on=next((on for _, on in found.reviews if on >= today), None),
        address=address.text if address and shown else "",
        address_withheld=confidential and not shown,
        may_open_next=current is None
        and bool(peps)
        and view.may(May.ARRANGE_MEETING)
        and episode is not None
        and episode.ended_on is None,
        why_nothing=_why_nothing(child, episode, team, today) if obligations and not rows else "",
        changes=_changes(episode) if care and episode else [],
        other_meetings=others if obligations else [],
    )


@dataclass(frozen=True)
class Stay:
    """A time at a school."""

    school: str
    began_on: date
    ended_on: date | None


def _schools_and_meetings(child: Child) -> tuple[list[Stay], list[OtherLine]]:
    """Every school place, newest first, and the last five other education meetings. One query."""
    schools = Enrolment.objects.filter(child=OuterRef("pk")).order_by("-began_on")
    others = OtherMeeting.objects.filter(pep__child=OuterRef("pk")).order_by("-on", "-at")
    said = JSONObject(school="school__organisation__name", began_on="began_on", ended_on="ended_on")
    row = Child.objects.values(
        schools=ArraySubquery(schools.values(json=said)), others=ArraySubquery(others.values(json=OTHER_LINE)[:5])
    ).get(pk=child.pk)
    day = date.fromisoformat
    stays = [
        Stay(s["school"], day(s["began_on"]), day(s["ended_on"]) if s["ended_on"] else None) for s in row["schools"]
    ]
    return stays, other_lines(row["others"])


def _changes(episode: Any) -> list[tuple[str, date]]:
    """What ``rows_of`` found beside the time in care."""
    found = [(ChangeKind(each["kind"]).label, date.fromisoformat(each["on"])) for each in episode.changed]
    return found[::-1]


def _why_nothing(child: Child, episode: CareEpisode | None, team: Team, today: date) -> str:
    if episode is None or (episode.ended_on is not None and episode.ended_on <= today):
        return ""
    return why_no_plan(child, episode, day=today, in_provision=team.school is not None)


def _placements(view: ChildInView) -> list[Placement]:
    """Where the child has lived, newest first; addresses are loaded only for those who may see them."""
    with_them = ("carer", "address") if view.may(May.SEE_ADDRESS) else ("carer",)
    return list(Placement.objects.filter(child=view.child).select_related(*with_them).order_by("-began_on"))


def _address(view: ChildInView, team: Team, placements: list[Placement]) -> PlacementAddress | None:
    """Where the child lives today, for those who may see where."""
    if team.placement is None or not view.may(May.SEE_ADDRESS):
        return None
    now = next((each for each in placements if each.pk == team.placement.pk), team.placement)
    return getattr(now, "address", None)


def child_tables(view: ChildInView, team: Team, page: ChildPage) -> dict[str, Any]:
    """The facts of care and the team as summary rows, and where they are changed."""
    child, placement, episode = view.child, team.placement, page.episode
    care: list[dict[str, Any]] = []
    if episode:
        kind = "planned" if episode.planned else "unplanned"
        care.append({"key": "Came into care", "value": f"{wording.in_words(episode.began_on)}, {kind}"})
        care.append({"key": "Legal status", "value": episode.get_legal_status_display()})
        if episode.short_breaks:
            care.append({"key": "Short breaks", "value": "Looked after only during short breaks (respite)"})
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
