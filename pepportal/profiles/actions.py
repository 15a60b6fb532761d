"""Keeps published rules as dated versions. A version is never changed: what differs is a new one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction

from pepportal.audit import actions as audit
from pepportal.audit.acting import Acting
from pepportal.profiles.models import ProfileVersion
from pepportal.profiles.reading import Profile, ProfileError, read, read_default, read_published


@dataclass(frozen=True)
class LoadedProfile:
    version: ProfileVersion
    rules: Profile
    new: bool
    """False: these very rules were there already."""


def find(name_or_path: str | Path) -> Profile:
    """The rules in a file, or those shipped under a name. Raises ProfileError: file, key and reason of each mistake."""
    text = str(name_or_path)
    if not (text.endswith(".toml") or "/" in text):
        return read_published(text)
    path = Path(text)
    try:
        return read(path.read_text(encoding="utf-8"), read_default(), file=path.name)
    except OSError as error:
        raise ProfileError(text, [("", f"can't be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise ProfileError(text, [("", "is not UTF-8 text")]) from error


@transaction.atomic
def load(name_or_path: str | Path, by: Acting) -> LoadedProfile:
    """Keeps the rules of a published profile, unless these very rules (by digest) are kept already.

    The version is the file's own number, or the next one where that number is taken: a correction of the product's
    default changes what a council's silence means, without the council having published anything.
    Raises ProfileError.
    """
    rules = find(name_or_path)
    with connection.cursor() as cursor:  # two servers starting at once load one after the other
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('pepportal.profiles'))")
    kept = ProfileVersion.objects.filter(name=rules.name)
    if same := kept.filter(digest=rules.digest).first():
        return LoadedProfile(same, rules, new=False)
    latest = kept.order_by("-version").first()
    version = ProfileVersion.objects.create(
        name=rules.name,
        version=max(rules.version, latest.version + 1 if latest else 1),
        title=rules.title,
        effective_from=rules.effective_from,
        document=dict(rules.document),
        digest=rules.digest,
        loaded_at=by.at,
    )
    audit.did("load rules", version, by=by)
    version.refresh_from_db()
    return LoadedProfile(version, rules, new=True)
