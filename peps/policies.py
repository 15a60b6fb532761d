"""Who may read and write which part of a plan: by the roles in which they stand by the child today (R20, R22-R25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import Http404

from children.models import Child, Enrolment, School
from children.policies import ChildInView, child_for
from pepportal.access.actor import Actor
from pepportal.access.guard import require
from pepportal.access.roles import ROLES, Role, may
from pepportal.access.vocabulary import May
from pepportal.audit import actions as audit
from pepportal.profiles.queries import rules_of
from pepportal.profiles.reading import Profile
from pepportal.ui.owners import owner as owner_look
from peps.form_documents import Field, FormDocument, Section
from peps.models import Pep
from peps.policy import pep_policy
from peps.queries import document_of
from peps.states import writable

WRITES: dict[str, May] = {
    "designated_teacher": May.WRITE_DT_SECTIONS,
    "social_worker": May.WRITE_SW_SECTIONS,
    "both": May.WRITE_BOTH_SECTIONS,
    "child": May.WRITE_CHILD_SECTION,
    "carer": May.WRITE_CARER_SECTION,
    "virtual_school": May.WRITE_VS_SECTIONS,
}
"""Section owner → the verb that fills it in."""

TEAM = frozenset(
    {
        Role.SOCIAL_WORKER, Role.TEAM_MANAGER, Role.DESIGNATED_TEACHER, Role.IRO, Role.VS_HEAD, Role.VS_DEPUTY, Role.VS_CASEWORKER,
        Role.VS_DATA,
    }
)  # fmt: skip
"""The team around the child: they alone read answers whose audience is the team."""


def may_write_section(
    roles: frozenset[Role], owner: str, *, has_school: bool, school_part_by: str = "virtual_school"
) -> bool:
    """Whether somebody standing by the child in ``roles`` may fill in a section of ``owner``.

    While the child has no school, whom the council's rules name (``school_part_by``) fills the designated teacher's sections
    too (R3, R22).
    """
    if may(roles, WRITES[owner]):
        return True
    stands_in = WRITES.get(school_part_by) if owner == "designated_teacher" and not has_school else None
    return stands_in is not None and may(roles, stands_in)


def may_read_field(roles: frozenset[Role], field: Field) -> bool:
    """Whether an answer may be read in the working plan by ``roles``: its audience says so."""
    if field.audience == "team":
        return bool(roles & TEAM)
    return field.audience == "all" or may(roles, May.SEE_PEP)


def owner_words(owner: str, child: Child) -> str:
    """Who owns a section, in words: the child by the name they go by."""
    return child.first_name if owner == "child" else owner_look(owner).words


@dataclass(frozen=True)
class PepInView:
    """A plan as one person sees it now."""

    pep: Pep
    child: Child
    roles: frozenset[Role]
    document: FormDocument
    rules: Profile
    has_school: bool
    school: School | None = None
    """Where the child goes today: no more of it than its calendar is found by."""

    def may(self, verb: May) -> bool:
        return may(self.roles, verb)

    def require(self, verb: May) -> None:
        """403, with a sentence, where none of this person's parts gives the verb."""
        require(self.may(verb), f"Your part for this child doesn't include: {verb.value.lower()}.")

    @property
    def writable(self) -> bool:
        return writable(self.pep.state)

    @property
    def _policy_words(self) -> tuple[str, tuple[str, ...]]:
        policy = pep_policy(self.rules.table("responsibilities"), self.rules.table("form"))
        return policy.school_part_without_school, policy.marks_complete

    @property
    def school_part_by(self) -> str:
        """Whose the designated teacher's sections are while the child has no school."""
        return self._policy_words[0]

    def owns(self, section: Section) -> bool:
        """Whether the section is this person's to fill in (whatever state the plan is in)."""
        return may_write_section(
            self.roles, section.owner, has_school=self.has_school, school_part_by=self.school_part_by
        )

    def require_owner(self, section: Section) -> None:
        """403 with the reason where the section isn't this person's to fill in."""
        require(self.owns(section), f"Only {self.owner_of(section)} fills this section in.")

    def may_complete(self, section: Section) -> bool:
        """Who fills a section in may mark it complete; so may whoever the council's rules let mark all sections (R25)."""
        marks = self._policy_words[1]
        return self.owns(section) or any(role.value in marks and may({role}, May.MARK_COMPLETE) for role in self.roles)

    def owner_of(self, section: Section) -> str:
        """ "the social worker", "the designated teacher or the social worker", "Amara"."""
        if section.owner == "both":
            return "the designated teacher or the social worker"
        words = owner_words(section.owner, self.child)
        return words if section.owner == "child" else f"the {words[:1].lower()}{words[1:]}"

    def readable(self, section: Section) -> tuple[Field, ...]:
        """The section's questions whose answers this person may read."""
        return tuple(each for each in section.fields if may_read_field(self.roles, each))

    @property
    def reads_plan(self) -> bool:
        return self.may(May.SEE_PEP)


