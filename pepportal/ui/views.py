"""The gallery: every component in every state on one page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines

from pepportal.access.guard import PortalRequest, guarded
from pepportal.ui.gallery import GALLERY, State


@guarded()
def gallery(request: PortalRequest) -> HttpResponse:
    """Shows the gallery's manifest, drawn by the very templates the product uses."""
    shown = [(component, [(state, draw(state, request)) for state in component.states]) for component in GALLERY]
    return render(request, "pages/gallery.html", {"gallery": shown})


def draw(state: State, request: HttpRequest) -> str:
    """One state as HTML."""
    return engines["django"].from_string(state.source).render(state.values(), request)
