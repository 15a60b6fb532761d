"""Somebody is away and a colleague covers: gets the messages, sees the children, for those days and no longer."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from children.policies import standing, visible_to, with_standing
from pepportal.access.actor import actor_for
from pepportal.access.roles import Role
from pepportal.accounts.actions import AbsenceConflict, end_absence, record_absence
from pepportal.accounts.models import Absence
from pepportal.accounts.queries import stand_in
from pepportal.audit.acting import the_portal
from pepportal.audit.models import Event
from pepportal.notify.models import Notice
from pepportal.notify.queries import unread_count
from pepportal.notify.tasks import deliver, send_digests
from tests import factories as f
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
FRIDAY = TODAY + timedelta(days=3)


def days(first: date = TODAY, last: date = FRIDAY) -> dict[str, date]:
    return {"began_on": first, "ended_on": last + timedelta(days=1)}


def absent(user, cover, first: date = TODAY, last: date = FRIDAY) -> Absence:
    return Absence.objects.create(user=user, cover=cover, **days(first, last))


def on(day: date):
    return NOW + (day - TODAY)


def seen(user, day: date = TODAY) -> set[str]:
    return {child.given_name for child in visible_to(actor_for(user, on(day)))}


# --- who stands in ------------------------------------------------------------------------------------------------------


def test_the_cover_stands_in_on_the_days_away_only(cast, away):
    worker, cover = cast.social_worker, away.cover
    assert [stand_in(worker, TODAY + timedelta(days=n)) for n in (-1, 0, 3, 4)] == [worker, cover, cover, worker]


def test_a_cover_who_is_away_passes_it_on(cast, away):
    absent(away.cover, cast.iro)
    assert stand_in(cast.social_worker, TODAY) == cast.social_worker  # no colleague of theirs: no cover
    f.MembershipFactory(user=cast.iro, organisation=cast.team, role="social_worker")
    assert stand_in(cast.social_worker, TODAY) == cast.iro and stand_in(away.cover, TODAY) == cast.iro


def test_a_cover_who_has_left_the_team_is_none(cast, away):
    """They took the same role with another council: nothing goes to them any more, and they see none of the children."""
    assert seen(away.cover)
    away.cover.memberships.update(ended_on=TODAY)
    other = cast.other_social_worker.memberships.get().organisation
    f.MembershipFactory(user=away.cover, organisation=other, role="social_worker", began_on=TODAY)
    assert stand_in(cast.social_worker, TODAY) == cast.social_worker
    assert seen(away.cover) == set()


def test_covers_in_a_circle_end(cast, away):
    absent(away.cover, cast.iro)
    absent(cast.iro, cast.social_worker)
    assert stand_in(cast.social_worker, TODAY) == cast.social_worker
    assert seen(cast.social_worker) == {"Amara", "Jonah", "Skye"}


def test_a_cover_whose_account_is_closed_gets_nothing(cast, away):
    away.cover.is_active = False
    away.cover.save()
    assert stand_in(cast.social_worker, TODAY) == cast.social_worker


def test_an_absence_that_was_called_off_never_was(cast, away):
    Absence.objects.update(cancelled_at=NOW)
    assert stand_in(cast.social_worker, TODAY) == cast.social_worker and not seen(away.cover)


# --- the children -------------------------------------------------------------------------------------------------------


def test_the_cover_sees_the_children_from_the_first_day_away_to_the_last(cast, away):
    theirs = {"Amara", "Jonah", "Skye"}
    assert [seen(away.cover, TODAY + timedelta(days=n)) for n in (-1, 0, 3, 4)] == [set(), theirs, theirs, set()]


def test_in_the_part_of_whom_they_cover(cast, away):
    actor = actor_for(away.cover, NOW)
    child = with_standing(actor).get(pk=cast.children["amara"].pk)
    assert standing(actor, child) == {Role.SOCIAL_WORKER}


def test_ending_it_ends_the_cover_that_day(cast, away, client_as):
    Absence.objects.update(began_on=TODAY - timedelta(days=1))
    cover, owner = client_as(away.cover), client_as(cast.social_worker)
    page = reverse("pages:child", args=[cast.children["amara"].pk])
    assert cover.get(page).status_code == 200
    assert owner.post(reverse("notify:end-absence", args=[away.pk])).status_code == 302
    assert cover.get(page).status_code == 404
    away.refresh_from_db()
    assert away.ended_on == TODAY and away.history.latest("history_id").ended_on == TODAY


def test_who_does_not_hold_the_role_sees_nothing_by_covering(cast):
    absent(cast.social_worker, cast.nobody)
    absent(cast.iro, cast.designated_teacher)
    assert seen(cast.nobody) == set() and seen(cast.designated_teacher) == {"Amara", "Ben"}


def test_whoever_covers_for_a_cover_sees_them_too(cast, away):
    f.MembershipFactory(user=cast.left_worker, organisation=cast.team, role="social_worker", began_on=TODAY)
    absent(away.cover, cast.left_worker)
    assert seen(cast.left_worker) == {"Amara", "Jonah", "Skye"}


def test_it_is_one_query(cast, away, django_assert_num_queries):
    actor = actor_for(away.cover, NOW)
    with django_assert_num_queries(1):
        assert len(visible_to(actor)) == 3


# --- the messages -------------------------------------------------------------------------------------------------------


def test_what_is_for_somebody_away_reaches_the_cover_who_is_told_why(cast, away, tell):
    notice = tell(cast.social_worker, "A meeting has moved", urgent=True, child=cast.children["amara"])
    assert notice.person == away.cover and notice.in_place_of == cast.social_worker
    deliver()
    (message,) = mail.outbox
    assert away.cover.email in message.to[0]
    assert "Mx Q. Nobody," in message.body and "Amara" not in message.body
    assert "You get this because you cover for Mr P. Doyle until Friday 9 October." in message.body
    assert "cover for Mr P. Doyle until Friday 9 October" in message.alternatives[0][0]


def test_in_the_daily_email_it_says_for_whom(cast, away, tell):
    tell(cast.social_worker, "A plan needs a signature", child=cast.children["amara"])
    send_digests()
    (message,) = mail.outbox
    assert away.cover.email in message.to[0]
    assert "A plan needs a signature\n(for Mr P. Doyle, for whom you cover until Friday 9 October)" in message.body


def test_the_same_is_not_told_twice(cast, away, tell):
    """Neither while they are away nor when they are back."""
    tell(cast.social_worker, about="plan:1")
    with pytest.raises(AssertionError):
        tell(cast.social_worker, about="plan:1")
    with pytest.raises(AssertionError):
        tell(cast.social_worker, about="plan:1", at=on(FRIDAY + timedelta(days=3)))
    assert Notice.objects.count() == 1


def test_a_copy_for_somebody_else_does_not_keep_back_the_covers_own(cast, away, tell):
    copy = tell(cast.social_worker, "You are asked to a meeting", about="meeting:1", urgent=True)
    own = tell(away.cover, "You are asked to a meeting", about="meeting:1", urgent=True)
    deliver()
    assert len(mail.outbox) == 2 and (copy.person, copy.in_place_of) == (away.cover, cast.social_worker)
    assert (own.person, own.in_place_of) == (away.cover, None)


def test_what_the_cover_has_already_is_kept_unread_for_who_is_away(cast, away, tell, settings, client_as):
    """Both are asked to one meeting: the cover has one e-mail, and the other finds theirs when they are back."""
    tell(away.cover, "You are asked to a meeting", about="meeting:1", urgent=True)
    kept = tell(cast.social_worker, "You are asked to a meeting", about="meeting:1", urgent=True)
    deliver()
    send_digests()
    assert len(mail.outbox) == 1 and away.cover.email in mail.outbox[0].to[0]
    assert (kept.person, kept.in_place_of, unread_count(away.cover)) == (cast.social_worker, None, 1)
    settings.PORTAL_NOW = on(FRIDAY + timedelta(days=3))
    assert unread_count(cast.social_worker) == 1
    listed = client_as(cast.social_worker).get(reverse("notify:notices")).content.decode()
    assert "their cover has the same message" in listed


def test_what_was_waiting_when_they_went_goes_to_the_cover(cast, colleague, tell):
    tell(cast.social_worker, "Was waiting", child=cast.children["amara"])
    absent(cast.social_worker, colleague)
    send_digests()
    (message,) = mail.outbox
    assert colleague.email in message.to[0] and "Was waiting" in message.body
    assert unread_count(colleague) == 1 and unread_count(cast.social_worker) == 0


def test_what_was_to_leave_when_they_went_goes_to_the_cover(cast, colleague, tell):
    tell(cast.social_worker, "A meeting has moved", urgent=True, child=cast.children["amara"])
    absent(cast.social_worker, colleague)
    deliver()
    (message,) = mail.outbox
    assert colleague.email in message.to[0] and "You get this because you cover for" in message.body


def test_what_still_waits_when_they_are_back_is_theirs_again(cast, away, tell, settings):
    tell(cast.social_worker, "Still waiting", child=cast.children["amara"])
    settings.PORTAL_NOW = on(FRIDAY + timedelta(days=3))
    send_digests()
    (message,) = mail.outbox
    assert cast.social_worker.email in message.to[0] and "cover" not in message.body


def test_a_daily_email_that_was_put_off_does_not_go_to_who_has_gone_away(cast, colleague, tell, settings):
    tell(cast.social_worker, "Put off", child=cast.children["amara"])
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    send_digests()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    absent(cast.social_worker, colleague)
    settings.PORTAL_NOW += timedelta(minutes=10)
    send_digests()
    deliver()
    send_digests()
    assert [message.to[0] for message in mail.outbox] == ['"Mx Q. Nobody" <nobody@portal.example>']
    assert "they are away" in Notice.objects.get(kind="digest", person=cast.social_worker).last_error


def test_back_again_they_find_what_went_to_the_cover(cast, away, tell, client_as):
    notice = tell(cast.social_worker, "A meeting has moved", urgent=True, child=cast.children["amara"])
    listed = client_as(cast.social_worker).get(reverse("notify:notices")).content.decode()
    assert "It went to Mx Q. Nobody, who covered for you." in listed and "With your cover" in listed
    assert client_as(cast.social_worker).get(reverse("notify:notice", args=[notice.pk])).status_code == 200
    notice.refresh_from_db()
    assert notice.read_at is None, "it is the cover's to read"
    listed = client_as(away.cover).get(reverse("notify:notices")).content.decode()
    assert "For Mr P. Doyle, whom you cover." in listed and "Amara’s plan" in listed


def test_the_cover_has_what_is_due_on_their_page(cast, away, client_as):
    from pepportal.clock.models import Obligation

    Obligation.objects.create(child=cast.children["amara"], key="x", kind="initiated", title="Start the plan", unit="calendar",
                              holder_role="social_worker", holder=cast.social_worker, due_on=FRIDAY, starts_on=TODAY, rule="x")  # fmt: skip
    assert "Start the plan" in client_as(away.cover).get("/").content.decode()
    Absence.objects.update(cancelled_at=NOW)
    assert "Start the plan" not in client_as(away.cover).get("/").content.decode()


# --- recording it -------------------------------------------------------------------------------------------------------


def form(cover, first: date = TODAY, last: date = FRIDAY, **more) -> dict[str, object]:
    parts = {}
    for name, day in (("began_on", first), ("until", last)):
        parts |= {f"{name}_0": day.day, f"{name}_1": day.month, f"{name}_2": day.year}
    return parts | {"cover": str(cover.pk)} | more


def test_a_person_records_their_own_and_ends_it(cast, colleague, client_as):
    client, url = client_as(cast.social_worker), reverse("notify:away")
    page = client.post(url, form(colleague, reason="Annual leave"), follow=True).content.decode()
    assert "Mx Q. Nobody covers: Tuesday 6 October 2026 to Friday 9 October 2026" in page and "Annual leave" in page
    absence = Absence.objects.get()
    assert (absence.user, absence.cover, absence.ended_on) == (
        cast.social_worker,
        colleague,
        FRIDAY + timedelta(days=1),
    )
    assert absence.recorded_by == cast.social_worker
    assert Event.objects.filter(verb="record absence", subject_id=str(absence.pk)).exists()
    told = Notice.objects.get(kind="you_cover")
    assert told.person == colleague and "Mr P. Doyle is away from Tuesday 6 October until Friday 9 October" in told.text
    assert "Mr P. Doyle" in client_as(colleague).get(url).content.decode()
    client.post(reverse("notify:end-absence", args=[absence.pk]))
    absence.refresh_from_db()
    assert absence.cancelled_at == NOW, "it began today: it never was"
    assert Notice.objects.get(kind="you_cover_no_more").person == colleague
    assert "Annual leave" not in client.get(url).content.decode()


def test_nobody_without_a_colleague_in_their_role_can_be_covered(cast, client_as):
    page = client_as(cast.designated_teacher).get(reverse("notify:away")).content.decode()
    assert "Nobody can cover yet" in page and "Record the absence" not in page
    response = client_as(cast.social_worker).post(reverse("notify:away"), form(cast.iro))
    assert response.status_code == 200 and not Absence.objects.exists()


def test_a_manager_records_it_for_their_people_and_for_nobody_else(cast, colleague, client_as):
    url = reverse("notify:away")
    manager = client_as(cast.team_manager)
    assert "Mr P. Doyle" in manager.get(url).content.decode()
    assert manager.post(f"{url}?who={cast.social_worker.pk}", form(colleague)).status_code == 302
    absence = Absence.objects.get()
    assert absence.user == cast.social_worker and absence.recorded_by == cast.team_manager
    for other in (cast.iro, cast.other_social_worker, cast.vs_head):
        assert manager.get(url, {"who": other.pk}).status_code == 404
    assert manager.get(url, {"who": "x"}).status_code == 404
    for stranger in (colleague, cast.iro, cast.vs_head, cast.other_social_worker):
        assert client_as(stranger).post(reverse("notify:end-absence", args=[absence.pk])).status_code == 404
    assert manager.post(reverse("notify:end-absence", args=[absence.pk])).status_code == 302
    assert client_as(cast.vs_head).get(url, {"who": cast.caseworker.pk}).status_code == 200
    assert client_as(cast.caseworker).get(url, {"who": cast.vs_head.pk}).status_code == 404


def test_a_carer_has_no_cover(cast, client_as):
    for person in (cast.carer, cast.young_person):
        assert client_as(person).get(reverse("notify:away")).status_code == 403


def refused(field: str, words: str, **more) -> None:
    with pytest.raises(AbsenceConflict) as error:
        record_absence(by=the_portal(NOW), **more)
    assert error.value.field == field and words in error.value.sentence


def test_what_can_not_be_is_said(cast, colleague):
    worker = cast.social_worker
    refused("until", "first day or later", user=worker, cover=colleague, **days(FRIDAY, TODAY))
    refused(
        "until",
        "today or later",
        user=worker,
        cover=colleague,
        **days(TODAY - timedelta(days=9), TODAY - timedelta(days=1)),
    )
    for other in (cast.iro, cast.left_worker, cast.other_social_worker, worker):
        refused("cover", "same role", user=worker, cover=other, **days())
    record_absence(user=worker, cover=colleague, by=the_portal(NOW), **days())
    refused("began_on", "recorded already", user=worker, cover=colleague, **days(FRIDAY, FRIDAY + timedelta(days=7)))
    refused("cover", "Mr P. Doyle is away", user=colleague, cover=worker, **days(FRIDAY, FRIDAY + timedelta(days=7)))
    record_absence(
        user=worker, cover=colleague, by=the_portal(NOW), **days(FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=7))
    )


def test_an_absence_is_at_most_a_year_long_and_begins_at_most_31_days_back(cast, colleague):
    both = {"user": cast.social_worker, "cover": colleague}
    refused("began_on", "31 days", **both, **days(TODAY - timedelta(days=32)))
    refused("until", "12 months", **both, **days(TODAY, date(2027, 10, 6)))
    refused("until", "12 months", **both, **days(date(2028, 2, 29), date(2029, 3, 1)))
    assert not Absence.objects.exists()
    record_absence(by=the_portal(NOW), **both, **days(TODAY - timedelta(days=31), TODAY - timedelta(days=0)))
    record_absence(by=the_portal(NOW), **both, **days(TODAY + timedelta(days=1), date(2027, 10, 6)))


def test_the_database_refuses_what_the_action_does(cast, colleague):
    absent(cast.social_worker, colleague)
    for constraint, wrong in (
        ("absence_once_at_a_time", {"user": cast.social_worker, "cover": colleague, **days(FRIDAY, FRIDAY)}),
        ("absence_is_covered_by_another", {"user": cast.iro, "cover": cast.iro, **days()}),
        ("absence_ends_after_it_began", {"user": cast.iro, "cover": colleague, "began_on": TODAY, "ended_on": TODAY}),
    ):
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            Absence.objects.create(**wrong)
        assert error.value.__cause__.diag.constraint_name == constraint


def test_ending_one_that_is_over_changes_nothing(cast, colleague):
    over = absent(cast.social_worker, colleague, TODAY - timedelta(days=9), TODAY - timedelta(days=2))
    assert end_absence(over, by=the_portal(NOW)).ended_on == TODAY - timedelta(days=1)
    assert not Event.objects.filter(verb="end absence").exists()


def test_two_who_name_each_other_at_the_same_moment(transactional_db, cast, colleague):
    """One of them is told that the other is away."""
    together, said = threading.Barrier(2), []

    def go(user, cover) -> None:
        try:
            together.wait(10)
            record_absence(user=user, cover=cover, by=the_portal(NOW), **days())
            said.append("recorded")
        except AbsenceConflict as conflict:
            said.append(conflict.field)
        finally:
            connection.close()

    pairs = [(cast.social_worker, colleague), (colleague, cast.social_worker)]
    threads = [threading.Thread(target=go, args=pair) for pair in pairs]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert sorted(said) == ["cover", "recorded"]
