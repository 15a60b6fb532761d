"""Keeps the index of obligations true to the facts: rebuilt for a marked child within seconds, for everyone nightly."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from children.models import ChangeMark, Child
from children.queries import team_of
from pepportal.audit.acting import Acting
from pepportal.clock.facts import facts_of
from pepportal.clock.models import Obligation, ObligationChange
from pepportal.clock.rules import Owed, derive
from pepportal.notify.models import Notice

log = logging.getLogger(__name__)
COMPARED = (
    "pep_id", "kind", "title", "holder_role", "holder_id", "holder_organisation_id", "due_on", "unit", "starts_on", "rule",
    "provisional", "met_on",
)  # fmt: skip


def _values(owed: Owed) -> dict[str, Any]:
    return {
        "pep_id": owed.pep_id,
        "kind": owed.kind,
        "title": owed.title,
        "holder_role": owed.holder.role,
        "holder_id": owed.holder.user_id,
        "holder_organisation_id": owed.holder.organisation_id,
        "due_on": owed.deadline.due,
        "unit": owed.deadline.unit,
        "starts_on": owed.deadline.start,
        "rule": owed.deadline.rule[:300],
        "provisional": owed.deadline.provisional,
        "met_on": owed.met_on,
    }


def sync_child(child_id: UUID, *, by: Acting, reason: str = "") -> int:
    """Makes the stored obligations of one child equal to the derived ones; answers how many rows changed (0 the second time).

    What was due before a change, and who had been told, stays in ObligationChange.
    """
    with transaction.atomic():
        child = Child.objects.select_for_update(of=("self",), no_key=True).select_related("authority").get(pk=child_id)
        facts = facts_of(child, team_of(child, by.today), by.today)
        wanted = {owed.key: owed for owed in derive(facts)} if facts else {}
        stored = {row.key: row for row in Obligation.objects.filter(child=child)}
        changed = 0
        for key, owed in wanted.items():
            changed += _keep(child, stored.get(key), owed, by=by, reason=reason)
        for key, row in stored.items():
            if key not in wanted and row.dropped_at is None and row.met_on is None:
                row.dropped_at = by.at
                row.save(update_fields=["dropped_at"])
                _remember(row, "dropped", row.due_on, None, reason or "No longer owed", by=by)
                changed += 1
        return changed


def _keep(child: Child, row: Obligation | None, owed: Owed, *, by: Acting, reason: str) -> int:
    values = _values(owed)
    if row is None:
        row = Obligation.objects.create(child=child, key=owed.key, **values)
        _remember(row, "made", None, row.due_on, owed.deadline.rule, by=by)
        return 1
    before = {name: getattr(row, name) for name in COMPARED}
    if before == values and row.dropped_at is None:
        return 0
    for name, value in values.items():
        setattr(row, name, value)
    moved = before["due_on"] != row.due_on
    row.revision += int(moved or row.dropped_at is not None)
    row.dropped_at = None
    row.save()
    if moved:
        _remember(row, "moved", before["due_on"], row.due_on, reason or "A fact it is counted from has changed", by=by)
    if before["met_on"] is None and row.met_on is not None:
        _remember(row, "met", row.due_on, row.due_on, f"Met on {row.met_on:%-d %B %Y}", by=by)
    if before["holder_id"] != row.holder_id:
        _remember(row, "passed", row.due_on, row.due_on, f"Now with {owed.holder.name or 'nobody yet'}", by=by)
    return 1


def _remember(row: Obligation, what: str, old: date | None, new: date | None, reason: str, *, by: Acting) -> None:
    told = (
        list(
            Notice.objects.filter(child_id=row.child_id, key__contains=str(row.pep_id), person__isnull=False)
            .values_list("person__name", flat=True)
            .distinct()
        )
        if what == "moved" and row.pep_id
        else []
    )
    ObligationChange.objects.create(
        obligation_key=row.key,
        child_id=row.child_id,
        what=what,
        old_due_on=old,
        new_due_on=new,
        reason=reason[:300],
        told=told,
        at=by.at,
    )


def sync_marked(*, by: Acting, limit: int = 200) -> int:
    """Takes up the children whose facts changed. Any number of workers at once: each mark is locked by one."""
    done = 0
    while done < limit:
        with transaction.atomic():
            mark = ChangeMark.objects.select_for_update(skip_locked=True).order_by("id").first()
            if mark is None:
                return done
            marks = list(ChangeMark.objects.select_for_update(skip_locked=True).filter(child_id=mark.child_id))
            sync_child(mark.child_id, by=by, reason=f"{marks[-1].what[:1].upper()}{marks[-1].what[1:]} changed")
            ChangeMark.objects.filter(pk__in=[each.pk for each in marks]).delete()
            done += 1
    return done
