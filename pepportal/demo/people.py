"""The grown-ups of the demonstration: two councils, schools with their calendars, teams, carers, everybody's account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random

from children.actions import publish_calendar
from children.models import Carer, School
from funding.actions import enter_scheme
from funding.policy import funding_policy
from funding.rules import financial_year
from pepportal.access.actor import Actor, actor_for
from pepportal.access.roles import Role
from pepportal.accounts.models import Authority, Membership, Organisation, User
from pepportal.accounts.versions import keep
from pepportal.audit.acting import LONDON, Acting, the_portal
from pepportal.demo import names
from pepportal.demo.terms import published_year
from pepportal.profiles.queries import profile_for

SINCE = date(2016, 9, 1)
"""Everybody has held their post since then, so that nothing in the past was done by somebody who could not."""
ADDRESS = "@portal.example"
OWN_CALENDARS = (
    {"training": (0, 1, 3, 5)}, {"october_weeks": 2, "start": 1}, {"october_weeks": 2, "start": 1, "training": (0, 2, 3, 4)},
    {"training": (0, 2, 3, 4)}, {"start": 3},
)  # fmt: skip
"""How the first five schools' own years differ from the authority's."""


@dataclass
class Council:
    """One authority with the people who work for its children."""

    authority: Authority
    head: User
    deputies: list[User]
    caseworkers: list[User]
    data_officer: User
    workers: list[User]
    iros: list[User]
    carers: list[Carer]


@dataclass
class People:
    """Everybody, and the one place that turns a user and a moment into the one who acts."""

    rng: Random
    now: datetime
    westmere: Council = field(init=False)
    eastvale: Council = field(init=False)
    schools: list[School] = field(default_factory=list)
    teachers: dict[object, list[User]] = field(default_factory=dict)
    bright: Carer = field(init=False)
    _actors: dict[object, Actor] = field(default_factory=dict)
    _surnames: Iterator[str] = field(init=False)
    _accounts: int = 0

    def as_(self, user: User, at: datetime) -> Actor:
        """``user`` acting at a moment. Who holds which post is asked once: nobody here ever changed theirs (``SINCE``)."""
        if user.pk not in self._actors:
            self._actors[user.pk] = actor_for(user, at)
        return replace(self._actors[user.pk], at=at)

    @property
    def setting_up(self) -> Acting:
        return the_portal(datetime(SINCE.year, SINCE.month, SINCE.day, 9, tzinfo=LONDON))

    def name(self) -> str:
        """A name nobody has yet."""
        self._accounts += 1
        title = names.TITLES[self._accounts % len(names.TITLES)]
        try:
            surname = next(self._surnames)
        except (AttributeError, StopIteration):
            shuffled = list(names.ADULTS)
            self.rng.shuffle(shuffled)
            self._surnames = iter(shuffled)
            surname = next(self._surnames)
        return f"{title} {'ABCDEFGHIJKLMNOPRSTVWY'[(self._accounts * 7) % 22]}. {surname}"

    def account(self, name: str, *, title: str = "", at: datetime | None = None) -> User:
        """An account without a password: the demonstration's sign-in list is the way in."""
        self._accounts += 1
        _, _, plain = name.partition(" ")
        local = "".join(letter if letter.isalnum() else "." for letter in (plain or name).lower()).replace("..", ".")
        email = f"{local.strip('.')}{ADDRESS}"
        if User.objects.filter(email=email).exists():
            email = f"{local.strip('.')}.{self._accounts}{ADDRESS}"
        created = at or self.setting_up.at + timedelta(minutes=self._accounts)
        user = User(name=name, email=email, job_title=title, created_at=created)
        user.set_unusable_password()
        return keep(user, by=self.setting_up)

    def post(self, organisation: Organisation, role: Role, name: str = "", title: str = "") -> User:
        """Somebody who works at ``organisation``. Named people come first on the sign-in list: theirs are the oldest accounts."""
        at = self.setting_up.at - timedelta(days=365) if name else None
        user = self.account(name or self.name(), title=title, at=at)
        keep(Membership(user=user, organisation=organisation, role=role.value, began_on=SINCE), by=self.setting_up)
        return user


def settle_in(people: People, profile: str, *, carers: int) -> None:
    """Makes the two councils, the schools with three years of calendars, every role's people and the carers."""
    westmere = keep_authority(names.WESTMERE, "WM", profile)
    eastvale = keep_authority(names.EASTVALE, "EV", profile)
    people.westmere = _westmere(people, westmere, carers)
    people.eastvale = _eastvale(people, eastvale)
    _schools(people, {names.WESTMERE: westmere, names.EASTVALE: eastvale})
    _calendars(people)
    _schemes(people)


def keep_authority(name: str, code: str, profile: str) -> Authority:
    return Authority.objects.create(name=name, code=code, profile_name=profile)


def _organisation(kind: str, name: str, authority: Authority | None) -> Organisation:
    return Organisation.objects.create(kind=kind, name=name, authority=authority)


