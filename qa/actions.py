"""Signing, checking, finalising, and the copies that go out."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from children.actions import mark_changed
from children.policies import standing, with_standing
from children.queries import Team, team_of
from funding.actions import settle
from pepportal.access.actor import Actor
from pepportal.access.roles import Role, may
from pepportal.access.vocabulary import May
from pepportal.accounts.models import User
from pepportal.audit import actions as audit
from pepportal.audit.acting import Acting
from pepportal.jobs.models import WorkState
from pepportal.notify.actions import Message, owe
from peps.actions import bring_about, reopen_section, touch
from peps.calendars import calendars_of, working_calendar
from peps.deadlines.counting import add_days
from peps.models import Pep
from peps.states import PepEvent, PepState
from qa import notices, queries, rules
from qa.models import Audience, Decision, Delivery, Edition, Review, Signature
from qa.policies import draft_for, may_send, sender_of, stands_in
from qa.policy import Copy, Overall

log = logging.getLogger(__name__)
AUDIENCES = {
    "care_review": Audience.IRO,
    "carer": Audience.CARER,
    "school_file": Audience.SCHOOL,
    "case_system": Audience.FULL,
}
"""Whom the council's ``[sharing]`` names, and whose copy that is."""
CASE_SYSTEM = "The case system"


class NotNow(Exception):
    """It can't be done as the plan stands; the sentence says why and what to do."""


class PlanMoved(NotNow):
    """The plan changed, or somebody else decided, after the page was opened: nothing was done, what was typed is to be kept."""


def _hold(pep: Pep, read: int | None = None) -> None:
    """Locks the plan's row until the transaction ends; raises PlanMoved where it isn't the version ``read`` any more."""
    row = Pep.objects.select_for_update().get(pk=pep.pk)
    for name in ("state", "revision", "submitted_at", "finalised_at", "closed_at"):
        setattr(pep, name, getattr(row, name))
    if read is not None and row.revision != read:
        raise PlanMoved("The plan was changed after you opened this page. Read what is new, then decide.")


def _roles(pep: Pep, by: Actor) -> frozenset[Role]:
    child = with_standing(by).filter(pk=pep.child_id).first()
    return standing(by, child) if child is not None else frozenset()


# --- signing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SignedNow:
    signature: Signature
    submitted: bool
    """This was the last signature before the virtual school's own: the plan has gone to it."""


@transaction.atomic
def sign(pep: Pep, *, step: str, by: Actor, read: int | None = None) -> SignedNow:
    """Signs the plan's present version as ``step``; the last of the parties' signatures submits it (R70).

    ``read`` is the version that the person had before them. Signing changes nothing in the plan: its revision stays.
    Raises NotNow, with a sentence, where the plan isn't ready or the step isn't this person's; PlanMoved where it changed.
    """
    _hold(pep, read)
    if reason := why_nobody_signs(pep):
        raise NotNow(reason)
    policy, state, team = queries.signatures_policy(pep), queries.signatures_now(pep), team_of(pep.child, by.today)
    roles = {role.value for role in _roles(pep, by)}
    try:
        now = state.step(step)
    except KeyError:
        raise NotNow("Your council’s rules don’t ask for this signature.") from None
    if now.standing is not None:
        raise NotNow(f"{now.standing.name} has already signed this version.")
    if not rules.may_sign_step(
        now, roles, user_id=by.id, state=state, different_people=policy.different_people,
        stands_in=stands_in(pep, has_school=team.school is not None),
    ):  # fmt: skip
        raise NotNow("This signature isn’t yours to give now.")
    signature = _write_signature(pep, step, now.step.statement, by)
    audit.did("sign", pep, by=by, child_id=pep.child_id, reason=f"{step}, version {pep.revision}")
    mark_changed(pep.child, what="signature", by=by)
    ready = queries.signatures_now(pep).parties_have_signed
    if ready and pep.state in (PepState.COMPLETING, PepState.RETURNED):
        bring_about(pep, PepEvent.SUBMIT, by=by)
        _tell(_checkers(pep, team), notices.submitted(pep, due_on=_turnaround(pep)), pep, by)
        return SignedNow(signature, True)
    ask_to_sign(pep, by=by)
    return SignedNow(signature, False)


