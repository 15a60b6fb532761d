from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from pepportal.access.actor import actor_for
from pepportal.audit import actions as audit
from pepportal.audit.acting import Acting
from pepportal.timekeeping import now

Answer = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Gives the request its actor (who, when, holding what) before any view runs."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        if request.user.is_authenticated:
            request.actor = actor_for(request.user, now(), request.request_id)  # type: ignore[attr-defined]


class RefusalMiddleware:
    """Writes refused attempts down, after the refused request's own transaction has ended, so that they stay."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        actor: Acting | None = getattr(request, "actor", None)
        if actor is not None and response.status_code in (403, 404):
            reason = "not allowed" if response.status_code == 403 else "not among what they may see"
            audit.refused(f"{request.method} refused", request.path, by=actor, reason=reason)
        return response
