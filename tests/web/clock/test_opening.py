"""Plans that open by themselves: the first, the next in its window, the extra one; who is given what; Year 6 to 7 (R8, R14, R30, R31)."""

from __future__ import annotations

import threading
from datetime import date as D
from datetime import timedelta

import pytest
from django.db import connections

from children import actions as facts
from children.models import ChangeKind
from pepportal.audit.models import Event
from pepportal.clock.actions import sweep, sync_marked
from pepportal.clock.models import Obligation
from pepportal.clock.opening import open_due, phase_day, roll_over
from pepportal.notify.models import Notice
from peps.actions import change_phase, open_pep, save_section
from peps.models import Answer, Pep, Section
from peps.queries import document_of
from tests import cast as stage
from tests import factories as f
from tests.stage import fresh
from tests.web.clock.doing import arranged, held, morning, opened, owed, under

pytestmark = pytest.mark.django_db
TODAY = stage.TODAY


def opening(day: D, *, key: str = "") -> list[Pep]:
    """What a night opens, of one child."""
    sweep(by=morning(day))
    found = open_due(by=morning(day))
    return [pep for pep in found if not key or pep.child.reference == key]


@pytest.fixture
def amara(cast):
    return cast.children["amara"].reference


def alone(cast, key: str = "amara") -> None:
    """Only one child is in care, so that a test sees no other's plans."""
    for other, episode in cast.episodes.items():
        if other != key and episode.ended_on is None:
            cast.children[other].placements.update(ended_on=TODAY)
            episode.ended_on, episode.end_reason = TODAY, "returned_home"
            episode.save()


# --- the first plan -------------------------------------------------------------------------------------------------------


def test_a_child_in_scope_without_a_plan_gets_the_first_one(cast):
    """R1: from the first day in scope; once."""
    alone(cast)
    (pep,) = opening(TODAY)
    episode = cast.episodes["amara"]
    assert (pep.kind, pep.cause, pep.trigger_on, pep.episode) == (
        "first",
        f"first:{episode.pk}",
        episode.began_on,
        episode,
    )
    assert opening(TODAY) == [] and opening(TODAY + timedelta(days=1)) == []
    assert Event.objects.filter(verb="open PEP", actor_label="The portal").count() == 1


def test_a_child_who_comes_of_age_is_counted_from_the_birthday(cast):
    """R17: three, and at a nursery: before that nobody owes a plan."""
    alone(cast)
    child = cast.children["amara"]
    child.date_of_birth = D(2023, 11, 4)
    child.save()
    assert opening(D(2026, 11, 3)) == []
    (pep,) = opening(D(2026, 11, 6))
    assert pep.trigger_on == D(2026, 11, 4)


def test_a_plan_that_somebody_has_closed_is_not_opened_again_behind_their_back(cast, acting):
    alone(cast)
    pep = opened(cast, acting(cast.data_officer))
    Pep.objects.filter(pk=pep.pk).update(state="closed")
    assert opening(TODAY) == []


def test_nobody_opens_a_plan_for_a_child_who_has_left(cast):
    alone(cast, "nobody")
    assert opening(TODAY) == []


def test_a_plan_that_can_not_be_opened_does_not_stop_the_others(cast, monkeypatch):
    from pepportal.clock import opening as room

    real, amara = room.open_pep, cast.children["amara"]

    def refuses(*, child, **more):
        if child == amara:
            raise LookupError("no form")
        return real(child=child, **more)

    monkeypatch.setattr(room, "open_pep", refuses)
    assert {pep.child for pep in opening(TODAY)} == {cast.children[key] for key in ("jonah", "skye", "ben")}
    assert not Pep.objects.filter(child=amara).exists()


@pytest.mark.django_db(transaction=True)
def test_two_machines_at_once_open_one(cast):
    alone(cast)
    sweep(by=morning(TODAY))
    start, failures, found = threading.Barrier(3), [], []

    def run():
        try:
            start.wait(10)
            found.extend(open_due(by=morning(TODAY)))
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert not failures and len(found) == 1
    assert Pep.objects.count() == 1 and Notice.objects.filter(kind="parts_given").count() == 2


# --- the next review ------------------------------------------------------------------------------------------------------


def reviewed(cast, acting, *, on: D = TODAY, next_on: D | None = None) -> Pep:
    """The first plan, its meeting held."""
    alone(cast)
    return held(opened(cast, acting(cast.data_officer)), on, acting(cast.designated_teacher), next_on=next_on)


