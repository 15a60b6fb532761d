"""Other meetings about the child's education are kept with the plan: who may add and correct, who reads (R19)."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from meetings import actions
from meetings.models import OtherMeeting
from pepportal.audit.models import Event
from peps.states import NotPossible
from tests.cast import TODAY
from tests.web.meetings.conftest import day_fields, errors

pytestmark = pytest.mark.django_db
LIST, ADD = "meetings:others", "meetings:add-other"


def sent(**more) -> dict[str, str]:
    values = {"kind": "ehcp_review", "who_came": "Ms R. Khan\nDr Canary", "summary": "More canary hours."}
    return day_fields(date(2026, 10, 5), "on") | values | more


@pytest.fixture
def kept(pep, cast, acting) -> OtherMeeting:
    return actions.record_other(
        pep, kind="transition", on=TODAY, who_came="Dr Canary", summary="A visit to the new school.",
        by=acting(cast.designated_teacher),
    )  # fmt: skip


def test_one_is_added_and_every_reader_of_the_plan_finds_it(cast, client_as, pep):
    """R19"""
    revision = pep.revision
    client_as(cast.social_worker).post(reverse(ADD, args=[pep.pk]), sent())
    row = OtherMeeting.objects.get()
    assert (row.pep, row.kind, row.on, row.recorded_by) == (pep, "ehcp_review", date(2026, 10, 5), cast.social_worker)
    pep.refresh_from_db()
    assert pep.revision == revision, "it is no part of what the parties sign"
    for person in (cast.iro, cast.head_teacher, cast.designated_teacher, cast.vs_head):
        client = client_as(person)
        assert "More canary hours." in client.get(reverse(LIST, args=[pep.pk])).content.decode()
        for name, pk in (("pages:pep", pep.pk), ("pages:child", pep.child_id)):
            text = client.get(reverse(name, args=[pk])).content.decode()
            assert "Annual review of the EHCP, Monday 5 October 2026" in text and f"#meeting-{row.pk}" in text, (
                person,
                name,
            )
    event = Event.objects.get(verb="record other meeting")
    assert "anary" not in event.reason and event.child_id == pep.child_id


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": ""}, "Select what kind of meeting it was"),
        ({"kind": "party"}, "Select one of the answers given"),
        ({"who_came": ""}, "Enter who came"),
        ({"summary": " "}, "Enter what was decided"),
        (day_fields(date(2026, 10, 7), "on"), "must be today or in the past"),
        (day_fields(date(2017, 3, 8), "on"), "after the child was born"),
        ({"on_0": "", "on_1": "", "on_2": ""}, "Enter the day of the meeting"),
    ],
)
def test_what_is_refused(cast, client_as, pep, given, said):
    assert said in errors(client_as(cast.social_worker).post(reverse(ADD, args=[pep.pk]), sent() | given))
    assert not OtherMeeting.objects.exists()


def test_who_may_not_add_or_correct(cast, client_as, pep, kept):
    change = reverse("meetings:change-other", args=[kept.pk])
    for url in (reverse(ADD, args=[pep.pk]), change):
        for person in (cast.iro, cast.head_teacher, cast.team_manager, cast.carer, cast.administrator):
            assert client_as(person).post(url, sent()).status_code == 403
        for person in (cast.other_social_worker, cast.other_vs_head, cast.nobody):
            assert client_as(person).get(url).status_code == 404
    assert client_as(cast.carer).get(reverse(LIST, args=[pep.pk])).status_code == 403
    assert client_as(cast.other_teacher).get(reverse(LIST, args=[pep.pk])).status_code == 404
    text = client_as(cast.iro).get(reverse(LIST, args=[pep.pk])).content.decode()
    assert "Correct it" not in text and "Add a meeting" not in text
    kept.refresh_from_db()
    assert kept.summary == "A visit to the new school."


def test_a_correction_keeps_what_it_said_before(cast, client_as, kept):
    url, client = reverse("meetings:change-other", args=[kept.pk]), client_as(cast.social_worker)
    assert 'name="based_on" value="1"' in client.get(url).content.decode()
    client.post(url, sent(based_on="1"))
    kept.refresh_from_db()
    assert (kept.kind, kept.summary, kept.recorded_by) == ("ehcp_review", "More canary hours.", cast.designated_teacher)
    now, before = kept.history.all()
    assert (before.summary, now.history_user) == ("A visit to the new school.", cast.social_worker)


@pytest.mark.parametrize("based_on", ["1", "", "x", "9" * 20])
def test_a_correction_of_something_corrected_meanwhile_is_held_back(cast, client_as, kept, acting, based_on):
    actions.correct_other(
        kept, kind="transition", on=TODAY, who_came="Dr Canary", summary="Theirs.", based_on=1, by=acting(cast.vs_head)
    )
    url = reverse("meetings:change-other", args=[kept.pk])
    answer = client_as(cast.social_worker).post(url, sent(based_on=based_on))
    assert "Somebody else has corrected this" in errors(answer)
    text = answer.content.decode()
    assert "More canary hours." in text and "Theirs." in text and 'name="based_on" value="2"' in text
    kept.refresh_from_db()
    assert kept.summary == "Theirs."


def test_none_goes_to_a_plan_that_was_closed(cast, pep, acting):
    pep.state = "closed"
    with pytest.raises(NotPossible, match="was closed"):
        actions.record_other(pep, kind="other", on=TODAY, who_came="x", summary="x", by=acting(cast.vs_head))
