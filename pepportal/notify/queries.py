"""Reads of messages: one's own list, what was sent to whom, what waits for whom, and the demonstration's mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from icalendar import Calendar

from pepportal.access.actor import Actor
from pepportal.access.roles import may
from pepportal.access.vocabulary import May
from pepportal.accounts.models import Absence, Membership, User
from pepportal.jobs.models import WorkState
from pepportal.notify import rules
from pepportal.notify.models import DIGEST, Delivery, MailboxMessage, Notice
from pepportal.notify.naming import children_of
from pepportal.ui.wording import when_words

# --- one's own list ---------------------------------------------------------------------------------------------------


def unread_count(user: User) -> int:
    """How many of a person's messages they have not opened here."""
    return Notice.objects.for_person(user.pk).unread().count()


def notices_of(user: User, *, unread: bool | None = None) -> QuerySet[Notice]:
    """A person's messages, newest first: those that reached them, and those of theirs that went to a cover. ``unread``: only the
    unread, or only the read, among those that reached them."""
    found = Notice.objects.on_the_list_of(user.pk).select_related("digest", "person", "in_place_of")
    if unread is not None:
        found = found.filter(person=user, read_at__isnull=unread)
    return found.order_by("-created_at", "-id")


def delivery_words(notice: Notice) -> tuple[str, str]:
    """How far a message's e-mail is: a status for the tag, and a sentence. ``digest`` comes with the notice."""
    if notice.digest_id is not None and notice.digest is not None:
        return _words_in_digest(notice.digest)
    if notice.sent_at is not None:
        return "done", f"Sent by email {when_words(notice.sent_at)}"
    if notice.told_otherwise:
        return "done", "Told another way, since the email could not be delivered"
    if notice.work_state == WorkState.DONE:
        return "not_needed", notice.last_error or "Not sent by email"
    if notice.work_state == WorkState.FAILED:
        return "late", _failed_words(notice)
    if notice.delivery == Delivery.DIGEST:
        return "waiting", "It goes with the next daily email"
    if notice.attempts:
        return "waiting", "The email could not be delivered yet; it is tried again"
    return "waiting", "The email is about to be sent"


def _failed_words(notice: Notice) -> str:
    if notice.attempts == 1:
        return "The email was refused and could not be delivered"
    return f"The email could not be delivered after {notice.attempts} attempts"


def _words_in_digest(digest: Notice) -> tuple[str, str]:
    if digest.sent_at is not None:
        return "done", f"In the daily email of {when_words(digest.sent_at)}"
    if digest.told_otherwise:
        return "done", "Told another way, since the daily email could not be delivered"
    if digest.work_state == WorkState.FAILED:
        return "late", "The daily email that it was in could not be delivered"
    return "waiting", "In the daily email that is about to be sent"


# --- the daily e-mail -------------------------------------------------------------------------------------------------


def waiting_for_somebody_else(day: date) -> list[UUID]:
    """What waits for the daily e-mail of somebody who is away on ``day``, or of a cover who may not cover any more."""
    away = Absence.objects.current(day).values("user")
    found = Notice.objects.waiting().filter(Q(person__in=away) | Q(in_place_of__isnull=False))
    return list(found.order_by("created_at", "id").values_list("pk", flat=True))


def closed_with_something_waiting() -> list[User]:
    """People whose account was closed while something waited for their daily e-mail."""
    return list(User.objects.filter(Exists(Notice.objects.waiting().filter(person=OuterRef("pk"))), is_active=False))


def daily_emails_due(at: datetime) -> list[User]:
    """Everybody for whom something waits, whose hour in England has come today, and who had no daily e-mail today."""
    midnight = datetime.combine(at.astimezone(rules.LONDON).date(), time.min, rules.LONDON)
    had = Notice.objects.filter(kind=DIGEST, person=OuterRef("pk"), created_at__gte=midnight)
    waiting = Notice.objects.waiting().filter(person=OuterRef("pk"))
    people = User.objects.filter(Exists(waiting), ~Exists(had), is_active=True).order_by("pk")
    return [user for user in people if rules.hour_has_come(user.digest_hour, at)]


# --- what was sent to whom --------------------------------------------------------------------------------------------

STATES = {
    "sent": "Delivered to the mail server",
    "waiting": "Waiting",
    "failed": "Could not be delivered",
    "not_sent": "Not sent",
    "told": "Told another way",
}


@dataclass(frozen=True)
class Asked:
    """Which messages somebody looks for."""

    words: str = ""
    """In a name or an address."""
    kind: str = ""
    state: str = ""
    first: date | None = None
    last: date | None = None


def _overseen(actor: Actor) -> list[UUID]:
    """The authorities whose messages this person may see."""
    return [h.authority_id for h in actor.held if h.authority_id and may({h.role}, May.SEE_MAILBOX)]


