from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.urls import reverse

from pepportal.audit.models import Event
from pepportal.notify.models import Notice
from peps.actions import mark_section_complete, touch
from peps.models import Pep
from peps.states import PepState
from qa import actions
from qa.models import Decision, Delivery, Edition, Review, Signature
from tests.web.qa.stage import by, filled_plan, finalised_plan, reading, review_data, signed_plan, use_profile

pytestmark = pytest.mark.django_db


def _post(client, pep, **data):
    return client.post(reverse("qa:quality", args=[pep.pk]), review_data(pep, **data), follow=True)


def test_who_checks(cast, client_as):
    pep = signed_plan(cast)
    for person in (cast.vs_head, cast.vs_deputy, cast.caseworker):
        assert b"What do you decide?" in client_as(person).get(reverse("qa:quality", args=[pep.pk])).content
    for person in (cast.designated_teacher, cast.social_worker, cast.iro, cast.data_officer):
        assert b"What do you decide?" not in client_as(person).get(reverse("qa:quality", args=[pep.pk])).content
        assert _post(client_as(person), pep).status_code == 403
    for person in (cast.other_vs_head, cast.other_caseworker, cast.nobody):
        assert _post(client_as(person), pep).status_code == 404
    assert client_as(cast.carer).get(reverse("qa:quality", args=[pep.pk])).status_code == 403
    assert not Review.objects.exists()


def test_approving_finalises_signs_and_owes_everybody_their_copy(cast, client_as):
    pep = signed_plan(cast)
    assert not Edition.objects.exists()
    page = _post(client_as(cast.vs_head), pep)
    assert b"The plan is finalised" in page.content
    pep.refresh_from_db()
    assert (pep.state, pep.finalised_at is not None) == (PepState.FINALISED, True)
    assert Signature.objects.get(step="virtual_school").user == cast.vs_head
    assert set(Edition.objects.values_list("audience", flat=True)) == {"full", "iro", "carer", "school", "child"}
    told = {n.person for n in Notice.objects.filter(kind="plan_finalised")}
    assert told == {cast.designated_teacher, cast.social_worker, cast.iro, cast.carer}
    assert set(Delivery.objects.values_list("to_user__name", "method")) == {
        ("Ms R. Khan", "portal"), ("Mr P. Doyle", "portal"), ("Ms D. Ferreira", "portal"), ("Mrs H. Bright", "portal"),
    }  # fmt: skip
    assert Event.objects.filter(verb="finalise", subject_id=str(pep.pk)).count() == 1


def test_a_carer_without_a_way_into_the_portal_gets_it_by_post(cast, client_as):
    pep = signed_plan(cast)
    carer = pep.child.placements.first().carer
    carer.user, carer.email = None, ""
    carer.save()
    actions.approve(pep, reading=reading(pep), by=by(cast.vs_head))
    owed = Delivery.objects.get(audience="carer")
    assert (owed.method, owed.done_at) == ("post", None)
    assert Notice.objects.get(kind="please_post").person == cast.social_worker
    url = reverse("qa:posted", args=[owed.pk])
    assert client_as(cast.other_social_worker).post(url).status_code == 404
    client_as(cast.designated_teacher).post(url)
    owed.refresh_from_db()
    assert owed.done_at is None
    client_as(cast.social_worker).post(url)
    owed.refresh_from_db()
    assert (owed.done_by, owed.done_at is not None) == (cast.social_worker, True)
    assert Event.objects.filter(verb="post copy").count() == 1


