from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import AppConfig

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from pepportal.access.actor import Actor


def _found_by(actor: "Actor", children: Collection[UUID]) -> set[UUID]:
    from children.policies import visible_to

    return set(visible_to(actor).filter(pk__in=children).values_list("pk", flat=True))


def _looked_after_by(authorities: Collection[UUID]) -> "QuerySet[Any]":
    from children.models import Child

    return Child.objects.filter(authority__in=authorities).values("pk")


class ChildrenConfig(AppConfig):
    name = "children"

    def ready(self) -> None:
        from pepportal.notify import naming

        naming.ask(_found_by, _looked_after_by)
