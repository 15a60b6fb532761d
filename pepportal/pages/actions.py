"""Deeds that span rooms, each made of the rooms' own actions in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from children.actions import FactsConflict, allocate
from children.models import Allocation, Child, Part
from pepportal.accounts.models import User, holds_on
from pepportal.audit.acting import Acting
from pepportal.clock.actions import sync_children


def give_to(*, children: Iterable[Child], part: Part, user: User, began_on: date, by: Acting) -> list[Child]:
    """``user`` takes ``part`` in the team of each of these children from ``began_on``, or of none of them; what hangs on the
    part passes on at once. Who has the part already keeps it. Answers the children who were given.

    Raises FactsConflict naming the child whose recorded facts contradict it.
    """
    rows = list(children)
    have_it = set(
        Allocation.objects.filter(holds_on(began_on), child__in=rows, part=part, user=user).values_list(
            "child", flat=True
        )
    )
    given = [child for child in rows if child.pk not in have_it]
    with transaction.atomic():
        for child in given:
            try:
                allocate(child=child, part=part, user=user, began_on=began_on, by=by)
            except FactsConflict as conflict:
                raise FactsConflict(f"{child.name}: {conflict.sentence}", conflict.field) from conflict
        reasons = {child.pk: "Given to somebody else" for child in given}
        sync_children(list(reasons), by=by, reasons=reasons)
    return given
