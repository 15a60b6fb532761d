"""Keeps the index of obligations true to the facts: rebuilt for a marked child within seconds, for everyone nightly.

Children are taken up in batches, each one transaction: their rows are locked in one order, so that two machines at once wait
for each other instead of writing twice, and what is unchanged is not written at all.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from children.models import ChangeMark, Child
from pepportal.accounts.models import User
from pepportal.audit.acting import Acting
from pepportal.clock.facts import facts_for
from pepportal.clock.models import Chase, Obligation, ObligationChange
from pepportal.clock.rules import Owed, derive
from pepportal.jobs.models import WorkState
from pepportal.notify.actions import withdraw
from pepportal.notify.models import Notice
from pepportal.ui.wording import in_words

log = logging.getLogger(__name__)
COMPARED = (
    "pep_id", "kind", "title", "holder_role", "holder_id", "holder_organisation_id", "due_on", "unit", "starts_on", "rule",
    "profile_version_id", "provisional", "met_on",
)  # fmt: skip
OF_THE_DAY = ("due_on", "unit", "rule", "profile_version_id", "provisional")
"""What is said of a day: it stays once the thing was done, unless it is counted from another day."""
CHANGED = [*(name.removesuffix("_id") for name in COMPARED), "dropped_at", "revision"]


@dataclass(frozen=True)
class Synced:
    """What one run did. A second run on the same facts changes no row."""

    children: int = 0
    rows_changed: int = 0
    failed: tuple[UUID, ...] = ()
    """Children whose facts could not be read or kept: logged, and marked for the next run."""
    last: UUID | None = None
    """Where a run that takes only some went up to; None at the end."""


def _values(owed: Owed) -> tuple[Any, ...]:
    """In the order of COMPARED."""
    holder, deadline = owed.holder, owed.deadline
    return (
        owed.pep_id, owed.kind, owed.title[:120], holder.role, holder.user_id, holder.organisation_id, deadline.due, deadline.unit,
        deadline.start, deadline.rule[:300], owed.rules_id, deadline.provisional, owed.met_on,
    )  # fmt: skip


# --- one batch ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def sync_children(child_ids: Collection[UUID], *, by: Acting, reasons: Mapping[UUID, str] = {}) -> Synced:
    """Makes the stored obligations of some children equal to the derived ones, in one transaction.

    What was due before a change, why it moved and who had been told stays in ObligationChange; messages about it that have not
    left yet never will. ``reasons`` says for a child what is known to have changed.
    """
    with connection.cursor() as cursor:  # compiling the facts' long statements would take longer than running them
        cursor.execute("SET LOCAL jit = off")
    # In one order, so that two runs over the same children wait for each other and never both hold what the other wants.
    ids = list(
        Child.objects.filter(pk__in=child_ids)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk", flat=True)
    )
    facts = facts_for(ids, by.today)
    stored: dict[UUID, dict[str, tuple[Any, ...]]] = {}
    rows = Obligation.objects.filter(child__in=ids).values_list(
        "child_id", "key", "id", "revision", "dropped_at", *COMPARED
    )
    for child_id, key, *row in rows.iterator(chunk_size=5000):
        stored.setdefault(child_id, {})[key] = tuple(row)
    batch = _Batch(by, reasons)
    for child_id in ids:
        there = stored.get(child_id, {})
        wanted = {owed.key: owed for owed in derive(facts[child_id])} if child_id in facts else {}
        for key, owed in wanted.items():
            batch.keep(child_id, there.get(key), owed)
        for key, row in there.items():
            if key not in wanted:
                batch.drop(child_id, key, row)
    batch.write()
    return Synced(children=len(ids), rows_changed=len(batch.rows))


@dataclass
class _Batch:
    """The rows that one batch of children writes."""

    by: Acting
    reasons: Mapping[UUID, str]
    rows: list[Obligation] = field(default_factory=list)
    changes: list[ObligationChange] = field(default_factory=list)
    moved: list[tuple[ObligationChange, int, UUID | None]] = field(default_factory=list)
    """Each change of a day, with the revision and the plan that people may have been told of."""
    over: dict[UUID, tuple[UUID, str, UUID | None]] = field(default_factory=dict)
    """Obligation to its child, why messages about it are no longer so, and whose (None: everybody's)."""

    def keep(self, child_id: UUID, row: tuple[Any, ...] | None, owed: Owed) -> None:
        values = _values(owed)
        if row is None:
            self._write(uuid4(), child_id, owed.key, 1, None, values)
            self._remember(child_id, owed.key, "made", None, owed.deadline.due, owed.deadline.rule)
            return
        pk, revision, dropped_at, *old = row
        if dropped_at is None and tuple(old) == values:
            return
        before, after = dict(zip(COMPARED, old, strict=True)), dict(zip(COMPARED, values, strict=True))
        if before["met_on"] is not None and all(before[name] == after[name] for name in ("met_on", "starts_on")):
            # What was done in time stays done in time: a school or calendar of today says nothing about days gone by.
            after |= {name: before[name] for name in OF_THE_DAY}
            values = tuple(after.values())
            if dropped_at is None and tuple(old) == values:
                return
        passed = before["holder_id"] != after["holder_id"] and after["met_on"] is None
        reopened = before["met_on"] is not None and after["met_on"] is None
        moved = before["due_on"] != after["due_on"]
        self._write(
            pk, child_id, owed.key, revision + int(moved or passed or reopened or dropped_at is not None), None, values
        )
        if moved:
            because = _why_moved(self.reasons.get(child_id, ""), before, after)
            change = self._remember(child_id, owed.key, "moved", before["due_on"], after["due_on"], because)
            self.moved.append((change, revision, before["pep_id"]))
            self.over[pk] = child_id, "Not sent: the day has moved.", None
        elif dropped_at is not None:
            self._remember(child_id, owed.key, "made", None, after["due_on"], "Owed again")
        if before["met_on"] is None and after["met_on"] is not None:
            self._remember(
                child_id, owed.key, "met", after["due_on"], after["due_on"], f"Met on {in_words(after['met_on'])}"
            )
            self.over[pk] = child_id, "Not sent: it has been done.", None
        elif reopened:
            self._remember(child_id, owed.key, "made", after["due_on"], after["due_on"], "Open again")
        if passed:
            now = f"Now with {owed.holder.name or 'nobody yet'}"
            self._remember(child_id, owed.key, "passed", after["due_on"], after["due_on"], now)
            if before["holder_id"]:
                self.over.setdefault(pk, (child_id, "Not sent: somebody else does it now.", before["holder_id"]))

    def drop(self, child_id: UUID, key: str, row: tuple[Any, ...]) -> None:
        """What is no longer owed is kept as dropped; what was met stays as it was."""
        pk, revision, dropped_at, *old = row
        before = dict(zip(COMPARED, old, strict=True))
        if dropped_at is not None or before["met_on"] is not None:
            return
        self._write(pk, child_id, key, revision, self.by.at, old)
        because = self.reasons.get(child_id, "")
        self._remember(child_id, key, "dropped", before["due_on"], None, because or "No longer owed")
        self.over[pk] = child_id, "Not sent: it is no longer owed.", None

    def _write(
        self, pk: UUID, child_id: UUID, key: str, revision: int, dropped_at: datetime | None, values: Iterable[Any]
    ) -> None:
        fields = dict(zip(COMPARED, values, strict=True))
        self.rows.append(
            Obligation(id=pk, child_id=child_id, key=key, revision=revision, dropped_at=dropped_at, **fields)
        )

    def _remember(
        self, child_id: UUID, key: str, what: str, old: date | None, new: date | None, reason: str
    ) -> ObligationChange:
        change = ObligationChange(
            obligation_key=key, child_id=child_id, what=what, old_due_on=old, new_due_on=new, reason=reason[:300], told=[],
            at=self.by.at,
        )  # fmt: skip
        self.changes.append(change)
        return change

    def write(self) -> None:
        if self.moved:
            self._who_was_told()
        # One statement for new and changed rows: a row that somebody else has just made is changed, not made twice.
        Obligation.objects.bulk_create(
            self.rows, batch_size=1000, update_conflicts=True, unique_fields=["child", "key"], update_fields=CHANGED
        )
        ObligationChange.objects.bulk_create(self.changes, batch_size=1000)
        if self.over:
            self._withdraw()

    def _who_was_told(self) -> None:
        """The old day may have reached people as a reminder, an escalation, or a message about the plan. Two queries."""
        children = {change.child_id for change, _, _ in self.moved}
        chased: dict[tuple[UUID, str, int], list[str]] = {}
        for child_id, key, revision, told in Chase.objects.filter(child_id__in=children).values_list(
            "child_id", "obligation_key", "revision", "told"
        ):
            chased.setdefault((child_id, key, revision), []).extend(name for _, name, *_ in told)
        written: dict[UUID, list[tuple[str, str]]] = {}
        notices = Notice.objects.filter(child_id__in=children, person__isnull=False)
        for about, notice, name in notices.values_list("child_id", "key", "person__name"):
            if about is not None:
                written.setdefault(about, []).append((notice, name))
        for change, revision, pep in self.moved:
            told = set(chased.get((change.child_id, change.obligation_key, revision), ()))
            if pep:
                told |= {name for key, name in written.get(change.child_id, ()) if str(pep) in key}
            change.told = sorted(told)

    def _withdraw(self) -> None:
        """One query where nothing waits, however many obligations changed."""
        children = {child for child, _, _ in self.over.values()}
        waiting = Notice.objects.filter(
            child_id__in=children, work_state=WorkState.OWED, sent_at=None, key__contains=":obligation:"
        )
        for key in set(waiting.values_list("key", flat=True)):
            pk = key.partition(":obligation:")[2][:36]
            found = next((each for each in self.over if str(each) == pk), None)
            if found:
                _, because, whose = self.over[found]
                to = User.objects.get(pk=whose) if whose else None
                withdraw(about=f"obligation:{found}", because=because, to=to)


#: What marks say (children.actions and the other rooms' actions), for people.
SAID = {
    "correct entry to care": "The entry to care was corrected",
    "record entry to care": "The entry to care was recorded",
    "end care": "The time in care ended",
    "change placement": "The placement changed",
    "end placement": "The placement ended",
    "change school": "The school changed",
    "end school place": "The school place ended",
    "publish calendar": "A school calendar was published",
    "bank holidays": "The bank holidays changed",
    "record change": "A change for the child was recorded",
    "cancel change": "A change for the child was taken back",
    "set care review": "The care review has another day",
    "meeting": "The meeting changed",
    "PEP start moved": "The plan counts from another day",
    "something": "",
}


def _said(mark: str) -> str:
    return SAID.get(mark, f"{mark[:1].upper()}{mark[1:]} changed")


def _why_moved(reason: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Why a day moved, for whoever reads the plan's history: what was changed, and what of the count is another now."""
    said = []
    if before["starts_on"] != after["starts_on"]:
        said.append(f"It is counted from {in_words(after['starts_on'])} instead of {in_words(before['starts_on'])}.")
    if before["rule"] != after["rule"]:
        said.append(f"The rule is now: {after['rule']}")
    elif before["unit"] != after["unit"]:
        said.append(f"It is counted in {after['unit']} days instead of {before['unit']} days.")
    elif before["provisional"] and not after["provisional"]:
        said.append("The calendar has been published: the day before was provisional.")
    if not said:
        said.append("The days that count have changed: another calendar, or a correction in it.")
    return " ".join([f"{reason}.", *said] if reason else said)


# --- one child, the marked, everyone --------------------------------------------------------------------------------------


def sync_child(child_id: UUID, *, by: Acting, reason: str = "") -> int:
    """One child's obligations made equal to the derived ones; answers how many rows changed (0 the second time)."""
    return sync_children([child_id], by=by, reasons={child_id: reason} if reason else {}).rows_changed


def _one_by_one(child_ids: Iterable[UUID], *, by: Acting, reasons: Mapping[UUID, str] = {}) -> Synced:
    """After a batch has failed: one bad record must not stop the others."""
    done = rows = 0
    failed = []
    for child_id in child_ids:
        try:
            rows += sync_children([child_id], by=by, reasons=reasons).rows_changed
            done += 1
        except Exception:
            log.exception("What is owed about the child %s could not be worked out; it will be tried again.", child_id)
            failed.append(child_id)
    return Synced(done, rows, tuple(failed))


def _all(child_ids: Collection[UUID], *, by: Acting, reasons: Mapping[UUID, str] = {}) -> Synced:
    try:
        return sync_children(child_ids, by=by, reasons=reasons)
    except Exception:
        log.warning("A batch of %s children failed: taken up one by one.", len(child_ids), exc_info=True)
        return _one_by_one(child_ids, by=by, reasons=reasons)


def sync_marked(*, by: Acting, limit: int = 200, newest_first: bool = False) -> int:
    """Takes up the children whose facts changed, the longest waiting first or those just changed; answers how many. Any number
    of workers at once: each mark is locked by one. A child that fails keeps its marks."""
    done = 0
    failed: set[UUID] = set()
    while done < limit:
        with transaction.atomic():
            marks = list(
                ChangeMark.objects.select_for_update(skip_locked=True)
                .exclude(child__in=failed)
                .order_by("-id" if newest_first else "id")
                .values_list("id", "child_id", "what")[: limit - done]
            )
            if not marks:
                return done
            what: dict[UUID, str] = {child_id: what for _, child_id, what in sorted(marks)}  # the last said is kept
            reasons = {child_id: _said(words) for child_id, words in what.items()}
            found = _all(list(what), by=by, reasons=reasons)
            failed.update(found.failed)
            ChangeMark.objects.filter(pk__in=[pk for pk, child_id, _ in marks if child_id not in failed]).delete()
            done += found.children
    return done


def sweep(*, by: Acting, batch: int = 500, after: UUID | None = None, most: int | None = None) -> Synced:
    """Everyone in the order of their ids, so that nothing rests on a mark having been made. Each batch stands by itself: a run
    that was cut off is taken up again from the beginning or from ``after``, and writes only what is still missing.

    ``most`` ends the run after so many children, with ``last`` to go on from. A child that fails is marked for the next run.
    """
    children = rows = 0
    failed: list[UUID] = []
    last = after
    while most is None or children + len(failed) < most:
        wanted = Child.objects.order_by("pk") if last is None else Child.objects.filter(pk__gt=last).order_by("pk")
        size = batch if most is None else min(batch, most - children - len(failed))
        ids = list(wanted.values_list("pk", flat=True)[:size])
        if not ids:
            return Synced(children, rows, tuple(failed))
        found = _all(ids, by=by)
        _mark(found.failed, by=by)
        children, rows = children + found.children, rows + found.rows_changed
        failed += found.failed
        last = ids[-1]
    return Synced(children, rows, tuple(failed), last)


def _mark(child_ids: Collection[UUID], *, by: Acting) -> None:
    known = set(ChangeMark.objects.filter(child__in=child_ids).values_list("child_id", flat=True))
    ChangeMark.objects.bulk_create(
        [ChangeMark(child_id=each, what="something", at=by.at) for each in child_ids if each not in known]
    )
