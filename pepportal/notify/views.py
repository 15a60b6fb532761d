"""My messages: what was sent to me, and when; and at what hour my e-mails come."""

from __future__ import annotations

from datetime import time
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from pepportal.access.guard import PortalRequest, guarded
from pepportal.access.roles import may
from pepportal.access.vocabulary import May
from pepportal.notify import actions, queries
from pepportal.notify.forms import AS_IT_COMES, HourForm
from pepportal.notify.models import Notice
from pepportal.notify.naming import still_named
from pepportal.ui.wording import count_words, time_words

A_PAGE = 25
ONLY = {"1": True, "0": False}


@guarded()
def notices(request: PortalRequest) -> HttpResponse:
    """The reader's own messages, newest first; ``?unread=1`` only those not opened yet, ``?unread=0`` only the others. One about a
    child who isn't theirs any more keeps its subject, which names nobody."""
    actor, only = request.actor, ONLY.get(request.GET.get("unread", ""))
    page = Paginator(queries.notices_of(actor.user, unread=only), A_PAGE).get_page(request.GET.get("page"))
    named = still_named(list(page.object_list), actor)
    rows = [(notice, notice.pk in named, *queries.delivery_words(notice)) for notice in page]
    context = {
        "page": page, "rows": rows, "only": only, "unread": queries.unread_count(actor.user),
        "oversees": may({held.role for held in actor.held}, May.SEE_MAILBOX), "undelivered": queries.undeliverable_count(actor),
        "may_be_away": bool(actor.held), "person": actor.user,
        "hour": "" if actor.user.digest_hour is None else time_words(time(actor.user.digest_hour)),
    }  # fmt: skip
    return render(request, "notify/notices.html", context)


@guarded()
def notice(request: PortalRequest, notice_id: UUID) -> HttpResponse:
    """One message, marked as read by opening it. Somebody else's is not there."""
    found = Notice.objects.on_the_list_of(request.actor.user_id).select_related("digest", "person", "in_place_of")
    own: Notice = get_object_or_404(found, pk=notice_id)
    actions.mark_read(own, by=request.actor)
    status, delivered = queries.delivery_words(own)
    named = bool(still_named([own], request.actor))
    entry = queries.calendar_summary(own.calendar_file) if named else []
    context = {
        "notice": own, "named": named, "status": status, "delivered": delivered, "entry": entry, "person": request.actor.user,
    }  # fmt: skip
    return render(request, "notify/notice.html", context)


@guarded(methods=("POST",))
def read_all(request: PortalRequest) -> HttpResponse:
    """Marks the whole list as read."""
    number = actions.mark_all_read(by=request.actor)
    messages.success(request, f"{count_words(number, 'notice')} marked as read." if number else "Nothing was unread.")
    return redirect("notify:notices")


@guarded(methods=("GET", "POST"))
def settings(request: PortalRequest) -> HttpResponse:
    """The hour of the daily e-mail, or each message as it comes."""
    user = request.actor.user
    now = AS_IT_COMES if user.digest_hour is None else str(user.digest_hour)
    form = HourForm(request.POST or None, initial={"hour": now})
    if request.method == "POST" and form.is_valid():
        actions.choose_hour(user, hour=form.chosen, by=request.actor)
        words = dict(form.fields["hour"].choices)[form.cleaned_data["hour"]]  # type: ignore[attr-defined]
        messages.success(request, f"Saved. Your emails come: {words[:1].lower()}{words[1:]}.")
        return redirect("notify:notices")
    return render(request, "notify/settings.html", {"form": form, "address": user.email})
