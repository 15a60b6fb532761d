"""The pages about a council's rules: to read, to compare, to edit as a draft, to publish and to choose."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from pepportal.access.guard import PortalRequest, guarded
from pepportal.access.vocabulary import May
from pepportal.pages import rules_queries as queries
from pepportal.pages import rules_words
from pepportal.pages.rules_forms import RulesForm, mistake
from pepportal.pages.rules_queries import LETTERS, Council, version_words
from pepportal.profiles import actions, words
from pepportal.profiles.models import ProfileDraft
from pepportal.profiles.queries import draft_of, rules_of, shelf_of
from pepportal.profiles.reading import ProfileError
from pepportal.profiles.schema import TABLES
from pepportal.profiles.writing import toml_of
from pepportal.ui.forms import DateField, LongTextField, PortalForm, SelectField
from pepportal.ui.wording import in_words, when_words

BOTH = ("GET", "POST")


def _council(request: PortalRequest, verb: May = May.SEE_RULES) -> Council:
    return queries.council_for(request.actor, verb, request.GET.get("council"))


def _to(name: str, council: Council, *args: Any) -> HttpResponse:
    return redirect(reverse(name, args=args) + council.query)


# --- to read ----------------------------------------------------------------------------------------------------------


@guarded(May.SEE_RULES)
def overview(request: PortalRequest) -> HttpResponse:
    """The council's rules: in force, coming, earlier, and the others that there are."""
    council, today = _council(request), request.actor.today
    shelf = shelf_of(council.authority)
    publishes = queries.may_publish(request.actor, council.authority)
    found = queries.overview_of(shelf, today)
    context = {
        "council": council, "found": found, "today": today, "may_publish": publishes,
        "draft": draft_of(council.authority) if publishes else None,
        "form": CompareForm(None, versions=list(shelf.versions), shown=2, first=found.now),
        "choices": [each for each in shelf.choices if each.effective_from > today],
    }  # fmt: skip
    return render(request, "rules/overview.html", context)


@guarded(May.SEE_RULES)
def version(request: PortalRequest, version_id: UUID) -> HttpResponse:
    """One version: every rule in words, with what is a default and what was assumed."""
    found = queries.version_for(request.actor, version_id)
    council = _council(request)
    shelf = shelf_of(council.authority)
    own = rules_words.is_products_own(found.name, found.authority_id)
    rules = rules_of(found)
    publishes = queries.may_publish(request.actor, council.authority)
    context = {
        "council": council, "version": found, "rules": rules, "products_own": own, "may_publish": publishes,
        "groups": rules_words.groups([rules], marks=not own), "now": shelf.in_force(request.actor.today),
        "source": rules_words.source_words(rules.document["profile"]["source"]), "note": rules.document["profile"].get("note"),
        "draft": draft_of(council.authority) if publishes else None,
    }  # fmt: skip
    return render(request, "rules/version.html", context)


@guarded(May.SEE_RULES)
def file(request: PortalRequest, version_id: UUID) -> HttpResponse:
    """A version as TOML, to be kept and loaded by ``manage.py load_profile``."""
    found = queries.version_for(request.actor, version_id)
    response = HttpResponse(toml_of(found.document), content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.name}-version-{found.version}.toml"'
    return response


class CompareForm(PortalForm):
    """Two to six versions, side by side."""

    def __init__(self, data: Any, *, versions: list[Any], shown: int, first: Any = None) -> None:
        super().__init__(data)
        choices = [(str(each.pk), version_words(each)) for each in versions]
        for number, letter in enumerate(LETTERS[:shown]):
            label = ("Compare", "with")[number] if number < 2 else "and"
            self.fields[letter] = SelectField(label, choices, required=False, empty="Nothing")
        if first is not None:
            self.fields["a"].initial = str(first.pk)


@guarded(May.SEE_RULES)
def compare(request: PortalRequest) -> HttpResponse:
    """Any two to six versions side by side; only what differs, unless everything is asked for."""
    council = _council(request)
    versions = {str(each.pk): each for each in shelf_of(council.authority).versions}
    found = queries.asked_for(request.GET, versions)
    everything = request.GET.get("show") == "all"
    asked = QueryDict(mutable=True)
    asked.update({letter: str(each.pk) for letter, each in zip(LETTERS, found, strict=False)})
    shown = min(max(3, len(found) + 1), len(LETTERS))
    rules = [rules_of(each) for each in found]
    groups = rules_words.groups(rules, heads=found, only_differing=not everything) if len(found) > 1 else []
    context = {
        "council": council, "versions": found, "everything": everything, "groups": groups,
        "form": CompareForm(asked, versions=list(versions.values()), shown=shown),
        "other_way": council.and_(asked.urlencode() + ("" if everything else "&show=all")),
    }  # fmt: skip
    return render(request, "rules/compare.html", context)


# --- to edit ----------------------------------------------------------------------------------------------------------


