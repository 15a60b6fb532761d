from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from peps.models import Pep
from peps.states import NotPossible
from targets import actions, queries
from targets.actions import SdqValues
from targets.models import Sdq
from tests.cast import NOW
from tests.web.targets.making import VALUES, first_pep

pytestmark = pytest.mark.django_db
SCALES = {"emotional": 5, "conduct": 4, "hyperactivity": 6, "peer": 2, "prosocial": 5}
SCORE = SdqValues(
    completed_on=date(2026, 10, 5), completed_by="Mr Hale", known_months=6, paper_held=True, scales=SCALES
)


def url(name: str, pep) -> str:
    return reverse(f"targets:{name}", args=[pep.pk])


def posted(how: str = "items", **changed) -> dict[str, str]:
    values = {
        "how": how, "based_on": "", "completed_on_0": "5", "completed_on_1": "10", "completed_on_2": "2026",
        "completed_by": "Mr Hale", "known_months": "6", "paper_held": "on",
    }  # fmt: skip
    answers = {f"item_{n}": "1" for n in range(1, 26)} if how == "items" else {k: str(v) for k, v in SCALES.items()}
    return values | answers | changed


@pytest.fixture
def bolton(cast, acting):
    """A plan under rules that ask for a score every term and draw a line at 17."""
    cast.westmere.profile_name = "bolton-2021"
    cast.westmere.save()
    cast.children["amara"].authority = cast.westmere
    return first_pep(cast, acting, "amara")


@pytest.mark.parametrize(("person", "status"), [
    ("designated_teacher", 302), ("social_worker", 403), ("vs_head", 403), ("caseworker", 403), ("iro", 403),
    ("head_teacher", 403), ("finance", 403), ("carer", 403), ("other_teacher", 404), ("other_caseworker", 404),
])  # fmt: skip
def test_only_the_school_enters_a_score(cast, client_as, pep, person, status):
    assert client_as(getattr(cast, person)).post(url("enter-sdq", pep), posted()).status_code == status
    assert Sdq.objects.count() == (status == 302)


def test_answers_by_number_are_scored_and_shown_with_their_bands(cast, client_as, pep):
    client = client_as(cast.designated_teacher)
    form = client.get(url("enter-sdq", pep)).content.decode()
    assert "Item 25" in form
    page = client.post(url("enter-sdq", pep), posted(), follow=True).content.decode()
    score = Sdq.objects.get()
    assert (score.total, score.prosocial, score.items["7"]) == (20, 5, 1)
    assert "20 of 40" in page
    assert "very high" in page
    assert "slightly lowered" in page  # prosocial: low is worse
    assert "here low is worse" in page
    assert "own line" not in page  # the default rules draw none
    assert " style=" not in page
    assert queries.sdq_status(pep).missing == ()


def test_scale_scores_are_enough(cast, client_as, pep):
    page = client_as(cast.designated_teacher).post(url("enter-sdq", pep), posted("scales"), follow=True)
    assert "17 of 40" in page.content.decode()
    assert Sdq.objects.get().items is None


@pytest.mark.parametrize(("how", "changed", "said"), [
    ("items", {"paper_held": ""}, "Tick that the school holds the completed paper form"),
    ("items", {"completed_by": ""}, "Enter who completed the form"),
    ("items", {"known_months": "many"}, "must be a whole number"),
    ("items", {"completed_on_0": "7"}, "must be today or in the past"),
    ("items", {"completed_on_2": "2020"}, "must be 4 to 17 years old"),
    ("items", {"item_3": "3"}, "Select one of the answers given"),
    ("scales", {"emotional": "11"}, "must be 10 or less"),
    ("scales", {"peer": ""}, "Enter the score for"),
    ("items", {f"item_{n}": "" for n in range(1, 26)}, "Enter the answers from the paper form"),
])  # fmt: skip
def test_what_is_wrong_is_refused_and_kept(cast, client_as, pep, how, changed, said):
    answer = client_as(cast.designated_teacher).post(url("enter-sdq", pep), posted(how, **changed))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Sdq.objects.exists()


def test_too_few_answers_leave_the_total_open_and_say_so(cast, client_as, pep):
    few = {f"item_{n}": "" for n in (3, 8, 13)}
    page = client_as(cast.designated_teacher).post(url("enter-sdq", pep), posted(**few), follow=True)
    assert Sdq.objects.get().total is None
    assert "Too few items answered" in page.content.decode()
    assert queries.sdq_status(pep).missing == ("Complete the score: too few items were answered to work out a total",)


