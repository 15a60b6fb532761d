"""Reads about children that span tables: the team around a child, the calendars of a school, who may be chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from children import rules
from children.bank_holidays import england_and_wales, substitute_days
from children.models import (
    Allocation,
    BankHoliday,
    Calendar,
    CareEpisode,
    Carer,
    CareReview,
    Child,
    Enrolment,
    Part,
    Placement,
    PlacementAddress,
    School,
    SignificantChange,
)
from children.policies import visible_to
from pepportal.access.actor import Actor
from pepportal.access.roles import Role, may
from pepportal.access.vocabulary import May
from pepportal.accounts.models import Authority, Membership, User

VIRTUAL_SCHOOL = (Role.VS_HEAD, Role.VS_DEPUTY, Role.VS_CASEWORKER)
ROLE_OF_PART = {
    Part.SOCIAL_WORKER: Role.SOCIAL_WORKER,
    Part.IRO: Role.IRO,
    Part.CASEWORKER: Role.VS_CASEWORKER,
}


# --- the team around a child ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Team:
    """Who stands by a child on a day. Nobody whose account is closed is in it."""

    social_worker: User | None
    team_manager: User | None
    iro: User | None
    caseworker: User | None
    designated_teachers: tuple[User, ...]
    school: School | None
    placement: Placement | None
    carer: Carer | None
    virtual_school: tuple[User, ...]
    """Heads, deputies and caseworkers of the child's authority."""
    data_officers: tuple[User, ...]


def team_of(child: Child, day: date) -> Team:
    """The team around ``child`` on ``day``: four queries."""
    parts = {
        a.part: a.user
        for a in Allocation.objects.filter(child=child, user__is_active=True).current(day).select_related("user")
    }
    enrolment = enrolment_of(child, day)
    placement = placement_of(child, day)
    staff = _staff_around(child, enrolment, parts.get(Part.SOCIAL_WORKER), day)
    return _team(parts, enrolment, placement, staff)


def teams_of(children: Collection[Child], day: date) -> dict[UUID, Team]:
    """The same for many children, by child: five queries however many."""
    parts: dict[UUID, dict[str, User]] = {}
    allocated = Allocation.objects.filter(child__in=children, user__is_active=True).current(day).select_related("user")
    for each in allocated:
        parts.setdefault(each.child_id, {})[each.part] = each.user
    enrolled = Enrolment.objects.filter(child__in=children, main=True).current(day)
    at = {each.child_id: each for each in enrolled.select_related("school__organisation", "school__local_authority")}
    placed = Placement.objects.filter(child__in=children).current(day).select_related("carer__user", "episode")
    living = {each.child_id: each for each in placed}
    workers = {own[Part.SOCIAL_WORKER].pk for own in parts.values() if Part.SOCIAL_WORKER in own}
    posts: dict[UUID, set[UUID]] = {}
    held = Membership.objects.current(day).filter(user__in=workers, role=Role.SOCIAL_WORKER.value)
    for user, team in held.values_list("user", "organisation"):
        posts.setdefault(user, set()).add(team)
    staff = list(
        Membership.objects.current(day)
        .filter(
            Q(organisation__authority__in={child.authority_id for child in children},
              role__in=[*(role.value for role in VIRTUAL_SCHOOL), Role.VS_DATA.value])
            | Q(organisation__in={each.school_id for each in at.values()}, role=Role.DESIGNATED_TEACHER.value)
            | Q(organisation__in=set().union(*posts.values()), role=Role.TEAM_MANAGER.value),
            user__is_active=True,
        )
        .select_related("user", "organisation")
        .order_by("user__name", "user_id")
    )  # fmt: skip
    at_work: dict[tuple[str, UUID | None], list[Membership]] = {}
    for each in staff:
        of_authority = each.role in VIRTUAL_SCHOOL or each.role == Role.VS_DATA
        place = each.organisation.authority_id if of_authority else each.organisation_id
        at_work.setdefault((each.role, place), []).append(each)

    def around(child: Child) -> Team:
        own, enrolment = parts.get(child.pk, {}), at.get(child.pk)
        worker = own.get(Part.SOCIAL_WORKER)
        places: list[tuple[str, UUID | None]] = [
            (role.value, child.authority_id) for role in (*VIRTUAL_SCHOOL, Role.VS_DATA)
        ]
        places += [(Role.DESIGNATED_TEACHER.value, enrolment.school_id)] if enrolment else []
        places += [(Role.TEAM_MANAGER.value, team) for team in posts.get(worker.pk, ())] if worker else []
        found = [each for place in places for each in at_work.get(place, ())]
        found.sort(key=lambda each: (each.user.name, str(each.user_id)))
        return _team(own, enrolment, living.get(child.pk), found)

    return {child.pk: around(child) for child in children}