def test_returning_opens_the_chosen_sections_and_tells_without_the_reason(cast, client_as):
    pep = signed_plan(cast)
    before = pep.revision
    page = _post(
        client_as(cast.caseworker), pep, decision="return", return_reason="canary-reason", sections=["attainment"]
    )
    assert b"The plan is returned" in page.content
    pep.refresh_from_db()
    assert pep.state == PepState.RETURNED
    assert pep.revision == before + 1
    assert set(pep.sections.filter(complete=False).values_list("key", flat=True)) == {"attainment"}
    notices = Notice.objects.filter(kind="plan_returned")
    assert {n.person for n in notices} == {cast.designated_teacher, cast.social_worker}
    for notice in notices:
        assert "canary-reason" not in notice.subject + notice.text + notice.html + notice.screen_text
    assert (
        "canary-reason" in client_as(cast.designated_teacher).get(reverse("qa:quality", args=[pep.pk])).content.decode()
    )
    # put right, signed again, checked again by the same person
    mark_section_complete(pep, "attainment", panel_missing=(), by=by(cast.designated_teacher))
    actions.sign(pep, step="designated_teacher", by=by(cast.designated_teacher, 5))
    assert actions.sign(pep, step="social_worker", by=by(cast.social_worker, 5)).submitted
    assert actions.approve(pep, reading=reading(pep), by=by(cast.caseworker, 9)).finalised


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"decision": ""}, "Choose whether to approve the plan or return it"),
        ({"decision": "return", "sections": ["attainment"]}, "Say what must change"),
        ({"decision": "return", "return_reason": "Why"}, "Choose at least one section"),
        ({"decision": "return", "return_reason": "Why", "sections": ["agreement"]}, "Select from the answers given"),
        ({"grade_voice": ""}, "Choose a grade for"),
        ({"grade_voice": "splendid"}, "Select one of the answers given"),
    ],
)
def test_a_decision_with_something_missing_keeps_what_was_typed(cast, client_as, data, says):
    pep = signed_plan(cast)
    page = _post(client_as(cast.vs_head), pep, **data).content.decode()
    assert says in page
    assert "Typed feedback" in page
    assert not Review.objects.exists()


def test_below_the_minimum_grade_a_plan_can_only_be_returned(cast, client_as):
    use_profile(cast, "kent-2017")
    pep = signed_plan(cast)
    page = _post(client_as(cast.vs_head), pep, grade="developing").content.decode()
    assert "good or better: return it instead" in page
    pep.refresh_from_db()
    assert pep.state == PepState.SUBMITTED
    with pytest.raises(actions.NotNow, match="can only be returned"):
        actions.approve(pep, reading=reading(pep, "developing"), by=by(cast.vs_head))
    assert actions.approve(pep, reading=reading(pep, "good"), by=by(cast.vs_head)).finalised


def test_two_different_people_approve_where_the_council_asks_it(cast, client_as):
    use_profile(cast, "bolton-2021")
    pep = filled_plan(cast)
    assert actions.sign(pep, step="designated_teacher", by=by(cast.designated_teacher)).submitted
    assert {n.person for n in Notice.objects.filter(kind="plan_submitted")} == {cast.vs_head, cast.vs_deputy}
    with pytest.raises(actions.NotNow, match="don’t ask for your approval"):
        actions.approve(pep, reading=reading(pep), by=by(cast.caseworker))
    page = _post(client_as(cast.vs_head), pep).content.decode()
    assert "still needs the approval of the deputy virtual school head" in page
    with pytest.raises(actions.NotNow, match="already decided"):
        actions.approve(pep, reading=reading(pep), by=by(cast.vs_head))
    assert not Edition.objects.exists()
    assert actions.approve(pep, reading=reading(pep), by=by(cast.vs_deputy)).finalised
    assert {(row.step, row.user) for row in Signature.objects.filter(step__startswith="virtual_school")} == {
        ("virtual_school_head", cast.vs_head),
        ("virtual_school_deputy", cast.vs_deputy),
    }


def test_one_who_holds_both_parts_still_approves_once(cast):
    use_profile(cast, "bolton-2021")
    from tests.factories import MembershipFactory

    MembershipFactory(user=cast.vs_head, organisation=cast.virtual_school, role="virtual_school_deputy")
    pep = filled_plan(cast)
    actions.sign(pep, step="designated_teacher", by=by(cast.designated_teacher))
    assert not actions.approve(pep, reading=reading(pep), by=by(cast.vs_head)).finalised
    with pytest.raises(actions.NotNow, match="already decided"):
        actions.approve(pep, reading=reading(pep), by=by(cast.vs_head, 5))
    pep.refresh_from_db()
    assert pep.state == PepState.SUBMITTED


