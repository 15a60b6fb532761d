"""Reads of signing, checking and copies: how a plan stands, what its copies hold, what waits for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from children.models import CareReview, Child, Placement, PlacementAddress
from children.policies import with_standing
from children.queries import Team
from funding.models import LedgerKind
from funding.queries import requests_of
from meetings.models import Invitation, Meeting, MeetingState
from meetings.queries import meeting_of
from pepportal.access.actor import Actor
from pepportal.access.roles import Role
from pepportal.audit.acting import LONDON
from pepportal.profiles.queries import rules_of
from pepportal.profiles.reading import Profile
from pepportal.ui.owners import OWNERS
from pepportal.ui.wording import join_words, upper_first
from peps.calendars import calendars_of, working_calendar
from peps.deadlines.calendars import CalendarNotPublished, Calendars
from peps.deadlines.counting import add_days
from peps.deadlines.rules import before_care_review, policy_of
from peps.models import Pep
from peps.panels import PanelStatus
from peps.queries import answers_of, document_of, progress
from peps.states import PepState
from qa import rules
from qa.editions import (
    Answered,
    Person,
    PlanGiven,
    RequestGiven,
    SdqGiven,
    SignatureGiven,
    TargetGiven,
)
from qa.models import Audience, Decision, Delivery, Edition, Review, Signature
from qa.policy import QualityPolicy, SharingPolicy, SignaturePolicy, quality_policy, sharing_policy, signature_policy
from targets.models import Outcome
from targets.queries import targets_of
from targets.sdq import SCALE_LABELS, SCALES

PART_WORDS = {
    "designated_teacher": "Designated teacher", "social_worker": "Social worker", "carer": "Carer", "child": "Child or young person",
    "iro": "Independent reviewing officer", "team_manager": "Team manager", "head_teacher": "Head teacher",
    "virtual_school": "Virtual school", "virtual_school_head": "Virtual school head", "virtual_school_deputy": "Deputy virtual school head",
    "virtual_school_caseworker": "Virtual school caseworker", "virtual_school_phase_lead": "Phase lead of the virtual school",
}  # fmt: skip
NEVER_MARKED = {"signatures", "quality"}
"""Panels that are done by signing and checking, so that their section waits for nobody's mark."""


def signatures_policy(pep: Pep) -> SignaturePolicy:
    return signature_policy(rules_of(pep.profile_version).table("signatures"))


def quality_rules(pep: Pep) -> QualityPolicy:
    return quality_policy(rules_of(pep.profile_version).table("quality"))


def sharing_rules(pep: Pep) -> SharingPolicy:
    return sharing_policy(rules_of(pep.profile_version).table("sharing"))


def part_words(role: str, title: str = "") -> str:
    return title or PART_WORDS.get(role, upper_first(role.replace("_", " ")))


def checks_of(pep: Pep) -> tuple[str, ...]:
    """In which parts the virtual school must approve this plan."""
    return rules.checks_needed(quality_rules(pep).checkers, signatures_policy(pep).steps)


# --- signatures -------------------------------------------------------------------------------------------------------


def signed_of(pep: Pep) -> list[rules.Signed]:
    """Every signature ever given to the plan, oldest first. One query."""
    rows = Signature.objects.filter(pep=pep).order_by("at")
    return [rules.Signed(row.step, row.user_id, row.name, row.revision, row.at) for row in rows]


@dataclass(frozen=True)
class LastReview:
    """The newest reading by the virtual school, as far as the plan's own page tells it."""

    decision: str
    revision: int
    reviewer: str
    at: datetime
    return_reason: str


@dataclass(frozen=True)
class Checked:
    """What the plan's page shows of signing and checking."""

    signed: list[rules.Signed]
    last: LastReview | None


