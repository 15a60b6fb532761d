"""Chasing on real rows: a reminder on its day and once, the ladder rung by rung, nobody whom it doesn't concern (R11, R15, R16)."""

from __future__ import annotations

import threading
from datetime import date as D
from datetime import datetime, timedelta

import pytest
from django.db import connections

from children import actions as facts
from children.models import Child, Part
from meetings import actions as meetings
from pepportal.access.actor import actor_for
from pepportal.accounts.models import Absence, Membership
from pepportal.audit.acting import LONDON
from pepportal.audit.models import Event
from pepportal.clock.chasing import chase, remind_by_hand
from pepportal.clock.models import Chase, Obligation
from pepportal.jobs.models import WorkState
from pepportal.notify.models import Notice
from peps.actions import mark_section_complete
from peps.queries import document_of
from tests import cast as stage
from tests import factories as f
from tests.web.clock.doing import arranged, held, morning, night, opened, owed, under, who

pytestmark = pytest.mark.django_db

TODAY = stage.TODAY
MEETING_DUE = D(2026, 11, 2)  # twenty working days from Monday 5 October, over no bank holiday
TEN, THREE = D(2026, 10, 12), D(2026, 10, 21)  # school days before it: the half term lies between


def told(kind: str) -> set[str]:
    return {notice.person.name for notice in Notice.objects.filter(kind=kind)}


@pytest.fixture
def pep(cast, acting):
    return opened(cast, acting(cast.data_officer))


def about(chased, pep):
    """The steps that one plan's obligations took."""
    return [(each.kind, each.step) for each in chased if str(pep.pk) in each.key]


# --- reminders ------------------------------------------------------------------------------------------------------------


def test_a_reminder_on_its_day_to_teacher_and_social_worker(cast, pep):
    """R15"""
    night(TODAY)
    assert about(night(TEN - timedelta(days=1)).reminded, pep) == []
    first = night(TEN)
    assert about(first.reminded, pep) == [("meeting", 10)]
    assert first.told >= 2
    reminders = Notice.objects.filter(kind="reminder", key__contains="reminder10")
    assert {notice.person for notice in reminders} == {cast.designated_teacher, cast.social_worker}
    notice = reminders.get(person=cast.designated_teacher)
    assert notice.subject == "A PEP meeting is due by Monday 2 November"
    assert notice.due_on == MEETING_DUE
    assert pep.child.reference in notice.text
    assert "Amara" in notice.screen_text and "Amara" not in notice.subject + notice.text + notice.html
    assert about(night(TEN).reminded, pep) == []


def test_what_was_told_to_whom_is_kept(cast, pep):
    night(TEN)
    chased = Chase.objects.get(obligation_key=f"meeting:{pep.pk}")
    assert (chased.what, chased.step, chased.falls_on, chased.revision, chased.by_label) == (
        "reminder", 10, TEN, 1, "The portal",
    )  # fmt: skip
    assert sorted(chased.told) == sorted(
        [[str(each.pk), each.name, role] for each, role in
         ((cast.designated_teacher, "designated_teacher"), (cast.social_worker, "social_worker"))]
    )  # fmt: skip


def test_a_missed_night_is_made_good_with_one_reminder(cast, pep):
    assert about(night(THREE + timedelta(days=1)).reminded, pep) == [("meeting", 3)]
    assert about(night(MEETING_DUE).reminded, pep) == [("meeting", 0)]


def test_what_is_met_is_not_chased(cast, acting, pep):
    held(pep, D(2026, 10, 6), acting(cast.designated_teacher))
    chased = night(TEN)
    assert ("meeting", 10) not in about(chased.reminded, pep)
    assert "meeting" not in {kind for kind, _ in about(night(D(2026, 12, 14)).escalated, pep)}


def test_a_moved_meeting_takes_its_reminders_with_it_and_one_moved_back_brings_new_ones(cast, acting, pep):
    """R11: the parts are owed before the day of the meeting, whatever it is."""
    by = acting(cast.designated_teacher)
    meeting = arranged(pep, D(2026, 11, 13), by)
    night(TODAY)
    part = owed(pep, "prepare", holder_role="social_worker")
    was = part.due_on
    night(was)
    first = Notice.objects.get(kind="reminder", person=cast.social_worker, key__contains=f"{part.pk}:1:reminder0")
    assert first.work_state == WorkState.OWED

    meetings.move(meeting, starts_at=datetime(2026, 11, 27, 14, tzinfo=LONDON), reason="x", by=by)
    night(was)
    first.refresh_from_db()
    part.refresh_from_db()
    assert (first.work_state, first.sent_at) == (WorkState.DONE, None) and "moved" in first.last_error
    assert part.due_on > was and part.revision == 2
    assert about(night(was + timedelta(days=1)).escalated, pep) == []
    assert not Notice.objects.filter(kind="overdue", key__contains=str(part.pk)).exists()

    meeting.refresh_from_db()
    meetings.move(meeting, starts_at=datetime(2026, 11, 13, 14, tzinfo=LONDON), reason="x", by=by)
    again = night(was)
    assert ("prepare", 0) in about(again.reminded, pep)
    assert Notice.objects.filter(person=cast.social_worker, key__contains=f"{part.pk}:3:reminder0").exists()


