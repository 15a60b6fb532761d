"""Who acts, and when: handed to every action and every look as ``by``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, kw_only=True)
class Acting:
    """A person, or the portal itself (``user_id`` None), at a moment."""

    user_id: UUID | None
    label: str
    at: datetime
    request_id: str = ""

    @property
    def today(self) -> date:
        return self.at.astimezone(LONDON).date()


def the_portal(at: datetime) -> Acting:
    """The portal acting by itself: nightly sweeps, deliveries."""
    return Acting(user_id=None, label="The portal", at=at)
