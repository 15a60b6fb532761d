from __future__ import annotations

import threading
import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from pepportal.audit.models import Event
from peps.actions import open_pep
from peps.models import Pep
from peps.states import NotPossible
from targets import actions, queries
from targets.models import Target
from tests.cast import NOW
from tests.web.targets.making import VALUES, first_pep, posted

pytestmark = pytest.mark.django_db


def url(name: str, pep, *rest) -> str:
    return reverse(f"targets:{name}", args=[pep.pk, *rest])


READERS = [
    "designated_teacher", "social_worker", "team_manager", "iro", "head_teacher", "vs_head", "vs_deputy", "caseworker",
    "data_officer", "administrator",
]  # fmt: skip


@pytest.mark.parametrize("person", READERS)
def test_those_who_read_the_plan_see_the_targets_and_only_the_teacher_adds_them(cast, client_as, pep, person):
    client = client_as(getattr(cast, person))
    page = client.get(url("panel", pep))
    assert page.status_code == 200
    writes = person == "designated_teacher"
    assert (b"Add a target" in page.content) is writes
    assert client.get(url("add", pep)).status_code == (200 if writes else 403)
    answer = client.post(url("add", pep), posted())
    assert answer.status_code == (302 if writes else 403)
    assert Target.objects.count() == (1 if writes else 0)


@pytest.mark.parametrize("person", ["carer", "finance"])
def test_those_who_see_the_child_but_not_the_plan_are_refused(cast, client_as, pep, person):
    assert client_as(getattr(cast, person)).get(url("panel", pep)).status_code == 403


@pytest.mark.parametrize(
    "person", ["other_teacher", "other_social_worker", "other_caseworker", "other_vs_head", "left_worker", "nobody"]
)
def test_outside_ones_children_there_is_nothing(cast, client_as, pep, person):
    client = client_as(getattr(cast, person))
    for name in ("panel", "add", "sdq", "enter-sdq"):
        assert client.get(url(name, pep)).status_code == 404


def test_signed_out_goes_to_sign_in(client, pep):
    assert client.get(url("panel", pep)).url.startswith("/accounts/login/")


def test_a_teachers_target_stands_and_what_is_wanting_is_said(cast, client_as, pep):
    client = client_as(cast.designated_teacher)
    assert "Two academic targets are needed" in client.get(url("panel", pep)).content.decode()
    page = client.post(url("add", pep), posted(), follow=True).content.decode()
    target = Target.objects.get()
    assert (target.confirmed_by, target.drafted_by) == (cast.designated_teacher, cast.designated_teacher)
    assert "One more academic target is needed" in page
    assert "Set by a teacher" in page
    assert Event.objects.filter(
        verb="add a target", child_id=pep.child_id, actor_id=cast.designated_teacher.pk
    ).exists()
    assert Pep.objects.get(pk=pep.pk).revision == pep.revision + 1


@pytest.mark.parametrize(("changed", "said"), [
    ({"kind": ""}, "Select what kind of target it is"),
    ({"kind": "nonsense"}, "Select one of the answers given"),
    ({"outcome_wanted": " "}, "Enter what the child will be able to do"),
    ({"baseline": ""}, "Enter where the child is now"),
    ({"measure": ""}, "Enter how everyone will know"),
    ({"strategies": ""}, "Enter what will be done"),
    ({"who": ""}, "Enter who will do it"),
    ({"who": "x" * 201}, "Who will do it must be 200 characters or fewer"),
    ({"review_by_0": "31", "review_by_1": "11"}, "must be a real date"),
    ({"review_by_0": "29", "review_by_1": "12"}, ""),
    ({"review_by_0": "30", "review_by_1": "12"}, "within 12 weeks, on or before 29 December 2026"),
    ({"review_by_0": "5", "review_by_1": "10"}, "must be today or in the future"),
])  # fmt: skip
def test_each_field_refuses_what_is_wrong_and_keeps_what_was_typed(cast, client_as, pep, changed, said):
    sent = posted(in_childs_words="Mine, kept.", **changed)
    answer = client_as(cast.designated_teacher).post(url("add", pep), sent)
    if not said:
        assert answer.status_code == 302
        return
    page = answer.content.decode()
    assert said in page
    assert "There is a problem" in page
    assert "Mine, kept." in page
    assert not Target.objects.exists()


def test_a_meeting_further_off_moves_the_last_day(cast, acting, pep):
    from meetings.models import Meeting

    policy = queries.target_rules(pep)
    assert queries.latest_review(pep, policy, date(2026, 10, 6)) == date(2026, 12, 29)
    Meeting.objects.create(pep=pep, starts_at=NOW + timedelta(days=14), place="School", organised_by=cast.social_worker)
    assert queries.latest_review(pep, policy, date(2026, 10, 6)) == date(2027, 1, 12)


