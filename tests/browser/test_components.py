"""The gallery in a real Chromium with our style sheet and scripts, no server: widths, axe, saving while typing."""

from __future__ import annotations

import copy
import json
from inspect import unwrap
from pathlib import Path

import pytest
from django.template import engines
from django.test import RequestFactory
from playwright.sync_api import Browser, Page, Playwright, Route

from pepportal.ui.gallery import FILLED, WRONG, SampleForm
from pepportal.ui.views import gallery

ROOT = Path(__file__).parents[2]
AXE = ROOT / "tests/browser/vendor/axe.min.js"
SITE = "http://portal.test"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'"
KINDS = {".css": "text/css", ".mjs": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]

pytestmark = pytest.mark.browser


@pytest.fixture
def bare_templates(settings):
    found = copy.deepcopy(settings.TEMPLATES)
    found[0]["OPTIONS"]["context_processors"] = ["django.template.context_processors.request"]
    settings.TEMPLATES = found


@pytest.fixture(scope="module")
def chromium(playwright: Playwright):
    started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
    yield started
    started.close()


@pytest.fixture
def site(bare_templates, chromium: Browser):
    """Pages by address; ``site["save"]`` is what the server says to a save."""
    form = '{% extends "base.html" %}{% block content %}<form method="post" novalidate data-autosave="/save/">{% form_token %}'
    form += '{% portal_form form %}<p data-autosave-status role="status"></p></form>{% endblock %}'
    request = RequestFactory().get("/")
    draw = engines["django"].from_string(form).render
    answers = {
        "/gallery/": unwrap(gallery)(request).content.decode(),
        "/form/": draw({"form": SampleForm(initial=FILLED)}, request),
        "/wrong/": draw({"form": SampleForm(dict(WRONG))}, request),
        "save": (200, {"saved_at": "10:42am"}),
        "sent": [],
    }

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE).partition("?")[0]
        if path == "/save/":
            answers["sent"].append(route.request.post_data or "")
            status, said = answers["save"]
            route.fulfill(status=status, content_type="application/json", body=json.dumps(said))
        elif path.startswith("/static/"):
            file = ROOT / path.removeprefix("/")
            route.fulfill(content_type=KINDS[file.suffix], body=file.read_bytes())
        else:
            headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
            route.fulfill(headers=headers, body=answers[path])

    context = chromium.new_context()
    page = context.new_page()
    page.route(f"{SITE}/**", answer)
    yield page, answers
    context.close()


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_every_component_is_accessible_and_fits(site, width):
    page, _ = site
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{SITE}/gallery/")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert page.evaluate("document.fonts.check('16px \"Atkinson Hyperlegible Next\"')")
    assert complaints == []  # the content policy refused nothing
    page.evaluate(AXE.read_text())
    found = page.evaluate("levels => axe.run(document, {runOnly: levels})", LEVELS)
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
    assert len(found["passes"]) > 20


def test_the_summary_takes_the_focus_and_hands_it_on(site):
    page, _ = site
    page.goto(f"{SITE}/wrong/")
    page.wait_for_function("document.activeElement.classList.contains('govuk-error-summary')")
    for message, control in (
        ("Date of entry to care must be a real date", "id_entered_0"),
        ("Select how the child came into care", "id_kind_0"),
        ("Tick the box when you have checked this", "id_checked"),
    ):
        page.get_by_role("link", name=message).click()
        assert page.evaluate("document.activeElement.id") == control


def _type(page: Page, words: str) -> None:
    page.goto(f"{SITE}/form/")
    page.locator("#id_plan").press_sequentially(words)


def _says(page: Page, words: str) -> None:
    page.locator("[data-autosave-status]", has_text=words).wait_for(timeout=8000)


def test_what_is_typed_is_saved_and_nothing_stays_in_the_browser(site):
    page, server = site
    _type(page, " On Fridays.")
    _says(page, "Saved 10:42am")
    assert len(server["sent"]) == 1
    assert " On Fridays." in server["sent"][0]
    assert 'name="letter"' not in server["sent"][0]  # files travel only with Save
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_a_busy_server_is_tried_again_until_it_has_the_words(site):
    page, server = site
    server["save"] = (503, {})
    _type(page, " Again.")
    _says(page, "Not saved: the portal is busy, trying again")
    server["save"] = (200, {"saved_at": "10:43am"})
    _says(page, "Saved 10:43am")
    assert " Again." in server["sent"][-1]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((401, {"signed_out": True}), "You have been signed out: what you typed is kept when you press Save"),
        ((403, {"signed_out": True}), "You have been signed out"),
        ((200, {"conflict": True, "message": "Mr Doyle changed this."}), "Mr Doyle changed this."),
    ],
)
def test_it_stops_and_says_why(site, answer, words):
    page, server = site
    server["save"] = answer
    _type(page, " x")
    _says(page, words)
    page.locator("#id_plan").press_sequentially("y")
    page.wait_for_timeout(2000)
    assert len(server["sent"]) == 1
    assert page.locator("#id_plan").input_value().startswith(" xy")


def test_a_text_area_grows_with_its_text(site):
    page, _ = site
    page.goto(f"{SITE}/form/")
    area = page.locator("#id_plan")
    before = area.bounding_box()["height"]
    area.fill("line\n" * 20)
    assert area.bounding_box()["height"] > before * 2
    assert area.evaluate("a => a.scrollHeight <= a.clientHeight + 1")


def test_leaving_quickly_leaves_no_way_back(site):
    page, _ = site
    page.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
    page.goto(f"{SITE}/form/")
    page.goto(f"{SITE}/gallery/")
    page.locator("[data-quick-exit]").click()
    page.wait_for_url("https://www.bbc.co.uk/weather")
    page.go_back()
    assert page.url == f"{SITE}/form/"
