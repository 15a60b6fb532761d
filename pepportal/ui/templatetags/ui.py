"""The template tags of the house: one per component of templates/components/, shown in every state on the gallery page.

In settings these are builtins: no ``{% load %}`` is needed. Rows may be dicts, dataclasses or model objects; keys
that a
component doesn't find are left out. Dates come as dates and are put into words here, nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django import forms, template
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from pepportal.ui import owners, wording
from pepportal.ui.forms import error_summary_of
from pepportal.ui.statuses import status_words

register = template.Library()


# --- words ------------------------------------------------------------------------------------------------------------


@register.filter
def in_words(day: date | None, year: bool = True) -> str:
    """Thursday 26 November 2026; ``|in_words:False`` leaves the year out."""
    return wording.in_words(day, year) if day else ""


@register.filter
def in_short(day: date | None) -> str:
    """Thu 26 Nov."""
    return wording.in_short(day) if day else ""


@register.filter
def time_words(at: time | datetime | None) -> str:
    """2:30pm."""
    return wording.time_words(at) if at is not None else ""


@register.filter
def when_words(moment: datetime | None, year: bool = True) -> str:
    """Wednesday 3 June 2026, 2pm."""
    return wording.when_words(moment, year) if moment else ""


@register.filter
def money(pence: int | None) -> str:
    """£1,045 from 104500."""
    return "" if pence is None else wording.money(pence)


@register.filter
def count_words(number: int, unit: str) -> str:
    """3 school days; ``{{ 2|count_words:"child" }}`` is 2 children."""
    return wording.count_words(int(number), unit)


@register.filter
def join_words(words: Iterable[object]) -> str:
    """a, b and c."""
    return wording.join_words(words)


@register.filter
def possessive(name: str) -> str:
    """Amara’s."""
    return wording.possessive(str(name))


@register.filter
def upper_first(words: str) -> str:
    """Due in 3 school days."""
    return wording.upper_first(str(words))


@register.simple_tag
def due_words(due: date, today: date, days_left: int | None = None, unit: str = "school day") -> str:
    """due in 3 school days; see ``pepportal.ui.wording.due_words``."""
    return wording.due_words(due, today, days_left, unit)


@register.simple_tag
def date_words(day: date, year: bool = True) -> SafeString:
    """The date in words in a ``<time>`` a machine can read too."""
    when = wording.when_words(day, year) if isinstance(day, datetime) else wording.in_words(day, year)
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), when)


# --- forms ------------------------------------------------------------------------------------------------------------


@register.filter
def is_single_checkbox(bound: Any) -> bool:
    """Whether the field is one tick box, whose label stands behind it."""
    return isinstance(bound.field.widget, forms.CheckboxInput)


@register.simple_tag
def error_summary(*found: Any) -> SafeString:
    """The box at the top of a page with mistakes, once for each form however often it is asked for."""
    fresh = [form for form in found if form and not getattr(form, "summary_shown", False)]
    errors = error_summary_of(fresh)
    for form in fresh:
        form.summary_shown = True
    return mark_safe(render_to_string("components/error_summary.html", {"errors": errors}) if errors else "")


@register.simple_tag
def portal_form(form: Any) -> SafeString:
    """The form's fields, under its error summary unless base.html has shown that at the top of the page already."""
    return mark_safe(str(form))


@register.filter
def has_errors(form: Any) -> bool:
    """Whether a form (or formset) was sent and has a mistake; anything else hasn't."""
    return bool(getattr(form, "is_bound", False) and not form.is_valid())


@register.inclusion_tag("components/form_token.html", takes_context=True)
def form_token(context: Context) -> dict[str, Any]:
    """What every ``<form method="post">`` holds: Django's token, and the two that make a second press and a signed-out
    save harmless (middleware puts ``form_token`` on the request)."""
    request = context.get("request")
    make = getattr(request, "form_token", None)
    return {"csrf_token": context.get("csrf_token"), "token": make() if callable(make) else None}


# --- whose and how far ------------------------------------------------------------------------------------------------


def _owner(key: str, name: str) -> dict[str, Any]:
    found = owners.owner(key)
    return {"owner": found, "words": name or found.words}


@register.inclusion_tag("components/owner_tag.html")
def owner_tag(owner: str, name: str = "") -> dict[str, Any]:
    """Whose it is: shape, words and colour. ``name`` replaces the words (a child's preferred name, a profile's own
    term)."""
    return _owner(owner, name)


@register.filter
def owner_css(owner: str) -> str:
    """The owner's part of a class name, ``pp-bar--social-worker``."""
    return owners.owner(owner).css


@register.inclusion_tag("components/section_banner.html")
def section_banner(
    owner: str, title: str, name: str = "", mine: bool = False, expected: date | None = None, note: str = ""
) -> dict[str, Any]:
    """The top of a section's page, with its heading: whose it is, "your section" or when it is expected, what is
    left."""
    return _owner(owner, name) | {"title": title, "mine": mine, "expected": expected, "note": note}