def test_an_informal_review_is_nobodys_to_be_chased_for(cast, pep):
    Obligation.objects.all().delete()
    night(TODAY)
    Obligation.objects.filter(pep=pep, kind="meeting").update(title="Review progress from the term’s data")
    assert about(chase(by=morning(MEETING_DUE)).reminded, pep) == []
    assert about(chase(by=morning(D(2026, 12, 14))).escalated, pep) == []


# --- whom -----------------------------------------------------------------------------------------------------------------


def test_nobody_is_told_about_a_child_who_has_left(cast, acting, pep):
    """Even before the sweep has been round."""
    night(TODAY)
    episode = cast.episodes["amara"]
    cast.children["amara"].placements.update(ended_on=TEN)
    episode.ended_on, episode.end_reason = TEN, "returned_home"
    episode.save()
    assert about(chase(by=morning(TEN)).reminded, pep) == []
    assert not Notice.objects.filter(key__contains="reminder10").exists()


def test_nobody_whose_part_has_ended_or_whose_account_is_closed(cast, pep):
    night(TODAY)
    facts.allocate(
        child=cast.children["amara"], part=Part.SOCIAL_WORKER, user=f.UserFactory(name="Ms N. Ewe"), began_on=TODAY,
        by=actor_for(cast.data_officer, stage.NOW),
    )  # fmt: skip
    cast.designated_teacher.is_active = False
    cast.designated_teacher.save()
    night(TEN)
    people = {notice.person.name for notice in Notice.objects.filter(key__contains="reminder10", child_id=pep.child_id)}
    assert "Ms N. Ewe" in people
    assert not people & {"Mr P. Doyle", "Ms R. Khan"}


def test_for_somebody_away_the_cover_hears(cast, pep):
    f.MembershipFactory(user=cast.team_manager, organisation=cast.team, role="social_worker")
    Absence.objects.create(user=cast.social_worker, cover=cast.team_manager, began_on=TODAY, ended_on=D(2026, 11, 1))
    night(TEN)
    people = {notice.person for notice in Notice.objects.filter(key__contains="reminder10", child_id=pep.child_id)}
    assert people == {cast.designated_teacher, cast.team_manager}
    chased = Chase.objects.get(obligation_key=f"meeting:{pep.pk}", step=10)
    assert [str(cast.team_manager.pk), "Ms J. Acheampong", "social_worker"] in chased.told


def test_somebody_who_can_not_be_told_does_not_stop_the_others(cast, acting, pep, monkeypatch):
    from pepportal.clock import chasing

    other = opened(cast, acting(cast.data_officer), "jonah")
    night(TODAY)
    real = chasing.owe

    def refuses(message, *, child_id, **more):
        if child_id == pep.child_id:
            raise LookupError("no such person")
        return real(message, child_id=child_id, **more)

    monkeypatch.setattr(chasing, "owe", refuses)
    first = night(TEN).reminded
    assert about(first, pep) == [] and about(first, other)
    monkeypatch.undo()
    assert about(night(TEN).reminded, pep) == [("meeting", 10)]


def test_where_nobody_is_in_the_part_the_virtual_school_hears(cast, pep):
    Membership.objects.filter(user=cast.designated_teacher).update(ended_on=TODAY)
    night(TEN)
    people = {notice.person for notice in Notice.objects.filter(key__contains="reminder10", child_id=pep.child_id)}
    assert cast.social_worker in people and cast.caseworker in people


def test_a_reminder_of_a_part_goes_to_its_holder_alone(cast, acting, pep):
    arranged(pep, D(2026, 11, 13), acting(cast.designated_teacher))
    night(TODAY)
    part = owed(pep, "prepare", holder_role="social_worker")
    night(part.due_on)
    last = Notice.objects.filter(key__contains=f"{part.pk}:1:reminder0")
    assert [notice.person for notice in last] == [cast.social_worker]
    assert last.get().subject.startswith("A PEP needs your part by ")


# --- the ladder -----------------------------------------------------------------------------------------------------------