def _pep_row(actor: Actor, pep_id: UUID) -> Pep:
    enrolled = Enrolment.objects.current(actor.today).filter(child=OuterRef("child"), main=True)
    pep = (
        Pep.objects.select_related("profile_version", "form_version")
        .annotate(
            school_pk=Subquery(enrolled.values("school")[:1]),
            school_area=Subquery(enrolled.values("school__local_authority")[:1]),
        )
        .filter(pk=pep_id)
        .first()
    )
    if pep is None:
        raise Http404("No such plan among yours.")
    return pep


def _in_view(pep: Pep, seen: ChildInView) -> PepInView:
    pep.child = seen.child
    row: Any = pep  # with the annotations of ``_pep_row``
    school = School(pk=row.school_pk, local_authority_id=row.school_area) if row.school_pk else None
    rules = rules_of(pep.profile_version)
    return PepInView(pep, seen.child, seen.roles, document_of(pep), rules, school is not None, school)


def pep_for(actor: Actor, pep_id: UUID, needs: May, *, looked_at: str = "") -> PepInView:
    """Loads a plan for a view. Of a child outside one's own: 404. Inside, but not one's verb: 403. Two queries.

    ``looked_at`` names what was shown ("the plan"): the look is written down before the answer leaves.
    """
    pep = _pep_row(actor, pep_id)
    return _in_view(pep, child_for(actor, pep.child_id, needs, looked_at=looked_at))


@dataclass(frozen=True)
class SectionInView:
    """One section of a plan as one person sees it now."""

    plan: PepInView
    section: Section

    @property
    def mine(self) -> bool:
        return self.plan.owns(self.section)


def section_for(actor: Actor, pep_id: UUID, key: str, *, looked_at: str = "") -> SectionInView:
    """Loads one section for a view: for those who read the plan, and for the carer or the child their own section only.

    404 outside one's children and for a section the form doesn't have; 403 for anybody else.
    """
    pep = _pep_row(actor, pep_id)
    seen = child_for(actor, pep.child_id, May.SEE_CHILD)
    plan = _in_view(pep, seen)
    try:
        section = plan.document.section(key)
    except KeyError:
        if plan.reads_plan:
            raise Http404("This plan has no such section.") from None
        raise PermissionDenied("Your part for this child doesn't include reading the plan.") from None
    own = section.owner in ("carer", "child") and plan.may(WRITES[section.owner])
    if not own:
        plan.require(May.SEE_PEP)
    if looked_at:
        audit.saw(looked_at, pep, by=actor, child_id=pep.child_id)
    return SectionInView(plan, section)


def writers(owner: str) -> tuple[Role, ...]:
    """The roles that fill in an owner's sections: the table that pages and tests read."""
    return tuple(role for role, about in ROLES.items() if WRITES[owner] in about.may)