def test_hostile_words_are_kept_and_shown_as_words(cast, client_as, pep):
    nasty = "<script>alert('x')</script> {{ 7|add:7 }} \x00 '; DROP TABLE targets_target; --"
    client = client_as(cast.designated_teacher)
    page = client.post(url("add", pep), posted(outcome_wanted=nasty), follow=True).content.decode()
    assert Target.objects.get().outcome_wanted == nasty.replace("\x00", "")
    assert "&lt;script&gt;alert(" in page
    assert "<script>alert(" not in page


def test_a_double_press_adds_one(cast, client_as, pep):
    client = client_as(cast.designated_teacher)
    sent = posted(_once=str(uuid.uuid4()))
    assert client.post(url("add", pep), sent).status_code == 302
    assert client.post(url("add", pep), sent).status_code == 302
    assert Target.objects.count() == 1


def test_somebody_elses_draft_waits_for_the_teacher(cast, client_as, acting, pep):
    target = actions.draft(pep, values=VALUES, as_teacher=False, by=acting(cast.social_worker))
    assert target.confirmed_at is None
    assert "Target 1 waits for a teacher to confirm" in queries.panel_status(pep).missing
    refused = client_as(cast.social_worker).post(url("confirm", pep, target.pk), {"revision": target.revision})
    assert refused.status_code == 403
    client_as(cast.designated_teacher).post(url("confirm", pep, target.pk), {"revision": target.revision})
    target.refresh_from_db()
    assert target.confirmed_by == cast.designated_teacher
    changed = actions.amend(
        target,
        values=replace(VALUES, who="Ms Fell"),
        based_on=target.revision,
        as_teacher=False,
        by=acting(cast.social_worker),
    )
    assert changed.confirmed_at is None
    again = actions.amend(
        changed, values=VALUES, based_on=changed.revision, as_teacher=True, by=acting(cast.designated_teacher)
    )
    assert again.confirmed_by_id == cast.designated_teacher.pk


def test_a_target_changed_under_the_readers_eyes_is_not_confirmed(cast, client_as, acting, pep):
    target = actions.draft(pep, values=VALUES, as_teacher=False, by=acting(cast.social_worker))
    shown = target.revision
    actions.amend(
        target, values=replace(VALUES, who="Somebody"), based_on=shown, as_teacher=False, by=acting(cast.social_worker)
    )
    page = client_as(cast.designated_teacher).post(url("confirm", pep, target.pk), {"revision": shown}, follow=True)
    assert "Read it again" in page.content.decode()
    target.refresh_from_db()
    assert target.confirmed_at is None


def test_two_people_change_one_target_and_neither_loses_a_word(cast, client_as, acting, pep):
    target = actions.draft(pep, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))
    shown = target.revision
    theirs = replace(VALUES, measure="Theirs: five readings.")
    actions.amend(target, values=theirs, based_on=shown, as_teacher=True, by=acting(cast.vs_head))
    client = client_as(cast.designated_teacher)
    answer = client.post(url("change", pep, target.pk), posted(measure="Mine: two readings.", revision=shown))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Mine: two readings." in page
    assert "Theirs: five readings." in page
    assert cast.vs_head.name in page
    target.refresh_from_db()
    assert target.measure == "Theirs: five readings."
    assert f'name="revision" value="{target.revision}"' in page
    saved = client.post(url("change", pep, target.pk), posted(measure="Both.", revision=target.revision))
    assert saved.status_code == 302
    target.refresh_from_db()
    assert target.measure == "Both."


def test_a_mistake_in_a_change_keeps_the_revision_it_was_based_on(cast, client_as, acting, pep):
    target = actions.draft(pep, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))
    shown = target.revision
    actions.amend(target, values=replace(VALUES, who="Other"), based_on=shown, as_teacher=True, by=acting(cast.vs_head))
    page = client_as(cast.designated_teacher).post(url("change", pep, target.pk), posted(who="", revision=shown))
    assert f'name="revision" value="{shown}"' in page.content.decode()


def test_the_clock_is_told(cast, acting, pep):
    pep.child.change_marks.all().delete()
    actions.draft(pep, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))
    assert pep.child.change_marks.filter(what="targets").exists()


def test_withdrawing_asks_why_and_leaves_the_row(cast, client_as, acting, pep):
    target = actions.draft(pep, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))
    client = client_as(cast.designated_teacher)
    assert "Enter why it is withdrawn" in client.post(url("withdraw", pep, target.pk), {"reason": ""}).content.decode()
    assert client.post(url("withdraw", pep, target.pk), {"reason": "Replaced."}).status_code == 302
    target.refresh_from_db()
    assert target.withdrawn_at
    assert queries.targets_of(pep) == []
    assert client.get(url("change", pep, target.pk)).status_code == 404
    added = actions.draft(pep, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))
    assert added.position == 2


