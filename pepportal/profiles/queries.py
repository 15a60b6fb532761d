"""Which council's rules apply on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import CharField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from pepportal.accounts.models import Authority
from pepportal.profiles.models import ChosenRules, ProfileDraft, ProfileVersion
from pepportal.profiles.reading import Profile


class NoProfile(Exception):
    """The authority's rules have not been loaded: run ``manage.py load_profile``."""


@dataclass(frozen=True)
class PublishedProfile:
    """A version row and its rules, ready to ask."""

    version: ProfileVersion
    rules: Profile


@lru_cache(maxsize=64)
def _rules(digest: str, row: _Row) -> Profile:
    return Profile.from_document(row.document)


class _Row:
    """Lets the cache key be the digest alone: versions never change."""

    def __init__(self, document: dict) -> None:
        self.document = document

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Row)


def rules_of(version: ProfileVersion) -> Profile:
    """The rules in one version, parsed once a process."""
    return _rules(version.digest, _Row(version.document))


def _chosen_by(authority: Authority, day: date) -> QuerySet[ChosenRules]:
    """The choices in effect on ``day``, the one that counts first: the newest, and of one day the last made."""
    return ChosenRules.objects.filter(authority=authority, effective_from__lte=day).order_by("-effective_from", "-id")


def _name_on(authority: Authority, day: date) -> Any:
    chosen = Subquery(_chosen_by(authority, day).values("profile_name")[:1])
    return Coalesce(chosen, Value(authority.profile_name), output_field=CharField())


def name_on(authority: Authority, day: date) -> str:
    """Which profile the council works under on ``day``: what it has chosen by then, else what it was set up with."""
    chosen = _chosen_by(authority, day).first()
    return chosen.profile_name if chosen else authority.profile_name


def profile_for(authority: Authority, day: date) -> PublishedProfile:
    """The rules that apply to ``authority``'s children for something triggered on ``day``: of the profile it has chosen by
    then, its own version before a shipped one. One query (two before the first version). Raises NoProfile."""
    version = ProfileVersion.objects.in_force(_name_on(authority, day), day, authority)
    if version is None:
        raise NoProfile(f"No published rules named {authority.profile_name!r}: run manage.py load_profile.")
    return PublishedProfile(version, rules_of(version))


def draft_of(authority: Authority) -> ProfileDraft | None:
    """The council's open draft. One query."""
    return ProfileDraft.objects.select_related("based_on", "author").filter(authority=authority).first()


@dataclass(frozen=True)
class Shelf:
    """Every version that a council may look at, and what it has chosen. Rules in force on other days come without queries."""

    authority: Authority
    versions: tuple[ProfileVersion, ...]
    choices: tuple[ChosenRules, ...]

    def name_on(self, day: date) -> str:
        by_then = [each for each in self.choices if each.effective_from <= day]
        latest = max(by_then, key=lambda each: (each.effective_from, each.pk), default=None)
        return latest.profile_name if latest else self.authority.profile_name

    def of(self, name: str) -> list[ProfileVersion]:
        """The versions of one name, the newest first."""
        found = [each for each in self.versions if each.name == name]
        return sorted(
            found, key=lambda each: (each.effective_from, each.authority_id is not None, each.version), reverse=True
        )

    def in_force(self, day: date, name: str = "") -> ProfileVersion | None:
        """As ``profile_for``."""
        found = self.of(name or self.name_on(day))
        by_then = [each for each in found if each.effective_from <= day]
        own = [each for each in by_then if each.authority_id is not None]
        oldest = min(
            found, key=lambda each: (each.authority_id is not None, each.effective_from, each.version), default=None
        )
        return next(iter(own or by_then), oldest)

    def coming(self, day: date) -> list[tuple[date, ProfileVersion]]:
        """(day, version) of each change of rules that lies ahead of ``day``, the nearest first."""
        days = {each.effective_from for each in self.versions} | {each.effective_from for each in self.choices}
        now, found = self.in_force(day), []
        for ahead in sorted(each for each in days if each > day):
            then = self.in_force(ahead)
            if then is not None and then != now:
                found.append((ahead, then))
            now = then
        return found


def shelf_of(authority: Authority) -> Shelf:
    """Two queries."""
    versions = ProfileVersion.objects.open_to(authority).select_related("published_by", "authority")
    choices = (
        ChosenRules.objects.filter(authority=authority).select_related("chosen_by").order_by("effective_from", "id")
    )
    return Shelf(authority, tuple(versions), tuple(choices))
