# ruff: noqa: E501 (tables of samples)
"""Each component draws in every state of the gallery, keeps to the content policy, and escapes what people typed."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory

from pepportal.ui.gallery import GALLERY, calendar
from pepportal.ui.statuses import STATUSES
from pepportal.ui.views import draw

TEMPLATES = Path(__file__).parents[3] / "templates"
STATES = [(component, state) for component in GALLERY for state in component.states]


def render(source: str, values: dict | None = None, request=None) -> str:
    return str(engines["django"].from_string(source).render(values or {}, request))


@pytest.mark.parametrize(("component", "state"), STATES, ids=[f"{c.key}: {s.name}" for c, s in STATES])
def test_draws_and_keeps_to_the_content_policy(component, state):
    html = draw(state, RequestFactory().get("/"))
    assert html.strip()
    assert not re.search(r"\sstyle=|\son\w+=|<script|<style|javascript:", html)


def test_every_component_is_in_the_gallery():
    shown = " ".join(draw(state, RequestFactory().get("/")) + state.source for _, state in STATES)
    tags = {
        "owner_tag", "section_banner", "task_list", "status_tag", "summary_list", "summary_card", "timeline", "calendar_table",
        "day_list", "owed_list", "data_table", "filters", "pagination", "empty_state", "inset", "warning", "notification",
        "panel", "details", "button", "progress", "card", "conflict", "signatures", "steps", "quick_exit", "portal_form",
    }  # fmt: skip
    assert {tag for tag in tags if f"% {tag} " not in shown.replace("{%", "%") and f"% {tag}" not in shown} == set()


def test_no_template_breaks_the_content_policy():
    for path in TEMPLATES.rglob("*.html"):
        if path.parent.name in ("notices", "pdf") or "notices" in path.parts or "pdf" in path.parts:
            continue  # mail and paper have no content policy
        text = path.read_text()
        assert not re.search(r"\sstyle=\"|\son(click|load|submit|change|error)=", text), path


def test_every_form_that_writes_carries_its_tokens():
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        for form in re.findall(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", text, re.S | re.I):
            # Sign-in forms have nobody yet to keep a form for, and hold passwords, which are never kept.
            token = "{% csrf_token %}" if {"account", "demo"} & set(path.parts) else "{% form_token %}"
            assert token in form or "{% form_token %}" in form, path


def test_tokens_come_from_the_request():
    request = RequestFactory().get("/")
    request.form_token = lambda: SimpleNamespace(once="o-1", holder='h"2')
    html = render("{% form_token %}", request=request)
    assert '<input type="hidden" name="_once" value="o-1">' in html
    assert 'name="_holder" value="h&quot;2"' in html
    assert "csrfmiddlewaretoken" in html


def test_without_middleware_only_djangos_token():
    html = render("{% form_token %}", request=RequestFactory().get("/"))
    assert "csrfmiddlewaretoken" in html
    assert "_once" not in html


@pytest.mark.parametrize(
    "source",
    [
        '{% section_banner "child" x name=x note=x %}', "{% task_list rows %}", "{% owed_list rows %}", "{% timeline rows %}",
        "{% summary_list rows %}", '{% summary_card x rows %}', "{% steps rows %}", "{% signatures rows %}", '{% data_table x cols cells %}',
        "{% empty_state x x x x %}", "{% warning x %}", "{% notification x %}", "{% panel x x %}", "{% button x %}",
        '{% conflict "n" x row row %}', '{% status_tag "due" x %}', "{% card x %}{{ x }}{% endcard %}",
        "{% details x %}{{ x }}{% enddetails %}", "{% inset %}{{ x }}{% endinset %}",
    ],
)  # fmt: skip
def test_what_people_typed_is_escaped(source):
    x = "<script>alert(1)</script>\"'>"
    row = dict.fromkeys(
        ("title", "hint", "text", "key", "value", "name", "role", "reason", "by", "when", "who", "owner_name"), x
    )
    row |= {"owner": "child", "status": "due", "status_word": x, "href": "#", "button": x}
    html = render(source, {"x": x, "row": row, "rows": [row], "cols": [x], "cells": [[{"text": x, "note": x}]]})
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_pages_keep_the_search():
    request = RequestFactory().get("/?q=a%26b&state=late&page=2")
    html = render("{% pagination page %}", {"page": Paginator(range(100), 25).page(2)}, request)
    assert 'href="?q=a%26b&amp;state=late&amp;page=3"' in html
    assert html.count('aria-current="page"') == 1


def test_one_page_needs_no_pages():
    assert "<nav" not in render(
        "{% pagination page %}", {"page": Paginator(range(3), 25).page(1)}, RequestFactory().get("/")
    )


def test_the_calendar_says_every_day_in_words_too():
    html = render('{% calendar_table weeks "Days" %}', {"weeks": calendar()})
    assert html.count("not counted: ") == 22  # 12 weekend days and 10 of half term
    assert html.count("counted: day </span>") == 20
    listed = render("{% day_list days %}", {"days": [cell for week in calendar() for cell in week]})
    assert "Day 20: due" in listed
    assert listed.count("Not counted: Half term") == 10


def test_a_state_has_a_word_and_a_colour_govuk_knows():
    built = (TEMPLATES.parent / "static/css/portal.css").read_text()
    for word, colour in STATUSES.values():
        assert word
        assert colour == "blue" or f".govuk-tag--{colour}{{" in built, colour
