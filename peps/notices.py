"""Which events of a plan tell whom. No message names a child: the reference only (R46)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from children.models import Child
from children.queries import Team
from pepportal.accounts.models import User
from pepportal.audit.acting import Acting
from pepportal.notify.actions import Message, owe
from peps.models import Pep


def people_in(part: str, team: Team) -> tuple[User, ...]:
    """Who stands for a part that the council's rules name ("social_worker", "virtual_school"): people with an account."""
    one = {
        "social_worker": team.social_worker,
        "team_manager": team.team_manager,
        "iro": team.iro,
        "carer": team.carer.user if team.carer else None,
        "virtual_school_caseworker": team.caseworker,
        "virtual_school": team.caseworker,
    }
    if part == "designated_teacher":
        return team.designated_teachers
    if person := one.get(part):
        return (person,)
    return team.virtual_school if part == "virtual_school" else ()


def opened(
    pep: Pep,
    child: Child,
    *,
    parts: Iterable[str],
    carer_page: str,
    team: Team,
    by: Acting,
    but: Collection[UUID] = (),
) -> None:
    """Tells those whom the council's rules name (``told_at_start``) that a plan is open and has a part for them.

    Carers don't read the working plan: their link leads to their own section (``carer_page``), or nowhere if there is none.
    Nobody in ``but`` is told: they have been already.
    """
    for part in parts:
        link = carer_page if part == "carer" else f"/peps/{pep.pk}/"
        if not link:
            continue
        message = Message(
            kind="pep_opened",
            subject="A PEP has been opened and has a part for you",
            lines=(
                f"{pep.get_kind_display()} for the child {child.reference}, {pep.term}: the plan is open.",
                "Please fill in your part before the meeting. You will be told the day.",
                "You get this because you are part of the team around the child.",
            ),
            link=link,
            link_text="Open your part",
            screen_text=f"{child.name}: {str(pep).lower()}, is open and has a part for you.",
        )
        for person in people_in(part, team):
            if person.pk not in but:
                owe(message, to=person, about=f"pep:{pep.pk}", by=by, child_id=child.pk)


def formal_now(pep: Pep) -> Message:
    """The message behind ``became_formal``."""
    return Message(
        kind="review_formal",
        subject="A PEP review needs a formal meeting",
        lines=(
            f"For the child {pep.child.reference} a concern was recorded at the informal review, {pep.term}.",
            "The review is now a formal one: please arrange its meeting.",
            "You get this because your council’s rules make it your part to arrange it, or because you work for the virtual "
            "school.",
        ),
        link=f"/peps/{pep.pk}/meeting/",
        link_text="Arrange the meeting",
        screen_text=f"{pep.child.name}: the informal review is now a formal one. Its meeting needs arranging.",
    )  # fmt: skip


def became_formal(pep: Pep, *, part: str, team: Team, by: Acting) -> None:
    """Tells whoever arranges this review's meeting, and the virtual school, that it needs one after all (R6)."""
    people = {each.pk: each for role in (part, "virtual_school") for each in people_in(role, team)}
    for person in people.values():
        if person.pk != by.user_id:
            owe(formal_now(pep), to=person, about=f"pep:{pep.pk}:formal", by=by, child_id=pep.child_id)
