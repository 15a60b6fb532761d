from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection
from django.urls import reverse

from funding import actions, queries
from funding.actions import RequestValues
from funding.models import EnteredScheme, FundingRequest, LedgerEntry
from pepportal.audit.models import Event
from pepportal.notify.models import Notice
from peps.models import Pep
from peps.states import NotPossible
from targets.actions import draft, withdraw
from tests.cast import NOW
from tests.web.targets.making import VALUES, first_pep

pytestmark = pytest.mark.django_db


def url(name: str, pep, *rest) -> str:
    return reverse(f"funding:{name}", args=[pep.pk, *rest])


def under(cast, acting, profile: str):
    """Amara's first plan under a council's rules."""
    cast.westmere.profile_name = profile
    cast.westmere.save()
    cast.children["amara"].authority = cast.westmere
    return first_pep(cast, acting, "amara")


@pytest.fixture
def enfield(cast, acting):
    return under(cast, acting, "enfield")


@pytest.fixture
def target(cast, acting, enfield):
    return draft(enfield, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))


def values(target, **changed) -> RequestValues:
    plain = {
        "amount_pence": 30000, "category": "tuition", "purpose": "20 sessions with a tutor.", "expected_impact": "Reads.",
        "targets": (target.pk,),
    }  # fmt: skip
    return RequestValues(**(plain | changed))


def posted(target, **changed) -> dict:
    plain = {
        "amount": "300", "category": "tuition", "purpose": "20 sessions with a tutor.", "expected_impact": "Reads.",
        "targets": [str(target.pk)],
    }  # fmt: skip
    return plain | changed


def finalise(pep) -> None:
    Pep.objects.filter(pk=pep.pk).update(state="finalised", finalised_at=NOW)


def kinds(pep) -> list[str]:
    return list(LedgerEntry.objects.filter(request__pep=pep).values_list("kind", flat=True))


SEES = [
    "designated_teacher",
    "social_worker",
    "head_teacher",
    "vs_head",
    "caseworker",
    "data_officer",
    "finance",
    "administrator",
]
MATRIX = [
    *((person, 200) for person in SEES),
    *((person, 403) for person in ("iro", "carer", "team_manager")),
    *(
        (person, 404)
        for person in ("other_teacher", "other_social_worker", "other_caseworker", "left_worker", "nobody")
    ),
]


@pytest.mark.parametrize(("person", "status"), MATRIX)
def test_who_sees_asks_and_decides(cast, client_as, acting, enfield, target, person, status):
    request = actions.ask(enfield, values=values(target), by=acting(cast.designated_teacher))
    client = client_as(getattr(cast, person))
    assert client.get(url("panel", enfield)).status_code == status
    outside = status == 404
    asks, decides = person == "designated_teacher", person in ("vs_head", "caseworker")
    wrong = 404 if outside else 403
    assert client.get(url("ask", enfield)).status_code == (200 if asks else wrong)
    assert client.post(url("ask", enfield), posted(target)).status_code == (302 if asks else wrong)
    changed = client.post(url("change", enfield, request.pk), posted(target, amount="299", revision=1))
    assert changed.status_code == (302 if asks else wrong)
    decision = {"decision": "refuse", "reason": "No.", "revision": 1}
    decided = client.post(url("decide", enfield, request.pk), decision)
    assert decided.status_code == (302 if decides else wrong)
    request.refresh_from_db()
    assert request.state == ("refused" if decides else "requested")


def test_finance_sees_the_money_but_not_what_the_targets_say(cast, client_as, acting, enfield, target):
    actions.ask(enfield, values=values(target), by=acting(cast.designated_teacher))
    page = client_as(cast.finance).get(url("panel", enfield)).content.decode()
    assert "£300" in page
    assert "Target 1" in page
    assert VALUES.outcome_wanted not in page
    assert VALUES.outcome_wanted in client_as(cast.designated_teacher).get(url("panel", enfield)).content.decode()