def test_a_teacher_who_hardly_knows_the_child_is_warned_of(cast, client_as, pep):
    page = client_as(cast.designated_teacher).post(url("enter-sdq", pep), posted(known_months="2"), follow=True)
    assert "less than 3 months" in page.content.decode()


def test_a_total_at_the_councils_line_asks_for_a_target_or_a_reason(cast, client_as, acting, bolton):
    client = client_as(cast.designated_teacher)
    page = client.post(url("enter-sdq", bolton), posted("scales"), follow=True).content.decode()
    wanted = "The total is 17 or above: set a target that addresses it, or say why none is needed"
    assert wanted in page
    assert queries.sdq_status(bolton).missing == (wanted,)
    assert "Enter why no target is needed" in client.post(url("explain-sdq", bolton), {"reason": " "}).content.decode()
    client.post(url("explain-sdq", bolton), {"reason": "Counselling works."})
    assert queries.sdq_status(bolton).missing == ()
    Sdq.objects.get().history.latest()
    actions.explain_sdq(bolton, reason="", by=acting(cast.designated_teacher))
    assert queries.sdq_status(bolton).missing == (wanted,)
    feelings = replace(VALUES, kind="social_emotional")
    actions.draft(bolton, values=feelings, as_teacher=True, by=acting(cast.designated_teacher))
    assert queries.sdq_status(bolton).missing == ()


def test_one_below_the_line_asks_for_nothing(cast, acting, bolton):
    actions.enter_sdq(
        bolton, values=replace(SCORE, scales=SCALES | {"peer": 1}), based_on="", by=acting(cast.designated_teacher)
    )
    assert queries.sdq_status(bolton).missing == ()


def test_a_score_entered_meanwhile_is_not_overwritten(cast, client_as, acting, pep):
    client = client_as(cast.designated_teacher)
    actions.enter_sdq(pep, values=SCORE, based_on="", by=acting(cast.vs_head))
    answer = client.post(url("enter-sdq", pep), posted(completed_by="Ms Mine"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Ms Mine" in page
    assert "17 of 40" in page
    kept = Sdq.objects.get()
    assert kept.completed_by == "Mr Hale"
    again = client.post(url("enter-sdq", pep), posted(completed_by="Ms Mine", based_on=kept.entered_at.isoformat()))
    assert again.status_code == 302
    assert Sdq.objects.get().completed_by == "Ms Mine"


def test_not_for_a_child_under_four(cast, client_as, acting, pep):
    child = cast.children["amara"]
    child.date_of_birth = date(2023, 1, 1)
    child.save()
    pep = Pep.objects.get(pk=pep.pk)
    status = queries.sdq_status(pep)
    assert (status.started, status.missing) == (False, ())
    assert "ages 4 to 17" in status.hint
    client = client_as(cast.designated_teacher)
    assert "Enter the score" not in client.get(url("sdq", pep)).content.decode()
    assert client.post(url("enter-sdq", pep), posted()).status_code == 302
    with pytest.raises(NotPossible):
        actions.enter_sdq(pep, values=SCORE, based_on="", by=acting(cast.designated_teacher))
    assert not Sdq.objects.exists()


def test_earlier_totals_make_a_table(cast, client_as, acting, pep):
    earlier = replace(SCORE, completed_on=date(2026, 5, 4), scales=SCALES | {"peer": 9})
    actions.enter_sdq(pep, values=earlier, based_on="", by=acting(cast.designated_teacher))
    before = NOW - timedelta(days=90)
    Pep.objects.filter(pk=pep.pk).update(state="finalised", opened_at=before, finalised_at=before)
    from peps.actions import open_pep

    later = open_pep(
        child=pep.child, episode=pep.episode, kind="review", cause="review:1", trigger_on=date(2026, 10, 6),
        by=acting(cast.data_officer),
    )  # fmt: skip
    assert queries.sdq_status(later).missing == ()  # yearly: last term's is enough
    actions.enter_sdq(later, values=SCORE, based_on="", by=acting(cast.designated_teacher))
    page = client_as(cast.designated_teacher).get(url("sdq", later)).content.decode()
    assert "Scores over time" in page
    assert [score.total for score in queries.sdq_trend(pep.child)] == [24, 17]
    table = page[page.index("Scores over time") :]
    assert table.index("24") < table.index("17")