def why_nobody_signs(pep: Pep) -> str:
    """Why nobody can sign the plan as it stands, in a sentence; nothing where they can. At most 3 queries."""
    if pep.state == PepState.PREPARING:
        return "The meeting hasn’t been held yet. A plan is signed after its meeting."
    if pep.state not in (PepState.COMPLETING, PepState.RETURNED, PepState.SUBMITTED):
        return f"This plan is {PepState(pep.state).words.lower()}, so it isn’t signed any more."
    left = queries.sections_left(pep) if pep.state != PepState.SUBMITTED else []
    if left:
        return f"Every section must be marked complete first. Still open: {', '.join(title for _, title in left)}."
    return ""


def _write_signature(pep: Pep, step: str, statement: str, by: Actor) -> Signature:
    return Signature.objects.create(
        pep=pep,
        step=step,
        user_id=by.id,
        name=by.label[:120],
        statement=statement,
        revision=pep.revision,
        at=by.at,
    )


@transaction.atomic
def ask_to_sign(pep: Pep, *, by: Acting) -> int:
    """Tells those whose turn it is to sign, once a version; answers how many were told. To be called whenever a section was
    marked complete: it does nothing while something is still left."""
    if pep.state not in (PepState.COMPLETING, PepState.RETURNED) or why_nobody_signs(pep):
        return 0
    state, team = queries.signatures_now(pep), team_of(pep.child, by.today)
    told = 0
    for each in state.steps:
        if each.turn:
            message = notices.please_sign(pep, again=each.state == rules.StepState.VOID)
            told += _tell(_in_part(each.step.role, pep, team), message, pep, by)
    return told


def _in_part(role: str, pep: Pep, team: Team) -> list[User]:
    """The people in a part for this child; the virtual school where the child has no school."""
    people: list[User | None] = []
    if role == "designated_teacher":
        people = list(team.designated_teachers)
        if team.school is None:
            people = _of_virtual_school(team)
    elif role == "social_worker":
        people = [team.social_worker]
    elif role == "team_manager":
        people = [team.team_manager]
    elif role == "iro":
        people = [team.iro]
    elif role == "carer":
        people = [team.carer.user if team.carer else None]
    elif role == "child":
        people = [pep.child.user]
    elif role == "data_team":
        people = list(team.data_officers)
    elif rules.of_virtual_school(role):
        people = _of_virtual_school(team)
    return [person for person in people if person is not None and person.is_active]


def _of_virtual_school(team: Team) -> list[User | None]:
    return [team.caseworker] if team.caseworker else list(team.virtual_school)


def _checkers(pep: Pep, team: Team) -> list[User]:
    """Those of the virtual school whose approval this plan needs."""
    checks = queries.checks_of(pep)
    if checks == (rules.VIRTUAL_SCHOOL,):
        return _in_part(rules.VIRTUAL_SCHOOL, pep, team)
    roles = {role for check in checks for role in rules.CAN_CHECK.get(check, frozenset({check}))}
    authority = pep.child.authority_id
    return list(
        User.objects.filter(
            pk__in=[user.pk for user in team.virtual_school],
            memberships__role__in=roles,
            memberships__organisation__authority=authority,
        ).distinct()
    )


def _tell(people: Iterable[User], message: Message, pep: Pep, by: Acting) -> int:
    about = f"pep:{pep.pk}:{pep.revision}"
    return sum(owe(message, to=person, about=about, by=by, child_id=pep.child_id) is not None for person in people)


def _turnaround(pep: Pep) -> date | None:
    return queries.turnaround_due(pep, calendars_of(None, pep.child.authority))


# --- checking ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """What a reviewer wrote: a grade and a comment a criterion, and words on the whole."""

    grades: Mapping[str, str]
    comments: Mapping[str, str]
    feedback: str = ""