def _team(
    parts: Mapping[str, User], enrolment: Enrolment | None, placement: Placement | None, staff: Sequence[Membership]
) -> Team:
    managers = sorted((m for m in staff if m.role == Role.TEAM_MANAGER), key=lambda m: (m.began_on, m.pk))
    return Team(
        social_worker=parts.get(Part.SOCIAL_WORKER),
        team_manager=managers[0].user if managers else None,
        iro=parts.get(Part.IRO),
        caseworker=parts.get(Part.CASEWORKER),
        designated_teachers=_people(m for m in staff if m.role == Role.DESIGNATED_TEACHER),
        school=enrolment.school if enrolment else None,
        placement=placement,
        carer=placement.carer if placement else None,
        virtual_school=_people(m for m in staff if m.role in VIRTUAL_SCHOOL),
        data_officers=_people(m for m in staff if m.role == Role.VS_DATA),
    )


def _staff_around(child: Child, enrolment: Enrolment | None, worker: User | None, day: date) -> list[Membership]:
    """The virtual school's people, the school's designated teachers and the social worker's managers, by name, at once."""
    wanted = Q(
        organisation__authority=child.authority_id,
        role__in=[*(role.value for role in VIRTUAL_SCHOOL), Role.VS_DATA.value],
    )
    if enrolment is not None:
        wanted |= Q(organisation=enrolment.school_id, role=Role.DESIGNATED_TEACHER.value)
    if worker is not None:
        posts = Membership.objects.current(day).filter(user=worker, role=Role.SOCIAL_WORKER.value)
        wanted |= Q(organisation__in=posts.values("organisation"), role=Role.TEAM_MANAGER.value)
    held = Membership.objects.current(day).filter(wanted, user__is_active=True)
    return list(held.select_related("user").order_by("user__name", "user_id"))


def _people(memberships: Iterable[Membership]) -> tuple[User, ...]:
    return tuple({m.user_id: m.user for m in memberships}.values())


def designated_teachers(school: School, day: date) -> tuple[User, ...]:
    """The designated teachers of a school on a day, by name."""
    return _people(
        Membership.objects.current(day)
        .filter(organisation=school.pk, role=Role.DESIGNATED_TEACHER.value, user__is_active=True)
        .select_related("user")
        .order_by("user__name", "user_id")
    )


def enrolment_of(child: Child, day: date) -> Enrolment | None:
    """The child's main school place on a day."""
    return (
        Enrolment.objects.filter(child=child, main=True)
        .current(day)
        .select_related("school__organisation", "school__local_authority")
        .first()
    )


def placement_of(child: Child, day: date) -> Placement | None:
    """Where the child lives on a day; the address is not loaded with it."""
    return Placement.objects.filter(child=child).current(day).select_related("carer__user", "episode").first()


def episode_of(child: Child, day: date) -> CareEpisode | None:
    """The time in care that holds on a day."""
    return CareEpisode.objects.filter(child=child).current(day).first()


def latest_episode(child: Child) -> CareEpisode | None:
    return CareEpisode.objects.filter(child=child).order_by("-began_on").first()


