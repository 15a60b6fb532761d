"""The standing cast, the only place tests get people from: two authorities, two schools, every role, a child placed out of
area, a child of the other authority at the same school, a worker who left, a child who left care.

The stage's day is Tuesday 6 October 2026 (``TODAY``); tests run with the product's clock stopped there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from children.models import CareEpisode, Child, School
from pepportal.access.roles import Role
from pepportal.accounts.models import Authority, Organisation, User
from tests import factories as f

TODAY = date(2026, 10, 6)
NOW = datetime(2026, 10, 6, 10, 0, tzinfo=f.LONDON)


@dataclass
class Cast:
    westmere: Authority
    eastvale: Authority
    virtual_school: Organisation
    team: Organisation
    primary: School
    secondary: School
    people: dict[str, User] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    episodes: dict[str, CareEpisode] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None


def _person(cast: Cast, key: str, name: str, role: Role | None, organisation: Organisation | None, **extra) -> User:
    user = f.UserFactory(name=name, email=f"{key.replace('_', '.')}@portal.example")
    if role and organisation:
        f.MembershipFactory(user=user, organisation=organisation, role=role.value, **extra)
    cast.people[key] = user
    return user


def _child(cast: Cast, key: str, given: str, family: str, *, authority: Authority, school: School | None, born: date,
           entered: date = date(2026, 10, 5), planned: bool = True, carer=None, sw: User | None = None, iro: User | None = None,
           area: str = "Westmere", **extra) -> Child:  # fmt: skip
    child = f.ChildFactory(authority=authority, given_name=given, family_name=family, date_of_birth=born,
                           reference=f"{authority.code}-{len(cast.children) + 1:04d}", **extra)  # fmt: skip
    episode = f.CareEpisodeFactory(child=child, began_on=entered, planned=planned)
    f.PlacementFactory(episode=episode, child=child, carer=carer, area=area, out_of_area=area != authority.name)
    if school:
        f.EnrolmentFactory(child=child, school=school)
    for user, part in ((sw, "social_worker"), (iro, "iro")):
        if user:
            f.AllocationFactory(child=child, user=user, part=part, began_on=entered)
    cast.children[key], cast.episodes[key] = child, episode
    return child


def make_cast() -> Cast:
    """Everybody, on the database. No PEP is open: tests open what they need through the actions."""
    westmere = f.AuthorityFactory(name="Westmere", code="WM")
    eastvale = f.AuthorityFactory(name="Eastvale", code="EV")
    vs = f.OrganisationFactory(kind="virtual_school", name="Westmere Virtual School", authority=westmere)
    other_vs = f.OrganisationFactory(kind="virtual_school", name="Eastvale Virtual School", authority=eastvale)
    team = f.OrganisationFactory(kind="social_care", name="Children in Care Team 2", authority=westmere)
    other_team = f.OrganisationFactory(kind="social_care", name="Eastvale Care Team", authority=eastvale)
    reviewing = f.OrganisationFactory(kind="reviewing", name="Westmere Reviewing Service", authority=westmere)
    primary = f.SchoolFactory(
        organisation__name="Hollin Lane Primary", phase="primary", area="Westmere", local_authority=westmere
    )
    secondary = f.SchoolFactory(
        organisation__name="Northgate High", phase="secondary", area="Eastvale", local_authority=eastvale
    )
    for authority in (westmere, eastvale):
        f.CalendarFactory(authority=authority, name=f"{authority.name} pattern")
        f.CalendarFactory(authority=authority, name=f"{authority.name} pattern", **f.CALENDAR_2025)

    cast = Cast(westmere, eastvale, vs, team, primary, secondary)
    _person(cast, "designated_teacher", "Ms R. Khan", Role.DESIGNATED_TEACHER, primary.organisation)
    _person(cast, "other_teacher", "Mr T. Osei", Role.DESIGNATED_TEACHER, secondary.organisation)
    _person(cast, "head_teacher", "Mrs A. Lund", Role.HEAD_TEACHER, primary.organisation)
    _person(cast, "social_worker", "Mr P. Doyle", Role.SOCIAL_WORKER, team)
    _person(cast, "team_manager", "Ms J. Acheampong", Role.TEAM_MANAGER, team)
    _person(cast, "iro", "Ms D. Ferreira", Role.IRO, reviewing)
    _person(cast, "vs_head", "Dr S. Marlow", Role.VS_HEAD, vs)
    _person(cast, "vs_deputy", "Mr K. Adeyemi", Role.VS_DEPUTY, vs)
    _person(cast, "caseworker", "Ms E. Petrou", Role.VS_CASEWORKER, vs)
    _person(cast, "data_officer", "Mr L. Byrne", Role.VS_DATA, vs)
    _person(cast, "finance", "Ms N. Whitlock", Role.VS_FINANCE, vs)
    _person(cast, "administrator", "Mr G. Ames", Role.ADMINISTRATOR, vs)
    _person(cast, "carer", "Mrs H. Bright", None, None)
    _person(cast, "young_person", "Jonah T.", None, None)
    _person(cast, "left_worker", "Ms V. Gone", Role.SOCIAL_WORKER, team, ended_on=date(2026, 9, 1))
    _person(cast, "other_social_worker", "Mr B. Vance", Role.SOCIAL_WORKER, other_team)
    _person(cast, "other_caseworker", "Ms C. Idowu", Role.VS_CASEWORKER, other_vs)
    _person(cast, "other_vs_head", "Dr O. Reid", Role.VS_HEAD, other_vs)
    _person(cast, "nobody", "Mx Q. Nobody", None, None)

    bright = f.CarerFactory(authority=westmere, name="Mrs H. Bright", email="carer@portal.example", user=cast.carer)
    posted = f.CarerFactory(authority=westmere, name="Mr and Mrs Older", email="")
    _child(cast, "amara", "Amara", "Okafor", authority=westmere, school=primary, born=date(2017, 3, 9), carer=bright,
           sw=cast.social_worker, iro=cast.iro)  # fmt: skip
    _child(cast, "jonah", "Jonah", "Tell", authority=westmere, school=secondary, born=date(2012, 1, 20), planned=False, carer=posted,
           sw=cast.social_worker, iro=cast.iro, area="Eastvale", user=cast.young_person)  # fmt: skip
    _child(
        cast, "skye", "Skye", "Penrose", authority=westmere, school=None, born=date(2013, 11, 2), sw=cast.social_worker
    )
    _child(cast, "ben", "Ben", "Ashby", authority=eastvale, school=primary, born=date(2016, 8, 30), sw=cast.other_social_worker,
           area="Eastvale")  # fmt: skip
    left = _child(
        cast,
        "leila",
        "Leila",
        "March",
        authority=westmere,
        school=primary,
        born=date(2015, 6, 1),
        entered=date(2025, 9, 8),
    )
    f.AllocationFactory(child=left, user=cast.social_worker, began_on=date(2025, 9, 8), ended_on=date(2026, 7, 1))
    episode = cast.episodes["leila"]
    episode.ended_on, episode.end_reason = date(2026, 7, 1), "returned_home"
    episode.save()
    left.placements.update(ended_on=date(2026, 7, 1))
    left.enrolments.update(ended_on=date(2026, 7, 22))
    return cast
