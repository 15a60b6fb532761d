"""Loads what the clock's rules need to know about children, from every room below: one child for a page, hundreds for a sweep.

Two statements bring the dated facts and the plans of any number of children, each row with what hangs on it as one JSON value;
a few more bring what children share (calendars, rules in force, designated teachers). What never changes once published (profile
versions, forms) is read once a process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, Func, JSONField, Max, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import JSONObject

from children.models import (
    Allocation,
    CareEpisode,
    CareReview,
    Child,
    Enrolment,
    Part,
    Placement,
    School,
    SignificantChange,
)
from children.queries import Team
from funding.models import FundingRequest, RequestState
from meetings.models import Invitation, Meeting, MeetingState
from meetings.queries import READS_THE_PLAN
from pepportal.access.roles import Role
from pepportal.accounts.models import Authority, Membership, Organisation, OrganisationKind
from pepportal.clock.published import (
    OWNERS,
    PARTS,
    FormParts,
    InForce,
    Rules,
    as_uuid,
    default_policy,
    form_parts,
    shelf_beside,
    shelves_of,
    version_rules,
)
from pepportal.clock.rules import Change, ChildFacts, Copy, Holder, MeetingFacts, PepFacts
from pepportal.profiles.models import ChosenRules, ProfileVersion
from pepportal.timekeeping import london_date
from peps import calendars
from peps.deadlines.calendars import Calendars
from peps.deadlines.rules import Policy
from peps.deadlines.scope import birthday, in_scope, statutory_school_age, year_group
from peps.models import Confirmation, Confirmed, Pep, PepQuerySet, Section
from peps.states import PepState
from qa.actions import AUDIENCES
from qa.models import Decision, Delivery, Review, Signature
from targets.models import Sdq, Target

OUTGROWS_PRIMARY = 7
"""The year group in which a child is too old for a primary school."""


# --- who stands by a child ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Teachers:
    """The designated teachers of a school on a day, as far as the clock asks."""

    first: Holder | None
    left_on: date | None = None
    """Where there is none: the day the last one stopped."""


def _teachers(schools: Collection[UUID], day: date) -> dict[UUID, Teachers]:
    """One query. The first by name is the one who holds the ball."""
    rows = (
        Membership.objects.filter(organisation__in=schools, role=Role.DESIGNATED_TEACHER.value, began_on__lte=day)
        .order_by("user__name", "user_id")
        .values_list("organisation_id", "user_id", "user__name", "user__is_active", "ended_on")
    )
    found: dict[UUID, Teachers] = {}
    for school, user, name, active, ended_on in rows:
        there = found.setdefault(school, Teachers(None))
        if there.first is not None:
            continue
        if active and (ended_on is None or ended_on > day):
            found[school] = Teachers(Holder("designated_teacher", user, name, school))
        elif ended_on and ended_on <= day and (there.left_on is None or ended_on > there.left_on):
            found[school] = Teachers(None, ended_on)
    return found


def calendars_of(child: Child, team: Team) -> Calendars:
    """The calendars that count for a child today: that school's own, and working days."""
    return calendars.calendars_of(team.school, child.authority)


def _holders(
    worker: Holder | None, caseworker: tuple[object, str] | None, teacher: Holder | None, office: object | None
) -> dict[str, Holder]:
    pk, name = caseworker or (None, "The virtual school")
    holders = {"virtual_school": Holder("virtual_school", pk, name, office)}
    if worker:
        holders["social_worker"] = worker
    if teacher:
        holders["designated_teacher"] = teacher
    return holders


# --- the rows -------------------------------------------------------------------------------------------------------------


class _Json(Func):
    """A list as one JSON value: read at one go, however long it is."""

    function = "TO_JSONB"
    output_field = JSONField()


def _all(found: QuerySet, **columns: str) -> _Json:
    return _Json(ArraySubquery(found.values(json=JSONObject(**columns))))