class StartForm(PortalForm):
    """Which rules a draft begins with."""

    based_on = SelectField("Begin with", required="Choose the rules to begin with", empty="")

    def __init__(self, data: Any, *, versions: list[Any], first: str = "") -> None:
        super().__init__(data)
        self.versions = {str(each.pk): each for each in versions}
        self.fields["based_on"].choices = [(key, version_words(each)) for key, each in self.versions.items()]  # type: ignore[attr-defined]
        self.fields["based_on"].initial = first


@guarded(May.PUBLISH_RULES, methods=BOTH)
def edit(request: PortalRequest) -> HttpResponse:
    """The council's draft, table by table; where there is none, a draft is begun here."""
    council = _council(request, May.PUBLISH_RULES)
    draft = draft_of(council.authority)
    if draft is not None and request.method == "GET":
        context = {"council": council, "draft": draft, "tables": queries.draft_tables(draft)}
        return render(request, "rules/draft.html", context)
    if draft is not None:
        messages.info(request, "A draft is open already: here it is.")
        return _to("rules:edit", council)
    shelf = shelf_of(council.authority)
    now = shelf.in_force(request.actor.today)
    first = request.GET.get("from") or (str(now.pk) if now else "")
    form = StartForm(request.POST or None, versions=list(shelf.versions), first=first)
    if request.method == "POST" and form.is_valid():
        based_on = form.versions[form.cleaned_data["based_on"]]
        actions.start_draft(authority=council.authority, based_on=based_on, by=request.actor)
        return _to("rules:edit", council)
    return render(request, "rules/start.html", {"council": council, "form": form})


@guarded(May.PUBLISH_RULES, methods=BOTH)
def edit_table(request: PortalRequest, key: str) -> HttpResponse:
    """One table of the draft as a form."""
    council = _council(request, May.PUBLISH_RULES)
    if key != "profile" and key not in TABLES:
        raise Http404("There are no rules of that name.")
    draft = draft_of(council.authority)
    if draft is None:
        messages.info(request, "No draft is open. Begin one first.")
        return _to("rules:edit", council)
    revision = draft.revision
    if request.method == "GET":
        return _table_page(request, council, draft, RulesForm(key, draft.document))
    if add := request.POST.get("add", ""):
        return _table_page(
            request, council, draft, RulesForm(key, draft.document, typed=request.POST, add=add), _sent(request)
        )
    form = RulesForm(key, draft.document, request.POST)
    if not form.is_valid():
        return _table_page(request, council, draft, form.seal(), _sent(request))
    try:
        saved = actions.save_draft(
            authority=council.authority, table=key, content=form.content, revision=_sent(request), by=request.actor
        )
    except actions.DraftChanged as changed:
        draft = changed.draft
        form.add_error(
            None, f"{_changed_words(draft)} What you typed is below and not saved: look at the draft, then save again."
        )
        return _table_page(request, council, draft, form.seal(), draft.revision)
    except actions.NoDraft as gone:
        messages.error(request, str(gone))
        return _to("rules:edit", council)
    title = words.TABLES[key][0]
    said = "is saved in the draft." if saved.revision != revision else "is as it was: nothing was changed."
    messages.success(request, f"“{title}” {said}")
    return _to("rules:edit", council)


def _sent(request: PortalRequest) -> int:
    """The draft's revision that the page showed."""
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


def _changed_words(draft: ProfileDraft) -> str:
    return f"{draft.author.name} has changed the draft since you opened this page, on {when_words(draft.at)}."


def _table_page(
    request: PortalRequest, council: Council, draft: ProfileDraft, form: RulesForm, revision: int | None = None
) -> HttpResponse:
    title, about = words.TABLES[form.table]
    context = {
        "council": council, "draft": draft, "form": form, "title": title, "about": about, "key": form.table,
        "revision": draft.revision if revision is None else revision,
    }  # fmt: skip
    return render(request, "rules/table.html", context)


@guarded(May.PUBLISH_RULES, methods=("POST",))
def discard(request: PortalRequest) -> HttpResponse:
    """Throws the draft away, once it was said that it will be."""
    council = _council(request, May.PUBLISH_RULES)
    draft = draft_of(council.authority)
    if draft is None:
        messages.info(request, "No draft is open.")
        return _to("rules:overview", council)
    if request.POST.get("step") != "discard":
        return render(request, "rules/discard.html", {"council": council, "draft": draft})
    try:
        actions.discard_draft(authority=council.authority, revision=_sent(request), by=request.actor)
    except actions.NotPossible as why:
        messages.error(request, f"{why} It was not discarded.")
        return _to("rules:edit", council)
    messages.success(request, "The draft is discarded. The rules in force are as they were.")
    return _to("rules:overview", council)


# --- to publish and to choose -----------------------------------------------------------------------------------------


class FromForm(PortalForm):
    """From which day, and why where that day is past."""

    effective_from = DateField("In force from", required="Enter the day from which the rules are in force")
    reason = LongTextField(
        "Why from a day that is past?",
        required=False,
        rows=2,
        max_length=300,
        hint="Only where the day lies before today.",
    )

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data)
        self.today = today
        self.fields["effective_from"].initial = today

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        day = data.get("effective_from")
        if day and day < self.today and not data.get("reason"):
            self.add_error("reason", "Say why the rules take effect on a day that is past")
        return data

    @property
    def day(self) -> date:
        """The day typed, or today where none was typed yet."""
        data = getattr(self, "cleaned_data", {})
        found: date = data.get("effective_from") or self.today
        return found


