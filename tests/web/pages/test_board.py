"""The overdue board: whose rows, in which colour, who holds them; reminding and giving away many at once."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from children.models import Allocation, Child, Enrolment
from pepportal.audit.models import Event, Kind
from pepportal.clock.models import Chase, Obligation
from pepportal.notify.models import Notice
from tests import factories as f
from tests.cast import NOW, Cast

TODAY = NOW.date()
MOST = 15


def owe(child: Child, key: str, due: date, holder=None, role="social_worker", unit="calendar", kind="prepare", **extra):
    return Obligation.objects.create(
        child=child, key=key, kind=kind, title=extra.pop("title", "Fill in your part"), holder=holder, holder_role=role,
        due_on=due, unit=unit, starts_on=TODAY - timedelta(days=30), rule="A rule.", **extra,
    )  # fmt: skip


@pytest.fixture
def rows(cast: Cast):
    """Late, soon, later; held by somebody, by nobody; own and another authority's."""
    amara, jonah, ben = (cast.children[key] for key in ("amara", "jonah", "ben"))
    return {
        "late": owe(amara, "late", date(2026, 9, 28), cast.social_worker),
        "soon": owe(jonah, "soon", date(2026, 10, 9), cast.social_worker),
        "later": owe(
            amara, "later", date(2026, 11, 30), cast.designated_teacher, "designated_teacher",
            holder_organisation=cast.primary.organisation,
        ),
        "nobodys": owe(jonah, "nobodys", date(2026, 10, 30), kind="allocate", title="Allocate a social worker"),
        "eastvale": owe(ben, "eastvale", date(2026, 9, 1), cast.other_social_worker, title="Eastvale’s own business"),
    }  # fmt: skip


def page_of(client, **asked) -> str:
    response = client.get("/overdue/", asked)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def shown(page: str) -> list[str]:
    """The ids of the rows on a page, in order."""
    return re.findall(r'name="row" type="checkbox" value="([^"]+)"', page)


# --- whose rows -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["vs_head", "vs_deputy", "caseworker", "data_officer", "team_manager"])
def test_the_board_shows_own_rows_and_never_another_authoritys(who, cast, rows, client_as):
    page = page_of(client_as(getattr(cast, who)))
    assert "Amara Okafor" in page and "Jonah Tell" in page
    assert "Ben Ashby" not in page and "EV-" not in page and "Eastvale’s own business" not in page
    assert "Mr B. Vance" not in page, "not even among those who hold most"


@pytest.mark.parametrize(
    "who", ["social_worker", "designated_teacher", "finance", "administrator", "carer", "young_person", "iro"]
)
def test_the_board_is_for_those_who_chase(who, cast, rows, client_as):
    for path in ("/overdue/", "/overdue/remind/", "/overdue/reassign/"):
        assert client_as(getattr(cast, who)).get(path).status_code == 403
    home = client_as(getattr(cast, who)).get("/").content.decode()
    assert 'href="/overdue/"' not in home


def test_a_team_manager_sees_the_own_teams_rows_and_sends_nothing(cast, rows, client_as):
    other = f.UserFactory(name="Ms O. Frame")
    mina = f.ChildFactory(authority=cast.westmere, given_name="Mina", family_name="Roe", reference="WM-0777")
    f.CareEpisodeFactory(child=mina)
    f.AllocationFactory(child=mina, user=other)
    owe(mina, "hers", date(2026, 9, 1), other)
    assert "WM-0777" in page_of(client_as(cast.vs_head))
    manager = client_as(cast.team_manager)
    page = page_of(manager)
    assert "WM-0777" not in page and "Amara Okafor" in page
    assert "Remind whoever holds these" not in page and not shown(page)
    for path in ("/overdue/remind/", "/overdue/reassign/"):
        assert manager.post(path, {"row": [rows["late"].pk]}).status_code == 403


def test_a_child_seen_in_another_part_is_not_on_the_board(cast, rows, client_as):
    """A caseworker of Westmere who is also the teacher of an Eastvale child."""
    f.MembershipFactory(user=cast.caseworker, organisation=cast.primary.organisation, role="designated_teacher")
    client = client_as(cast.caseworker)
    assert client.get(f"/children/{cast.children['ben'].pk}/").status_code == 200
    assert "Ben Ashby" not in page_of(client)
    client.post("/overdue/remind/", {"row": [rows["eastvale"].pk], "step": "send"})
    assert not Chase.objects.exists() and not Notice.objects.exists()


def test_a_look_is_recorded_with_the_children_shown(cast, rows, client_as):
    page_of(client_as(cast.caseworker), q="amara")
    look = Event.objects.get(kind=Kind.SAW, verb="overdue board")
    assert look.children == [str(cast.children["amara"].pk)]


