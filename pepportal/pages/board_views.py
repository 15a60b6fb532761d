"""The overdue board, and the two things done from it to many rows at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from children.actions import FactsConflict
from children.queries import people_for
from pepportal.access.guard import PortalRequest, guarded, require_role
from pepportal.access.roles import Role
from pepportal.access.vocabulary import May
from pepportal.audit import actions as audit
from pepportal.clock.chasing import remind_by_hand
from pepportal.clock.models import Obligation
from pepportal.pages import board as boards
from pepportal.pages.actions import give_to
from pepportal.pages.board_forms import MOST_ROWS, PARTS, BoardForm, GiveForm, RemindForm
from pepportal.ui.wording import count_words, in_words, join_words

NOTHING_TICKED = "Tick at least one row first. What was met in the meantime, or isn’t yours to chase, is left out."


@guarded(May.SEE_OVERDUE)
def overdue(request: PortalRequest) -> HttpResponse:
    actor = request.actor
    require_role(actor, May.SEE_OVERDUE)
    reading = boards.BoardReading(actor)
    form = BoardForm(
        request.GET or None, people=reading.people, roles=reading.roles, schools=reading.days.schools,
        caseworker=actor.holds(Role.VS_CASEWORKER),
    )  # fmt: skip
    wanted = form.filters()
    found = reading.board(wanted, size=form.page_size(), number=request.GET.get("page"))
    if found.rows:
        audit.saw("overdue board", ("page", "overdue"), by=actor, children={row.child.pk for row in found.rows})
    context = {
        "form": form, "wanted": wanted, "board": found, "page": found.page, "today": actor.today,
        "may_chase": boards.may_chase(actor), "tick_all": request.GET.get("tick") == "all", "sent": request.GET,
    }  # fmt: skip
    return render(request, "pages/overdue.html", context | boards.board_words(found, wanted, request.GET))


def _ticked(request: PortalRequest, *verbs: May) -> list[Obligation]:
    """The ticked rows that are this person's to act on; their children's names are shown next, and the look is recorded."""
    rows = boards.chasable(request.actor, request.POST.getlist("row")[:MOST_ROWS], *verbs)
    if rows:
        audit.saw("rows to chase", ("page", "overdue"), by=request.actor, children={row.child_id for row in rows})
    return rows


@guarded(May.CHASE, methods=("GET", "POST"))
def remind(request: PortalRequest) -> HttpResponse:
    """Says who would be reminded of how many things; sent again with ``step``, does it."""
    require_role(request.actor, May.CHASE)
    if request.method == "GET":
        return redirect("pages:overdue")
    rows = _ticked(request, May.CHASE)
    if not rows:
        messages.error(request, NOTHING_TICKED)
        return redirect("pages:overdue")
    found = boards.reminding(rows, request.actor.today)
    sending = request.POST.get("step") == "send"
    form = RemindForm(request.POST if sending else None)
    if sending and form.is_valid() and found.rows:
        told = remind_by_hand(found.rows, by=request.actor, words=form.cleaned_data["words"])
        messages.success(request, boards.reminded_words(told, found))
        return redirect("pages:overdue")
    return render(request, "pages/overdue_remind.html", {"form": form, "found": found, "rows": rows})


@guarded(May.CHASE, methods=("GET", "POST"))
def reassign(request: PortalRequest) -> HttpResponse:
    """Asks to whom and from when, shows whose children go from whom to whom, and, sent again with ``step``, does it."""
    actor = request.actor
    require_role(actor, May.CHASE)
    if request.method == "GET":
        return redirect("pages:overdue")
    rows = _ticked(request, May.CHASE, May.CHANGE_FACTS)
    authorities = {row.child.authority for row in rows}
    if len(authorities) != 1:
        several = "Tick children of one council at a time." if authorities else NOTHING_TICKED
        messages.error(request, several)
        return redirect("pages:overdue")
    authority = authorities.pop()
    step = request.POST.get("step", "")
    people = {part: people_for(part, authority, actor.today) for part in PARTS}
    form = GiveForm(request.POST if step else None, people=people, today=actor.today)
    children = list({row.child_id: row.child for row in rows}.values())
    context: dict[str, Any] = {"form": form, "rows": rows, "children": children}
    if step and form.is_valid():
        part, user = form.chosen
        if step == "give":
            if _given(request, form, children):
                return redirect("pages:overdue")
        else:
            moves = boards.moves_of(children, part, user, form.cleaned_data["began_on"])
            changing = sum(not move.stays for move in moves)
            context |= {"part": boards.part_words(part), "user": user, "moves": moves, "changing": changing}
    return render(request, "pages/overdue_reassign.html", context)


def _given(request: PortalRequest, form: GiveForm, children: list[Any]) -> bool:
    part, user = form.chosen
    day = form.cleaned_data["began_on"]
    try:
        given = give_to(children=children, part=part, user=user, began_on=day, by=request.actor)
    except FactsConflict as conflict:
        form.add_error(
            "began_on" if conflict.field == "began_on" else None, f"Nothing has changed. {conflict.sentence}"
        )
        return False
    words = f"{user} is the {boards.part_words(part)} of {count_words(len(given), 'child')} from {in_words(day)}: "
    messages.success(request, words + join_words(child.name for child in given) + "." if given else
                     f"{user} already has that part for all of them. Nothing has changed.")  # fmt: skip
    return True
