"""An informal review: made by the virtual school from data, formal after all when there is a concern (R6, R7)."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from children.models import SignificantChange
from meetings.models import Meeting
from pepportal.notify.models import Notice
from peps.actions import make_formal, open_pep
from peps.models import Pep
from peps.states import NotPossible
from targets.actions import draft, review_target
from targets.models import Target
from tests.cast import TODAY
from tests.web.children.test_pages import page, three
from tests.web.targets.making import VALUES

pytestmark = pytest.mark.django_db
DATA = "The canary reads two pages more."


@pytest.fixture
def review(cast, acting) -> Pep:
    """Amara's informal review under rules that know one, after a first plan with two targets."""
    cast.westmere.profile_name = "kent-2017"
    cast.westmere.save()
    amara, episode, by = cast.children["amara"], cast.episodes["amara"], acting(cast.designated_teacher)
    first = open_pep(
        child=amara, episode=episode, kind="first", cause=f"first:{episode.pk}", trigger_on=episode.began_on, by=by
    )
    for _ in range(2):
        draft(first, values=VALUES, as_teacher=True, by=by)
    Pep.objects.filter(pk=first.pk).update(state="finalised", opened_at=by.at.replace(day=5), finalised_at=by.at)
    made = open_pep(child=amara, episode=episode, kind="review", cause=f"review:{first.pk}", trigger_on=TODAY, by=by)
    made.informal = True
    made.save()
    Notice.objects.all().delete()
    return made


def url(pep: Pep) -> str:
    return reverse("pages:informal-review", args=[pep.pk])


def sent(concern: str = "no", day: date = TODAY, overview: str = DATA) -> dict[str, object]:
    return {**three("on", day), "overview": overview, "concern": concern}


def test_the_plan_says_what_it_is_and_asks_the_virtual_school(cast, client_as, review):
    said = "Progress review from the term’s data: no meeting of everybody is needed unless there is a concern."
    for person, offered in ((cast.vs_head, True), (cast.designated_teacher, False), (cast.iro, False)):
        text = page(client_as(person).get(reverse("pages:pep", args=[review.pk])))
        assert said in text and (url(review) in text) == offered
        assert 'id="ready"' not in text and "The meeting is arranged and held" not in text
    assert "Arrange the meeting" not in page(client_as(cast.vs_head).get(reverse("meetings:panel", args=[review.pk])))


def test_without_a_concern_the_review_is_made_without_a_meeting(cast, client_as, review):
    client_as(cast.caseworker).post(url(review), sent())
    meeting = Meeting.objects.get(pep=review)
    assert (meeting.state, meeting.held_on, meeting.overview) == ("held", TODAY, DATA)
    review.refresh_from_db()
    assert (review.state, review.informal) == ("completing", True)
    assert not Notice.objects.filter(kind="meeting_invitation").exists() and not meeting.invitations.exists()
    assert not SignificantChange.objects.exists()


def test_a_concern_makes_it_formal_and_whoever_arranges_hears(cast, client_as, review):
    """R6"""
    client_as(cast.caseworker).post(url(review), sent("yes"))
    review.refresh_from_db()
    assert (review.state, review.informal) == ("preparing", False)
    assert not Meeting.objects.exists()
    assert SignificantChange.objects.get().kind == "concern_at_informal_review"
    told = Notice.objects.filter(kind="review_formal")
    assert told.exists() and cast.caseworker not in {notice.person for notice in told}
    assert not any("Amara" in notice.text or "canary" in notice.text for notice in told)
    assert client_as(cast.caseworker).get(url(review)).status_code == 302, "there is no informal review to make now"


def test_a_teachers_concern_or_a_significant_change_does_the_same(cast, client_as, review):
    record = reverse("pages:record-change", args=[review.child_id])
    client = client_as(cast.designated_teacher)
    assert "concern_at_informal_review" in page(client.get(record))
    answer = client.post(record, {"kind": "significant_change", **three("on", TODAY), "what": "canary"}, follow=True)
    review.refresh_from_db()
    assert not review.informal, "the review is a formal one from now on"
    assert "The review is now a formal one" in page(answer)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"concern": ""}, "Select if there is a concern"),
        ({"overview": " "}, "Enter what the term’s data show"),
        (three("on", date(2026, 10, 7)), "must be today or in the past"),
        (three("on", date(2026, 10, 4)), "before the child came into care"),
    ],
)
def test_what_is_refused(cast, client_as, review, given, said):
    text = page(client_as(cast.caseworker).post(url(review), sent() | given)).replace("&#x27;", "’")
    assert said in text or said.replace("before the child", "be before the child") in text
    review.refresh_from_db()
    assert review.informal and review.state == "preparing"


def test_who_may_not(cast, client_as, review):
    for person in (cast.designated_teacher, cast.social_worker, cast.data_officer, cast.iro, cast.carer):
        assert client_as(person).post(url(review), sent()).status_code == 403
    for person in (cast.other_vs_head, cast.other_social_worker):
        assert client_as(person).post(url(review), sent()).status_code == 404
    assert not Meeting.objects.exists()


def test_a_review_that_is_made_stays_informal(cast, client_as, review, acting):
    client_as(cast.caseworker).post(url(review), sent())
    with pytest.raises(NotPossible, match="made already"):
        make_formal(review, reason="late", by=acting(cast.caseworker))


def test_when_the_last_target_is_achieved_the_teacher_is_asked_for_new_ones(cast, review, acting):
    """R7"""
    by = acting(cast.designated_teacher)
    first, second = Target.objects.order_by("position")
    review_target(first, pep=review, outcome="achieved", impact="x", based_on=first.revision, by=by)
    assert not Notice.objects.filter(kind="new_targets_wanted").exists()
    done = review_target(second, pep=review, outcome="partly", impact="x", based_on=second.revision, by=by)
    assert not Notice.objects.filter(kind="new_targets_wanted").exists()
    review_target(second, pep=review, outcome="achieved", impact="x", based_on=done.revision, by=by)
    assert Notice.objects.get(kind="new_targets_wanted").person == cast.designated_teacher


def test_at_a_formal_review_the_meeting_sees_to_new_targets(cast, review, acting):
    review.informal = False
    review.save()
    for target in Target.objects.all():
        review_target(
            target,
            pep=review,
            outcome="achieved",
            impact="x",
            based_on=target.revision,
            by=acting(cast.designated_teacher),
        )
    assert not Notice.objects.filter(kind="new_targets_wanted").exists()
