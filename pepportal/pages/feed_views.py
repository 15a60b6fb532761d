"""One's own calendar address, and what a diary reads there."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from pepportal.access.actor import actor_for
from pepportal.access.guard import PortalRequest, guarded, open_to_all
from pepportal.clock import feeds
from pepportal.pages.feed import feed_content
from pepportal.timekeeping import now


@guarded(methods=("GET", "POST"))
def my_calendar(request: PortalRequest) -> HttpResponse:
    """Says what the address is for; makes it, shows it this once, or closes it."""
    actor = request.actor
    address = ""
    if request.method == "POST":
        if request.POST.get("do") == "revoke":
            if feeds.revoke_feed(user=actor.user, by=actor):
                messages.success(request, "The address is closed. Whatever reads it gets nothing from now on.")
            return redirect("pages:my-calendar")
        _, secret = feeds.make_feed(user=actor.user, by=actor)
        address = settings.PORTAL_ADDRESS + reverse("pages:feed", args=[secret])
    context = {
        "feed": feeds.feed_of(actor.user), "address": address, "webcal": f"webcal://{address.partition('://')[2]}",
    }  # fmt: skip
    response = render(request, "pages/calendar_feed.html", context)
    response["Cache-Control"] = "no-store"
    return response


@open_to_all("a diary reads it without signing in: the secret in the address is the key, and nobody is named")
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The feed, or "not there" for a wrong, replaced or revoked secret alike."""
    found = feeds.open_feed(secret)
    if found is None:
        raise Http404("There is no calendar at this address.")
    actor = actor_for(found.user, now())
    content = feed_content(actor, found.made_at)
    feeds.used(found, children=content.children, by=actor)
    body = content.text.encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    answer = get_conditional_response(request, etag=etag, response=response)
    assert answer is not None
    return answer