def checked(pep: Pep) -> Checked:
    """Every signature, oldest first, and the last reading. One query; two where nobody has signed a plan that has been submitted."""
    newest = Review.objects.filter(pep=OuterRef("pep")).order_by("-at")
    said = newest.values(
        json=JSONObject(
            decision="decision", revision="revision", reviewer="reviewer__name", at="at", return_reason="return_reason"
        )
    )
    rows: list[Any] = list(Signature.objects.filter(pep=pep).order_by("at").annotate(last_review=Subquery(said[:1])))
    signed = [rules.Signed(row.step, row.user_id, row.name, row.revision, row.at) for row in rows]
    if rows:
        found = rows[0].last_review
        return Checked(signed, LastReview(**found | {"at": datetime.fromisoformat(found["at"])}) if found else None)
    last = reviews_of(pep)[:1] if pep.submitted_at else []
    return Checked(
        signed, next((LastReview(r.decision, r.revision, r.reviewer.name, r.at, r.return_reason) for r in last), None)
    )


def present_parts(pep: Pep, policy: SignaturePolicy) -> frozenset[str]:
    """Parts that were at the meeting and can sign, of those the council asks only then. No query where it asks none."""
    asked = {step.role for step in policy.steps if step.when == "present"}
    if not asked:
        return frozenset()
    came = set(
        Invitation.objects.filter(
            meeting__pep=pep, meeting__state=MeetingState.HELD, attended=True, user__is_active=True
        ).values_list("user_id", flat=True)
    )
    parts = set()
    if "child" in asked and pep.child.user_id in came:
        parts.add("child")
    if "carer" in asked and came:
        held = Meeting.objects.filter(pep=pep, state=MeetingState.HELD).values("held_on")[:1]
        living = Placement.objects.filter(child=pep.child_id, carer__user__in=came, began_on__lte=held).filter(
            Q(ended_on=None) | Q(ended_on__gt=held)
        )
        parts |= {"carer"} if living.exists() else set()
    return frozenset(parts)


def signatures_now(pep: Pep, signed: list[rules.Signed] | None = None) -> rules.SignatureState:
    """How each signature stands at the plan's present version. At most 3 queries; one less where ``signed`` is at hand."""
    policy = signatures_policy(pep)
    signed = signed_of(pep) if signed is None else signed
    return rules.signature_state(policy.steps, signed, pep.revision, present_parts(pep, policy))


def sections_left(pep: Pep) -> list[tuple[str, str]]:
    """Sections that must be marked complete before anybody signs: key and title. 2 queries."""
    far = progress(pep, document_of(pep), answers_of(pep))
    return [
        (key, each.section.title)
        for key, each in far.items()
        if not each.complete
        and (each.section.required_ids or each.section.panels)
        and not NEVER_MARKED & set(each.section.panels)
    ]


def signatures_status(pep: Pep, known: Checked | None = None) -> PanelStatus:
    """How far the plan's signatures are, for the task list."""
    state = signatures_now(pep, known.signed if known else None)
    waiting = [each for each in state.steps if each.turn or each.state == rules.StepState.LATER]
    words = [part_words(each.step.role, each.step.title).lower() for each in waiting]
    missing = (f"To be signed by: {join_words(words)}",) if words else ()
    signed = [each for each in state.steps if each.standing]
    hint = "Signed by everybody but the virtual school" if not words and signed else ""
    return PanelStatus(started=bool(signed), missing=missing, hint=hint)


# --- the virtual school's check ---------------------------------------------------------------------------------------


def reviews_of(pep: Pep) -> list[Review]:
    """Every reading by the virtual school, newest first."""
    return list(Review.objects.filter(pep=pep).select_related("reviewer").order_by("-at"))


def approved_checks(pep: Pep) -> dict[str, Signature]:
    """In which parts the present version has been approved, and by whom."""
    return {row.step: row for row in Signature.objects.standing(pep) if rules.of_virtual_school(row.step)}


def quality_status(pep: Pep, known: Checked | None = None) -> PanelStatus:
    """How far the virtual school's check is, for the task list."""
    last = (known or checked(pep)).last
    if pep.state == PepState.FINALISED:
        return PanelStatus(started=True, missing=(), hint="Finalised")
    if pep.state == PepState.RETURNED:
        return PanelStatus(started=True, missing=("Returned: see what to change",), hint="Returned")
    if pep.state == PepState.SUBMITTED:
        words = (
            "Being checked by the virtual school"
            if last and last.revision == pep.revision
            else "With the virtual school"
        )
        return PanelStatus(started=bool(last), missing=(words,), hint=words)
    return PanelStatus(started=bool(last), missing=("After the signatures",), hint="")


