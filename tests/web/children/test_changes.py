"""Something has changed for a child: what may be recorded, who hears of it, what follows; home and school alert too (R8)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from children import actions
from children.actions import FactsConflict
from children.models import ChangeKind, ChangeMark, SignificantChange
from pepportal.audit.models import Event
from pepportal.notify.models import Notice
from tests.cast import TODAY
from tests.web.children.test_pages import page, refused_with, three

pytestmark = pytest.mark.django_db
WORDS = "The canary has moved to another cage."


def use(cast, name: str) -> None:
    cast.westmere.profile_name = name
    cast.westmere.save()


def url(cast, key: str = "amara") -> str:
    return reverse("pages:record-change", args=[cast.children[key].pk])


def sent(kind: str = "significant_change", day: date = TODAY, what: str = WORDS) -> dict[str, object]:
    return {"kind": kind, **three("on", day), "what": what}


@pytest.mark.parametrize(
    ("profile", "offered", "not_offered"),
    [
        ("social-worker-led", {"significant_change", "education_breakdown"}, {"concern", "transition"}),
        ("virtual-school-led", {"concern", "transition"}, {"significant_change", "education_breakdown"}),
        ("kent-2017", {"significant_change", "transition"}, {"concern", "concern_at_informal_review"}),
    ],
)
def test_what_the_councils_rules_name_can_be_recorded(cast, client_as, profile, offered, not_offered):
    use(cast, profile)
    text = page(client_as(cast.social_worker).get(url(cast)))
    assert {kind for kind in offered | not_offered if f'value="{kind}"' in text} == offered


def test_where_only_moves_call_a_plan_the_page_says_so(cast, client_as):
    text = page(client_as(cast.designated_teacher).get(url(cast)))
    assert "There is nothing to record here" in text and "a change of school" in text
    client_as(cast.designated_teacher).post(url(cast), sent())
    assert not SignificantChange.objects.exists()


def test_a_change_is_kept_and_those_whom_the_rules_name_hear_of_it(cast, client_as):
    use(cast, "social-worker-led")
    answer = client_as(cast.social_worker).post(url(cast), sent(), follow=True)
    change = SignificantChange.objects.get()
    assert (change.kind, change.on, change.what, change.recorded_by) == (
        "significant_change",
        TODAY,
        WORDS,
        cast.social_worker,
    )
    assert "The portal opens a plan for it by itself: its meeting has to be held by" in page(answer)
    told = {notice.person for notice in Notice.objects.filter(kind="something_changed")}
    assert told == {cast.iro, cast.vs_head, cast.vs_deputy, cast.caseworker}
    for notice in Notice.objects.filter(kind="something_changed"):
        assert "canary" not in notice.subject + notice.text + notice.html + notice.screen_text
        assert "Amara" not in notice.subject + notice.text + notice.html
    event = Event.objects.get(verb="record change")
    assert "canary" not in event.reason and event.fields == ["kind", "on", "what"]
    assert change.history.get().history_user == cast.social_worker


def test_the_clock_hears_of_it(cast, acting):
    by, amara = acting(cast.social_worker), cast.children["amara"]
    change = actions.record_change(child=amara, kind=ChangeKind.CONCERN, on=TODAY, what=WORDS, by=by)
    actions.cancel_change(change=change, reason="Another child", by=by)
    marks = ChangeMark.objects.filter(child=amara).values_list("what", flat=True)
    assert {"record change", "cancel change"} <= set(marks)


def test_without_a_rule_that_tells_the_officer_only_the_virtual_school_hears(cast, client_as):
    use(cast, "virtual-school-led")
    client_as(cast.social_worker).post(url(cast), sent("concern"))
    told = {notice.person for notice in Notice.objects.filter(kind="something_changed")}
    assert told == {cast.vs_head, cast.vs_deputy, cast.caseworker}


@pytest.mark.parametrize(
    ("field", "given", "sentence"),
    [
        ("kind", {"kind": ""}, "Select what has changed"),
        ("kind", {"kind": "school_change"}, "Select one of the answers given"),
        ("on", three("on", TODAY + timedelta(days=1)), "The day must be today or in the past"),
        ("on", three("on", date(2026, 10, 4)), "before the child came into care"),
        ("what", {"what": "  "}, "Enter what happened"),
    ],
)
def test_what_is_refused(cast, client_as, field, given, sentence):
    use(cast, "social-worker-led")
    refused_with(client_as(cast.social_worker).post(url(cast), sent() | given), sentence, field)
    assert not SignificantChange.objects.exists()


def test_who_may_not(cast, client_as):
    use(cast, "social-worker-led")
    for person in (cast.iro, cast.head_teacher, cast.carer, cast.finance, cast.administrator):
        assert client_as(person).post(url(cast), sent()).status_code == 403
    for person in (cast.other_social_worker, cast.other_teacher, cast.nobody, cast.left_worker):
        assert client_as(person).post(url(cast), sent()).status_code == 404
    assert not SignificantChange.objects.exists()


def test_a_mistake_is_cancelled_with_a_reason_and_stays_on_record(cast, client_as, acting):
    use(cast, "social-worker-led")
    amara, ben = cast.children["amara"], cast.children["ben"]
    change = actions.record_change(
        child=amara, kind=ChangeKind.SIGNIFICANT, on=TODAY, what=WORDS, by=acting(cast.social_worker)
    )
    client = client_as(cast.social_worker)
    cancel = reverse("pages:cancel-change", args=[amara.pk, change.pk])
    assert client_as(cast.other_social_worker).get(cancel).status_code == 404
    assert (
        client_as(cast.other_social_worker).get(reverse("pages:cancel-change", args=[ben.pk, change.pk])).status_code
        == 404
    )
    refused_with(client.post(cancel, {"reason": ""}), "Enter why it was a mistake", "reason")
    client.post(cancel, {"reason": "Another child"})
    change.refresh_from_db()
    assert change.cancelled_at is not None and change.cancel_reason == "Another child"
    assert change.history.count() == 2
    assert not Notice.objects.filter(kind="something_changed", work_state="owed").exists(), (
        "what has not left never will"
    )
    text = page(client.get(url(cast)))
    assert "Cancelled" in text and "It was a mistake" not in text
    assert "A significant change" not in page(client.get(reverse("pages:child", args=[amara.pk])))
    assert client.post(cancel, {"reason": "Again"}).status_code == 302
    change.refresh_from_db()
    assert change.cancel_reason == "Another child"


def test_the_childs_page_says_what_has_changed(cast, client_as, acting):
    amara = cast.children["amara"]
    actions.record_change(child=amara, kind=ChangeKind.CONCERN, on=TODAY, what=WORDS, by=acting(cast.social_worker))
    text = page(client_as(cast.social_worker).get(reverse("pages:child", args=[amara.pk])))
    assert "A concern about how school is going" in text and "canary" not in text and url(cast) in text
    assert "A concern about how school is going" not in page(
        client_as(cast.head_teacher).get(reverse("pages:child", args=[amara.pk]))
    )


def test_nobody_records_for_a_child_who_has_left_care(cast, client_as, acting):
    leila = cast.children["leila"]
    assert client_as(cast.vs_head).get(url(cast, "leila")).status_code == 302
    with pytest.raises(FactsConflict, match="not in care on that day"):
        actions.record_change(child=leila, kind=ChangeKind.CONCERN, on=TODAY, what=WORDS, by=acting(cast.vs_head))


# --- a change of home or school tells the reviewing officer -----------------------------------------------------------


def moves(cast, by) -> None:
    amara = cast.children["amara"]
    actions.change_placement(child=amara, kind="kinship", area="Eastvale", began_on=TODAY, by=by)
    actions.change_school(child=amara, school=cast.secondary, began_on=TODAY, by=by)
    actions.end_school(child=amara, ended_on=TODAY + timedelta(days=1), by=by)


def test_moves_alert_the_reviewing_officer_where_the_rules_say_so(cast, acting):
    use(cast, "social-worker-led")
    moves(cast, acting(cast.data_officer))
    told = Notice.objects.filter(kind="child_moved")
    assert {notice.person for notice in told} == {cast.iro}
    assert sorted(notice.subject for notice in told) == [
        "A child in care goes to another school", "A child in care has lost the school place",
        "A child in care lives somewhere else",
    ]  # fmt: skip
    assert not any(word in notice.text for notice in told for word in ("Amara", "Hollin", "Northgate", "Eastvale"))


def test_moves_alert_nobody_where_the_rules_are_silent(cast, acting):
    moves(cast, acting(cast.data_officer))
    assert not Notice.objects.filter(kind="child_moved").exists()
