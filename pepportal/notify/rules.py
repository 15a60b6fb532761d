"""What the daily e-mail says and when it is due; whether a mail server's answer is final. Pure: asks no clock and no database."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MOST_ON_SCREEN = 300
"""Characters of what a notice says on the list inside the portal."""
MOST_SHOWN = 30
"""A longer daily e-mail isn't read; the rest is counted and stands in the portal."""


@dataclass(frozen=True)
class Item:
    """One notice as a line of the daily e-mail."""

    subject: str
    link: str
    due_on: date | None
    written_at: datetime
    covered: str = ""
    """For whom it was, where the reader covers for them: "Mr P. Doyle, until Friday 9 October"."""

    def late(self, day: date) -> bool:
        return self.due_on is not None and self.due_on < day


def hour_has_come(hour: int | None, at: datetime) -> bool:
    """Whether a person's daily e-mail may go at ``at``: their hour in England has begun today, however long ago. So a missed hour
    is made good the same day. None: they get each message as it comes, so nothing is kept for an hour."""
    return hour is None or at.astimezone(LONDON).hour >= hour


def most_pressing_first(items: Iterable[Item]) -> list[Item]:
    """Late and soonest first, what asks for nothing by a day last; in each the oldest first."""
    return sorted(items, key=lambda item: (item.due_on is None, item.due_on or date.max, item.written_at))


def digest_subject(items: Iterable[Item], day: date) -> str:
    """ "Your PEP work: 3 things, 1 of them late". It names nobody (R46)."""
    listed = list(items)
    late = sum(item.late(day) for item in listed)
    things = "1 thing" if len(listed) == 1 else f"{len(listed)} things"
    if not late:
        return f"Your PEP work: {things}"
    if len(listed) == 1:
        return "Your PEP work: 1 thing, and it is late"
    return f"Your PEP work: {things}, {late} of them late"


@dataclass(frozen=True)
class Refusal:
    """Why a message did not go, in words, and whether trying again is of any use."""

    final: bool
    words: str


def refusal_of(error: Exception) -> Refusal:
    """What an error from the mail server means.

    Final is only what the server says about this address or this message (5xx to RCPT or to the message itself). What it says about
    us (sign-in, sender) or about nothing (a broken line) may be over in a minute.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused) and error.recipients:
        code, said = next(iter(error.recipients.values()))
        final = all(each >= 500 for each, _ in error.recipients.values())
        return _said(code, said, final, "The address was refused", "The address can’t be reached for now")
    if isinstance(error, smtplib.SMTPDataError):
        return _said(
            error.smtp_code, error.smtp_error, error.smtp_code >= 500,
            "The message was refused", "The message was not taken for now",
        )  # fmt: skip
    if isinstance(error, OSError):  # smtplib's other errors are OSErrors too
        return Refusal(False, _plain(f"The mail server could not be used: {error}"))
    return Refusal(False, _plain(f"The message could not be written as an email: {error}"))


def _said(code: int, said: bytes | str, final: bool, refused: str, for_now: str) -> Refusal:
    words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return Refusal(final, _plain(f"{refused if final else for_now}. The mail server said: {code} {words}"))


def _plain(words: str) -> str:
    """One line, without control characters, as long as the column that keeps it."""
    return " ".join("".join(each if each.isprintable() else " " for each in words).split())[:300]


def cut(words: str, most: int = MOST_ON_SCREEN) -> str:
    """``words`` in at most ``most`` characters, cut after a word with "…"; a word that is longer than that is cut in itself."""
    if len(words) <= most:
        return words
    head, blank, _ = words[:most].rpartition(" ")
    return f"{(head if blank else words[: most - 1]).rstrip(' ,;:')}…"


def wait_after(attempts: int) -> timedelta:
    """How long to wait after a failure: 2, 4, 8 … minutes; after seven about four hours in all."""
    return timedelta(minutes=2**attempts)