@dataclass(frozen=True)
class QueueRow:
    """One plan in the virtual school's queue."""

    pep: Pep
    due_on: date | None
    approved_by: tuple[str, ...]
    returned_on: date | None
    reason: str


def queue(actor: Actor, *, state: str, words: str, kind: str) -> QuerySet[Pep]:
    """Plans of the authorities for which this person checks, waiting longest first; ``state`` submitted or returned."""
    mine = [h.authority_id for h in actor.held if h.authority_id and h.role in REVIEWERS]
    found = Pep.objects.filter(child__authority__in=mine, state=state).select_related(
        "child__authority", "profile_version", "form_version"
    )
    if kind:
        found = found.filter(kind=kind)
    for word in words.split()[:6]:
        found = found.filter(
            Q(child__given_name__icontains=word)
            | Q(child__family_name__icontains=word)
            | Q(child__known_as__icontains=word)
            | Q(child__reference__iexact=word)
        )
    return found.order_by("submitted_at", "id")


REVIEWERS = (Role.VS_HEAD, Role.VS_DEPUTY, Role.VS_CASEWORKER)


def queue_rows(peps: Iterable[Pep]) -> list[QueueRow]:
    """What the queue says of each plan, in a fixed number of queries however many: reviews, signatures, calendars."""
    peps = list(peps)
    last: dict[object, Review] = {}
    for review in Review.objects.filter(pep__in=peps).order_by("at"):
        last[review.pep_id] = review
    approved: dict[object, list[str]] = {}
    for row in Signature.objects.filter(
        pep__in=peps, revision=F("pep__revision"), step__startswith=rules.VIRTUAL_SCHOOL
    ):
        approved.setdefault(row.pep_id, []).append(row.name)
    days = _TurnaroundDays(peps)
    return [
        QueueRow(
            pep,
            days.due(pep),
            tuple(approved.get(pep.pk, ())),
            last[pep.pk].at.astimezone(LONDON).date() if pep.state == PepState.RETURNED and pep.pk in last else None,
            last[pep.pk].return_reason if pep.state == PepState.RETURNED and pep.pk in last else "",
        )
        for pep in peps
    ]


class _TurnaroundDays:
    """When each plan's check is due: the council's days from submission, on each authority's own school calendar."""

    def __init__(self, peps: list[Pep]) -> None:
        self.calendars: dict[object, Calendars] = {}
        for pep in peps:
            if pep.child.authority_id not in self.calendars:
                self.calendars[pep.child.authority_id] = calendars_of(None, pep.child.authority)

    def due(self, pep: Pep) -> date | None:
        if pep.submitted_at is None:
            return None
        return turnaround_due(pep, self.calendars[pep.child.authority_id])


def turnaround_due(pep: Pep, calendars: Calendars) -> date | None:
    """When the virtual school's check of a submitted plan is due; None past the published calendar."""
    if pep.submitted_at is None:
        return None
    span = rules_of(pep.profile_version).table("deadlines")["quality_turnaround"]
    start = pep.submitted_at.astimezone(LONDON).date()
    if span["unit"] == "calendar":
        return start + timedelta(days=span["count"])
    calendar = calendars.school if span["unit"] == "school" and calendars.school is not None else calendars.working
    try:
        return add_days(start, span["count"], calendar).due
    except CalendarNotPublished:
        return None


# --- what a copy is made of -------------------------------------------------------------------------------------------


