"""Who sees a meeting, who answers, and that no message says who it is about."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from children.models import Allocation
from meetings import actions, notices
from meetings.queries import invitations_of
from pepportal.audit.models import Event
from pepportal.notify.models import Notice
from tests.web.meetings.conftest import DAY, at, open_first

pytestmark = pytest.mark.django_db


def address(meeting) -> str:
    return reverse("meetings:meeting", args=[meeting.pk])


def arranging_pages(pep, meeting) -> list[str]:
    return [reverse("meetings:arrange", args=[pep.pk])] + [
        reverse(f"meetings:{name}", args=[meeting.pk]) for name in ("move", "cancel", "invite", "record")
    ]


STRANGERS = (
    "nobody",
    "other_teacher",
    "other_social_worker",
    "other_caseworker",
    "other_vs_head",
    "left_worker",
    "young_person",
)


@pytest.mark.parametrize("who", STRANGERS)
def test_other_peoples_meetings_are_not_there(cast, pep, meeting, client_as, who):
    client = client_as(getattr(cast, who))
    invitation = meeting.invitations.first()
    pages = [*arranging_pages(pep, meeting), address(meeting), reverse("meetings:panel", args=[pep.pk])]
    pages.append(reverse("meetings:uninvite", args=[meeting.pk, invitation.pk]))
    for page in pages:
        assert client.get(page).status_code == 404, page
        if page != reverse("meetings:panel", args=[pep.pk]):
            assert client.post(page, {"answer": "yes", "reason": "x"}).status_code == 404, page
    assert "Amara" not in client.get(reverse("meetings:meetings")).content.decode()


@pytest.mark.parametrize("who", ["carer", "iro", "head_teacher", "team_manager", "administrator"])
def test_those_who_see_the_child_but_do_not_arrange_are_refused(cast, pep, meeting, client_as, who):
    client = client_as(getattr(cast, who))
    for page in arranging_pages(pep, meeting):
        assert client.get(page).status_code == 403, page
        assert client.post(page, {"reason": "x"}).status_code == 403, page
    meeting.refresh_from_db()
    assert meeting.state == "scheduled"


def test_signed_out_people_are_sent_to_sign_in(client, pep, meeting):
    for page in [*arranging_pages(pep, meeting), address(meeting)]:
        assert client.get(page)["Location"].startswith("/accounts/login/"), page


# --- answering ----------------------------------------------------------------------------------------------------------


def test_a_carer_sees_when_and_where_and_answers_but_not_the_plan(cast, pep, meeting, client_as):
    client = client_as(cast.carer)
    said = client.get(address(meeting)).content.decode()
    assert "Tuesday 20 October 2026, 2pm to 3pm" in said and "Room 4 at Hollin Lane" in said
    assert reverse("meetings:panel", args=[pep.pk]) not in said
    assert client.get(reverse("meetings:panel", args=[pep.pk])).status_code == 403
    assert client.post(address(meeting), {"answer": "report"}).status_code == 302
    assert meeting.invitations.get(user=cast.carer).reply == "report"
    assert "Sends a report" in client_as(cast.caseworker).get(reverse("meetings:panel", args=[pep.pk])).content.decode()
    assert Event.objects.filter(verb="answer invitation", actor_id=cast.carer.pk, child_id=pep.child_id).exists()


def test_a_young_person_answers_for_themselves(cast, acting, client_as):
    pep = open_first(cast, "jonah", acting(cast.data_officer))
    meeting = actions.schedule(pep, starts_at=at(DAY), place="The library", by=acting(cast.social_worker))
    client = client_as(cast.young_person)
    assert "Your PEP meeting" in client.get(address(meeting)).content.decode()
    assert client.post(address(meeting), {"answer": "yes"}).status_code == 302
    assert meeting.invitations.get(user=cast.young_person).reply == "yes"
    assert "Jonah" in client.get(reverse("meetings:meetings")).content.decode()


def test_those_who_were_not_asked_do_not_answer(cast, pep, meeting, client_as):
    client = client_as(cast.administrator)
    assert client.get(address(meeting))["Location"] == reverse("meetings:panel", args=[pep.pk])
    assert client.post(address(meeting), {"answer": "yes"}).status_code == 403
    assert not meeting.invitations.exclude(reply="none").exists()


@pytest.mark.parametrize("answer", ["", "maybe", "none"])
def test_an_answer_that_is_none_is_refused(cast, meeting, client_as, answer):
    response = client_as(cast.carer).post(address(meeting), {"answer": answer})
    assert response.status_code == 200 and "There is a problem" in response.content.decode()


def test_nobody_answers_after_it_is_called_off(cast, meeting, acting, client_as):
    actions.cancel(meeting, reason="x", by=acting(cast.designated_teacher))
    client = client_as(cast.carer)
    assert "was cancelled" in client.get(address(meeting)).content.decode()
    client.post(address(meeting), {"answer": "yes"})
    assert meeting.invitations.get(user=cast.carer).reply == "none"


def test_an_invitation_ends_with_the_fact_it_rested_on(cast, pep, meeting, client_as):
    client = client_as(cast.social_worker)
    assert client.get(address(meeting)).status_code == 200
    Allocation.objects.filter(child=pep.child, user=cast.social_worker).delete()
    assert client.get(address(meeting)).status_code == 404
    assert client.post(address(meeting), {"answer": "yes"}).status_code == 404
    assert "Amara" not in client.get(reverse("meetings:meetings")).content.decode()


def test_the_look_at_a_meeting_is_written_down(cast, pep, meeting, client_as):
    client_as(cast.iro).get(reverse("meetings:panel", args=[pep.pk]))
    assert Event.objects.filter(kind="saw", actor_id=cast.iro.pk, child_id=pep.child_id).exists()


# --- the list -----------------------------------------------------------------------------------------------------------


def test_my_meetings_to_come_and_gone_by(cast, meeting, client_as, settings):
    client, url = client_as(cast.caseworker), reverse("meetings:meetings")
    assert "Amara Okafor" in client.get(url).content.decode()
    assert "Amara Okafor" not in client.get(url, {"when": "past"}).content.decode()
    assert "Amara Okafor" in client.get(url, {"q": "okaf"}).content.decode()
    assert "No meeting fits" in client.get(url, {"q": "penrose"}).content.decode()
    settings.PORTAL_NOW = at(DAY.replace(day=21))
    assert "No meeting is to come" in client.get(url).content.decode()
    assert "Amara Okafor" in client.get(url, {"when": "past"}).content.decode()


@pytest.mark.parametrize(
    "sent", [{"page": "99"}, {"page": "x"}, {"q": "%' OR 1=1"}, {"when": "never"}, {"q": "a" * 300}]
)
def test_odd_searches_are_answered(cast, meeting, client_as, sent):
    assert client_as(cast.caseworker).get(reverse("meetings:meetings"), sent).status_code == 200


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_many(cast, meeting, acting, client_as):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, url = client_as(cast.caseworker), reverse("meetings:meetings")
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for key in ("jonah", "skye"):
        pep = open_first(cast, key, acting(cast.data_officer))
        actions.schedule(pep, starts_at=at(DAY, 9), place="x", by=acting(cast.caseworker))
    with CaptureQueriesContext(connection) as many:
        assert client.get(url).content.decode().count("Okafor") >= 1
    assert len(many) == len(one) <= 15


# --- what messages say --------------------------------------------------------------------------------------------------

TELLING = re.compile(r"Amara|Okafor|\bA\.?\s?O\.?\b|Hollin|Room 4", re.IGNORECASE)


def test_no_message_names_the_child_the_school_or_the_place(cast, pep, meeting):
    for name, message in notices.samples(meeting).items():
        for text in (message.subject, *message.lines, message.link, message.link_text):
            assert not TELLING.search(text), (name, text)
        assert len(message.subject) <= 120 and 3 <= len(message.lines) <= 4


def test_no_message_that_was_written_names_them_either(cast, pep, meeting, acting, settings):
    by = acting(cast.designated_teacher)
    outside = actions.Asked("Dr Ode", "Psychologist at Hollin Lane Primary", None, "ode@elsewhere.example")
    actions.invite(meeting, person=outside, by=by)
    actions.move(meeting, starts_at=at(DAY, 10), reason="Amara Okafor is at Hollin Lane then", by=by)
    actions.uninvite(meeting.invitations.get(name="Dr Ode"), by=by)
    late = acting(cast.designated_teacher, at(DAY, 17))
    missed = {each.pk: actions.Presence(not each.required, "Amara") for each in invitations_of(meeting)}
    actions.record(meeting, held_on=DAY, came=missed, overview="Amara", by=late)
    notices.please_arrange(pep, DAY, "designated_teacher", team=actions.team_of(pep.child, by.today), by=by)
    written = Notice.objects.all()
    assert {
        "meeting_invited",
        "meeting_moved",
        "meeting_not_needed",
        "meeting_missed",
        "part_due",
        "please_arrange",
    } <= {n.kind for n in written}
    for notice in written:
        for text in (notice.subject, notice.text, notice.html):
            assert not TELLING.search(text), (notice.kind, text)
        if notice.person is None:
            assert not TELLING.search(notice.calendar_file)


def test_whoever_is_responsible_is_asked_to_arrange_it_once(cast, pep, acting):
    by = acting(cast.data_officer)
    team = actions.team_of(pep.child, by.today)
    assert notices.please_arrange(pep, DAY, "designated_teacher", team=team, by=by) == 1
    assert notices.please_arrange(pep, DAY, "designated_teacher", team=team, by=by) == 0
    asked = Notice.objects.get(kind="please_arrange")
    assert asked.person == cast.designated_teacher and asked.subject == "Arrange a PEP meeting by Tuesday 20 October"
