"""After somebody has changed something, brings the index up to date before they see the next page.

The beat job does the same within seconds; this only spares people the sight of a thing they have just done. It must never
spoil an answer that has been given, so a failure is logged and left to the beat job.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from pepportal.audit.acting import the_portal
from pepportal.clock.actions import sync_marked
from pepportal.timekeeping import now

log = logging.getLogger(__name__)


class FreshIndexMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        somebody = getattr(request, "actor", None) is not None  # signed-out knocks do no work
        if somebody and request.method == "POST" and response.status_code in (302, 303):
            try:
                sync_marked(
                    by=the_portal(now()), limit=3, newest_first=True
                )  # their own, not a publication's thousands
            except Exception:
                log.exception("The index was not brought up to date; the beat job will.")
        return response
