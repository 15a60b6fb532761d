"""Every kind of message that any room can write: it names no child and no school outside the portal, and leads somewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.urls import resolve

from children import notices as about_facts
from children.queries import team_of
from funding import notices as about_money
from funding.models import FundingRequest
from meetings import actions as meetings
from meetings import notices as about_meetings
from pepportal.accounts.models import Absence
from pepportal.clock import notices as about_clock
from pepportal.clock.models import Obligation
from pepportal.notify import notices as about_messages
from pepportal.notify.actions import Message, choose_hour, owe
from pepportal.notify.models import DIGEST, Delivery, Notice
from pepportal.notify.tasks import deliver, send_digests
from peps import notices as about_plans
from peps.actions import open_pep
from qa import notices as about_checking
from targets import notices as about_targets
from tests import cast as stage
from tests.architecture.test_house import ROOT, sources

SCHOOL = "Hollin Lane Primary"


def kinds_in_the_rooms() -> Iterator[tuple[Path, str]]:
    """The kind of every Message that a room makes, read from its source."""
    for path in sources():
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Message":
                given = {word.arg: word.value for word in node.keywords}
                kind = given.get("kind", node.args[0] if node.args else None)
                assert isinstance(kind, ast.Constant), (
                    f"{path} line {node.lineno}: a kind is a word, so that it can be found here"
                )
                yield path, str(kind.value)


def test_messages_are_made_in_notices_modules():
    assert {path.name for path, _ in kinds_in_the_rooms()} == {"notices.py"}


@pytest.fixture
def sent(cast, acting) -> list[Notice]:
    """One of each kind and wording, written and delivered: to somebody who gets each as it comes, and to somebody with a daily e-mail."""
    by, child, episode = acting(cast.data_officer), cast.children["amara"], cast.episodes["amara"]
    each_as_it_comes = cast.carer
    choose_hour(each_as_it_comes, hour=None, by=by)
    each_as_it_comes.refresh_from_db()
    pep = open_pep(child=child, episode=episode, kind="first", cause="first:x", trigger_on=episode.began_on, by=by)
    team = team_of(child, by.today)
    meeting = meetings.schedule(
        pep, starts_at=stage.NOW + timedelta(days=14), place=f"Room 4, {SCHOOL}", by=by, people=()
    )
    parts = ("designated_teacher", "social_worker", "carer", "iro", "virtual_school")
    about_plans.opened(pep, child, parts=parts, carer_page=f"/peps/{pep.pk}/sections/home_views/", team=team, by=by)
    request = FundingRequest(pep=pep, agreed_pence=12_345)
    about_money.released(request, pep=pep, by=by)
    about_facts.nobody_leads_at_the_school(child, cast.primary, team=team, by=by)
    samples: dict[str, Message] = about_meetings.samples(meeting) | about_checking.samples(pep)
    samples |= about_facts.samples(child) | about_targets.samples(pep) | {"formal": about_plans.formal_now(pep)}
    late = Obligation(
        child=child, pep=pep, kind="complete", holder_role="designated_teacher", due_on=by.today, unit="school"
    )
    nowhere = Obligation(child=child, kind="teacher", holder_role="virtual_school", due_on=by.today, unit="working")
    for row in (late, nowhere):
        found = about_clock.samples(row, pep, by.today + timedelta(days=9))
        samples |= {f"{row.kind} {key}": message for key, message in found.items()}
    # What an organiser typed for somebody without an account may name a school: it stays inside.
    samples["typed"] = about_meetings.invited(meeting, part=f"Tutor at {SCHOOL} for Amara", account=False)
    away = {"began_on": by.today, "ended_on": by.today + timedelta(days=3)}
    absence = Absence(user=cast.vs_deputy, cover=cast.vs_head, **away)
    samples |= {
        "cover": about_messages.you_cover(absence),
        "over": about_messages.you_cover_no_more(absence, day=by.today),
    }
    for reader in (each_as_it_comes, cast.social_worker):
        for number, message in enumerate(samples.values()):
            assert owe(message, to=reader, about=f"sample:{number}", by=by, child_id=child.pk)
    deliver()
    send_digests()
    return list(Notice.objects.all())


def test_every_kind_has_its_sample(sent):
    assert {kind for _, kind in kinds_in_the_rooms()} | {DIGEST} == {notice.kind for notice in sent}, (
        "teach this test the new kind"
    )


NAMES = ["Amara", "Okafor", SCHOOL, "Hollin", "Room 4"]
INITIALS = re.compile(r"\bA\.? ?O\b")


def test_nothing_that_leaves_names_a_child_or_a_school(sent):
    for notice in sent:
        for words in (notice.subject, notice.text, notice.html):
            assert not [name for name in NAMES if name.lower() in words.lower()], notice.kind
            assert not INITIALS.search(words), notice.kind


def test_what_the_reader_finds_inside_may_name_the_child(sent):
    """Else the tests above would find nothing because nothing is there."""
    assert sum("Amara" in notice.screen_text for notice in sent) > 10


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if tag == "a" and name == "href"]
        if tag not in ("meta", "br", "hr", "img", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_message_is_whole_and_leads_to_a_page_of_the_portal(sent, settings):
    for notice in sent:
        assert notice.subject and len(notice.subject) < 100 and "\n" not in notice.subject, notice.kind
        assert notice.link.startswith("/") and resolve(urlsplit(notice.link).path), notice.kind
        address = settings.PORTAL_ADDRESS + notice.link
        assert address in notice.text and len(notice.text.splitlines()) > 3, notice.kind
        page = Links(notice.html)
        assert address in page.found and not page.open, notice.kind
        assert all(link.startswith(settings.PORTAL_ADDRESS) for link in page.found), notice.kind


def test_every_message_goes_out_as_text_and_as_html(sent):
    alone = [notice for notice in sent if notice.delivery == Delivery.AT_ONCE]
    assert len(mail.outbox) == len(alone) < len(sent) and all(notice.sent_at for notice in sent)
    for each in mail.outbox:
        assert each.body and [kind for _, kind in each.alternatives] == ["text/html"]


def test_every_message_says_why_it_came(sent):
    for notice in sent:
        assert re.search(r"You get this|you are asked|you were asked", notice.text, re.IGNORECASE), notice.kind
