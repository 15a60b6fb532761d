"""Keeps published rules as dated versions. A version is never changed: what differs is a new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from pepportal.accounts.models import Authority, User
from pepportal.audit import actions as audit
from pepportal.audit.acting import Acting
from pepportal.profiles.models import ChosenRules, ProfileDraft, ProfileVersion
from pepportal.profiles.queries import name_on
from pepportal.profiles.reading import (
    DEFAULT_SOURCE,
    Profile,
    ProfileError,
    read,
    read_default,
    read_document,
    read_published,
)

#: What a room above finds wrong with rules: (key, reason) of each mistake.
Check = Callable[[Profile], list[tuple[str, str]]]


class NotPossible(ValueError):
    """Can't be done as asked; the sentence says why and is meant for the person."""


class NoDraft(NotPossible):
    """There is no open draft: somebody has published or discarded it."""

    def __init__(self) -> None:
        super().__init__("The draft isn’t there any more: it was published or discarded.")


class DraftChanged(NotPossible):
    """Somebody else saved the draft after the page was opened."""

    def __init__(self, draft: ProfileDraft) -> None:
        self.draft = draft
        super().__init__(f"{draft.author.name} has changed the draft since you opened this page.")


@dataclass(frozen=True)
class LoadedProfile:
    version: ProfileVersion
    rules: Profile
    new: bool
    """False: these very rules were there already."""


def find(name_or_path: str | Path, *, effective_from: date | None = None) -> Profile:
    """The rules in a file, or those shipped under a name; from ``effective_from`` instead of their own day where given.

    Raises ProfileError: file, key and reason of each mistake.
    """
    text = str(name_or_path)
    if text.endswith(".toml") or "/" in text:
        path = Path(text)
        try:
            found = read(path.read_text(encoding="utf-8"), read_default(), file=path.name)
        except OSError as error:
            raise ProfileError(text, [("", f"can't be read: {error.strerror}")]) from error
        except UnicodeDecodeError as error:
            raise ProfileError(text, [("", "is not UTF-8 text")]) from error
    else:
        found = read_published(text)
    if effective_from is None:
        return found
    document = deepcopy(dict(found.document))
    document["profile"]["effective_from"] = effective_from.isoformat()
    return Profile.from_document(document)


def _one_after_the_other() -> None:
    """Until the transaction ends, nobody else numbers a version: two servers starting at once, two administrators."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('pepportal.profiles'))")


@transaction.atomic
def load(
    name_or_path: str | Path, by: Acting, *, authority: Authority | None = None, effective_from: date | None = None
) -> LoadedProfile:
    """Keeps the rules of a published profile, unless these very rules (by digest) are kept already: for every council, or
    as one ``authority``'s own.

    The version is the file's own number, or the next one where that number is taken: a correction of the product's
    default changes what a council's silence means, without the council having published anything.
    Raises ProfileError.
    """
    rules = find(name_or_path, effective_from=effective_from)
    _one_after_the_other()
    kept = ProfileVersion.objects.filter(name=rules.name, authority=authority)
    if same := kept.filter(digest=rules.digest).first():
        return LoadedProfile(same, rules, new=False)
    latest = kept.order_by("-version").first()
    number = max(rules.version, latest.version + 1 if latest else 1)
    version = _keep(rules, number, authority=authority, by=by)
    audit.did("load rules", version, by=by)
    return LoadedProfile(version, rules, new=True)


def _keep(rules: Profile, number: int, *, authority: Authority | None, by: Acting, reason: str = "") -> ProfileVersion:
    version = ProfileVersion.objects.create(
        authority=authority,
        name=rules.name,
        version=number,
        title=rules.title,
        effective_from=rules.effective_from,
        document=dict(rules.document),
        digest=rules.digest,
        loaded_at=by.at,
        published_by=User(pk=by.user_id) if by.user_id else None,
        reason=reason,
    )
    version.refresh_from_db()
    return version


# --- a draft ----------------------------------------------------------------------------------------------------------


def _draft(authority: Authority, revision: int) -> ProfileDraft:
    """The council's draft, held until the transaction ends. Raises NoDraft, DraftChanged."""
    draft = (
        ProfileDraft.objects.select_for_update(of=("self",))
        .select_related("based_on", "author")
        .filter(authority=authority)
        .first()
    )
    if draft is None:
        raise NoDraft
    if draft.revision != revision:
        raise DraftChanged(draft)
    return draft


