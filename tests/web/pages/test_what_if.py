"""What if: every council's answer to the same facts, the reader's own first; a form whose address can be shared."""

from __future__ import annotations

import re
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pepportal.audit.models import Event, Kind
from pepportal.profiles.models import ProfileVersion
from pepportal.profiles.reading import PUBLISHED_NAMES
from peps.actions import open_pep
from tests.cast import Cast

ASKED = {
    "kind": "first_pep",
    "day_0": "13",
    "day_1": "10",
    "day_2": "2025",
    "placement": "planned",
    "change": "school_change",
}


def rows_of(page: str) -> list[list[str]]:
    """The table's cells as text, row by row."""
    table = re.search(r'<tbody class="govuk-table__body">(.*?)</tbody>', page, re.S)
    found = []
    for row in re.findall(r"<tr.*?</tr>", table.group(1) if table else "", re.S):
        cells = re.findall(r'<span class="pp-table__value">(.*?)</span>\s*</t[hd]>', row, re.S)
        found.append([re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip() for cell in cells])
    return found


def ask(client, cast: Cast, path="/what-if/", **changed):
    response = client.get(path, ASKED | {"school": str(cast.primary.pk)} | changed)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def client(cast, client_as):
    return client_as(cast.caseworker)


def test_every_profile_answers_and_the_own_comes_first(cast, client):
    rows = rows_of(ask(client, cast))
    assert "Your council’s rules" in rows[0][0] and rows[0][1:4] == [
        "Meeting held",
        "Monday 10 November 2025",
        "20 working days",
    ]
    titles = {row[0].partition(" Version")[0].replace(" Your council’s rules.", "") for row in rows}
    assert len(titles) == len(PUBLISHED_NAMES)
    assert sum("Your council’s rules" in row[0] for row in rows) == 1
    kent = next(row for row in rows if "Kent" in row[0])
    # 20 school days at a school that closes from Monday 27 to Friday 31 October and trains its staff on Monday 3 November.
    assert kent[2:4] == ["Tuesday 18 November 2025", "20 school days"]
    assert "days were skipped" in kent[4] and "half term" in kent[4]


@pytest.mark.parametrize("name", ["kent-2017", "enfield", "bolton-2021"])
def test_the_own_councils_profile_is_first_whatever_it_is(name, cast, client):
    cast.westmere.profile_name = name
    cast.westmere.save()
    rows = rows_of(ask(client, cast))
    title = ProfileVersion.objects.filter(name=name).first().title
    assert rows[0][0].startswith(title) and "Your council’s rules" in rows[0][0]


def test_another_councils_own_version_is_nobody_elses_business(cast, client):
    shipped = ProfileVersion.objects.filter(name="kent-2017").latest("version")
    ProfileVersion.objects.create(
        authority=cast.eastvale, name="kent-2017", version=99, title="Eastvale’s own zq rules", effective_from=date(2020, 1, 1),
        document=shipped.document, digest=shipped.digest, loaded_at=shipped.loaded_at,
    )  # fmt: skip
    assert "Eastvale’s own zq rules" not in ask(client, cast)


def test_the_facts_decide(cast, client):
    def due(**changed) -> str:
        return rows_of(ask(client, cast, **changed))[0][2]

    assert due(placement="unplanned") == "Monday 27 October 2025"
    assert due(day_0="14") == "Tuesday 11 November 2025"
    kent = next(row for row in rows_of(ask(client, cast, school="none")) if "Kent" in row[0])
    assert "school days" not in kent[3]
    pattern = f"pattern:{cast.westmere.pk}"
    assert (
        next(row for row in rows_of(ask(client, cast, school=pattern)) if "Kent" in row[0])[2]
        == "Tuesday 18 November 2025"
    )


@pytest.mark.parametrize("kind", ["review", "completion", "extra_pep", "preparation", "opening"])
def test_every_kind_has_an_answer_from_every_profile(kind, cast, client):
    for school in (str(cast.primary.pk), "none"):
        page = ask(client, cast, kind=kind, day_0="19", day_1="11", year_group="6", school=school)
        rows = rows_of(page)
        assert len(rows) >= len(PUBLISHED_NAMES), page
        assert all(row[2] for row in rows)
    if kind == "completion":
        assert rows_of(ask(client, cast, kind=kind, day_0="19", day_1="11"))[0][2] == "Wednesday 3 December 2025"


