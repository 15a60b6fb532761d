"""Marking a section complete on the task list's own button: whose it is, what is left, and who is asked to sign next."""

from __future__ import annotations

import pytest
from django.urls import reverse

from pepportal.notify.models import Notice
from peps.actions import open_pep
from peps.queries import document_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def pep(cast, acting):
    child, episode = cast.children["amara"], cast.episodes["amara"]
    return open_pep(
        child=child, episode=episode, kind="first", cause=f"first:{episode.pk}", trigger_on=episode.began_on,
        by=acting(cast.data_officer),
    )  # fmt: skip


def complete(client, pep, key: str):
    return client.post(reverse("pages:complete-section", args=[pep.pk, key]), follow=True)


def test_only_its_owner_or_whom_the_council_names_marks_a_section_complete(cast, client_as, pep):
    """R25"""
    for who in (cast.iro, cast.head_teacher, cast.team_manager, cast.caseworker, cast.carer, cast.finance):
        assert complete(client_as(who), pep, "school_attendance").status_code == 403, who
    assert complete(client_as(cast.other_teacher), pep, "school_attendance").status_code == 404
    assert not pep.sections.filter(complete=True).exists()
    assert complete(client_as(cast.carer), pep, "home_views").status_code == 200
    assert pep.sections.get(key="home_views").completed_by == cast.carer


def test_what_is_left_is_said_and_nothing_is_marked(cast, client_as, pep):
    """R25"""
    said = complete(client_as(cast.designated_teacher), pep, "school_attendance").content.decode()
    assert "marked complete yet" in said
    panel = complete(client_as(cast.designated_teacher), pep, "targets").content.decode()
    assert "targets are needed" in panel or "target is needed" in panel
    assert not pep.sections.filter(complete=True).exists()
    assert not Notice.objects.filter(kind="please_sign").exists()


def test_a_section_that_is_not_there(cast, client_as, pep):
    assert complete(client_as(cast.designated_teacher), pep, "appendix").status_code == 404
    assert "appendix" not in {section.key for section in document_of(pep).sections}