def _westmere(people: People, authority: Authority, carers: int) -> Council:
    office = _organisation("virtual_school", "Westmere Virtual School", authority)
    reviewing = _organisation("reviewing", "Westmere Reviewing Service", authority)
    post = people.post
    head = post(office, Role.VS_HEAD, "Dr S. Marlow", "Virtual school head")
    deputies = [post(office, Role.VS_DEPUTY, "Mr K. Adeyemi", "Deputy virtual school head")]
    caseworkers = [post(office, Role.VS_CASEWORKER, "Ms E. Petrou", "PEP caseworker")]
    data_officer = post(office, Role.VS_DATA, "Mr L. Byrne", "Data officer")
    post(office, Role.VS_FINANCE, "Ms N. Whitlock", "Finance officer")
    post(office, Role.ADMINISTRATOR, "Mr G. Ames", "Administrator")
    iros = [post(reviewing, Role.IRO, "Ms D. Ferreira")]
    caseworkers += [post(office, Role.VS_CASEWORKER) for _ in range(3)]
    iros += [post(reviewing, Role.IRO) for _ in range(4)]
    workers: list[User] = []
    for number, name in enumerate(names.TEAMS):
        team = _organisation("social_care", name, authority)
        post(team, Role.TEAM_MANAGER, "Ms J. Acheampong" if number == 0 else "")
        if number == 0:
            workers.append(post(team, Role.SOCIAL_WORKER, "Mr P. Doyle"))
        workers += [post(team, Role.SOCIAL_WORKER) for _ in range((4, 5, 4, 4)[number])]
    made = Council(authority, head, deputies, caseworkers, data_officer, workers, iros, [])
    first = people.account("Mrs H. Bright", at=people.setting_up.at - timedelta(days=365))
    people.bright = keep(
        Carer(authority=authority, name=first.name, email=first.email, user=first), by=people.setting_up
    )
    made.carers = _carers(people, authority, number=carers, accounts=max(2, carers // 7), without_email=2)
    return made


def _eastvale(people: People, authority: Authority) -> Council:
    office = _organisation("virtual_school", "Eastvale Virtual School", authority)
    reviewing = _organisation("reviewing", "Eastvale Reviewing Service", authority)
    team = _organisation("social_care", "Eastvale Children’s Team", authority)
    post = people.post
    head, deputy = post(office, Role.VS_HEAD), post(office, Role.VS_DEPUTY)
    made = Council(
        authority, head, [deputy], [post(office, Role.VS_CASEWORKER)], post(office, Role.VS_DATA),
        [post(team, Role.SOCIAL_WORKER) for _ in range(2)], [post(reviewing, Role.IRO)], [],
    )  # fmt: skip
    post(team, Role.TEAM_MANAGER)
    made.carers = _carers(people, authority, number=6, accounts=2, without_email=0)
    return made


def _carers(people: People, authority: Authority, *, number: int, accounts: int, without_email: int) -> list[Carer]:
    found = []
    for place in range(number):
        name = people.name()
        user = people.account(name) if place < accounts else None
        address = user.email if user else f"carer.{authority.code.lower()}.{place + 1}{ADDRESS}"
        if accounts <= place < accounts + without_email:
            address = ""
        carer = Carer(authority=authority, name=name, email=address, phone=f"01632 960{place + 100:03d}", user=user)
        found.append(keep(carer, by=people.setting_up))
    return found


def _schools(people: People, authorities: dict[str, Authority]) -> None:
    for number, (name, phase, area) in enumerate(names.SCHOOLS):
        organisation = _organisation("school", name, None)
        school = School.objects.create(
            organisation=organisation, urn=str(900_001 + number), phase=phase, area=area,
            local_authority=authorities.get(area),
        )  # fmt: skip
        leads = 0 if name == names.NOBODY_LEADS_AT else 2 if name == names.TWO_LEAD_AT else 1
        first = "Ms R. Khan" if number == 0 else ""
        people.teachers[school.pk] = [
            people.post(organisation, Role.DESIGNATED_TEACHER, first if not place else "") for place in range(leads)
        ]
        if number % 3 == 0:
            people.post(organisation, Role.HEAD_TEACHER)
        people.schools.append(school)


def _calendars(people: People) -> None:
    """Last year's, this year's and next year's pupil days, each published in the spring before it."""
    day = people.now.astimezone(LONDON).date()
    this = day.year if day.month >= 9 else day.year - 1
    for autumn in (this - 1, this, this + 1):
        at = min(datetime(autumn, 2, 3, 11, tzinfo=LONDON), people.now - timedelta(days=1))
        for council in (people.westmere, people.eastvale):
            by = people.as_(council.data_officer, at)
            name = f"{council.authority} term dates"
            publish_calendar(
                year=published_year(autumn), name=name, authority=council.authority, source="Council website", by=by
            )
        for school, differs in zip(people.schools, OWN_CALENDARS, strict=False):
            year = published_year(autumn, **differs)  # type: ignore[arg-type]
            owner = people.eastvale if school.area == names.EASTVALE else people.westmere
            by = people.as_(owner.data_officer, at)
            publish_calendar(year=year, name=f"{school}, own dates", school=school, source="School website", by=by)


def _schemes(people: People) -> None:
    """What the virtual school pays, for councils whose rules leave it to be entered each April."""
    day = people.now.astimezone(LONDON).date()
    this = day.year if day.month >= 4 else day.year - 1
    for council in (people.westmere, people.eastvale):
        policy = funding_policy(profile_for(council.authority, day).rules.table("funding"))
        if policy.scheme != "to_be_entered":
            continue
        for april in (this - 1, this):
            on = date(april, 4, 1)
            at = min(datetime(april, 4, 1, 10, tzinfo=LONDON), people.now)
            enter_scheme(
                council.authority, financial_year=financial_year(on), amount_pence=60_000, times_a_year=3,
                by=people.as_(council.head, at),
            )  # fmt: skip
