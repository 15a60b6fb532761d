"""Turns a notice into an e-mail and hands it to Django's mail backend."""

from __future__ import annotations

from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from pepportal.notify.models import Notice


def send(notice: Notice) -> None:
    """Sends one notice. The Message-ID is the notice's own, so that a repeat after a crash can be told.

    A line break in a name or subject becomes a blank: nothing that somebody typed can add a header. Raises OSError where the mail
    server doesn't take it, ValueError for an address that is none.
    """
    address = notice.person.email if notice.person else notice.address
    to = formataddr((" ".join(notice.person.name.split()), address)) if notice.person else address
    mail = EmailMultiAlternatives(
        subject=" ".join(notice.subject.split()),
        body=notice.text,
        to=[to],
        headers={
            "Message-ID": f"<{notice.pk}@{urlsplit(settings.PORTAL_ADDRESS).hostname}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(notice.html, "text/html")
    if notice.calendar_file:
        method = "CANCEL" if "METHOD:CANCEL" in notice.calendar_file else "REQUEST"
        mail.attach("meeting.ics", notice.calendar_file, f"text/calendar; method={method}")
    mail.send()
