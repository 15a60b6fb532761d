"""A meeting is arranged, moved and cancelled: the date rule, who is told, what stays written down."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from icalendar import Calendar

from meetings import actions
from meetings.ics import LONDON, PLACE_UNTOLD
from meetings.models import Invitation, Meeting, MeetingMove
from pepportal.accounts.models import Authority
from pepportal.audit.models import Event
from pepportal.notify.models import MailboxMessage, Notice
from pepportal.notify.tasks import deliver, send_digests
from peps.states import NotPossible
from tests.web.meetings.conftest import DAY, arranging, at, errors, open_first

pytestmark = pytest.mark.django_db


def arrange_url(pep) -> str:
    return reverse("meetings:arrange", args=[pep.pk])


def panel_url(pep) -> str:
    return reverse("meetings:panel", args=[pep.pk])


# --- arranging ----------------------------------------------------------------------------------------------------------


def test_a_teacher_arranges_the_meeting_and_everybody_is_told(cast, pep, client_as):
    client = client_as(cast.designated_teacher)
    page = client.get(arrange_url(pep))
    assert "Monday 2 November 2026" in page.content.decode()
    chosen = [value for value, _ in page.context["form"].fields["people"].choices]
    response = client.post(arrange_url(pep), arranging(people=chosen[:1]))
    assert response.status_code == 302 and response["Location"] == panel_url(pep)
    meeting = Meeting.objects.get()
    assert meeting.starts_at == at(DAY) and meeting.organised_by == cast.designated_teacher
    required = set(meeting.invitations.filter(required=True).values_list("user__email", flat=True))
    assert required == {cast.designated_teacher.email, cast.social_worker.email}
    assert set(Notice.objects.filter(kind="meeting_invited").values_list("person", flat=True)) >= {
        cast.social_worker.pk,
        cast.designated_teacher.pk,
    }
    part = Notice.objects.get(kind="part_due", person=cast.social_worker)
    assert part.subject == "Your part of a plan is due by Tuesday 13 October"
    assert Event.objects.filter(verb="arrange meeting", child_id=pep.child_id).exists()
    assert "Tuesday 20 October 2026, 2pm to 3pm" in client.get(panel_url(pep)).content.decode()


def test_the_page_says_whose_job_it_is_by_the_councils_rules(cast, pep, client_as, acting):
    said = client_as(cast.caseworker).get(panel_url(pep)).content.decode()
    assert "Designated teacher arranges this meeting" in said and "Ms R. Khan" in said
    Authority.objects.filter(pk=cast.westmere.pk).update(profile_name="enfield")
    cast.children["jonah"].authority.refresh_from_db()
    other = open_first(cast, "jonah", acting(cast.data_officer))
    assert "Social worker arranges this meeting" in client_as(cast.caseworker).get(panel_url(other)).content.decode()


def test_a_day_in_the_holidays_is_refused_with_its_reason_and_keeps_what_was_typed(cast, pep, client_as):
    response = client_as(cast.designated_teacher).post(
        arrange_url(pep), arranging(date(2026, 10, 28), place="The library")
    )
    assert response.status_code == 200 and "half term" in errors(response)
    assert 'value="The library"' in response.content.decode() and 'href="#id_day' in response.content.decode()
    assert not Meeting.objects.exists()


def test_the_action_refuses_the_same_day_whatever_the_form_says(cast, pep, acting):
    with pytest.raises(NotPossible, match="half term"):
        actions.schedule(pep, starts_at=at(date(2026, 10, 28)), place="x", by=acting(cast.designated_teacher))


def test_a_warned_day_asks_why_and_keeps_the_answer(cast, pep, client_as):
    client = client_as(cast.designated_teacher)
    assert "date_reason" not in client.get(arrange_url(pep)).content.decode()
    late = date(2026, 11, 10)
    first = client.post(arrange_url(pep), arranging(late))
    assert "after the day it is due" in errors(first) and 'name="date_reason"' in first.content.decode()
    done = client.post(
        arrange_url(pep), arranging(late, date_reason="Waiting for the hospital", day_warned=late.isoformat())
    )
    assert done.status_code == 302
    assert Meeting.objects.get().date_reason == "Waiting for the hospital"


def test_the_lead_up_to_the_end_of_term_cannot_be_had_without_a_reason(cast, pep, client_as):
    day = date(2026, 12, 15)
    again = client_as(cast.designated_teacher).post(arrange_url(pep), arranging(day, day_warned=day.isoformat()))
    assert again.status_code == 200 and not Meeting.objects.exists()


def test_enfield_refuses_what_the_default_only_asks_about(cast, acting, client_as):
    Authority.objects.filter(pk=cast.westmere.pk).update(profile_name="enfield")
    cast.children["amara"].authority.refresh_from_db()
    pep = open_first(cast, "amara", acting(cast.data_officer))
    response = client_as(cast.social_worker).post(
        arrange_url(pep), arranging(date(2026, 12, 15), date_reason="No other day")
    )
    assert "last 10 school days" in errors(response) and not Meeting.objects.exists()


def test_before_entry_is_refused_by_the_form_and_by_the_database(cast, pep, client_as):
    response = client_as(cast.designated_teacher).post(arrange_url(pep), arranging(date(2026, 10, 1)))
    assert "before the child came into care" in errors(response)
    with pytest.raises(IntegrityError, match="before the child came into care"), transaction.atomic():
        Meeting.objects.create(
            pep=pep, starts_at=at(date(2026, 10, 1)), place="x", organised_by=cast.designated_teacher
        )


def test_a_day_gone_by_is_asked_about_once_and_tells_nobody(cast, pep, client_as):
    client, day = client_as(cast.designated_teacher), date(2026, 10, 5)
    assert "is in the past" in errors(client.post(arrange_url(pep), arranging(day)))
    assert client.post(arrange_url(pep), arranging(day, day_past=day.isoformat())).status_code == 302
    assert not Notice.objects.filter(kind__in=["meeting_invited", "part_due"]).exists()


def test_an_interim_meeting_is_offered_when_no_school_day_is_left(cast, pep, client_as, settings):
    settings.PORTAL_NOW = datetime(2026, 10, 24, 10, tzinfo=LONDON)
    pep.trigger_on = date(2026, 9, 29)
    pep.__class__.objects.filter(pk=pep.pk).update(trigger_on=date(2026, 9, 29))
    client, day = client_as(cast.designated_teacher), date(2026, 10, 27)
    page = client.get(arrange_url(pep)).content.decode()
    assert "No school day is left" in page and 'name="interim"' in page
    assert "half term" in errors(client.post(arrange_url(pep), arranging(day)))
    assert client.post(arrange_url(pep), arranging(day, interim="on")).status_code == 302
    assert Meeting.objects.get().interim


def test_interim_cannot_be_claimed_while_school_days_are_left(cast, pep, client_as):
    response = client_as(cast.designated_teacher).post(arrange_url(pep), arranging(date(2026, 10, 28), interim="on"))
    assert response.status_code == 200 and not Meeting.objects.exists()


@pytest.mark.parametrize(
    ("what", "value", "said"),
    [
        ("at", "", "Enter the time"), ("at", "2", "Enter a time like"), ("minutes", "lots", "whole number"), ("minutes", "5", "10 or more"),
        ("place", "", "Enter where"), ("place", "x" * 201, "200 characters"), ("chair", "", "Enter who leads"),
        ("other_email", "not an address", "correct format"), ("people", "stranger", "Select from"), ("day_1", "13", "real date"),
    ],
)  # fmt: skip
def test_bad_input_is_named_and_nothing_is_written(cast, pep, client_as, what, value, said):
    sent = arranging(other_name="Dr Ode", other_part="Psychologist") | {what: value}
    response = client_as(cast.designated_teacher).post(arrange_url(pep), sent)
    assert said in errors(response) and not Meeting.objects.exists()


def test_hostile_text_is_shown_as_text(cast, pep, client_as):
    client = client_as(cast.designated_teacher)
    client.post(arrange_url(pep), arranging(place="<script>alert(1)</script>\x00"))
    said = client.get(panel_url(pep)).content.decode()
    assert "&lt;script&gt;" in said and "<script>alert" not in said


def test_a_double_tap_arranges_one_meeting(cast, pep, client_as):
    client, once = client_as(cast.designated_teacher), "6a1f9f3e-5b68-4d07-9d2f-0a4cf7b8f101"
    first = client.post(arrange_url(pep), arranging(_once=once))
    second = client.post(arrange_url(pep), arranging(_once=once))
    assert first["Location"] == second["Location"] and Meeting.objects.count() == 1
    assert Notice.objects.filter(kind="meeting_invited", person=cast.social_worker).count() == 1


def test_two_people_arrange_one_meeting(cast, pep, acting, meeting):
    with pytest.raises(NotPossible, match="arranged for this plan already"):
        actions.schedule(pep, starts_at=at(DAY, 9), place="Elsewhere", by=acting(cast.social_worker))
    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.create(pep=pep, starts_at=at(DAY, 9), place="x", organised_by=cast.social_worker)


def test_a_long_list_is_warned_about(cast, pep, acting, meeting, client_as):
    for number in range(7):
        actions.invite(meeting, person=actions.Asked(f"Helper {number}", "Helper"), by=acting(cast.designated_teacher))
    assert "Small meetings work better" in client_as(cast.designated_teacher).get(panel_url(pep)).content.decode()


def test_a_child_without_a_school_has_only_weekends_and_bank_holidays(cast, acting, client_as):
    pep = open_first(cast, "skye", acting(cast.data_officer))
    client = client_as(cast.social_worker)
    assert "weekend" in errors(client.post(arrange_url(pep), arranging(date(2026, 10, 24))))
    assert client.post(arrange_url(pep), arranging(date(2026, 10, 28), chair="Ms E. Petrou")).status_code == 302


# --- the diary entry ----------------------------------------------------------------------------------------------------


def entry_for(notice: Notice):
    calendar = Calendar.from_ical(notice.calendar_file)
    return calendar, calendar.walk("VEVENT")[0]


def test_the_place_is_in_the_diary_of_people_with_an_account_only(cast, pep, acting):
    people = [actions.Asked("Dr Ode", "Psychologist at Hollin Lane Primary", None, "ode@elsewhere.example")]
    meeting = actions.schedule(
        pep, starts_at=at(DAY), place="Room 4", people=people, by=acting(cast.designated_teacher)
    )
    _, own = entry_for(Notice.objects.get(kind="meeting_invited", person=cast.social_worker))
    _, outside = entry_for(Notice.objects.get(kind="meeting_invited", address="ode@elsewhere.example"))
    assert str(own["location"]) == "Room 4" and str(outside["location"]) == PLACE_UNTOLD
    assert str(own["uid"]).startswith(str(meeting.pk))


def test_the_message_arrives_with_its_entry(cast, meeting, mailbox):
    deliver()
    arrived = MailboxMessage.objects.get(recipient=cast.social_worker.email, subject__startswith="You are asked")
    assert "METHOD:REQUEST" in arrived.calendar_file


# --- moving and cancelling ----------------------------------------------------------------------------------------------


def test_a_move_keeps_the_reason_tells_everybody_and_withdraws_what_has_not_left(
    cast, pep, meeting, client_as, mailbox
):
    url = reverse("meetings:move", args=[meeting.pk])
    client = client_as(cast.designated_teacher)
    assert "Say why the meeting is moved" in errors(client.post(url, arranging(date(2026, 10, 22))))
    assert client.post(url, arranging(date(2026, 10, 22), reason="The carer has a hospital visit")).status_code == 302
    meeting.refresh_from_db()
    assert meeting.starts_at == at(date(2026, 10, 22)) and meeting.sequence == 1
    move = MeetingMove.objects.get()
    assert (move.moved_from, move.moved_to, move.reason) == (
        at(DAY),
        meeting.starts_at,
        "The carer has a hospital visit",
    )
    old = Notice.objects.get(kind="meeting_invited", person=cast.social_worker)
    assert old.work_state == "done" and old.sent_at is None and "moved" in old.last_error
    calendar, event = entry_for(Notice.objects.get(kind="meeting_moved", person=cast.social_worker))
    assert event["sequence"] == 1 and calendar["method"] == "REQUEST"
    deliver()
    send_digests()
    arrived = dict(MailboxMessage.objects.filter(recipient=cast.social_worker.email).values_list("subject", "text"))
    moved = arrived.pop("A PEP meeting has moved to Thursday 22 October")
    assert "Thursday 22 October" in moved
    (daily,) = arrived.values()  # what can wait is in one e-mail, with the new day only
    assert daily.count("Your part of a plan is due by") == 1
    assert "Your part of a plan is due by Thursday 15 October" in daily
    said = client.get(panel_url(pep)).content.decode()
    assert "The carer has a hospital visit" in said and "Moved to Thursday 22 October 2026" in said


def test_a_move_asks_for_answers_again(cast, meeting, acting):
    own = meeting.invitations.get(user=cast.social_worker)
    actions.reply(own, answer="yes", by=acting(cast.social_worker))
    actions.move(meeting, starts_at=at(date(2026, 10, 22)), reason="x", by=acting(cast.designated_teacher))
    own.refresh_from_db()
    assert own.reply == "none" and own.replied_at is None


def test_a_move_into_the_holidays_is_refused(cast, meeting, client_as):
    url = reverse("meetings:move", args=[meeting.pk])
    assert "half term" in errors(
        client_as(cast.designated_teacher).post(url, arranging(date(2026, 10, 27), reason="x"))
    )
    assert not MeetingMove.objects.exists()


def test_nothing_changed_is_said(cast, meeting, client_as):
    sent = arranging(place=meeting.place, reason="No reason")
    response = client_as(cast.designated_teacher).post(reverse("meetings:move", args=[meeting.pk]), sent)
    assert "Nothing has changed" in response.content.decode() and Meeting.objects.get().sequence == 0


def test_moves_are_never_changed(cast, meeting, acting):
    actions.move(meeting, starts_at=at(date(2026, 10, 22)), reason="x", by=acting(cast.designated_teacher))
    with pytest.raises(Exception, match="append"), transaction.atomic():
        MeetingMove.objects.update(reason="another")


def test_a_cancelled_meeting_leaves_the_diary_and_another_can_be_arranged(cast, pep, meeting, client_as):
    client, url = client_as(cast.social_worker), reverse("meetings:cancel", args=[meeting.pk])
    assert "Say why the meeting is cancelled" in errors(client.post(url, {}))
    assert client.post(url, {"reason": "The child is ill"}).status_code == 302
    calendar, event = entry_for(Notice.objects.get(kind="meeting_cancelled", person=cast.social_worker))
    assert calendar["method"] == "CANCEL" and event["sequence"] == 1
    assert "The child is ill" in client.get(panel_url(pep)).content.decode()
    assert client.post(arrange_url(pep), arranging(date(2026, 10, 22))).status_code == 302
    assert client.post(url, {"reason": "again"}).status_code == 200


# --- the list -----------------------------------------------------------------------------------------------------------


def test_somebody_is_asked_later_taken_off_and_asked_again(cast, meeting, client_as):
    client = client_as(cast.designated_teacher)
    invite = reverse("meetings:invite", args=[meeting.pk])
    sent = {"other_name": "Dr Ode", "other_part": "Psychologist", "other_email": "ode@elsewhere.example"}
    assert client.post(invite, sent).status_code == 302
    assert "is asked already" in client.post(invite, sent).content.decode()
    person = meeting.invitations.get(name="Dr Ode")
    off = reverse("meetings:uninvite", args=[meeting.pk, person.pk])
    assert client.get(off).status_code == 200 and client.post(off).status_code == 302
    assert not meeting.invitations.filter(name="Dr Ode").exists()
    assert Invitation.history.filter(name="Dr Ode", history_type="-", history_user=cast.designated_teacher).exists()
    assert client.post(invite, sent).status_code == 302
    told = (
        Notice.objects.filter(address="ode@elsewhere.example")
        .order_by("created_at", "id")
        .values_list("kind", flat=True)
    )
    assert sorted(told) == ["meeting_invited", "meeting_invited", "meeting_not_needed"]


def test_those_who_must_come_stay_on_the_list(cast, meeting, client_as):
    person = meeting.invitations.get(user=cast.social_worker)
    client_as(cast.designated_teacher).post(reverse("meetings:uninvite", args=[meeting.pk, person.pk]))
    assert meeting.invitations.filter(pk=person.pk).exists()


def test_an_invitation_of_another_meeting_is_not_there(cast, meeting, acting, client_as):
    other = actions.schedule(
        open_first(cast, "skye", acting(cast.data_officer)), starts_at=at(DAY), place="x", by=acting(cast.social_worker)
    )
    stranger = other.invitations.first()
    assert (
        client_as(cast.designated_teacher)
        .post(reverse("meetings:uninvite", args=[meeting.pk, stranger.pk]))
        .status_code
        == 404
    )


def test_arranging_asks_a_fixed_number_of_questions(
    cast, pep, meeting, client_as, acting, django_assert_max_num_queries
):
    for number in range(30):
        actions.invite(meeting, person=actions.Asked(f"Helper {number}", "Helper"), by=acting(cast.designated_teacher))
    client = client_as(cast.designated_teacher)
    client.get(panel_url(pep))
    with django_assert_max_num_queries(40):
        client.get(panel_url(pep))


def test_the_days_offered_lead_to_the_form_with_that_day(cast, pep, client_as):
    client = client_as(cast.designated_teacher)
    good = client.get(arrange_url(pep)).context["good_dates"]
    assert len(good) == 3
    shown = client.get(arrange_url(pep), {"day": good[0].isoformat()}).content.decode()
    assert f'value="{good[0].day}"' in shown
    assert client.get(arrange_url(pep), {"day": "<script>"}).status_code == 200


def test_a_wrong_day_typed_beside_a_warning_for_another_is_warned_about_anew(cast, pep, client_as):
    late = date(2026, 11, 10)
    sent = arranging(late, day_warned=(late + timedelta(days=1)).isoformat())
    assert "after the day it is due" in errors(client_as(cast.designated_teacher).post(arrange_url(pep), sent))