def test_a_change_that_calls_no_plan_says_so(cast, client):
    rows = rows_of(ask(client, cast, kind="extra_pep", change="transition"))
    assert any("No extra plan is called by a transition" in row[2] for row in rows)


def test_past_what_is_published_the_answer_is_provisional(cast, client):
    rows = rows_of(ask(client, cast, day_0="1", day_1="7", day_2="2028"))
    kent = next(row for row in rows if "Kent" in row[0])
    assert "Provisional" in kent[5] and "Something was assumed" in kent[5]


def test_one_councils_days_open_below(cast, client):
    page = ask(client, cast)
    href = re.search(r'href="(\?[^"]*open=[^"]*)#days"', page).group(1).replace("&amp;", "&")
    opened = client.get(f"/what-if/{href}").content.decode()
    assert '<table class="pp-calendar">' in opened and "Came into care" in opened and 'id="days"' in opened
    assert '<table class="pp-calendar">' not in page
    assert '<table class="pp-calendar">' not in ask(client, cast, open="nonsense")


def test_mistakes_stand_beside_their_fields(cast, client):
    for changed, words in (
        ({"day_0": "31", "day_1": "2"}, "The day must be a real date"),
        ({"day_2": "2099"}, "The day must be between 2010 and three years from now"),
        ({"school": "x"}, "Select one of the answers given"),
        ({"year_group": "99"}, "Year group must be 14 or less"),
        ({"kind": "x"}, "Select one of the answers given"),
    ):
        page = ask(client, cast, **changed)
        assert "There is a problem" in page and words in page and not rows_of(page), words


def test_the_general_page_names_no_child(cast, client_as):
    """Not even a teacher’s only one; it starts with the teacher’s own school."""
    page = client_as(cast.designated_teacher).get("/what-if/").content.decode()
    assert "It is about nobody" in page and "Amara" not in page
    assert re.search(rf'<option value="{cast.primary.pk}"\s+selected>', page)
    assert not Event.objects.filter(kind=Kind.SAW).exists()
    assert client_as(cast.carer).get("/what-if/").status_code == 403
    assert client_as(cast.finance).get("/what-if/").status_code == 403


def test_a_childs_page_starts_from_its_facts(cast, client_as, acting):
    jonah = cast.children["jonah"]  # unplanned, at Northgate High, since Monday 5 October 2026
    client = client_as(cast.social_worker)
    page = client.get(f"/children/{jonah.pk}/what-if/").content.decode()
    rows = rows_of(page)
    assert rows[0][2] == "Monday 19 October 2026" and "Jonah" in page
    assert Event.objects.filter(kind=Kind.SAW, verb="what if", child_id=jonah.pk).count() == 1
    assert client_as(cast.other_social_worker).get(f"/children/{jonah.pk}/what-if/").status_code == 404
    episode = cast.episodes["jonah"]
    open_pep(
        child=jonah,
        episode=episode,
        kind="first",
        cause=f"first:{episode.pk}",
        trigger_on=episode.began_on,
        by=acting(cast.vs_head),
    )
    assert "Counted from" in client.get(f"/children/{jonah.pk}/what-if/", {"kind": "completion"}).content.decode()
    # A child of Eastvale, looked at by a teacher of two councils' children: Eastvale's rules stand first.
    call_command("load_profile", "--all", verbosity=0, stdout=StringIO())
    cast.eastvale.profile_name = "enfield"
    cast.eastvale.save()
    ben = client_as(cast.designated_teacher).get(f"/children/{cast.children['ben'].pk}/what-if/").content.decode()
    assert "nfield" in rows_of(ben)[0][0]


def test_few_queries(cast, client):
    path = f"/children/{cast.children['amara'].pk}/what-if/"
    client.get(path)
    with CaptureQueriesContext(connection) as caught:
        client.get(path)
    assert len([each for each in caught.captured_queries if "SAVEPOINT" not in each["sql"]]) <= 15
