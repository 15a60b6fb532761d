"""The demonstration's mailbox: every message as it would have arrived, for anybody who tries the portal out."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, render

from pepportal.access.guard import open_to_all
from pepportal.notify import queries
from pepportal.notify.forms import MailboxForm
from pepportal.notify.models import MailboxMessage
from pepportal.ui.wording import in_short, time_words

A_PAGE = 25
WHY_OPEN = "the demonstration's fictional mail, so that one person can play every part; there is no such page elsewhere"


def _only_in_a_demonstration(request: HttpRequest) -> HttpResponse | None:
    if not settings.DEMONSTRATION:
        raise Http404("There is a mailbox only in a demonstration.")
    return None if request.method in ("GET", "HEAD") else HttpResponseNotAllowed(["GET"])


@open_to_all(WHY_OPEN)
def mailbox(request: HttpRequest) -> HttpResponse:
    """All messages, newest first, by recipient and words."""
    if refused := _only_in_a_demonstration(request):
        return refused
    form = MailboxForm(request.GET, recipients=queries.recipients())
    asked = form.cleaned_data if form.is_valid() else {}
    found = queries.mailbox(recipient=asked.get("recipient", ""), words=asked.get("q", ""))
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    rows = [
        [
            {
                "text": each.subject,
                "href": f"{request.path}{each.pk}/",
                "note": "with a calendar entry" if each.calendar_file else "",
            },
            each.recipient,
            f"{in_short(each.received_at)}, {time_words(each.received_at)}",
        ]
        for each in page
    ]
    context = {
        "filter_form": form,
        "page": page,
        "rows": rows,
        "columns": ["Subject", "To", "Received"],
        "searched": any(asked.values()),
    }
    return render(request, "notify/mailbox.html", context)


@open_to_all(WHY_OPEN)
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """One message. Its HTML is shown as source text, never run as a page of ours."""
    if refused := _only_in_a_demonstration(request):
        return refused
    found = get_object_or_404(MailboxMessage, pk=message_id)
    return render(
        request, "notify/message.html", {"mail": found, "entry": queries.calendar_summary(found.calendar_file)}
    )