def next_review(child: Child, day: date) -> CareReview | None:
    """The next care review that is not cancelled, from ``day`` on."""
    return CareReview.objects.filter(child=child, on__gte=day, cancelled_at=None).order_by("on").first()


# --- who and what can be chosen ---------------------------------------------------------------------------------------


def authorities_recording(actor: Actor) -> list[Authority]:
    """The authorities for which this person may record a child coming into care."""
    ids = {h.authority_id for h in actor.held if h.authority_id and may({h.role}, May.RECORD_CHILD)}
    return list(Authority.objects.filter(pk__in=ids))


def people_for(part: Part, authority: Authority, day: date) -> list[User]:
    """The authority's people who may take a part in a child's team on ``day``: holders of the role, accounts open."""
    held = Membership.objects.current(day).filter(role=ROLE_OF_PART[part].value, organisation__authority=authority)
    return list(User.objects.filter(is_active=True, pk__in=held.values("user")).order_by("name", "pk"))


def carers_of(authority: Authority) -> list[Carer]:
    return list(Carer.objects.filter(authority=authority).order_by("name", "pk"))


@dataclass(frozen=True)
class SchoolChoice:
    """A school as a list offers it, with who leads on looked-after children there."""

    school: School
    teachers: tuple[str, ...]

    @property
    def words(self) -> str:
        """ "Hollin Lane Primary, Westmere (designated teacher Ms R. Khan)"."""
        teachers = f"designated teacher {', '.join(self.teachers)}" if self.teachers else "no designated teacher yet"
        return f"{self.school}, {self.school.area} ({teachers})"


def school_choices(day: date) -> list[SchoolChoice]:
    """Every school with its designated teachers: two queries."""
    teachers: dict[UUID, list[str]] = {}
    for m in (
        Membership.objects.current(day)
        .filter(role=Role.DESIGNATED_TEACHER.value, user__is_active=True)
        .select_related("user")
        .order_by("user__name")
    ):
        teachers.setdefault(m.organisation_id, []).append(m.user.name)
    schools = School.objects.select_related("organisation", "local_authority").order_by("organisation__name", "pk")
    return [SchoolChoice(school, tuple(teachers.get(school.pk, ()))) for school in schools]


def same_person(authority: Authority, given_name: str, family_name: str, born: date) -> Child | None:
    """A child of this authority who is already recorded with the same name and date of birth."""
    return (
        Child.objects.filter(authority=authority, date_of_birth=born)
        .filter(sort_name=rules.sort_name(family_name.strip(), given_name.strip()))
        .order_by("reference")
        .first()
    )


def placement_stays(child: Child) -> list[rules.Stay]:
    """Where the child lived, for the sentence about an overlap. No address and nobody's surname but the carer's."""
    return [
        rules.Stay(
            f"already lived with {p.carer}" if p.carer else f"already lived there ({p.get_kind_display().lower()})",
            p.began_on,
            p.ended_on,
        )
        for p in Placement.objects.filter(child=child).select_related("carer").order_by("began_on")
    ]


def school_stays(child: Child) -> list[rules.Stay]:
    return [
        rules.Stay(f"was already at {e.school}", e.began_on, e.ended_on)
        for e in Enrolment.objects.filter(child=child, main=True)
        .select_related("school__organisation")
        .order_by("began_on")
    ]


def allocation_stays(child: Child, part: Part) -> list[rules.Stay]:
    return [
        rules.Stay(f"already had {a.user} as {part.label.lower()}", a.began_on, a.ended_on)
        for a in Allocation.objects.filter(child=child, part=part).select_related("user").order_by("began_on")
    ]


# --- school calendars -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class YearFacts:
    """One published version of one academic year. Equal when they are the same version: those never change."""

    id: UUID
    academic_year: str
    version: int = field(compare=False)
    name: str = field(compare=False)
    spans: tuple[tuple[date, date, str], ...] = field(compare=False)
    closures: tuple[tuple[date, str, str], ...] = field(compare=False)
    source: str = field(compare=False, default="")

    @property
    def published(self) -> rules.PublishedYear:
        return rules.PublishedYear(self.academic_year, self.spans, self.closures)


