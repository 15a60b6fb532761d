"""Which council's rules apply on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pepportal.accounts.models import Authority
from pepportal.profiles.models import ProfileVersion
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


def profile_for(authority: Authority, day: date) -> PublishedProfile:
    """The rules that apply to ``authority``'s children for something triggered on ``day``. Raises NoProfile."""
    version = ProfileVersion.objects.in_force(authority.profile_name, day)
    if version is None:
        raise NoProfile(f"No published rules named {authority.profile_name!r}: run manage.py load_profile.")
    return PublishedProfile(version, rules_of(version))