def test_another_plans_target_is_not_found_here(cast, client_as, acting, pep):
    other = first_pep(cast, acting, "ben")
    target = actions.draft(other, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))
    client = client_as(cast.designated_teacher)
    for name in ("change", "withdraw"):
        assert client.get(url(name, pep, target.pk)).status_code == 404
    assert client.post(url("confirm", pep, target.pk), {"revision": 1}).status_code == 404
    assert client.get(url("review", pep, target.pk)).status_code == 404


def test_nothing_is_written_once_the_plan_is_with_the_virtual_school(cast, client_as, acting, pep):
    target = actions.draft(pep, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))
    Pep.objects.filter(pk=pep.pk).update(state="submitted")
    client = client_as(cast.designated_teacher)
    page = client.get(url("panel", pep)).content.decode()
    assert "Add a target" not in page
    assert "with the virtual school" in page
    assert b"be changed now" in client.post(url("add", pep), posted()).content
    with pytest.raises(NotPossible):
        actions.withdraw(target, reason="x", by=acting(cast.designated_teacher))
    assert Target.objects.filter(withdrawn_at=None).count() == 1


def test_a_complete_section_must_be_opened_again_first(cast, acting, pep):
    from peps.actions import mark_section_complete

    mark_section_complete(pep, "targets", panel_missing=(), by=acting(cast.designated_teacher))
    with pytest.raises(NotPossible, match="marked this section complete"):
        actions.draft(pep, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))


def test_without_a_school_place_the_virtual_school_writes_and_it_stands(cast, client_as, acting):
    pep = first_pep(cast, acting, "skye")
    client = client_as(cast.caseworker)
    page = client.post(url("add", pep), posted(), follow=True).content.decode()
    assert "Set by a teacher" in page
    assert Target.objects.get().confirmed_by == cast.caseworker
    assert client_as(cast.social_worker).post(url("add", pep), posted()).status_code == 403


def _next_pep(cast, acting, pep):
    before = NOW - timedelta(days=90)
    Pep.objects.filter(pk=pep.pk).update(state="finalised", opened_at=before, finalised_at=before)
    return open_pep(
        child=pep.child, episode=pep.episode, kind="review", cause=f"review:{pep.pk}", trigger_on=date(2026, 10, 6),
        by=acting(cast.data_officer),
    )  # fmt: skip


def test_earlier_targets_are_reviewed_before_the_rest(cast, client_as, acting, pep):
    target = actions.draft(pep, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))
    later = _next_pep(cast, acting, pep)
    assert "Say how earlier target 1 went" in queries.panel_status(later).missing
    client = client_as(cast.designated_teacher)
    assert "Earlier targets" in client.get(url("panel", later)).content.decode()
    empty = client.post(url("review", later, target.pk), {"revision": target.revision})
    assert "Select how it went" in empty.content.decode()
    sent = {"outcome": "partly", "impact": "Reads six pages.", "revision": target.revision}
    assert client.post(url("review", later, target.pk), sent).status_code == 302
    target.refresh_from_db()
    assert (target.outcome, target.reviewed_by) == ("partly", cast.designated_teacher)
    assert not any("earlier" in words for words in queries.panel_status(later).missing)
    lost = client.post(url("review", later, target.pk), sent | {"impact": "Mine."})
    assert lost.status_code == 409
    assert "Reads six pages." in lost.content.decode()
    assert "Mine." in lost.content.decode()
    target.refresh_from_db()
    assert target.impact == "Reads six pages."


def test_a_plans_own_target_is_not_reviewed_in_it(cast, acting, pep):
    target = actions.draft(pep, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))
    with pytest.raises(NotPossible):
        actions.review_target(
            target, pep=pep, outcome="achieved", impact="x", based_on=1, by=acting(cast.designated_teacher)
        )


def test_the_page_costs_the_same_with_many_targets(cast, client_as, acting, pep, django_assert_max_num_queries):
    client = client_as(cast.designated_teacher)
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(25) as found:
            client.get(url("panel", pep))
        counts.append(len(found))
        for _ in range(5):
            actions.draft(pep, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_two_add_at_once_and_both_stay(cast, acting, pep):
    by = acting(cast.designated_teacher)
    wrong: list[BaseException] = []

    def add() -> None:
        try:
            actions.draft(pep, values=VALUES, as_teacher=True, by=by)
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert wrong == []
    assert sorted(Target.objects.values_list("position", flat=True)) == [1, 2, 3, 4]