@dataclass(frozen=True)
class CalendarFacts:
    """The academic years that count for a child at a school, oldest first."""

    years: tuple[YearFacts, ...]

    @property
    def version_ids(self) -> tuple[UUID, ...]:
        return tuple(year.id for year in self.years)

    def year(self, academic_year: str) -> YearFacts | None:
        return next((year for year in self.years if year.academic_year == academic_year), None)


Pair = tuple[School | None, Authority | None]
PairIds = tuple[UUID | None, UUID | None]


def calendars_for(school: School | None, authority: Authority | None) -> CalendarFacts:
    """For each academic year the latest version of the school's own calendar, else of the authority in whose area it
    lies, else of the child's ``authority``. One query."""
    return next(iter(calendars_for_all({(school, authority)}).values()))


def calendars_for_all(pairs: Collection[Pair]) -> dict[PairIds, CalendarFacts]:
    """The same for many schools and children's authorities at once, by (school id, authority id). One query."""
    return _by_pair(pairs, _published(pairs))


def calendars_and_holidays(pairs: Collection[Pair]) -> tuple[dict[PairIds, CalendarFacts], dict[date, str]]:
    """``calendars_for_all`` and ``bank_holidays`` together. One query; two where none of these has published a calendar."""
    changed = BankHoliday.objects.values(json=JSONObject(day="day", name="name", cancelled="cancelled"))
    rows = list(_published(pairs).annotate(changed_holidays=ArraySubquery(changed)))
    if not rows:
        return _by_pair(pairs, rows), bank_holidays()
    said = [(date.fromisoformat(each["day"]), each["name"], each["cancelled"]) for each in rows[0].changed_holidays]
    return _by_pair(pairs, rows), _listed(said)


def _published(pairs: Collection[Pair]) -> QuerySet[Calendar]:
    schools = {school.pk for school, _ in pairs if school is not None}
    areas = {authority.pk for _, authority in pairs if authority is not None}
    areas |= {school.local_authority_id for school, _ in pairs if school is not None and school.local_authority_id}
    return Calendar.objects.filter(Q(school__in=schools) | Q(authority__in=areas)).order_by("version")


_YEARS: dict[UUID, YearFacts] = {}
"""Published versions that this process has met: they never change."""


def calendars_met(pairs: Collection[Pair]) -> dict[PairIds, CalendarFacts]:
    """``calendars_for_all`` for a sweep, which asks about the same schools again and again: only which versions there are is
    asked each time. One query, and one more where somebody has published since."""
    rows: list[Any] = list(
        _published(pairs).values_list("pk", "school_id", "authority_id", "academic_year", named=True)
    )
    if missing := {row.pk for row in rows} - _YEARS.keys():
        _YEARS.update((row.pk, _facts_of(row)) for row in Calendar.objects.filter(pk__in=missing))
    return _by_pair(pairs, rows)


def _by_pair(pairs: Collection[Pair], rows: Iterable[Any]) -> dict[PairIds, CalendarFacts]:
    latest: dict[UUID | None, dict[str, Any]] = {}
    for row in rows:  # rising versions: the last one written in stays
        latest.setdefault(row.school_id or row.authority_id, {})[row.academic_year] = row
    made = {}
    for school, authority in pairs:
        owners = [authority.pk if authority else None]
        owners += [school.local_authority_id, school.pk] if school is not None else []
        years = {name: row for owner in owners if owner for name, row in latest.get(owner, {}).items()}
        facts = CalendarFacts(tuple(_YEARS.get(years[name].pk) or _facts_of(years[name]) for name in sorted(years)))
        made[school.pk if school else None, authority.pk if authority else None] = facts
    return made


