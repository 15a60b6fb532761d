from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from pepportal.accounts.models import Absence
from pepportal.audit.acting import the_portal
from pepportal.notify.actions import Message, owe
from pepportal.notify.models import Notice
from tests import cast as stage
from tests import factories as f
from tests.cast import TODAY

_numbers = itertools.count()


def words(subject: str = "Your part of a plan is due", *, urgent: bool = False, due_on: date | None = None, kind: str = "part_due",
          screen: str = "Amara’s plan needs your part") -> Message:  # fmt: skip
    return Message(kind, subject, ("One line about it.",), "/meetings/", "See it", screen, urgent=urgent, due_on=due_on)


@pytest.fixture
def tell() -> Callable[..., Notice]:
    """``tell(cast.social_worker, "subject", …)``: owes one message, each about something else."""

    def owed(
        to,
        subject: str = "Your part of a plan is due",
        *,
        about: str = "",
        at: datetime = stage.NOW,
        child=None,
        **more,
    ) -> Notice:
        notice = owe(words(subject, **more), to=to, about=about or f"thing:{next(_numbers)}", by=the_portal(at),
                     child_id=child.pk if child else None)  # fmt: skip
        assert notice is not None
        return notice

    return owed


@pytest.fixture
def colleague(cast):
    """Mx Q. Nobody joins the social worker's team."""
    f.MembershipFactory(user=cast.nobody, organisation=cast.team, role="social_worker")
    return cast.nobody


@pytest.fixture
def away(cast, colleague) -> Absence:
    """Mr Doyle is away from today until Friday, and Mx Nobody covers."""
    return Absence.objects.create(
        user=cast.social_worker, cover=colleague, began_on=TODAY, ended_on=TODAY + timedelta(days=4)
    )
