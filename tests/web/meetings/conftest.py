from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from meetings import actions
from meetings.ics import LONDON
from peps.actions import open_pep

DAY = date(2026, 10, 20)


@pytest.fixture
def pep(cast, acting):
    """Amara's first plan, opened by the data officer on the stage's day."""
    return open_first(cast, "amara", acting(cast.data_officer))


def open_first(cast, key: str, by):
    episode = cast.episodes[key]
    return open_pep(
        child=cast.children[key], episode=episode, kind="first", cause=f"first:{episode.pk}", trigger_on=episode.began_on, by=by
    )  # fmt: skip


@pytest.fixture
def meeting(cast, acting, pep):
    """Arranged by the designated teacher for Tuesday 20 October, 2pm."""
    return actions.schedule(
        pep, starts_at=at(DAY), place="Room 4 at Hollin Lane", chair="Ms R. Khan", by=acting(cast.designated_teacher)
    )


def at(day: date, hour: int = 14) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=LONDON)


def day_fields(day: date, name: str = "day") -> dict[str, str]:
    return {f"{name}_0": str(day.day), f"{name}_1": str(day.month), f"{name}_2": str(day.year)}


def arranging(day: date = DAY, **more: Any) -> dict[str, Any]:
    return day_fields(day) | {"at": "2pm", "minutes": "60", "place": "Room 4", "chair": "Ms R. Khan"} | more


def errors(response) -> str:
    """The words of the error summary."""
    text = response.content.decode()
    return (
        text.split("govuk-error-summary__list", 1)[1].split("</ul>", 1)[0]
        if "govuk-error-summary__list" in text
        else ""
    )


@pytest.fixture
def mailbox(settings):
    """Messages are delivered into the demonstration's mailbox instead of Django's own outbox for tests."""
    settings.EMAIL_BACKEND = "pepportal.notify.mailbox.MailboxBackend"