def test_asking_names_a_target_and_shows_the_scheme(cast, client_as, enfield, target):
    client = client_as(cast.designated_teacher)
    empty = client.get(url("panel", enfield)).content.decode()
    assert "No money is asked for" in empty
    assert "Up to £500, three times a year" in empty
    assert queries.panel_status(enfield).missing == ()
    page = client.post(url("ask", enfield), posted(target), follow=True).content.decode()
    assert "£300 is asked for" in page
    assert queries.panel_status(enfield).hint == "£300 asked for"
    request = FundingRequest.objects.get()
    assert list(request.targets.all()) == [target]
    assert Event.objects.filter(verb="ask for money", child_id=enfield.child_id).exists()


@pytest.mark.parametrize(("changed", "said"), [
    ({"amount": ""}, "Enter how much is needed"),
    ({"amount": "0"}, "must be more than £0"),
    ({"amount": "-5"}, "must be £0 or more"),
    ({"amount": "lots"}, "must be an amount of money"),
    ({"amount": "500.01"}, "£500.01 is more than the £500 that one request may ask for."),
    ({"category": ""}, "Select what it is for"),
    ({"category": "yachts"}, "Select one of the answers given"),
    ({"purpose": ""}, "Enter what will be bought or paid for"),
    ({"targets": []}, "Select at least one target"),
    ({"targets": ["not-a-target"]}, "Select from the answers given"),
    ({"targets": [str(uuid.uuid4())]}, "Select from the answers given"),
    ({"expected_impact": ""}, "Enter what difference it will make"),
])  # fmt: skip
def test_what_is_wrong_is_refused_and_kept(cast, client_as, enfield, target, changed, said):
    sent = posted(target, **({"purpose": "Kept as typed."} | changed))
    page = client_as(cast.designated_teacher).post(url("ask", enfield), sent).content.decode()
    assert said in page
    assert "There is a problem" in page
    assert "purpose" in changed or "Kept as typed." in page
    assert not FundingRequest.objects.exists()


@pytest.mark.parametrize("category", ["administration", "clothing", "transport"])
def test_what_the_council_never_pays_for_is_not_possible_and_says_why(cast, client_as, acting, category):
    pep = under(cast, acting, "bolton-2021")
    target = draft(pep, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))
    client = client_as(cast.designated_teacher)
    form = client.get(url("ask", pep)).content.decode()
    assert f'value="{category}"' not in form
    assert "Not possible under these rules: administration, clothing or transport." in form
    page = client.post(url("ask", pep), posted(target, category=category)).content.decode()
    assert f"Pupil Premium Plus can&#x27;t pay for {category}" in page
    with pytest.raises(NotPossible, match=f"can't pay for {category}"):
        actions.ask(pep, values=values(target, category=category), by=acting(cast.designated_teacher))
    assert not FundingRequest.objects.exists()


def test_a_fourth_request_in_a_year_is_refused_until_one_is_withdrawn(cast, acting, enfield, target):
    by = acting(cast.designated_teacher)
    made = [actions.ask(enfield, values=values(target), by=by) for _ in range(3)]
    with pytest.raises(NotPossible, match="three times in 2026/27 already"):
        actions.ask(enfield, values=values(target), by=by)
    actions.amend(made[0], values=values(target, amount_pence=100), based_on=1, by=by)
    actions.withdraw(made[1], by=by)
    actions.ask(enfield, values=values(target), by=by)
    assert FundingRequest.objects.filter(state="requested").count() == 3


def test_a_target_of_another_plan_pays_nothing(cast, acting, enfield, target):
    other = first_pep(cast, acting, "ben")
    foreign = draft(other, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))
    with pytest.raises(NotPossible, match="at least one target of this plan"):
        actions.ask(enfield, values=values(foreign), by=acting(cast.designated_teacher))


def test_a_request_of_another_plan_is_not_found_here(cast, client_as, acting, enfield, target):
    request = actions.ask(enfield, values=values(target), by=acting(cast.designated_teacher))
    other = first_pep(cast, acting, "ben")
    client = client_as(cast.designated_teacher)
    for name in ("change", "withdraw"):
        assert client.get(url(name, other, request.pk)).status_code == 404
    assert client.post(url("withdraw", other, request.pk)).status_code == 404