@guarded(May.PUBLISH_RULES, methods=BOTH)
def preview(request: PortalRequest) -> HttpResponse:
    """What the draft changes and what that does; publishing asks once."""
    council = _council(request, May.PUBLISH_RULES)
    draft = draft_of(council.authority)
    if draft is None:
        messages.info(request, "No draft is open. Begin one first.")
        return _to("rules:edit", council)
    form = FromForm(request.POST or None, today=request.actor.today)
    checked = request.method == "POST" and form.is_valid()
    shelf = shelf_of(council.authority)
    try:
        rules = actions.finished(draft, effective_from=form.day, number=1, also=rules_words.fit_forms)
    except ProfileError as error:
        said = [mistake(path, reason) for path, reason in error.problems]
        return render(request, "rules/preview.html", {"council": council, "draft": draft, "mistakes": said})
    found = queries.effect(shelf, rules, form.day)
    renamed = shelf.name_on(form.day) != draft.based_on.name
    nothing = not found.rules and not renamed and _same_head(found.before, rules)
    if checked and not nothing and request.POST.get("step") == "publish" and _publish(request, council, form):
        return _to("rules:overview", council)
    context = {
        "council": council, "draft": draft, "form": form, "effect": found, "rules": rules, "checked": checked and not nothing,
        "nothing": nothing, "renamed": renamed, "past": form.day < request.actor.today, "revision": draft.revision,
    }  # fmt: skip
    return render(request, "rules/preview.html", context)


def _same_head(before: Any, rules: Any) -> bool:
    """Whether a draft also says of itself what the rules in force say."""
    kept = ("title", "source", "note", "council")
    head = before.document["profile"] if before is not None and before.authority_id else None
    return head is None or all(head.get(each) == rules.document["profile"].get(each) for each in kept)


def _publish(request: PortalRequest, council: Council, form: FromForm) -> bool:
    """Publishes the draft; False, with the reason on the form, where somebody was quicker."""
    try:
        made = actions.publish(
            authority=council.authority, revision=_sent(request), effective_from=form.cleaned_data["effective_from"],
            reason=form.cleaned_data["reason"], also=rules_words.fit_forms, by=request.actor,
        )  # fmt: skip
    except actions.DraftChanged as changed:
        form.add_error(
            None, f"{_changed_words(changed.draft)} Nothing is published: look at the changes below, then decide again."
        )
        return False
    except (actions.NotPossible, ProfileError) as why:
        form.add_error(None, str(why))
        return False
    messages.success(
        request, f"Published: {made.title}, version {made.version}, in force from {in_words(made.effective_from)}."
    )
    return True


class ChooseForm(FromForm):
    """Which rules a council works under from a day on."""

    name = SelectField("Use the rules of", required="Choose the rules to use")

    field_order = ("name", "effective_from", "reason")

    def __init__(self, data: Any, *, today: date, profiles: dict[str, str]) -> None:
        super().__init__(data, today=today)
        self.fields["name"].choices = [("", "Choose one"), *profiles.items()]  # type: ignore[attr-defined]


@guarded(May.PUBLISH_RULES, methods=BOTH)
def choose(request: PortalRequest) -> HttpResponse:
    """The council works under other rules from a day on: which, what changes, and only then done."""
    council = _council(request, May.PUBLISH_RULES)
    shelf, today = shelf_of(council.authority), request.actor.today
    newest = {name: each for name in {v.name for v in shelf.versions} if (each := shelf.in_force(today, name))}
    profiles = {name: newest[name].title for name in sorted(newest, key=lambda name: newest[name].title)}
    form = ChooseForm(request.POST or None, today=today, profiles=profiles)
    form.fields["name"].initial = request.GET.get("name", "")
    found, after = None, None
    if request.method == "POST" and form.is_valid():
        after = shelf.in_force(form.day, form.cleaned_data["name"])
        if after is not None and after == shelf.in_force(form.day):
            form.add_error(
                "name", f"These rules are in force on {in_words(form.day)} already: choose others, or another day"
            )
        elif after is not None:
            found = queries.effect(shelf, rules_of(after), form.day)
            if request.POST.get("step") == "choose" and _choose(request, council, form, after.title):
                return _to("rules:overview", council)
    context = {"council": council, "form": form, "effect": found, "after": after, "past": form.day < today}
    return render(request, "rules/choose.html", context)


def _choose(request: PortalRequest, council: Council, form: ChooseForm, title: str) -> bool:
    data = form.cleaned_data
    try:
        actions.choose(
            authority=council.authority, name=data["name"], effective_from=data["effective_from"], reason=data["reason"],
            by=request.actor,
        )  # fmt: skip
    except actions.NotPossible as why:
        form.add_error(None, str(why))
        return False
    messages.success(request, f"{council.authority} works under “{title}” from {in_words(form.day)}.")
    return True
