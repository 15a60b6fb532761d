"""The signatures' page as plain rows: each step, how it stands, in words, and whether it is the reader's to give."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pepportal.access.roles import Role
from pepportal.ui.wording import in_words, join_words
from peps.models import Pep
from peps.queries import fills_in
from qa import queries, rules
from qa.actions import why_nobody_signs
from qa.rules import StepState


@dataclass(frozen=True)
class SignatureRow:
    """One line of components/signatures.html."""

    key: str
    """The step's role, as the council's rules name it."""
    role: str
    """In words."""
    name: str
    signed_at: datetime | None
    status: str
    status_word: str
    reason: str
    statement: str
    mine: bool
    again: bool


@dataclass(frozen=True)
class Board:
    rows: tuple[SignatureRow, ...]
    why_nobody: str
    left: tuple[tuple[str, str], ...]
    """Sections still open: key and title."""

    @property
    def mine(self) -> list[SignatureRow]:
        return [row for row in self.rows if row.mine]


STATUS = {
    StepState.SIGNED: ("signed", "Signed"),
    StepState.VOID: ("needs_change", "Sign again"),
    StepState.OPEN: ("waiting", "Not signed yet"),
    StepState.LATER: ("not_yet", "Later"),
    StepState.NOT_ASKED: ("not_needed", "Not asked"),
    StepState.REVIEW: ("not_yet", "By checking"),
}


def board_of(pep: Pep, *, roles: Collection[Role], user_id: UUID, stands_in: bool, today: date) -> Board:
    """The signatures of a plan as somebody standing by the child in ``roles`` sees them. At most 15 queries, whoever signs."""
    policy, state, why = queries.signatures_policy(pep), queries.signatures_now(pep), why_nobody_signs(pep)
    left = queries.sections_left(pep) if why else []
    plain = {role.value for role in roles}
    rows = []
    for each in state.steps:
        mine = not why and rules.may_sign_step(
            each, plain, user_id=user_id, state=state, different_people=policy.different_people, stands_in=stands_in
        )
        rows.append(_row(each, pep, mine=mine, stands_in=stands_in, today=today))
    return Board(tuple(rows), why, tuple(left))


def _who(each: rules.StepNow, pep: Pep, *, stands_in: bool, today: date) -> str:
    """Whose signature it is, by name where somebody is in that part."""
    if each.standing:
        return each.standing.name
    if rules.of_virtual_school(each.step.role) or (stands_in and each.step.role == "designated_teacher"):
        return f"{pep.child.authority.name} Virtual School"
    return join_words(fills_in(each.step.role, pep.child, today), last="or") or "Nobody at present"


def _row(each: rules.StepNow, pep: Pep, *, mine: bool, stands_in: bool, today: date) -> SignatureRow:
    part = queries.part_words(each.step.role, each.step.title)
    status, word = STATUS[each.state]
    signed, earlier = each.standing, each.earlier
    reason = ""
    if earlier is not None and each.state != StepState.SIGNED:
        again = "please sign again" if each.turn else "it will be asked for again"
        reason = f"Signed by {earlier.name} on {in_words(earlier.at, year=False)}; the plan has changed since: {again}"
    elif each.state == StepState.NOT_ASKED:
        reason = "Only asked of somebody who was at the meeting"
    elif each.state == StepState.REVIEW:
        reason = "Signs last, by approving the plan"
    elif each.state == StepState.LATER:
        reason = "Signs when those before have signed"
    elif stands_in and each.step.role == "designated_teacher" and not signed:
        reason = "The child has no school place: the virtual school signs for the school’s part"
    return SignatureRow(
        key=each.step.role, role=part, name=_who(each, pep, stands_in=stands_in, today=today), signed_at=signed.at if signed else None,
        status=status, status_word=word, reason=reason, statement=each.step.statement, mine=mine, again=earlier is not None,
    )  # fmt: skip
