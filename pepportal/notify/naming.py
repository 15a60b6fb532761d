"""Whose child a message is about, asked of the room that knows.

A notice's words for the screen name the child, and stay when the child isn't the reader's any more: then they aren't shown. Who sees
which child is decided above this room (children.policies), which lends its answer here when the portal starts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

from pepportal.access.actor import Actor
from pepportal.notify.models import Notice

Seen = Callable[[Actor, Collection[UUID]], set[UUID]]
_asked: list[Seen] = []


def ask(seen: Seen) -> None:
    """``seen`` answers which of some children a person may find today."""
    _asked[:] = [seen]


def still_named(notices: Collection[Notice], actor: Actor) -> set[UUID]:
    """The notices that may name their child to ``actor`` today. One query, none where no notice is about a child."""
    about = {notice.child_id for notice in notices if notice.child_id}
    theirs = _asked[0](actor, about) if about else set()
    return {notice.pk for notice in notices if notice.child_id is None or notice.child_id in theirs}
