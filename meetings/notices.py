"""What a meeting's events say to whom. Subject and lines name no child, school or initials (R46); screen text may."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.urls import reverse

from children.queries import Team
from meetings.models import Meeting
from meetings.queries import people_in
from pepportal.audit.acting import Acting
from pepportal.notify.actions import Message, owe
from pepportal.ui.wording import LONDON, in_words, time_words
from peps.models import Pep

KEEP_DIARY = "The calendar file with this message keeps your diary right."


def _day(moment: datetime) -> str:
    return in_words(moment.astimezone(LONDON).date(), year=False)


def _from_to(meeting: Meeting) -> str:
    ends = meeting.starts_at + timedelta(minutes=meeting.minutes)
    return f"{_day(meeting.starts_at)}, {time_words(meeting.starts_at)} to {time_words(ends)}"


def _link(meeting: Meeting, *, account: bool) -> tuple[str, str]:
    """Where an invited person answers; somebody without an account reads what these meetings are."""
    if account:
        return reverse("meetings:meeting", args=[meeting.pk]), "See the meeting and answer"
    return "/help/", "What a PEP meeting is"


def _whom_to_ask(meeting: Meeting, *, account: bool) -> str:
    if account:
        return "The link shows where it is, and lets you say whether you come or send a report."
    return f"{meeting.organised_by.name} arranged it and will tell you where; say to them whether you come or send a report."


def invited(meeting: Meeting, *, part: str, account: bool) -> Message:
    """To each person asked, when the meeting is arranged or they are asked later (R46)."""
    link, text = _link(meeting, account=account)
    return Message(
        kind="meeting_invited",
        urgent=True,
        subject=f"You are asked to a PEP meeting on {_day(meeting.starts_at)}",
        lines=(
            f"You are asked to a Personal Education Plan (PEP) meeting: {_from_to(meeting)}.",
            # Only the portal's own words for a part: what an organiser typed may name a school (R46).
            f"You are asked as: {part.lower()}." if account else "You are asked because of your work with a child.",
            _whom_to_ask(meeting, account=account),
            KEEP_DIARY,
        ),
        link=link,
        link_text=text,
        screen_text=f"You are asked to {meeting.pep.child.first_name}’s PEP meeting, {_from_to(meeting)}.",
    )


def moved(meeting: Meeting, *, moved_from: datetime, account: bool) -> Message:
    """To each person asked, when the meeting gets another time or place (R11)."""
    link, text = _link(meeting, account=account)
    same = moved_from == meeting.starts_at
    what = "has changed" if same else f"has moved to {_day(meeting.starts_at)}"
    was = (
        "Its place or length has changed." if same else f"It was to be on {_day(moved_from)}, {time_words(moved_from)}."
    )
    return Message(
        kind="meeting_moved",
        urgent=True,
        subject=f"A PEP meeting {what if not same else f'on {_day(meeting.starts_at)} has changed'}",
        lines=(
            f"The PEP meeting that you are asked to is now: {_from_to(meeting)}.",
            was,
            _whom_to_ask(meeting, account=account),
            KEEP_DIARY,
        ),
        link=link,
        link_text=text,
        screen_text=f"{meeting.pep.child.first_name}’s PEP meeting {what}: {_from_to(meeting)}.",
    )


def cancelled(meeting: Meeting, *, account: bool) -> Message:
    """To each person asked, when the meeting will not be held."""
    link, text = _link(meeting, account=account)
    return Message(
        kind="meeting_cancelled",
        urgent=True,
        subject=f"The PEP meeting on {_day(meeting.starts_at)} is cancelled",
        lines=(
            f"The PEP meeting of {_from_to(meeting)} will not be held.",
            "You were asked to it. You will hear when another day is found.",
            KEEP_DIARY,
        ),
        link=link,
        link_text="See the meeting" if account else text,
        screen_text=f"{meeting.pep.child.first_name}’s PEP meeting of {_day(meeting.starts_at)} is cancelled.",
    )


def not_needed(meeting: Meeting, *, account: bool) -> Message:
    """To somebody who was asked and is taken off the list."""
    return Message(
        kind="meeting_not_needed",
        urgent=True,
        subject=f"You need not come to the PEP meeting on {_day(meeting.starts_at)}",
        lines=(
            f"You were asked to a PEP meeting: {_from_to(meeting)}.",
            f"You are not on its list any more. {meeting.organised_by.name} arranged it and can say why.",
            KEEP_DIARY,
        ),
        link="/meetings/" if account else "/help/",
        link_text="Your meetings" if account else "What a PEP meeting is",
        screen_text=f"You need not come to {meeting.pep.child.first_name}’s PEP meeting on {_day(meeting.starts_at)}.",
    )


def part_due(meeting: Meeting, *, due_on: date | None) -> Message:
    """To social worker and designated teacher when a meeting is arranged: their part is due before it (R35)."""
    when = f"by {in_words(due_on, year=False)}" if due_on else f"before the meeting on {_day(meeting.starts_at)}"
    return Message(
        kind="part_due",
        due_on=due_on,
        subject=f"Your part of a plan is due {when}",
        lines=(
            f"A PEP meeting is arranged for {_from_to(meeting)}.",
            f"Your part of the plan is due {when}, so that everybody can read it first.",
            "You get this because the plan has a part that is yours to fill in.",
        ),
        link=reverse("pages:pep", args=[meeting.pep_id]),
        link_text="Fill in your part",
        screen_text=f"Your part of {meeting.pep.child.first_name}’s plan is due {when}.",
    )


def arrange_it(pep: Pep, *, due_on: date | None) -> Message:
    """The message behind ``please_arrange``."""
    when = f" by {in_words(due_on, year=False)}" if due_on else ""
    return Message(
        kind="please_arrange",
        due_on=due_on,
        subject=f"Arrange a PEP meeting{when}",
        lines=(
            "A Personal Education Plan (PEP) has been opened and needs its meeting.",
            f"The meeting is to be held{when}." if when else "Its meeting needs a date.",
            "You get this because your council’s rules make it your part to arrange it.",
        ),
        link=reverse("meetings:panel", args=[pep.pk]),
        link_text="Arrange the meeting",
        screen_text=f"{pep.child.first_name}’s PEP meeting needs arranging{when}.",
    )


def please_arrange(pep: Pep, due_on: date | None, role: str, *, team: Team, by: Acting) -> int:
    """When a PEP opens: tells whoever is in ``role``, which the council's rules make responsible for arranging its meeting
    (R18), or the virtual school where nobody is. Told once for each due date; how many were told now."""
    about = f"pep:{pep.pk}:{due_on or 'no day'}"
    message = arrange_it(pep, due_on=due_on)
    told = [owe(message, to=each, about=about, by=by, child_id=pep.child_id) for each in people_in(role, team)]
    return sum(notice is not None for notice in told)


def required_person_missed(meeting: Meeting, *, part: str) -> Message:
    """To the social worker's team manager, or else to the virtual school: somebody who had to come did not (R16, R47)."""
    article = "An" if part[:1].lower() in "aeiou" else "A"
    held = in_words(meeting.held_on or meeting.starts_at.astimezone(LONDON).date(), year=False)
    return Message(
        kind="meeting_missed",
        urgent=True,
        subject=f"{article} {part.lower()} was not at the PEP meeting on {held}",
        lines=(
            f"A PEP meeting was held on {held} without the {part.lower()}, who has to be there.",
            "The reason that was given is on the page.",
            "You get this because your council’s rules tell you when this happens.",
        ),
        link=reverse("meetings:panel", args=[meeting.pep_id]),
        link_text="See the meeting",
        screen_text=f"The {part.lower()} was not at {meeting.pep.child.first_name}’s PEP meeting on {held}.",
    )


def samples(meeting: Meeting) -> dict[str, Message]:
    """One of each, for the test that none names the child and for the gallery of messages."""
    yes_no = (True, False)
    found = [invited(meeting, part="Carer", account=each) for each in yes_no]
    found += [
        moved(meeting, moved_from=meeting.starts_at - timedelta(days=days), account=a)
        for a in yes_no
        for days in (0, 3)
    ]
    found += [cancelled(meeting, account=each) for each in yes_no] + [
        not_needed(meeting, account=each) for each in yes_no
    ]
    day = meeting.starts_at.astimezone(LONDON).date()
    found += [part_due(meeting, due_on=each) for each in (day, None)]
    found += [arrange_it(meeting.pep, due_on=each) for each in (day, None)]
    found.append(required_person_missed(meeting, part="Social worker"))
    return {f"{message.kind} {number}": message for number, message in enumerate(found)}