def plan_given(pep: Pep, team: Team) -> PlanGiven:
    """Everything a copy may be made of, loaded. ``pep`` comes with its child, authority, form and profile versions."""
    child, profile = pep.child, rules_of(pep.profile_version)
    meeting = meeting_of(pep)
    held = meeting if meeting and meeting.state == MeetingState.HELD else None
    asked = list(meeting.invitations.order_by("-required", "part", "name")) if meeting else []
    targets = targets_of(pep)
    number = {each.pk: place for place, each in enumerate(targets, 1)}
    steps = {step.role: step for step in signatures_policy(pep).steps}
    last = Review.objects.filter(pep=pep, revision=pep.revision, decision=Decision.APPROVED).order_by("-at").first()
    policy = quality_rules(pep)
    return PlanGiven(
        name=child.name,
        first_name=child.first_name,
        legal_name=f"{child.given_name} {child.family_name}",
        reference=child.reference,
        date_of_birth=child.date_of_birth,
        upn=child.upn,
        authority=f"{child.authority.name} Virtual School",
        title=str(pep),
        document=document_of(pep),
        answers={name: Answered(row.value, row.unknown_because) for name, row in answers_of(pep).items()},
        revision=pep.revision,
        school=str(team.school) if team.school else "",
        state=PepState(pep.state).words,
        finalised_on=pep.finalised_at.astimezone(LONDON).date() if pep.finalised_at else None,
        team=_team(team),
        targets=tuple(
            TargetGiven(
                place, each.get_kind_display(), each.outcome_wanted, each.baseline, each.measure, each.strategies, each.who, each.review_by,
                each.need, each.in_childs_words, each.get_outcome_display() if each.outcome != Outcome.OPEN else "", each.impact,
            )
            for place, each in enumerate(targets, 1)
        ),
        sdqs=tuple(
            SdqGiven(
                each.get_informant_display(),
                each.completed_on,
                (*((SCALE_LABELS[scale], getattr(each, scale)) for scale in SCALES), ("Total difficulties", each.total)),
            )
            for each in pep.sdqs.order_by("informant")
        ),
        requests=tuple(
            RequestGiven(
                each.purpose, each.amount_pence, each.get_state_display(), each.agreed_pence,
                tuple(sorted(number[t.pk] for t in each.targets.all() if t.pk in number)),
                "Released to the school" if any(entry.kind == LedgerKind.RELEASED for entry in each.ledger.all()) else "",
            )
            for each in requests_of(pep)
        ),
        signatures=tuple(
            SignatureGiven(row.name, part_words(row.step, steps[row.step].title if row.step in steps else ""), row.at)
            for row in Signature.objects.standing(pep)
        ),
        grade=policy.grade(last.overall).label if last else "",
        feedback=last.feedback if last else "",
        met_on=held.held_on if held else None,
        meets_on=meeting.starts_at if meeting and not held else None,
        next_meeting_on=held.next_meeting_on if held else None,
        overview=held.overview if held else "",
        came=tuple(Person(each.name, each.part) for each in asked if held and each.attended),
        absent=tuple(Person(each.name, each.part, each.absence_reason) for each in asked if held and each.attended is False),
        owner_words=owner_words_of(child, profile),
        funding_word=profile.label("pupil_premium_plus"),
        confidential=tuple(
            PlacementAddress.objects.filter(placement__child=child, confidential=True).values_list("text", flat=True)
        ),
    )  # fmt: skip


def owner_words_of(child: Child, profile: Profile) -> dict[str, str]:
    """Whose section it is, in the council's own words; the child's are called by their name."""
    words = {key: owner.words for key, owner in OWNERS.items()}
    for key in ("designated_teacher", "social_worker", "carer", "virtual_school"):
        words[key] = upper_first(profile.label(key))
    return words | {"child": child.first_name}


def _team(team: Team) -> tuple[Person, ...]:
    people = [Person(each.name, PART_WORDS["designated_teacher"]) for each in team.designated_teachers]
    for role, someone in (
        ("social_worker", team.social_worker),
        ("iro", team.iro),
        ("virtual_school_caseworker", team.caseworker),
    ):
        people += [Person(someone.name, PART_WORDS[role])] if someone else []
    people += [Person(team.carer.name, PART_WORDS["carer"])] if team.carer else []
    return tuple(people)


# --- copies -----------------------------------------------------------------------------------------------------------


