"""What this room itself says: who covers for whom. (The daily e-mail has several links: rules.py and notices/digest.txt.)"""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from pepportal.accounts.models import Absence
from pepportal.accounts.queries import last_day
from pepportal.audit.acting import Acting
from pepportal.notify.actions import Message, owe
from pepportal.ui.wording import in_words


def you_cover(absence: Absence) -> Message:
    """To the cover, when an absence is recorded. Staff are named, a child is not (R46)."""
    name = absence.user.name
    days = f"from {in_words(absence.began_on, year=False)} until {in_words(last_day(absence), year=False)}"
    return Message(
        kind="you_cover",
        subject=f"You cover for {name} from {in_words(absence.began_on, year=False)}",
        lines=(
            f"{name} is away {days}, and you cover.",
            "Their messages come to you for these days, and you find their children among yours.",
            f"You get this because you were chosen to cover. If that is wrong, tell {name} or their manager.",
        ),
        link=reverse("notify:away"),
        link_text="See for whom you cover",
        screen_text="",
    )


def you_cover_no_more(absence: Absence, *, day: date) -> Message:
    """To the cover, when an absence is ended or called off."""
    name = absence.user.name
    return Message(
        kind="you_cover_no_more",
        subject=f"You no longer cover for {name}",
        lines=(
            f"From {in_words(day, year=False)} {name}’s messages and children are with them again.",
            "You get this because you were to cover for them.",
        ),
        link=reverse("notify:away"),
        link_text="See for whom you cover",
        screen_text="",
    )


def tell_the_cover(absence: Absence, *, by: Acting) -> None:
    """Tells who covers, when an absence is recorded."""
    owe(you_cover(absence), to=absence.cover, about=f"absence:{absence.pk}", by=by)


def tell_the_cover_that_it_is_over(absence: Absence, *, by: Acting) -> None:
    """Tells who covered, when an absence is ended early or called off."""
    owe(you_cover_no_more(absence, day=by.today), to=absence.cover, about=f"absence:{absence.pk}:over", by=by)
