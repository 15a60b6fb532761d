"""The pages of a plan's sections: filling in, keeping drafts, changing again, history."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from pepportal.access.guard import PortalRequest, guarded, require
from pepportal.access.vocabulary import May
from pepportal.timekeeping import LONDON
from peps import actions
from peps.policies import SectionInView, section_for
from peps.queries import history_of, words_of
from peps.section_forms import BASED_ON, NEXT_STEP, TYPED_AS_TEXT, SectionForm, decided, shown_revisions, typed_in
from peps.section_pages import (
    SectionPage,
    child_context,
    child_steps,
    next_address,
    panel_links,
    plan_page,
    section_address,
    sent_form,
)
from peps.states import NotPossible


def _number(request: PortalRequest, page: SectionPage) -> int | None:
    """Which question of the child's pages is asked for: theirs always one by one, a helper's where they choose so."""
    asked = request.GET.get("q", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 4:
        return min(max(int(asked), 1), len(child_steps(page)) + 1)
    return 1 if page.by_the_child else None


@guarded(May.SEE_PEP, methods=("GET", "POST"))
def section(request: PortalRequest, pep_id: UUID, key: str) -> HttpResponse:
    """A section to fill in or to read; posting saves."""
    looked_at = "" if request.method == "POST" else f"section {key}"
    seen = section_for(request.actor, pep_id, key, looked_at=looked_at)
    page = SectionPage(seen, request.actor)
    if request.method == "POST":
        seen.plan.require_owner(seen.section)
        return _save(request, page)
    if not seen.section.fields and (links := panel_links(seen.plan, seen.section)):
        return redirect(links[0][0])
    number = _number(request, page)
    if seen.section.owner == "child" and number is not None:
        return render(request, "peps/child_section.html", child_context(page, number))
    if request.GET.get("check") == "complete" and page.editable:
        page.sent = page.checked()
    return render(request, "peps/section.html", page.context())


def _save(request: PortalRequest, page: SectionPage) -> HttpResponse:
    data, undecided = decided(request.POST)
    based_on = shown_revisions(data)
    typed = typed_in(page.section, data)
    form = sent_form(page, data, based_on)
    if not form.is_valid():
        actions.keep_draft(page.pep, page.section.key, typed=typed, based_on=based_on, by=request.actor)
        return _again(request, page, form)
    outcome = actions.save_section(
        page.pep, page.section.key, values=form.answered(), unknown=form.unknown(), based_on=form.based_on, typed=typed,
        by=request.actor, written_for=page.helper,
    )  # fmt: skip
    if isinstance(outcome, actions.Kept):
        messages.warning(request, f"{outcome.reason} What you typed is kept: you find it on this page.")
        return redirect(section_address(page.pep, page.section.key))
    if isinstance(outcome, actions.Conflict):
        return _both_versions(request, page, outcome, form, undecided)
    return _after_saving(request, page)


def _again(request: PortalRequest, page: SectionPage, form: SectionForm) -> HttpResponse:
    """The form with what was typed and what is wrong with it; where nothing may change, the words that were kept."""
    if not page.editable:
        messages.warning(request, f"{page.why_not} What you typed is kept: you find it on this page.")
        return redirect(section_address(page.pep, page.section.key))
    number = _number(request, page)
    if page.section.owner == "child" and number is not None and number <= len(child_steps(page)):
        return render(request, "peps/child_section.html", child_context(page, number, sent=form))
    page.sent = form
    return render(request, "peps/section.html", page.context())


def _both_versions(
    request: PortalRequest, page: SectionPage, outcome: actions.Conflict, form: SectionForm, undecided: list[str]
) -> HttpResponse:
    asked = {each.id: each for each in page.section.fields}
    clashes = [
        {
            "field": asked[clash.field],
            "clash": clash,
            "mine": words_of(asked[clash.field], clash.mine),
            "theirs": words_of(asked[clash.field], clash.theirs),
            "raw": [(name, form.raw.getlist(name)) for name in typed_in_one(form, clash.field)],
            "together": asked[clash.field].type in TYPED_AS_TEXT,
            "box": together(form, clash),
            "undecided": clash.field in undecided,
        }
        for clash in outcome.clashes
    ]
    based_on = " ".join(f"{clash.field}:{clash.revision}" for clash in outcome.clashes)
    context = {"page": page, "pep": page.pep, "child": page.plan.child, "section": page.section, "clashes": clashes,
               "based_on": based_on, "changed": outcome.changed, "back": plan_page(page.plan),
               "next_step": request.POST.get(NEXT_STEP, ""), "based_on_name": BASED_ON, "page_has_errors": bool(undecided)}  # fmt: skip
    return render(request, "peps/conflict.html", context, status=409)


def together(form: SectionForm, clash: actions.Clash) -> str:
    """What the box for both versions starts with: what was last put into it, else theirs and mine below each other."""
    parts = (clash.theirs.value, clash.mine.value)
    return "\n\n".join(str(part) for part in parts if part)


def typed_in_one(form: SectionForm, field: str) -> list[str]:
    """The names under which one question's answer was sent."""
    return [name for name in form.raw if name == field or name.startswith((f"{field}-", f"{field}_"))]


