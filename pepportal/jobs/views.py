"""Giving back a form that was sent after its writer had been signed out."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from pepportal.access.guard import PortalRequest, guarded
from pepportal.audit import actions as audit
from pepportal.jobs.models import HeldForm


@guarded()
def kept(request: PortalRequest, held_id: UUID) -> HttpResponse:
    """Shows what was kept, to the person who typed it only (404 for all others), and sends it on at one press."""
    held = get_object_or_404(HeldForm, pk=held_id, user_id=request.actor.user_id)
    audit.saw("a form kept for them", held, by=request.actor)
    said = [
        {"name": name.replace("_", " ").replace("-", ", ").capitalize(), "words": "\n".join(values)}
        for name, values in held.fields.items()
        if not name.startswith("_") and any(value.strip() for value in values)
    ]  # fmt: skip
    fields = [(name, value) for name, values in held.fields.items() for value in values]
    return render(request, "jobs/kept.html", {"held": held, "said": said, "fields": fields})
