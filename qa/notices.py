"""What signing, checking and finalising say to whom. Subject and lines name no child, school or initials (R46)."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from pepportal.notify.actions import Message
from pepportal.ui.wording import in_words
from peps.models import Pep


def please_sign(pep: Pep, *, again: bool, due_on: date | None = None) -> Message:
    """To each person whose turn it is to sign (R70)."""
    when = f" by {in_words(due_on, year=False)}" if due_on else ""
    why = (
        "The plan has changed since you signed it, so your signature doesn’t count any more."
        if again
        else "Every section is complete, and it is your turn."
    )
    return Message(
        kind="please_sign",
        due_on=due_on,
        subject=f"A plan needs your signature{when}",
        lines=(
            "A Personal Education Plan (PEP) is ready for your signature.",
            f"Please read it and sign{when}.",
            why,
            "You get this because your council’s rules ask for your signature.",
        ),
        link=reverse("qa:signatures", args=[pep.pk]),
        link_text="Read and sign",
        screen_text=f"{pep.child.first_name}’s plan needs your signature{when}.",
    )


def submitted(pep: Pep, *, due_on: date | None = None) -> Message:
    """To the virtual school, when everybody else has signed (R71)."""
    when = f" by {in_words(due_on, year=False)}" if due_on else ""
    return Message(
        kind="plan_submitted",
        due_on=due_on,
        subject=f"A plan waits for your check{when}",
        lines=(
            "A Personal Education Plan (PEP) has been signed and is with the virtual school.",
            f"Please check it{when}: finalise it, or return it with a reason.",
            "You get this because you check plans for your virtual school.",
        ),
        link=reverse("qa:quality", args=[pep.pk]),
        link_text="Check the plan",
        screen_text=f"{pep.child.name}’s plan is signed and waits for the virtual school’s check.",
    )


def returned(pep: Pep) -> Message:
    """To those whom the council names, when a plan comes back. The reason stands in the portal only (R71)."""
    return Message(
        kind="plan_returned",
        subject="A plan has been returned to you",
        lines=(
            "The virtual school has read a Personal Education Plan (PEP) and asks for a change before it is finalised.",
            "What to change, and why, is on the plan’s page. The other sections stay as they are.",
            "You get this because the plan has a part that is yours.",
        ),
        link=reverse("qa:quality", args=[pep.pk]),
        link_text="See what to change",
        screen_text=f"The virtual school has returned {pep.child.first_name}’s plan: see what to change.",
    )


def finalised(pep: Pep, *, working: bool) -> Message:
    """To everybody who gets a copy: it is ready. ``working``: the reader works with plans and has their own pages."""
    return Message(
        kind="plan_finalised",
        subject="A finished plan is ready for you",
        lines=(
            "A Personal Education Plan (PEP) is finished.",
            "Your copy is in the portal, to read there or to print.",
            "You get this because a copy is meant for you.",
        ),
        link=reverse("qa:copies", args=[pep.pk]) if working else reverse("qa:shared"),
        link_text="Read your copy",
        screen_text=f"{pep.child.first_name}’s plan is finished. Your copy is ready.",
    )


def please_post(pep: Pep, *, due_on: date | None = None) -> Message:
    """To whoever the council makes responsible, when a copy must go by post (R74)."""
    when = f" by {in_words(due_on, year=False)}" if due_on else ""
    return Message(
        kind="please_post",
        subject=f"A plan needs posting{when}",
        lines=(
            "A Personal Education Plan (PEP) is finished, and somebody who should have a copy can’t get it in the portal.",
            f"Please print their copy and post it{when}, then say in the portal that it has gone.",
            "You get this because your council’s rules make it your part.",
        ),
        link=reverse("qa:copies", args=[pep.pk]),
        link_text="Print the copy",
        screen_text=f"A copy of {pep.child.first_name}’s plan needs posting{when}.",
    )


def samples(pep: Pep) -> dict[str, Message]:
    """One of each, for the test that none names the child and for the gallery of messages."""
    day = pep.trigger_on
    found = [please_sign(pep, again=again, due_on=each) for again in (True, False) for each in (None, day)]
    found += [submitted(pep, due_on=each) for each in (None, day)] + [returned(pep)]
    found += [finalised(pep, working=each) for each in (True, False)] + [
        please_post(pep, due_on=each) for each in (None, day)
    ]
    return {f"{message.kind} {number}": message for number, message in enumerate(found)}
