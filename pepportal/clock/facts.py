"""Loads what the clock's rules need to know about a child, from every room below."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from children.models import CareEpisode, CareReview, Child
from children.queries import Team
from meetings.models import Meeting, MeetingState
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
from qa.models import Decision, Signature
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


def facts_of(child: Child, team: Team, today: date) -> ChildFacts | None:
    """Everything the rules ask about ``child``; None where the child has never been in care. Constant number of queries."""
    episode = CareEpisode.objects.filter(child=child).order_by("-began_on").first()
    if episode is None:
        return None
    peps = list(
        Pep.objects.filter(episode=episode)
        .select_related("profile_version", "form_version")
        .prefetch_related("sections")
        .newest_first()
    )
    meetings: dict[object, Meeting] = {}
    arranged: dict[object, date] = {}
    for meeting in Meeting.objects.filter(pep__in=peps).exclude(state=MeetingState.CANCELLED).order_by("starts_at"):
        meetings[meeting.pep_id] = meeting
    if meetings:
        history = Meeting.history.filter(id__in=[m.pk for m in meetings.values()], history_type="+")
        arranged = {row.pep_id: london_date(row.history_date) for row in history}
    signed: dict[tuple[object, str, int], date] = {
        (s.pep_id, s.step, s.revision): london_date(s.at) for s in Signature.objects.filter(pep__in=peps)
    }
    returned: dict[object, date] = {}
    for pep in peps:
        if pep.state == PepState.RETURNED:
            last = pep.reviews.filter(decision=Decision.RETURNED).order_by("-at").first()
            if last:
                returned[pep.pk] = london_date(last.at)
    sdqs = {row.pep_id: london_date(row.entered_at) for row in Sdq.objects.filter(pep__in=peps, informant="teacher")}
    organisation = _virtual_school_of(child)
    made = tuple(
        _pep(
            pep,
            meetings.get(pep.pk),
            arranged.get(pep.pk),
            signed,
            returned.get(pep.pk),
            sdqs.get(pep.pk),
            team,
            later=index > 0,
        )
        for index, pep in enumerate(peps)
    )
    return ChildFacts(
        child_id=child.pk,
        in_scope=_scope(child, episode, peps, team, today),
        entry_on=episode.began_on,
        planned=episode.planned,
        has_school=team.school is not None,
        calendars=calendars_of(child, team),
        default_policy=default_policy(),
        holders=holders_of(team, organisation),
        peps=made,
        care_reviews=tuple(
            CareReview.objects.filter(child=child, cancelled_at=None, on__gte=episode.began_on).values_list("pk", "on")
        ),
        year_group=year_group(child.date_of_birth, today),
    )


def _virtual_school_of(child: Child) -> object | None:
    from pepportal.accounts.models import Organisation, OrganisationKind

    return (
        Organisation.objects.filter(authority_id=child.authority_id, kind=OrganisationKind.VIRTUAL_SCHOOL)
        .values_list("pk", flat=True)
        .first()
    )


def _scope(child: Child, episode: CareEpisode, peps: list[Pep], team: Team, today: date) -> bool:
    if episode.ended_on is not None and episode.ended_on <= today:
        return False
    if not peps:
        return True
    scope = scope_from(rules_of(peps[0].profile_version).table("scope"))
    return in_scope(scope, born=child.date_of_birth, day=today, in_provision=team.school is not None).yes


def _pep(
    pep: Pep,
    meeting: Meeting | None,
    arranged_on: date | None,
    signed: dict[tuple[object, str, int], date],
    returned_on: date | None,
    sdq_on: date | None,
    team: Team,
    *,
    later: bool,
) -> PepFacts:
    document = document_of(pep)
    profile = rules_of(pep.profile_version)
    responsibilities = profile.table("responsibilities")
    steps = {step["role"] for step in profile.table("signatures")["steps"]}
    sections = {section.key: section for section in pep.sections.all()}
    submitted = london_date(pep.submitted_at) if pep.submitted_at else None
    over = pep.state in (PepState.SUBMITTED, PepState.FINALISED)
    ready: dict[str, date | None] = {}
    complete: dict[str, date | None] = {}
    for owner in ("designated_teacher", "social_worker"):
        own = [
            s for s in document.sections if s.owner == owner or (s.owner == "both" and owner == "designated_teacher")
        ]
        own = [s for s in own if s.key in sections]
        before = [s for s in own if not s.panels and s.owner == owner]
        if before:
            ready[owner] = _all_complete(sections[s.key] for s in before)
        if own:
            done = _all_complete(sections[s.key] for s in own)
            if done and owner in steps:
                signature = signed.get((pep.pk, owner, pep.revision))
                done = max(done, signature) if signature else None
            complete[owner] = submitted if over and submitted else done
    ready["sdq"] = sdq_on
    return PepFacts(
        pep_id=pep.pk,
        kind=pep.kind,
        state=pep.state,
        trigger_on=pep.trigger_on,
        opened_on=london_date(pep.opened_at),
        policy=policy_for(pep),
        organiser=responsibilities["organises_first_meeting" if pep.kind == "first" else "organises_reviews"],
        meeting=MeetingFacts(
            arranged_on=arranged_on or london_date(pep.opened_at),
            day=london_date(meeting.starts_at),
            held_on=meeting.held_on,
        )
        if meeting
        else None,
        parts_ready=ready,
        parts_complete=complete,
        submitted_on=submitted,
        returned_on=returned_on,
        finalised_on=london_date(pep.finalised_at) if pep.finalised_at else None,
        succeeded=later,
        school_part_by="designated_teacher" if team.designated_teachers else "virtual_school",
    )


def _all_complete(sections: Iterable[Section]) -> date | None:
    """The day the last of these sections was marked complete; None while one is open."""
    moments = [section.completed_at for section in sections]
    done = [moment for moment in moments if moment is not None]
    return london_date(max(done)) if len(done) == len(moments) else None
