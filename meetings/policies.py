"""Who may see a meeting: those who read the plan, and those who were asked to it while the child is still theirs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from children.models import Child
from children.policies import standing, with_standing
from meetings.models import Invitation, Meeting, OtherMeeting
from pepportal.access.actor import Actor
from pepportal.access.guard import require
from pepportal.access.roles import AUTHORITY_WIDE, Role, may
from pepportal.access.vocabulary import May
from pepportal.audit import actions as audit
from peps.policies import PepInView, pep_for

_BY_FACT = (Role.SOCIAL_WORKER, Role.IRO, Role.TEAM_MANAGER, Role.DESIGNATED_TEACHER, Role.HEAD_TEACHER)


def _of_plans_read(actor: Actor) -> QuerySet[Child]:
    """The children whose plans this person reads today, each for a fact of that child."""
    children = with_standing(actor)
    whole = [
        h.authority_id for h in actor.held if h.authority_id and h.role in AUTHORITY_WIDE and may({h.role}, May.SEE_PEP)
    ]
    reads = Q(authority__in=whole)
    for role in _BY_FACT:
        if may({role}, May.SEE_PEP) and f"_{role.value}" in children.query.annotations:
            reads |= Q(**{f"_{role.value}": True})
    return children.filter(reads)


def visible_to(actor: Actor) -> QuerySet[Meeting]:
    """Meetings of the plans this person reads, and those they were asked to about a child who is still theirs."""
    asked = Q(invitations__user=actor.user, pep__child__in=with_standing(actor).values("pk"))
    return Meeting.objects.filter(Q(pep__child__in=_of_plans_read(actor).values("pk")) | asked).distinct()


@dataclass(frozen=True)
class MeetingInView:
    """A meeting as one person sees it now."""

    meeting: Meeting
    roles: frozenset[Role]
    invitation: Invitation | None

    @property
    def reads_plan(self) -> bool:
        return may(self.roles, May.SEE_PEP)

    @property
    def may_arrange(self) -> bool:
        return may(self.roles, May.ARRANGE_MEETING)


def meeting_for(actor: Actor, meeting_id: UUID, *, looked_at: str = "") -> MeetingInView:
    """A meeting for its own page. 404 unless the actor reads the plan, or was asked and may answer for this child."""
    meeting = (
        Meeting.objects.select_related("pep__child__authority", "pep__episode", "pep__profile_version", "organised_by")
        .filter(pk=meeting_id)
        .first()
    )
    child = with_standing(actor).filter(pk=meeting.pep.child_id).first() if meeting else None
    if meeting is None or child is None:
        raise Http404("No such meeting among yours.")
    roles = standing(actor, child)
    invitation = Invitation.objects.filter(meeting=meeting, user=actor.user).first()
    asked = invitation is not None and may(roles, May.REPLY_TO_INVITATION)
    if not asked and not may(roles, May.SEE_PEP):
        raise Http404("No such meeting among yours.")
    if looked_at:
        audit.saw(looked_at, meeting, by=actor, child_id=child.pk)
    return MeetingInView(meeting, roles, invitation if asked else None)


def own_invitation(view: MeetingInView) -> Invitation:
    """The actor's own invitation, to answer. 403 for those who see the meeting but were not asked."""
    require(view.invitation is not None, "You were not asked to this meeting.")
    assert view.invitation is not None
    return view.invitation


def meeting_to_arrange(actor: Actor, meeting_id: UUID, *, looked_at: str = "") -> tuple[Meeting, PepInView]:
    """A meeting to move, cancel or record. 404 outside one's children, 403 without the verb."""
    meeting = Meeting.objects.select_related("organised_by").filter(pk=meeting_id).first()
    if meeting is None:
        raise Http404("No such meeting among yours.")
    view = pep_for(actor, meeting.pep_id, May.ARRANGE_MEETING, looked_at=looked_at)
    meeting.pep = view.pep
    return meeting, view


def other_to_change(actor: Actor, meeting_id: UUID, *, looked_at: str = "") -> tuple[OtherMeeting, PepInView]:
    """Another meeting's record, to put right. 404 outside one's children, 403 without the verb."""
    row = OtherMeeting.objects.filter(pk=meeting_id).first()
    if row is None:
        raise Http404("No such meeting among yours.")
    view = pep_for(actor, row.pep_id, May.ARRANGE_MEETING, looked_at=looked_at)
    row.pep = view.pep
    return row, view
