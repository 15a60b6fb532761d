"""Who leads the meeting, where nobody says otherwise."""

from __future__ import annotations

import pytest

from children.queries import team_of
from meetings.policy import meeting_policy
from meetings.queries import chair_by_default
from pepportal.profiles.reading import PUBLISHED_NAMES, read_published
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


def test_the_teacher_leads_by_default(cast, pep):
    """R41"""
    assert chair_by_default(pep, team_of(pep.child, TODAY)) == "Ms R. Khan"


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
def test_each_council_says_who_leads(name):
    assert meeting_policy(read_published(name).table("responsibilities")).chairs == "designated_teacher"
