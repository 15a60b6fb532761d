"""A real Chromium against a real server: desktop, phone, and without JavaScript; axe after every step."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.cast import Cast, make_cast

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
PICTURES = os.environ.get("PICTURES_FOLDER", "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    return {
        "executable_path": shutil.which("chromium") or "/usr/bin/chromium",
        "args": [
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
        ],
    }  # fmt: skip


@pytest.fixture
def stage(transactional_db, rules, live_server, settings, monkeypatch) -> Cast:
    """The cast on a running server, whose mail goes to the demonstration's mailbox; copies wait for the worker, as they do."""
    monkeypatch.setattr("qa.actions._ring", lambda: None)
    settings.EMAIL_BACKEND = "pepportal.notify.mailbox.MailboxBackend"
    return make_cast()


class Visitor:
    """One person at one browser: reads like the story that the test tells."""

    def __init__(self, page: Page, address: str, name: str, reader: Page | None = None) -> None:
        self.page, self.address, self.name = page, address, name
        self.reader = reader
        """Where scripts are off axe can't run in the page itself: it reads a copy, without its scripts, in this one."""
        self.pictures = 0

    def goes_to(self, path: str) -> Visitor:
        self.page.goto(self.address + path)
        return self.looks()

    def looks(self) -> Visitor:
        """Checks the page at hand: no accessibility violation, nothing wider than the screen; a picture where asked for."""
        if self.reader is None:
            check_accessible(self.page)
        else:
            self.reader.goto(f"{self.address}/health")
            self.reader.set_content(re.sub(r"<script.*?</script>", "", self.page.content(), flags=re.DOTALL))
            check_accessible(self.reader)
        if PICTURES:
            self.pictures += 1
            folder = Path(PICTURES)
            folder.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=folder / f"{self.name}-{self.pictures:02d}.png", full_page=True)
        return self

    def follows(self, words: str) -> Visitor:
        """Follows a link, whether it looks like one or like a button."""
        self.page.locator("a:visible", has_text=words).first.click()
        self.page.wait_for_load_state()
        return self.looks()

    def presses(self, words: str, exact: bool = False) -> Visitor:
        self.page.get_by_role("button", name=words, exact=exact).first.click()
        self.page.wait_for_load_state()
        return self.looks()

    def writes(self, label: str, text: str) -> Visitor:
        self.page.get_by_label(label, exact=False).first.fill(text)
        return self

    def ticks(self, label: str) -> Visitor:
        self.page.get_by_label(label, exact=False).first.check()
        return self

    def chooses(self, label: str, option: str) -> Visitor:
        self.page.get_by_label(label, exact=False).first.select_option(label=option)
        return self

    def sets_date(self, name: str, day: str) -> Visitor:
        """``day`` as 2026-10-05 into the three boxes of the field ``name``."""
        year, month, date = (str(int(part)) for part in day.split("-"))
        for index, part in enumerate((date, month, year)):
            self.page.locator(f"[name={name}_{index}]").fill(part)
        return self

    def sees(self, words: str) -> Visitor:
        assert words in self.text, f"{words!r} is not on {self.page.url}:\n{self.text[:1500]}"
        return self

    def does_not_see(self, words: str) -> Visitor:
        assert words not in self.text, f"{words!r} is on {self.page.url}"
        return self

    @property
    def text(self) -> str:
        return self.page.locator("body").inner_text()


def check_accessible(page: Page) -> None:
    """Fails with axe's own words for each violation of WCAG 2.2 A and AA, and for a page that scrolls sideways."""
    if not page.evaluate("() => !!window.axe"):
        page.evaluate(AXE)
    found = page.evaluate("async tags => (await axe.run(document, {runOnly: tags})).violations", WCAG)
    said = [f"{v['id']}: {v['help']}: " + "; ".join(n["html"][:160] for n in v["nodes"][:3]) for v in found]
    assert not said, f"{page.url}\n" + "\n".join(said)
    wide, screen = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= screen, f"{page.url} is {wide} px wide on a screen of {screen}"


@pytest.fixture
def visit(browser: Browser, live_server) -> Iterator[Callable[..., Visitor]]:
    """``visit(cast.carer, "desktop")``: that person signed in at a browser of that width."""
    contexts = []

    def arrive(user, width: str = "desktop", javascript: bool = True) -> Visitor:
        context = browser.new_context(
            viewport=WIDTHS[width], java_script_enabled=javascript, locale="en-GB", timezone_id="Europe/London"
        )
        contexts.append(context)
        context.set_default_timeout(
            45_000
        )  # finalising makes five PDF copies within the request here, in a worker otherwise
        page = context.new_page()
        page.goto(f"{live_server.url}/demonstration/?q={user.name.replace(' ', '+')}")
        page.get_by_role("button", name=user.name, exact=True).first.click()
        reader = None
        if not javascript:
            contexts.append(browser.new_context(viewport=WIDTHS[width], locale="en-GB"))
            reader = contexts[-1].new_page()
        name = f"{width}{'' if javascript else '-nojs'}-{user.email.split('@')[0]}"
        return Visitor(page, live_server.url, name, reader)

    yield arrive
    for context in contexts:
        context.close()
