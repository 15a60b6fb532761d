"""The index of what is owed: true to the facts, written once, remembering what was and who had been told; whoever runs it, and
however often (R11, R16)."""

from __future__ import annotations

import logging
import threading
from datetime import date as D
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.http import HttpResponseRedirect

from children import actions as facts
from children.models import ChangeMark, Child
from children.rules import PublishedYear
from meetings import actions as meetings
from pepportal.audit.acting import LONDON, the_portal
from pepportal.clock import actions, tasks
from pepportal.clock.actions import Synced, sweep, sync_children, sync_marked
from pepportal.clock.chasing import Days, chase
from pepportal.clock.middleware import FreshIndexMiddleware
from pepportal.clock.models import Chase, Obligation, ObligationChange
from pepportal.jobs.models import WorkState
from pepportal.notify.models import Notice
from pepportal.profiles.models import ProfileVersion
from peps.deadlines.calendars import CalendarError, SchoolCalendar
from tests import cast as stage
from tests import factories as f
from tests.stage import set_stage
from tests.web.clock.doing import arranged, held, morning, opened, owed, under

pytestmark = pytest.mark.django_db
TODAY = stage.TODAY
BY = the_portal(stage.NOW)
TEN_DAYS_BEFORE = D(2026, 10, 12)
KEPT = ("child_id", "key", "title", "holder_role", "holder_id", "holder_organisation_id", "due_on", "unit", "starts_on", "rule",
        "profile_version_id", "provisional", "met_on", "pep_id", "kind")  # fmt: skip


def rows() -> list[tuple]:
    return list(Obligation.objects.filter(dropped_at=None).order_by("child_id", "key").values_list(*KEPT))


def last_change(obligation: Obligation, what: str) -> ObligationChange:
    return ObligationChange.objects.filter(
        child_id=obligation.child_id, obligation_key=obligation.key, what=what
    ).latest("id")


@pytest.fixture
def pep(cast, acting):
    made = opened(cast, acting(cast.data_officer))
    sweep(by=BY)
    return made


# --- true to the facts, and written once ------------------------------------------------------------------------------------


def test_rebuilt_from_nothing_it_is_what_was_stored(cast):
    set_stage(cast)
    sweep(by=BY)
    stored = rows()
    assert len(stored) > 30 and len({row[0] for row in stored}) == len(cast.children) - 1  # one has left care
    Obligation.objects.all().delete()
    assert sweep(by=BY, batch=2).rows_changed == len(stored)
    assert rows() == stored


def test_a_second_sweep_writes_nothing(cast, django_assert_num_queries):
    set_stage(cast)
    sweep(by=BY)
    before = (list(Obligation.objects.order_by("pk").values()), ObligationChange.objects.count())
    found = sweep(by=BY)
    assert (found.rows_changed, found.failed) == (0, ()) and found.children == Child.objects.count()
    assert (list(Obligation.objects.order_by("pk").values()), ObligationChange.objects.count()) == before


def test_as_many_queries_for_one_child_as_for_all(cast):
    from django.test.utils import CaptureQueriesContext

    set_stage(cast)
    everybody = [child.pk for child in cast.children.values()]
    sync_children(everybody, by=BY)
    asked = {}
    for ids in (everybody[:1], everybody):
        with CaptureQueriesContext(connection) as caught:
            assert sync_children(ids, by=BY).rows_changed == 0
        asked[len(ids)] = [each["sql"][:60] for each in caught.captured_queries]
    few, many = asked.values()
    assert len(few) == len(many) == 12, (
        many
    )  # savepoint and release, no compiling, the children's rows, seven for facts, the index


def test_a_sweep_in_parts_goes_on_where_it_stopped(cast, monkeypatch):
    set_stage(cast, only=("amara",))
    Obligation.objects.all().delete()
    monkeypatch.setattr(tasks, "AT_A_TIME", 2)
    tasks.sweep_all.apply(throw=True)
    assert len(rows()) > 10 and sweep(by=BY).rows_changed == 0
    first = sweep(by=BY, most=3)
    assert first.children == 3 and first.last == list(Child.objects.order_by("pk").values_list("pk", flat=True))[2]
    rest = sweep(by=BY, after=first.last)
    assert rest.last is None and rest.children == Child.objects.count() - 3


# --- what moved, why, and who had been told -----------------------------------------------------------------------------------


