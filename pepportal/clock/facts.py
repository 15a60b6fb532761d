"""Loads what the clock's rules need to know about a child, from every room below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from children.models import CareEpisode, CareReview, Child
from children.queries import Team
from meetings.models import Meeting, MeetingState
from pepportal.accounts.models import Organisation, OrganisationKind
from pepportal.clock.rules import ChildFacts, Holder, MeetingFacts, PepFacts
from pepportal.profiles.queries import rules_of
from pepportal.profiles.reading import read_default
from pepportal.timekeeping import london_date
from peps import calendars
from peps.deadlines.calendars import Calendars
from peps.deadlines.rules import Policy, policy_of
from peps.deadlines.scope import in_scope, scope_from, year_group
from peps.models import Pep, Section
from peps.queries import document_of
from peps.states import PepState
from qa.models import Decision, Review, Signature
from targets.models import Sdq


@lru_cache(maxsize=1)
def default_policy() -> Policy:
    """The product's own rules, for what a council's document leaves open."""
    return policy_of(read_default().document)


def policy_for(pep: Pep) -> Policy:
    """The clock rules of the profile version that the plan was opened under."""
    return policy_of(rules_of(pep.profile_version).document)


def calendars_of(child: Child, team: Team) -> Calendars:
    """The calendars that count for a child today: that school's own, and working days."""
    return calendars.calendars_of(team.school, child.authority)


def holders_of(team: Team, virtual_school_id: object | None) -> dict[str, Holder]:
    """Who holds the ball for each role today."""
    vs = Holder("virtual_school", team.caseworker.pk if team.caseworker else None,
                team.caseworker.name if team.caseworker else "The virtual school", virtual_school_id)  # fmt: skip
    holders = {"virtual_school": vs}
    if team.social_worker:
        holders["social_worker"] = Holder("social_worker", team.social_worker.pk, team.social_worker.name)
    if team.designated_teachers and team.school:
        first = team.designated_teachers[0]
        holders["designated_teacher"] = Holder("designated_teacher", first.pk, first.name, team.school.pk)
    return holders


@dataclass(frozen=True)
class Rows:
    """A child's times in care and plans, newest first, each row with what the rules ask of it."""

    episodes: list[CareEpisode]
    peps: list[Pep]

    @property
    def reviews(self) -> list[tuple[UUID, date]]:
        """The care reviews that are not cancelled, soonest first: id and day."""
        found = self.episodes[0].reviews if self.episodes else []  # type: ignore[attr-defined]
        return [(UUID(each["id"]), date.fromisoformat(each["on"])) for each in found]


def rows_of(child: Child) -> Rows:
    """Two queries, however many plans: sections, meetings and signatures come with their plan."""
    office = Organisation.objects.filter(authority=OuterRef("child__authority"), kind=OrganisationKind.VIRTUAL_SCHOOL)
    reviews = CareReview.objects.filter(child=OuterRef("child"), cancelled_at=None).order_by("on")
    episodes = (
        CareEpisode.objects.filter(child=child)
        .order_by("-began_on")
        .annotate(
            virtual_school=Subquery(office.values("pk")[:1]),
            reviews=ArraySubquery(reviews.values(json=JSONObject(id="pk", on="on"))),
        )
    )
    return Rows(list(episodes), list(_with_facts(Pep.objects.filter(child=child).newest_first())))


def _with_facts(peps: QuerySet[Pep]) -> QuerySet[Pep]:
    own = {"pep": OuterRef("pk")}
    arranged = Meeting.history.filter(id=OuterRef("pk"), history_type="+").values("history_date")[:1]
    meetings = Meeting.objects.filter(**own).exclude(state=MeetingState.CANCELLED).order_by("starts_at")
    returned = Review.objects.filter(**own, decision=Decision.RETURNED).order_by("-at")
    return peps.select_related("profile_version", "form_version").annotate(
        parts=ArraySubquery(
            Section.objects.filter(**own).values(json=JSONObject(key="key", completed_at="completed_at"))
        ),
        meetings_held=ArraySubquery(
            meetings.annotate(arranged_at=Subquery(arranged)).values(
                json=JSONObject(starts_at="starts_at", held_on="held_on", arranged_at="arranged_at")
            )
        ),
        signed=ArraySubquery(
            Signature.objects.filter(**own).values(json=JSONObject(step="step", revision="revision", at="at"))
        ),
        returned_at=Subquery(returned.values("at")[:1]),
        sdq_at=Subquery(Sdq.objects.filter(**own, informant="teacher").values("entered_at")[:1]),
    )