def test_hostile_words_are_kept_and_shown_as_words(cast, client_as, enfield, target):
    nasty = "<img src=x onerror=alert(1)> {% now 'Y' %}"
    page = client_as(cast.designated_teacher).post(url("ask", enfield), posted(target, purpose=nasty), follow=True)
    assert FundingRequest.objects.get().purpose == nasty
    assert "<img src=x" not in page.content.decode()
    assert "&lt;img src=x" in page.content.decode()


def test_a_double_press_asks_once(cast, client_as, enfield, target):
    client = client_as(cast.designated_teacher)
    sent = posted(target, _once=str(uuid.uuid4()))
    for _ in range(2):
        assert client.post(url("ask", enfield), sent).status_code == 302
    assert FundingRequest.objects.count() == 1


def test_a_changed_request_has_to_be_agreed_again_and_nobody_agrees_what_they_did_not_read(
    cast, client_as, acting, enfield, target
):
    request = actions.ask(enfield, values=values(target), by=acting(cast.designated_teacher))
    head = client_as(cast.vs_head)
    shown = request.revision
    actions.amend(request, values=values(target, amount_pence=40000), based_on=1, by=acting(cast.designated_teacher))
    agree = {"decision": "agree", "amount": "300", "reason": ""}
    page = head.post(url("decide", enfield, request.pk), agree | {"revision": shown}, follow=True).content.decode()
    assert "Read it again, then decide" in page
    request.refresh_from_db()
    assert request.state == "requested"
    head.post(url("decide", enfield, request.pk), agree | {"revision": request.revision})
    request.refresh_from_db()
    assert (request.state, request.agreed_pence, request.decided_by) == ("agreed", 30000, cast.vs_head)
    client_as(cast.designated_teacher).post(
        url("change", enfield, request.pk), posted(target, revision=request.revision)
    )
    request.refresh_from_db()
    assert (request.state, request.agreed_pence, request.decided_by) == ("requested", None, None)


@pytest.mark.parametrize(("sent", "said"), [
    ({"decision": ""}, "Select whether the virtual school agrees"),
    ({"decision": "agree", "amount": ""}, "Enter how much is agreed"),
    ({"decision": "agree", "amount": "300.01"}, "must be £300 or less"),
    ({"decision": "refuse", "amount": "300"}, "Enter why it is not agreed"),
])  # fmt: skip
def test_a_decision_with_a_mistake_is_shown_again(cast, client_as, acting, enfield, target, sent, said):
    request = actions.ask(enfield, values=values(target), by=acting(cast.designated_teacher))
    page = client_as(cast.vs_head).post(url("decide", enfield, request.pk), sent | {"revision": 1})
    assert page.status_code == 200
    assert said in page.content.decode()
    request.refresh_from_db()
    assert request.state == "requested"


def test_two_people_change_one_request_and_neither_loses_a_word(cast, client_as, acting, enfield, target):
    request = actions.ask(enfield, values=values(target), by=acting(cast.designated_teacher))
    actions.amend(request, values=values(target, purpose="Theirs."), based_on=1, by=acting(cast.vs_head))
    sent = posted(target, purpose="Mine.", revision=1)
    answer = client_as(cast.designated_teacher).post(url("change", enfield, request.pk), sent)
    assert answer.status_code == 409
    assert "Mine." in answer.content.decode()
    assert "Theirs." in answer.content.decode()
    request.refresh_from_db()
    assert request.purpose == "Theirs."


# --- the ledger -------------------------------------------------------------------------------------------------------


@pytest.fixture
def agreed(cast, acting, enfield, target):
    request = actions.ask(enfield, values=values(target), by=acting(cast.designated_teacher))
    return actions.decide(request, agree=True, pence=25000, reason="", based_on=1, by=acting(cast.vs_head))


def test_nothing_is_released_before_the_plan_is_finalised(cast, client_as, acting, enfield, agreed):
    for _ in range(2):
        actions.settle(enfield, by=acting(cast.vs_head))
    assert kinds(enfield) == ["held"]
    assert LedgerEntry.objects.get().reasons == ["The plan isn't finalised."]
    page = client_as(cast.designated_teacher).get(url("panel", enfield)).content.decode()
    assert "Held" in page
    assert "The plan isn&#x27;t finalised." in page
    assert not Notice.objects.filter(kind="money_released").exists()


