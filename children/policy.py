"""What a council makes of a change for a child, read from its profile's `[deadlines]` table. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BY_THE_FACTS = frozenset({"school_change", "placement_change"})
"""Changes that the portal sees by itself: the child's school or home is recorded anew."""
AT_AN_INFORMAL_REVIEW = "concern_at_informal_review"


@dataclass(frozen=True)
class ChangePolicy:
    """Which changes call another plan, and who is told of them (R8)."""

    calls: tuple[str, ...]
    tells: tuple[str, ...]

    def recordable(self, *, informal_review: bool) -> tuple[str, ...]:
        """The changes that somebody has to record, in the council's order; a concern at an informal review only where
        such a review is going on."""
        return tuple(
            each
            for each in self.calls
            if each not in BY_THE_FACTS and (informal_review or each != AT_AN_INFORMAL_REVIEW)
        )


def change_policy(deadlines: Mapping[str, Any]) -> ChangePolicy:
    rule = deadlines["extra_pep"]
    return ChangePolicy(tuple(rule["on"]), tuple(rule.get("tells", ())))
