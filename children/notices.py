"""Which events about a child's facts tell whom."""

from __future__ import annotations

from children.models import ChangeKind, Child, School
from children.queries import Team
from pepportal.accounts.models import User
from pepportal.audit.acting import Acting
from pepportal.notify.actions import Message, owe


def nobody_leads_at_the_school(child: Child, school: School, *, team: Team, by: Acting) -> None:
    """Asks the virtual school to find out who the designated teacher is, where the portal knows none at a child's school."""
    message = Message(
        kind="no_designated_teacher",
        subject="A school has no designated teacher in the portal",
        lines=(
            f"The school of the child {child.reference} has nobody recorded as designated teacher.",
            "Until there is one, nobody at the school sees the plan or can fill in their part.",
            "Please ask the school who it is, so that they can be invited.",
            "You get this because you work for the virtual school.",
        ),
        link=f"/schools/{school.pk}/",
        link_text="Open the school’s page",
        screen_text=f"{school} has no designated teacher recorded: {child.name} goes there.",
    )
    for person in (*team.virtual_school, *team.data_officers):
        owe(message, to=person, about=f"{school.pk}:{child.pk}:{by.today}", by=by, child_id=child.pk)


def people_in(role: str, team: Team) -> tuple[User, ...]:
    """Who stands by the child in a role that the council's rules name: people with an account."""
    one = {
        "social_worker": team.social_worker,
        "team_manager": team.team_manager,
        "iro": team.iro,
        "virtual_school_caseworker": team.caseworker,
    }
    if role == "designated_teacher":
        return team.designated_teachers
    if role == "virtual_school":
        return (team.caseworker,) if team.caseworker else team.virtual_school
    person = one.get(role)
    return (person,) if person else ()


def change_words(child: Child, kind: ChangeKind) -> Message:
    """The message behind ``changed``."""
    return Message(
        kind="something_changed",
        subject="A change for a child in care has been recorded",
        lines=(
            f"For the child {child.reference} this was recorded: {kind.label.lower()}.",
            "What happened, and on which day, is on the page. Where your council’s rules call another plan for it, the "
            "portal opens one.",
            "You get this because your council’s rules tell you when this happens, or because you work for the virtual school.",
        ),
        link=f"/children/{child.pk}/",
        link_text="Open the child’s page",
        screen_text=f"{child.name}: {kind.label.lower()}.",
    )  # fmt: skip


def changed(child: Child, kind: ChangeKind, *, about: str, tells: tuple[str, ...], team: Team, by: Acting) -> int:
    """Tells the virtual school, and whoever the council's rules name, of a recorded change (R8); how many were told now."""
    people = {each.pk: each for role in ("virtual_school", *tells) for each in people_in(role, team)}
    message = change_words(child, kind)
    told = [
        owe(message, to=each, about=about, by=by, child_id=child.pk)
        for each in people.values()
        if each.pk != by.user_id
    ]
    return sum(notice is not None for notice in told)


def move_words(child: Child, what: str) -> Message:
    """The message behind ``moved``; ``what`` is "school", "school place" or "home"."""
    said = {
        "school": "goes to another school",
        "school place": "has lost the school place",
        "home": "lives somewhere else",
    }[what]
    return Message(
        kind="child_moved",
        subject=f"A child in care {said}",
        lines=(
            f"The child {child.reference} {said}: it is on the child’s page, with the day.",
            "Please consider whether the care plan needs a review.",
            "You get this because your council’s rules tell you when a school or a placement changes.",
        ),
        link=f"/children/{child.pk}/",
        link_text="Open the child’s page",
        screen_text=f"{child.name} {said}.",
    )


def moved(child: Child, what: str, *, about: str, tells: tuple[str, ...], team: Team, by: Acting) -> int:
    """Tells whoever the council's rules name (the reviewing officer) that school or placement has changed (R8)."""
    people = {each.pk: each for role in tells for each in people_in(role, team)}
    message = move_words(child, what)
    told = [
        owe(message, to=each, about=about, by=by, child_id=child.pk)
        for each in people.values()
        if each.pk != by.user_id
    ]
    return sum(notice is not None for notice in told)


def samples(child: Child) -> dict[str, Message]:
    """One of each, for the test that none names the child."""
    found = [change_words(child, kind) for kind in ChangeKind]
    found += [move_words(child, what) for what in ("school", "school place", "home")]
    return {f"{message.kind} {number}": message for number, message in enumerate(found)}