def test_finalising_earns_and_releases_once_and_tells_the_school(cast, acting, enfield, agreed):
    finalise(enfield)
    written = actions.settle(enfield, by=acting(cast.vs_head))
    assert [entry.kind for entry in written] == ["entitled", "released"]
    assert {entry.amount_pence for entry in written} == {25000}
    assert {entry.financial_year for entry in written} == {"2026/27"}
    assert "The plan is finalised." in written[1].reasons
    assert actions.settle(enfield, by=acting(cast.vs_head)) == ()
    notice = Notice.objects.get(kind="money_released")
    assert notice.person == cast.designated_teacher
    for word in ("Amara", "Okafor", "Hollin"):
        assert word not in notice.subject + notice.text + notice.html
    assert "WM-0001" in notice.text


def test_money_for_a_withdrawn_target_is_held_and_says_why_once(cast, acting, enfield, target, agreed):
    withdraw(target, reason="Wrong.", by=acting(cast.designated_teacher))
    assert queries.panel_status(enfield).missing == (
        "The request for £300 names no target any more: choose one, or withdraw it",
    )
    finalise(enfield)
    written = actions.settle(enfield, by=acting(cast.vs_head))
    assert [entry.kind for entry in written] == ["entitled", "held"]
    assert written[1].reasons == ["It pays towards no target that a teacher confirmed."]
    assert actions.settle(enfield, by=acting(cast.vs_head)) == ()
    assert kinds(enfield).count("held") == 2  # "isn't finalised" first, then this


def test_a_target_nobody_confirmed_holds_the_money(cast, acting, enfield):
    sketch = draft(enfield, values=VALUES, as_teacher=False, by=acting(cast.social_worker))
    request = actions.ask(enfield, values=values(sketch), by=acting(cast.designated_teacher))
    actions.decide(request, agree=True, pence=100, reason="", based_on=1, by=acting(cast.vs_head))
    finalise(enfield)
    assert [entry.kind for entry in actions.settle(enfield, by=acting(cast.vs_head))] == ["entitled", "held"]


def test_what_was_not_agreed_earns_nothing(cast, acting, enfield, target):
    request = actions.ask(enfield, values=values(target), by=acting(cast.designated_teacher))
    finalise(enfield)
    assert actions.settle(enfield, by=acting(cast.vs_head)) == ()
    actions.decide(request, agree=True, pence=30000, reason="", based_on=1, by=acting(cast.vs_head))
    assert kinds(enfield) == ["entitled", "released"]
    with pytest.raises(NotPossible, match="has earned this money"):
        actions.decide(request, agree=False, pence=None, reason="Changed my mind.", based_on=2, by=acting(cast.vs_head))


def test_money_waits_for_a_scheme_that_is_not_entered(cast, client_as, acting, pep):
    target = draft(pep, values=VALUES, as_teacher=True, by=acting(cast.designated_teacher))
    request = actions.ask(pep, values=values(target), by=acting(cast.designated_teacher))
    actions.decide(request, agree=True, pence=30000, reason="", based_on=1, by=acting(cast.vs_head))
    finalise(pep)
    held = actions.settle(pep, by=acting(cast.vs_head))
    assert held[-1].reasons == ["The virtual school hasn't entered its scheme for 2026/27 yet."]
    page = reverse("funding:scheme", args=[cast.westmere.pk])
    for person, status in (("finance", 403), ("designated_teacher", 403), ("other_vs_head", 404)):
        assert client_as(getattr(cast, person)).post(page, {"amount": "500", "times": "3"}).status_code == status
    head = client_as(cast.vs_head)
    assert (
        "Enter the most that one request may ask for" in head.post(page, {"amount": "", "times": "3"}).content.decode()
    )
    assert not EnteredScheme.objects.exists()
    assert head.post(page, {"amount": "500", "times": "3"}).status_code == 302
    assert kinds(pep)[-1] == "released"
    assert head.post(page, {"amount": "400", "times": "2"}).status_code == 302
    assert EnteredScheme.objects.get().amount_pence == 40000
    with pytest.raises(NotPossible):
        actions.ask(first_pep(cast, acting, "jonah"), values=values(target), by=acting(cast.other_teacher))