def test_the_shipped_ladder_rung_by_rung(cast, pep):
    """R16: day by day, the late meeting climbs; each rung once."""
    seen: dict[int, tuple[D, set[str]]] = {}
    day = MEETING_DUE
    while day < D(2026, 12, 5):
        for each in night(day).escalated:
            if each.key == f"meeting:{pep.pk}":
                assert each.step not in seen
                seen[each.step] = day, {role for _, role in each.told}
        day += timedelta(days=1)
    assert seen == {
        0: (D(2026, 11, 3), {"designated_teacher", "social_worker"}),
        5: (D(2026, 11, 9), {"virtual_school_caseworker"}),
        10: (D(2026, 11, 16), {"head_teacher"}),
        15: (D(2026, 11, 23), {"virtual_school_head"}),
        20: (D(2026, 11, 30), {"iro"}),
    }
    assert told("escalated") >= {"Ms E. Petrou", "Mrs A. Lund", "Dr S. Marlow", "Ms D. Ferreira"}
    overdue = Notice.objects.get(kind="overdue", person=cast.designated_teacher, key__contains="escalation0")
    assert overdue.subject == "A PEP meeting was due on Monday 2 November, 1 working day ago"


def test_missed_rungs_are_made_good_in_one_night_the_gravest_last(cast, pep):
    steps = [each for each in night(D(2026, 11, 17)).escalated if each.key == f"meeting:{pep.pk}"]
    assert [each.step for each in steps] == [0, 5, 10]
    assert about(night(D(2026, 11, 17)).escalated, pep) == []


def finish_all_but(pep, by, *left: str) -> None:
    for section in document_of(pep).sections:
        if section.key not in left and not set(section.panels) & {"signatures", "quality"}:
            for each in section.fields:
                if each.asks and each.required:
                    pep.answers.update_or_create(
                        field=each.id, defaults={"value": "x", "author_id": by.user_id, "at": by.at}
                    )
            mark_section_complete(pep, section.key, panel_missing=(), by=by)


TENTH = D(2026, 10, 20)  # ten school days after a meeting on 6 October


def test_kent_contacts_the_teacher_when_ten_school_days_after_the_meeting_are_over(cast, acting):
    """R16: the document is late: the designated teacher hears, the caseworker is asked to contact them, the social worker's
    manager hears that their part is missing."""
    under(cast, "kent-2017")
    pep = held(opened(cast, acting(cast.data_officer)), TODAY, acting(cast.designated_teacher))
    assert about(night(TENTH).escalated, pep) == []
    taken = night(TENTH + timedelta(days=1)).escalated
    assert about(taken, pep) == [("complete", 1010)]
    assert who(taken) == {
        ("complete", "designated_teacher"), ("complete", "virtual_school_caseworker"), ("complete", "team_manager"),
    }  # fmt: skip
    assert told("overdue") == {"Ms R. Khan"}
    assert told("please_contact") == {"Ms E. Petrou"}
    assert told("part_missing") == {"Ms J. Acheampong"}
    assert "contact the designated teacher" in Notice.objects.get(kind="please_contact").subject
    assert about(night(TENTH + timedelta(days=1)).escalated, pep) == []


def test_the_manager_is_not_told_of_a_part_that_is_there(cast, acting):
    """R16"""
    under(cast, "kent-2017")
    by = acting(cast.designated_teacher)
    pep = held(opened(cast, acting(cast.data_officer)), TODAY, by)
    own = document_of(pep).section("care_facts")
    assert own.owner == "both"
    finish_all_but(pep, by, *(each.key for each in document_of(pep).sections if each.key != "care_facts"))
    night(TENTH + timedelta(days=1))
    assert told("overdue") == {"Ms R. Khan"} and told("part_missing") == set()


def test_a_late_part_of_the_social_workers_climbs_to_their_manager_not_to_the_head(cast, acting, pep):
    held(pep, TODAY, acting(cast.designated_teacher))
    for day in (D(2026, 10, 21), D(2026, 10, 28), D(2026, 11, 11)):
        night(day)
    part = owed(pep, "complete", holder_role="social_worker")
    assert part.due_on == TENTH
    rungs = {each.step: {role for *_, role in each.told} for each in Chase.objects.filter(obligation_key=part.key)}
    assert rungs[0] == {"social_worker"} and rungs[10] == {"team_manager"}
    school = owed(pep, "complete", holder_role="designated_teacher")
    rungs = {each.step: {role for *_, role in each.told} for each in Chase.objects.filter(obligation_key=school.key)}
    assert rungs[0] == {"designated_teacher"} and rungs[10] == {"head_teacher"}


# --- two at once, by hand, cheap ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_machines_at_the_same_moment_tell_once(cast, acting):
    pep = opened(cast, acting(cast.data_officer))
    night(TODAY)
    start, failures, found = threading.Barrier(3), [], []

    def run():
        try:
            start.wait(10)
            found.append(chase(by=morning(TEN)))
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert not failures
    assert sum(about(each.reminded, pep) == [("meeting", 10)] for each in found) == 1
    assert Chase.objects.filter(obligation_key=f"meeting:{pep.pk}", step=10).count() == 1
    assert Notice.objects.filter(key__contains="reminder10", child_id=pep.child_id).count() == 2


