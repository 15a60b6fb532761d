"""Why this day? Every kind of obligation says its day, its rule, its rules' version, its assumptions and its story."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from children import actions as facts
from children.models import Allocation, Calendar, Enrolment
from pepportal.audit.acting import the_portal
from pepportal.clock.actions import sync_child
from pepportal.clock.models import Chase, Obligation, ObligationChange
from peps.actions import open_pep
from tests import factories as f
from tests.cast import NOW, Cast
from tests.stage import set_stage


@pytest.fixture
def plan(cast: Cast, acting):
    child, episode = cast.children["amara"], cast.episodes["amara"]
    return open_pep(
        child=child, episode=episode, kind="first", cause=f"first:{episode.pk}", trigger_on=episode.began_on,
        by=acting(cast.data_officer),
    )  # fmt: skip


def text_of(response) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_page_says_who_holds_it_and_by_which_rules(cast, plan, client_as):
    client = client_as(cast.social_worker)
    page = text_of(client.get(f"/children/{plan.child_id}/deadlines/meeting:{plan.pk}/"))
    assert "Ms R. Khan, designated teacher" in page
    version = plan.profile_version
    assert f"{version.title}, version {version.version}, from" in page
    assert "Came into care" in page and "Change the facts and compare councils" in page
    listed = text_of(client.get(f"/children/{plan.child_id}/deadlines/meeting:{plan.pk}/?show=list"))
    assert "Saturday 10 October 2026 Not counted: Weekend" in listed
    assert "Monday 2 November 2026 Day 20: due" in listed


def test_every_obligation_on_the_stage_can_be_explained(cast, client_as):
    """Those of plans in preparation, held, finalised; and what a child is without: no worker, no teacher."""
    set_stage(cast, only=("amara", "jonah", "ben"))
    Allocation.objects.filter(child=cast.children["skye"]).update(ended_on=NOW.date())
    Enrolment.objects.create(child=cast.children["skye"], school=f.SchoolFactory(), began_on=date(2026, 9, 1))
    for key in ("amara", "jonah", "skye", "ben"):
        sync_child(cast.children[key].pk, by=the_portal(NOW))
    rows = list(Obligation.objects.filter(dropped_at=None, child__authority=cast.westmere))
    client, kinds = client_as(cast.vs_head), set()
    for row in rows:
        page = text_of(client.get(f"/children/{row.child_id}/deadlines/{row.key}/"))
        assert f"Why {row.due_on:%A} {row.due_on.day} {row.due_on:%B %Y}?" in page, row.key
        assert "version" in page and "Who holds it now" in page, row.key
        assert "Due " in page.split("How it came to this day")[1], row.key
        kinds.add(row.kind)
    assert len(kinds) >= 6 and "allocate" in kinds, kinds


def test_its_story_keeps_the_old_day_the_reason_and_who_had_been_told(cast, plan, client_as):
    by = the_portal(NOW)
    sync_child(plan.child_id, by=by)
    key = f"meeting:{plan.pk}"
    row = Obligation.objects.get(child=plan.child_id, key=key)
    about = {"child_id": plan.child_id, "obligation_key": key, "falls_on": NOW.date()}
    Chase.objects.create(
        **about, revision=row.revision, what="reminder", step=5, told=[["x", "Ms R. Khan", "designated_teacher"]],
        at=NOW + timedelta(hours=1), by_label="The portal",
    )  # fmt: skip
    Chase.objects.create(
        **about,
        revision=row.revision,
        what="by_hand",
        step=0,
        told=[],
        at=NOW + timedelta(hours=2),
        by_label="Ms E. Petrou",
    )
    ObligationChange.objects.create(
        obligation_key=key, child_id=plan.child_id, what="moved", old_due_on=date(2026, 10, 30), new_due_on=date(2026, 11, 2),
        reason="the entry to care was corrected", told=["Ms R. Khan", "Mr P. Doyle"], at=NOW + timedelta(hours=3),
    )  # fmt: skip
    page = text_of(client_as(cast.vs_head).get(f"/children/{plan.child_id}/deadlines/{key}/"))
    story = page.split("How it came to this day, and who was told")[1]
    expected = [
        "Due Monday 2 November 2026", "Reminder", "Told: Ms R. Khan (designated teacher).",
        "Ms E. Petrou Reminder by hand Nobody is in that part.", "Moved from Friday 30 October 2026 to Monday 2 November 2026",
        "The entry to care was corrected. The earlier day had been told to Ms R. Khan and Mr P. Doyle.",
    ]  # fmt: skip
    places = [story.find(words) for words in expected]
    assert -1 not in places and places == sorted(places), (expected, story[:1500])


def test_a_corrected_entry_leaves_the_old_day_on_the_page(cast, plan, client_as, acting):
    sync_child(plan.child_id, by=the_portal(NOW))
    client = client_as(cast.data_officer)
    sent = {"began_on_0": "28", "began_on_1": "9", "began_on_2": "2026", "planned": "yes", "legal_status": "section_20",
            "reason": "The record was wrong"}  # fmt: skip
    assert client.post(f"/children/{plan.child_id}/entry/", sent).status_code == 302
    page = text_of(client.get(f"/children/{plan.child_id}/deadlines/meeting:{plan.pk}/"))
    assert "Why Monday 26 October 2026?" in page
    assert "Moved from Monday 2 November 2026 to Monday 26 October 2026" in page


def test_what_is_no_longer_owed_keeps_its_story(cast, plan, client_as, acting):
    sync_child(plan.child_id, by=the_portal(NOW))
    key = f"meeting:{plan.pk}"
    facts.end_care(episode=cast.episodes["amara"], ended_on=NOW.date(), reason="returned_home", by=acting(cast.vs_head))
    sync_child(plan.child_id, by=the_portal(NOW), reason="Left care")
    client = client_as(cast.vs_head)
    page = text_of(client.get(f"/children/{plan.child_id}/deadlines/{key}/"))
    assert "No longer due" in page and "It was due Monday 2 November 2026" in page and "Left care" in page
    assert client.get(f"/children/{plan.child_id}/deadlines/{key}x/").status_code == 404
    assert client.get(f"/children/{plan.child_id}/deadlines/%00/").status_code == 404
    assert client.get(f"/children/{cast.children['ben'].pk}/deadlines/{key}/").status_code == 404


def test_a_day_past_the_published_calendar_says_so(cast, client_as, acting):
    """Under rules that count school days, where the school's next year isn't published yet."""
    Calendar.objects.filter(academic_year="2026/27").delete()
    cast.westmere.profile_name = "kent-2017"
    cast.westmere.save()
    child, episode = cast.children["amara"], cast.episodes["amara"]
    made = open_pep(child=child, episode=episode, kind="first", cause=f"first:{episode.pk}", trigger_on=episode.began_on,
                    by=acting(cast.data_officer))  # fmt: skip
    page = text_of(client_as(cast.vs_head).get(f"/children/{child.pk}/deadlines/meeting:{made.pk}/"))
    assert "Provisional. The school calendar for 2026/27 is not published" in page
