"""Before the meeting: what is ready, who owes the rest, and what people confirm (R30, R35)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from meetings import actions as meetings
from pepportal.audit.models import Event
from pepportal.clock.actions import sync_child
from pepportal.clock.models import Obligation
from pepportal.timekeeping import LONDON
from peps.actions import confirm, open_pep
from peps.models import Confirmation, Confirmed
from peps.states import NotPossible
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def use(cast, name: str) -> None:
    cast.westmere.profile_name = name
    cast.westmere.save()


@pytest.fixture
def plan(cast, acting):
    """``plan("kent-2017")``: Amara's first plan under a council's rules, its meeting arranged for Tuesday 20 October."""

    def make(profile: str):
        use(cast, profile)
        by, episode = acting(cast.data_officer), cast.episodes["amara"]
        pep = open_pep(
            child=cast.children["amara"], episode=episode, kind="first", cause=f"first:{episode.pk}",
            trigger_on=episode.began_on, by=by,
        )  # fmt: skip
        starts = NOW.astimezone(LONDON).replace(day=20, hour=14)
        meetings.schedule(pep, starts_at=starts, place="Room 4", by=acting(cast.designated_teacher))
        sync_child(pep.child_id, by=by)
        return pep

    return make


def ready_part(client, pep) -> str:
    text = client.get(reverse("pages:pep", args=[pep.pk])).content.decode()
    return text.split('id="ready"', 1)[1].split("The whole plan", 1)[0] if 'id="ready"' in text else ""


def line(part: str, title: str) -> str:
    return part.split(title, 1)[1].split("</li>", 1)[0]


def test_each_part_that_the_rules_name_says_who_owes_it_and_by_when(cast, client_as, plan):
    """R35"""
    pep = plan("virtual-school-led")
    part = ready_part(client_as(cast.social_worker), pep)
    for title in ("Attainment", "Attendance", "Ideas for targets", "What Amara thinks", "The right form is allocated"):
        assert title in part, title
    due = Obligation.objects.get(key=f"prepare:{pep.pk}:attainment").due_on
    assert f"Ms R. Khan, by {due:%A} {due.day} October" in line(part, ">Attainment<") and "Waiting" in line(
        part, ">Attainment<"
    )
    assert "The social worker’s part" not in part, "this council wants it at no day before the meeting"


def test_what_is_done_is_ready_and_what_is_past_its_day_is_late(cast, client_as, plan):
    pep = plan("virtual-school-led")
    of = Obligation.objects.filter(pep=pep, kind="prepare")
    of.filter(key__endswith=":attainment").update(met_on=NOW.date())
    of.filter(key__endswith=":attendance").update(due_on="2026-10-05")
    part = ready_part(client_as(cast.iro), pep)
    assert "Ready" in line(part, ">Attainment<") and "Late" in line(part, ">Attendance<")


def test_the_list_goes_when_the_meeting_is_held(cast, client_as, plan, acting):
    pep = plan("default")
    assert ready_part(client_as(cast.social_worker), pep)
    meeting = pep.meetings.get()
    came = {each.pk: meetings.Presence(True) for each in meeting.invitations.all()}
    meetings.record(meeting, held_on=NOW.date(), came=came, overview="x", by=acting(cast.designated_teacher))
    assert not ready_part(client_as(cast.social_worker), pep)


def test_the_designated_teacher_confirms_the_right_form_once(cast, client_as, plan, acting):
    """R30"""
    pep = plan("virtual-school-led")
    url, teacher = reverse("pages:confirm-form", args=[pep.pk]), client_as(cast.designated_teacher)
    assert url in ready_part(teacher, pep) and url not in ready_part(client_as(cast.social_worker), pep)
    assert client_as(cast.social_worker).post(url).status_code == 403
    assert client_as(cast.other_social_worker).post(url).status_code == 404
    assert not Confirmation.objects.exists()
    teacher.post(url)
    teacher.post(url)
    assert Confirmation.objects.get().user == cast.designated_teacher
    assert Event.objects.filter(verb="confirm", reason="right_form").count() == 1
    assert Obligation.objects.get(key=f"prepare:{pep.pk}:right_form").met_on == NOW.date(), "the clock hears of it"
    part = ready_part(teacher, pep)
    assert url not in part and "Ready" in line(part, "The right form is allocated")


def test_a_form_of_another_phase_is_asked_about_whatever_the_rules(cast, client_as, plan):
    pep = plan("default")
    client = client_as(cast.designated_teacher)
    assert "Is the form the right one" not in ready_part(client, pep)
    child = pep.child
    child.date_of_birth = child.date_of_birth.replace(year=2013)
    child.save()
    part = ready_part(client, pep)
    assert "This plan has the form for primary; Amara is in secondary now." in part
    assert reverse("pages:confirm-form", args=[pep.pk]) in part
    client.post(reverse("pages:confirm-form", args=[pep.pk]))
    assert "Amara is in secondary now" not in ready_part(client, pep)


def test_everybody_asked_says_that_they_have_read_the_plan(cast, client_as, plan, acting):
    """R35"""
    pep = plan("kent-2017")
    url = reverse("pages:confirm-read", args=[pep.pk])
    part = ready_part(client_as(cast.designated_teacher), pep)
    assert "Nobody has said yet that they have read it. Not yet by" in part and url in part
    assert url not in ready_part(client_as(cast.head_teacher), pep), "reads the plan, but was not asked to the meeting"
    client_as(cast.head_teacher).post(url)
    assert client_as(cast.carer).post(url).status_code == 403
    assert client_as(cast.other_social_worker).post(url).status_code == 404
    assert not Confirmation.objects.exists()
    for _ in "twice":
        client_as(cast.designated_teacher).post(url)
    assert Confirmation.objects.get().user == cast.designated_teacher
    part = ready_part(client_as(cast.social_worker), pep)
    assert "Read by Ms R. Khan." in part and "Not yet by" in part and "Mr P. Doyle" in part
    assert "Mrs H. Bright" not in part, "the carer has no way to the working plan: nobody waits for her"


def test_it_is_ready_when_the_last_has_read_it(cast, client_as, plan, acting):
    pep = plan("kent-2017")
    asked = {each.user for each in pep.meetings.get().invitations.all() if each.user and each.user != cast.carer}
    for person in asked:
        assert "Ready" not in line(ready_part(client_as(cast.vs_head), pep), "Everybody asked has read the plan")
        confirm(pep, what=Confirmed.HAS_READ, by=acting(person))
    assert "Ready" in line(ready_part(client_as(cast.vs_head), pep), "Everybody asked has read the plan")
    sync_child(pep.child_id, by=acting(cast.data_officer))
    assert Obligation.objects.get(key=f"prepare:{pep.pk}:everyone_has_read").met_on == NOW.date()


def test_nothing_is_confirmed_about_a_plan_that_is_over(cast, plan, acting):
    pep = plan("kent-2017")
    pep.state = "closed"
    pep.save()
    with pytest.raises(NotPossible):
        confirm(pep, what=Confirmed.HAS_READ, by=acting(cast.designated_teacher))


def test_what_was_confirmed_can_be_neither_changed_nor_forgotten(plan, acting, cast):
    confirm(plan("kent-2017"), what=Confirmed.HAS_READ, by=acting(cast.designated_teacher))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for order in (
            "UPDATE peps_confirmation SET what = what",
            "DELETE FROM peps_confirmation",
            "TRUNCATE peps_confirmation",
        ):
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                cursor.execute(order)
