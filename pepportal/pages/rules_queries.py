"""What the pages about rules ask: whose rules somebody looks at, what is in force when, what a change would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from pepportal.access.actor import Actor
from pepportal.access.guard import require_role
from pepportal.access.roles import ROLES
from pepportal.access.vocabulary import May
from pepportal.accounts.models import Authority
from pepportal.pages import rules_words
from pepportal.profiles import words
from pepportal.profiles.models import ProfileDraft, ProfileVersion
from pepportal.profiles.queries import Shelf, rules_of
from pepportal.profiles.reading import Profile
from pepportal.ui.wording import in_words
from peps.calendars import calendars_of, school_calendar_for
from peps.deadlines import rules as engine
from peps.deadlines.calendars import Calendars
from peps.deadlines.provisional import provisionally


@dataclass(frozen=True)
class Council:
    """The council whose rules somebody looks at, and the others they could look at."""

    authority: Authority
    others: tuple[Authority, ...]

    @property
    def query(self) -> str:
        """What links carry on, so that somebody who works for several councils stays with one."""
        return f"?council={self.authority.code}" if self.others else ""

    def and_(self, more: str) -> str:
        """A query that says more than the council."""
        return f"{self.query}&{more}" if self.query else f"?{more}"


def councils_as(actor: Actor, verb: May) -> QuerySet[Authority]:
    """The councils for which one of the person's roles gives the verb."""
    mine = {held.authority_id for held in actor.held if verb in ROLES[held.role].may}
    return Authority.objects.filter(pk__in=[each for each in mine if each]).order_by("name")


def council_for(actor: Actor, verb: May, code: str | None = None) -> Council:
    """The council of that code, or the person's first. 403 without the verb, 404 for a council that isn't theirs."""
    require_role(actor, verb)
    mine = list(councils_as(actor, verb))
    if not mine:
        raise PermissionDenied("Rules are a council’s, and you don’t work for one.")
    found = next((each for each in mine if each.code == code), None) if code else mine[0]
    if found is None:
        raise Http404("No council of yours has that code.")
    return Council(found, tuple(each for each in mine if each != found))


def may_publish(actor: Actor, authority: Authority) -> bool:
    return any(May.PUBLISH_RULES in ROLES[held.role].may and held.authority_id == authority.pk for held in actor.held)


def versions_for(actor: Actor) -> QuerySet[ProfileVersion]:
    """Every version that a person may read: those shipped for all, and their own councils'."""
    mine = {held.authority_id for held in actor.held if May.SEE_RULES in ROLES[held.role].may and held.authority_id}
    return ProfileVersion.objects.filter(Q(authority=None) | Q(authority__in=mine)).select_related(
        "authority", "published_by"
    )


def version_for(actor: Actor, version_id: UUID) -> ProfileVersion:
    """403 without the verb; 404 for another council's own version."""
    require_role(actor, May.SEE_RULES)
    found = versions_for(actor).filter(pk=version_id).first()
    if found is None:
        raise Http404("No rules of that address.")
    return found


def version_words(version: ProfileVersion) -> str:
    """A version as a choice in a list: whose, which, from when."""
    whose = f"{version.authority.name}’s own, " if version.authority else ""
    return f"{version.title}: {whose}version {version.version}, from {in_words(version.effective_from)}"


@dataclass(frozen=True)
class Overview:
    now: ProfileVersion | None
    since: date | None
    coming: list[tuple[date, ProfileVersion]]
    earlier: list[ProfileVersion]
    others: list[ProfileVersion]
    """Of every other profile what would be in force today."""


def overview_of(shelf: Shelf, today: date) -> Overview:
    """What is in force, what comes, what was, and what else there is."""
    now = shelf.in_force(today)
    name = now.name if now else ""
    coming = shelf.coming(today)
    ahead = {version.pk for _, version in coming}
    names = dict.fromkeys(each.name for each in shelf.versions if each.name != name)
    chosen = [
        each.effective_from for each in shelf.choices if each.effective_from <= today and each.profile_name == name
    ]
    return Overview(
        now=now,
        since=max([*chosen[-1:], now.effective_from]) if now else None,
        coming=coming,
        earlier=[each for each in shelf.of(name) if each != now and each.pk not in ahead],
        others=[found for each in sorted(names) if (found := shelf.in_force(today, each))],
    )


# --- comparing --------------------------------------------------------------------------------------------------------

LETTERS = ("a", "b", "c", "d", "e", "f")


def asked_for(given: Mapping[str, Any], versions: Mapping[str, ProfileVersion]) -> list[ProfileVersion]:
    """The versions named by a…f, each once, in their order; what isn't there, or isn't theirs to read, is left out."""
    found = [versions[given[letter]] for letter in LETTERS if given.get(letter) in versions]
    return list(dict.fromkeys(found))


# --- what a change would do -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """The same facts under the rules as they are and as they would be."""

    what: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


def examples(before: Profile, after: Profile, day: date, authority: Authority) -> list[Example]:
    """Due days of what begins on ``day``, under both: counted on the council's own term dates. Two queries."""
    placed = Calendars(working=calendars_of(None, authority).working, school=school_calendar_for(None, authority))
    unplaced = Calendars(working=placed.working, school=None)
    old, new = engine.policy_of(before.document), engine.policy_of(after.document)

    def due(policy: engine.Policy, rule: Any, calendars: Calendars) -> str:
        found = provisionally(lambda c: rule(policy, c), calendars, date(day.year + 2, 8, 31))
        if found is None:
            return "No day can be worked out"
        event = words.choice(("event",), found.event)
        return f"{in_words(found.due)}: {event}{' (provisional)' if found.provisional else ''}"

    cases: list[tuple[str, Any, Calendars]] = [
        ("A planned entry to care", lambda p, c: engine.first_pep(p, day, True, True, c), placed),
        ("An unplanned entry to care", lambda p, c: engine.first_pep(p, day, False, True, c), placed),
        ("A planned entry to care, no school place", lambda p, c: engine.first_pep(p, day, True, False, c), unplaced),
        ("A PEP meeting held: the plan complete", lambda p, c: engine.completion(p, day, calendars=c), placed),
    ]
    return [Example(what, due(old, rule, calendars), due(new, rule, calendars)) for what, rule, calendars in cases]


@dataclass(frozen=True)
class Effect:
    """What changes for a council on a day: the rules it would have had, those it would have, and where they differ."""

    day: date
    before: ProfileVersion | None
    rules: list[rules_words.Rule]
    examples: list[Example]


def effect(shelf: Shelf, after: Profile, day: date) -> Effect:
    """What would change from ``day`` on if ``after`` were in force then."""
    before = shelf.in_force(day)
    if before is None:
        return Effect(day, None, [], [])
    old = rules_of(before)
    return Effect(day, before, rules_words.changed_rules(old, after), examples(old, after, day, shelf.authority))


@dataclass(frozen=True)
class TableRow:
    """One table of a draft: how many of its rules differ from the version it is based on."""

    key: str
    title: str
    about: str
    changed: int


def draft_tables(draft: ProfileDraft) -> list[TableRow]:
    base, now = draft.based_on.document, draft.document
    rows = [TableRow("profile", *words.TABLES["profile"], changed=0)]
    for _, tables in words.GROUPS:
        for table in tables:
            keys = rules_words.schema.TABLES[table]
            found = sum(rules_words.changed(base, now, table, key) for key in keys)
            rows.append(TableRow(table, *words.TABLES[table], changed=found))
    return rows
