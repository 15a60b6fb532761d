"""For the virtual school: what could not be delivered, and who was told what and when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from pepportal.access.actor import actor_for
from pepportal.audit.models import Event
from pepportal.notify.models import Notice
from pepportal.notify.queries import overseen, undeliverable_count
from pepportal.notify.tasks import deliver, send_digests
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
LIST, SENT = "/notices/undelivered/", "/notices/sent/"


def fail(
    *notices: Notice, why: str = "The address was refused. The mail server said: 550 No such user", attempts: int = 1
) -> None:
    Notice.objects.filter(pk__in=[each.pk for each in notices]).update(
        work_state="failed", attempts=attempts, last_error=why
    )


def count(user) -> int:
    return undeliverable_count(actor_for(user, NOW))


@pytest.fixture
def lost(cast, tell) -> Notice:
    notice = tell("guest@elsewhere.example", "You are asked to a meeting", child=cast.children["amara"], kind="meeting_invited",
                  urgent=True)  # fmt: skip
    fail(notice)
    return notice


def test_it_is_a_line_on_the_home_page_and_a_task_with_its_reason(cast, lost, client_as):
    client = client_as(cast.caseworker)
    for page in ("/", "/notices/", SENT):
        assert "1 message could not be delivered" in client.get(page).content.decode(), page
    page = client.get(LIST).content.decode()
    for words in (
        "You are asked to a meeting",
        "guest@elsewhere.example",
        "Meeting invited",
        "550 No such user",
        "1 time",
        "Amara’s plan",
    ):
        assert words in page, words
    look = Event.objects.filter(verb="messages that could not be delivered").latest("at")
    assert look.children == [str(cast.children["amara"].pk)]


def test_it_is_their_own_authoritys_only(cast, lost, tell):
    bens = tell(cast.designated_teacher, urgent=True, child=cast.children["ben"])
    own = tell(cast.social_worker, "About no child", urgent=True)
    others = tell(cast.other_social_worker, "About no child", urgent=True)
    fail(bens, own, others)
    assert count(cast.vs_head) == 2 and count(cast.other_vs_head) == 2
    for nobody in (cast.social_worker, cast.designated_teacher, cast.carer, cast.finance):
        assert count(nobody) == 0


def test_what_somebody_gets_after_they_have_left_is_not_the_former_authoritys(cast, tell):
    cast.social_worker.memberships.update(ended_on=TODAY)
    before = tell(cast.social_worker, "While here", urgent=True, at=NOW - timedelta(days=1))
    after = tell(cast.social_worker, "After leaving", urgent=True)
    seen = set(overseen(actor_for(cast.vs_head, NOW)))
    assert before in seen and after not in seen


def test_a_daily_email_to_a_school_is_the_task_of_each_authority_whose_child_it_is_about(cast, tell):
    tell(cast.designated_teacher, child=cast.children["amara"])
    send_digests()
    fail(Notice.objects.get(kind="digest"))
    assert count(cast.vs_head) == 1 and count(cast.other_vs_head) == 0


def test_another_authoritys_is_not_there(cast, lost, client_as):
    client = client_as(cast.other_vs_head)
    assert "guest@" not in client.get(LIST).content.decode() + client.get(SENT).content.decode()
    for name in ("notify:again", "notify:told"):
        assert client.post(reverse(name, args=[lost.pk]), {"how": "x"}).status_code == 404
    lost.refresh_from_db()
    assert lost.work_state == "failed"


def test_try_again_owes_it_once_more(cast, lost, client_as):
    client = client_as(cast.caseworker)
    fail(lost, attempts=8)
    page = client.post(reverse("notify:again", args=[lost.pk]), follow=True).content.decode()
    assert "sent again now" in page and "Every message could be delivered" in page
    deliver()
    lost.refresh_from_db()
    assert lost.sent_at and lost.attempts == 1 and len(mail.outbox) == 1
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<{lost.pk}@")
    assert Event.objects.filter(verb="try a message again", child_id=cast.children["amara"].pk).exists()
    page = client.post(reverse("notify:again", args=[lost.pk]), follow=True).content.decode()
    assert "isn’t undelivered any more" in page
    deliver()
    assert len(mail.outbox) == 1


def test_told_another_way_is_kept_with_who_and_how(cast, lost, client_as):
    client, url = client_as(cast.caseworker), reverse("notify:told", args=[lost.pk])
    refused = client.post(url, {"how": " "})
    assert "Enter how they were told" in refused.content.decode() and refused.status_code == 200
    client.post(url, {"how": "Rang her"})
    lost.refresh_from_db()
    assert lost.told_otherwise == "Ms E. Petrou, Tuesday 6 October 2026: Rang her" and lost.work_state == "done"
    assert count(cast.caseworker) == 0
    assert "Rang her" in client.get(SENT, {"state": "told"}).content.decode()
    event = Event.objects.get(verb="tell another way")
    assert event.reason == "" and event.child_id == cast.children["amara"].pk
    deliver()
    assert not mail.outbox


def test_who_was_told_what_and_when_is_found(cast, tell, client_as):
    one = tell(
        cast.social_worker, "First thing", child=cast.children["amara"], kind="part_due", at=NOW - timedelta(days=9)
    )
    two = tell(
        "guest@elsewhere.example", "Second thing", child=cast.children["amara"], kind="meeting_invited", urgent=True
    )
    gone = tell(cast.iro, "Third thing", kind="please_sign")
    Notice.objects.filter(pk=gone.pk).update(work_state="done", last_error="Not sent: it was moved.")
    deliver()
    client = client_as(cast.caseworker)

    def found(**asked: object) -> set[object]:
        page = client.get(SENT, asked).context["page"]
        return {notice.pk for notice in page.object_list}

    assert found() == {one.pk, two.pk, gone.pk}
    assert found(q="doyle") == {one.pk} and found(q="guest@") == {two.pk} and found(q="zebra") == set()
    assert found(kind="meeting_invited") == {two.pk}
    assert (
        found(state="sent") == {two.pk} and found(state="waiting") == {one.pk} and found(state="not_sent") == {gone.pk}
    )
    assert found(first="2026-10-01") == {two.pk, gone.pk}
    assert found(last="2026-09-27") == {one.pk}
    assert found(first="32", last="2026-13-45") == {one.pk, two.pk, gone.pk}, "what can't be read counts for nothing"
    send_digests()
    assert found(state="sent") >= {one.pk, two.pk} and found(state="waiting") == set()
    page = client.get(SENT).content.decode()
    assert "In the daily email of Tuesday 6 October 2026, 10am" in page and "Not sent: it was moved." in page


@pytest.mark.parametrize("asked", [{"last": "9999-12-31"}, {"first": "0001-01-01"}, {"last": "2101-01-01"}])
def test_a_day_of_another_century_is_answered_in_words_and_counts_for_nothing(cast, tell, client_as, asked):
    one = tell(cast.social_worker, "First thing", child=cast.children["amara"], kind="part_due")
    answer = client_as(cast.caseworker).get(SENT, asked)
    assert answer.status_code == 200
    assert "Enter a day between 1900 and 2100" in answer.content.decode()
    assert {notice.pk for notice in answer.context["page"].object_list} == {one.pk}


def test_a_digest_that_fails_fails_for_what_it_carried(cast, tell, client_as):
    one = tell(cast.social_worker, child=cast.children["amara"])
    send_digests()
    Notice.objects.update(sent_at=None)
    fail(Notice.objects.get(kind="digest"))
    page = client_as(cast.caseworker).get(SENT, {"state": "failed"})
    assert one.pk in {notice.pk for notice in page.context["page"].object_list}
    assert "The daily email that it was in could not be delivered" in page.content.decode()


def test_a_page_at_a_time_and_no_more_queries_with_more(cast, tell, client_as, django_assert_max_num_queries):
    for number in range(60):
        tell(cast.social_worker, f"Thing {number}", child=cast.children["amara"])
    fail(*Notice.objects.all()[:30])
    client = client_as(cast.caseworker)
    with django_assert_max_num_queries(15):
        assert client.get(SENT).context["page"].paginator.num_pages == 3
    with django_assert_max_num_queries(15):
        assert len(client.get(LIST).context["rows"]) == 25


@pytest.mark.parametrize("who", ["social_worker", "designated_teacher", "carer", "finance"])
def test_others_see_neither(cast, who, lost, client_as):
    client = client_as(cast.people[who])
    assert client.get(LIST).status_code == client.get(SENT).status_code == 403
    assert client.post(reverse("notify:again", args=[lost.pk])).status_code == 403
    assert "could not be delivered" not in client.get("/").content.decode()


def test_a_hostile_reason_is_shown_as_text(cast, lost, client_as):
    fail(lost, why="<script>alert(1)</script>")
    assert "<script>alert" not in client_as(cast.caseworker).get(LIST).content.decode()
