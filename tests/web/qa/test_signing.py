from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.urls import reverse

from children.models import Enrolment
from pepportal.audit.models import Event
from pepportal.notify.models import Notice
from peps.actions import reopen_section, touch
from peps.states import PepState
from qa import actions, queries
from qa.models import Signature
from tests.web.qa.stage import by, filled_plan, reading, use_profile

pytestmark = pytest.mark.django_db


def _board(client, pep):
    return client.get(reverse("qa:signatures", args=[pep.pk])).content.decode()


def _sign(client, pep, step, **more):
    return client.post(
        reverse("qa:sign", args=[pep.pk, step]), {"agree": "on", "read": pep.revision} | more, follow=True
    )


def test_each_signs_their_own_part_only(cast, client_as):
    pep = filled_plan(cast)
    for person, step in (
        (cast.social_worker, "designated_teacher"), (cast.designated_teacher, "social_worker"), (cast.iro, "social_worker"),
        (cast.vs_head, "designated_teacher"), (cast.caseworker, "virtual_school"), (cast.head_teacher, "designated_teacher"),
    ):  # fmt: skip
        _sign(client_as(person), pep, step)
        assert not Signature.objects.filter(pep=pep).exists(), (person, step)
    for stranger in (cast.other_teacher, cast.left_worker, cast.other_social_worker, cast.nobody):
        assert client_as(stranger).get(reverse("qa:signatures", args=[pep.pk])).status_code == 404
    assert client_as(cast.carer).get(reverse("qa:signatures", args=[pep.pk])).status_code == 403
    revision = pep.revision
    _sign(client_as(cast.designated_teacher), pep, "designated_teacher")
    _sign(client_as(cast.social_worker), pep, "social_worker")
    pep.refresh_from_db()
    assert pep.revision == revision
    assert pep.state == PepState.SUBMITTED
    assert {row.step for row in Signature.objects.filter(pep=pep, revision=revision)} == {
        "designated_teacher",
        "social_worker",
    }
    assert Event.objects.filter(verb="sign", child_id=pep.child_id).count() == 2


def test_a_signature_needs_the_tick(cast, client_as):
    pep = filled_plan(cast)
    page = client_as(cast.designated_teacher).post(
        reverse("qa:sign", args=[pep.pk, "designated_teacher"]), {"read": pep.revision}
    )
    assert b"Tick the box" in page.content
    assert not Signature.objects.exists()


def test_a_later_change_voids_a_signature_and_says_so(cast, client_as):
    pep = filled_plan(cast)
    actions.sign(pep, step="designated_teacher", by=by(cast.designated_teacher))
    touch(pep, by=by(cast.social_worker))
    page = _board(client_as(cast.designated_teacher), pep)
    assert "Signed by Ms R. Khan" in page
    assert "please sign again" in page
    actions.sign(pep, step="social_worker", by=by(cast.social_worker))
    assert pep.state == PepState.COMPLETING
    assert actions.sign(pep, step="designated_teacher", by=by(cast.designated_teacher)).submitted


def test_nobody_signs_while_a_section_is_open(cast, client_as):
    pep = filled_plan(cast)
    reopen_section(pep, "attainment", by=by(cast.designated_teacher))
    assert "Attainment and progress" in _board(client_as(cast.designated_teacher), pep)
    with pytest.raises(actions.NotNow, match="Attainment and progress"):
        actions.sign(pep, step="designated_teacher", by=by(cast.designated_teacher))


def test_the_version_that_was_read_is_the_one_that_is_signed(cast, client_as):
    pep = filled_plan(cast)
    shown = pep.revision
    touch(pep, by=by(cast.social_worker))
    page = _sign(client_as(cast.designated_teacher), pep, "designated_teacher", read=shown)
    assert "was changed after you opened this page" in page.content.decode()
    assert not Signature.objects.exists()