@register.inclusion_tag("components/status_tag.html")
def status_tag(status: str, word: str = "") -> dict[str, Any]:
    """A state as a word on a coloured ground, from ``pepportal.ui.statuses``; ``word`` says it more exactly."""
    usual, colour = status_words(status)
    return {"word": word or usual, "colour": colour}


@register.inclusion_tag("components/task_list.html")
def task_list(rows: Iterable[Any]) -> dict[str, Any]:
    """Sections to do. Row: title, href, hint, owner, owner_name, status, status_word, mine, key (for the hint's id)."""
    return {"rows": list(rows)}


@register.inclusion_tag("components/progress.html")
def progress(left: int, heading_level: int = 2, whose: str = "") -> dict[str, Any]:
    """How much is left, in things, never in percent: "Left for you: 3 things"."""
    words = wording.things_left(left)
    if whose and left > 0:
        words = f"Left for {whose}: {wording.count_words(left, 'thing')}"
    return {"words": words, "level": heading_level}


# --- lists ------------------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/owed_list.html")
def owed_list(items: Iterable[Any], compact: bool = False, heading_level: int = 2) -> dict[str, Any]:
    """What somebody owes, soonest first. Item: when ("due in 3 school days"), tone (late, soon or ""), due (date),
    title,
    href, hint, button (word), primary (bool: the one green button of the page)."""
    return {"items": list(items), "compact": compact, "level": heading_level}


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: Iterable[Any], borders: bool = True) -> dict[str, Any]:
    """Facts. Row: key, value (text, date, or a list of lines), href, action ("Change"), hidden (what is changed)."""
    return {"rows": list(rows), "borders": borders}


@register.inclusion_tag("components/summary_card.html")
def summary_card(title: str, rows: Iterable[Any], actions: Iterable[Any] = (), level: int = 2) -> dict[str, Any]:
    """Facts in a box. Action: text, href, hidden."""
    return {"title": title, "rows": list(rows), "actions": list(actions), "level": level}


@register.inclusion_tag("components/timeline.html")
def timeline(items: Iterable[Any], level: int = 2) -> dict[str, Any]:
    """What happened, in the order given. Item: when (date or datetime), title, by, text, href."""
    return {"items": list(items), "level": level}


@register.inclusion_tag("components/steps.html")
def steps(items: Iterable[Any]) -> dict[str, Any]:
    """What happens next, numbered. Item: a text, or text with state "done" or "now"."""
    return {"items": [item if not isinstance(item, str) else {"text": item} for item in items]}


@register.inclusion_tag("components/signatures.html")
def signatures(rows: Iterable[Any]) -> dict[str, Any]:
    """Who has signed. Row: name, role, signed_at, status, status_word, reason (why not yet, why void)."""
    return {"rows": list(rows)}


@register.inclusion_tag("components/data_table.html")
def data_table(
    caption: str,
    columns: Iterable[Any],
    rows: Iterable[Any],
    phone: str = "stack",
    caption_hidden: bool = False,
) -> dict[str, Any]:
    """A table. Column: text, or text, href (sorts by it), sort (ascending, descending or ""), numeric. Row: cells in
    the
    columns' order; a cell is a text, a date, or text, href, note, status, status_word, owner, owner_name. The first
    cell heads
    its row. On a phone rows ``stack`` into lines with their headings, or the table scrolls (``phone="scroll"``)."""
    heads = [{"text": column} if isinstance(column, str) else column for column in columns]
    return {
        "caption": caption,
        "caption_hidden": caption_hidden,
        "columns": heads,
        "rows": [[(head, _cell(cell)) for head, cell in zip(heads, row, strict=True)] for row in rows],
        "phone": phone,
        "slug": f"table-{slugify(caption)}",
    }


def _cell(cell: Any) -> Any:
    return cell if isinstance(cell, Mapping) else {"text": cell}


@register.filter
def as_words(value: Any) -> Any:
    """A value of a list or table for people: dates and moments in words, a list as lines, nothing as "Not given"."""
    if isinstance(value, datetime):
        return wording.when_words(value)
    if isinstance(value, date):
        return wording.in_words(value)
    if isinstance(value, time):
        return wording.time_words(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value is None or value == "":
        return "Not given"
    return value


@register.filter
def as_cell(value: Any) -> Any:
    """The same where room is short: a table's dates keep their weekday and stay on one line."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), wording.in_short(value, year=True))
    return as_words(value)


@register.filter
def as_lines(value: Any) -> list[Any]:
    """The lines of a value: a list's items, else the value alone."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


@register.inclusion_tag("components/filters.html", takes_context=True)
def filters(context: Context, form: Any, button: str = "Show", clear: str = "") -> dict[str, Any]:
    """Search and filters of a list as one GET form; ``clear`` is the address without any. Fields keep their own
    labels."""
    kept = [(key, value) for key, value in _query(context).items() if key not in form.fields and key != "page"]
    return {"form": form, "button": button, "clear": clear, "kept": kept}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, page: Any, param: str = "page") -> dict[str, Any]:
    """Pages of a Django ``Page``, keeping the search in the address."""
    query = {key: value for key, value in _query(context).items() if key != param}

    def address(number: int) -> str:
        return f"?{urlencode({**query, param: number}, doseq=True)}"

    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "links": [{"number": number, "href": address(number) if isinstance(number, int) else ""} for number in numbers],
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "next": address(page.next_page_number()) if page.has_next() else "",
    }


