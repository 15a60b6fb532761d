"""Saves a row so that its version history knows who and when (django-simple-history), without process-wide state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db import models

from pepportal.accounts.models import User
from pepportal.audit.acting import Acting

Row = TypeVar("Row", bound=models.Model)


def keep(row: Row, *, by: Acting, fields: Iterable[str] | None = None, reason: str = "") -> Row:
    """Saves ``row`` (or only ``fields`` of it) as ``by``: the version carries author, moment and reason."""
    row._history_user = User(pk=by.user_id) if by.user_id else None  # type: ignore[attr-defined]
    row._history_date = by.at  # type: ignore[attr-defined]
    row._change_reason = reason or None  # type: ignore[attr-defined]
    row.save(update_fields=list(fields) if fields is not None else None)
    return row