def test_the_next_plan_opens_so_many_days_before_the_meeting_that_was_set(cast, acting):
    """R30: twenty school days before, by the rules that the product ships."""
    first = reviewed(cast, acting, next_on=D(2027, 1, 29))
    window = D(2026, 12, 17)  # before it 18 school days in January, and one more in December
    assert opening(window - timedelta(days=1)) == []
    (pep,) = opening(window)
    assert (pep.kind, pep.cause, pep.trigger_on, pep.informal) == ("review", f"review:{first.pk}", TODAY, False)
    assert opening(window) == []


def test_without_such_a_day_it_is_counted_from_the_due_day_and_a_missed_week_is_made_good(cast, acting):
    first = reviewed(cast, acting)
    sweep(by=morning(TODAY))
    due = owed(first, "next_review").due_on
    assert opening(due - timedelta(days=50)) == []
    assert [pep.kind for pep in opening(due - timedelta(days=3))] == ["review"]


@pytest.mark.parametrize(
    ("held_on", "next_on", "window"),
    [
        (D(2026, 10, 6), D(2027, 1, 27), D(2027, 1, 4)),  # the first week of the spring term
        (D(2027, 1, 27), D(2027, 4, 28), D(2027, 4, 5)),  # the last week of the Easter holiday
    ],
)
def test_in_boltons_weeks_plans_are_opened_and_given_out_in_bulk(cast, acting, held_on, next_on, window):
    """R14: from the Monday of the week; part 1 to the social worker, the rest to the designated teacher."""
    under(cast, "bolton-2021")
    peps = []
    for key in ("amara", "jonah"):
        pep = opened(cast, acting(cast.data_officer), key)
        teacher = cast.designated_teacher if key == "amara" else cast.other_teacher
        by = acting(teacher, morning(held_on).at)
        peps.append(held(pep, held_on, by, next_on=next_on))
    Notice.objects.all().delete()
    causes = {f"review:{pep.pk}" for pep in peps}
    assert not {pep.cause for pep in opening(window - timedelta(days=1))} & causes
    made = {pep.cause: pep for pep in opening(window) if pep.cause in causes}
    assert made.keys() == causes
    pep = made[f"review:{peps[0].pk}"]
    given = {each.person: each for each in Notice.objects.filter(kind="parts_given", child_id=pep.child_id)}
    assert given.keys() == {cast.social_worker, cast.designated_teacher}
    assert "“Facts about care”" in given[cast.social_worker].text
    assert "“Facts about care”" not in given[cast.designated_teacher].text
    assert given[cast.designated_teacher].subject.startswith("A PEP is open: your part is due by ")


def test_a_missed_week_of_boltons_is_made_good(cast, acting):
    """R14"""
    under(cast, "bolton-2021")
    reviewed(cast, acting, next_on=D(2027, 1, 27))
    assert [pep.kind for pep in opening(D(2027, 1, 14))] == ["review"]


def test_the_last_week_of_the_summer_holiday(cast, acting):
    """R14: and it has the form of the year that begins."""
    under(cast, "bolton-2021")
    alone(cast)
    spans = [["2027-09-06", "2027-12-17", "autumn term"], ["2028-01-04", "2028-03-31", "spring term"],
             ["2028-04-17", "2028-07-21", "summer term"]]  # fmt: skip
    f.CalendarFactory(authority=cast.westmere, academic_year="2027/28", spans=spans, closures=[])
    pep = opened(cast, acting(cast.data_officer))
    day = D(2027, 6, 9)
    held(pep, day, acting(cast.designated_teacher, morning(day).at), next_on=D(2027, 9, 29))
    assert opening(D(2027, 8, 29)) == []
    (made,) = opening(D(2027, 8, 31))
    assert made.cause == f"review:{pep.pk}"


def test_nothing_opens_while_a_plan_is_there_already(cast, acting):
    first = reviewed(cast, acting, next_on=D(2027, 1, 29))
    by = acting(cast.caseworker, stage.NOW + timedelta(hours=1))
    sweep(by=morning(TODAY))
    open_pep(child=first.child, episode=first.episode, kind="extra", cause="extra:x", trigger_on=TODAY, by=by)
    assert open_due(by=morning(D(2027, 1, 14))) == []