def test_what_is_met_between_the_look_and_the_step_is_not_chased(cast, pep, monkeypatch):
    from pepportal.clock import chasing

    night(TODAY)
    look = chasing._owed_now

    def met_meanwhile(rows, rules, day):
        found = list(look(rows, rules, day))
        Obligation.objects.update(met_on=TODAY)
        return iter(found)

    monkeypatch.setattr(chasing, "_owed_now", met_meanwhile)
    assert chase(by=morning(TEN)).reminded == ()
    assert not Notice.objects.filter(key__contains="reminder10").exists()


def test_reminded_by_hand_once_a_day(cast, acting, pep):
    night(TODAY)
    meeting = owed(pep, "meeting")
    by = acting(cast.caseworker)
    assert remind_by_hand([meeting], by=by, words="Amara is waiting for this") == 1
    assert remind_by_hand([meeting], by=acting(cast.vs_head), words="again") == 0
    notice = Notice.objects.get(kind="reminded_by_hand")
    assert notice.person == cast.designated_teacher and notice.urgent
    assert "Amara is waiting" in notice.screen_text and "Amara" not in notice.subject + notice.text + notice.html
    chased = Chase.objects.get(what="by_hand")
    assert (chased.by_label, [name for _, name, _ in chased.told]) == (by.label, ["Ms R. Khan"])
    event = Event.objects.get(verb="remind by hand")
    assert event.actor_id == by.user_id and "waiting" not in event.reason
    tomorrow = acting(cast.caseworker, stage.NOW + timedelta(days=1))
    assert remind_by_hand([meeting], by=tomorrow) == 1


def test_a_note_by_hand_is_whole_on_the_list(cast, acting, pep):
    night(TODAY)
    Child.objects.filter(pk=pep.child_id).update(family_name="Okafor-Delacroix " * 4)
    note = ("Please ring me about Amara: " * 8)[:199] + "."
    assert remind_by_hand([owed(pep, "meeting")], by=acting(cast.vs_head), words=note) == 1
    assert note in Notice.objects.get(kind="reminded_by_hand").screen_text


def test_by_hand_the_virtual_school_hears_where_nobody_holds_it_and_what_is_met_is_left_out(cast, acting, pep):
    Membership.objects.filter(user=cast.designated_teacher).update(ended_on=TODAY)
    night(TODAY)
    meeting = owed(pep, "meeting")
    assert remind_by_hand([meeting], by=acting(cast.vs_head)) == 3
    Obligation.objects.filter(pk=meeting.pk).update(met_on=TODAY)
    assert remind_by_hand([meeting], by=acting(cast.vs_head, stage.NOW + timedelta(days=1))) == 0


def test_as_many_questions_for_many_children_as_for_few(cast, acting, django_assert_max_num_queries):
    """Looking costs the same; each step that is taken costs its own few."""
    night(TODAY)
    night(TODAY)
    for number in range(12):
        child = f.ChildFactory(authority=cast.westmere, reference=f"WM-9{number:03d}", date_of_birth=D(2016, 5, 14))
        episode = f.CareEpisodeFactory(child=child, began_on=D(2026, 10, 5))
        f.PlacementFactory(episode=episode, child=child)
        f.EnrolmentFactory(child=child, school=cast.primary)
        f.AllocationFactory(child=child, user=cast.social_worker, began_on=D(2026, 10, 5))
    night(TODAY)
    assert Child.objects.count() > 12 and Obligation.objects.open().count() >= 12
    with django_assert_max_num_queries(14):
        assert chase(by=morning(TODAY)).told == 0


@pytest.mark.parametrize(
    ("day", "late"),
    [(D(2026, 8, 31), D(2026, 9, 1)), (D(2026, 9, 1), D(2026, 9, 2)), (D(2026, 10, 25), D(2026, 10, 26)), (D(2028, 2, 29), D(2028, 3, 1))],
)  # fmt: skip
def test_awkward_days(cast, acting, pep, day, late):
    """The last day of the summer holiday, the first of September, the Sunday on which the clocks go back, the last of February."""
    night(TODAY)
    Obligation.objects.exclude(pep=pep, kind="meeting").delete()
    Obligation.objects.update(due_on=day)
    care = cast.episodes["amara"]
    if day < care.began_on:
        care.began_on = D(2026, 7, 1)
        care.save()
        care.placements.update(began_on=D(2026, 7, 1))
        cast.children["amara"].allocations.update(began_on=D(2026, 7, 1))
    assert [each.step for each in chase(by=morning(day)).reminded] == [0]
    assert chase(by=morning(day)).told == 0
    assert [each.step for each in chase(by=morning(late)).escalated] == [0]
    assert chase(by=morning(late)).told == 0
