"""One e-mail a person a day unless it can't wait: late, twice, or on two machines at once."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from pepportal.audit.acting import the_portal
from pepportal.audit.models import Event
from pepportal.notify import actions
from pepportal.notify.models import Notice
from pepportal.notify.queries import delivery_words, unread_count
from pepportal.notify.tasks import deliver, send_digests
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


def subjects() -> list[str]:
    return [each.subject for each in mail.outbox]


def test_what_can_wait_is_on_the_list_at_once_and_in_the_mail_once_a_day(cast, tell, settings):
    settings.PORTAL_NOW = at(6, 30)
    for number in range(3):
        tell(cast.social_worker, f"Thing {number}", at=at(6, 30))
    assert unread_count(cast.social_worker) == 3
    deliver()
    send_digests()
    assert not mail.outbox, "his hour, 7am, has not come"
    assert delivery_words(Notice.objects.first()) == ("waiting", "It goes with the next daily email")
    settings.PORTAL_NOW = at(7)
    for _ in range(3):
        send_digests()
        deliver()
    (daily,) = mail.outbox
    assert daily.subject == "Your PEP work: 3 things" and daily.to == ['"Mr P. Doyle" <social.worker@portal.example>']
    carried = Notice.objects.exclude(kind="digest").select_related("digest")
    assert {delivery_words(each) for each in carried} == {("done", "In the daily email of Tuesday 6 October 2026, 7am")}
    assert unread_count(cast.social_worker) == 3, "the e-mail itself is nothing more to read here"


def test_what_comes_later_goes_tomorrow(cast, tell, settings):
    tell(cast.social_worker, "First")
    send_digests()
    tell(cast.social_worker, "Second")
    settings.PORTAL_NOW = at(23, 50)
    send_digests()
    assert len(mail.outbox) == 1
    settings.PORTAL_NOW = at(6, 59, TODAY + timedelta(days=1))
    send_digests()
    assert len(mail.outbox) == 1
    settings.PORTAL_NOW = at(7, 0, TODAY + timedelta(days=1))
    send_digests()
    assert "Second" in mail.outbox[1].body and "First" not in mail.outbox[1].body


def test_a_missed_hour_is_made_good_the_same_day_or_the_next(cast, tell, settings):
    tell(cast.social_worker, at=at(6))
    tell(cast.iro, at=at(6))
    cast.iro.digest_hour = 20
    cast.iro.save()
    settings.PORTAL_NOW = at(19, 59)
    send_digests()
    assert [each.to[0] for each in mail.outbox] == ['"Mr P. Doyle" <social.worker@portal.example>']
    settings.PORTAL_NOW = at(20, 30, TODAY + timedelta(days=1))  # nothing ran until then
    send_digests()
    assert len(mail.outbox) == 2


def test_a_day_without_news_has_no_email(cast):
    send_digests()
    assert not mail.outbox and not Notice.objects.exists()


@pytest.mark.parametrize("day", [date(2026, 10, 25), date(2027, 3, 28)])
def test_on_the_sunday_when_the_clocks_change_it_comes_at_the_hour_in_england(cast, tell, settings, day):
    tell(cast.social_worker, at=at(5, 0, day))
    sent = []
    for minutes in range(0, 24 * 60, 30):
        settings.PORTAL_NOW = (at(0, 0, day).astimezone(ZoneInfo("UTC")) + timedelta(minutes=minutes)).astimezone(
            LONDON
        )
        before = len(mail.outbox)
        send_digests()
        if len(mail.outbox) > before:
            sent.append(settings.PORTAL_NOW)
    assert sent == [at(7, 0, day)]


def test_an_urgent_message_and_one_to_a_bare_address_leave_at_once(cast, tell):
    tell(cast.social_worker, "A meeting has moved", urgent=True)
    tell("guest@elsewhere.example", "You are asked to a meeting")
    tell(cast.social_worker, "This can wait")
    deliver()
    assert sorted(subjects()) == ["A meeting has moved", "You are asked to a meeting"]
    assert Notice.objects.get(subject="This can wait").sent_at is None


def test_the_email_reads_well(cast, tell, settings):
    tell(cast.social_worker, "News of a plan", at=NOW)
    tell(cast.social_worker, "Your part of a plan is due by Friday 2 October", due_on=date(2026, 10, 2))
    tell(cast.social_worker, "A plan needs your signature by Friday 9 October", due_on=date(2026, 10, 9))
    send_digests()
    (daily,) = mail.outbox
    assert daily.subject == "Your PEP work: 3 things, 1 of them late"
    link = f"{settings.PORTAL_ADDRESS}/meetings/"
    assert (
        daily.body
        == f"""Mr P. Doyle,