def test_the_ledger_cannot_be_rewritten(enfield, agreed):
    from django.db import DatabaseError, transaction

    for change in (lambda: LedgerEntry.objects.update(amount_pence=1), lambda: LedgerEntry.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.django_db(transaction=True)
def test_two_settle_at_once_and_the_money_goes_out_once(cast, acting, enfield, agreed):
    finalise(enfield)
    by = acting(cast.vs_head)
    start = threading.Barrier(4)
    wrong: list[BaseException] = []

    def settle() -> None:
        try:
            start.wait(10)
            actions.settle(enfield, by=by)
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=settle) for _ in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert wrong == []
    assert sorted(kinds(enfield)) == ["entitled", "held", "released"]
    assert Notice.objects.filter(kind="money_released").count() == 1


# --- the authority's list ---------------------------------------------------------------------------------------------

LIST = "/funding/"


@pytest.mark.parametrize(("person", "status"), [
    ("vs_head", 200), ("vs_deputy", 200), ("caseworker", 200), ("finance", 200), ("data_officer", 200), ("administrator", 200),
    ("designated_teacher", 403), ("head_teacher", 403), ("social_worker", 403), ("iro", 403), ("carer", 403), ("nobody", 403),
])  # fmt: skip
def test_who_sees_the_authoritys_money(cast, client_as, person, status):
    assert client_as(getattr(cast, person)).get(LIST).status_code == status


def test_the_list_filters_searches_sums_and_keeps_to_its_authority(cast, client_as, acting, enfield, target, agreed):
    actions.ask(enfield, values=values(target, amount_pence=10000, purpose="Books"), by=acting(cast.designated_teacher))
    mine = client_as(cast.finance)
    page = mine.get(LIST).content.decode()
    assert "2 requests" in page
    assert "£400" in page  # asked for
    assert "£250" in page  # agreed, held
    assert "1 request" in mine.get(LIST, {"stage": "held"}).content.decode()
    assert "Nothing fits" in mine.get(LIST, {"stage": "released"}).content.decode()
    assert "2 requests" in mine.get(LIST, {"q": "okafor hollin"}).content.decode()
    assert "Nothing fits" in mine.get(LIST, {"q": "zzz"}).content.decode()
    for odd in ({"stage": "nonsense"}, {"sort": "';--"}, {"page": "9999"}, {"q": "x" * 500}, {"q": "\x00"}):
        assert mine.get(LIST, odd).status_code == 200
    for sort in ("when", "-when", "child", "-asked"):
        assert "2 requests" in mine.get(LIST, {"sort": sort}).content.decode()
    assert "No requests yet" in client_as(cast.other_vs_head).get(LIST).content.decode()
    finalise(enfield)
    actions.settle(enfield, by=acting(cast.vs_head))
    assert "1 request" in mine.get(LIST, {"stage": "released"}).content.decode()


def test_the_list_costs_the_same_for_many(cast, client_as, acting, enfield, target, django_assert_max_num_queries):
    cast.westmere.profile_name = "default"
    cast.westmere.save()
    client = client_as(cast.vs_head)
    actions.ask(enfield, values=values(target, amount_pence=100), by=acting(cast.designated_teacher))
    row = FundingRequest.objects.get()
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(15) as found:
            assert client.get(LIST).status_code == 200
        counts.append(len(found))
        for _ in range(30):
            FundingRequest.objects.create(
                pep=row.pep, amount_pence=100, category="tuition", purpose="x", requested_by=row.requested_by,
                requested_at=row.requested_at,
            )  # fmt: skip
    assert counts[0] == counts[1]


def test_a_look_at_the_list_is_written_down(cast, client_as, acting, enfield, target):
    actions.ask(enfield, values=values(target), by=acting(cast.designated_teacher))
    client_as(cast.finance).get(LIST)
    seen = Event.objects.filter(kind="saw", actor_id=cast.finance.pk).last()
    assert str(enfield.child_id) in seen.children
