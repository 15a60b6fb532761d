"""Writes down a message that is owed; workers deliver it after commit. No child is named in subject or body (R46).

An urgent message is an e-mail of its own at once. Every other is on the reader's list in the portal at once and goes by mail with
their daily e-mail. For somebody who is away it reaches their cover.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string

from pepportal.access.actor import actor_for
from pepportal.accounts.models import User
from pepportal.accounts.queries import absence_on, last_day, stand_in
from pepportal.accounts.versions import keep
from pepportal.audit import actions as audit
from pepportal.audit.acting import Acting
from pepportal.jobs.models import WorkState
from pepportal.notify import rules
from pepportal.notify.models import DIGEST, Delivery, Notice
from pepportal.notify.naming import still_named
from pepportal.ui.wording import count_words, in_words, time_words

log = logging.getLogger(__name__)

ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
"""The row is kept: nobody at a page waits for a broker that is away."""

CLOSED = "Not sent: the account is closed."
NOT_THEIRS = "Not sent: their part for this child had ended."
COVER_HAS_IT = "Not sent by email: they are away, and their cover has the same message."


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
    urgent: bool = False
    """A meeting changes, or somebody is unsafe: its own e-mail at once. Otherwise it goes with the reader's daily e-mail."""
    due_on: date | None = None
    """By when it asks for something: the daily e-mail has what is late and soonest first."""


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
    the second time answers None. Nobody whose account is closed is written to; for somebody who is away it reaches their
    cover. Where the cover has the same already, it isn't mailed but waits unread on the list of who is away.
    """
    person = to if isinstance(to, User) else None
    if person is not None and not person.is_active:
        return None
    who = str(person.pk) if person else str(to).lower()
    reader = stand_in(person, by.today) if person else None
    told = person is not None and reader is not None and reader != person and _has_it(reader, message.kind, about)
    if told:
        reader = person
    notice = Notice(
        kind=message.kind, person=person, address=to if isinstance(to, str) else "", subject=" ".join(message.subject.split())[:200],
        lines=list(message.lines), link=message.link, link_text=message.link_text, screen_text=rules.cut(message.screen_text),
        urgent=message.urgent, due_on=message.due_on, child_id=child_id, calendar_file=calendar_file, created_at=by.at,
        not_before=by.at,
    )  # fmt: skip
    _address(notice, reader, by.today)
    if told:
        notice.work_state, notice.last_error = WorkState.DONE, COVER_HAS_IT
    fields = {field.attname: getattr(notice, field.attname) for field in Notice._meta.concrete_fields}
    kept, created = Notice.objects.get_or_create(key=f"{message.kind}:{who}:{about}"[:200],
                                                 defaults={k: v for k, v in fields.items() if k not in ("id", "key")})  # fmt: skip
    if not created:
        return None
    if kept.delivery == Delivery.AT_ONCE and not told:
        transaction.on_commit(_ring)
    return kept


def _has_it(reader: User, kind: str, about: str) -> bool:
    """Whether a cover has this already, as their own or for somebody else whom they cover."""
    return Notice.objects.filter(person=reader, kind=kind, key__endswith=f":{about}").exists()


def _address(notice: Notice, reader: User | None, day: date) -> None:
    """Makes out ``notice`` to who is to read it on ``day``: person, words, and whether it waits for the daily e-mail."""
    lines = list(notice.lines)
    if reader is not None and notice.person is not None:
        whose = notice.in_place_of or notice.person
        away = reader.pk != whose.pk
        if away:
            absence = absence_on(whose.pk, day)
            until = f" until {in_words(last_day(absence), year=False)}" if absence else ""
            lines.append(f"You get this because you cover for {_one_line(whose.name)}{until}.")
        notice.in_place_of, notice.person = (whose if away else None), reader
        daily = not notice.urgent and reader.digest_hour is not None
        notice.delivery = Delivery.DIGEST if daily else Delivery.AT_ONCE
    if notice.lines:
        context = {
            "subject": notice.subject,
            "lines": lines,
            "link_text": notice.link_text,
            "address": settings.PORTAL_ADDRESS + notice.link,
            "name": _one_line(reader.name) if reader else "",
        }
        notice.text = render_to_string("notices/message.txt", context)
        notice.html = render_to_string("notices/message.html", context)


def _one_line(name: str) -> str:
    return " ".join(name.split())


ADDRESSED = ["person", "in_place_of", "delivery", "text", "html", "read_at"]


def _readdress(notice: Notice, day: date) -> None:
    """Where who reads it on ``day`` is another than when it was written (gone away since, or back), makes it out to them."""
    if notice.person is None:
        return
    reader = stand_in(notice.in_place_of or notice.person, day)
    if reader.pk != notice.person_id:
        if notice.in_place_of_id is None:
            notice.read_at = None  # the cover hasn't read it
        _address(notice, reader, day)
        notice.save(update_fields=ADDRESSED)


def withdraw(*, about: str, because: str, to: User | str | None = None) -> int:
    """Messages on ``about`` ("meeting:<id>", whatever its revision) that haven't left yet never will, all of them or one
    person's: what they say is no longer so. They stay on the list as not sent, with ``because``; how many there were."""
    waiting = Notice.objects.filter(key__contains=f":{about}:", work_state=WorkState.OWED, sent_at=None)
    if isinstance(to, User):
        waiting = waiting.filter(Q(person=to, in_place_of=None) | Q(in_place_of=to))
    elif to is not None:
        waiting = waiting.filter(person=None, address__iexact=to)
    return waiting.update(work_state=WorkState.DONE, last_error=because[:300])