EPISODE = ("id", "child_id", "began_on", "ended_on", "planned", "short_breaks")
PEP = (
    "id", "episode_id", "kind", "state", "trigger_on", "opened_at", "cause", "informal", "revision", "submitted_at", "finalised_at",
    "profile_version_id", "form_version_id",
)  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """A child's times in care and plans, newest first, each row with what the rules ask of it."""

    episodes: list[CareEpisode]
    peps: list[Pep]

    @property
    def reviews(self) -> list[tuple[UUID, date]]:
        """The care reviews that are not cancelled, soonest first: id and day."""
        return _reviews(self.episodes[0]) if self.episodes else []


def rows_of(child: Child) -> Rows:
    """Two queries, however many plans: sections, meetings and signatures come with their plan."""
    episodes = CareEpisode.objects.filter(child=child).order_by("-began_on")
    peps = Pep.objects.filter(child=child).newest_first().select_related("profile_version", "form_version")
    council = OuterRef("child__authority")
    versions = ProfileVersion.objects.filter(Q(authority=None) | Q(authority=council)).order_by("pk")
    with_rules = _with_care(episodes).annotate(
        versions=_all(
            versions, id="pk", name="name", version="version", effective_from="effective_from", authority_id="authority_id"
        ),
        choices=_all(
            ChosenRules.objects.filter(authority=council), id="pk", profile_name="profile_name", effective_from="effective_from"
        ),
    )  # fmt: skip
    return Rows(list(with_rules), list(_with_parts(peps)))


def _with_care(episodes: QuerySet[CareEpisode]) -> QuerySet[CareEpisode]:
    own = {"child": OuterRef("child")}
    office = Organisation.objects.filter(authority=OuterRef("child__authority"), kind=OrganisationKind.VIRTUAL_SCHOOL)
    last_post = Membership.objects.filter(user=OuterRef("user")).order_by().values("user")
    allocations = Allocation.objects.filter(**own, part__in=(Part.SOCIAL_WORKER, Part.CASEWORKER)).annotate(
        post_ended=Case(
            When(user__is_active=False, then=Subquery(last_post.annotate(day=Max("ended_on")).values("day")))
        )
    )
    return episodes.annotate(
        born=F("child__date_of_birth"),
        council=F("child__authority_id"),
        council_profile=F("child__authority__profile_name"),
        virtual_school=Subquery(office.values("pk")[:1]),
        reviews=_all(CareReview.objects.filter(**own, cancelled_at=None).order_by("on"), id="pk", on="on"),
        placed=_all(
            Placement.objects.filter(episode=OuterRef("pk")).order_by("began_on"), id="pk", began_on="began_on"
        ),
        enrolled=_all(
            Enrolment.objects.filter(**own, main=True).order_by("began_on"),
            id="pk", school="school_id", phase="school__phase", area="school__local_authority_id", began_on="began_on",
            ended_on="ended_on",
        ),
        allocated=_all(
            allocations.order_by("began_on"),
            part="part", user="user_id", name="user__name", active="user__is_active", began_on="began_on", ended_on="ended_on",
            post_ended="post_ended",
        ),
        changed=_all(
            SignificantChange.objects.filter(**own, cancelled_at=None).order_by("on", "at"), id="pk", kind="kind", on="on"
        ),
        sdqs=_all(Sdq.objects.filter(**own, informant="teacher").order_by("completed_on"), on="completed_on"),
    )  # fmt: skip


