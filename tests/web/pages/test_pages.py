"""The pages people live in, through the client, on real PostgreSQL."""

from __future__ import annotations

import pytest

from pepportal.audit.models import Event, Kind
from peps.actions import open_pep
from tests.cast import Cast


@pytest.fixture
def plan(cast: Cast, acting):
    child, episode = cast.children["amara"], cast.episodes["amara"]
    return open_pep(
        child=child, episode=episode, kind="first", cause=f"first:{episode.pk}", trigger_on=episode.began_on,
        by=acting(cast.data_officer),
    )  # fmt: skip


@pytest.fixture
def index(plan):
    """The clock has looked at everybody."""
    from pepportal.audit.acting import the_portal
    from pepportal.clock.actions import sync_child
    from tests.cast import NOW

    sync_child(plan.child_id, by=the_portal(NOW))


EVERYBODY = [
    "designated_teacher", "social_worker", "iro", "carer", "young_person", "head_teacher", "caseworker", "vs_head", "vs_deputy",
    "data_officer", "finance", "administrator", "team_manager", "nobody", "left_worker",
]  # fmt: skip


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_has_a_home(who, cast, index, client_as):
    response = client_as(getattr(cast, who)).get("/")
    assert response.status_code == 200


def test_the_organiser_sees_what_is_owed_first(cast, index, client_as):
    page = client_as(cast.designated_teacher).get("/").content.decode()
    assert "Arrange and hold the meeting: Amara Okafor" in page
    assert "due in 19 working days" in page.lower()


def test_the_caseload_finds_by_name_reference_and_school(cast, index, client_as):
    client = client_as(cast.caseworker)
    assert "Amara Okafor" in client.get("/children/").content.decode()
    for words in ("amara", "WM-0001", "hollin", "ámara okafor"):
        page = client.get("/children/", {"q": words}).content.decode()
        assert "Amara Okafor" in page and "Skye Penrose" not in page, words
    assert "No child fits" in client.get("/children/", {"q": "zzz"}).content.decode()
    assert "Leila March" in client.get("/children/", {"show": "left"}).content.decode()
    assert "Skye Penrose" in client.get("/children/", {"show": "no_school"}).content.decode()
    assert "Jonah Tell" in client.get("/children/", {"show": "out_of_area"}).content.decode()
    for sort in ("name", "-name", "due", "-due", "school", "state", "nonsense"):
        assert client.get("/children/", {"sort": sort}).status_code == 200
    assert client.get("/children/", {"school": "not-a-uuid", "state": "nonsense", "size": "9999"}).status_code == 200


def test_a_childs_page_says_what_is_due_and_why(cast, plan, client_as):
    client = client_as(cast.social_worker)
    page = client.get(f"/children/{plan.child_id}/").content.decode()
    assert "Why that day?" in page and "Mrs H. Bright" in page
    why = client.get(f"/children/{plan.child_id}/deadlines/meeting:{plan.pk}/").content.decode()
    assert "Monday 2 November 2026" in why  # 20 working days from Monday 5 October
    assert "20 working days" in why and "weekend" in why
    assert client.get(f"/children/{plan.child_id}/deadlines/nothing/").status_code == 404


def test_the_plan_is_a_task_list(cast, plan, client_as):
    page = client_as(cast.designated_teacher).get(f"/peps/{plan.pk}/").content.decode()
    assert "Amara’s plan, autumn 2026" in page
    assert "Left for you" in page and "Facts about care" in page
    assert client_as(cast.carer).get(f"/peps/{plan.pk}/").status_code == 403
    assert client_as(cast.other_teacher).get(f"/peps/{plan.pk}/").status_code == 404


def test_looks_and_refusals_are_written_down(cast, plan, client_as):
    client_as(cast.social_worker).get(f"/children/{plan.child_id}/")
    look = Event.objects.filter(kind=Kind.SAW, verb="child's page").get()
    assert (look.actor_id, look.child_id) == (cast.social_worker.pk, plan.child_id)
    client_as(cast.carer).get(f"/peps/{plan.pk}/")
    assert Event.objects.filter(kind=Kind.REFUSED, actor_id=cast.carer.pk).exists()


def test_the_small_pages(cast, client, client_as):
    for path in ("/accessibility/", "/privacy/", "/health", "/demonstration/", "/accounts/login/"):
        assert client.get(path).status_code == 200, path
    signed_in = client_as(cast.designated_teacher)
    for path in ("/help/", "/roles/", "/components/", "/notices/", "/meetings/"):
        assert signed_in.get(path).status_code == 200, path
    assert signed_in.get("/no/such/page/").status_code == 404
