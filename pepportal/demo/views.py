"""The demonstration's sign-in page: choose a fictional person. Not there at all outside the demonstration."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from pepportal.access.actor import actor_for
from pepportal.access.guard import open_to_all
from pepportal.accounts.models import User
from pepportal.audit import actions as audit
from pepportal.demo.queries import people_to_be
from pepportal.timekeeping import now


def _only_in_demonstration() -> None:
    if not settings.DEMONSTRATION:
        raise Http404


def _safe(request: HttpRequest, target: str) -> str:
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()) else "/"


@open_to_all("the demonstration's sign-in list; 404 outside the demonstration")
def people(request: HttpRequest) -> HttpResponse:
    _only_in_demonstration()
    groups = people_to_be(now().date(), request.GET.get("q", ""))
    return render(
        request,
        "demo/people.html",
        {"groups": groups, "q": request.GET.get("q", ""), "next": _safe(request, request.GET.get("next", "/"))},
    )


@open_to_all("signs in as a fictional person; 404 outside the demonstration")
def sign_in_as(request: HttpRequest, user_id: UUID) -> HttpResponse:
    _only_in_demonstration()
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    user = get_object_or_404(User, pk=user_id, is_active=True)
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    audit.signed_in(by=actor_for(user, now()), how="demonstration sign-in")
    return redirect(_safe(request, request.POST.get("next", "/")))
