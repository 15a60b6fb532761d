"""Who may ask for a child's Pupil Premium Plus, agree it and see where it went."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404

from pepportal.access.actor import Actor
from pepportal.access.guard import require
from pepportal.access.roles import AUTHORITY_WIDE, may
from pepportal.access.vocabulary import May
from peps.form_documents import Section
from peps.policies import PepInView
from peps.states import PepState
from targets.queries import closed_because


@dataclass(frozen=True)
class Rights:
    """What one person may do with one plan's money now."""

    section: Section
    asks: bool
    agrees: bool
    closed: str
    """Why what is asked for can't be changed now, or nothing."""
    over: bool
    """The plan is closed: nothing is agreed for it any more."""
    owns: bool
    """The section is this person's to fill."""
    completes: bool
    """They may mark the section complete."""
    sees_targets: bool

    @property
    def may_ask(self) -> bool:
        return not self.closed and self.asks

    @property
    def may_decide(self) -> bool:
        return self.agrees and not self.over

    def require_asking(self) -> None:
        require(self.asks, f"“{self.section.title}” is not your part of this plan to fill in.")

    def require_deciding(self) -> None:
        require(self.agrees, f"Your part for this child doesn't include: {May.AGREE_FUNDING.value.lower()}.")


def rights(view: PepInView, actor: Actor) -> Rights:
    """``actor``'s rights on a plan's money. Raises Http404 where the plan's form has no such part. Without a school place
    whoever stands in for the school asks (R22)."""
    section = next((each for each in view.document.sections if "funding" in each.panels), None)
    if section is None:
        raise Http404("This plan's form has no such part.")
    owns = view.owns(section)
    return Rights(
        section=section,
        asks=owns or view.may(May.REQUEST_FUNDING),
        agrees=view.may(May.AGREE_FUNDING),
        closed=closed_because(view.pep, "funding"),
        over=view.pep.state == PepState.CLOSED,
        owns=owns,
        completes=view.may_complete(section),
        sees_targets=view.may(May.SEE_PEP),
    )


def authorities_with(actor: Actor, verb: May) -> list[UUID]:
    """The authorities all of whose children this person works for with ``verb``."""
    found = [h.authority_id for h in actor.held if h.role in AUTHORITY_WIDE and h.authority_id and may({h.role}, verb)]
    return list(dict.fromkeys(found))