def _day(moment: str | datetime | None) -> date | None:
    """The London day of a moment, which comes out of an array as text."""
    if moment is None:
        return None
    return london_date(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)


def facts_of(child: Child, team: Team, today: date, rows: Rows | None = None) -> ChildFacts | None:
    """Everything the rules ask about ``child``; None where the child has never been in care. Three queries, or one where the
    ``rows`` are at hand."""
    rows = rows or rows_of(child)
    if not rows.episodes:
        return None
    episode = rows.episodes[0]
    peps = [pep for pep in rows.peps if pep.episode_id == episode.pk]
    return ChildFacts(
        child_id=child.pk,
        in_scope=_scope(child, episode, peps, team, today),
        entry_on=episode.began_on,
        planned=episode.planned,
        has_school=team.school is not None,
        calendars=calendars_of(child, team),
        default_policy=default_policy(),
        holders=holders_of(team, episode.virtual_school),  # type: ignore[attr-defined]
        peps=tuple(
            _pep(pep, team, later=any(each.state != PepState.CLOSED for each in peps[:index]))
            for index, pep in enumerate(peps)
        ),
        care_reviews=tuple((pk, on) for pk, on in rows.reviews if on >= episode.began_on),
        year_group=year_group(child.date_of_birth, today),
        episode_id=episode.pk,
        school_id=team.school.pk if team.school else None,
    )


def _scope(child: Child, episode: CareEpisode, peps: list[Pep], team: Team, today: date) -> bool:
    if episode.ended_on is not None and episode.ended_on <= today:
        return False
    if not peps:
        return True
    scope = scope_from(rules_of(peps[0].profile_version).table("scope"))
    return in_scope(scope, born=child.date_of_birth, day=today, in_provision=team.school is not None).yes


def _pep(row: Pep, team: Team, *, later: bool) -> PepFacts:
    pep: Any = row  # with the annotations of ``rows_of``
    document = document_of(pep)
    profile = rules_of(pep.profile_version)
    responsibilities = profile.table("responsibilities")
    steps = {step["role"] for step in profile.table("signatures")["steps"]}
    completed = {part["key"]: _day(part["completed_at"]) for part in pep.parts}
    signed = {(each["step"], each["revision"]): _day(each["at"]) for each in pep.signed}
    meeting = pep.meetings_held[-1] if pep.meetings_held else None
    submitted = london_date(pep.submitted_at) if pep.submitted_at else None
    over = pep.state in (PepState.SUBMITTED, PepState.FINALISED)
    ready: dict[str, date | None] = {}
    complete: dict[str, date | None] = {}
    for owner in ("designated_teacher", "social_worker"):
        own = [
            s for s in document.sections if s.owner == owner or (s.owner == "both" and owner == "designated_teacher")
        ]
        own = [s for s in own if s.key in completed]
        before = [s for s in own if not s.panels and s.owner == owner]
        if before:
            ready[owner] = _all_complete(completed[s.key] for s in before)
        if own:
            done = _all_complete(completed[s.key] for s in own)
            if done and owner in steps:
                signature = signed.get((owner, pep.revision))
                done = max(done, signature) if signature else None
            complete[owner] = submitted if over and submitted else done
    ready["sdq"] = _day(pep.sdq_at)
    return PepFacts(
        pep_id=pep.pk,
        kind=pep.kind,
        state=pep.state,
        trigger_on=pep.trigger_on,
        opened_on=london_date(pep.opened_at),
        policy=policy_for(pep),
        organiser=responsibilities["organises_first_meeting" if pep.kind == "first" else "organises_reviews"],
        meeting=MeetingFacts(
            arranged_on=_day(meeting["arranged_at"]) or london_date(pep.opened_at),
            day=london_date(datetime.fromisoformat(meeting["starts_at"])),
            held_on=date.fromisoformat(meeting["held_on"]) if meeting["held_on"] else None,
        )
        if meeting
        else None,
        parts_ready=ready,
        parts_complete=complete,
        submitted_on=submitted,
        returned_on=_day(pep.returned_at) if pep.state == PepState.RETURNED else None,
        finalised_on=london_date(pep.finalised_at) if pep.finalised_at else None,
        succeeded=later,
        school_part_by="designated_teacher" if team.designated_teachers else "virtual_school",
        sdq_frequency=profile.table("sdq")["frequency"],
    )


def _all_complete(days: Iterable[date | None]) -> date | None:
    """The day the last of some sections was marked complete; None while one is open."""
    found = list(days)
    done = [day for day in found if day is not None]
    return max(done) if len(done) == len(found) else None