def test_a_corrected_entry_keeps_the_old_day_with_its_reason_and_who_had_been_told(cast, pep, acting):
    """R1, R11"""
    meeting = owed(pep, "meeting")
    old = meeting.due_on
    chase(by=morning(TEN_DAYS_BEFORE))
    told = Chase.objects.get(obligation_key=meeting.key, what="reminder")
    waiting = Notice.objects.filter(key__contains=f":obligation:{meeting.pk}:", work_state=WorkState.OWED)
    assert told.told and waiting.exists()
    facts.correct_entry(
        episode=cast.episodes["amara"], began_on=D(2026, 9, 28), planned=True, legal_status="section_20",
        reason="The order is dated a week earlier", by=acting(cast.data_officer),
    )  # fmt: skip
    from peps.actions import follow_entry

    follow_entry(cast.episodes["amara"], by=acting(cast.data_officer))
    assert sync_marked(by=BY) >= 1
    meeting.refresh_from_db()
    assert meeting.due_on == D(2026, 10, 26) != old and meeting.revision == 2
    kept = last_change(meeting, "moved")
    assert (kept.old_due_on, kept.new_due_on) == (old, meeting.due_on)
    assert "It is counted from Monday 28 September 2026 instead of Monday 5 October 2026." in kept.reason
    assert {name for _, name, _ in told.told} <= set(kept.told)
    assert not waiting.exists()
    assert Notice.objects.filter(key__contains=f":obligation:{meeting.pk}:", last_error__contains="moved").exists()
    assert not ChangeMark.objects.filter(child=pep.child).exists()


def test_a_corrected_calendar_moves_the_day_and_says_that_it_was_the_calendar(cast, acting):
    """R11"""
    under(cast, "kent-2017")
    pep = opened(cast, acting(cast.data_officer))
    sweep(by=BY)
    meeting = owed(pep, "meeting")
    old = meeting.due_on
    year = f.CalendarFactory.build(authority=cast.westmere)
    spans = tuple((D.fromisoformat(a), D.fromisoformat(b), words) for a, b, words in year.spans)
    closures = tuple((D.fromisoformat(day), kind, words) for day, kind, words in year.closures)
    facts.publish_calendar(
        year=PublishedYear("2026/27", spans, (*closures, (D(2026, 10, 14), "inset", "Training"))), name="Hollin",
        school=cast.primary, by=acting(cast.data_officer),
    )  # fmt: skip
    sync_marked(by=BY)
    meeting.refresh_from_db()
    assert meeting.due_on > old
    kept = last_change(meeting, "moved")
    assert (
        kept.old_due_on == old
        and "A school calendar was published." in kept.reason
        and "days that count" in kept.reason
    )


def test_another_school_moves_the_day(cast, acting):
    under(cast, "kent-2017")
    pep = opened(cast, acting(cast.data_officer))
    sweep(by=BY)
    meeting = owed(pep, "meeting")
    f.CalendarFactory(
        school=cast.secondary, name="Northgate",
        spans=[["2026-09-02", "2026-10-09", ""], ["2026-10-26", "2026-12-18", ""], ["2027-01-04", "2027-07-21", ""]], closures=[],
    )  # fmt: skip
    old = meeting.due_on
    facts.change_school(
        child=pep.child, school=cast.secondary, began_on=TODAY, by=acting(cast.data_officer)
    )  # fmt: skip
    sync_marked(by=BY)
    meeting.refresh_from_db()
    kept = last_change(meeting, "moved")
    assert (kept.old_due_on, kept.new_due_on) == (old, meeting.due_on) and kept.reason.startswith("The school changed.")
    assert meeting.holder == cast.other_teacher
    assert last_change(meeting, "passed").reason == "Now with Mr T. Osei"


def test_a_moved_meeting_moves_what_is_owed_before_it(cast, pep, acting):
    """R11, R35"""
    by = acting(cast.designated_teacher)
    meeting = arranged(pep, D(2026, 10, 20), by)
    sync_marked(by=BY)
    part = Obligation.objects.get(key=f"prepare:{pep.pk}:social_worker")
    old = part.due_on
    meetings.move(meeting, starts_at=datetime(2026, 10, 22, 14, tzinfo=LONDON), reason="Court", date_reason="x", by=by)
    sync_marked(by=BY)
    part.refresh_from_db()
    kept = last_change(part, "moved")
    assert (kept.old_due_on, kept.new_due_on) == (old, part.due_on) and part.due_on > old
    assert kept.reason == (
        "The meeting changed. It is counted from Thursday 22 October 2026 instead of Tuesday 20 October 2026."
    )
    assert cast.social_worker.name in kept.told  # the message about the plan gave the old day
    meetings.move(meeting, starts_at=datetime(2026, 10, 20, 14, tzinfo=LONDON), reason="Back", date_reason="x", by=by)
    sync_marked(by=BY)
    part.refresh_from_db()
    assert (part.due_on, part.revision) == (old, 3)  # a new revision: reminders begin anew