@transaction.atomic
def start_draft(*, authority: Authority, based_on: ProfileVersion, by: Acting) -> ProfileDraft:
    """Begins the council's own rules from a version it may see; where a draft is open already, gives that one.

    Raises NotPossible for another council's version.
    """
    if based_on.authority_id not in (None, authority.pk):
        raise NotPossible("These are another council’s rules.")
    document = deepcopy(based_on.document)
    head = document["profile"]
    head["council"] = authority.name
    if based_on.authority_id is None:
        head["title"] = f"{authority.name}, after {based_on.title}"[:160]
        head.pop("note", None)
        if head["source"] == DEFAULT_SOURCE:
            head["source"] = authority.name
    draft, created = ProfileDraft.objects.get_or_create(
        authority=authority,
        defaults={"based_on": based_on, "document": document, "author": User(pk=by.user_id), "at": by.at},
    )
    if created:
        audit.did("start draft of rules", draft, by=by)
    return draft


@transaction.atomic
def save_draft(
    *, authority: Authority, table: str, content: Mapping[str, Any], revision: int, by: Acting
) -> ProfileDraft:
    """Puts ``content`` in the place of one table of the draft. ``revision`` is the one that the page showed.

    Raises NoDraft, DraftChanged (nothing is saved then).
    """
    draft = _draft(authority, revision)
    if draft.document[table] == content:
        return draft
    draft.document = {**draft.document, table: dict(content)}
    draft.revision, draft.author_id, draft.at = revision + 1, by.user_id, by.at  # type: ignore[assignment]
    draft.save(update_fields=["document", "revision", "author", "at"])
    audit.did("change draft of rules", draft, by=by, fields=[table])
    return draft


@transaction.atomic
def discard_draft(*, authority: Authority, revision: int, by: Acting) -> None:
    """Throws the draft away. Raises NoDraft, DraftChanged."""
    draft = _draft(authority, revision)
    audit.did("discard draft of rules", draft, by=by)
    draft.delete()


def finished(draft: ProfileDraft, *, effective_from: date, number: int, also: Check | None = None) -> Profile:
    """What the draft would be as a version: read and checked as any file is, and by the room above. Raises ProfileError."""
    head = {
        **draft.document["profile"],
        "name": draft.based_on.name,
        "version": number,
        "effective_from": effective_from.isoformat(),
    }
    rules = read_document({**draft.document, "profile": head}, read_default(), file=head["title"])
    if also and (wrong := also(rules)):
        raise ProfileError(head["title"], wrong)
    return rules


@transaction.atomic
def publish(
    *,
    authority: Authority,
    revision: int,
    effective_from: date,
    reason: str = "",
    also: Check | None = None,
    by: Acting,
) -> ProfileVersion:
    """Makes the draft the council's own next version, in force from ``effective_from``; where the council works under rules
    of another name on that day, that day's choice is theirs too. Plans that are open keep the version they have.

    Raises NotPossible (a day that is past, without a reason), NoDraft, DraftChanged, ProfileError.
    """
    if effective_from < by.today and not reason.strip():
        raise NotPossible("Say why the rules take effect on a day that is past.")
    _one_after_the_other()
    draft = _draft(authority, revision)
    latest = ProfileVersion.objects.open_to(authority).filter(name=draft.based_on.name).order_by("-version").first()
    number = latest.version + 1 if latest else 1
    rules = finished(draft, effective_from=effective_from, number=number, also=also)
    version = _keep(rules, number, authority=authority, by=by, reason=reason.strip()[:300])
    audit.did("publish rules", version, by=by, fields=["effective_from"])
    if name_on(authority, effective_from) != version.name:
        _choose(authority, version.name, effective_from, reason, by)
    draft.delete()
    return version


# --- which rules a council works under --------------------------------------------------------------------------------


@transaction.atomic
def choose(*, authority: Authority, name: str, effective_from: date, reason: str = "", by: Acting) -> ChosenRules:
    """The council works under the rules of ``name`` from a day on. Raises NotPossible: rules that aren't there, a day that
    is past without a reason."""
    if effective_from < by.today and not reason.strip():
        raise NotPossible("Say why the rules take effect on a day that is past.")
    if not ProfileVersion.objects.open_to(authority).filter(name=name).exists():
        raise NotPossible("These rules aren’t there.")
    return _choose(authority, name, effective_from, reason, by)


def _choose(authority: Authority, name: str, effective_from: date, reason: str, by: Acting) -> ChosenRules:
    chosen = ChosenRules.objects.create(
        authority=authority, profile_name=name, effective_from=effective_from, reason=reason.strip()[:300],
        chosen_by=User(pk=by.user_id) if by.user_id else None, at=by.at,
    )  # fmt: skip
    audit.did("choose rules", chosen, by=by, fields=["effective_from", "profile_name"])
    return chosen
