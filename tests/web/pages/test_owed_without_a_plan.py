"""What is owed that hangs on no plan leads to the form on which it is done, for those who may use that form."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from pepportal.audit.acting import the_portal
from pepportal.clock.actions import sync_child
from peps.actions import open_pep
from tests.cast import NOW


@pytest.fixture
def amara(cast, acting):
    """Her social worker has moved on and nobody has followed; her first plan is open."""
    child, episode = cast.children["amara"], cast.episodes["amara"]
    open_pep(
        child=child, episode=episode, kind="first", cause=f"first:{episode.pk}", trigger_on=episode.began_on,
        by=acting(cast.data_officer),
    )  # fmt: skip
    allocation = child.allocations.get(part="social_worker")
    allocation.ended_on = date(2026, 10, 6)
    allocation.save()
    sync_child(child.pk, by=the_portal(NOW))
    return child


def test_the_virtual_school_is_led_to_the_team_of_a_child_without_a_social_worker(cast, amara, client_as):
    form = reverse("children:allocate", args=[amara.pk])
    home = client_as(cast.caseworker).get("/").content.decode()
    assert "Allocate a social worker: Amara Okafor" in home and f'href="{form}"' in home
    assert client_as(cast.caseworker).get(form).status_code == 200
    page = client_as(cast.caseworker).get(reverse("pages:child", args=[amara.pk])).content.decode()
    assert f'<a class="govuk-link" href="{form}">Allocate a social worker</a>' in page


def test_the_school_sees_that_it_is_owed_and_no_form(cast, amara, client_as):
    form = reverse("children:allocate", args=[amara.pk])
    page = client_as(cast.designated_teacher).get(reverse("pages:child", args=[amara.pk])).content.decode()
    assert "Allocate a social worker" in page and form not in page
