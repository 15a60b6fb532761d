"""Walks every address of the portal as everybody: nobody gets in who shouldn't, and what each role may do is as the table says.

The table is ``access_table.toml`` beside this file. A new address fails here until it has a guard and a row in the table.
"""

from __future__ import annotations

import logging
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from children.models import Child
from children.policies import ChildInView, visible_to
from pepportal.access.actor import Actor, actor_for
from pepportal.access.roles import Role
from pepportal.jobs.middleware import FormToken
from pepportal.notify.models import Notice
from qa.models import Edition
from tests import cast as cast_of_the_stage
from tests.stage import PERSONAL, SPECIAL, Walker, World, canary, set_stage, walkers

#: Says that the test database is wanted; the tests come to it through ``world``, which lasts as long as this file.
pytestmark = pytest.mark.django_db

#: Views of a third party, which guard themselves. Each with the reason.
NOT_OURS = {
    "account_login": "the sign-in page",
    "account_logout": "signing out",
    "account_signup": "says that accounts are by invitation",
    "account_inactive": "says that an account is closed",
    "account_reauthenticate": "asks for the password again; allauth lets only signed-in people in",
    "account_reset_password": "a forgotten password",
    "account_reset_password_done": "says where to look",
    "account_reset_password_from_key": "the link in the mail, which works once",
    "account_reset_password_from_key_done": "says that it worked",
}
#: Open to anybody. Each view says its reason in its own decorator too.
OPEN = {
    "pages:accessibility": "the law asks for it",
    "pages:privacy": "read before signing in",
    "pages:health": "for monitoring; says nothing about anybody",
    "pages:feed": "a diary reads it by the secret in its address; names nobody",
    "demo:people": "the demonstration's fictional people; nothing elsewhere",
    "demo:sign-in": "the demonstration's fictional people; nothing elsewhere",
    "notify:mailbox": "the demonstration's fictional mail; nothing elsewhere",
    "notify:mailbox-message": "the demonstration's fictional mail; nothing elsewhere",
}
ABOUT_A_CHILD = {
    "child_id", "pep_id", "meeting_id", "invitation_id", "target_id", "request_id", "edition_id", "delivery_id",
    "change_id", "other_meeting_id",
}  # fmt: skip
ABOUT_NO_CHILD = {"notice_id", "held_id", "school_id", "authority_id", "version_id", "absence_id"}
ROLES = [role.value for role in Role]
NO_ROLE = "no_role"
TABLE = Path(__file__).with_name("access_table.toml")