def _with_parts(peps: PepQuerySet) -> PepQuerySet:
    own = {"pep": OuterRef("pk")}
    arranged = Meeting.history.filter(id=OuterRef("pk"), history_type="+").values("history_date")[:1]
    read = Confirmation.objects.filter(pep=OuterRef("meeting__pep"), user=OuterRef("user"), what=Confirmed.HAS_READ)
    asked = Invitation.objects.filter(READS_THE_PLAN, meeting=OuterRef("pk"))
    meetings = Meeting.objects.filter(**own).exclude(state=MeetingState.CANCELLED).order_by("-starts_at")
    returned = Review.objects.filter(**own, decision=Decision.RETURNED).order_by("-at")
    drafted = Target.history.filter(id=OuterRef("pk"), history_type="+").values("history_date")[:1]
    targets = Target.objects.filter(**own, withdrawn_at=None).annotate(drafted=Subquery(drafted)).order_by("position")
    requests = FundingRequest.objects.filter(**own).exclude(state=RequestState.WITHDRAWN).order_by("requested_at")
    confirmed = Confirmation.objects.filter(**own, what=Confirmed.RIGHT_FORM).order_by("at")
    return peps.annotate(
        parts=_all(Section.objects.filter(**own), key="key", completed_at="completed_at"),
        meetings_held=_all(
            meetings.annotate(
                arranged_at=Subquery(arranged), readers=ArraySubquery(asked.annotate(at=Subquery(read.values("at"))).values("at"))
            )[:1],
            starts_at="starts_at", held_on="held_on", next_on="next_meeting_on", arranged_at="arranged_at", readers="readers",
        ),
        signed=_all(Signature.objects.filter(**own, revision=OuterRef("revision")).order_by("at"), step="step", at="at"),
        delivered=_all(Delivery.objects.filter(**own), audience="audience", done_at="done_at"),
        returned_at=Subquery(returned.values("at")[:1]),
        sdq_at=Subquery(Sdq.objects.filter(**own, informant="teacher").values("entered_at")[:1]),
        target_at=Subquery(targets.values("drafted")[:1]),
        money_asked_at=Subquery(requests.values("requested_at")[:1]),
        right_form_at=Subquery(confirmed.values("at")[:1]),
    )  # fmt: skip


def _reviews(episode: Any) -> list[tuple[UUID, date]]:
    return [(UUID(each["id"]), date.fromisoformat(each["on"])) for each in episode.reviews]


def _day(moment: str | datetime | None) -> date | None:
    """The London day of a moment, which comes out of a JSON list as text."""
    if moment is None:
        return None
    return london_date(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)


