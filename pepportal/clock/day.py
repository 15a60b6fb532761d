"""A day's work of the clock in its order: what is owed, what opens, what follows into a new year, who is told."""

from __future__ import annotations

from dataclasses import dataclass

from pepportal.audit.acting import Acting
from pepportal.clock import actions, chasing, opening
from pepportal.clock.chasing import Chased
from peps.models import Pep


@dataclass(frozen=True)
class Done:
    """What a run did; after another run of the same day all of it is nothing."""

    swept: int
    """Obligations made, moved, met or dropped."""
    opened: list[Pep]
    rolled_over: int
    chased: Chased


def run(*, by: Acting) -> Done:
    """Everything that the beat jobs do in a day, once. What opening changes is swept before anybody is chased."""
    swept = actions.sweep(by=by).rows_changed
    opened = opening.open_due(by=by)
    rolled = opening.roll_over(by=by)
    while actions.sync_marked(by=by):
        pass
    return Done(swept, opened, rolled, chasing.chase(by=by))