def _after_saving(request: PortalRequest, page: SectionPage) -> HttpResponse:
    """Where a person goes on: the child to the next question, others as the pressed button says."""
    here, step = section_address(page.pep, page.section.key), request.POST.get(NEXT_STEP, "")
    number = _number(request, page)
    if page.section.owner == "child" and number is not None and step != "complete":
        return redirect(f"{here}?q={number + 1}")
    if step == "complete" and not page.section.panels:
        return _complete(request, page, here)
    if step == "stay" or not page.plan.reads_plan:
        messages.success(request, "Saved. Thank you." if not page.plan.reads_plan else "Saved.")
        return redirect(here)
    messages.success(request, f"{page.section.title}: saved.")
    return redirect(next_address(page.plan, page.section)[0])


def _complete(request: PortalRequest, page: SectionPage, here: str) -> HttpResponse:
    try:
        actions.mark_section_complete(page.pep, page.section.key, panel_missing=(), by=request.actor)
    except actions.NotComplete:
        return redirect(f"{here}?check=complete")
    except NotPossible as reason:
        messages.warning(request, str(reason))
        return redirect(here)
    if page.by_the_child:
        return redirect(f"{here}?q={len(child_steps(page)) + 1}")
    messages.success(request, f"{page.section.title}: marked complete.")
    return redirect(plan_page(page.plan) if page.plan.reads_plan else here)


def _writer(request: PortalRequest, pep_id: UUID, key: str) -> SectionInView:
    seen = section_for(request.actor, pep_id, key)
    seen.plan.require_owner(seen.section)
    return seen


@guarded(May.SEE_PEP, methods=("POST",))
def draft(request: PortalRequest, pep_id: UUID, key: str) -> HttpResponse:
    """Keeps what is being typed (asked by the page's script), or forgets it."""
    page = SectionPage(_writer(request, pep_id, key), request.actor)
    if "_discard" in request.POST:
        actions.drop_draft(page.pep, key, by=request.actor)
        messages.success(request, "What you had not saved is discarded.")
        return redirect(section_address(page.pep, key))
    based_on = shown_revisions(request.POST)
    form = sent_form(page, request.POST, based_on)
    if form.differs:
        typed = typed_in(page.section, request.POST)
        actions.keep_draft(page.pep, key, typed=typed, based_on=based_on, by=request.actor)
    else:
        actions.drop_draft(page.pep, key, by=request.actor)
    return JsonResponse({"saved_at": f"{request.actor.at.astimezone(LONDON):%H:%M}"})


@guarded(May.SEE_PEP, methods=("POST",))
def reopen(request: PortalRequest, pep_id: UUID, key: str) -> HttpResponse:
    """Opens a complete section for changes again."""
    seen = section_for(request.actor, pep_id, key)
    require(seen.plan.may_complete(seen.section), f"Only {seen.plan.owner_of(seen.section)} changes this section.")
    try:
        actions.reopen_section(seen.plan.pep, key, by=request.actor)
        messages.success(request, f"{seen.section.title}: you can change it now.")
    except NotPossible as reason:
        messages.warning(request, str(reason))
    return redirect(section_address(seen.plan.pep, key))


@guarded(May.SEE_PEP)
def history(request: PortalRequest, pep_id: UUID, key: str) -> HttpResponse:
    """Who wrote what into a section, and when."""
    seen = section_for(request.actor, pep_id, key, looked_at=f"history of section {key}")
    seen.plan.require(May.SEE_PEP)
    asked = {each.id: each for each in seen.plan.readable(seen.section)}
    items = [
        {"when": change.at, "by": change.who, "title": change.label, "words": words_of(asked[change.field], change.given),
         "note": change.note}
        for change in history_of(seen.plan.pep, seen.section, asked)
    ]  # fmt: skip
    context = {"section": seen.section, "pep": seen.plan.pep, "child": seen.plan.child, "items": items,
               "back": section_address(seen.plan.pep, key)}  # fmt: skip
    return render(request, "peps/history.html", context)
