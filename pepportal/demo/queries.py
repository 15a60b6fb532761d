"""The people of the demonstration, a group a role, so that a visitor can be any of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from children.models import Carer, Child
from pepportal.access.roles import ROLES, Role
from pepportal.accounts.models import Membership, User

SHOWN = 6


@dataclass(frozen=True)
class Person:
    """One person to sign in as."""

    user: User
    where: str


@dataclass(frozen=True)
class Group:
    title: str
    sentence: str
    people: list[Person]
    more: int


def people_to_be(day: date, search: str = "") -> list[Group]:
    """Everyone with an account, by role; the first few of each, or all that fit ``search``."""
    rows: dict[Role, list[Person]] = {role: [] for role in Role}
    memberships = (
        Membership.objects.current(day)
        .select_related("user", "organisation__authority")
        .order_by("user__created_at", "user__name")
    )
    for held in memberships.filter(user__is_active=True):
        rows[Role(held.role)].append(Person(held.user, held.organisation.name))
    carers = (
        Carer.objects.filter(user__isnull=False)
        .select_related("user", "authority")
        .order_by("user__created_at", "name")
    )
    rows[Role.CARER] = [
        Person(carer.user, f"cares for children of {carer.authority}") for carer in carers if carer.user
    ]
    children = (
        Child.objects.filter(Q(user__isnull=False))
        .select_related("user", "authority")
        .order_by("user__created_at", "sort_name")
    )
    rows[Role.CHILD] = [Person(child.user, f"looked after by {child.authority}") for child in children if child.user]
    words = search.lower().split()
    groups = []
    for role, people in rows.items():
        fitting = [
            p for p in people if all(word in f"{p.user.name} {p.where} {ROLES[role].title}".lower() for word in words)
        ]
        if fitting:
            shown = fitting if words else fitting[:SHOWN]
            groups.append(Group(ROLES[role].title, ROLES[role].sentence, shown, len(fitting) - len(shown)))
    return groups
