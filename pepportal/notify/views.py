"""My messages: what was sent to me, and when."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from pepportal.access.guard import PortalRequest, guarded
from pepportal.notify import queries
from pepportal.notify.actions import mark_read
from pepportal.notify.models import Notice
from pepportal.notify.naming import still_named

A_PAGE = 25


@guarded()
def notices(request: PortalRequest) -> HttpResponse:
    """The reader's own messages, newest first; ``?unread=1`` only those not opened yet. One about a child who isn't theirs any
    more keeps its subject, which names nobody."""
    unread_only = request.GET.get("unread") == "1"
    found = queries.notices_of(request.actor.user, unread_only=unread_only)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    named = still_named(list(page.object_list), request.actor)
    rows = [(notice, notice.pk in named, *queries.delivery_words(notice)) for notice in page]
    context = {
        "page": page, "rows": rows, "unread_only": unread_only, "unread": queries.unread_count(request.actor.user),
    }  # fmt: skip
    return render(request, "notify/notices.html", context)


@guarded()
def notice(request: PortalRequest, notice_id: UUID) -> HttpResponse:
    """One message, marked as read by opening it. Somebody else's is not there."""
    own: Notice = get_object_or_404(Notice.objects.for_person(request.actor.user_id), pk=notice_id)
    mark_read(own, by=request.actor)
    status, delivered = queries.delivery_words(own)
    named = bool(still_named([own], request.actor))
    entry = queries.calendar_summary(own.calendar_file) if named else []
    context = {"notice": own, "named": named, "status": status, "delivered": delivered, "entry": entry}
    return render(request, "notify/notice.html", context)