def versions_of(*, school: School | None = None, authority: Authority | None = None) -> list[Calendar]:
    """Every version one owner has published, newest first."""
    return list(Calendar.objects.filter(school=school, authority=authority).order_by("-academic_year", "-version"))


def years_in_force(*, school: School | None = None, authority: Authority | None = None) -> list[rules.PublishedYear]:
    """The latest version of every year that one owner has published. One query."""
    found = Calendar.objects.filter(school=school, authority=authority)
    return [_facts_of(row).published for row in found.order_by("academic_year", "-version").distinct("academic_year")]


@dataclass(frozen=True)
class VersionRow:
    """One version of one owner's calendar, as the list of versions shows it."""

    key: str
    facts: YearFacts
    published_at: datetime
    by: str
    in_force: bool
    """The latest of its year."""

    @property
    def words(self) -> str:
        return f"{self.facts.academic_year}, version {self.facts.version}"


def version_rows(*, school: School | None = None, authority: Authority | None = None) -> list[VersionRow]:
    """Every version one owner has published with who did it, newest first. Two queries."""
    found = versions_of(school=school, authority=authority)
    people = User.objects.filter(pk__in={row.published_by_id for row in found})
    names: dict[UUID | None, str] = dict(people.values_list("pk", "name"))
    rows: list[VersionRow] = []
    for row in found:
        newest = not rows or rows[-1].facts.academic_year != row.academic_year
        by = names.get(row.published_by_id, "The portal")
        rows.append(VersionRow(str(row.pk), _facts_of(row), row.published_at, by, newest))
    return rows


def latest_versions(rows: Iterable[VersionRow]) -> dict[str, int]:
    """The latest version of each academic year."""
    return {row.facts.academic_year: row.facts.version for row in rows if row.in_force}


def taught_by(school: School | None, authority: Authority | None, day: date) -> QuerySet[Child]:
    """Children in care whose school days a calendar may decide: those at the school, or at a school in the authority's area,
    or of the authority itself."""
    here = Q(school=school) if school is not None else Q(school__local_authority=authority)
    concerned = Q(pk__in=Enrolment.objects.current(day).filter(here).values("child"))
    if authority is not None:
        concerned |= Q(authority=authority)
    return children_in_care(day).filter(concerned)


def children_in_care(day: date) -> QuerySet[Child]:
    """Every child in care on a day, of every authority."""
    return Child.objects.filter(pk__in=CareEpisode.objects.current(day).values("child"))


def _facts_of(row: Calendar) -> YearFacts:
    return YearFacts(
        id=row.pk,
        academic_year=row.academic_year,
        version=row.version,
        name=row.name,
        spans=tuple((date.fromisoformat(a), date.fromisoformat(b), "".join(words)) for a, b, *words in row.spans),
        closures=tuple((date.fromisoformat(day), kind, "".join(words)) for day, kind, *words in row.closures),
        source=row.source,
    )


def bank_holidays() -> dict[date, str]:
    """The bundled list of England and Wales with what the database adds or cancels. One query."""
    return _listed(BankHoliday.objects.values_list("day", "name", "cancelled"))


def _listed(changed: Iterable[tuple[date, str, bool]]) -> dict[date, str]:
    days = england_and_wales()
    for day, name, cancelled in changed:
        if cancelled:
            days.pop(day, None)
        else:
            days[day] = name
    return dict(sorted(days.items()))


# --- schools ----------------------------------------------------------------------------------------------------------


def schools_for(actor: Actor) -> QuerySet[School]:
    """The schools whose pages a person may open: all with the verb for it, else those they work at. Each row knows
    ``my_children``: how many children of theirs are there today."""
    mine = (
        Enrolment.objects.filter(school=OuterRef("pk"), child__in=visible_to(actor).values("pk"))
        .current(actor.today)
        .filter(_in_care(actor.today))
        .order_by()
        .values("school")
        .annotate(count=Count("child", distinct=True))
        .values("count")
    )
    schools = School.objects.select_related("organisation", "local_authority").annotate(
        my_children=Coalesce(Subquery(mine), 0)
    )
    if may({h.role for h in actor.held}, May.SEE_RULES):
        return schools
    return schools.filter(pk__in=[h.organisation_id for h in actor.held])


