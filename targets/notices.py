"""Which events of a plan's targets tell whom. No message names a child: the reference only (R46)."""

from __future__ import annotations

from children.queries import Team
from pepportal.audit.acting import Acting
from pepportal.notify.actions import Message, owe
from peps.models import Pep


def all_achieved(pep: Pep) -> Message:
    """The message behind ``new_targets_wanted``."""
    return Message(
        kind="new_targets_wanted",
        subject="Every target is achieved: new ones are wanted",
        lines=(
            f"At the progress review of the child {pep.child.reference}, {pep.term}, every target was judged achieved.",
            "Please draft new targets in the plan.",
            "You get this because you lead on looked-after children at the school.",
        ),
        link=f"/peps/{pep.pk}/targets/",
        link_text="Draft new targets",
        screen_text=f"{pep.child.name} has achieved every target: new ones are wanted in the plan.",
    )


def new_targets_wanted(pep: Pep, *, team: Team, by: Acting) -> int:
    """Asks the designated teacher, or the virtual school where there is none, for new targets (R7); how many were told now."""
    people = team.designated_teachers or team.virtual_school
    told = [
        owe(all_achieved(pep), to=person, about=f"pep:{pep.pk}:new-targets", by=by, child_id=pep.child_id)
        for person in people
    ]
    return sum(notice is not None for notice in told)


def samples(pep: Pep) -> dict[str, Message]:
    """One of each, for the test that none names the child."""
    return {"new_targets_wanted": all_achieved(pep)}
