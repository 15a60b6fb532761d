"""A form's key is its own: the same person, the same form. And no sent text makes the server think for long."""

from __future__ import annotations

import uuid

import pytest

from pepportal.jobs.models import OnceKey
from peps.section_forms import BASED_ON, shown_revisions

pytestmark = pytest.mark.django_db


def test_another_persons_use_of_a_key_and_another_forms_use_are_not_repeats(cast, client_as):
    once = str(uuid.uuid4())
    child = cast.children["amara"]
    first, second = f"/children/{child.pk}/care-review/", f"/children/{cast.children['jonah'].pk}/care-review/"
    day = {"on_0": "20", "on_1": "11", "on_2": "2026", "_once": once}
    for who, path in ((cast.caseworker, first), (cast.vs_head, first), (cast.caseworker, second)):
        assert client_as(who).post(path, day).status_code in (200, 302)
    assert not OnceKey.objects.filter(key=once).exists()
    kept = OnceKey.objects.count()
    assert client_as(cast.caseworker).post(second, day).status_code in (200, 302)
    assert OnceKey.objects.count() == kept


def test_a_megabyte_of_nonsense_costs_nothing():
    assert shown_revisions({BASED_ON: "x" * 1_000_000}) == {}
    assert shown_revisions({BASED_ON: "health:3 legal_status:12 bad: :4 a:٣"}) == {"health": 3, "legal_status": 12}
