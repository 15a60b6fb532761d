"""A person's secret calendar address: made, replaced, revoked, used. Only the secret's digest is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, time
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from pepportal.accounts.models import User
from pepportal.audit import actions as audit
from pepportal.audit.acting import LONDON, Acting
from pepportal.clock.models import Feed

SECRET_BYTES = 32


def digest_of(secret: str) -> str:
    """What is kept of a secret: its SHA-256, which can't be turned back. 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make_feed(*, user: User, by: Acting) -> tuple[Feed, str]:
    """A new address for ``user``'s calendar, and its secret, which nobody can show again. The one before is closed."""
    with transaction.atomic():
        _close(user, by=by)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        feed = Feed.objects.create(user=user, digest=digest_of(secret), made_at=by.at)
        audit.did("make calendar address", feed, by=by)
    return feed, secret


def revoke_feed(*, user: User, by: Acting) -> bool:
    """Closes ``user``'s calendar address for good; False where there was none."""
    with transaction.atomic():
        return _close(user, by=by)


def _close(user: User, *, by: Acting) -> bool:
    User.objects.select_for_update().get(pk=user.pk)  # two presses at once: one address is open in the end
    feed = Feed.objects.filter(user=user, revoked_at=None).first()
    if feed is None:
        return False
    feed.revoked_at = by.at
    feed.save(update_fields=["revoked_at"])
    audit.did("revoke calendar address", feed, by=by)
    return True


def feed_of(user: User) -> Feed | None:
    """A person's open address."""
    return Feed.objects.filter(user=user, revoked_at=None).first()


def open_feed(secret: str) -> Feed | None:
    """The open feed of a secret, while its person's account is; None for any other, without saying why."""
    return (
        Feed.objects.filter(digest=digest_of(secret), revoked_at=None, user__is_active=True)
        .select_related("user")
        .first()
    )


def used(feed: Feed, *, children: Iterable[UUID], by: Acting) -> bool:
    """A diary has read the feed: the day's first reading is recorded as a look at these children, the polls after it are not."""
    midnight = datetime.combine(by.today, time(), LONDON)
    first = Feed.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=midnight), pk=feed.pk).update(
        last_used_at=by.at
    )
    if first:
        audit.saw("calendar feed", feed, by=by, children=set(children))
    return bool(first)