# --- the reader -------------------------------------------------------------------------------------------------------


def mark_read(notice: Notice, *, by: Acting) -> None:
    """The reader has opened a message on their own list; the first time counts."""
    Notice.objects.filter(pk=notice.pk, person_id=by.user_id, read_at=None).update(read_at=by.at)


def mark_all_read(*, by: Acting) -> int:
    """The reader has seen their whole list; how many were unread."""
    unread = Notice.objects.for_person(by.user_id).unread().filter(created_at__lte=by.at)
    return int(unread.update(read_at=by.at))


@transaction.atomic
def choose_hour(user: User, *, hour: int | None, by: Acting) -> None:
    """When the daily e-mail goes to ``user``; None: each message as it comes, and what was waiting leaves now."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.digest_hour = hour
    keep(user, by=by, fields=["digest_hour"])
    audit.did("choose when messages come", user, by=by, fields=["digest_hour"])
    if hour is None and Notice.objects.waiting().filter(person=user).update(
        delivery=Delivery.AT_ONCE, not_before=by.at
    ):
        transaction.on_commit(_ring)


# --- the daily e-mail ---------------------------------------------------------------------------------------------------


def readdress_waiting(notice_id: UUID, *, by: Acting) -> None:
    """One notice that waits for a daily e-mail goes to who reads it today: the cover of somebody who has gone away since."""
    with transaction.atomic():
        notice = Notice.objects.waiting().select_for_update(of=("self",)).filter(pk=notice_id).first()
        if notice is not None:
            _readdress(notice, by.today)


def settle_waiting(user: User, *, by: Acting) -> int:
    """What waits for somebody whose account is closed never leaves; how many there were."""
    return int(Notice.objects.waiting().filter(person=user).update(work_state=WorkState.DONE, last_error=CLOSED))


@transaction.atomic
def write_digest(user: User, *, by: Acting) -> Notice | None:
    """Writes ``user``'s daily e-mail of today from what waits for them, the most pressing first, and lets those go with it.

    At most one a day: the rows it takes are locked, so that of two machines at once the second finds none, and its key is the
    person's and the day's. What is about a child who isn't theirs any more is left out and marked so. None: nothing to send.
    """
    key = f"{DIGEST}:{user.pk}:{by.today}"
    waiting = list(
        Notice.objects.waiting()
        .select_for_update(of=("self",))
        .filter(person=user)
        .select_related("in_place_of")
        .order_by("created_at", "id")
    )
    if not waiting or Notice.objects.filter(key=key).exists():
        return None
    named = still_named(waiting, actor_for(user, by.at))
    gone = [notice.pk for notice in waiting if notice.pk not in named]
    Notice.objects.filter(pk__in=gone).update(work_state=WorkState.DONE, last_error=NOT_THEIRS)
    carried = [notice for notice in waiting if notice.pk in named]
    if not carried:
        return None
    words = _digest_words(user, carried, by.today)
    digest = Notice.objects.create(
        key=key, kind=DIGEST, person=user, created_at=by.at, not_before=by.at, link="/notices/", **words
    )
    Notice.objects.filter(pk__in=[notice.pk for notice in carried]).update(work_state=WorkState.DONE, digest=digest)
    return digest


def _digest_words(user: User, carried: Collection[Notice], day: date) -> dict[str, str]:
    items = rules.most_pressing_first(_item(notice, day) for notice in carried)
    hour = user.digest_hour
    context = {
        "name": _one_line(user.name),
        "subject": rules.digest_subject(items, day),
        "opening": f"{count_words(len(items), 'thing')} for you in the PEP portal"
        + (", the most pressing first." if len(items) > 1 else "."),
        "items": [(item, item.late(day)) for item in items[: rules.MOST_SHOWN]],
        "more": len(items) - rules.MOST_SHOWN,
        "all": f"{settings.PORTAL_ADDRESS}/notices/",
        "settings": f"{settings.PORTAL_ADDRESS}/notices/settings/",
        "hour": time_words(time(hour)) if hour is not None else "",
    }
    return {
        "subject": str(context["subject"]),
        "text": render_to_string("notices/digest.txt", context),
        "html": render_to_string("notices/digest.html", context),
    }


def _item(notice: Notice, day: date) -> rules.Item:
    covered = ""
    if notice.in_place_of is not None:
        absence = absence_on(notice.in_place_of.pk, day)
        until = f" until {in_words(last_day(absence), year=False)}" if absence else ""
        covered = f"{_one_line(notice.in_place_of.name)}, for whom you cover{until}"
    return rules.Item(notice.subject, settings.PORTAL_ADDRESS + notice.link, notice.due_on, notice.created_at, covered)


# --- delivery ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def may_leave(notice: Notice, *, by: Acting) -> bool:
    """Whether ``notice``, which a worker holds, may be sent as it stands now.

    Nobody is written to whose account is closed, whose part for the child has ended, or who is away with a cover: it is marked as not
    sent, with the reason, or made out to the cover. Answers False where there is nothing to send now.
    """
    if notice.person is None:
        return True
    if notice.kind == DIGEST:
        return _digest_may_leave(notice, by=by)
    _readdress(notice, by.today)
    if not notice.person.is_active:
        return _not_sent(notice, CLOSED)
    if not still_named([notice], actor_for(notice.person, by.at)):
        return _not_sent(notice, NOT_THEIRS)
    if notice.delivery == Delivery.DIGEST:
        notice.work_state, notice.lease_until, notice.attempts = WorkState.OWED, None, 0
        notice.save(update_fields=["work_state", "lease_until", "attempts"])
        return False
    return True


def _digest_may_leave(digest: Notice, *, by: Acting) -> bool:
    """A daily e-mail that waited (the mail server was down) isn't sent to somebody who has gone away or left, nor with a child
    who isn't theirs any more: what it carried waits again, for their cover, for the next one or to be marked as not sent."""
    person = digest.person
    assert person is not None
    because = _why_not(digest, person, by=by)
    if not because:
        return True
    digest.carried.update(work_state=WorkState.OWED, digest=None)
    return _not_sent(digest, because)