def test_what_is_no_longer_owed_is_kept_as_dropped_and_comes_back_as_new(cast, pep, acting):
    meeting = owed(pep, "meeting")
    facts.end_care(episode=cast.episodes["amara"], ended_on=TODAY, reason="returned_home", by=acting(cast.data_officer))
    sync_marked(by=BY)
    meeting.refresh_from_db()
    assert meeting.dropped_at == BY.at and last_change(meeting, "dropped").old_due_on == meeting.due_on
    episode = cast.episodes["amara"]
    episode.ended_on, episode.end_reason = None, ""
    episode.save()
    assert sweep(by=BY).rows_changed > 0
    meeting.refresh_from_db()
    assert (meeting.dropped_at, meeting.revision) == (None, 2)


def test_rules_loaded_later_change_nothing_for_an_entry_before_them(cast, acting):
    """A 2017 entry keeps the 2017 answer."""
    under(cast, "kent-2017")
    episode = cast.episodes["amara"]
    facts.correct_entry(
        episode=episode, began_on=D(2017, 9, 4), planned=True, legal_status="section_20", reason="x", by=acting(cast.data_officer)
    )  # fmt: skip
    Child.objects.filter(pk=episode.child_id).update(date_of_birth=D(2012, 1, 9))
    pep = opened(cast, acting(cast.data_officer))
    sweep(by=BY)

    def of_the_plan():
        """What goes by the day of entry; the term's data go by the term."""
        return list(Obligation.objects.filter(pep=pep).exclude(kind="data").order_by("key").values_list(*KEPT))

    first = of_the_plan()
    version = ProfileVersion.objects.get(name="kent-2017")
    assert first and {row[KEPT.index("profile_version_id")] for row in first} == {version.pk}
    document = {**version.document, "profile": {**version.document["profile"], "version": 2}}
    document["deadlines"] = {**document["deadlines"]}
    document["deadlines"]["first_pep_planned"] = {**document["deadlines"]["first_pep_planned"], "count": 5}
    ProfileVersion.objects.create(
        name="kent-2017", version=2, title="Kent", effective_from=D(2026, 1, 1), document=document, digest="2" * 64,
        loaded_at=stage.NOW,
    )  # fmt: skip
    sweep(by=BY)
    assert of_the_plan() == first
    jonah = opened(cast, acting(cast.data_officer), "jonah")
    sweep(by=BY)
    assert owed(jonah, "meeting").profile_version.version == 2


# --- one bad record stops nobody else ---------------------------------------------------------------------------------------


def test_one_child_that_fails_stops_nobody_else_and_is_marked(cast, pep, monkeypatch, caplog):
    bad, derive = cast.children["jonah"], actions.derive

    def odd(known):
        if known.child_id == bad.pk:
            raise ValueError("an odd record")
        return derive(known)

    monkeypatch.setattr(actions, "derive", odd)
    Obligation.objects.all().delete()
    ChangeMark.objects.all().delete()
    with caplog.at_level(logging.ERROR):
        found = sweep(by=BY)
        sweep(by=BY)
    assert found.failed == (bad.pk,) and str(bad.pk) in caplog.text
    assert Obligation.objects.filter(pep=pep).exists() and not Obligation.objects.filter(child=bad).exists()
    assert ChangeMark.objects.filter(child=bad).count() == 1
    facts.mark_changed(pep.child, what="meeting", by=BY)
    assert sync_marked(by=BY) == 1  # the bad one keeps its mark
    assert set(ChangeMark.objects.values_list("child", flat=True)) == {bad.pk}
    monkeypatch.setattr(actions, "derive", derive)
    assert sync_marked(by=BY) == 1 and not ChangeMark.objects.exists()
    assert Obligation.objects.filter(child=bad).exists()


