"""The daily e-mail: when it may go and how it reads; and which of a mail server's answers are final."""

from __future__ import annotations

import smtplib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pepportal.notify.rules import (
    Item,
    digest_subject,
    hour_has_come,
    most_pressing_first,
    refusal_of,
    wait_after,
)

LONDON = ZoneInfo("Europe/London")
DAY = date(2026, 10, 6)
AT = datetime(2026, 10, 6, 10, tzinfo=LONDON)


def item(subject: str, due_on: date | None = None, minutes: int = 0) -> Item:
    return Item(subject, "http://portal.example/x", due_on, AT + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("hour", "moment", "come"),
    [
        (7, datetime(2026, 10, 24, 5, 59, tzinfo=UTC), False),  # summer time: 6:59
        (7, datetime(2026, 10, 24, 6, 0, tzinfo=UTC), True),
        (7, datetime(2026, 10, 25, 6, 0, tzinfo=UTC), False),  # the clocks went back: the same moment is 6:00
        (7, datetime(2026, 10, 25, 7, 0, tzinfo=UTC), True),
        (7, datetime(2026, 3, 28, 6, 59, tzinfo=UTC), False),
        (7, datetime(2026, 3, 28, 7, 0, tzinfo=UTC), True),
        (7, datetime(2026, 3, 29, 5, 59, tzinfo=UTC), False),  # the clocks went forward
        (7, datetime(2026, 3, 29, 6, 0, tzinfo=UTC), True),
        (20, datetime(2026, 10, 24, 18, 59, tzinfo=UTC), False),
        (20, datetime(2026, 10, 24, 22, 30, tzinfo=UTC), True),  # 23:30: late, and still today
        (20, datetime(2026, 10, 24, 23, 30, tzinfo=UTC), False),  # 0:30 on Sunday: that day's hour is to come
        (None, datetime(2026, 10, 24, 2, 0, tzinfo=UTC), True),
    ],
)
def test_the_hour_is_england_s(hour, moment, come):
    assert hour_has_come(hour, moment) is come


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 10, 26)])
@pytest.mark.parametrize("hour", range(6, 21))
def test_each_hour_comes_once_on_every_day(day, hour):
    midnight = datetime.combine(day, datetime.min.time(), LONDON).astimezone(UTC)
    minutes = [midnight + timedelta(minutes=10 * number) for number in range(6 * 25)]
    of_the_day = [moment for moment in minutes if moment.astimezone(LONDON).date() == day]
    come = [hour_has_come(hour, moment) for moment in of_the_day]
    assert come.count(True) == (24 - hour) * 6 and come == sorted(come), "once come, it stays come until midnight"


def test_late_and_soonest_first_and_what_asks_for_nothing_last():
    late, soon, later = (
        item("late", date(2026, 10, 1)),
        item("soon", date(2026, 10, 7)),
        item("later", date(2026, 11, 1)),
    )
    news, older_news = item("news", minutes=5), item("older news")
    assert most_pressing_first([news, later, late, older_news, soon]) == [late, soon, later, older_news, news]


@given(st.lists(st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2027, 12, 31))), max_size=40))
def test_nothing_is_left_out_and_nothing_late_stands_below_what_is_not(days):
    items = [item(str(number), day, number) for number, day in enumerate(days)]
    ordered = most_pressing_first(items)
    assert sorted(each.subject for each in ordered) == sorted(each.subject for each in items)
    late = [each.late(DAY) for each in ordered]
    assert late == sorted(late, reverse=True)


def test_what_is_due_today_is_not_late():
    assert not item("x", DAY).late(DAY) and item("x", DAY - timedelta(days=1)).late(DAY)


@pytest.mark.parametrize(
    ("days", "subject"),
    [
        ([None], "Your PEP work: 1 thing"),
        ([date(2026, 10, 1)], "Your PEP work: 1 thing, and it is late"),
        ([None, date(2026, 10, 6), date(2026, 10, 20)], "Your PEP work: 3 things"),
        ([None, date(2026, 10, 5), date(2026, 10, 20)], "Your PEP work: 3 things, 1 of them late"),
    ],
)
def test_the_subject_counts_and_names_nobody(days, subject):
    assert digest_subject([item("About Amara", day) for day in days], DAY) == subject


REFUSED = smtplib.SMTPRecipientsRefused


@pytest.mark.parametrize(
    ("error", "final", "words"),
    [
        (REFUSED({"a@x.example": (550, b"5.1.1 No such user")}), True, "550 5.1.1 No such user"),
        (REFUSED({"a@x.example": (451, b"Greylisted")}), False, "451 Greylisted"),
        (REFUSED({"a@x.example": (550, b"no"), "b@x.example": (450, b"busy")}), False, "for now"),
        (smtplib.SMTPDataError(554, b"Rejected as spam"), True, "554 Rejected as spam"),
        (smtplib.SMTPDataError(452, b"Mailbox full"), False, "452 Mailbox full"),
        (smtplib.SMTPSenderRefused(550, b"Who are you?", "me@x.example"), False, "could not be used"),
        (smtplib.SMTPAuthenticationError(535, b"Bad password"), False, "could not be used"),
        (smtplib.SMTPServerDisconnected("gone"), False, "could not be used"),
        (ConnectionRefusedError("nobody there"), False, "nobody there"),
        (TimeoutError("timed out"), False, "timed out"),
        (ValueError("Header values can't contain newlines"), False, "could not be written as an email"),
    ],
)
def test_only_what_is_said_about_the_address_or_the_message_is_final(error, final, words):
    said = refusal_of(error)
    assert said.final is final and words in said.words


def test_a_hostile_servers_answer_is_one_short_line():
    said = refusal_of(REFUSED({"a@x.example": (550, b"no\r\nBcc: all\x00\x1b[31m" + b"x" * 999)}))
    assert len(said.words) <= 300 and said.words.isprintable()


def test_each_wait_is_longer():
    waits = [wait_after(number) for number in range(1, 9)]
    assert waits == sorted(set(waits)) and waits[0] == timedelta(minutes=2)
