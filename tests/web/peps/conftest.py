from __future__ import annotations

import html
import re
import uuid

import pytest

from peps import actions
from peps.models import PepKind


def section_url(pep, key: str, more: str = "") -> str:
    return f"/peps/{pep.pk}/sections/{key}/{more}"


def based_on(response) -> str:
    """What the page's form says it showed."""
    return html.unescape(re.search(r'name="_based_on" value="([^"]*)"', response.content.decode())[1])


class Page:
    """A section as one person has it open: read once, posted later with what it showed."""

    def __init__(self, client, pep, key: str, more: str = ""):
        self.client, self.url = client, section_url(pep, key) + more
        response = client.get(self.url)
        assert response.status_code == 200, response.status_code
        self.based_on, self.text = based_on(response), html.unescape(response.content.decode())

    def post(self, _step: str = "stay", **typed):
        return self.client.post(
            self.url, {"_once": str(uuid.uuid4()), "_based_on": self.based_on, "_next_step": _step, **typed}
        )


@pytest.fixture
def open_for(cast, acting):
    """``open_for("amara")``: the child's first plan."""

    def open_(key: str):
        episode = cast.episodes[key]
        return actions.open_pep(
            child=cast.children[key], episode=episode, kind=PepKind.FIRST, cause=f"first:{episode.pk}",
            trigger_on=episode.began_on, by=acting(cast.data_officer),
        )  # fmt: skip

    return open_


@pytest.fixture
def pep(open_for):
    return open_for("amara")
