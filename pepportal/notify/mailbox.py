"""The demonstration's mail server: keeps every message in a table instead of sending it anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from pepportal.notify.models import MailboxMessage
from pepportal.timekeeping import now


class MailboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for mail in email_messages:
            raw = mail.message()
            html = next((content for content, kind in getattr(mail, "alternatives", []) if kind == "text/html"), "")
            ics = next((str(a[1]) for a in mail.attachments if isinstance(a, tuple) and str(a[0]).endswith(".ics")), "")
            for recipient in mail.recipients():
                MailboxMessage.objects.create(
                    message_id=str(raw["Message-ID"]), recipient=parseaddr(recipient)[1], subject=str(mail.subject), text=str(mail.body),
                    html=html, calendar_file=ics, received_at=now(),
                )  # fmt: skip
        return len(email_messages)