def _why_not(digest: Notice, person: User, *, by: Acting) -> str:
    """Why a daily e-mail must not leave as it was written; empty where it may."""
    if not person.is_active:
        return CLOSED
    if stand_in(person, by.today) != person:
        return "Not sent: they are away; it goes to their cover."
    carried = list(digest.carried.all())
    if len(still_named(carried, actor_for(person, by.at))) < len(carried):
        return "Not sent: a child in it was theirs no longer; the rest goes with the next daily email."
    return ""


def _not_sent(notice: Notice, because: str) -> bool:
    notice.work_state, notice.lease_until, notice.last_error = WorkState.DONE, None, because
    notice.save(update_fields=["work_state", "lease_until", "last_error"])
    return False


@transaction.atomic
def sent(notice: Notice, *, by: Acting) -> None:
    """A worker has handed ``notice`` to the mail server."""
    notice.work_state, notice.sent_at, notice.last_error, notice.lease_until = WorkState.DONE, by.at, "", None
    notice.save(update_fields=["work_state", "sent_at", "last_error", "lease_until"])
    if notice.kind == DIGEST:
        notice.carried.update(sent_at=by.at)


def not_taken(notice: Notice, refusal: rules.Refusal, *, most: int, by: Acting) -> None:
    """The mail server didn't take ``notice``: tried again later, or, where its answer is final or it was tried ``most`` times,
    undeliverable, for somebody to look at."""
    over = refusal.final or notice.attempts >= most
    # Only while it is still ours: a worker that took it up after our lease ran out may have sent it.
    Notice.objects.filter(pk=notice.pk, work_state=WorkState.DOING, attempts=notice.attempts).update(
        work_state=WorkState.FAILED if over else WorkState.OWED,
        last_error=refusal.words,
        lease_until=None,
        not_before=by.at + rules.wait_after(notice.attempts),
    )


# --- what could not be delivered --------------------------------------------------------------------------------------


def try_again(notice: Notice, *, by: Acting) -> bool:
    """Owes an undeliverable message once more, from the first attempt; False where it isn't undeliverable any more."""
    found = Notice.objects.filter(pk=notice.pk, work_state=WorkState.FAILED)
    with transaction.atomic():
        if not found.update(work_state=WorkState.OWED, attempts=0, not_before=by.at, lease_until=None):
            return False
        audit.did("try a message again", notice, by=by, child_id=notice.child_id)
        transaction.on_commit(_ring)
    return True


def told_another_way(notice: Notice, *, how: str, by: Acting) -> bool:
    """Somebody was told by telephone or in person what the e-mail didn't bring; False where it isn't undeliverable any more."""
    found = Notice.objects.filter(pk=notice.pk, work_state=WorkState.FAILED)
    words = f"{by.label}, {in_words(by.today)}: {how}"[:300]
    with transaction.atomic():
        if not found.update(work_state=WorkState.DONE, told_otherwise=words):
            return False
        audit.did("tell another way", notice, by=by, child_id=notice.child_id)
    return True


def _ring() -> None:
    """Tells the workers; where the broker is away, beat drains the rows when it is back."""
    from pepportal.notify.tasks import deliver  # the task imports this module's models through the app registry

    try:
        deliver.apply_async(retry_policy=ONCE)
    except Exception as error:
        log.warning("Could not ring for a delivery (%s); beat will.", error)