@dataclass(frozen=True)
class Approved:
    review: Review
    finalised: bool
    waiting_for: tuple[str, ...]
    """Parts in which the virtual school must still approve."""


def _reviewer(pep: Pep, by: Actor, read: int | None) -> frozenset[Role]:
    """Locks the plan and answers the reviewer's roles. Raises PlanMoved where it isn't there to be decided any more."""
    _hold(pep, read)
    if pep.state != PepState.SUBMITTED:
        last = Review.objects.filter(pep=pep).select_related("reviewer").order_by("-at").first()
        who = f" by {last.reviewer.name}" if last and pep.state in (PepState.RETURNED, PepState.FINALISED) else ""
        raise PlanMoved(f"This plan is {PepState(pep.state).words.lower()}{who}: there is nothing to decide now.")
    roles = _roles(pep, by)
    if not may(roles, May.REVIEW_QUALITY):
        raise NotNow("Only the child’s virtual school checks this plan.")
    if Review.objects.filter(pep=pep, revision=pep.revision, reviewer_id=by.user_id).exists():
        raise NotNow("You have already decided about this version.")
    return roles


def _review(pep: Pep, reading: Reading, decision: Decision, by: Actor, **more: object) -> tuple[Review, Overall]:
    policy = queries.quality_rules(pep)
    overall = policy.overall(reading.grades)
    review = Review.objects.create(
        pep=pep, revision=pep.revision, reviewer_id=by.id, grades=dict(reading.grades),
        comments={key: words for key, words in reading.comments.items() if words}, overall=overall.grade.key,
        feedback=reading.feedback, decision=decision, at=by.at, **more,
    )  # fmt: skip
    return review, overall


@transaction.atomic
def approve(pep: Pep, *, reading: Reading, by: Actor, read: int | None = None) -> Approved:
    """Approves the plan's present version and signs it for the virtual school; with the last approval that the council asks
    it is finalised, its money settled, and its copies owed (R71, R72, R80).

    Raises NotNow where this person can't approve it, PlanMoved where it was changed or decided meanwhile, ValueError
    where a criterion has no grade.
    """
    roles = {role.value for role in _reviewer(pep, by, read)}
    policy, signing = queries.quality_rules(pep), queries.signatures_policy(pep)
    overall = policy.overall(reading.grades)
    needed, given = queries.checks_of(pep), queries.approved_checks(pep)
    check = rules.check_open_to(needed, given, roles)
    reason = rules.may_approve(
        good_enough=policy.good_enough(overall.grade.key),
        check=check,
        has_signed=any(one.user_id == by.id and one.revision == pep.revision for one in queries.signed_of(pep)),
        different_people=signing.different_people,
        minimum=policy.grade(policy.minimum_grade).label if policy.minimum_grade else "",
        grade=overall.grade.label,
    )
    if reason or check is None:
        raise NotNow(reason)
    review, _ = _review(pep, reading, Decision.APPROVED, by)
    statement = next((s.statement for s in signing.steps if s.role == check), "") or next(
        (s.statement for s in signing.steps if rules.of_virtual_school(s.role)),
        "The virtual school has checked the plan.",
    )
    _write_signature(pep, check, statement, by)
    audit.did(
        "approve", pep, by=by, child_id=pep.child_id, reason=f"{check}, version {pep.revision}, {overall.grade.key}"
    )
    waiting = tuple(each for each in needed if each not in given and each != check)
    if not waiting:
        _finalise(pep, by=by)
    return Approved(review, not waiting, waiting)


