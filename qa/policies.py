"""Who may open which copy, sign which step, check which plan."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404

from children.policies import ChildInView, standing, with_standing
from pepportal.access.actor import Actor
from pepportal.access.guard import require
from pepportal.access.roles import Role, may
from pepportal.access.vocabulary import May
from pepportal.profiles.queries import rules_of
from peps.models import Pep
from qa import rules
from qa.models import Audience, Edition

WHOLE_RECORD = (
    Role.SOCIAL_WORKER, Role.TEAM_MANAGER, Role.VS_HEAD, Role.VS_DEPUTY, Role.VS_CASEWORKER, Role.VS_DATA, Role.ADMINISTRATOR,
)  # fmt: skip
"""Those who hold the full record may open every copy of it: they print and post the others'."""
COPIES: dict[Role, frozenset[str]] = {role: frozenset(Audience.values) for role in WHOLE_RECORD} | {
    Role.DESIGNATED_TEACHER: frozenset({Audience.SCHOOL, Audience.CHILD}),
    Role.HEAD_TEACHER: frozenset({Audience.SCHOOL}),
    Role.IRO: frozenset({Audience.IRO}),
    Role.CARER: frozenset({Audience.CARER}),
    Role.CHILD: frozenset({Audience.CHILD}),
}
"""Which copies each part may open (R73, R74, R78). A designated teacher may hand the child's own copy over on paper."""
DRAFTS = {Role.DESIGNATED_TEACHER: Audience.SCHOOL, Role.IRO: Audience.IRO} | dict.fromkeys(WHOLE_RECORD, Audience.FULL)


def copies_for(roles: Collection[Role]) -> frozenset[str]:
    """The audiences whose finished copies somebody in these parts may open."""
    return frozenset().union(*(COPIES.get(role, frozenset()) for role in roles))


_VIRTUAL_SCHOOL = frozenset({Role.VS_HEAD, Role.VS_DEPUTY, Role.VS_CASEWORKER})
SENDERS: dict[str, frozenset[Role]] = {
    "social_worker": frozenset({Role.SOCIAL_WORKER, Role.TEAM_MANAGER}),
    "virtual_school": frozenset({Role.VS_DATA}),
    "data_team": frozenset({Role.VS_DATA}),
}
"""Whom the council's `[sharing]` makes see to a copy, and the parts in which people do. The virtual school stands in for all."""


def sender_of(pep: Pep, method: str) -> str:
    """Who sees to a copy that leaves by hand (R81): by post, the carer's; by upload, the case system's. A role's word."""
    where = "to_case_system" if method == "upload" else "to_carer"
    return str(rules_of(pep.profile_version).table("sharing").get(where, {}).get("by", "virtual_school"))


def may_send(pep: Pep, audience: str, method: str, roles: Collection[Role]) -> bool:
    """Whether somebody in these parts may write down that a copy has gone: its owner under the council's rules, or the virtual
    school, and only those who may open the copy."""
    owners = SENDERS.get(sender_of(pep, method), frozenset()) | _VIRTUAL_SCHOOL
    return bool(owners & frozenset(roles)) and audience in copies_for(roles)


def draft_for(roles: Collection[Role]) -> str | None:
    """The audience of the draft copy that somebody in these parts may have made: the fullest they may read."""
    held = frozenset(roles)
    if not (may(held, May.EXPORT_PDF) and may(held, May.SEE_PEP)):
        return None
    able = [DRAFTS[role] for role in held if role in DRAFTS and may({role}, May.EXPORT_PDF)]
    order = (Audience.FULL, Audience.IRO, Audience.SCHOOL)
    return next((audience for audience in order if audience in able), None)


@dataclass(frozen=True)
class EditionInView:
    edition: Edition
    roles: frozenset[Role]


def edition_for(actor: Actor, edition_id: UUID) -> EditionInView:
    """Loads a copy for somebody it is meant for. Outside one's children: 404. Another reader's copy, or a draft: 403."""
    edition = (
        Edition.objects.filter(pk=edition_id, pep__child__in=with_standing(actor).values("pk"))
        .select_related("pep__child__authority", "pep__profile_version", "pep__form_version")
        .first()
    )
    if edition is None:
        raise Http404("No such copy among yours.")
    child = with_standing(actor).get(pk=edition.pep.child_id)
    roles = standing(actor, child)
    require(
        may(roles, May.SEE_SHARED_EDITION),
        "Your part for this child doesn't include: read the finished copy meant for them.",
    )
    if edition.draft:
        require(draft_for(roles) == edition.audience, "Drafts are for those who work on the plan.")
    else:
        require(edition.audience in copies_for(roles), "This copy is meant for somebody else.")
    return EditionInView(edition, roles)


@dataclass(frozen=True)
class PepAsParty:
    """A plan as somebody sees it who has a part in signing it, whether they read the working plan or not."""

    pep: Pep
    view: ChildInView

    @property
    def roles(self) -> frozenset[Role]:
        return self.view.roles

    @property
    def reads_plan(self) -> bool:
        return self.view.may(May.SEE_PEP)


def pep_as_party(actor: Actor, pep_id: UUID) -> PepAsParty:
    """Loads a plan for its signatures' page. Outside one's children: 404; no part in it and no right to read it: 403."""
    pep = (
        Pep.objects.filter(pk=pep_id, child__in=with_standing(actor).values("pk"))
        .select_related("child__authority", "child__user", "episode", "form_version", "profile_version")
        .first()
    )
    if pep is None:
        raise Http404("No such plan among yours.")
    child = with_standing(actor).select_related("authority", "user").get(pk=pep.child_id)
    pep.child = child
    view = ChildInView(child, standing(actor, child))
    asked = {step["role"] for step in rules_of(pep.profile_version).table("signatures")["steps"]}
    require(
        view.may(May.SEE_PEP) or bool(asked & {role.value for role in view.roles}),
        "Your part for this child doesn't include this plan.",
    )
    return PepAsParty(pep, view)


def stands_in(pep: Pep, *, has_school: bool) -> bool:
    """Whether the virtual school signs for the school's part: no school place, and the council gives it that part (R22)."""
    return (
        not has_school
        and rules_of(pep.profile_version).table("responsibilities")["without_school_place"]["school_part_by"]
        == rules.VIRTUAL_SCHOOL
    )
