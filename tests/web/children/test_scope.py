"""A child whom the council's rules leave out gets no plan at entry, and the pages say why and from when (R17)."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from children.models import CareEpisode, Child
from pepportal.pages.scope import explain
from peps.deadlines.scope import Scope
from peps.models import Pep
from tests.web.children.test_pages import entry_data, page, three

pytestmark = pytest.mark.django_db
AGES = Scope("age", "end_of_year_group", from_age=3, only_in_provision_before_school_age=True, until_year_group=13)
SCHOOL_AGE = Scope("statutory_school_age", "statutory_school_age")
TODAY = date(2026, 10, 5)


@pytest.mark.parametrize(
    ("scope", "born", "in_provision", "short_breaks", "said"),
    [
        (AGES, date(2017, 3, 9), True, False, ""),
        (AGES, date(2024, 3, 9), True, False, "Not yet 3. The portal opens the first plan by itself on Tuesday 9 March 2027."),
        (AGES, date(2023, 3, 9), False, False, "on Friday 31 March 2028, or sooner when a nursery"),
        (AGES, date(2017, 3, 9), True, True, "A short break only"),
        (AGES, date(2008, 3, 9), True, False, "Past the end of Year 13. No plan is opened."),
        (SCHOOL_AGE, date(2022, 3, 9), True, False, "on Wednesday 31 March 2027."),
        (SCHOOL_AGE, date(2009, 3, 9), True, False, "Over statutory school age. No plan is opened."),
    ],
)  # fmt: skip
def test_why_no_plan_in_words(scope, born, in_provision, short_breaks, said):
    found = explain(scope, born=born, day=TODAY, in_provision=in_provision, short_breaks=short_breaks)
    assert said in found and bool(said) == bool(found)


def record(cast, client_as, **given):
    return client_as(cast.data_officer).post("/children/new/", entry_data(cast, **given), follow=True)


def test_short_breaks_open_no_plan_and_it_is_said(cast, client_as):
    """R17"""
    text = page(record(cast, client_as, short_breaks="on"))
    child = Child.objects.get(family_name="Quill")
    assert CareEpisode.objects.get(child=child).short_breaks is True
    assert not Pep.objects.filter(child=child).exists()
    assert "No plan is opened now. A short break only" in text
    assert ">Plans<" not in text, "no heading over nothing"
    assert "No plan is due" in text and "Looked after only during short breaks" in text


def test_a_child_below_the_councils_age_gets_the_first_plan_later(cast, client_as):
    text = page(record(cast, client_as, **three("date_of_birth", date(2024, 3, 9)), school="none"))
    assert not Pep.objects.exists()
    assert text.count("Not yet 3. The portal opens the first plan by itself on") == 2, "in the message and on the page"


def test_a_child_in_scope_gets_the_first_plan_at_once(cast, client_as):
    text = page(record(cast, client_as))
    assert Pep.objects.filter(child__family_name="Quill", kind="first").count() == 1
    assert "No plan is due" not in text


def test_a_school_that_nobody_leads_at_is_asked_about_without_a_plan_too(cast, client_as):
    from tests import factories as f

    lonely = f.SchoolFactory(organisation__name="Lonely Lane School")
    text = page(record(cast, client_as, short_breaks="on", school=str(lonely.pk)))
    assert "Lonely Lane School has no designated teacher in the portal" in text


def test_short_breaks_are_put_right_with_the_entry(cast, client_as):
    record(cast, client_as, short_breaks="on")
    child = Child.objects.get(family_name="Quill")
    url = reverse("pages:correct-entry", args=[child.pk])
    client = client_as(cast.data_officer)
    assert "checked" in page(client.get(url)).split('name="short_breaks"')[1].split(">")[0]
    day = child.care_episodes.get().began_on
    client.post(url, {**three("began_on", day), "planned": "no", "legal_status": "section_20", "reason": "It is more"})
    episode = child.care_episodes.get()
    assert episode.short_breaks is False and episode.history.count() == 2
