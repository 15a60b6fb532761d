"""Who has signed and whose turn it is, who must still check, and what a reviewer may decide. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

VIRTUAL_SCHOOL = "virtual_school"
CAN_CHECK: Mapping[str, frozenset[str]] = {
    VIRTUAL_SCHOOL: frozenset({"virtual_school_head", "virtual_school_deputy", "virtual_school_caseworker"}),
    "virtual_school_phase_lead": frozenset({"virtual_school_deputy", "virtual_school_caseworker"}),
}
"""Who may check as whom, by role; a checker not named here is the role of that name."""


class Step(Protocol):
    """A step of the council's ``[signatures]`` (qa.policy.SignatureStep)."""

    @property
    def role(self) -> str: ...
    @property
    def order(self) -> int: ...
    @property
    def statement(self) -> str: ...
    @property
    def title(self) -> str: ...

    def wanted(self, present: Collection[str]) -> bool: ...


@dataclass(frozen=True)
class Signed:
    """One signature as it was given."""

    step: str
    user_id: UUID
    name: str
    revision: int
    at: datetime


class StepState(StrEnum):
    SIGNED = "signed"
    VOID = "void"
    """Signed an earlier version; the plan has changed since: please sign again."""
    OPEN = "open"
    LATER = "later"
    """Waits for the signatures before it."""
    NOT_ASKED = "not_asked"
    """Only of somebody who was at the meeting, and they were not."""
    REVIEW = "review"
    """The virtual school's own step: signed by approving the plan."""


@dataclass(frozen=True)
class StepNow:
    step: Step
    state: StepState
    standing: Signed | None = None
    earlier: Signed | None = None
    """The newest signature that a change has made void, while none stands."""

    @property
    def turn(self) -> bool:
        """Whether somebody may sign this now, as far as the order goes."""
        return self.state in (StepState.OPEN, StepState.VOID)


@dataclass(frozen=True)
class SignatureState:
    steps: tuple[StepNow, ...]

    @property
    def turns(self) -> tuple[str, ...]:
        return tuple(each.step.role for each in self.steps if each.turn)

    @property
    def parties_have_signed(self) -> bool:
        """Whether nobody but the virtual school is still to sign: the plan goes to it (R70)."""
        waiting = {StepState.OPEN, StepState.VOID, StepState.LATER}
        return not any(each.state in waiting for each in self.steps)

    def step(self, role: str) -> StepNow:
        """Raises KeyError where the council asks no such signature."""
        for each in self.steps:
            if each.step.role == role:
                return each
        raise KeyError(role)


def of_virtual_school(role: str) -> bool:
    """Whether a step is the virtual school's own, signed last and by approving."""
    return role.startswith(VIRTUAL_SCHOOL)


def signature_state(
    steps: Sequence[Step], signatures: Iterable[Signed], revision: int, present_parts: Collection[str]
) -> SignatureState:
    """How each of the council's signatures stands at ``revision`` (R70).

    A signature holds at its own revision only. Steps of one order may be signed in any order; a higher one waits for all
    wanted steps below it. ``present_parts`` are the roles that were at the meeting and have an account to sign with.
    """
    newest: dict[str, Signed] = {}
    standing: dict[str, Signed] = {}
    for each in sorted(signatures, key=lambda one: one.at):
        newest[each.step] = each
        if each.revision == revision:
            standing[each.step] = each
    wanted = [each for each in steps if each.wanted(present_parts) or of_virtual_school(each.role)]
    unsigned = [each.order for each in wanted if each.role not in standing]
    lowest = min(unsigned, default=0)

    def now(step: Step) -> StepNow:
        if step.role in standing:
            return StepNow(step, StepState.SIGNED, standing[step.role])
        earlier = newest.get(step.role)
        if of_virtual_school(step.role):
            return StepNow(step, StepState.REVIEW, None, earlier)
        if step not in wanted:
            return StepNow(step, StepState.NOT_ASKED, None, earlier)
        if step.order > lowest:
            return StepNow(step, StepState.LATER, None, earlier)
        return StepNow(step, StepState.VOID if earlier else StepState.OPEN, None, earlier)

    return SignatureState(tuple(now(step) for step in sorted(steps, key=lambda step: step.order)))


def may_sign_step(
    step: StepNow,
    roles: Collection[str],
    *,
    user_id: UUID,
    state: SignatureState,
    different_people: bool,
    stands_in: bool,
) -> bool:
    """Whether a person who stands by the child in ``roles`` may give this signature now.

    ``stands_in``: the child has no school place and the council has the virtual school fill the school's part (R22).
    Where the council wants different people, nobody signs for two parts of one version.
    """
    if not step.turn:
        return False
    others = {each.standing.user_id for each in state.steps if each.standing and each.step.role != step.step.role}
    if different_people and user_id in others:
        return False
    if step.step.role in roles:
        return True
    return stands_in and step.step.role == "designated_teacher" and bool(CAN_CHECK[VIRTUAL_SCHOOL] & set(roles))


# --- the virtual school's check ---------------------------------------------------------------------------------------


def checks_needed(checkers: Iterable[str], steps: Iterable[Step]) -> tuple[str, ...]:
    """In which parts the virtual school must approve: those that the council names for the check or for signing last.
    A named part (head, deputy) takes the place of "the virtual school" (R71)."""
    named = dict.fromkeys([*checkers, *(step.role for step in steps if of_virtual_school(step.role))])
    particular = tuple(role for role in named if role != VIRTUAL_SCHOOL)
    return particular or (VIRTUAL_SCHOOL,)


def check_open_to(needed: Sequence[str], approved: Collection[str], roles: Collection[str]) -> str | None:
    """The part in which somebody who holds ``roles`` may still approve; None where none is left for them."""
    for checker in needed:
        if checker not in approved and CAN_CHECK.get(checker, frozenset({checker})) & set(roles):
            return checker
    return None


class Verdict(StrEnum):
    APPROVE = "approve"
    RETURN = "return"


def may_approve(
    *, good_enough: bool, check: str | None, has_signed: bool, different_people: bool, minimum: str, grade: str
) -> str:
    """Why a reviewer can't approve, in a sentence; nothing where they can (R71, R80)."""
    if check is None:
        return "Your council’s rules don’t ask for your approval here, or it has been given. You can still return the plan."
    if different_people and has_signed:
        return (
            "You have signed this plan for the school’s part, so somebody else of the virtual school must approve it."
        )
    if not good_enough:
        return (
            f"The overall grade is {grade.lower()}. Your council’s rules finalise a plan at {minimum.lower()} or better, "
            "so this one can only be returned."
        )
    return ""


def in_time(ready_on: date | None, last_day: date, today: date) -> tuple[str, str]:
    """A copy for a care review: (status, words). ``last_day`` is the last day on which it is in time (R73)."""
    if ready_on is not None:
        return ("met", "In time") if ready_on <= last_day else ("met_late", "Ready, but late for the review")
    return ("due", "Not finalised yet") if today <= last_day else ("late", "Late for the review")