def copies_of(pep: Pep) -> list[Edition]:
    return list(
        Edition.objects.filter(pep=pep).select_related("requested_by").order_by("draft", "audience", "-revision")
    )


def deliveries_of(pep: Pep) -> list[Delivery]:
    return list(Delivery.objects.filter(pep=pep).select_related("to_user", "done_by").order_by("audience", "to_name"))


@dataclass(frozen=True)
class SharedRow:
    """One finished plan, for somebody a copy is meant for."""

    edition: Edition
    pep: Pep
    child: Child
    ready: bool
    review_on: date | None
    in_time: tuple[str, str] | None


@dataclass(frozen=True)
class ComingReview:
    """A care review ahead whose plan isn't finished yet, for the reviewing officer."""

    child: Child
    pep: Pep | None
    review_on: date
    in_time: tuple[str, str]


_AUDIENCE_OF_FACT = (("_carer", Audience.CARER), ("_iro", Audience.IRO), ("_designated_teacher", Audience.SCHOOL),
                     ("_head_teacher", Audience.SCHOOL), ("_social_worker", Audience.FULL))  # fmt: skip


def shared_with(actor: Actor) -> QuerySet[Edition]:
    """The newest copies meant for this person, by the part in which they stand by each child today."""
    children = with_standing(actor)
    wanted = Q(audience=Audience.CHILD, pep__child__user=actor.user)
    for fact, audience in _AUDIENCE_OF_FACT:
        if fact in children.query.annotations:
            wanted |= Q(audience=audience, pep__child__in=children.filter(**{fact: True}).values("pk"))
    return (
        Edition.objects.filter(wanted, draft=False, pep__state=PepState.FINALISED)
        .select_related("pep__child", "pep__profile_version")
        .order_by("-pep__finalised_at", "id")
    )


def shared_rows(editions: Iterable[Edition], today: date, *, for_review: bool) -> list[SharedRow]:
    """The rows of the list; for a reviewing officer with the next care review and whether the copy is in time (R73)."""
    editions = list(editions)
    reviews = _next_reviews({e.pep.child_id for e in editions}, today) if for_review else {}
    calendars = Calendars(working=working_calendar(), school=None) if reviews else None
    rows = []
    for each in editions:
        review = reviews.get(each.pep.child_id)
        told = None
        if review is not None and calendars is not None and each.pep.finalised_at:
            told = rules.in_time(
                each.pep.finalised_at.astimezone(LONDON).date(), _last_day(each.pep, review, calendars), today
            )
        rows.append(SharedRow(each, each.pep, each.pep.child, each.work_state == "done", review, told))
    return rows


def coming_reviews(actor: Actor, today: date) -> list[ComingReview]:
    """Care reviews ahead of the children this person is reviewing officer of, where the open plan isn't finalised."""
    children = with_standing(actor)
    if "_iro" not in children.query.annotations:
        return []
    mine = {child.pk: child for child in children.filter(Q(("_iro", True)))}
    reviews = _next_reviews(mine.keys(), today)
    peps: dict[object, Pep] = {}
    for pep in (
        Pep.objects.open().filter(child__in=list(reviews)).select_related("profile_version").order_by("opened_at")
    ):
        peps[pep.child_id] = pep
    calendars = Calendars(working=working_calendar(), school=None)
    rows = [
        ComingReview(mine[child], peps[child], on, rules.in_time(None, _last_day(peps[child], on, calendars), today))
        for child, on in reviews.items()
        if child in peps
    ]
    return sorted(rows, key=lambda row: row.review_on)


def _next_reviews(children: Iterable[UUID], today: date) -> dict[UUID, date]:
    found: dict[UUID, date] = {}
    for child, on in (
        CareReview.objects.filter(child__in=list(children), on__gte=today, cancelled_at=None)
        .order_by("-on")
        .values_list("child_id", "on")
    ):
        found[child] = on
    return found


def _last_day(pep: Pep, review_on: date, calendars: Calendars) -> date:
    policy = policy_of(rules_of(pep.profile_version).document)
    return before_care_review(policy, review_on, calendars=calendars).due