@transaction.atomic
def return_for_amendment(
    pep: Pep, *, reading: Reading, reason: str, sections: Iterable[str], by: Actor, read: int | None = None
) -> Review:
    """Returns the plan with a reason, opens the named sections again and voids the signatures; all else stays complete (R71).

    Raises NotNow where this person can't, PlanMoved where it was changed or decided meanwhile.
    """
    _reviewer(pep, by, read)
    known = {section.key for section in queries.document_of(pep).sections}
    keys = [key for key in dict.fromkeys(sections) if key in known]
    if not keys or not reason.strip():
        raise NotNow("Give the reason and choose at least one section to open again.")
    review, _ = _review(pep, reading, Decision.RETURNED, by, return_reason=reason.strip(), sections_to_amend=keys)
    bring_about(pep, PepEvent.RETURN, by=by)
    for key in keys:
        reopen_section(pep, key, by=by)
    touch(pep, by=by)
    team = team_of(pep.child, by.today)
    people: dict[object, User] = {}
    for role in queries.quality_rules(pep).feedback_to:
        people |= {person.pk: person for person in _in_part(role, pep, team)}
    _tell(people.values(), notices.returned(pep), pep, by)
    return review


# --- finalising and copies --------------------------------------------------------------------------------------------


def _finalise(pep: Pep, *, by: Actor) -> None:
    bring_about(pep, PepEvent.FINALISE, by=by)
    settle(pep, by=by, grade_reached=True)
    team = team_of(pep.child, by.today)
    copies = queries.sharing_rules(pep).copies
    audiences = dict.fromkeys([Audience.FULL, *(AUDIENCES[copy.to] for copy in copies), Audience.CHILD])
    for audience in audiences:
        Edition.objects.get_or_create(
            pep=pep, audience=audience, revision=pep.revision, draft=False,
            defaults={"requested_by_id": by.user_id, "requested_at": by.at, "not_before": by.at},
        )  # fmt: skip
    _deliver(pep, team, copies, by)
    transaction.on_commit(_ring)


def _deliver(pep: Pep, team: Team, copies: Iterable[Copy], by: Actor) -> None:
    """Writes down who is to get which copy, and tells them; a carer who can't read it in the portal gets it by post (R74)."""
    _in_portal(pep, Audience.FULL, [team.social_worker], by)
    _in_portal(pep, Audience.CHILD, [pep.child.user], by)
    for copy in copies:
        if copy.to == "care_review":
            _in_portal(pep, Audience.IRO, [team.iro], by)
        elif copy.to == "school_file":
            _in_portal(pep, Audience.SCHOOL, team.designated_teachers, by)
        elif copy.to == "case_system":
            _by_hand(pep, Audience.FULL, CASE_SYSTEM, "upload", by)
        elif team.carer is not None and team.carer.user is not None and team.carer.user.is_active:
            _in_portal(pep, Audience.CARER, [team.carer.user], by)
        elif team.carer is not None:
            _by_hand(pep, Audience.CARER, team.carer.name, "post", by)
            due = (
                add_days(by.today, copy.count, working_calendar()).due
                if copy.count and copy.unit == "working"
                else None
            )
            _tell(_in_part(copy.by, pep, team), notices.please_post(pep, due_on=due), pep, by)


def _in_portal(pep: Pep, audience: Audience, people: Iterable[User | None], by: Acting) -> None:
    for person in people:
        if person is not None and person.is_active:
            Delivery.objects.get_or_create(
                pep=pep, audience=audience, to_name=person.name,
                defaults={"to_user": person, "method": "portal", "owed_from": by.at},
            )  # fmt: skip
            working = audience in (Audience.FULL, Audience.SCHOOL)
            _tell([person], notices.finalised(pep, working=working), pep, by)


def _by_hand(pep: Pep, audience: Audience, name: str, method: str, by: Acting) -> None:
    Delivery.objects.get_or_create(
        pep=pep, audience=audience, to_name=name, defaults={"method": method, "owed_from": by.at}
    )


def _ring() -> None:
    """Tells the workers; where the broker is away, beat makes the copies when it is back."""
    from qa.tasks import render_owed  # the task imports this module

    try:
        render_owed.delay()
    except Exception as error:
        log.warning("Could not ring for the copies (%s); beat will.", error)