def addresses(patterns: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address by its name."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern.url_patterns, inner)
        else:
            assert pattern.name, f"{pattern.pattern} has no name"
            yield f"{space}{pattern.name}", pattern


ALL = list(addresses())
ADDRESSES = dict(ALL)
OURS = {name: pattern for name, pattern in ADDRESSES.items() if name not in NOT_OURS}
GUARDED = {name: pattern for name, pattern in OURS.items() if name not in OPEN}


def arguments(name: str) -> list[str]:
    return list(ADDRESSES[name].pattern.converters)


def about_a_child(name: str) -> bool:
    return bool(ABOUT_A_CHILD & set(arguments(name)))


@dataclass(frozen=True)
class Case:
    """One address, or one of several things that it shows."""

    row: str
    """How the table calls it: "peps:section, the carer's"."""
    name: str
    special: tuple[tuple[str, str], ...]

    def url(self, world: World, child: str, walker: Walker) -> str:
        return reverse(self.name, kwargs=world.values(child, arguments(self.name), dict(self.special), walker.user))


CASES = [
    Case(f"{name}, {words}" if words else name, name, tuple(special.items()))
    for name in GUARDED
    for words, special in SPECIAL.get(name, {"": {}}).items()
]
#: The same, each address once.
ONCE_EACH = list({case.name: case for case in CASES}.values())


# --- without a database -------------------------------------------------------------------------------------------------


def test_no_two_addresses_share_a_name():
    assert len(ALL) == len(ADDRESSES)


def test_the_exceptions_are_there_and_say_why():
    assert set(NOT_OURS) <= set(ADDRESSES), "an exception that is not an address any more"
    assert set(OPEN) <= set(OURS), "an exception that is not an address any more"
    assert all(NOT_OURS.values()) and all(OPEN.values())


@pytest.mark.parametrize("name", NOT_OURS)
def test_a_view_that_is_not_ours_is_not_ours(name):
    assert ADDRESSES[name].callback.__module__.startswith("allauth.")


@pytest.mark.parametrize("name", OURS)
def test_every_view_has_a_guard(name):
    guard = getattr(OURS[name].callback, "guard", None)
    assert guard is not None, f"{name} has no guard: decorate its view with guarded() or open_to_all()"
    assert str(guard).startswith("open:") == (name in OPEN)


@pytest.mark.parametrize("name", GUARDED)
def test_every_argument_is_one_the_walk_knows(name):
    """An address with a new kind of id would else be walked with nothing behind it."""
    known = ABOUT_A_CHILD | ABOUT_NO_CHILD | {"key", "part", "step"}
    assert set(arguments(name)) <= known, f"{name}: teach tests/stage.py its argument"


def test_special_cases_are_of_addresses_that_are_there():
    assert set(SPECIAL) <= set(GUARDED)


# --- the table ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Expected:
    """One row of the table: who is answered how."""

    opens: frozenset[str]
    leads_on: frozenset[str]
    hidden: frozenset[str]
    never_opens: bool
    may_send: frozenset[str]
    never_sent: bool

    def to_read(self, who: str) -> int:
        if self.never_opens:
            return 405
        found = [
            code for code, who_may in ((200, self.opens), (302, self.leads_on), (404, self.hidden)) if who in who_may
        ]
        assert len(found) < 2, f"{who} stands in two lists"
        return found[0] if found else 403


def read_table() -> dict[str, Expected]:
    raw = tomllib.loads(TABLE.read_text())
    groups: dict[str, list[str]] = raw.pop("groups")
    known = {*ROLES, NO_ROLE}

    def people(words: list[str]) -> frozenset[str]:
        found = [role for word in words for role in groups.get(word, [word])]
        assert set(found) <= known and len(found) == len(set(found)), words
        return frozenset(found)

    made = {}
    for row, said in raw.items():
        assert set(said) <= {"what", "opens", "leads_on", "hidden", "may_send"} and said["what"], row
        made[row] = Expected(
            opens=people(said.get("opens", [])), leads_on=people(said.get("leads_on", [])), hidden=people(said.get("hidden", [])),
            never_opens="opens" not in said and "leads_on" not in said, may_send=people(said.get("may_send", [])),
            never_sent="may_send" not in said,
        )  # fmt: skip
    return made


def test_the_table_has_every_address_and_no_other():
    assert {case.row for case in CASES} == set(read_table())


def test_the_table_follows_the_order_of_the_addresses():
    assert [case.row for case in CASES] == list(read_table())


# --- with everybody on the stage ----------------------------------------------------------------------------------------


@pytest.fixture
def _django_db_helper():
    """Instead of pytest-django's: that closes the connection after each test, and with it the stage's transaction."""


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The stage, set once for all tests of this file in a transaction that is never kept."""
    ACTORS.clear()
    files = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path_factory.mktemp("copies"))},
    }
    from django.conf import settings

    storages = settings.STORAGES | {"default": files}
    with django_db_blocker.unblock(), override_settings(STORAGES=storages), transaction.atomic():
        made = set_stage(cast_of_the_stage.make_cast())
        made.storages = storages  # type: ignore[attr-defined]
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def set_back(world, settings):
    """The stage as it was set, whatever a test does on it."""
    settings.STORAGES = world.storages
    log = logging.getLogger("django.request")
    log.setLevel(logging.ERROR)  # refusals are what is asked for here
    with transaction.atomic():
        yield world
        transaction.set_rollback(True)
    log.setLevel(logging.NOTSET)


def sign_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def ask(client: Client, method: str, url: str) -> HttpResponse:
    """One request through the whole portal, that leaves nothing behind."""
    with transaction.atomic():
        response = getattr(client, method)(url)
        transaction.set_rollback(True)
    return response


def put_to(view_of: str, method: str, walker: Walker) -> HttpResponse:
    """The same put to the view itself, guard and all: for the thousands of requests of which only the view's answer matters."""
    request: Any = getattr(RequestFactory(), method)(view_of)
    request.user, request.session = walker.user, SessionBase()
    request.actor, request.request_id = actor_of(walker), ""
    request.form_token = lambda: FormToken("", "")
    request._messages = FallbackStorage(request)
    match = resolve(unquote(urlsplit(view_of).path))
    try:
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except Http404:
        response = HttpResponse(status=404)
    except PermissionDenied:
        response = HttpResponse(status=403)
    return response


def actor_of(walker: Walker) -> Actor:
    if walker.user.pk not in ACTORS:
        ACTORS[walker.user.pk] = actor_for(walker.user, cast_of_the_stage.NOW)
    return ACTORS[walker.user.pk]


ACTORS: dict[Any, Actor] = {}


def words_of(response: HttpResponse) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return (content.decode(errors="ignore") + response.headers.get("Location", "")).lower()


def told(response: HttpResponse, world: World, walker: Walker) -> list[str]:
    """The children of others whom an answer names, or whose words it shows."""
    words = words_of(response)
    return [
        key for key in world.children
        if key not in walker.knows and (canary(key) in words or world.cast.children[key].reference.lower() in words)
    ]  # fmt: skip


def everybody() -> list[str]:
    return [*ROLES, "another authority's social worker", "another authority's head", "another school's teacher",
            "a worker who has left", "nobody"]  # fmt: skip


def test_the_canaries_are_on_the_pages(set_back):
    """Were they not, their absence elsewhere would say nothing."""
    walker = set_back.walkers["virtual_school_head"]
    client = sign_in(walker.user)
    seen = {case.row for case in CASES if about_a_child(case.name) and case.name not in PERSONAL
            and canary("amara") in words_of(ask(client, "get", case.url(set_back, "amara", walker)))}  # fmt: skip
    assert {"pages:child", "pages:pep, open", "peps:section, the carer's", "targets:panel", "meetings:panel", "funding:panel, open",
            "qa:quality, finalised", "qa:read, full", "qa:download, full", "targets:sdq"} <= seen  # fmt: skip


def test_every_role_walks_and_knows_whom_the_facts_give_them(set_back):
    assert list(set_back.walkers) == everybody()
    for who, walker in set_back.walkers.items():
        actor = actor_of(walker)
        found = {child.pk for child in visible_to(actor)}
        assert found == {set_back.cast.children[key].pk for key in walker.knows}, who
        held = {held.role.value for held in actor.held}
        assert not held or held == {who} or who not in ROLES, who


def test_signed_out_people_are_sent_to_sign_in(set_back):
    client, walker = Client(), set_back.walkers["social_worker"]
    for case in CASES:
        url = case.url(set_back, "amara", walker)
        for method in ("get", "post", "delete"):
            response = ask(client, method, url)
            assert response.status_code == 302, (case.row, method, response.status_code)
            assert response["Location"].startswith("/accounts/login/?next="), (case.row, method)


def holes(world: World, walker: Walker) -> list[tuple[str, str, str, object]]:
    """Where somebody finds a child who isn't theirs, or is told of one."""
    table, wrong = read_table(), []
    for place, child in enumerate(walker.strangers):
        for case in ONCE_EACH if place else CASES:
            if not about_a_child(case.name):
                continue
            url, there = case.url(world, child, walker), table[case.row]
            # What is for nobody, the walk along the table looks at. Reading and sending find the child in the same way, so one
            # child is sent to, and the others read where there is something to read.
            methods = [m for m, nobody in (("get", there.never_opens), ("post", there.never_sent)) if not nobody]
            for method in methods[:1] if place else methods:
                response = put_to(url, method, walker)
                if response.status_code != 404:
                    wrong.append((child, case.row, method, response.status_code))
                if named := told(response, world, walker):
                    wrong.append((child, case.row, method, f"names {named}"))
    return wrong


@pytest.mark.parametrize("who", everybody())
def test_other_peoples_children_do_not_exist(who, set_back):
    """Somebody else's child, another authority's, one who was theirs: not there, to read or to write, and nothing is told."""
    wrong = holes(set_back, set_back.walkers[who])
    assert not wrong, f"{who}:\n" + "\n".join(map(str, wrong))


def test_the_walk_notices_a_planted_hole(set_back, monkeypatch):
    """A plan's page that forgets to ask whose child it is."""

    def careless(actor, child_id, needs, *, looked_at=""):
        return ChildInView(Child.objects.select_related("authority").get(pk=child_id), frozenset({Role.VS_HEAD}))

    monkeypatch.setattr("peps.policies.child_for", careless)
    nobody = set_back.walkers["nobody"]
    found = holes(set_back, replace(nobody, strangers=nobody.strangers[:1]))
    assert ("amara", "pages:pep, open", "get", 200) in found
    assert ("amara", "targets:panel", "get", "names ['amara']") in found


@pytest.mark.parametrize("who", [*ROLES, NO_ROLE])
def test_each_role_may_what_the_table_says(who, set_back):
    """One's own child's pages, and the pages about no child: as in the table, and never a word about other people's children."""
    walker = set_back.walkers["nobody" if who == NO_ROLE else who]
    table, wrong = read_table(), []
    for case in CASES:
        if who == NO_ROLE and about_a_child(case.name):
            continue
        expected, url = table[case.row], case.url(set_back, walker.own or "amara", walker)
        response = put_to(url, "get", walker)
        if response.status_code != expected.to_read(who):
            wrong.append(f"{case.row}: reading answers {response.status_code}, the table says {expected.to_read(who)}")
        if named := told(response, set_back, walker):
            wrong.append(f"{case.row}: reading tells of {named}")
        with transaction.atomic():
            sent = put_to(url, "post", walker)
            transaction.set_rollback(True)
        if expected.never_sent:
            if sent.status_code != 405:
                wrong.append(
                    f"{case.row}: sending answers {sent.status_code}, the table says that nothing is sent there"
                )
        elif (sent.status_code not in (403, 404)) != (who in expected.may_send) or sent.status_code == 405:
            wrong.append(f"{case.row}: sending answers {sent.status_code}, the table says {who in expected.may_send}")
        if named := told(sent, set_back, walker):
            wrong.append(f"{case.row}: sending tells of {named}")
    assert not wrong, f"{who}:\n" + "\n".join(wrong)


def test_the_whole_portal_answers_as_its_views_do(set_back):
    """Through every layer in front of the views: the same status, and pages of refusal that tell nothing either."""
    walker = set_back.walkers["designated_teacher"]
    client, table, wrong = sign_in(walker.user), read_table(), []
    for case in ONCE_EACH:
        for child in ("amara", "jonah") if about_a_child(case.name) else ("amara",):
            expected = table[case.row].to_read("designated_teacher")
            response = ask(client, "get", case.url(set_back, child, walker))
            if response.status_code != (expected if child == "amara" or expected == 405 else 404):
                wrong.append((case.row, child, response.status_code))
            if named := told(response, set_back, walker):
                wrong.append((case.row, child, f"names {named}"))
    assert not wrong, wrong


LISTS = {
    "pages:home": [""],
    "pages:caseload": ["", "?q=zq&show=left", "?show=late&sort=-due"],
    "pages:overdue": ["", "?q=zq&sort=-child&size=100", "?tick=all&sort=holder"],
    "meetings:meetings": ["", "?when=past", "?q=zq"],
    "notify:notices": ["", "?unread=1", "?unread=0"],
    "notify:sent": ["", "?state=failed", "?q=guest&kind=meeting_moved"],
    "notify:undelivered": [""],
    "funding:list": ["", "?q=zq&sort=-when"],
    "qa:queue": ["", "?state=finalised&q=zq"],
    "qa:shared": [""],
}


@pytest.mark.parametrize("who", everybody())
def test_lists_show_nobody_elses_child(who, set_back):
    """Searched and filtered too; the plain list of each role is walked with the table."""
    walker = set_back.walkers[who]
    for name, asked in LISTS.items():
        for query in asked[1:] if who in ROLES else asked:
            response = put_to(reverse(name) + query, "get", walker)
            assert response.status_code in (200, 403), (who, name, query, response.status_code)
            assert not told(response, set_back, walker), (who, name, query)


@pytest.mark.parametrize("who", ["social_worker", "designated_teacher", "carer"])
def test_a_message_about_a_child_of_the_past_names_nobody(who, set_back):
    """Written when the child was theirs, and kept; it said the name then."""
    walker, left = set_back.walkers[who], set_back.cast.children["leila"]
    old = list(Notice.objects.filter(person=walker.user, child_id=left.pk))
    assert any(canary("leila") in notice.screen_text.lower() for notice in old)
    for notice in old:
        response = put_to(reverse("notify:notice", args=[notice.pk]), "get", walker)
        assert response.status_code == 200 and not told(response, set_back, walker), notice.kind


def test_things_of_two_children_do_not_mix(set_back):
    """One's own plan with another child's target, request, meeting's guest in the address: not there."""
    walker = set_back.walkers["designated_teacher"]
    client, known = sign_in(walker.user), set_back.children
    for name, mixed in (
        ("targets:change", "target_id"), ("targets:confirm", "target_id"), ("targets:withdraw", "target_id"),
        ("targets:review", "target_id"), ("funding:change", "request_id"), ("funding:withdraw", "request_id"),
        ("meetings:uninvite", "invitation_id"),
    ):  # fmt: skip
        for child in ("jonah", "ben"):  # another's child, and another child of one's own
            url = reverse(
                name, kwargs={key: known["amara"][key] for key in arguments(name)} | {mixed: known[child][mixed]}
            )
            for method in ("get", "post"):
                assert ask(client, method, url).status_code in (404, 405), (name, child, method)


def test_ids_that_nobody_has_are_not_found(set_back):
    walker = set_back.walkers["virtual_school_head"]
    client = sign_in(walker.user)
    for case in CASES:
        if set(arguments(case.name)) & (ABOUT_A_CHILD | ABOUT_NO_CHILD):
            values = set_back.values("amara", arguments(case.name), dict(case.special), walker.user)
            odd = {key: uuid.uuid4() if isinstance(value, uuid.UUID) else value for key, value in values.items()}
            for method in ("get", "post"):
                assert ask(client, method, reverse(case.name, kwargs=odd)).status_code in (404, 405), (case.row, method)


ODD_WORDS = ["no-such", "a" * 400, "%00", "ünïcode"]


def test_odd_words_in_an_address_are_not_found_or_mean_nothing(set_back):
    """Never an error of ours: a section, step, part or deadline that isn't there."""
    walker = set_back.walkers["virtual_school_head"]
    client = sign_in(walker.user)
    for case in ONCE_EACH:
        words = [key for key in arguments(case.name) if key in ("key", "part", "step")]
        if not words:
            continue
        values = set_back.values("amara", arguments(case.name), dict(case.special), walker.user)
        url = reverse(case.name, kwargs=values)
        for odd in ODD_WORDS:
            for method in ("get", "post"):
                status = ask(client, method, url.replace(f"/{values[words[0]]}/", f"/{odd}/")).status_code
                assert status in (302, 403, 404, 405), (case.row, odd, method, status)


ODD_QUESTIONS = [
    "page=x&q=%00&sort=%27&show=x&state=x&school=x&when=x&stage=x&year=x&day=x&authority=x&how=x&unread=x&kind=x&check=x",
    "page=-1&q=%F0%9F%92%A9&show=%3Cscript%3E&day=9999-99-99&year=%00&state=%00&school=%00&authority=%00&how=%00&check=complete",
]


@pytest.mark.parametrize("who", ["virtual_school_head", "child"])
def test_odd_questions_are_no_errors(who, set_back):
    walker = set_back.walkers[who]
    client, table = sign_in(walker.user), read_table()
    for case in ONCE_EACH:
        if table[case.row].to_read(who) != 200 or case.name == "ui:gallery":
            continue
        for odd in [
            *ODD_QUESTIONS,
            *([] if about_a_child(case.name) else ["page=99999999999999999999", "page=0", "q=%25_%5C"]),
        ]:
            response = ask(client, "get", f"{case.url(set_back, walker.own, walker)}?{odd}")
            assert response.status_code in (200, 302, 400, 404), (case.row, odd, response.status_code)


def test_the_files_are_of_this_walk(set_back):
    """Copies are read from where this walk keeps them, not from anybody's disk."""
    assert default_storage.exists(Edition.objects.get(pk=set_back.children["amara"]["full_copy"]).file.name)


def test_everybody_is_in_walkers(set_back):
    assert list(walkers(set_back.cast, frozenset(set_back.children))) == everybody()
