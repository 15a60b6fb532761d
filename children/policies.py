"""Who may see a child, and in what part: decided by facts that hold today, never by a list kept beside them (rule 4 of the house).

Who covers for somebody away stands where they stand, in the same part, for those days: where the part is an allocation (social
worker, IRO). Schools' and virtual schools' people see the same children as their cover anyway; nobody covers for a carer.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from children.models import Allocation, CareEpisode, Child, ChildGrant, Enrolment, Part, Placement
from pepportal.access.actor import Actor
from pepportal.access.guard import require
from pepportal.access.roles import AUTHORITY_WIDE, Role, may
from pepportal.access.vocabulary import May
from pepportal.accounts.models import Membership, holds_on
from pepportal.accounts.queries import covered_by
from pepportal.audit import actions as audit

PARTS = {Part.SOCIAL_WORKER: Role.SOCIAL_WORKER, Part.IRO: Role.IRO, Part.CASEWORKER: Role.VS_CASEWORKER}


def _facts(actor: Actor) -> dict[str, Exists]:
    """For each way of standing by a child today: whether this person does. In care only, but for allocations, which end by themselves."""
    day = actor.today
    allocated = Allocation.objects.filter(child=OuterRef("pk")).current(day)
    in_care = CareEpisode.objects.filter(child=OuterRef("child")).current(day)
    facts = {
        f"_{role.value}": Exists(allocated.filter(_theirs(actor, role), part=part))
        for part, role in PARTS.items()
        if part != Part.CASEWORKER
    }
    facts["_carer"] = Exists(
        Placement.objects.filter(Exists(in_care), child=OuterRef("pk"), carer__user=actor.user).current(day)
    )
    for role in (Role.DESIGNATED_TEACHER, Role.HEAD_TEACHER):
        if schools := actor.organisations(role):
            facts[f"_{role.value}"] = Exists(
                Enrolment.objects.filter(Exists(in_care), child=OuterRef("pk"), school__in=schools).current(day)
            )
    if teams := actor.organisations(Role.TEAM_MANAGER):
        in_team = Membership.objects.filter(
            holds_on(day), user=OuterRef("user"), organisation__in=teams, role=Role.SOCIAL_WORKER
        )
        facts["_team_manager"] = Exists(
            Allocation.objects.filter(Exists(in_team), child=OuterRef("pk"), part=Part.SOCIAL_WORKER).current(day)
        )
    facts["_granted"] = Exists(ChildGrant.objects.filter(holds_on(day), content_object=OuterRef("pk"), user=actor.user))
    return facts


def _theirs(actor: Actor, role: Role) -> Q:
    """An allocation's person is this one or, where they hold the same role themselves today, somebody for whom they stand in."""
    own = Q(user=actor.user)
    return own | Q(user__in=covered_by(actor.user.pk, actor.today)) if actor.holds(role) else own


def visible_to(actor: Actor) -> QuerySet[Child]:
    """The children this person may find today. One query, joins only."""
    seen = Q(user=actor.user)
    if actor.whole_authorities:
        seen |= Q(authority__in=actor.whole_authorities)
    for fact in _facts(actor).values():
        seen |= Q(fact)
    return Child.objects.filter(seen)


def with_standing(actor: Actor) -> QuerySet[Child]:
    """``visible_to`` with each row knowing in what part this person sees the child; read it with ``standing``."""
    return visible_to(actor).annotate(**_facts(actor))


def standing(actor: Actor, child: Child) -> frozenset[Role]:
    """The roles in which this person stands by the child today. ``child`` comes from ``with_standing``."""
    roles = {h.role for h in actor.held if h.role in AUTHORITY_WIDE and h.authority_id == child.authority_id}
    for role in (*PARTS.values(), Role.CARER, Role.DESIGNATED_TEACHER, Role.HEAD_TEACHER, Role.TEAM_MANAGER):
        if getattr(child, f"_{role.value}", False):
            roles.add(role)
    if child.user_id == actor.user_id:
        roles.add(Role.CHILD)
    return frozenset(roles)


@dataclass(frozen=True)
class ChildInView:
    """A child as one person sees them now."""

    child: Child
    roles: frozenset[Role]

    def may(self, verb: May) -> bool:
        return may(self.roles, verb)

    def require(self, verb: May) -> None:
        """403, with a sentence, where none of this person's parts gives the verb."""
        require(self.may(verb), f"Your part for this child doesn't include: {verb.value.lower()}.")


def child_for(actor: Actor, child_id: UUID, needs: May, *, looked_at: str = "") -> ChildInView:
    """Loads a child for a view. Outside one's children: 404. Inside, but not one's verb: 403.

    ``looked_at`` names what was shown ("child's page"): the look is written down before the answer leaves.
    """
    child = with_standing(actor).select_related("authority").filter(pk=child_id).first()
    if child is None:
        raise Http404("No such child among yours.")
    view = ChildInView(child, standing(actor, child))
    view.require(needs)
    if looked_at:
        audit.saw(looked_at, child, by=actor, child_id=child.pk)
    return view
