"""My notices, and the demonstration's mailbox."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from pepportal.notify.actions import Message, owe, withdraw
from pepportal.notify.models import MailboxMessage, Notice
from pepportal.notify.queries import unread_count
from pepportal.notify.tasks import deliver

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 6, 10, tzinfo=ZoneInfo("Europe/London"))


def message(
    subject: str = "Your part of a plan is due by Thursday 26 November",
    screen: str = "Your part of Amara’s plan is due",
    urgent: bool = True,
) -> Message:
    return Message("part_due", subject, ("One line.", "Another."), "/meetings/", "See it", screen, urgent=urgent)


@pytest.fixture
def sent(cast, acting, settings):
    settings.EMAIL_BACKEND = "pepportal.notify.mailbox.MailboxBackend"
    notice = owe(message(), to=cast.carer, about="meeting:1:0", by=acting(cast.designated_teacher))
    deliver()
    return notice


def test_a_notice_is_unread_until_it_is_opened(cast, sent, client_as):
    client = client_as(cast.carer)
    assert unread_count(cast.carer) == 1
    listed = client.get(reverse("notify:notices")).content.decode()
    assert "Amara’s plan" in listed and "Unread" in listed and "Sent by email Tuesday 6 October 2026, 10am" in listed
    assert "Your part of a plan is due" in client.get(reverse("notify:notice", args=[sent.pk])).content.decode()
    assert unread_count(cast.carer) == 0
    first = Notice.objects.get().read_at
    client.get(reverse("notify:notice", args=[sent.pk]))
    assert Notice.objects.get().read_at == first
    assert "Unread<" not in client.get(reverse("notify:notices")).content.decode()
    assert "Nothing is unread" in client.get(reverse("notify:notices"), {"unread": "1"}).content.decode()


def test_somebody_elses_notice_is_not_there(cast, sent, client_as):
    client = client_as(cast.social_worker)
    assert client.get(reverse("notify:notice", args=[sent.pk])).status_code == 404
    assert "Amara" not in client.get(reverse("notify:notices")).content.decode()
    assert Notice.objects.get().read_at is None


def test_what_was_not_sent_says_why(cast, acting, client_as):
    owe(message(), to=cast.carer, about="meeting:7:0", by=acting(cast.designated_teacher))
    assert withdraw(about="meeting:7", because="Not sent: the meeting was moved before this left.") == 1
    deliver()
    assert not MailboxMessage.objects.exists()
    assert "Not sent: the meeting was moved" in client_as(cast.carer).get(reverse("notify:notices")).content.decode()


def test_what_has_left_is_not_withdrawn(cast, sent):
    assert withdraw(about="meeting:1", because="x") == 0
    assert Notice.objects.get().sent_at is not None


def test_one_persons_message_is_withdrawn_and_no_others(cast, acting):
    for person in (cast.carer, cast.iro, "somebody@elsewhere.example"):
        owe(message(), to=person, about="meeting:7:0", by=acting(cast.designated_teacher))
    assert withdraw(about="meeting:7", because="x", to=cast.iro) == 1
    assert withdraw(about="meeting:7", because="x", to="Somebody@elsewhere.example") == 1
    assert Notice.objects.get(work_state="owed").person == cast.carer


def test_a_failed_delivery_is_said(cast, sent, client_as):
    Notice.objects.update(sent_at=None, work_state="failed", attempts=8)
    assert (
        "could not be delivered after 8 attempts"
        in client_as(cast.carer).get(reverse("notify:notices")).content.decode()
    )


# --- the mailbox --------------------------------------------------------------------------------------------------------


def test_anybody_reads_the_mailbox_in_a_demonstration(cast, sent, client):
    listed = client.get(reverse("notify:mailbox")).content.decode()
    assert "Your part of a plan is due" in listed and cast.carer.email in listed
    page = client.get(reverse("notify:mailbox-message", args=[MailboxMessage.objects.get().pk])).content.decode()
    assert "One line." in page and "&lt;!DOCTYPE html&gt;" in page


def test_there_is_no_mailbox_elsewhere(cast, sent, client, settings, client_as):
    settings.DEMONSTRATION = False
    one = MailboxMessage.objects.get().pk
    for who in (client, client_as(cast.vs_head)):
        assert who.get(reverse("notify:mailbox")).status_code == 404
        assert who.get(reverse("notify:mailbox-message", args=[one])).status_code == 404


def test_the_mailbox_is_searched_by_words_and_recipient(cast, sent, client):
    MailboxMessage.objects.create(
        message_id="<x>", recipient="dt@portal.example", subject="Another", text="Words", received_at=AT
    )
    url = reverse("notify:mailbox")
    assert "Another" not in client.get(url, {"recipient": cast.carer.email}).content.decode()
    assert "Another" in client.get(url, {"q": "words"}).content.decode()
    assert "No message fits" in client.get(url, {"q": "zebra"}).content.decode()
    assert client.get(url, {"recipient": "nobody@x.example", "page": "x"}).status_code == 200


def test_a_hostile_message_is_shown_as_text(cast, client):
    bad = "<script>alert(1)</script>"
    mail = MailboxMessage.objects.create(
        message_id="<x>", recipient="dt@portal.example", subject=bad, text=bad, html=bad, calendar_file=f"BEGIN:{bad}", received_at=AT
    )  # fmt: skip
    page = client.get(reverse("notify:mailbox-message", args=[mail.pk])).content.decode()
    assert bad not in page and page.count("&lt;script&gt;") >= 4 and "can’t be read as a calendar file" in page
    assert bad not in client.get(reverse("notify:mailbox")).content.decode()


def test_the_mailbox_is_only_read(cast, sent, client):
    assert client.post(reverse("notify:mailbox")).status_code == 405