def test_the_virtual_school_signs_for_the_school_where_there_is_none(cast, client_as):
    pep = filled_plan(cast, "skye")
    assert not Enrolment.objects.filter(child=pep.child).exists()
    _sign(client_as(cast.caseworker), pep, "designated_teacher")
    assert Signature.objects.get(pep=pep).user == cast.caseworker
    actions.sign(pep, step="social_worker", by=by(cast.social_worker))
    with pytest.raises(actions.NotNow, match="somebody else of the virtual school"):
        actions.approve(pep, reading=reading(pep), by=by(cast.caseworker))


def test_a_carer_signs_where_the_council_asks_those_who_were_there(cast, client_as):
    use_profile(cast, "enfield")
    pep = filled_plan(cast, came=((cast.carer, "Carer"),))
    actions.sign(pep, step="designated_teacher", by=by(cast.designated_teacher))
    assert not actions.sign(pep, step="social_worker", by=by(cast.social_worker)).submitted
    page = client_as(cast.carer).get(reverse("qa:sign", args=[pep.pk, "carer"])).content.decode()
    assert "canary-all" in page
    assert "canary-professionals" not in page
    assert "canary-team" not in page
    _sign(client_as(cast.carer), pep, "carer")
    pep.refresh_from_db()
    assert pep.state == PepState.SUBMITTED


def test_a_carer_who_was_not_there_is_not_waited_for(cast):
    use_profile(cast, "enfield")
    pep = filled_plan(cast)
    actions.sign(pep, step="designated_teacher", by=by(cast.designated_teacher))
    assert actions.sign(pep, step="social_worker", by=by(cast.social_worker)).submitted


def test_those_whose_turn_it_is_are_told_once_and_the_virtual_school_when_all_have_signed(cast):
    pep = filled_plan(cast)
    assert actions.ask_to_sign(pep, by=by(cast.social_worker)) == 2
    assert actions.ask_to_sign(pep, by=by(cast.social_worker)) == 0
    assert {n.person for n in Notice.objects.filter(kind="please_sign")} == {
        cast.designated_teacher,
        cast.social_worker,
    }
    told = Notice.objects.filter(kind="plan_submitted")
    actions.sign(pep, step="designated_teacher", by=by(cast.designated_teacher))
    assert not told.exists()
    actions.sign(pep, step="social_worker", by=by(cast.social_worker))
    assert {n.person for n in told} == {cast.vs_head, cast.vs_deputy, cast.caseworker}
    for notice in Notice.objects.filter(child_id=pep.child_id):
        assert "Amara" not in notice.subject + notice.text + notice.html
        assert "Okafor" not in notice.subject + notice.text + notice.html


def test_the_task_list_says_what_is_missing(cast):
    pep = filled_plan(cast)
    assert queries.signatures_status(pep).missing == ("To be signed by: designated teacher and social worker",)
    assert queries.quality_status(pep).missing == ("After the signatures",)
    actions.sign(pep, step="designated_teacher", by=by(cast.designated_teacher))
    actions.sign(pep, step="social_worker", by=by(cast.social_worker))
    assert queries.signatures_status(pep).missing == ()
    assert queries.quality_status(pep).missing == ("With the virtual school",)


@pytest.mark.django_db(transaction=True)
def test_two_who_sign_at_once_submit_the_plan_once(cast):
    pep = filled_plan(cast)
    results, errors = [], []
    start = threading.Barrier(2)

    def sign(step, user):
        from peps.models import Pep

        try:
            mine = Pep.objects.select_related("child__authority", "child__user", "profile_version", "form_version").get(
                pk=pep.pk
            )
            start.wait(5)
            results.append(actions.sign(mine, step=step, by=by(user)).submitted)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=sign, args=args)
        for args in (("designated_teacher", cast.designated_teacher), ("social_worker", cast.social_worker))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert errors == []
    assert sorted(results) == [False, True]
    assert Event.objects.filter(verb="submit").count() == 1
