"""Whose absence a person may record: their own, and their people's."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from pepportal.access.actor import Actor
from pepportal.access.roles import Role
from pepportal.accounts.models import Absence, Membership, User

MANAGED = {
    Role.TEAM_MANAGER: (Role.SOCIAL_WORKER,),
    Role.VS_HEAD: (Role.VS_DEPUTY, Role.VS_CASEWORKER, Role.VS_DATA, Role.VS_FINANCE, Role.ADMINISTRATOR),
    Role.VS_DEPUTY: (Role.VS_CASEWORKER, Role.VS_DATA, Role.VS_FINANCE, Role.ADMINISTRATOR),
}
"""Manager -> the roles at the same organisation whose people are theirs."""


def people_of(actor: Actor) -> QuerySet[User]:
    """The people whose absence this person may record beside their own: of the team or the virtual school they manage, today."""
    theirs = Q(pk__in=[])
    for held in actor.held:
        roles = [role.value for role in MANAGED.get(held.role, ())]
        theirs |= Q(organisation=held.organisation_id, role__in=roles)
    members = Membership.objects.current(actor.today).filter(theirs).exclude(user=actor.user)
    return User.objects.filter(is_active=True, pk__in=members.values("user")).order_by("name", "pk")


def absences_in_reach(actor: Actor) -> QuerySet[Absence]:
    """The absences that this person may end: their own and their people's."""
    return Absence.objects.filter(Q(user=actor.user) | Q(user__in=people_of(actor))).select_related("user", "cover")