def _in_care(day: date) -> Q:
    return Q(child__care_episodes__in=CareEpisode.objects.current(day))


def may_publish_for(actor: Actor, school: School | None, authority: Authority | None) -> bool:
    """Whether a person may publish this calendar: their own authority's, or a school's in its area. A school in the
    area of an authority that does not use the portal has nobody nearer, so any who hold the verb may."""
    mine = {h.authority_id for h in actor.held if may({h.role}, May.PUBLISH_CALENDAR)}
    if authority is not None:
        return authority.pk in mine
    return (
        bool(mine) and school is not None and (school.local_authority_id is None or school.local_authority_id in mine)
    )


# --- who changed what -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One version of one fact: what it was and what it became."""

    when: object
    by: str
    title: str
    text: str


_NOT_SHOWN = {"recorded_by", "at", "id", "sort_name", "created_at", "child", "episode", "authority", "main", "user"}
_WHAT: dict[type, tuple[str, tuple[str, ...]]] = {
    Child: ("Child’s details", ()),
    CareEpisode: ("Time in care", ()),
    Placement: ("Placement", ("carer",)),
    Enrolment: ("School place", ("school__organisation",)),
    Allocation: ("Team", ("user",)),
    CareReview: ("Care review", ()),
    SignificantChange: ("Change for the child", ()),
}


def changes_of(child: Child) -> list[Change]:
    """Every version of the child's facts, newest first: one query a kind of fact. Addresses have no versions."""
    found: list[tuple[object, int, Change]] = []
    for model, (title, related) in _WHAT.items():
        key = "id" if model is Child else "child"
        rows = (
            model.history.filter(**{key: child.pk})  # type: ignore[attr-defined]
            .select_related("history_user", *related)
            .order_by("history_id")
        )
        before: dict[object, dict[str, str]] = {}
        for row in rows:
            now = _said(row, model)
            text = _difference(before.get(row.id), now)
            if row.history_change_reason:
                text = f"{text}. Reason given: {row.history_change_reason}" if text else row.history_change_reason
            who = row.history_user.name if row.history_user else "The portal"
            verb = {"+": "recorded", "-": "removed"}.get(row.history_type, "changed")
            if text or verb == "removed":
                change = Change(row.history_date, who, f"{title} {verb}", text)
                found.append((row.history_date, row.history_id, change))
            before[row.id] = now
    return [change for _, _, change in sorted(found, key=lambda each: (each[0], each[1]), reverse=True)]


def _said(row: object, model: type) -> dict[str, str]:
    said = {}
    for part in model._meta.concrete_fields:  # type: ignore[attr-defined]
        if part.name in _NOT_SHOWN - ({"user"} if model is Allocation else set()):
            continue
        display = getattr(row, f"get_{part.name}_display", None)
        value = display() if display else getattr(row, part.name)
        said["person" if part.name == "user" else str(part.verbose_name)] = _in_words(value)
    return said


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return rules.day_words(value)
    return "" if value is None else str(value)


def _difference(before: dict[str, str] | None, now: dict[str, str]) -> str:
    if before is None:
        return "; ".join(f"{name}: {value}" for name, value in now.items() if value)
    return "; ".join(
        f"{name}: {before.get(name) or 'nothing'} became {value or 'nothing'}"
        for name, value in now.items()
        if before.get(name) != value
    )


# --- what the pages show ----------------------------------------------------------------------------------------------


def changes_recorded(child: Child) -> list[SignificantChange]:
    """What was recorded as changed for the child, newest first, cancelled ones too. One query."""
    return list(SignificantChange.objects.filter(child=child).select_related("recorded_by").order_by("-on", "-at")[:20])