def overseen(actor: Actor) -> QuerySet[Notice]:
    """The messages about the children of the actor's authority, and those about no child to who was of its people on the day; a
    daily e-mail where it carries one of either. What was said about another authority's child is that authority's, and what
    somebody gets before they come or after they have left isn't the authority's either."""
    authorities = _overseen(actor)
    children = children_of(authorities)
    day = OuterRef("written_on")
    of_ours = Membership.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=day),
        began_on__lte=day,
        user=OuterRef("person"),
        organisation__authority__in=authorities,
    )
    carried = Notice.objects.filter(digest=OuterRef("pk"), child_id__in=children)
    own = Q(child_id__in=children) | Q(Exists(of_ours), child_id=None) | Q(Exists(carried), kind=DIGEST)
    written = Notice.objects.alias(written_on=TruncDate("created_at", tzinfo=rules.LONDON))
    return written.filter(own).select_related("person", "in_place_of", "digest")


def undelivered(actor: Actor) -> QuerySet[Notice]:
    """What could not be delivered and waits for somebody to do something about it, oldest first."""
    return overseen(actor).filter(work_state=WorkState.FAILED).order_by("created_at", "id")


def undeliverable_count(actor: Actor) -> int:
    """How many messages of the actor's authority could not be delivered; 0, and nothing asked, for who doesn't see messages."""
    return undelivered(actor).count() if _overseen(actor) else 0


def sent(actor: Actor, asked: Asked) -> QuerySet[Notice]:
    """Who was told what and when, newest first, among the messages of the actor's authority."""
    found = overseen(actor)
    for word in asked.words.split()[:6]:
        found = found.filter(
            Q(person__name__icontains=word)
            | Q(person__email__icontains=word)
            | Q(address__icontains=word)
            | Q(in_place_of__name__icontains=word)
        )
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.first:
        found = found.filter(created_at__gte=_start_of(asked.first))
    if asked.last:
        found = found.filter(created_at__lt=_start_of(asked.last + timedelta(days=1)))
    return found.filter(_in_state(asked.state)).order_by("-created_at", "-id")


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, rules.LONDON)


def _in_state(state: str) -> Q:
    """The rows of one of STATES. A carried notice stands as its daily e-mail does."""
    failed = Q(work_state=WorkState.FAILED) | Q(digest__work_state=WorkState.FAILED)
    told = ~Q(told_otherwise="") | (Q(digest__isnull=False) & ~Q(digest__told_otherwise=""))
    under_way = [WorkState.OWED, WorkState.DOING]
    waiting = Q(work_state__in=under_way) | Q(digest__work_state__in=under_way)
    return {
        "sent": Q(sent_at__isnull=False),
        "failed": failed,
        "told": told,
        "waiting": waiting & Q(sent_at=None),
        "not_sent": Q(work_state=WorkState.DONE, sent_at=None, told_otherwise="", digest=None),
    }.get(state, Q())


def kind_words(kind: str) -> str:
    """ "meeting_moved" as people read it: "Meeting moved"."""
    return "Daily email" if kind == DIGEST else kind.replace("_", " ").capitalize()


def kinds() -> list[tuple[str, str]]:
    """Every kind that was ever sent, in words, by name."""
    found = Notice.objects.order_by("kind").values_list("kind", flat=True).distinct()
    return sorted(((kind, kind_words(kind)) for kind in found), key=lambda each: each[1])


# --- the demonstration's mailbox --------------------------------------------------------------------------------------


def mailbox(*, recipient: str = "", words: str = "") -> QuerySet[MailboxMessage]:
    """Messages as the demonstration's mail server got them, newest first."""
    found = MailboxMessage.objects.all()
    if recipient:
        found = found.filter(recipient=recipient)
    for word in words.split()[:6]:
        found = found.filter(Q(subject__icontains=word) | Q(text__icontains=word) | Q(recipient__icontains=word))
    return found.order_by("-received_at", "-id")


def recipients() -> list[str]:
    """Everybody the mailbox holds something for."""
    return list(MailboxMessage.objects.order_by("recipient").values_list("recipient", flat=True).distinct())


def calendar_summary(text: str) -> list[dict[str, object]]:
    """What a diary would read from an .ics, as rows of a summary list; one row saying so where it can't be read."""
    if not text:
        return []
    try:
        calendar = Calendar.from_ical(text)
        event = calendar.walk("VEVENT")[0]
        starts = event.decoded("dtstart")
        ends = event.decoded("dtend")
    except (ValueError, KeyError, IndexError):
        return [{"key": "Calendar file", "value": "It can’t be read as a calendar file."}]
    method = str(calendar.get("method", ""))
    return [
        {
            "key": "What it does",
            "value": "Takes the entry out of the diary" if method == "CANCEL" else "Puts the entry into the diary",
        },
        {"key": "Entry", "value": str(event.get("summary", ""))},
        {"key": "Starts", "value": _moment(starts)},
        {"key": "Ends", "value": _moment(ends)},
        {"key": "Where", "value": str(event.get("location", ""))},
        {"key": "Version", "value": str(event.get("sequence", 0))},
    ]


def _moment(value: date) -> str:
    return when_words(value) if isinstance(value, datetime) else str(value)
