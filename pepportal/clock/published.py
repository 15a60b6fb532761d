"""What published versions say to the clock, read once a process (they never change), and which of them holds on a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Q

from pepportal.accounts.models import Authority
from pepportal.clock.rules import Copy, copies_of
from pepportal.profiles.models import ChosenRules, ProfileVersion
from pepportal.profiles.queries import Shelf, rules_of
from pepportal.profiles.reading import Profile, read_default
from peps.deadlines.rules import Policy, policy_of
from peps.deadlines.scope import Scope, scope_from
from peps.form_documents import FormDocument
from peps.models import FormVersion

PARTS = {"child": "child_views", "attendance": "school_attendance", "attainment": "attainment", "plans": "needs_plan"}
"""What may be owed before a meeting ([deadlines.prepared]) that is one section of the form: its key there."""


@lru_cache(maxsize=8192)
def as_uuid(text: str) -> UUID:
    """People, schools and councils come up again and again."""
    return UUID(text)


@dataclass(frozen=True)
class Rules:
    """One profile version, as far as the clock asks it."""

    id: UUID
    policy: Policy
    scope: Scope
    starts_first_pep: str
    organises_first: str
    organises_reviews: str
    signs: frozenset[str]
    sdq_frequency: str
    copies: tuple[Copy, ...]
    owners: Mapping[str, str]


@lru_cache(maxsize=1)
def default_policy() -> Policy:
    """The product's own rules, for what a council's document leaves open."""
    return policy_of(read_default().document)


_RULES: dict[UUID, Rules] = {}
_FORMS: dict[tuple[UUID, UUID], FormParts] = {}


def version_rules(ids: Collection[UUID]) -> Mapping[UUID, Rules]:
    """What profile versions say to the clock. No query, but for versions that this process hasn't met: one for all of them."""
    if missing := {pk for pk in ids if pk not in _RULES}:
        for version in ProfileVersion.objects.filter(pk__in=missing):
            _RULES[version.pk] = _rules(version.pk, rules_of(version))
    return _RULES


def _rules(pk: UUID, profile: Profile) -> Rules:
    responsibilities = profile.table("responsibilities")
    sharing, default = profile.document["sharing"], read_default().document["sharing"]
    return Rules(
        id=pk,
        policy=policy_of(profile.document),
        scope=scope_from(profile.table("scope")),
        starts_first_pep=responsibilities["starts_first_pep"],
        organises_first=responsibilities["organises_first_meeting"],
        organises_reviews=responsibilities["organises_reviews"],
        signs=frozenset(step["role"] for step in profile.table("signatures")["steps"]),
        sdq_frequency=profile.table("sdq")["frequency"],
        copies=copies_of(sharing, default, {}, source=str(sharing.get("source", ""))),
        owners=profile.table("form")["owners"],
    )


@dataclass(frozen=True)
class FormParts:
    """Whose sections a form has under a council's rules, and which of them are parts that may be owed before a meeting."""

    before: Mapping[str, tuple[str, ...]]
    """Owner to the sections that are theirs alone and need no meeting."""
    own: Mapping[str, tuple[str, ...]]
    sections: Mapping[str, str]
    """Part ("attainment") to its section."""
    panels: frozenset[str]
    funding: str


OWNERS = ("designated_teacher", "social_worker")


def _form_parts(document: FormDocument) -> FormParts:
    own = {
        owner: [s for s in document.sections if s.owner == owner or (s.owner == "both" and owner == OWNERS[0])]
        for owner in OWNERS
    }
    keys = {s.key for s in document.sections}
    return FormParts(
        before={owner: tuple(s.key for s in each if not s.panels and s.owner == owner) for owner, each in own.items()},
        own={owner: tuple(s.key for s in each) for owner, each in own.items()},
        sections={part: key for part, key in PARTS.items() if key in keys},
        panels=frozenset(panel for s in document.sections for panel in s.panels),
        funding=next((s.key for s in document.sections if "funding" in s.panels), ""),
    )


def form_parts(pairs: Collection[tuple[UUID, UUID]]) -> Mapping[tuple[UUID, UUID], FormParts]:
    """By (form version, profile version). No query, but for forms that this process hasn't met: one for all of them."""
    if missing := {pair for pair in pairs if pair not in _FORMS}:
        forms = {
            form.pk: FormDocument.from_json(form.document)
            for form in FormVersion.objects.filter(pk__in={form for form, _ in missing})
        }
        rules = version_rules({profile for _, profile in missing})
        for form, profile in missing:
            _FORMS[form, profile] = _form_parts(forms[form].with_owners(rules[profile].owners))
    return _FORMS


class InForce:
    """The rules in force for some councils on any day, as ``pepportal.profiles.queries.profile_for``, without asking again."""

    def __init__(self, shelves: Mapping[UUID, Shelf]) -> None:
        self._shelves = shelves
        self._found: dict[tuple[UUID, date], Rules | None] = {}
        self._days = {
            pk: sorted(
                {each.effective_from for each in shelf.versions} | {each.effective_from for each in shelf.choices}
            )
            for pk, shelf in shelves.items()
        }

    def on(self, council: UUID, day: date) -> Rules | None:
        """None where no rules have been loaded."""
        changed = self._days[council]
        since = next((each for each in reversed(changed) if each <= day), date.min)
        if (council, since) not in self._found:
            version = self._shelves[council].in_force(day)
            self._found[council, since] = version_rules([version.pk])[version.pk] if version else None
        return self._found[council, since]


def shelves_of(councils: Mapping[UUID, str]) -> dict[UUID, Shelf]:
    """By council, given the profile each was set up with. Two queries."""
    versions = list(ProfileVersion.objects.filter(Q(authority=None) | Q(authority__in=councils)).defer("document"))
    choices = list(ChosenRules.objects.filter(authority__in=councils))
    return {
        pk: Shelf(
            Authority(pk=pk, profile_name=name),
            tuple(each for each in versions if each.authority_id in (None, pk)),
            tuple(each for each in choices if each.authority_id == pk),
        )
        for pk, name in councils.items()
    }


def shelf_beside(episode: Any) -> Shelf:
    """The same for the one council of a child whose row brought it along (``rows_of``)."""
    return Shelf(
        Authority(pk=episode.council, profile_name=episode.council_profile),
        tuple(ProfileVersion(**_dated(each)) for each in episode.versions),
        tuple(ChosenRules(**_dated(each)) for each in episode.choices),
    )


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {**row, "effective_from": date.fromisoformat(row["effective_from"])}
    return found | {name: as_uuid(found[name]) for name in ("id", "authority_id") if isinstance(found.get(name), str)}
