"""The pages for what went wrong, in the same design and with a way on."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from pepportal.jobs.middleware import keep_form

log = logging.getLogger(__name__)


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our own fault: what the person had just sent is kept for them, if the database still answers."""
    kept = None
    try:
        if request.method == "POST" and request.user.is_authenticated:
            kept = keep_form(request, str(request.user.pk))
    except Exception:  # the fault may be the database's
        log.exception("What was sent to %s could not be kept", request.path)
    return HttpResponse(render_to_string("500.html", {"kept": kept}), status=500)