# --- colours, order, filters --------------------------------------------------------------------------------------------


def test_what_nobody_holds_comes_first_then_the_longest_overdue(cast, rows, client_as):
    page = page_of(client_as(cast.vs_head))
    assert shown(page) == [str(rows[key].pk) for key in ("nobodys", "late", "soon", "later")]
    assert "Nobody holds it" in page and "Mr P. Doyle" in page
    assert "Children in Care Team 2" in page, "the organisation of a holder whom the index names by person only"
    assert "8 days late" in page and "Due in 3 days" in page


def test_the_picture_counts_each_colour(cast, rows, client_as):
    page = page_of(client_as(cast.vs_head))
    assert 'aria-label="Late: 1, Due soon: 1, Later: 2"' in page


@pytest.mark.parametrize(
    ("unit", "last_amber"),
    [("calendar", date(2026, 10, 11)), ("working", date(2026, 10, 13)), ("school", date(2026, 10, 13))],
)
def test_amber_is_five_days_of_the_rows_own_unit(unit, last_amber, cast, client_as):
    """From Tuesday 6 October five calendar days end on Sunday 11; the fifth working and school day is Tuesday 13."""
    owe(cast.children["amara"], "last", last_amber, unit=unit)
    owe(cast.children["amara"], "next", last_amber + timedelta(days=1), unit=unit)
    client = client_as(cast.vs_head)
    assert shown(page_of(client, colour="amber")) == [str(Obligation.objects.get(key="last").pk)]
    assert shown(page_of(client, colour="green")) == [str(Obligation.objects.get(key="next").pk)]


def test_a_school_with_its_own_days_has_its_own_amber(cast, client_as):
    """Northgate High is closed for a week that the pattern knows nothing of: the same day is soon there, later elsewhere."""
    f.CalendarFactory(
        school=cast.secondary, authority=None, name="Northgate High",
        spans=[["2026-09-02", "2026-10-07", "first"], ["2026-10-19", "2026-12-18", "second"]], closures=[],
    )  # fmt: skip
    due = date(2026, 10, 20)
    owe(cast.children["jonah"], "north", due, unit="school")
    owe(cast.children["amara"], "hollin", due, unit="school")
    client = client_as(cast.vs_head)
    assert shown(page_of(client, colour="amber")) == [str(Obligation.objects.get(key="north").pk)]
    assert "Due in 3 school days" in page_of(client, colour="amber")
    assert "Due in 10 school days" in page_of(client, colour="green")


def test_filters(cast, rows, client_as):
    client = client_as(cast.caseworker)

    def keys(**asked):
        return [Obligation.objects.get(pk=pk).key for pk in shown(page_of(client, **asked))]

    assert keys(colour="red") == ["late"]
    assert keys(kind="allocate") == ["nobodys"]
    assert keys(role="designated_teacher") == ["later"]
    assert keys(person=str(cast.social_worker.pk)) == ["late", "soon"]
    assert keys(person="nobody") == ["nobodys"]
    assert keys(school=str(cast.secondary.pk)) == ["nobodys", "soon"]
    assert keys(q="ámara") == ["late", "later"] and keys(q="WM-0002") == ["nobodys", "soon"]
    assert keys(cases="mine") == []
    f.AllocationFactory(child=cast.children["amara"], user=cast.caseworker, part="virtual_school_caseworker")
    assert keys(cases="mine") == ["late", "later"]
    assert keys(sort="-due") == ["later", "nobodys", "soon", "late"]
    assert keys(sort="child")[0] == "late" and keys(sort="-child")[0] in ("nobodys", "soon")
    assert keys(sort="holder")[0] == "nobodys"
    assert len(keys(colour="x", kind="x", person="x", school="x", sort="x", size="7", page="x")) == 4
    assert "Nothing fits" in page_of(client, q="zzz")


def test_who_holds_most_late_things_and_when_they_were_told(cast, rows, client_as):
    Chase.objects.create(
        child_id=rows["late"].child_id, obligation_key="late", revision=1, what="escalation", step=3, falls_on=date(2026, 10, 1),
        told=[[str(cast.team_manager.pk), "Ms J. Acheampong", "team_manager"]], at=NOW - timedelta(days=5), by_label="The portal",
    )  # fmt: skip
    page = page_of(client_as(cast.vs_head))
    assert "Escalated Thu 1 Oct: Ms J. Acheampong" in page
    table = page.split("Who holds most late things")[1]
    assert f"person={cast.social_worker.pk}" in table and "Mon 28 Sep 2026" in table


