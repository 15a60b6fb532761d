"""What the frame of every page needs: where I am, who I am, where I can go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from pepportal.access.actor import Actor
from pepportal.access.roles import ROLES, Role
from pepportal.access.vocabulary import May
from pepportal.notify.queries import unread_count

CHILDRENS_PEOPLE = frozenset(role for role, about in ROLES.items() if May.SEE_PEP in about.may)


def _nav(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    roles = {held.role for held in actor.held}
    verbs = {verb for role in roles for verb in ROLES[role].may}
    working = bool(roles)
    items = [("My work", "/", lambda path: path == "/")]
    if working:
        items.append(("Children", "/children/", lambda path: path.startswith(("/children", "/peps"))))
    else:
        items.append(("Plans shared with me", "/shared/", lambda path: path.startswith("/shared")))
    if May.SEE_OVERDUE in verbs:
        items.append(("Overdue", "/overdue/", lambda path: path.startswith("/overdue")))
    items.append(("Meetings", "/meetings/", lambda path: path.startswith("/meetings")))
    if May.REVIEW_QUALITY in verbs:
        items.append(("Quality", "/quality/", lambda path: path.startswith("/quality")))
    if roles & {Role.VS_FINANCE, Role.VS_HEAD, Role.VS_DEPUTY, Role.VS_CASEWORKER}:
        items.append(("Money", "/funding/", lambda path: path.startswith("/funding")))
    if May.SEE_RULES in verbs:
        items.append(("Schools", "/schools/", lambda path: path.startswith("/schools")))
        items.append(("Rules", "/rules/", lambda path: path.startswith("/rules")))
    if Role.IRO in roles:
        items.append(("For care reviews", "/shared/", lambda path: path.startswith("/shared")))
    found: list[dict[str, Any]] = [
        {"text": text, "href": href, "current": current(request.path), "count": 0} for text, href, current in items
    ]
    found.append(
        {
            "text": "Notices",
            "href": "/notices/",
            "current": request.path.startswith("/notices"),
            "count": unread_count(actor.user),
        }
    )
    return found


def portal(request: HttpRequest) -> dict[str, Any]:
    """``portal`` in every template."""
    actor: Actor | None = getattr(request, "actor", None)
    frame: dict[str, Any] = {
        "demonstration": settings.DEMONSTRATION,
        "service_name": "PEP portal",
        "person": None,
        "nav": [],
        "links": {},
    }
    if actor is not None:
        if actor.authority_name and len({held.authority_id for held in actor.held if held.authority_id}) == 1:
            frame["service_name"] = f"{actor.authority_name} Virtual School"
        frame["person"] = {
            "name": actor.label,
            "role": actor.role_words,
            "organisation": "" if frame["service_name"] == actor.organisation_words else actor.organisation_words,
        }
        frame["nav"] = _nav(request, actor)
    return {"portal": frame}
