"""For the virtual school: who was told what and when, and what could not be delivered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from pepportal.access.guard import PortalRequest, guarded, require_role
from pepportal.access.vocabulary import May
from pepportal.audit import actions as audit
from pepportal.notify import actions, queries
from pepportal.notify.forms import SentForm, ToldForm
from pepportal.notify.models import Notice
from pepportal.notify.naming import still_named
from pepportal.ui.wording import count_words, in_short, join_words, time_words

A_PAGE = 25
WORDS = {"done": "Told", "waiting": "Waiting", "late": "Not delivered", "not_needed": "Not sent"}


def _look(request: PortalRequest, what: str, page: Page[Notice]) -> set[UUID]:
    """Writes down whose messages were looked at; the notices that may name their child to the reader."""
    shown = list(page.object_list)
    children = {notice.child_id for notice in shown if notice.child_id}
    if children:
        audit.saw(what, ("page", "messages"), by=request.actor, children=children)
    return still_named(shown, request.actor)


def _to(notice: Notice) -> str:
    if notice.person is None:
        return notice.address
    return f"{notice.person.name}, for {notice.in_place_of.name}" if notice.in_place_of else notice.person.name


def _what(notice: Notice, named: set[UUID]) -> dict[str, Any]:
    return {"text": notice.subject, "note": notice.screen_text if notice.pk in named else ""}


@guarded(May.SEE_MAILBOX)
def sent(request: PortalRequest) -> HttpResponse:
    """Every message of the authority, by person, kind, state and day. A child is named only to who may see the child."""
    require_role(request.actor, May.SEE_MAILBOX)
    form = SentForm(request.GET or None, kinds=queries.kinds())
    asked = form.asked()
    page = Paginator(queries.sent(request.actor, asked), A_PAGE).get_page(request.GET.get("page"))
    named = _look(request, "messages that were sent", page)
    rows = []
    for notice in page:
        status, words = queries.delivery_words(notice)
        when = f"{in_short(notice.created_at, year=True)}, {time_words(notice.created_at)}"
        told = f" ({notice.told_otherwise})" if notice.told_otherwise else ""
        delivery = {"status": status, "status_word": WORDS[status], "note": words + told}
        rows.append([_what(notice, named), queries.kind_words(notice.kind), _to(notice), when, delivery])
    context = {
        "filter_form": form, "page": page, "rows": rows, "columns": ["Message", "Kind", "To", "Written", "Delivery"],
        "searched": asked != queries.Asked(), "undelivered": queries.undeliverable_count(request.actor),
    }  # fmt: skip
    return render(request, "notify/sent.html", context)


@guarded(May.SEE_MAILBOX)
def undelivered(request: PortalRequest) -> HttpResponse:
    """What could not be delivered: to whom, when, why, how often it was tried, and what can be done about it."""
    require_role(request.actor, May.SEE_MAILBOX)
    return _undelivered(request, ToldForm(auto_id=False), None)


def _undelivered(request: PortalRequest, wrong: ToldForm, where: UUID | None) -> HttpResponse:
    page = Paginator(queries.undelivered(request.actor), A_PAGE).get_page(request.GET.get("page"))
    named = _look(request, "messages that could not be delivered", page)
    rows = []
    for notice in page:
        mine = notice.pk == where
        form = wrong if mine else ToldForm(auto_id=f"{notice.pk}_%s")
        address = notice.person.email if notice.person else notice.address
        facts = [
            {"key": "To", "value": join_words(dict.fromkeys((_to(notice), address)), last="at")},
            {"key": "Kind", "value": queries.kind_words(notice.kind)},
            {"key": "Written", "value": f"{in_short(notice.created_at, year=True)}, {time_words(notice.created_at)}"},
            {"key": "Why not", "value": notice.last_error or "The mail server gave no reason."},
            {"key": "Tried", "value": count_words(notice.attempts, "time")},
        ]
        rows.append((notice, _what(notice, named)["note"], facts, form, mine))
    return render(request, "notify/undelivered.html", {"page": page, "rows": rows, "form": wrong if where else None})


def _one(request: PortalRequest, notice_id: UUID) -> Notice:
    require_role(request.actor, May.SEE_MAILBOX)
    found: Notice = get_object_or_404(queries.overseen(request.actor), pk=notice_id)
    return found


CHANGED = "This message isn’t undelivered any more: somebody has seen to it, or it has been delivered."


@guarded(May.SEE_MAILBOX, methods=("POST",))
def again(request: PortalRequest, notice_id: UUID) -> HttpResponse:
    """Owes an undeliverable message once more."""
    if actions.try_again(_one(request, notice_id), by=request.actor):
        messages.success(request, "The message is sent again now. If it can’t be delivered, it comes back here.")
    else:
        messages.warning(request, CHANGED)
    return redirect("notify:undelivered")


@guarded(May.SEE_MAILBOX, methods=("POST",))
def told(request: PortalRequest, notice_id: UUID) -> HttpResponse:
    """Keeps that somebody was told by telephone or in person."""
    notice = _one(request, notice_id)
    form = ToldForm(request.POST, auto_id=f"{notice.pk}_%s")
    if not form.is_valid():
        return _undelivered(request, form, notice.pk)
    if actions.told_another_way(notice, how=form.cleaned_data["how"], by=request.actor):
        messages.success(request, "Kept. The message is off this list.")
    else:
        messages.warning(request, CHANGED)
    return redirect("notify:undelivered")
