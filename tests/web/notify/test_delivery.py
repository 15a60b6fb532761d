"""What happens to a message at delivery: refused for good, put off, not theirs any more, or the broker is away."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from pepportal.jobs.models import WorkState
from pepportal.notify.actions import owe
from pepportal.notify.models import Notice
from pepportal.notify.queries import delivery_words
from pepportal.notify.tasks import MOST_ATTEMPTS, deliver
from tests.cast import NOW, TODAY
from tests.web.notify.conftest import words

pytestmark = pytest.mark.django_db


class Refusing(EmailBackend):
    """A mail server that answers each address as ``answers`` says."""

    answers: dict[str, Exception] = {}

    def send_messages(self, messages):
        for message in messages:
            for address, error in self.answers.items():
                if address in message.to[0]:
                    raise error
        return super().send_messages(messages)


@pytest.fixture
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    monkeypatch.setattr(Refusing, "answers", {})
    return Refusing


def refused(code: int) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"x": (code, b"No such user here")})


def test_an_address_that_is_refused_is_not_tried_again(cast, tell, server):
    server.answers["social.worker@"] = refused(550)
    notice = tell(cast.social_worker, urgent=True)
    other = tell(cast.iro, urgent=True)
    deliver()
    notice.refresh_from_db()
    other.refresh_from_db()
    assert notice.work_state == WorkState.FAILED and notice.attempts == 1 and "No such user here" in notice.last_error
    assert other.sent_at is not None, "the next is delivered all the same"
    assert delivery_words(notice) == ("late", "The email was refused and could not be delivered")


def test_what_is_put_off_is_tried_again_later_and_at_last_given_up(cast, tell, server, settings):
    server.answers["social.worker@"] = refused(451)
    notice = tell(cast.social_worker, urgent=True)
    tries = []
    for _ in range(MOST_ATTEMPTS + 3):
        deliver()
        deliver()  # at once again: too early
        notice.refresh_from_db()
        tries.append((notice.attempts, notice.work_state))
        settings.PORTAL_NOW = max(settings.PORTAL_NOW, notice.not_before)
    assert [attempts for attempts, _ in tries[:MOST_ATTEMPTS]] == list(range(1, MOST_ATTEMPTS + 1))
    assert tries[MOST_ATTEMPTS - 2][1] == WorkState.OWED and tries[-1] == (MOST_ATTEMPTS, WorkState.FAILED)
    assert timedelta(hours=4) < settings.PORTAL_NOW - NOW


def test_what_was_put_off_is_delivered_when_the_server_is_back(cast, tell, server, settings):
    server.answers["social.worker@"] = ConnectionRefusedError("nobody there")
    notice = tell(cast.social_worker, urgent=True)
    deliver()
    assert "tried again" in delivery_words(Notice.objects.get())[1]
    server.answers.clear()
    settings.PORTAL_NOW += timedelta(minutes=3)
    deliver()
    notice.refresh_from_db()
    assert notice.sent_at == settings.PORTAL_NOW and mail.outbox[0].extra_headers["Message-ID"].startswith(
        f"<{notice.pk}@"
    )


def test_a_worker_that_died_lets_go_when_its_lease_ends(cast, tell, settings):
    notice = tell(cast.social_worker, urgent=True)
    Notice.objects.update(work_state="doing", attempts=1, lease_until=NOW + timedelta(minutes=2))
    deliver()
    assert not mail.outbox
    settings.PORTAL_NOW += timedelta(minutes=3)
    deliver()
    notice.refresh_from_db()
    assert len(mail.outbox) == 1 and notice.attempts == 2


def test_a_message_that_kills_every_worker_is_given_up(cast, tell, settings):
    tell(cast.social_worker, urgent=True)
    Notice.objects.update(work_state="doing", attempts=MOST_ATTEMPTS, lease_until=NOW - timedelta(minutes=2))
    deliver()
    assert not mail.outbox and Notice.objects.get().work_state == WorkState.FAILED


def test_nobody_whose_part_has_ended_is_written_to(cast, tell):
    notice = tell(cast.social_worker, urgent=True, child=cast.children["amara"])
    cast.children["amara"].allocations.filter(user=cast.social_worker).update(ended_on=TODAY)
    deliver()
    notice.refresh_from_db()
    assert not mail.outbox and notice.work_state == WorkState.DONE and notice.sent_at is None
    assert delivery_words(notice) == ("not_needed", "Not sent: their part for this child had ended.")


def test_nobody_whose_account_was_closed_is_written_to(cast, tell):
    notice = tell(cast.social_worker, urgent=True)
    cast.social_worker.is_active = False
    cast.social_worker.save()
    deliver()
    notice.refresh_from_db()
    assert not mail.outbox and delivery_words(notice)[1] == "Not sent: the account is closed."


def test_somebody_invited_without_an_account_is_written_to(cast, tell):
    tell("guest@elsewhere.example", child=cast.children["amara"])
    deliver()
    assert mail.outbox[0].to == ["guest@elsewhere.example"]


def test_the_broker_being_away_fails_no_request(transactional_db, cast, client_as, tell, settings, monkeypatch):
    """The request goes on, the row is kept, and the next round of beat delivers it."""

    def nobody_there(*_args, **_more):
        raise ConnectionError("Error 111 connecting to the broker")

    monkeypatch.setattr("pepportal.notify.tasks.deliver.apply_async", nobody_there)
    tell(cast.social_worker, urgent=True)
    assert not mail.outbox and Notice.objects.get().work_state == WorkState.OWED
    deliver()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "name", ["Mr P. Doyle\r\nBcc: all@elsewhere.example", 'Mr "P" <x@y.example>, other', "Zoë\x00 Ü\nX: y"]
)
def test_a_name_can_not_add_a_header_or_a_reader(cast, tell, name):
    cast.social_worker.name = name.replace("\x00", "")
    cast.social_worker.save()
    tell(cast.social_worker, "Subject\r\nBcc: all@elsewhere.example", urgent=True)
    deliver()
    (message,) = mail.outbox
    raw = message.message()
    assert message.recipients() == [message.to[0]] and raw["Bcc"] is None and raw["X"] is None
    assert [part for part in str(raw["To"]).split() if "portal.example" in part] == ["<social.worker@portal.example>"]
    assert "\n" not in message.subject
    assert Notice.objects.get().sent_at is not None


def test_an_address_that_is_none_is_given_up_in_the_end(cast, tell):
    tell("a b\nBcc: c@elsewhere.example", urgent=True)
    Notice.objects.update(attempts=MOST_ATTEMPTS - 1)
    deliver()
    notice = Notice.objects.get()
    assert not mail.outbox and notice.work_state == WorkState.FAILED and "could not be written" in notice.last_error


@pytest.mark.parametrize("screen", ["word " * 80, "x" * 400, "y" * 300, "x" * 299 + " end"])
def test_what_is_too_long_for_the_list_is_cut_and_told_all_the_same(cast, tell, screen):
    said = tell(cast.social_worker, screen=screen).screen_text
    assert len(said) <= 300 and (said == screen or said.endswith("…"))
    assert not said.startswith("word") or said.endswith("word…")


def test_the_same_is_told_once(cast, acting):
    by = acting(cast.designated_teacher)
    assert owe(words(), to=cast.carer, about="x:1", by=by) and owe(words(), to=cast.carer, about="x:1", by=by) is None
    assert owe(words(), to=cast.carer, about="x:2", by=by)