def test_pages_and_ticks(cast, client_as):
    for number in range(30):
        owe(cast.children["amara"], f"n{number}", TODAY - timedelta(days=number + 1), cast.social_worker)
    client = client_as(cast.vs_head)
    assert len(shown(page_of(client))) == 25 and len(shown(page_of(client, page="2"))) == 5
    assert len(shown(page_of(client, size="50"))) == 30
    assert page_of(client).count(" checked>") == 0 and page_of(client, tick="all").count(" checked>") == 25


def test_as_many_queries_for_two_hundred_as_for_five(cast, rows, client_as):
    client = client_as(cast.vs_head)

    def asks() -> int:
        client.get("/overdue/")
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/overdue/", {"size": "100"}).status_code == 200
        return len([each for each in caught.captured_queries if "SAVEPOINT" not in each["sql"]])

    few = asks()
    for number in range(200):
        child = f.ChildFactory(authority=cast.westmere)
        Enrolment.objects.create(child=child, school=cast.primary, began_on=date(2026, 9, 1))
        owe(child, f"n{number}", TODAY - timedelta(days=number), f.UserFactory(), unit="school")
    assert asks() == few <= MOST


# --- giving to somebody else ---------------------------------------------------------------------------------------------


def give(client, rows, to, day=(7, 10, 2026), step="give", **extra):
    sent = {"row": [row.pk for row in rows], "to": to, "step": step}
    return client.post("/overdue/reassign/", sent | {f"began_on_{n}": part for n, part in enumerate(day)} | extra)


@pytest.fixture
def newcomer(cast):
    user = f.UserFactory(name="Ms W. Newcomer")
    f.MembershipFactory(user=user, organisation=cast.team, role="social_worker")
    return user


def test_giving_names_the_children_and_who_has_them_before_it_is_done(cast, rows, newcomer, client_as):
    client = client_as(cast.caseworker)
    asked = client.post("/overdue/reassign/", {"row": [rows["late"].pk, rows["soon"].pk]}).content.decode()
    assert "Give 2 children to somebody else" in asked and "Ms W. Newcomer" in asked and "Mr B. Vance" not in asked
    to = f"social_worker:{newcomer.pk}"
    page = give(client, [rows["late"], rows["soon"]], to, step="check").content.decode()
    assert "Amara Okafor" in page and "now Mr P. Doyle" in page and "Wednesday 7 October 2026" in page
    assert not Allocation.objects.filter(user=newcomer).exists()


def test_giving_changes_all_and_passes_on_what_hangs_on_it(cast, newcomer, client_as, acting):
    from peps.actions import open_pep

    children = [cast.children[key] for key in ("amara", "jonah")]
    for child in children:
        episode = child.care_episodes.get()
        open_pep(child=child, episode=episode, kind="first", cause=f"first:{episode.pk}", trigger_on=episode.began_on,
                 by=acting(cast.data_officer))  # fmt: skip
    rows = [owe(child, f"own:{child.pk}", TODAY, cast.social_worker) for child in children]
    response = give(client_as(cast.vs_head), rows, f"social_worker:{newcomer.pk}", day=(6, 10, 2026))
    assert response.status_code == 302 and response["Location"] == "/overdue/"
    for child in children:
        assert Allocation.objects.get(child=child, user=newcomer).began_on == TODAY
        assert Allocation.objects.get(child=child, user=cast.social_worker).ended_on == TODAY
        assert Event.objects.filter(verb="allocate social worker", child_id=child.pk, actor_id=cast.vs_head.pk).exists()
    page = client_as(cast.vs_head).get("/overdue/").content.decode()
    assert "Mr P. Doyle" not in page


def test_all_or_nobody(cast, rows, newcomer, client_as):
    """One child’s worker changed only yesterday, so that nobody can take over from a day before: the others keep theirs too."""
    Allocation.objects.filter(child=cast.children["jonah"]).update(began_on=date(2026, 10, 8))
    response = give(client_as(cast.vs_head), [rows["late"], rows["soon"]], f"social_worker:{newcomer.pk}")
    page = response.content.decode()
    assert response.status_code == 200 and "Nothing has changed. Jonah Tell" in page
    assert not Allocation.objects.filter(user=newcomer).exists()
    assert Allocation.objects.get(child=cast.children["amara"], part="social_worker").ended_on is None


def test_sent_twice_it_is_done_once(cast, rows, newcomer, client_as):
    client, once = client_as(cast.vs_head), "6a1c2f6e-7a52-4a38-9f18-3f5a7a3a5a11"
    for _ in range(2):
        response = give(client, [rows["late"]], f"social_worker:{newcomer.pk}", _once=once)
        assert response.status_code == 302
    assert Allocation.objects.filter(child=cast.children["amara"], user=newcomer).count() == 1
    again = give(client, [rows["late"]], f"social_worker:{newcomer.pk}")
    assert again.status_code == 302 and Allocation.objects.filter(user=newcomer).count() == 1


