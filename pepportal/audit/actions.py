"""The one door to the record of who did and who saw."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import models

from pepportal.audit.acting import Acting
from pepportal.audit.models import Event, Kind


def _subject(subject: models.Model | tuple[str, object]) -> tuple[str, str]:
    if isinstance(subject, tuple):
        return subject[0], str(subject[1])
    return subject._meta.label_lower, str(subject.pk)


def did(
    verb: str,
    subject: models.Model | tuple[str, object],
    *,
    by: Acting,
    child_id: UUID | None = None,
    fields: Iterable[str] = (),
    reason: str = "",
) -> Event:
    """Records that ``by`` did ``verb`` ("finalise") to ``subject``; call it in the transaction of the deed."""
    kind, key = _subject(subject)
    return Event.objects.create(
        at=by.at, kind=Kind.DID, verb=verb, actor_id=by.user_id, actor_label=by.label, subject_type=kind,
        subject_id=key, child_id=child_id, fields=sorted(fields), reason=reason[:500], request_id=by.request_id,
    )  # fmt: skip


def saw(
    what: str,
    subject: models.Model | tuple[str, object],
    *,
    by: Acting,
    child_id: UUID | None = None,
    children: Iterable[UUID] = (),
) -> Event:
    """Records a look at a child's record, before the answer leaves (rule 4 of the house)."""
    kind, key = _subject(subject)
    return Event.objects.create(
        at=by.at, kind=Kind.SAW, verb=what, actor_id=by.user_id, actor_label=by.label, subject_type=kind,
        subject_id=key, child_id=child_id, children=[str(c) for c in children], request_id=by.request_id,
    )  # fmt: skip


def refused(verb: str, path: str, *, by: Acting, reason: str) -> Event:
    """Records an attempt that the portal refused. The database takes no NUL, which an address may hold."""
    path = "".join(each for each in path if each.isprintable())
    return Event.objects.create(
        at=by.at, kind=Kind.REFUSED, verb=verb, actor_id=by.user_id, actor_label=by.label, subject_type="page",
        subject_id=path[:60], reason=reason[:500], request_id=by.request_id,
    )  # fmt: skip


def signed_in(*, by: Acting, how: str) -> Event:
    """Records a sign-in."""
    return Event.objects.create(
        at=by.at, kind=Kind.SIGNED_IN, verb=how, actor_id=by.user_id, actor_label=by.label,
        subject_type="accounts.user", subject_id=str(by.user_id),
    )  # fmt: skip