# --- two at once --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_machines_at_once_write_everything_once(cast, acting):
    for key in ("amara", "jonah", "ben", "skye"):
        opened(cast, acting(cast.data_officer), key)
    Obligation.objects.all().delete()
    start, got, wrong = threading.Barrier(4), list[Synced | int](), list[Exception]()

    def run(what):
        try:
            start.wait(10)
            got.append(what())
        except Exception as error:
            wrong.append(error)
        finally:
            connections.close_all()

    ways = [lambda: sweep(by=BY, batch=2), lambda: sweep(by=BY), lambda: sync_marked(by=BY), lambda: sync_marked(by=BY)]
    threads = [threading.Thread(target=run, args=(each,)) for each in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not wrong and len(got) == 4 and not any(each.failed for each in got if isinstance(each, Synced))
    made = ObligationChange.objects.filter(what="made").values_list("child_id", "obligation_key")
    assert len(made) == len(set(made)) == Obligation.objects.count() >= 5
    assert sweep(by=the_portal(stage.NOW + timedelta(minutes=1))).rows_changed == 0


def test_the_command_sweeps_too(cast, pep, capsys):
    Obligation.objects.all().delete()
    call_command("run_clock", "--as-of", TODAY.isoformat(), "--json")
    assert Obligation.objects.filter(pep=pep).exists()


# --- what must not be rewritten or lost -----------------------------------------------------------------------------------------


def test_what_was_done_keeps_its_day_when_the_school_changes(cast, acting):
    under(cast, "kent-2017")
    made = opened(cast, acting(cast.data_officer))
    held(made, D(2026, 10, 16), acting(cast.designated_teacher, stage.NOW + timedelta(days=11)))
    sweep(by=morning(D(2026, 10, 19)))
    before = owed(made, "meeting")
    assert before.met_on == D(2026, 10, 16)
    elsewhere = f.SchoolFactory(organisation__name="Far Hill", area="Nowhere", local_authority=None)
    child = made.child
    facts.change_school(child=child, school=elsewhere, began_on=D(2026, 10, 19), by=acting(cast.data_officer))
    f.CalendarFactory(
        school=elsewhere, authority=None, name="Far Hill",
        spans=[["2026-09-02", "2026-10-09", "autumn"], ["2026-11-16", "2026-12-18", "autumn"], ["2027-01-04", "2027-07-20", "spring"]],
    )  # fmt: skip
    sweep(by=morning(D(2026, 10, 20)))
    after = owed(made, "meeting")
    assert (after.due_on, after.rule, after.provisional, after.met_on) == (
        before.due_on, before.rule, before.provisional, before.met_on,
    )  # fmt: skip


def test_when_somebody_else_holds_it_only_the_former_holders_message_is_withdrawn(cast, pep):
    row = owed(pep, "meeting")
    assert row.holder == cast.designated_teacher
    chase(by=morning(D(2026, 10, 19)))
    waiting = Notice.objects.filter(key__contains=f"obligation:{row.pk}:")
    assert {each.person for each in waiting.filter(work_state=WorkState.OWED)} == {
        cast.designated_teacher,
        cast.social_worker,
    }
    cast.designated_teacher.memberships.update(ended_on=D(2026, 10, 20))
    sweep(by=morning(D(2026, 10, 20)))
    assert {each.person for each in waiting.filter(work_state=WorkState.OWED)} == {cast.social_worker}
    assert owed(pep, "meeting").revision == row.revision + 1  # whoever holds it now is reminded anew


def test_one_schools_contradiction_stops_nobodys_clock(cast, pep, caplog):
    f.CalendarFactory(
        authority=cast.westmere, name="Next year", academic_year="2027/28", spans=[["2026-12-01", "2027-07-20", "all"]]
    )
    sweep(by=BY)
    assert chase(by=morning(D(2026, 10, 19))).reminded
    assert "contradict each other" in caplog.text


def test_a_calendar_that_cannot_be_read_on_stops_no_reminder(cast, pep, caplog, monkeypatch):
    def contradicts(self, until):
        raise CalendarError(["two stretches overlap"])

    sweep(by=BY)
    monkeypatch.setattr(SchoolCalendar, "continued", contradicts)
    days = Days([owed(pep, "meeting")], TODAY)
    assert next(days.of(pep.child_id, "school")) is days.working
    assert "contradicts itself" in caplog.text


def marked(*children: Child) -> None:
    ChangeMark.objects.all().delete()
    for child in children:
        ChangeMark.objects.create(child=child, what="something", at=stage.NOW)


@pytest.mark.parametrize(("seconds", "left"), [(60, 0), (0, 2)])
def test_the_beat_goes_on_until_nothing_is_marked_or_its_time_is_up(cast, monkeypatch, seconds, left):
    marked(*Child.objects.order_by("pk")[:4])
    monkeypatch.setattr(tasks, "MARKED_AT_A_TIME", 2)
    monkeypatch.setattr(tasks, "MARKED_SECONDS", seconds)
    tasks.sweep_marked()
    assert ChangeMark.objects.count() == left


def test_who_has_just_changed_something_does_not_wait_behind_a_publication(cast, rf):
    *many, own = Child.objects.order_by("pk")[:5]
    marked(*many, own)
    request = rf.post("/")
    request.actor = object()
    FreshIndexMiddleware(lambda request: HttpResponseRedirect("/"))(request)
    assert list(ChangeMark.objects.order_by("id").values_list("child_id", flat=True)) == [each.pk for each in many[:2]]