def test_forged_rows_people_and_days_do_nothing(cast, rows, newcomer, client_as):
    client = client_as(cast.vs_head)
    eastern = rows["eastvale"]
    assert give(client, [eastern], f"social_worker:{newcomer.pk}").status_code == 302
    both = give(client, [eastern, rows["late"]], f"social_worker:{newcomer.pk}", step="check").content.decode()
    assert "Ben Ashby" not in both and "Amara Okafor" in both
    for to in (f"social_worker:{cast.other_social_worker.pk}", f"iro:{newcomer.pk}", "x", ""):
        assert give(client, [rows["late"]], to).status_code == 200
    assert give(client, [rows["late"]], f"social_worker:{newcomer.pk}", day=(1, 1, 2035)).status_code == 200
    assert (
        client.post("/overdue/reassign/", {"row": ["x", "\x00", str(newcomer.pk)], "step": "give"}).status_code == 302
    )
    assert not Allocation.objects.filter(user__in=[newcomer.pk]).exists()
    assert not Allocation.objects.filter(child=cast.children["ben"], began_on=date(2026, 10, 7)).exists()


def test_a_caseworker_may_be_given_where_there_was_none(cast, rows, client_as):
    response = give(client_as(cast.vs_deputy), [rows["late"]], f"virtual_school_caseworker:{cast.caseworker.pk}")
    assert response.status_code == 302
    assert (
        Allocation.objects.get(child=cast.children["amara"], part="virtual_school_caseworker").user == cast.caseworker
    )


# --- reminding -----------------------------------------------------------------------------------------------------------


def test_reminding_says_first_whom_it_reaches(cast, rows, client_as):
    """What nobody holds goes to the virtual school’s three; another authority’s row is as if it had not been ticked."""
    client = client_as(cast.caseworker)
    page = client.post(
        "/overdue/remind/", {"row": [rows["late"].pk, rows["soon"].pk, rows["later"].pk, rows["eastvale"].pk]}
    )
    words = page.content.decode()
    assert "Remind 2 people about 3 things?" in words and "Ms R. Khan" in words and "Eastvale" not in words
    Allocation.objects.filter(child=rows["nobodys"].child).update(ended_on=TODAY)
    words = client.post("/overdue/remind/", {"row": [rows[key].pk for key in rows]}).content.decode()
    assert "Remind 5 people about 4 things?" in words and "Dr S. Marlow" in words
    assert not Notice.objects.exists() and not Chase.objects.exists()
    assert client.post("/overdue/remind/", {}).status_code == 302
    assert client.get("/overdue/remind/").status_code == 302


def remind(client, rows, **extra):
    return client.post("/overdue/remind/", {"row": [row.pk for row in rows], "step": "send"} | extra, follow=True)


def test_a_reminder_goes_to_each_holder_and_the_board_says_when(cast, rows, client_as):
    client = client_as(cast.caseworker)
    page = remind(
        client, [rows["late"], rows["soon"], rows["later"], rows["eastvale"]], words="Can I help?"
    ).content.decode()
    assert "2 people are reminded about 3 things." in page
    assert "Reminded by hand Tue 6 Oct: Mr P. Doyle" in page
    assert set(Notice.objects.values_list("person__name", flat=True)) == {"Mr P. Doyle", "Ms R. Khan"}
    for notice in Notice.objects.all():
        assert not re.search(
            "amara|okafor|jonah|tell|hollin|northgate|can i help", (notice.subject + notice.text + notice.html).lower()
        )
    assert not Chase.objects.filter(child_id=rows["eastvale"].child_id).exists()
    again = remind(client_as(cast.vs_head), [rows["late"], rows["nobodys"]]).content.decode()
    assert "1 thing had been reminded of today already" in again
    assert Notice.objects.filter(person=cast.social_worker, child_id=rows["late"].child_id).count() == 1
    only = client.post("/overdue/remind/", {"row": [rows["late"].pk]}).content.decode()
    assert "Nobody is reminded" in only and "Send the reminders" not in only


def test_a_reminder_sent_twice_goes_once(cast, rows, client_as):
    client, once = client_as(cast.vs_head), "6a1c2f6e-7a52-4a38-9f18-3f5a7a3a5a12"
    for _ in range(2):
        remind(client, [rows["late"]], _once=once)
    assert Notice.objects.count() == 1 and Chase.objects.count() == 1


def test_what_was_met_in_the_meantime_is_left_out(cast, rows, client_as):
    rows["late"].met_on = TODAY
    rows["late"].save()
    page = remind(client_as(cast.vs_head), [rows["late"]]).content.decode()
    assert "Tick at least one row first" in page and not Notice.objects.exists()
