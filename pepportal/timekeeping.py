"""The product's one clock.

Views, tasks and commands ask it and pass the answer on; rules, actions and queries are given the day or the moment.
``PORTAL_NOW`` (an ISO moment, tests and rehearsals only) stops it at that moment.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """The present moment, aware."""
    fixed: datetime | None = settings.PORTAL_NOW
    return fixed if fixed is not None else timezone.now()


def today() -> date:
    """The present day in England."""
    return now().astimezone(LONDON).date()


def london_date(moment: datetime) -> date:
    """The day in England at ``moment``."""
    return moment.astimezone(LONDON).date()