def _query(context: Context) -> dict[str, Any]:
    request = context.get("request")
    return {key: request.GET.get(key) for key in request.GET} if request is not None else {}


@register.inclusion_tag("components/empty_state.html")
def empty_state(title: str, text: str = "", href: str = "", link: str = "") -> dict[str, Any]:
    """An empty list: why it is empty and what to do."""
    return {"title": title, "text": text, "href": href, "link": link}


# --- the calendar -----------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/calendar_table.html")
def calendar_table(weeks: Iterable[Iterable[Any]], caption: str, key: bool = True) -> dict[str, Any]:
    """Days between a start and a due date, Monday to Sunday. Cell: day (date), kind (counted, skipped, start, due or
    outside),
    number (of a counted day), reason (why it is skipped, what starts), label (instead of the day of the month). Where
    several stand on a page, all but the last go without the ``key`` to the shadings."""
    shown = [[_day(cell) for cell in week] for week in weeks]
    if shown and shown[0]:
        first = shown[0][0]
        first["label"] = _dated(first["day"])
    used = _kinds(shown) if key else set()
    return {"weeks": shown, "caption": caption, "weekdays": wording.WEEKDAYS, "used": used}


def _day(cell: Any) -> dict[str, Any]:
    def of(key: str) -> Any:
        return cell.get(key) if isinstance(cell, Mapping) else getattr(cell, key, None)

    day = of("day")
    kind = of("kind") or "outside"
    weekend = kind == "skipped" and day is not None and day.weekday() > 4
    label = of("label") or (_dated(day) if day and day.day == 1 else str(day.day) if day else "")
    return {
        "day": day,
        "kind": kind,
        "look": "weekend" if weekend else kind,
        "label": label,
        "number": of("number"),
        "reason": of("reason") or ("Weekend" if weekend else ""),
    }


def _dated(day: date | None) -> str:
    return wording.in_short(day).split(" ", 1)[1] if day else ""


def _kinds(weeks: list[list[dict[str, Any]]]) -> set[str]:
    return {cell["look"] for week in weeks for cell in week}


@register.inclusion_tag("components/day_list.html")
def day_list(days: Iterable[Any]) -> dict[str, Any]:
    """The same days as a list, one line each, for reading aloud and for phones. Days outside the count are left out."""
    return {"days": [day for day in map(_day, days) if day["kind"] != "outside"]}


# --- boxes and buttons ------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/button.html")
def button(
    text: str, href: str = "", kind: str = "primary", name: str = "", value: str = "", small: bool = False
) -> dict[str, Any]:
    """The green button (one a page), or ``kind`` secondary or warning. With ``href`` a link, else it sends its form."""
    return {"text": text, "href": href, "kind": kind, "name": name, "value": value, "small": small}


@register.inclusion_tag("components/panel.html")
def panel(title: str, text: str = "") -> dict[str, Any]:
    """It is done: the top of a confirmation page."""
    return {"title": title, "text": text}


@register.inclusion_tag("components/warning.html")
def warning(text: str) -> dict[str, Any]:
    """What will happen and can't be undone."""
    return {"text": text}


@register.inclusion_tag("components/notification.html")
def notification(text: Any, kind: str = "info", title: str = "") -> dict[str, Any]:
    """A message after an act: ``success`` is read out at once; ``warning`` and ``error`` say Important."""
    return {"text": text, "success": kind == "success", "title": title, "urgent": kind in ("success", "error")}


@register.inclusion_tag("components/conflict.html")
def conflict(name: str, legend: str, yours: Any, theirs: Any) -> dict[str, Any]:
    """Two people's versions of one answer, side by side, one to be chosen. Version: text, who, at, value (of the
    radio)."""
    return {"name": name, "legend": legend, "sides": [yours, theirs]}


@register.inclusion_tag("components/quick_exit.html")
def quick_exit(href: str = "https://www.bbc.co.uk/weather") -> dict[str, Any]:
    """Leave a child's page at once: replaces it, so that Back doesn't return. Without JavaScript it is a link."""
    return {"href": href}


@register.simple_block_tag
def card(content: str, title: str = "", kind: str = "", level: int = 2) -> SafeString:
    """A box in the side column; ``kind`` said (a child's words) or quiet."""
    return mark_safe(
        render_to_string("components/card.html", {"title": title, "content": content, "kind": kind, "level": level})
    )


@register.simple_block_tag
def details(content: str, summary: str, open: bool = False) -> SafeString:
    """Something to unfold."""
    return mark_safe(
        render_to_string("components/details.html", {"summary": summary, "content": content, "open": open})
    )


@register.simple_block_tag
def inset(content: str) -> SafeString:
    """A paragraph set off from the rest."""
    return mark_safe(render_to_string("components/inset.html", {"content": content}))
