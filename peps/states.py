"""A PEP's states, and the one table of what may happen in each. No Django here."""

from __future__ import annotations

from enum import StrEnum


class PepState(StrEnum):
    PREPARING = "preparing"
    COMPLETING = "completing"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    FINALISED = "finalised"
    CLOSED = "closed"

    @property
    def words(self) -> str:
        return WORDS[self]

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(state.value, WORDS[state]) for state in cls]


WORDS = {
    PepState.PREPARING: "Getting ready",
    PepState.COMPLETING: "Being completed",
    PepState.SUBMITTED: "With the virtual school",
    PepState.RETURNED: "Returned",
    PepState.FINALISED: "Finalised",
    PepState.CLOSED: "Closed",
}


class PepEvent(StrEnum):
    HOLD_MEETING = "hold the meeting"
    SUBMIT = "submit"
    RETURN = "return for amendment"
    FINALISE = "finalise"
    CLOSE = "close"


TABLE: dict[tuple[PepState, PepEvent], PepState] = {
    (PepState.PREPARING, PepEvent.HOLD_MEETING): PepState.COMPLETING,
    (PepState.COMPLETING, PepEvent.SUBMIT): PepState.SUBMITTED,
    (PepState.RETURNED, PepEvent.SUBMIT): PepState.SUBMITTED,
    (PepState.SUBMITTED, PepEvent.RETURN): PepState.RETURNED,
    (PepState.SUBMITTED, PepEvent.FINALISE): PepState.FINALISED,
    (PepState.PREPARING, PepEvent.CLOSE): PepState.CLOSED,
    (PepState.COMPLETING, PepEvent.CLOSE): PepState.CLOSED,
    (PepState.SUBMITTED, PepEvent.CLOSE): PepState.CLOSED,
    (PepState.RETURNED, PepEvent.CLOSE): PepState.CLOSED,
}

WHO: dict[PepEvent, frozenset[str]] = {
    PepEvent.HOLD_MEETING: frozenset({"designated_teacher", "social_worker", "virtual_school_caseworker", "virtual_school_head",
                                      "virtual_school_deputy", "virtual_school_data_officer"}),
    PepEvent.SUBMIT: frozenset({"designated_teacher", "social_worker", "carer", "child", "virtual_school_caseworker",
                                "virtual_school_head", "virtual_school_deputy"}),
    PepEvent.RETURN: frozenset({"virtual_school_caseworker", "virtual_school_head", "virtual_school_deputy"}),
    PepEvent.FINALISE: frozenset({"virtual_school_caseworker", "virtual_school_head", "virtual_school_deputy"}),
    PepEvent.CLOSE: frozenset({"virtual_school_caseworker", "virtual_school_head", "virtual_school_deputy",
                               "virtual_school_data_officer"}),
}  # fmt: skip
"""Which roles may bring an event about; the actions check the verb, this table lets a test compare."""

WRITABLE = frozenset({PepState.PREPARING, PepState.COMPLETING, PepState.RETURNED})


class NotPossible(Exception):
    """The event can't happen in this state; says why in words for the person."""


def after(state: str, event: PepEvent) -> PepState:
    """The state that ``event`` leads to. Raises NotPossible, with a sentence, where it can't happen."""
    try:
        return TABLE[(PepState(state), event)]
    except KeyError:
        raise NotPossible(
            f"This plan is {WORDS[PepState(state)].lower()}: it isn't possible to {event.value} now."
        ) from None


def writable(state: str) -> bool:
    """Whether sections can be filled in: until it is with the virtual school, and again after a return."""
    return PepState(state) in WRITABLE
