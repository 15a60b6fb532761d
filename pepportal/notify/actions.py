"""Writes down a message that is owed; workers deliver it after commit. No child is named in subject or body (R46)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from pepportal.accounts.models import User
from pepportal.audit.acting import Acting
from pepportal.jobs.models import WorkState
from pepportal.notify.models import Notice

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """What one kind of event says to one person: four lines and one link."""

    kind: str
    subject: str
    """The act and the date, never who."""
    lines: tuple[str, ...]
    """What, by when, why you. May name the child's reference, never a name, initials or school."""
    link: str
    """A path of the portal, starting with "/"."""
    link_text: str
    screen_text: str
    """For the signed-in reader's own list inside the portal: may name the child."""


def owe(
    message: Message,
    *,
    to: User | str,
    about: str,
    by: Acting,
    child_id: UUID | None = None,
    calendar_file: str = "",
) -> Notice | None:
    """Owes ``message`` to a person (or to a bare address, for an invited person without an account).

    ``about`` is the subject and its revision ("meeting:<id>:2"): the same kind, person and ``about`` are written once;
    the second time answers None. Nobody whose account is closed is written to.
    """
    person = to if isinstance(to, User) else None
    if person is not None and not person.is_active:
        return None
    who = str(person.pk) if person else str(to).lower()
    context = {
        "message": message,
        "address": settings.PORTAL_ADDRESS + message.link,
        "name": person.name if person else "",
    }
    notice, created = Notice.objects.get_or_create(
        key=f"{message.kind}:{who}:{about}"[:200],
        defaults={
            "kind": message.kind,
            "person": person,
            "address": to if isinstance(to, str) else "",
            "subject": message.subject,
            "text": render_to_string("notices/message.txt", context),
            "html": render_to_string("notices/message.html", context),
            "link": message.link,
            "screen_text": message.screen_text,
            "child_id": child_id,
            "calendar_file": calendar_file,
            "created_at": by.at,
            "not_before": by.at,
        },
    )
    if not created:
        return None
    transaction.on_commit(_ring)
    return notice


def withdraw(*, about: str, because: str, to: User | str | None = None) -> int:
    """Messages on ``about`` ("meeting:<id>", whatever its revision) that haven't left yet never will, all of them or one
    person's: what they say is no longer so. They stay on the list as not sent, with ``because``; how many there were."""
    waiting = Notice.objects.filter(key__contains=f":{about}:", work_state=WorkState.OWED, sent_at=None)
    if isinstance(to, User):
        waiting = waiting.filter(person=to)
    elif to is not None:
        waiting = waiting.filter(person=None, address__iexact=to)
    return waiting.update(work_state=WorkState.DONE, last_error=because[:300])


def mark_read(notice: Notice, *, by: Acting) -> None:
    """The reader has opened a message on their own list; the first time counts."""
    Notice.objects.filter(pk=notice.pk, person_id=by.user_id, read_at=None).update(read_at=by.at)


def _ring() -> None:
    """Tells the workers; where the broker is away, beat drains the rows when it is back."""
    from pepportal.notify.tasks import deliver  # the task imports this module's models through the app registry

    try:
        deliver.delay()
    except Exception as error:
        log.warning("Could not ring for a delivery (%s); beat will.", error)
