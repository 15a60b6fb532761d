"""Rows for tests. Everything is fictional."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import factory

from children import models as children
from pepportal.accounts import models as accounts

LONDON = ZoneInfo("Europe/London")
LONG_AGO = date(2024, 9, 1)
A_MOMENT = datetime(2026, 9, 1, 9, 0, tzinfo=LONDON)


class AuthorityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = accounts.Authority

    name = factory.Sequence(lambda n: f"Testshire {n}")
    code = factory.Sequence(lambda n: f"T{n}")


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = accounts.Organisation

    kind = "virtual_school"
    name = factory.Sequence(lambda n: f"Organisation {n}")
    authority = factory.SubFactory(AuthorityFactory)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = accounts.User

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@portal.example")
    password = "!"


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = accounts.Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = "virtual_school_caseworker"
    began_on = LONG_AGO


class SchoolFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = children.School

    organisation = factory.SubFactory(OrganisationFactory, kind="school", authority=None)
    phase = "primary"
    area = "Westmere"


class ChildFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = children.Child

    authority = factory.SubFactory(AuthorityFactory)
    reference = factory.Sequence(lambda n: f"T-{n:04d}")
    given_name = factory.Sequence(lambda n: f"Given{n}")
    family_name = "Example"
    date_of_birth = date(2016, 5, 14)
    sort_name = factory.LazyAttribute(lambda c: f"{c.family_name} {c.given_name}".lower())
    created_at = A_MOMENT


class CareEpisodeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = children.CareEpisode

    child = factory.SubFactory(ChildFactory)
    began_on = date(2026, 10, 5)
    planned = True
    legal_status = "section_20"


class CarerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = children.Carer

    authority = factory.SubFactory(AuthorityFactory)
    name = factory.Sequence(lambda n: f"Carer {n}")


class PlacementFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = children.Placement

    episode = factory.SubFactory(CareEpisodeFactory)
    child = factory.SelfAttribute("episode.child")
    kind = "foster"
    area = "Westmere"
    began_on = factory.SelfAttribute("episode.began_on")


class EnrolmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = children.Enrolment

    child = factory.SubFactory(ChildFactory)
    school = factory.SubFactory(SchoolFactory)
    began_on = LONG_AGO


class AllocationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = children.Allocation

    child = factory.SubFactory(ChildFactory)
    user = factory.SubFactory(UserFactory)
    part = "social_worker"
    began_on = date(2026, 10, 5)


class CalendarFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = children.Calendar

    academic_year = "2026/27"
    name = "Westmere pattern"
    published_at = A_MOMENT
    spans = [
        ["2026-09-02", "2026-10-23", "autumn term, first half"],
        ["2026-11-02", "2026-12-18", "autumn term, second half"],
        ["2027-01-04", "2027-02-12", "spring term, first half"],
        ["2027-02-22", "2027-03-25", "spring term, second half"],
        ["2027-04-12", "2027-05-28", "summer term, first half"],
        ["2027-06-07", "2027-07-21", "summer term, second half"],
    ]
    closures = [
        ["2026-09-02", "inset", "Staff training"],
        ["2026-11-02", "inset", "Staff training"],
        ["2027-01-04", "inset", "Staff training"],
        ["2027-04-12", "inset", "Staff training"],
        ["2027-06-07", "inset", "Staff training"],
    ]


CALENDAR_2025 = {
    "academic_year": "2025/26",
    "spans": [
        ["2025-09-03", "2025-10-24", "autumn term, first half"],
        ["2025-11-03", "2025-12-19", "autumn term, second half"],
        ["2026-01-05", "2026-02-13", "spring term, first half"],
        ["2026-02-23", "2026-03-27", "spring term, second half"],
        ["2026-04-13", "2026-05-22", "summer term, first half"],
        ["2026-06-01", "2026-07-22", "summer term, second half"],
    ],
    "closures": [
        ["2025-09-03", "inset", "Staff training"],
        ["2025-11-03", "inset", "Staff training"],
        ["2026-02-23", "inset", "Staff training"],
        ["2026-05-01", "inset", "Staff training"],
        ["2026-06-26", "inset", "Staff training"],
    ],
}