def _date(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None


# --- one child ------------------------------------------------------------------------------------------------------------


def facts_of(child: Child, team: Team, today: date, rows: Rows | None = None) -> ChildFacts | None:
    """Everything the rules ask about ``child``; None where the child has never been in care. Three queries, or one where the
    ``rows`` are at hand; one more where the school has no designated teacher."""
    rows = rows or rows_of(child)
    if not rows.episodes:
        return None
    episode: Any = rows.episodes[0]  # with the annotations of ``rows_of``
    school = team.school
    teachers = Teachers(None)
    if team.designated_teachers and school:
        first = team.designated_teachers[0]
        teachers = Teachers(Holder("designated_teacher", first.pk, first.name, school.pk))
    elif school:
        teachers = _teachers([school.pk], today).get(school.pk, teachers)
    return _facts(
        episode,
        [pep for pep in rows.peps if pep.episode_id == episode.pk],
        today=today,
        teachers=teachers,
        on=calendars_of(child, team),
        in_force=InForce({episode.council: shelf_beside(episode)}),
    )


# --- hundreds of children -------------------------------------------------------------------------------------------------

CARE = (
    "born",
    "council",
    "council_profile",
    "virtual_school",
    "reviews",
    "placed",
    "enrolled",
    "allocated",
    "changed",
    "sdqs",
)
PARTS_OF_A_PLAN = (
    "parts", "meetings_held", "signed", "delivered", "returned_at", "sdq_at", "target_at", "money_asked_at", "right_form_at",
)  # fmt: skip
NO_TEACHER = Teachers(None)


def facts_for(child_ids: Collection[UUID], day: date) -> dict[UUID, ChildFacts]:
    """Everything the rules ask about many children on ``day``; those who were never in care are absent. Seven queries, however
    many there are (and one each, once a process, for published versions that it hasn't met)."""
    care = CareEpisode.objects.filter(child__in=child_ids).order_by("child", "-began_on").distinct("child")
    episodes: list[Any] = list(_with_care(care).values_list(*EPISODE, *CARE, named=True))
    plans: dict[UUID, list[Any]] = {}
    held = _with_parts(Pep.objects.filter(episode__in=[each.id for each in episodes]).newest_first())
    for pep in held.values_list(*PEP, *PARTS_OF_A_PLAN, named=True):
        plans.setdefault(pep.episode_id, []).append(pep)
    form_parts({(pep.form_version_id, pep.profile_version_id) for each in plans.values() for pep in each})
    in_force = InForce(shelves_of({each.council: each.council_profile for each in episodes}))
    schools: dict[UUID, School] = {}
    at: dict[UUID, School | None] = {}
    for each in episodes:
        if place := _current(each.enrolled, day):
            pk = as_uuid(place["school"])
            area = as_uuid(place["area"]) if place["area"] else None
            at[each.id] = schools.setdefault(pk, School(organisation_id=pk, local_authority_id=area))
        else:
            at[each.id] = None
    teachers = _teachers(schools, day)
    councils = {each.council: Authority(pk=each.council) for each in episodes}
    known = calendars.calendars_in_bulk({(at[each.id], councils[each.council]) for each in episodes})
    found = {}
    for each in episodes:
        school = at[each.id]
        found[each.child_id] = _facts(
            each,
            plans.get(each.id, ()),
            today=day,
            teachers=teachers.get(school.pk, NO_TEACHER) if school else NO_TEACHER,
            on=known[school.pk if school else None, each.council],
            in_force=in_force,
        )
    return found


# --- from rows to facts ---------------------------------------------------------------------------------------------------


def _current(stays: Iterable[Mapping[str, Any]], day: date) -> Mapping[str, Any] | None:
    """Which of some dated facts holds on a day."""
    on = day.isoformat()
    for each in stays:
        if each["began_on"] <= on and (each["ended_on"] is None or each["ended_on"] > on):
            return each
    return None


def _facts(
    episode: Any, peps: Sequence[Any], *, today: date, teachers: Teachers, on: Calendars, in_force: InForce
) -> ChildFacts:
    """One child's facts from its rows: the same for a page and for a sweep."""
    place = _current(episode.enrolled, today)
    began = episode.began_on
    rules = in_force.on(episode.council, today)
    plan = next(iter(peps), None)
    held_by = version_rules([plan.profile_version_id])[plan.profile_version_id] if plan else rules
    inside = _in_scope(episode, held_by, today) if held_by else not _over(episode, today)
    scope_from_on = _scope_from(episode, in_force, today) if inside else None
    entry = in_force.on(episode.council, scope_from_on) if scope_from_on else None
    worker, unallocated_since = _social_worker(episode, today)
    caseworker = _current((each for each in episode.allocated if _is(each, Part.CASEWORKER)), today)
    no_teacher_since = None
    if place and teachers.first is None:
        no_teacher_since = max(filter(None, (began, date.fromisoformat(place["began_on"]), teachers.left_on)))
    return ChildFacts(
        child_id=episode.child_id,
        in_scope=inside,
        entry_on=began,
        planned=episode.planned,
        has_school=place is not None,
        calendars=on,
        default_policy=default_policy(),
        holders=_holders(
            worker,
            (as_uuid(caseworker["user"]), caseworker["name"]) if caseworker else None,
            teachers.first,
            episode.virtual_school,
        ),
        peps=tuple(
            _pep(pep, bool(teachers.first), later=any(each.state != PepState.CLOSED for each in peps[:index]))
            for index, pep in enumerate(peps)
        ),
        care_reviews=tuple((pk, day) for pk, day in _reviews(episode) if day >= began),
        year_group=year_group(episode.born, today),
        today=today,
        policy=rules.policy if rules else None,
        rules_id=rules.id if rules else None,
        scope_from_on=scope_from_on,
        entry_policy=entry.policy if entry else None,
        entry_rules_id=entry.id if entry else None,
        first_pep_by=entry.starts_first_pep if entry else "virtual_school",
        changes=tuple(_changes(episode, in_force, today)),
        unallocated_since=unallocated_since,
        no_teacher_since=no_teacher_since,
        outgrown_since=_outgrown(episode, place, today),
        sdq_days=tuple(day for each in episode.sdqs if (day := date.fromisoformat(each["on"])) >= began),
        episode_id=episode.id,
        school_id=as_uuid(place["school"]) if place else None,
        reviews_by=rules.organises_reviews if rules else "",
    )


def _over(episode: Any, day: date) -> bool:
    """Whether the time in care is over: leaving it, or the adoption order, ends everything that is owed (R17)."""
    return episode.ended_on is not None and episode.ended_on <= day


def _in_scope(episode: Any, rules: Rules, day: date) -> bool:
    return (
        not _over(episode, day)
        and in_scope(
            rules.scope,
            born=episode.born,
            day=day,
            in_provision=_current(episode.enrolled, day) is not None,
            short_break=episode.short_breaks,
        ).yes
    )


def _scope_from(episode: Any, in_force: InForce, today: date) -> date | None:
    """The first day of the time in care on which the child had to have a plan, by the rules of that day: the day of entry, or
    a birthday, the start of school age, or of a place at a school or nursery since."""
    began: date = episode.began_on
    rules = in_force.on(episode.council, began)
    if rules is None:
        return None
    if _in_scope(episode, rules, began):
        return began
    school_age, _ = statutory_school_age(episode.born)
    days = [school_age, *(date.fromisoformat(each["began_on"]) for each in episode.enrolled)]
    for then in (rules, in_force.on(episode.council, today)):
        if then is not None and then.scope.starts == "age":
            days.append(birthday(episode.born, then.scope.from_age))
    for day in sorted({day for day in days if began < day <= today}):
        then = in_force.on(episode.council, day)
        if then and _in_scope(episode, then, day):
            return day
    return None


def _is(allocation: Mapping[str, Any], part: Part) -> bool:
    return bool(allocation["part"] == part and allocation["active"])


def _social_worker(episode: Any, today: date) -> tuple[Holder | None, date | None]:
    """The child's social worker today, or since when there is none. A closed account is nobody from when its last post ended."""
    own = [each for each in episode.allocated if each["part"] == Part.SOCIAL_WORKER]
    if now := _current((each for each in own if each["active"]), today):
        return Holder("social_worker", as_uuid(now["user"]), now["name"]), None
    since: date = episode.began_on
    for each in own:
        began, ended = date.fromisoformat(each["began_on"]), _date(each["ended_on"])
        if not each["active"] and (ended is None or ended > today):
            ended = max(began, _date(each["post_ended"]) or began)
        if began <= today and ended and since < ended <= today:
            since = ended
    return None, since


def _outgrown(episode: Any, place: Mapping[str, Any] | None, today: date) -> date | None:
    """Since which 1 September (or entry to care) a child is too old for the primary school whose roll they are on, where no
    other school is recorded, not even one to come."""
    if place is None or place["phase"] != "primary":
        return None
    over = year_group(episode.born, today) - OUTGROWS_PRIMARY
    if over < 0 or any(each["began_on"] > today.isoformat() for each in episode.enrolled):
        return None
    school_year = today.year if today.month >= 9 else today.year - 1
    return max(date(school_year - over, 9, 1), episode.began_on)


def _changes(episode: Any, in_force: InForce, today: date) -> Iterable[Change]:
    """What happened in this time in care that may call an extra plan (R8), up to today: another school than before, or the first
    one; another home; what somebody has recorded."""
    began, until = episode.began_on.isoformat(), today.isoformat()
    found = []
    school = None
    for each in episode.enrolled:
        if each["began_on"] > began and each["school"] != school:
            found.append(("enrolment", each["id"], "school_change", each["began_on"]))
        school = each["school"]
    found += [("placement", each["id"], "placement_change", each["began_on"]) for each in episode.placed[1:]]
    found += [("change", each["id"], each["kind"], each["on"]) for each in episode.changed if each["on"] >= began]
    for what, pk, kind, day in found:
        if day <= until:
            on = date.fromisoformat(day)
            rules = in_force.on(episode.council, on)
            yield Change(f"{what}:{pk}", kind, on, rules.policy if rules else None, rules.id if rules else None)


def _pep(pep: Any, taught: bool, *, later: bool) -> PepFacts:
    rules = version_rules([pep.profile_version_id])[pep.profile_version_id]
    pair = (pep.form_version_id, pep.profile_version_id)
    form = form_parts([pair])[pair]
    completed = {part["key"]: part["completed_at"] for part in pep.parts}
    meeting = pep.meetings_held[0] if pep.meetings_held else None
    opened = london_date(pep.opened_at)
    submitted = london_date(pep.submitted_at) if pep.submitted_at else None
    over = pep.state in (PepState.SUBMITTED, PepState.FINALISED)
    complete: dict[str, date | None] = {}
    for owner in OWNERS:
        if own := [key for key in form.own[owner] if key in completed]:
            done = submitted if over else None
            if done is None:
                done = _all_complete(completed[key] for key in own)
                if done and owner in rules.signs:
                    signature = next((_day(each["at"]) for each in pep.signed if each["step"] == owner), None)
                    done = max(done, signature) if signature else None
            complete[owner] = done
    return PepFacts(
        pep_id=pep.id,
        kind=pep.kind,
        state=pep.state,
        trigger_on=pep.trigger_on,
        opened_on=opened,
        policy=rules.policy,
        organiser=rules.organises_first if pep.kind == "first" else rules.organises_reviews,
        meeting=_meeting(meeting, opened) if meeting else None,
        parts_ready=_ready(pep, form, rules.policy, completed, meeting),
        parts_complete=complete,
        submitted_on=submitted,
        returned_on=_day(pep.returned_at) if pep.state == PepState.RETURNED else None,
        finalised_on=london_date(pep.finalised_at) if pep.finalised_at else None,
        succeeded=later,
        school_part_by="designated_teacher" if taught else "virtual_school",
        rules_id=pep.profile_version_id,
        cause=pep.cause,
        informal=pep.informal,
        sdq_frequency=rules.sdq_frequency,
        attainment_on=_day(completed.get(PARTS["attainment"])),
        copies=_copies(rules, pep.delivered),
    )


def _meeting(meeting: Mapping[str, Any], opened: date) -> MeetingFacts:
    return MeetingFacts(
        arranged_on=_day(meeting["arranged_at"]) or opened,
        day=london_date(datetime.fromisoformat(meeting["starts_at"])),
        held_on=_date(meeting["held_on"]),
        next_on=_date(meeting["next_on"]),
    )


def _ready(
    pep: Any, form: FormParts, policy: Policy, completed: Mapping[str, str | None], meeting: Mapping[str, Any] | None
) -> dict[str, date | None]:
    """What may be owed before the meeting to the day it was ready: only parts that this plan's form and rules have."""
    ready: dict[str, date | None] = {}
    for owner in OWNERS:
        if before := [key for key in form.before[owner] if key in completed]:
            ready[owner] = _all_complete(completed[key] for key in before)
    for part, key in form.sections.items():
        if key in completed:
            ready[part] = _day(completed[key])
    if "sdq" in form.panels:
        ready["sdq"] = _day(pep.sdq_at)
    if "targets" in form.panels:
        ready["targets"] = _day(pep.target_at)
    if form.funding in completed:
        # A request shows what the money is for; a section marked complete without one says that none is asked.
        ready["funding"] = _day(pep.money_asked_at) or _day(completed[form.funding])
    if "right_form" in policy.prepared_parts:
        ready["right_form"] = _day(pep.right_form_at)
    if "everyone_has_read" in policy.prepared_parts and meeting:
        # Nobody with an account was asked: nobody is waited for.
        ready["everyone_has_read"] = _all_complete(meeting["readers"] or [meeting["arranged_at"] or pep.opened_at])
    return ready


def _copies(rules: Rules, delivered: Collection[Mapping[str, Any]]) -> tuple[Copy, ...]:
    """The copies that the council's rules ask for, each with the day the last of its kind was done."""
    if not delivered:
        return rules.copies
    done: dict[str, list[str | None]] = {}
    for each in delivered:
        done.setdefault(each["audience"], []).append(each["done_at"])
    return tuple(
        replace(copy, done_on=_all_complete(done[AUDIENCES[copy.to]])) if AUDIENCES[copy.to] in done else copy
        for copy in rules.copies
    )


def _all_complete(moments: Iterable[str | datetime | None]) -> date | None:
    """The day of the last of some moments; None while one of them is still to come."""
    found = list(moments)
    days = [day for day in map(_day, found) if day is not None]
    return max(days) if days and len(days) == len(found) else None
