from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import AppConfig

if TYPE_CHECKING:
    from pepportal.access.actor import Actor


def _found_by(actor: "Actor", children: Collection[UUID]) -> set[UUID]:
    from children.policies import visible_to

    return set(visible_to(actor).filter(pk__in=children).values_list("pk", flat=True))


class ChildrenConfig(AppConfig):
    name = "children"

    def ready(self) -> None:
        from pepportal.notify import naming

        naming.ask(_found_by)
