"""Whose child a message is about, asked of the room that knows.

A notice's words for the screen name the child, and stay when the child isn't the reader's any more: then they aren't shown. Who sees
which child is decided above this room (children.policies), which lends its answer here when the portal starts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from pepportal.access.actor import Actor
from pepportal.notify.models import Notice

Seen = Callable[[Actor, Collection[UUID]], set[UUID]]
LookedAfterBy = Callable[[Collection[UUID]], QuerySet[Any]]
_asked: list[Seen] = []
_of_authorities: list[LookedAfterBy] = []


def ask(seen: Seen, looked_after_by: LookedAfterBy) -> None:
    """``seen`` answers which of some children a person may find today, ``looked_after_by`` the ids of some authorities' children."""
    _asked[:] = [seen]
    _of_authorities[:] = [looked_after_by]


def children_of(authorities: Collection[UUID]) -> QuerySet[Any]:
    """The ids of the children of some authorities, as a subquery for ``child_id__in``."""
    return _of_authorities[0](authorities)


def still_named(notices: Collection[Notice], actor: Actor) -> set[UUID]:
    """The notices that may name their child to ``actor`` today. One query, none where no notice is about a child."""
    about = {notice.child_id for notice in notices if notice.child_id}
    theirs = _asked[0](actor, about) if about else set()
    return {notice.pk for notice in notices if notice.child_id is None or notice.child_id in theirs}
