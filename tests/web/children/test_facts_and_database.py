"""What the database itself refuses, whoever writes, and what two people at once can't do to each other."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from children import actions, queries
from children.actions import FactsConflict, NewCarer
from children.models import (
    Allocation,
    BankHoliday,
    Calendar,
    CareEpisode,
    ChangeMark,
    Child,
    Enrolment,
    Part,
    Placement,
)
from children.policies import visible_to
from children.rules import PublishedYear
from pepportal.audit.models import Event
from tests import factories as f
from tests.cast import NOW, TODAY

ENTRY = date(2026, 10, 5)
pytestmark = pytest.mark.django_db


def refused(constraint: str, write) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()
    assert error.value.__cause__.diag.constraint_name == constraint


def test_a_placement_before_care_began(cast):
    amara, episode = cast.children["amara"], cast.episodes["amara"]
    Placement.objects.filter(child=amara).delete()
    refused(
        "placement_within_care",
        lambda: Placement.objects.create(
            child=amara, episode=episode, kind="foster", area="X", began_on=date(2026, 10, 4)
        ),
    )


def test_a_placement_in_the_care_of_another_child(cast):
    refused(
        "placement_of_the_same_child",
        lambda: Placement.objects.create(
            child=cast.children["amara"], episode=cast.episodes["ben"], kind="foster", area="X", began_on=TODAY
        ),
    )


def test_two_placements_at_once(cast):
    amara, episode = cast.children["amara"], cast.episodes["amara"]
    refused(
        "placement_never_twice_at_once",
        lambda: Placement.objects.create(child=amara, episode=episode, kind="foster", area="X", began_on=TODAY),
    )


def test_two_main_schools_at_once(cast):
    amara = cast.children["amara"]
    refused(
        "enrolment_main_never_twice_at_once",
        lambda: Enrolment.objects.create(child=amara, school=cast.secondary, began_on=TODAY),
    )
    Enrolment.objects.create(child=amara, school=cast.secondary, began_on=TODAY, main=False)


def test_two_times_in_care_at_once(cast):
    refused(
        "care_episode_never_twice_at_once",
        lambda: CareEpisode.objects.create(
            child=cast.children["amara"], began_on=TODAY, planned=True, legal_status="remand"
        ),
    )


def test_care_before_birth_from_either_side(cast):
    amara = cast.children["amara"]
    refused(
        "care_begins_after_birth",
        lambda: CareEpisode.objects.create(
            child=amara,
            began_on=date(2016, 1, 1),
            ended_on=date(2016, 2, 1),
            end_reason="other",
            planned=True,
            legal_status="remand",
        ),
    )
    amara.date_of_birth = date(2026, 10, 6)
    refused("care_begins_after_birth", amara.save)


def test_two_social_workers_at_once(cast):
    refused(
        "allocation_part_never_twice_at_once",
        lambda: Allocation.objects.create(
            child=cast.children["amara"], user=cast.caseworker, part=Part.SOCIAL_WORKER, began_on=TODAY
        ),
    )


def test_a_fact_that_ends_before_it_began(cast):
    enrolment = cast.children["amara"].enrolments.get()
    enrolment.ended_on = enrolment.began_on
    refused("enrolment_ends_after_it_began", enrolment.save)


def test_a_time_in_care_shortened_past_its_placement(cast):
    episode = cast.episodes["amara"]
    Placement.objects.filter(episode=episode).update(began_on=TODAY)
    episode.ended_on, episode.end_reason = TODAY, "other"
    refused("placement_within_care", episode.save)


# --- the actions ------------------------------------------------------------------------------------------------------


@pytest.fixture
def by(cast, acting):
    return acting(cast.data_officer)


def entry(cast, by, **given):
    facts = {
        "authority": cast.westmere, "given_name": "Zoë", "family_name": "Quill", "date_of_birth": date(2015, 2, 3),
        "began_on": ENTRY, "planned": False, "legal_status": "section_20", "placement_kind": "foster",
        "placement_area": "Westmere", "school": cast.primary, "social_worker": cast.social_worker,
    } | given  # fmt: skip
    return actions.record_entry(**facts, by=by)


def test_an_entry_writes_everything_once(cast, by):
    child = entry(
        cast, by, carer=NewCarer("Mr Ode", "ode@home.example"), address="1 Hidden Lane", confidential=True,
        iro=cast.iro, caseworker=cast.caseworker,
    )  # fmt: skip
    assert child.reference == "WM-0006"  # the cast's references run over both councils
    assert child.sort_name == "quill zoe"
    placement = child.placements.get()
    assert (placement.began_on, placement.carer.name, placement.out_of_area) == (ENTRY, "Mr Ode", False)
    assert placement.address.confidential and placement.address.text == "1 Hidden Lane"
    assert child.enrolments.get().school == cast.primary
    assert {a.part for a in child.allocations.all()} == set(Part)
    (event,) = Event.objects.filter(child_id=child.pk)
    assert (event.verb, event.actor_label) == ("record entry to care", "Mr L. Byrne")
    assert ChangeMark.objects.filter(child=child).count() == 1
    assert child.history.get().history_user_id == cast.data_officer.pk
    assert "Hidden" not in " ".join(str(vars(row)) for row in Placement.history.filter(child_id=child.pk))


def test_an_area_that_is_not_the_councils_is_out_of_area(cast, by):
    assert entry(cast, by, placement_area="Eastvale").placements.get().out_of_area
    assert not entry(cast, by, placement_area=" westmere").placements.get().out_of_area


def test_an_entry_that_the_database_refuses_leaves_nothing_and_says_why(cast, by):
    before = Child.objects.count()
    with pytest.raises(FactsConflict, match="before being born") as conflict:
        entry(cast, by, date_of_birth=TODAY)
    assert conflict.value.field == "began_on"
    assert Child.objects.count() == before


def test_a_child_who_comes_back_keeps_record_and_school(cast, by):
    leila = cast.children["leila"]
    child = entry(cast, by, returning=leila, began_on=TODAY)
    assert child.pk == leila.pk
    assert leila.care_episodes.count() == 2
    assert leila.enrolments.current(TODAY).get().school == cast.primary


def test_a_move_ends_the_placement_before_and_the_former_carer_stops_seeing_the_child(cast, by, acting):
    amara = cast.children["amara"]
    assert visible_to(acting(cast.carer)).filter(pk=amara.pk).exists()
    actions.change_placement(child=amara, kind="kinship", area="Eastvale", began_on=TODAY, by=by)
    old, new = amara.placements.order_by("began_on")
    assert (old.ended_on, new.began_on, new.out_of_area) == (TODAY, TODAY, True)
    assert not visible_to(acting(cast.carer)).filter(pk=amara.pk).exists()
    assert Event.objects.filter(child_id=amara.pk, verb="change placement").count() == 1
    assert ChangeMark.objects.filter(child=amara, what="change placement").exists()


def test_a_move_on_the_day_of_entry_and_one_outside_care_are_conflicts(cast, by):
    with pytest.raises(FactsConflict, match="later day"):
        actions.change_placement(child=cast.children["amara"], kind="foster", area="X", began_on=ENTRY, by=by)
    with pytest.raises(FactsConflict, match="not in care"):
        actions.change_placement(child=cast.children["leila"], kind="foster", area="X", began_on=TODAY, by=by)


def test_another_school_takes_over_and_none_ends_it(cast, by, acting):
    amara = cast.children["amara"]
    actions.change_school(child=amara, school=cast.secondary, began_on=TODAY, by=by)
    assert not visible_to(acting(cast.designated_teacher)).filter(pk=amara.pk).exists()
    assert visible_to(acting(cast.other_teacher)).filter(pk=amara.pk).exists()
    actions.end_school(child=amara, ended_on=TODAY + timedelta(1), by=by)
    assert queries.enrolment_of(amara, TODAY + timedelta(1)) is None
    assert actions.end_school(child=amara, ended_on=TODAY + timedelta(1), by=by) is None


def test_a_new_social_worker_ends_the_former_ones_sight(cast, by, acting):
    amara = cast.children["amara"]
    newcomer = f.UserFactory(name="Ms N. Comer")
    f.MembershipFactory(user=newcomer, organisation=cast.team, role="social_worker")
    actions.allocate(child=amara, part=Part.SOCIAL_WORKER, user=newcomer, began_on=TODAY, by=by)
    assert not visible_to(acting(cast.social_worker)).filter(pk=amara.pk).exists()
    assert queries.team_of(amara, TODAY).social_worker == newcomer


def test_leaving_care_ends_placement_and_team_and_everybodys_sight(cast, by, acting):
    amara, episode = cast.children["amara"], cast.episodes["amara"]
    actions.end_care(episode=episode, ended_on=TODAY, reason="returned_home", by=by)
    assert not Placement.objects.filter(child=amara, ended_on=None).exists()
    assert not Allocation.objects.filter(child=amara, ended_on=None).exists()
    for person in (cast.designated_teacher, cast.social_worker, cast.iro, cast.carer):
        assert not visible_to(acting(person)).filter(pk=amara.pk).exists(), person
    assert visible_to(acting(cast.data_officer)).filter(pk=amara.pk).exists()


@pytest.mark.parametrize("day", [date(2026, 10, 1), date(2026, 10, 6)])
def test_a_corrected_entry_takes_placement_and_team_along_both_ways(cast, by, day):
    episode = cast.episodes["amara"]
    actions.correct_entry(
        episode=episode, began_on=day, planned=False, legal_status="care_order", reason="Typed wrongly", by=by
    )
    episode.refresh_from_db()
    assert (episode.began_on, episode.planned) == (day, False)
    assert episode.child.placements.get().began_on == day
    assert set(episode.child.allocations.values_list("began_on", flat=True)) == {day}
    assert episode.history.latest("history_id").history_change_reason == "Typed wrongly"
    event = Event.objects.get(child_id=episode.child_id, verb="correct entry to care")
    assert event.fields == ["began_on", "legal_status", "planned"] and event.reason == "Typed wrongly"


def test_an_entry_corrected_past_a_move_is_a_conflict(cast, by):
    amara = cast.children["amara"]
    actions.change_placement(child=amara, kind="kinship", area="Westmere", began_on=TODAY, by=by)
    with pytest.raises(FactsConflict, match="first placement ended"):
        actions.correct_entry(
            episode=cast.episodes["amara"], began_on=TODAY, planned=True, legal_status="remand", reason="x", by=by
        )


def test_the_next_care_review_is_moved_not_doubled(cast, by):
    amara = cast.children["amara"]
    actions.set_care_review(child=amara, on=date(2026, 11, 2), by=by)
    actions.set_care_review(child=amara, on=date(2026, 11, 9), by=by)
    assert [review.on for review in amara.care_reviews.all()] == [date(2026, 11, 9)]
    assert queries.next_review(amara, TODAY).history.count() == 2


# --- team, calendars --------------------------------------------------------------------------------------------------


def test_the_team_around_a_child_in_few_queries(cast, django_assert_max_num_queries):
    f.AllocationFactory(child=cast.children["amara"], user=cast.caseworker, part=Part.CASEWORKER, began_on=ENTRY)
    with django_assert_max_num_queries(8):
        team = queries.team_of(cast.children["amara"], TODAY)
    assert (team.social_worker, team.team_manager, team.iro) == (cast.social_worker, cast.team_manager, cast.iro)
    assert (team.school, team.designated_teachers) == (cast.primary, (cast.designated_teacher,))
    assert team.carer.user == cast.carer
    assert {*team.virtual_school} == {cast.vs_head, cast.vs_deputy, cast.caseworker}
    assert team.data_officers == (cast.data_officer,)
    cast.social_worker.is_active = False
    cast.social_worker.save()
    assert queries.team_of(cast.children["amara"], TODAY).social_worker is None


def test_a_child_without_a_school_has_nobody_leading_there(cast):
    team = queries.team_of(cast.children["skye"], TODAY)
    assert team.school is None and team.designated_teachers == ()


def test_the_schools_own_calendar_comes_before_its_area_before_the_childs_council(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        facts = queries.calendars_for(cast.secondary, cast.westmere)
    assert {year.name for year in facts.years} == {"Eastvale pattern"}  # the school lies there
    assert {year.name for year in queries.calendars_for(None, cast.westmere).years} == {"Westmere pattern"}
    f.CalendarFactory(school=cast.secondary, name="Northgate High")
    f.CalendarFactory(school=cast.secondary, name="Northgate High, corrected", version=2)
    named = {year.academic_year: year.name for year in queries.calendars_for(cast.secondary, cast.westmere).years}
    assert named == {"2025/26": "Eastvale pattern", "2026/27": "Northgate High, corrected"}


def test_the_engine_gets_the_same_days_and_is_built_once(cast):
    from peps.calendars import school_calendar_for, working_calendar

    calendar = school_calendar_for(cast.primary, cast.westmere)
    assert calendar.is_school_day(TODAY) and not calendar.is_school_day(date(2026, 10, 27))
    assert school_calendar_for(cast.primary, cast.westmere) is calendar
    assert working_calendar().counts(date(2026, 12, 24)) and not working_calendar().counts(date(2026, 12, 25))


def test_bank_holidays_of_the_database_override_the_bundled_list(cast):
    BankHoliday.objects.create(day=date(2026, 12, 25), name="Christmas Day", cancelled=True)
    BankHoliday.objects.create(day=date(2026, 10, 9), name="A coronation")
    days = queries.bank_holidays()
    assert date(2026, 12, 25) not in days and days[date(2026, 10, 9)] == "A coronation"
    from peps.calendars import working_calendar

    assert not working_calendar().counts(date(2026, 10, 9))


YEAR = PublishedYear("2026/27", ((date(2026, 9, 2), date(2026, 12, 18), ""),), ())


def test_a_published_calendar_is_a_new_version_and_marks_the_children_taught_by_it(cast, by):
    ChangeMark.objects.all().delete()
    first = actions.publish_calendar(year=YEAR, name="Hollin", school=cast.primary, by=by)
    second = actions.publish_calendar(year=YEAR, name="Hollin", school=cast.primary, by=by)
    assert (first.version, second.version) == (1, 2)
    assert Event.objects.filter(verb="publish calendar").count() == 2
    marked = set(ChangeMark.objects.values_list("child__given_name", flat=True))
    assert marked == {"Amara", "Ben"}  # not Leila, who left care


def test_a_calendar_that_contradicts_itself_is_never_published(cast, by):
    broken = PublishedYear("2026/27", ((date(2026, 9, 5), date(2026, 12, 18), ""),))
    with pytest.raises(FactsConflict, match="weekend"):
        actions.publish_calendar(year=broken, name="Hollin", school=cast.primary, by=by)
    assert not Calendar.objects.filter(school=cast.primary).exists()


# --- two at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_data_officers_at_once_give_two_references(cast, acting):
    officers = [acting(cast.data_officer, NOW), acting(cast.vs_head, NOW)]
    start, got, wrong = threading.Barrier(2), [], []

    def record(by, family_name):
        try:
            start.wait(10)
            got.append(entry(cast, by, family_name=family_name, social_worker=None).reference)
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=record, args=(by, f"Twin{n}")) for n, by in enumerate(officers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert wrong == []
    assert sorted(got) == ["WM-0006", "WM-0007"]


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_leave_one_and_tell_the_other(cast, acting):
    amara, by = cast.children["amara"], acting(cast.data_officer)
    start, got = threading.Barrier(2), []

    def move(kind):
        try:
            start.wait(10)
            actions.change_placement(child=amara, kind=kind, area="Westmere", began_on=TODAY, by=by)
            got.append("moved")
        except FactsConflict as conflict:
            got.append(conflict.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=move, args=(kind,)) for kind in ("kinship", "residential")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(got)[-1] == "moved" and len(got) == 2 and got.count("moved") == 1, got
    assert amara.placements.count() == 2