def parts_now(child: Child, day: date) -> dict[str, User]:
    """Who has which part in the team on a day, closed accounts too: somebody must be found for those."""
    return {a.part: a.user for a in Allocation.objects.filter(child=child).current(day).select_related("user")}


def facts_now(child: Child, day: date, *, address: bool) -> list[dict[str, object]]:
    """What holds today, as rows of a summary list; the address only for those who may see it."""
    episode, placement, enrolment = episode_of(child, day), placement_of(child, day), enrolment_of(child, day)
    parts = parts_now(child, day)
    care = "not in care today"
    if episode:
        how = "planned" if episode.planned else "unplanned"
        care = f"since {rules.day_words(episode.began_on)}, {how}"
    rows: list[dict[str, object]] = [{"key": "In care", "value": care}]
    if placement:
        lives = [placement.get_kind_display(), str(placement.carer or "nobody by name"), placement.area]
        where = PlacementAddress.objects.filter(placement=placement).first() if address else None
        if where:
            lives.append(f"{where.text} (confidential)" if where.confidential else where.text)
        rows.append({"key": "Lives", "value": lives})
    rows.append({"key": "School", "value": str(enrolment.school) if enrolment else "No school place"})
    short = {Part.IRO: "IRO", Part.CASEWORKER: "Virtual school"}
    rows += [{"key": short.get(part, part.label), "value": str(parts.get(part.value) or "Nobody")} for part in Part]
    review = next_review(child, day)
    rows.append({"key": "Next care review", "value": review.on if review else "Not set"})
    return rows


def school_rows(actor: Actor) -> list[dict[str, object]]:
    """The schools a person may open, each with its teachers and the number of the person's children: three queries."""
    choices = {choice.school.pk: choice for choice in school_choices(actor.today)}
    return [
        {"school": school, "teachers": choices[school.pk].teachers, "children": school.my_children}  # type: ignore[attr-defined]
        for school in schools_for(actor).order_by("organisation__name", "pk")
    ]


def authorities_of(actor: Actor) -> list[Authority]:
    """The authorities a person works for."""
    return list(Authority.objects.filter(pk__in={h.authority_id for h in actor.held if h.authority_id}))


def first_authority(actor: Actor) -> Authority | None:
    return next(iter(authorities_of(actor)), None)


@dataclass(frozen=True)
class Preview:
    """A year as it would be published, beside the version that counts now."""

    academic_year: str
    pupil_days: int
    months: list[rules.Month]
    before: YearFacts | None
    change: rules.Compared | None
    """Against ``before``; nothing where no version counts yet."""


def previews(years: Iterable[rules.PublishedYear], facts: CalendarFacts, holidays: dict[date, str]) -> list[Preview]:
    """Each year as it would be published, and what it changes against the one that counts now."""
    found = []
    for year in years:
        before = facts.year(year.academic_year)
        change = rules.compared(before.published, year, holidays) if before else None
        found.append(
            Preview(
                year.academic_year, rules.pupil_days(year, holidays), rules.months_of(year, holidays), before, change
            )
        )
    return found


# --- bank holidays ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BankHolidayRow:
    """A bank holiday as the page lists it."""

    day: date
    name: str
    substitute: bool
    """Stands for a day at a weekend."""
    changed: str
    """"added", "cancelled" or "" where it is as the bundled list has it."""


def bank_holiday_rows(first: date) -> list[BankHolidayRow]:
    """The bank holidays from a day on, those added and those cancelled too, in order. One query."""
    changed = {row.day: row for row in BankHoliday.objects.filter(day__gte=first)}
    days = england_and_wales() | {row.day: row.name for row in changed.values()}
    substitutes = substitute_days()
    return [
        BankHolidayRow(
            day, name, day in substitutes,
            "" if day not in changed else "cancelled" if changed[day].cancelled else "added",
        )
        for day, name in sorted(days.items()) if day >= first
    ]  # fmt: skip
