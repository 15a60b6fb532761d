"""The meeting is held and recorded: who came, what was said, when they meet next; who hears of a missing person."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from children.models import Carer
from meetings import actions
from meetings.actions import Presence
from meetings.models import Meeting, MeetingMove
from meetings.notices import required_person_missed
from meetings.queries import invitations_of, panel_status
from pepportal.accounts.models import Authority
from pepportal.audit.models import Event
from pepportal.notify.models import Notice
from peps.models import Pep
from peps.states import NotPossible, PepState
from tests.web.meetings.conftest import DAY, at, day_fields, errors, open_first

pytestmark = pytest.mark.django_db
NEXT = date(2027, 2, 2)


@pytest.fixture
def on_the_day(settings, meeting):
    """The evening of the meeting."""
    settings.PORTAL_NOW = at(DAY, 17)


def record_url(meeting) -> str:
    return reverse("meetings:record", args=[meeting.pk])


def recording(
    meeting, *, absent: dict | None = None, next_on: date | None = NEXT, held_on: date = DAY, **more
) -> dict[str, str]:
    """What is sent when everybody came but ``absent`` (user to reason)."""
    sent = day_fields(held_on, "held_on") | {
        "overview": "Amara reads more.",
        "child_took_part": "Joined for the last ten minutes",
    }
    for each in invitations_of(meeting):
        missed = each.user in (absent or {})
        sent[f"came_{each.pk.hex}"] = "no" if missed else "yes"
        if missed and each.required:
            sent[f"why_{each.pk.hex}"] = (absent or {})[each.user]
    return sent | (day_fields(next_on, "next_on") if next_on else {}) | more


def test_recording_keeps_what_happened_and_moves_the_plan_on(cast, pep, meeting, on_the_day, client_as):
    client = client_as(cast.designated_teacher)
    said = client.get(record_url(meeting)).content.decode()
    assert reverse("targets:panel", args=[pep.pk]) in said and reverse("targets:sdq", args=[pep.pk]) in said
    before = pep.revision
    assert client.post(record_url(meeting), recording(meeting)).status_code == 302
    meeting, pep = Meeting.objects.get(), Pep.objects.get()
    assert (meeting.state, meeting.held_on, meeting.next_meeting_on) == ("held", DAY, NEXT)
    assert meeting.recorded_by == cast.designated_teacher and meeting.child_took_part.startswith("Joined")
    assert all(each.attended for each in invitations_of(meeting))
    assert pep.state == PepState.COMPLETING and pep.revision == before + 1
    assert Event.objects.filter(verb="record meeting", child_id=pep.child_id).exists()
    assert panel_status(pep).missing == ()
    shown = client.get(reverse("meetings:panel", args=[pep.pk])).content.decode()
    assert "Amara reads more." in shown and "Tuesday 2 February 2027" in shown and "Mark this section complete" in shown
    assert not Notice.objects.filter(kind="meeting_missed").exists()


def test_the_panel_says_what_is_missing(cast, pep, meeting, on_the_day, client_as):
    assert panel_status(pep).missing == ("Record the meeting", "Set the next meeting’s date")
    client = client_as(cast.designated_teacher)
    client.post(record_url(meeting), recording(meeting, next_on=None))
    assert panel_status(pep).missing == ("Set the next meeting’s date",)
    shown = client.get(reverse("meetings:panel", args=[pep.pk])).content.decode()
    assert "Mark this section complete" not in shown and "set the next meeting’s date" in shown
    assert client.post(record_url(meeting), recording(meeting)).status_code == 302
    assert panel_status(pep).missing == ()
    assert Event.objects.filter(verb="correct the meeting’s record").count() == 1


def test_who_did_not_come_has_the_right_article(meeting):
    said = [required_person_missed(meeting, part=part).subject for part in ("Independent reviewing officer", "Carer")]
    assert [subject.split(" was")[0] for subject in said] == ["An independent reviewing officer", "A carer"]


def test_a_required_person_who_did_not_come_needs_a_reason_and_the_manager_is_told(
    cast, pep, meeting, on_the_day, client_as
):
    client = client_as(cast.designated_teacher)
    without = recording(meeting, absent={cast.social_worker: ""})
    assert "Say why Mr P. Doyle was not there" in errors(client.post(record_url(meeting), without))
    sent = recording(meeting, absent={cast.social_worker: "At court with another child"})
    assert client.post(record_url(meeting), sent).status_code == 302
    told = Notice.objects.filter(kind="meeting_missed")
    assert [notice.person for notice in told] == [cast.team_manager]
    assert told[0].subject == "A social worker was not at the PEP meeting on Tuesday 20 October"
    assert "At court with another child" in client.get(reverse("meetings:panel", args=[pep.pk])).content.decode()
    client.post(record_url(meeting), sent)
    assert Notice.objects.filter(kind="meeting_missed").count() == 1


def test_a_missing_teacher_is_the_virtual_schools_to_know_never_the_reviewing_officers(
    cast, pep, meeting, on_the_day, client_as
):
    sent = recording(meeting, absent={cast.designated_teacher: "Ill"})
    client_as(cast.social_worker).post(record_url(meeting), sent)
    told = {notice.person for notice in Notice.objects.filter(kind="meeting_missed")}
    assert told and told <= {cast.caseworker, cast.vs_head, cast.vs_deputy} and cast.iro not in told


def test_the_action_wants_the_reason_too(cast, meeting, on_the_day, acting):
    missed = meeting.invitations.get(user=cast.social_worker)
    with pytest.raises(NotPossible, match="Say why"):
        actions.record(
            meeting,
            held_on=DAY,
            came={missed.pk: Presence(False)},
            overview="x",
            by=acting(cast.designated_teacher, at(DAY, 17)),
        )


def test_held_on_another_day_is_a_move_that_is_kept(cast, meeting, settings, client_as):
    settings.PORTAL_NOW = at(date(2026, 10, 22), 17)
    client_as(cast.designated_teacher).post(record_url(meeting), recording(meeting, held_on=date(2026, 10, 21)))
    assert Meeting.objects.get().starts_at == at(date(2026, 10, 21))
    assert MeetingMove.objects.get().reason == "Held on another day than arranged"


@pytest.mark.parametrize(
    ("day", "said"), [(date(2026, 10, 21), "today or in the past"), (date(2026, 10, 1), "can’t be before that")]
)
def test_an_impossible_day_is_refused(cast, meeting, on_the_day, client_as, day, said):
    response = client_as(cast.designated_teacher).post(record_url(meeting), recording(meeting, held_on=day))
    assert said in errors(response) and Meeting.objects.get().state == "scheduled"


def test_a_meeting_to_come_cannot_be_recorded(cast, meeting, client_as, acting):
    with pytest.raises(NotPossible, match="in the future"):
        actions.record(meeting, held_on=DAY, came={}, overview="x", by=acting(cast.designated_teacher))


@pytest.mark.parametrize(
    ("next_on", "said"),
    [
        (date(2027, 2, 16), "half term"),
        (date(2027, 2, 20), "weekend"),
        (date(2026, 10, 20), "must be after"),
        (date(2027, 3, 24), "last 10 school days"),
    ],
)
def test_the_next_date_is_checked_by_the_same_rule(cast, meeting, on_the_day, client_as, next_on, said):
    response = client_as(cast.designated_teacher).post(record_url(meeting), recording(meeting, next_on=next_on))
    assert said in errors(response) and Meeting.objects.get().state == "scheduled"


def test_a_warned_next_date_goes_with_a_reason(cast, meeting, on_the_day, client_as):
    sent = recording(meeting, next_on=date(2027, 3, 24), next_reason="The only day the carer can")
    assert client_as(cast.designated_teacher).post(record_url(meeting), sent).status_code == 302
    assert Meeting.objects.get().next_meeting_reason == "The only day the carer can"


def test_the_action_refuses_a_next_date_in_the_holidays(cast, meeting, on_the_day, acting):
    came = {each.pk: Presence(True) for each in invitations_of(meeting)}
    with pytest.raises(NotPossible, match="half term"):
        actions.record(
            meeting, held_on=DAY, came=came, overview="x", next_meeting_on=date(2027, 2, 16),
            by=acting(cast.designated_teacher, at(DAY, 17)),
        )  # fmt: skip


@pytest.mark.parametrize("missing", ["overview", "held_on_0"])
def test_what_was_typed_stays_when_something_is_missing(cast, meeting, on_the_day, client_as, missing):
    sent = recording(meeting, child_took_part="Amara chose the reading target") | {missing: ""}
    response = client_as(cast.designated_teacher).post(record_url(meeting), sent)
    assert errors(response) and "Amara chose the reading target" in response.content.decode()


def test_somebody_else_who_came_is_kept(cast, meeting, on_the_day, client_as):
    client = client_as(cast.designated_teacher)
    assert "Enter in what part" in errors(client.post(record_url(meeting), recording(meeting, also_name="Mr Ward")))
    client.post(record_url(meeting), recording(meeting, also_name="Mr Ward", also_part="Class teacher"))
    assert meeting.invitations.get(name="Mr Ward").attended is True


def test_a_double_tap_records_once(cast, pep, meeting, on_the_day, client_as):
    client, sent = client_as(cast.designated_teacher), recording(meeting, _once="6a1f9f3e-5b68-4d07-9d2f-0a4cf7b8f102")
    assert client.post(record_url(meeting), sent)["Location"] == client.post(record_url(meeting), sent)["Location"]
    assert Event.objects.filter(verb="record meeting").count() == 1 and Pep.objects.get().revision == 1


def test_a_complete_section_is_closed_to_changes(cast, pep, meeting, on_the_day, client_as):
    client = client_as(cast.designated_teacher)
    client.post(record_url(meeting), recording(meeting))
    done = client.post(reverse("pages:complete-section", args=[pep.pk, "meeting"]))
    assert done.status_code == 302 and pep.sections.get(key="meeting").complete
    response = client.post(record_url(meeting), recording(meeting, overview="Another story"))
    assert "marked complete" in response.content.decode() and Meeting.objects.get().overview == "Amara reads more."


def test_the_teachers_manager_is_not_told_where_the_council_does_not_say_so(cast, acting, client_as, settings):
    Authority.objects.filter(pk=cast.westmere.pk).update(profile_name="kent-2017")
    cast.children["amara"].authority.refresh_from_db()
    pep = open_first(cast, "amara", acting(cast.data_officer))
    meeting = actions.schedule(pep, starts_at=at(DAY), place="x", by=acting(cast.designated_teacher))
    settings.PORTAL_NOW = at(DAY, 17)
    client_as(cast.designated_teacher).post(record_url(meeting), recording(meeting, absent={cast.social_worker: "Ill"}))
    told = Notice.objects.get(kind="meeting_missed").person
    rules = pep.profile_version.document["escalation"]["manager_told_of"]
    assert (told == cast.team_manager) is ("social_worker_absent" in rules)


def test_a_carer_without_an_address_is_on_the_list_and_told_by_hand(cast, acting, client_as):
    pep = open_first(cast, "jonah", acting(cast.data_officer))
    meeting = actions.schedule(pep, starts_at=at(DAY), place="x", by=acting(cast.social_worker))
    older = meeting.invitations.get(part="Carer")
    assert (
        older.name == Carer.objects.get(email="").name
        and not Notice.objects.filter(address="").exclude(person__isnull=False).exists()
    )
    assert (
        "tell them yourself"
        in client_as(cast.social_worker).get(reverse("meetings:panel", args=[pep.pk])).content.decode()
    )


def test_the_record_is_the_main_thing_to_do_from_the_day_on(cast, pep, meeting, client_as, settings):
    client, url = client_as(cast.designated_teacher), reverse("meetings:panel", args=[pep.pk])
    before = client.get(url)
    assert before.context["its_day"] is False and "Held earlier than arranged?" in before.content.decode()
    settings.PORTAL_NOW = at(DAY, 9)
    assert client.get(url).context["its_day"] is True