3 things for you in the PEP portal, the most pressing first.

LATE: Your part of a plan is due by Friday 2 October
{link}

A plan needs your signature by Friday 9 October
{link}

News of a plan
{link}

All of it in one list: {settings.PORTAL_ADDRESS}/notices/

You get this once a day, at 7am or soon after. Another hour, or each message as it comes: {settings.PORTAL_ADDRESS}/notices/settings/

Sent by the PEP portal. Please do not reply: nobody reads this address."""
    )
    assert "Amara" not in daily.body + daily.alternatives[0][0] + daily.subject


def test_a_long_list_is_cut_and_counted(cast, tell):
    for number in range(37):
        tell(cast.social_worker, f"Thing number {number}")
    send_digests()
    (daily,) = mail.outbox
    assert daily.subject == "Your PEP work: 37 things" and "And 7 more. All of it in one list" in daily.body
    assert daily.body.count("Thing number") == 30
    assert not Notice.objects.filter(sent_at=None).exists(), "all of them have left with it"


def test_two_machines_at_once_send_one(transactional_db, cast, tell, settings):
    """Both have found the person; the one writes while the other waits."""
    for number in range(20):
        tell(cast.social_worker, f"Thing {number}")
    Notice.objects.update(not_before=NOW)
    together, errors = threading.Barrier(2), []

    def machine() -> None:
        try:
            together.wait(10)
            send_digests()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    machines = [threading.Thread(target=machine) for _ in range(2)]
    for each in machines:
        each.start()
    for each in machines:
        each.join(30)
    assert not errors
    assert Notice.objects.filter(kind="digest").count() == 1 and subjects() == ["Your PEP work: 20 things"]


def test_a_machine_that_found_the_person_before_the_other_wrote_writes_nothing(cast, tell):
    tell(cast.social_worker, "First")
    assert actions.write_digest(cast.social_worker, by=the_portal(NOW)) is not None
    tell(cast.social_worker, "Second")
    assert actions.write_digest(cast.social_worker, by=the_portal(NOW + timedelta(minutes=1))) is None
    assert Notice.objects.get(subject="Second").work_state == "owed", "it waits for tomorrow's"


def test_what_was_withdrawn_is_not_in_it(cast, tell):
    tell(cast.social_worker, "A meeting is on Monday", about="meeting:9:0")
    tell(cast.social_worker, "Something else")
    assert actions.withdraw(about="meeting:9", because="Not sent: it was moved.") == 1
    send_digests()
    assert "Monday" not in mail.outbox[0].body and "Something else" in mail.outbox[0].body


def test_what_is_about_a_child_who_is_theirs_no_more_is_not_in_it(cast, tell):
    tell(cast.social_worker, "About Leila", child=cast.children["leila"])
    tell(cast.social_worker, "About Amara", child=cast.children["amara"])
    send_digests()
    assert subjects() == ["Your PEP work: 1 thing"]
    assert delivery_words(Notice.objects.get(subject="About Leila")) == (
        "not_needed", "Not sent: their part for this child had ended.",
    )  # fmt: skip


def test_one_that_was_put_off_is_dropped_when_a_child_in_it_is_theirs_no_more(cast, tell, settings):
    lost = tell(cast.social_worker, "About Amara", child=cast.children["amara"])
    tell(cast.social_worker, "About Jonah", child=cast.children["jonah"])
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    send_digests()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    cast.children["amara"].allocations.filter(user=cast.social_worker).update(ended_on=TODAY)
    settings.PORTAL_NOW += timedelta(minutes=10)
    deliver()
    assert not mail.outbox and "theirs no longer" in Notice.objects.get(kind="digest").last_error
    settings.PORTAL_NOW += timedelta(days=1)
    send_digests()
    (daily,) = mail.outbox
    assert "About Jonah" in daily.body and "About Amara" not in daily.body
    lost.refresh_from_db()
    assert lost.last_error == "Not sent: their part for this child had ended."


def test_a_closed_account_gets_none(cast, tell):
    tell(cast.social_worker)
    cast.social_worker.is_active = False
    cast.social_worker.save()
    send_digests()
    assert not mail.outbox and delivery_words(Notice.objects.get())[1] == "Not sent: the account is closed."


def test_one_persons_trouble_does_not_keep_back_the_others(cast, tell, monkeypatch):
    tell(cast.social_worker)
    tell(cast.iro)
    whole = actions.write_digest
    first = min(cast.social_worker.pk, cast.iro.pk)

    def broken(user, *, by):
        if user.pk == first:
            raise RuntimeError("no")
        return whole(user, by=by)

    monkeypatch.setattr("pepportal.notify.actions.write_digest", broken)
    send_digests()
    assert len(mail.outbox) == 1


# --- the hour -----------------------------------------------------------------------------------------------------------


def test_a_person_chooses_the_hour(cast, client_as, tell, settings):
    client = client_as(cast.social_worker)
    assert "Once a day, at 7am" in client.get(reverse("notify:settings")).content.decode()
    assert client.post(reverse("notify:settings"), {"hour": "18"}).status_code == 302
    cast.social_worker.refresh_from_db()
    assert cast.social_worker.digest_hour == 18 and cast.social_worker.history.latest("history_id").digest_hour == 18
    assert Event.objects.filter(verb="choose when messages come", actor_id=cast.social_worker.pk).exists()
    assert "Once a day, at 6pm" in client.get(reverse("notify:notices")).content.decode()
    tell(cast.social_worker)
    send_digests()
    assert not mail.outbox
    settings.PORTAL_NOW = at(18)
    send_digests()
    assert len(mail.outbox) == 1


def test_changing_the_hour_after_todays_brings_no_second(cast, tell):
    tell(cast.social_worker)
    send_digests()
    actions.choose_hour(cast.social_worker, hour=9, by=the_portal(NOW))
    tell(cast.social_worker)
    send_digests()
    assert len(mail.outbox) == 1


def test_each_message_as_it_comes_and_what_was_waiting_leaves(cast, client_as, tell):
    tell(cast.social_worker, "Was waiting")
    client_as(cast.social_worker).post(reverse("notify:settings"), {"hour": "each"})
    cast.social_worker.refresh_from_db()
    assert cast.social_worker.digest_hour is None
    tell(cast.social_worker, "Came later")
    deliver()
    assert sorted(subjects()) == ["Came later", "Was waiting"]
    send_digests()
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("hour", ["5", "21", "-1", "x", ""])
def test_an_odd_hour_is_refused(cast, client_as, hour):
    page = client_as(cast.social_worker).post(reverse("notify:settings"), {"hour": hour})
    assert page.status_code == 200 and "There is a problem" in page.content.decode()
    cast.social_worker.refresh_from_db()
    assert cast.social_worker.digest_hour == 7


def test_the_database_takes_no_hour_of_the_night(cast):
    cast.social_worker.digest_hour = 1
    with pytest.raises(IntegrityError), transaction.atomic():
        cast.social_worker.save()


# --- the list -----------------------------------------------------------------------------------------------------------


def test_all_are_marked_as_read_but_nobody_elses(cast, client_as, tell):
    for number in range(3):
        tell(cast.social_worker, f"Thing {number}")
    other = tell(cast.iro)
    client = client_as(cast.social_worker)
    page = client.post(reverse("notify:read-all"), follow=True).content.decode()
    assert "3 notices marked as read" in page and unread_count(cast.social_worker) == 0
    other.refresh_from_db()
    assert other.read_at is None
    assert "Nothing was unread" in client.post(reverse("notify:read-all"), follow=True).content.decode()


def test_the_list_is_shown_by_read_and_unread_a_page_at_a_time(cast, client_as, tell):
    for number in range(30):
        tell(cast.social_worker, f"Thing {number}", screen="")
    opened = tell(cast.social_worker, "The opened one", screen="")
    client = client_as(cast.social_worker)
    client.get(reverse("notify:notice", args=[opened.pk]))
    unread = client.get(reverse("notify:notices"), {"unread": "1"})
    assert unread.context["page"].paginator.count == 30 and "The opened one" not in unread.content.decode()
    second = client.get(reverse("notify:notices"), {"unread": "1", "page": "2"})
    assert len(second.context["rows"]) == 5
    read = client.get(reverse("notify:notices"), {"unread": "0"})
    assert [row[0].pk for row in read.context["rows"]] == [opened.pk]