def test_a_plan_that_moved_on_keeps_what_was_typed(cast, client_as):
    pep = signed_plan(cast)
    data = review_data(pep)
    client = client_as(cast.vs_deputy)
    touch(pep, by=by(cast.social_worker))
    page = client.post(reverse("qa:quality", args=[pep.pk]), data)
    assert page.status_code == 409
    assert "changed after you opened" in page.content.decode()
    assert "Typed feedback" in page.content.decode()


def test_a_plan_that_somebody_else_decided_says_who(cast, client_as):
    pep = signed_plan(cast)
    data = review_data(pep)
    actions.approve(pep, reading=reading(pep), by=by(cast.vs_head))
    page = client_as(cast.vs_deputy).post(reverse("qa:quality", args=[pep.pk]), data)
    assert page.status_code == 409
    assert "finalised by Dr S. Marlow" in page.content.decode()
    assert "Typed feedback" in page.content.decode()
    assert Review.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_finalise_at_once_finalise_once(cast):
    pep = signed_plan(cast)
    done, moved = [], []
    start = threading.Barrier(2)

    def approve(user):
        try:
            mine = Pep.objects.select_related("child__authority", "child__user", "profile_version", "form_version").get(
                pk=pep.pk
            )
            start.wait(5)
            done.append(actions.approve(mine, reading=reading(mine), by=by(user)).finalised)
        except actions.PlanMoved as why:
            moved.append(str(why))
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=(user,)) for user in (cast.vs_head, cast.vs_deputy)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert done == [True]
    assert len(moved) == 1
    assert Event.objects.filter(verb="finalise").count() == 1
    assert Edition.objects.filter(audience="full").count() == 1


def test_the_queue_holds_ones_own_authoritys_plans_in_a_fixed_number_of_queries(
    cast, client_as, django_assert_max_num_queries
):
    first = signed_plan(cast)
    client = client_as(cast.caseworker)
    with django_assert_max_num_queries(15) as few:
        page = client.get(reverse("qa:queue")).content.decode()
    assert "Amara Okafor" in page
    use_profile(cast, "default")
    second = filled_plan(cast, "skye")
    actions.sign(second, step="designated_teacher", by=by(cast.caseworker, 5))
    actions.sign(second, step="social_worker", by=by(cast.social_worker, 5))
    with django_assert_max_num_queries(len(few.captured_queries)):
        page = client.get(reverse("qa:queue")).content.decode()
    assert page.index("Amara Okafor") < page.index("Skye Penrose")
    assert "Skye" not in client.get(reverse("qa:queue"), {"q": "okafor"}).content.decode()
    assert "Amara" not in client_as(cast.other_caseworker).get(reverse("qa:queue")).content.decode()
    assert client_as(cast.social_worker).get(reverse("qa:queue")).status_code == 403
    actions.return_for_amendment(
        first, reading=reading(first), reason="Say more", sections=["attainment"], by=by(cast.vs_head)
    )
    assert "Amara" not in client.get(reverse("qa:queue")).content.decode()
    assert "Say more" in client.get(reverse("qa:queue"), {"state": "returned"}).content.decode()


def test_money_is_released_only_by_finalising(cast):
    from funding.models import FundingRequest, LedgerEntry, RequestTarget

    pep = signed_plan(cast)
    use_profile(cast, "enfield")
    request = FundingRequest.objects.create(
        pep=pep, amount_pence=20000, category="tuition", purpose="Reading", state="agreed", agreed_pence=20000, decided_by=cast.vs_head,
        decided_at=by(cast.vs_head).at, requested_by=cast.designated_teacher, requested_at=by(cast.vs_head).at,
    )  # fmt: skip
    RequestTarget.objects.create(request=request, target=pep.targets.get())
    assert not LedgerEntry.objects.exists()
    actions.approve(pep, reading=reading(pep), by=by(cast.vs_head))
    assert "entitled" in set(LedgerEntry.objects.filter(request=request).values_list("kind", flat=True))


def test_a_decision_stays_as_it_was_written(cast):
    from django.db import IntegrityError, transaction

    pep = finalised_plan(cast)
    review = Review.objects.get(pep=pep)
    assert review.decision == Decision.APPROVED
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(feedback="Other words")
