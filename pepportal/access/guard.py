"""The guard on every view. A view without one does not open: the architecture tests walk the URLconf and fail."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, resolve_url

from pepportal.access.actor import Actor
from pepportal.access.roles import Role, may
from pepportal.access.vocabulary import May

View = Callable[..., HttpResponse]


class PortalRequest(HttpRequest):
    """A request past the guard: it has an actor."""

    actor: Actor


def _sign_in(request: HttpRequest) -> HttpResponse:
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?next={quote(request.get_full_path())}")


def guarded(needs: May | None = None, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Opens a view to signed-in people only, for the given methods, and, where the verb is not about one child, to those
    whose memberships give it. Views about a child load it with ``children.policies.child_for`` (404 outside one's
    children, 403 for a verb that isn't one's); ``needs`` then names the verb that they check, for the table of views.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _sign_in(request)
            allowed = (*methods, "HEAD") if "GET" in methods else methods
            if request.method not in allowed:
                return HttpResponseNotAllowed(methods)
            return view(cast(PortalRequest, request), *args, **kwargs)

        inner.guard = needs or "signed in"  # type: ignore[attr-defined]
        return inner

    return decorate


def open_to_all(reason: str) -> Callable[[View], View]:
    """Marks a view that needs no sign-in, with the reason (sign-in pages, health, the accessibility statement)."""

    def decorate(view: View) -> View:
        view.guard = f"open: {reason}"  # type: ignore[attr-defined]
        return view

    return decorate


def require(allowed: bool, why_not: str) -> None:
    """403 with a sentence for the person; the refusal is written down by RefusalMiddleware."""
    if not allowed:
        raise PermissionDenied(why_not)


def require_role(actor: Actor, verb: May) -> None:
    """For verbs that aren't about one child: 403 unless one of the actor's memberships gives it."""
    roles: set[Role] = {h.role for h in actor.held}
    require(may(roles, verb), f"Your role doesn't include: {verb.value.lower()}.")
