"""Whom the money tells."""

from __future__ import annotations

from django.urls import reverse

from children.queries import team_of
from funding.models import FundingRequest
from pepportal.audit.acting import Acting
from pepportal.notify.actions import Message, owe
from pepportal.ui.wording import in_words, money
from peps.models import Pep


def released(request: FundingRequest, *, pep: Pep, by: Acting) -> None:
    """Tells the child's designated teachers that the money is released. No name leaves the portal (R46)."""
    message = Message(
        kind="money_released",
        subject=f"Pupil Premium Plus was released on {in_words(by.today)}",
        lines=(
            f"{money(request.agreed_pence or 0)} of Pupil Premium Plus has been released for the plan of {pep.child.reference}.",
            "You can spend it on what the plan says.",
            "You get this message because you are the designated teacher.",
        ),
        link=reverse("funding:panel", args=[pep.pk]),
        link_text="See the money in the plan",
        screen_text=f"{money(request.agreed_pence or 0)} was released for {pep.child.name}'s plan",
    )
    for teacher in team_of(pep.child, by.today).designated_teachers:
        owe(message, to=teacher, about=f"funding:{request.pk}:released", by=by, child_id=pep.child_id)
