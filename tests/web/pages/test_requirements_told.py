"""Guidance where it is needed, who hears that a plan is open, and where the finished plan is put."""

from __future__ import annotations

import html

import pytest

from pepportal.access.roles import ROLES
from pepportal.accounts.models import Authority
from pepportal.notify.models import Notice
from peps.actions import open_pep
from peps.queries import document_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(cast, acting):
    def open_(profile: str = "default"):
        Authority.objects.filter(pk=cast.westmere.pk).update(profile_name=profile)
        child, episode = cast.children["amara"], cast.episodes["amara"]
        child.authority.refresh_from_db()
        return open_pep(
            child=child, episode=episode, kind="first", cause=f"first:{episode.pk}", trigger_on=episode.began_on,
            by=acting(cast.data_officer),
        )  # fmt: skip

    return open_


def test_every_role_is_explained_in_a_sentence(cast, client_as):
    """R79"""
    page = html.unescape(client_as(cast.carer).get("/roles/").content.decode())
    for role, about in ROLES.items():
        assert about.sentence in page, role


def test_a_section_says_what_is_wanted_in_it(cast, client_as, opened):
    """R79"""
    pep = opened()
    section = document_of(pep).section("home_views")
    page = client_as(cast.carer).get(f"/peps/{pep.pk}/sections/home_views/").content.decode()
    assert section.guidance and section.guidance in html.unescape(page)


def test_those_whom_the_council_names_hear_that_a_plan_is_open(cast, opened):
    """R30: with a link to what is theirs: the plan, or for the carer their own section."""
    pep = opened("kent-2017")
    notices = Notice.objects.filter(kind="pep_opened")
    assert {notice.person for notice in notices} == {
        cast.designated_teacher, cast.carer, cast.vs_head, cast.vs_deputy, cast.caseworker,
    }  # fmt: skip
    assert notices.get(person=cast.carer).link == f"/peps/{pep.pk}/sections/home_views/"
    assert notices.get(person=cast.designated_teacher).link == f"/peps/{pep.pk}/"
    for notice in notices:
        assert "Amara" not in notice.subject + notice.text + notice.html
