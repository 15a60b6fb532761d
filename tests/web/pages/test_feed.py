"""A person's calendar feed: what is in it, who may read it, and that it names nobody."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from meetings.models import Meeting
from pepportal.audit.models import Event, Kind
from pepportal.clock import feeds
from pepportal.clock.models import Feed, Obligation
from tests import factories as f
from tests.cast import NOW, Cast
from tests.stage import canary, set_stage


@pytest.fixture
def owed(cast: Cast):
    child = cast.children["amara"]
    return Obligation.objects.create(
        child=child, key="complete:1", kind="complete", title="Finish Amara’s part at Hollin Lane", holder=cast.social_worker,
        holder_role="social_worker", due_on=date(2026, 10, 9), unit="working", starts_on=date(2026, 10, 5), rule="A rule.", revision=3,
    )  # fmt: skip


def secret_of(user, by) -> str:
    return feeds.make_feed(user=user, by=by)[1]


def read(secret: str, **headers):
    return Client().get(f"/feed/{secret}.ics", **headers)


def events(response) -> list:
    return list(Calendar.from_ical(response.content.decode()).walk("VEVENT"))


def test_the_page_makes_an_address_shows_it_once_and_keeps_only_its_digest(cast, client_as):
    client = client_as(cast.social_worker)
    assert "Make my calendar address" in client.get("/me/calendar/").content.decode()
    made = client.post("/me/calendar/", {"do": "make"})
    secret = re.search(r"/feed/([\w-]{43})\.ics", made.content.decode()).group(1)
    assert made["Cache-Control"] == "no-store"
    feed = Feed.objects.get()
    assert feed.digest == feeds.digest_of(secret) and secret not in str(Feed.objects.values().get())
    assert secret not in client.get("/me/calendar/").content.decode()
    assert read(secret).status_code == 200
    done = set(Event.objects.filter(kind=Kind.DID).values_list("verb", flat=True))
    assert "make calendar address" in done


def test_a_replaced_or_revoked_address_is_closed_like_one_that_never_was(cast, owed, client_as):
    client = client_as(cast.social_worker)

    def make() -> str:
        page = client.post("/me/calendar/", {"do": "make"}).content.decode()
        return re.search(r"/feed/([\w-]{43})\.ics", page).group(1)

    first = make()
    second = make()
    assert read(first).status_code == 404 and read(second).status_code == 200
    assert client.post("/me/calendar/", {"do": "revoke"}).status_code == 302
    never = read("x" * 43)
    for secret in (first, second):
        gone = read(secret)
        assert gone.status_code == 404
        assert gone.content == never.content and "WM-" not in gone.content.decode()
    assert Feed.objects.filter(revoked_at=None).count() == 0
    assert client.post("/me/calendar/", {"do": "revoke"}).status_code == 302


def test_another_person_cannot_close_it(cast, client_as, acting):
    secret = secret_of(cast.social_worker, acting(cast.social_worker))
    client_as(cast.iro).post("/me/calendar/", {"do": "revoke"})
    assert read(secret).status_code == 200


def test_what_is_owed_stands_on_its_day_with_reference_and_link(cast, owed, acting, settings):
    response = read(secret_of(cast.social_worker, acting(cast.social_worker)))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(response.content.decode())
    assert calendar["method"] == "PUBLISH"
    (event,) = calendar.walk("VEVENT")
    assert event["summary"] == "PEP: your part is due (WM-0001)"
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (date(2026, 10, 9), date(2026, 10, 10))
    assert event["sequence"] == 3 and str(event["uid"]).startswith(f"obligation-{owed.pk}@")
    assert event["url"] == f"{settings.PORTAL_ADDRESS}/children/{owed.child_id}/"
    owed.met_on = NOW.date()
    owed.save()
    assert events(read(secret_of(cast.social_worker, acting(cast.social_worker)))) == []


def test_the_uid_stays_and_the_sequence_rises_when_a_day_moves(cast, owed, acting):
    secret = secret_of(cast.social_worker, acting(cast.social_worker))
    (before,) = events(read(secret))
    owed.due_on, owed.revision = date(2026, 10, 20), 4
    owed.save()
    (after,) = events(read(secret))
    assert before["uid"] == after["uid"] and after["sequence"] == 4
    assert after.decoded("dtstart") == date(2026, 10, 20)


def test_the_feed_names_nobody_and_no_place(cast, client_as, acting):
    """Every word about the stage’s children holds zq…; neither that, nor a name, initials, school or place is in any feed."""
    world = set_stage(cast, only=("amara", "jonah"))
    found = 0
    for who in ("designated_teacher", "social_worker", "iro", "carer", "young_person", "caseworker", "vs_head"):
        user = getattr(cast, who)
        response = read(secret_of(user, acting(user)))
        text = re.sub(r"\r\n ", "", response.content.decode()).lower()
        assert response.status_code == 200
        for word in (
            "zq",
            canary("amara"),
            "hollin",
            "northgate",
            "okafor",
            "westmere",
            "eastvale",
            "location",
            "attendee",
        ):
            assert word not in text, (who, word)
        found += len(events(response))
    assert found > 8, "there was something to name"
    meeting = Meeting.objects.get(pk=world.children["amara"]["meeting_id"])
    mine = {
        str(each["uid"]).partition("@")[0]: each
        for each in events(read(secret_of(cast.designated_teacher, acting(cast.designated_teacher))))
    }
    entry = mine[f"meeting-{meeting.pk}"]
    assert entry["summary"] == "PEP meeting (WM-0001)"
    assert entry.decoded("dtstart") == meeting.starts_at
    assert entry["dtstart"].params["tzid"] == "Europe/London"


def test_it_is_about_children_they_still_see_while_the_account_is_open(cast, owed, acting):
    user = cast.social_worker
    secret = secret_of(user, acting(user))
    assert len(events(read(secret))) == 1
    owed.child.allocations.filter(user=user).update(ended_on=NOW.date())
    assert events(read(secret)) == []
    user.is_active = False
    user.save()
    assert read(secret).status_code == 404


def test_polling_is_cheap_and_one_look_a_day_is_recorded(cast, owed, acting, settings):
    secret = secret_of(cast.social_worker, acting(cast.social_worker))
    first = read(secret)
    again = read(secret, HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304 and again.content == b""
    looks = Event.objects.filter(kind=Kind.SAW, verb="calendar feed")
    assert looks.count() == 1 and looks.get().children == [str(owed.child_id)]
    assert looks.get().actor_id == cast.social_worker.pk
    settings.PORTAL_NOW = NOW + timedelta(days=1)
    assert read(secret).status_code == 200
    assert looks.count() == 2
    owed.due_on = date(2026, 10, 12)
    owed.save()
    assert read(secret, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200
    assert Client().post(f"/feed/{secret}.ics").status_code == 405


def test_as_many_queries_for_two_hundred_as_for_five(cast, owed, acting):
    secret = secret_of(cast.social_worker, acting(cast.social_worker))

    def asks() -> int:
        read(secret)
        with CaptureQueriesContext(connection) as caught:
            assert read(secret).status_code == 200
        return len([each for each in caught.captured_queries if "SAVEPOINT" not in each["sql"]])

    few = asks()
    for number in range(200):
        child = f.ChildFactory(authority=cast.westmere)
        f.AllocationFactory(child=child, user=cast.social_worker)
        Obligation.objects.create(
            child=child, key="x", kind="prepare", title="x", holder=cast.social_worker, holder_role="social_worker",
            due_on=date(2026, 10, 7) + timedelta(days=number), unit="school", starts_on=date(2026, 10, 1), rule="x",
        )  # fmt: skip
    assert asks() == few <= 8
    assert len(events(read(secret))) == 201
