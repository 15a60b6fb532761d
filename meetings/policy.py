"""Who a council wants at a PEP meeting, read from its profile's `[responsibilities]` table. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

ATTENDANCE_REASONS: Mapping[str, str] = {
    "always": "The virtual school attends every meeting.",
    "first_meeting": "It is the child's first meeting.",
    "as_required": "The virtual school was asked to come.",
    "new_case": "The child is new to the virtual school.",
    "school_move": "The child is moving or has moved school.",
    "out_of_borough": "The child is at school outside the authority.",
    "red_rated": "There is serious concern about the child's education.",
    "independent_chair": "Somebody independent is wanted to lead the meeting.",
    "year_6": "The child is in Year 6.",
    "year_11": "The child is in Year 11.",
    "published_criteria": "The virtual school's published criteria are met.",
}


@dataclass(frozen=True)
class MeetingPolicy:
    organises_first: str
    organises_reviews: str
    sets_next: str
    chairs: str
    may_chair: tuple[str, ...]
    must_attend: tuple[str, ...]
    expected: tuple[str, ...]
    invited: tuple[str, ...]
    virtual_school_attends: tuple[str, ...]
    invitations_warn_above: int
    without_school_meets_at: str

    def organiser(self, *, first: bool) -> str:
        return self.organises_first if first else self.organises_reviews

    def why_virtual_school_attends(self, facts: Collection[str]) -> tuple[str, ...]:
        """Reasons, in words, for the virtual school to be there (R43), of the criteria that hold for this meeting."""
        return tuple(
            ATTENDANCE_REASONS[each] for each in self.virtual_school_attends if each == "always" or each in facts
        )

    def too_many(self, invited: int) -> bool:
        """Whether the list is longer than the council wants (R46): a warning, never a refusal."""
        return invited > self.invitations_warn_above

    def absent(self, present: Collection[str]) -> tuple[str, ...]:
        """The roles that had to be there and were not (R40, R47)."""
        return tuple(role for role in self.must_attend if role not in present)


def meeting_policy(table: Mapping[str, Any]) -> MeetingPolicy:
    return MeetingPolicy(
        organises_first=table["organises_first_meeting"],
        organises_reviews=table["organises_reviews"],
        sets_next=table["sets_next_meeting"],
        chairs=table["chairs"],
        may_chair=tuple(table["may_chair"]),
        must_attend=tuple(table["must_attend"]),
        expected=tuple(table["expected"]),
        invited=tuple(table["invited"]),
        virtual_school_attends=tuple(table["virtual_school_attends"]),
        invitations_warn_above=table["invitations_warn_above"],
        without_school_meets_at=table["without_school_place"].get("meeting_at", "placement"),
    )