@transaction.atomic
def request_draft_copy(pep: Pep, *, by: Actor) -> Edition:
    """Owes a draft of the present version for the fullest copy this person may read. Raises NotNow where they may have none."""
    _hold(pep)
    audience = draft_for(_roles(pep, by))
    if audience is None:
        raise NotNow("Draft copies are for those who work on the plan and may download it.")
    if pep.state in (PepState.FINALISED, PepState.CLOSED):
        raise NotNow("This plan is finished: use its finished copies.")
    edition, created = Edition.objects.get_or_create(
        pep=pep, audience=audience, revision=pep.revision, draft=True,
        defaults={"requested_by_id": by.user_id, "requested_at": by.at, "not_before": by.at},
    )  # fmt: skip
    if not created and edition.work_state == WorkState.FAILED:
        edition.work_state, edition.attempts, edition.not_before = WorkState.OWED, 0, by.at
        edition.save(update_fields=["work_state", "attempts", "not_before"])
    audit.did("ask for a draft copy", edition, by=by, child_id=pep.child_id, reason=audience)
    transaction.on_commit(_ring)
    return edition


@transaction.atomic
def mark_posted(delivery: Delivery, *, by: Actor) -> Delivery:
    """Writes down that a copy has gone by post, or into the case system (R72, R74), by whom the council's rules make see to
    it, or by the virtual school (R81). Twice is as good as once.

    Raises NotNow for a copy that goes through the portal, or one that somebody else sees to.
    """
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("pep__child", "pep__profile_version")
    held = rows.get(pk=delivery.pk)
    if held.method == "portal":
        raise NotNow("This copy is read in the portal: nobody posts it.")
    if not may_send(held.pep, held.audience, held.method, _roles(held.pep, by)):
        whose = queries.part_words(sender_of(held.pep, held.method)).lower()
        raise NotNow(
            f"The {whose} sees to this copy, or the virtual school: only they can write down that it has gone."
        )
    if held.done_at is None:
        held.done_at, held.done_by_id = by.at, by.user_id
        held.save(update_fields=["done_at", "done_by"])
        verb = "post copy" if held.method == "post" else "put copy into the case system"
        audit.did(verb, held, by=by, child_id=held.pep.child_id, reason=held.audience)
        mark_changed(held.pep.child, what="copy sent", by=by)
    return held


@transaction.atomic
def hand_out(edition: Edition, *, how: str, by: Actor) -> None:
    """Writes down, before a copy leaves, who opened it and ``how`` ("download copy", "read copy"), and its first reading."""
    audit.saw(how, edition, by=by, child_id=edition.pep.child_id)
    Delivery.objects.filter(
        pep=edition.pep_id, audience=edition.audience, to_user=by.user_id, first_read_at=None
    ).update(first_read_at=by.at)


def keep_rendered(edition: Edition, *, document: bytes, data: bytes, digest: str, pages: int, by: Acting) -> None:
    """Keeps a rendered copy (its PDF, and beside it the data it was made from) and hands it to those who get it in the portal."""
    folder = f"editions/{by.at:%Y/%m}"
    for suffix, content in (("pdf", document), ("json", data)):
        name = f"{folder}/{edition.pk}.{suffix}"
        if default_storage.exists(name):  # a run that was cut off after writing
            default_storage.delete(name)
        default_storage.save(name, ContentFile(content))
    with transaction.atomic():
        edition.file.name = f"{folder}/{edition.pk}.pdf"
        edition.digest, edition.pages, edition.rendered_at = digest, pages, by.at
        edition.work_state, edition.lease_until, edition.last_error = WorkState.DONE, None, ""
        edition.save(
            update_fields=["file", "digest", "pages", "rendered_at", "work_state", "lease_until", "last_error"]
        )
        audit.did(
            "make copy", edition, by=by, child_id=edition.pep.child_id, reason=f"{edition.audience}, {digest[:16]}"
        )
        if not edition.draft:
            Delivery.objects.filter(
                pep=edition.pep_id, audience=edition.audience, method="portal", done_at=None
            ).update(done_at=by.at)
            mark_changed(edition.pep.child, what="copy sent", by=by)
