"""Which events about a child's facts tell whom."""

from __future__ import annotations

from children.models import Child, School
from children.queries import Team
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