def test_kents_third_review_of_a_year_is_informal_and_the_virtual_schools(cast, acting):
    """R6"""
    under(cast, "kent-2017")
    first = reviewed(cast, acting, next_on=D(2027, 2, 10))
    assert [pep.informal for pep in opening(D(2027, 1, 25))] == [False]
    second = Pep.objects.get(cause=f"review:{first.pk}")
    held(fresh(second), D(2027, 2, 10), acting(cast.designated_teacher, morning(D(2027, 2, 10)).at))
    Notice.objects.all().delete()
    (third,) = opening(D(2027, 8, 2))
    assert third.cause == f"review:{second.pk}" and third.informal
    assert {each.person for each in Notice.objects.filter(kind="parts_given")} == {
        cast.vs_head, cast.vs_deputy, cast.caseworker,
    }  # fmt: skip
    assert not Notice.objects.filter(kind__in=["please_arrange", "pep_opened"]).exists()


# --- the extra plan -------------------------------------------------------------------------------------------------------


def test_a_change_opens_an_extra_plan(cast, acting):
    """R8"""
    reviewed(cast, acting)
    day = D(2026, 10, 14)
    facts.change_school(
        child=cast.children["amara"], school=cast.secondary, began_on=day, by=acting(cast.data_officer, morning(day).at)
    )  # fmt: skip
    (pep,) = opening(day)
    enrolment = cast.children["amara"].enrolments.get(began_on=day)
    assert (pep.kind, pep.cause, pep.trigger_on) == ("extra", f"extra:enrolment:{enrolment.pk}", day)
    assert opening(day) == []


def test_no_extra_plan_while_one_is_in_preparation(cast, acting):
    """R8: the meeting that is still to come serves the change."""
    alone(cast)
    opened(cast, acting(cast.data_officer))
    day = D(2026, 10, 14)
    facts.change_school(
        child=cast.children["amara"], school=cast.secondary, began_on=day, by=acting(cast.data_officer, morning(day).at)
    )  # fmt: skip
    assert opening(day) == []


def test_a_change_that_the_council_does_not_name_opens_none(cast, acting):
    reviewed(cast, acting)
    facts.record_change(
        child=cast.children["amara"], kind=ChangeKind.CONCERN, on=TODAY, what="x", by=acting(cast.social_worker)
    )
    assert opening(TODAY) == []


# --- who hears what -------------------------------------------------------------------------------------------------------


def test_everybody_hears_once_with_what_is_theirs_and_by_when(cast):
    """R14, R18, R30"""
    alone(cast)
    (pep,) = opening(TODAY)
    found = [(each.kind, each.person) for each in Notice.objects.all()]
    assert sorted(found, key=str) == sorted(
        [("parts_given", cast.social_worker), ("parts_given", cast.designated_teacher), ("pep_opened", cast.carer),
         ("please_arrange", cast.designated_teacher)], key=str,
    )  # fmt: skip
    given = Notice.objects.get(kind="parts_given", person=cast.social_worker)
    # The meeting is due on Monday 2 November; its parts five school days before.
    assert given.subject == "A PEP is open: your part is due by Monday 19 October" and given.due_on == D(2026, 10, 19)
    assert given.link == f"/peps/{pep.pk}/"
    assert Notice.objects.get(kind="pep_opened").link == f"/peps/{pep.pk}/sections/home_views/"
    for each in Notice.objects.all():
        assert "Amara" in each.screen_text and "Amara" not in each.subject + each.text + each.html


def test_without_a_teacher_the_schools_parts_go_to_the_virtual_school(cast):
    alone(cast, "skye")
    opening(TODAY)
    assert {each.person for each in Notice.objects.filter(kind="parts_given")} == {
        cast.social_worker, cast.vs_head, cast.vs_deputy, cast.caseworker,
    }  # fmt: skip


def test_a_young_person_is_given_their_own_page(cast):
    """Kent gives the child's part to the child."""
    under(cast, "kent-2017")
    alone(cast, "jonah")
    (pep,) = opening(TODAY)
    notice = Notice.objects.get(kind="parts_given", person=cast.young_person)
    assert notice.link == f"/peps/{pep.pk}/sections/child_views/"


# --- the new school year --------------------------------------------------------------------------------------------------

SEPTEMBER = D(2027, 9, 1)


def year_six(cast, acting) -> Pep:
    """A plan in preparation in July of a child in Year 6, with something written in it."""
    alone(cast)
    child = cast.children["amara"]
    child.date_of_birth = D(2016, 3, 9)
    child.save()
    child.enrolments.update(ended_on=SEPTEMBER)
    f.EnrolmentFactory(child=child, school=cast.secondary, began_on=SEPTEMBER)
    pep = opened(cast, acting(cast.data_officer))
    Section.objects.filter(pep=pep, key="sdq").delete()
    save_section(pep, "needs_plan", values={"strengths": "Swims"}, based_on={}, by=acting(cast.designated_teacher))
    return fresh(pep)


