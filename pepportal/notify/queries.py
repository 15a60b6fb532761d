"""Reads of messages: one's own list, and the demonstration's mailbox."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q, QuerySet
from icalendar import Calendar

from pepportal.accounts.models import User
from pepportal.jobs.models import WorkState
from pepportal.notify.models import MailboxMessage, Notice
from pepportal.ui.wording import when_words


def unread_count(user: User) -> int:
    """How many of a person's messages they have not opened here."""
    return Notice.objects.for_person(user.pk).unread().count()


def notices_of(user: User, *, unread_only: bool = False) -> QuerySet[Notice]:
    """A person's messages, newest first."""
    found = Notice.objects.for_person(user.pk)
    return (found.unread() if unread_only else found).order_by("-created_at", "-id")


def delivery_words(notice: Notice) -> tuple[str, str]:
    """How far a message's e-mail is: a status for the tag, and a sentence."""
    if notice.sent_at is not None:
        return "done", f"Sent by email {when_words(notice.sent_at)}"
    if notice.work_state == WorkState.DONE:
        return "not_needed", notice.last_error or "Not sent by email"
    if notice.work_state == WorkState.FAILED:
        return "late", f"The email could not be delivered after {notice.attempts} attempts"
    if notice.attempts:
        return "waiting", "The email could not be delivered yet; it is tried again"
    return "waiting", "The email is about to be sent"


def mailbox(*, recipient: str = "", words: str = "") -> QuerySet[MailboxMessage]:
    """Messages as the demonstration's mail server got them, newest first."""
    found = MailboxMessage.objects.all()
    if recipient:
        found = found.filter(recipient=recipient)
    for word in words.split()[:6]:
        found = found.filter(Q(subject__icontains=word) | Q(text__icontains=word) | Q(recipient__icontains=word))
    return found.order_by("-received_at", "-id")


def recipients() -> list[str]:
    """Everybody the mailbox holds something for."""
    return list(MailboxMessage.objects.order_by("recipient").values_list("recipient", flat=True).distinct())


def calendar_summary(text: str) -> list[dict[str, object]]:
    """What a diary would read from an .ics, as rows of a summary list; one row saying so where it can't be read."""
    if not text:
        return []
    try:
        calendar = Calendar.from_ical(text)
        event = calendar.walk("VEVENT")[0]
        starts = event.decoded("dtstart")
        ends = event.decoded("dtend")
    except (ValueError, KeyError, IndexError):
        return [{"key": "Calendar file", "value": "It can’t be read as a calendar file."}]
    method = str(calendar.get("method", ""))
    return [
        {
            "key": "What it does",
            "value": "Takes the entry out of the diary" if method == "CANCEL" else "Puts the entry into the diary",
        },
        {"key": "Entry", "value": str(event.get("summary", ""))},
        {"key": "Starts", "value": _moment(starts)},
        {"key": "Ends", "value": _moment(ends)},
        {"key": "Where", "value": str(event.get("location", ""))},
        {"key": "Version", "value": str(event.get("sequence", 0))},
    ]


def _moment(value: date) -> str:
    return when_words(value) if isinstance(value, datetime) else str(value)
