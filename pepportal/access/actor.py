"""The person behind a request, with what they hold today: loaded once a request, handed on as ``by``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pepportal.access.roles import AUTHORITY_WIDE, Role, title
from pepportal.accounts.models import Membership, User
from pepportal.audit.acting import LONDON, Acting


@dataclass(frozen=True)
class Held:
    """One membership as it stands today."""

    role: Role
    organisation_id: UUID
    organisation_name: str
    authority_id: UUID | None
    authority_name: str


@dataclass(frozen=True, kw_only=True)
class Actor(Acting):
    """A signed-in person and the roles their memberships give them today. Roles that come from facts about one child
    (allocated social worker, current carer, the child) are asked in children.policies."""

    user: User
    held: tuple[Held, ...]

    @property
    def id(self) -> UUID:
        return self.user.pk

    def holds(self, *roles: Role) -> bool:
        return any(h.role in roles for h in self.held)

    def organisations(self, *roles: Role) -> list[UUID]:
        return [h.organisation_id for h in self.held if h.role in roles]

    def authorities_as(self, role: Role) -> list[UUID]:
        return [h.authority_id for h in self.held if h.role == role and h.authority_id]

    @property
    def whole_authorities(self) -> list[UUID]:
        """Authorities all of whose children this person works for."""
        return [h.authority_id for h in self.held if h.role in AUTHORITY_WIDE and h.authority_id]

    @property
    def role_words(self) -> str:
        return ", ".join(dict.fromkeys(title(h.role) for h in self.held)) or self.user.job_title

    @property
    def organisation_words(self) -> str:
        return ", ".join(dict.fromkeys(h.organisation_name for h in self.held))

    @property
    def authority_name(self) -> str:
        return next((h.authority_name for h in self.held if h.authority_name), "")


def actor_for(user: User, at: datetime, request_id: str = "") -> Actor:
    """``user`` as they stand at ``at``: one query."""
    day = at.astimezone(LONDON).date()
    held = tuple(
        Held(Role(m.role), m.organisation_id, m.organisation.name, m.organisation.authority_id,
             m.organisation.authority.name if m.organisation.authority else "")
        for m in Membership.objects.current(day).filter(user=user).select_related("organisation__authority").order_by("began_on", "id")
    )  # fmt: skip
    return Actor(user_id=user.pk, label=user.name, at=at, request_id=request_id, user=user, held=held)