def test_from_year_six_to_seven_the_plan_in_preparation_follows(cast, acting):
    """R31: on 1 September, not on 31 August; once; nothing that was written is lost."""
    pep = year_six(cast, acting)
    before = list(Answer.objects.filter(pep=pep).values_list("pk", "field", "value", "revision"))
    sections = set(pep.sections.values_list("pk", flat=True))
    assert before and pep.form_version.key == "primary"
    assert roll_over(by=morning(D(2027, 8, 31))) == 0
    assert roll_over(by=morning(SEPTEMBER)) == 1
    now = fresh(pep)
    assert (now.form_version.key, now.profile_version, now.state, now.revision, now.trigger_on) == (
        "secondary", pep.profile_version, pep.state, pep.revision, pep.trigger_on,
    )  # fmt: skip
    assert list(Answer.objects.filter(pep=pep).values_list("pk", "field", "value", "revision")) == before
    assert sections < set(pep.sections.values_list("pk", flat=True))
    assert set(pep.sections.values_list("key", flat=True)) == {each.key for each in document_of(now).sections}
    notice = Notice.objects.get(kind="form_changed")
    assert notice.person == cast.other_teacher and "Secondary plan" in notice.text
    event = Event.objects.get(verb="change form")
    assert (event.reason, event.fields) == ("primary to secondary", ["form_version"])
    assert roll_over(by=morning(SEPTEMBER)) == 0 and roll_over(by=morning(D(2027, 9, 2))) == 0
    assert Notice.objects.filter(kind="form_changed").count() == 1


def test_a_review_opened_in_september_has_the_form_of_the_new_phase(cast, acting):
    """R31: it counts from a meeting in Year 6; the first plan keeps the form of the day it counts from."""
    first = year_six(cast, acting)
    by = acting(cast.data_officer, morning(D(2027, 9, 6)).at)
    review = open_pep(
        child=first.child,
        episode=first.episode,
        kind="review",
        cause=f"review:{first.pk}",
        trigger_on=D(2027, 6, 9),
        by=by,
    )
    assert (first.form_version.key, review.form_version.key) == ("primary", "secondary")


def test_a_plan_whose_meeting_was_in_the_year_that_is_over_keeps_its_form(cast, acting):
    pep = year_six(cast, acting)
    arranged(pep, D(2027, 7, 13), acting(cast.designated_teacher))
    assert roll_over(by=morning(SEPTEMBER)) == 0


def test_a_plan_that_is_not_in_preparation_keeps_its_form(cast, acting):
    pep = held(year_six(cast, acting), TODAY, acting(cast.designated_teacher))
    assert roll_over(by=morning(SEPTEMBER)) == 0
    assert not change_phase(pep, phase="secondary", by=morning(SEPTEMBER))
    assert fresh(pep).form_version.key == "primary"


@pytest.mark.parametrize(
    ("meeting", "today", "wanted"),
    [
        (None, D(2027, 8, 31), D(2027, 8, 31)),
        (D(2027, 9, 14), D(2027, 8, 31), D(2027, 8, 31)),
        (D(2027, 9, 14), SEPTEMBER, D(2027, 9, 14)),
        (D(2027, 7, 13), SEPTEMBER, D(2027, 7, 13)),
        (D(2028, 2, 29), D(2027, 10, 31), D(2028, 2, 29)),
    ],
)
def test_which_school_year_a_plan_is_for(meeting, today, wanted):
    assert phase_day(meeting and morning(meeting).at, today) == wanted


def test_opening_asks_as_much_for_many_children_as_for_few(cast, acting, django_assert_max_num_queries):
    first = reviewed(cast, acting, next_on=D(2027, 1, 29))
    sync_marked(by=morning(TODAY))
    sweep(by=morning(TODAY))
    row = owed(first, "next_review")
    for number in range(10):
        child = f.ChildFactory(authority=cast.westmere, reference=f"WM-8{number:03d}")
        f.CareEpisodeFactory(child=child)
        Obligation.objects.create(
            child=child, pep=first, key=f"next:{number}", kind="next_review", title=row.title, holder_role=row.holder_role,
            due_on=D(2027, 4, 1), unit="school", starts_on=TODAY, rule="x", profile_version=row.profile_version,
        )  # fmt: skip
    with django_assert_max_num_queries(10):
        assert open_due(by=morning(TODAY)) == []
