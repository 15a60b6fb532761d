"""Who may write, confirm and review a plan's targets and enter its SDQ."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404

from pepportal.access.actor import Actor
from pepportal.access.guard import require
from pepportal.access.vocabulary import May
from peps.form_documents import Section
from peps.policies import PepInView
from targets.queries import closed_because


@dataclass(frozen=True)
class Rights:
    """What one person may do with one panel now."""

    section: Section
    owns: bool
    """The section is this person's to fill."""
    completes: bool
    """They may mark the section complete."""
    closed: str
    """Why the panel can't be written in now, or nothing."""
    verb: bool
    """A verb of theirs opens it too, whoever owns the section."""
    teacher: bool
    """What they write stands without another's confirming (R52)."""

    @property
    def may_write(self) -> bool:
        return not self.closed and (self.owns or self.verb)

    @property
    def may_confirm(self) -> bool:
        return not self.closed and self.teacher

    def require_writing(self) -> None:
        """403 where this panel is not theirs to fill. One that is closed for writing is the action's to refuse."""
        require(self.owns or self.verb, f"“{self.section.title}” is not your part of this plan to fill in.")


def rights(view: PepInView, actor: Actor, panel: str) -> Rights:
    """``actor``'s rights on the panel "targets" or "sdq". Raises Http404 where the plan's form has no such panel.

    Only a teacher sets targets (R52). While the child has no school place the council's stand-in fills the school's part
    (R22), and there is no teacher to wait for: what the stand-in writes stands.
    """
    section = next((each for each in view.document.sections if panel in each.panels), None)
    if section is None:
        raise Http404("This plan's form has no such part.")
    owns = view.owns(section)
    verb = view.may(May.DRAFT_TARGETS if panel == "targets" else May.ENTER_SDQ)
    teacher = view.may(May.CONFIRM_TARGETS) or (owns and not view.has_school)
    return Rights(section, owns, view.may_complete(section), closed_because(view.pep, panel), verb, teacher)
