"""Writes of the plan: opening it, its answers, drafts and sections, its states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from children.actions import mark_changed
from children.models import CareEpisode, Child
from children.queries import team_of
from pepportal.accounts.versions import keep
from pepportal.audit import actions as audit
from pepportal.audit.acting import Acting
from pepportal.profiles.queries import profile_for, rules_of
from peps import notices, queries
from peps.form_documents import FormDocument, all_forms
from peps.form_documents import Section as FormSection
from peps.models import Answer, Confirmation, Confirmed, Draft, FormVersion, Pep, PepKind, Section
from peps.policy import pep_policy
from peps.rules import NOTHING, Given, left, merge, review_term_words, term_words
from peps.states import NotPossible, PepEvent, PepState, after, writable

# --- forms ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LoadedForm:
    version: FormVersion
    new: bool
    """False: this very form was there already."""


@transaction.atomic
def load_forms(by: Acting) -> list[LoadedForm]:
    """Keeps the shipped forms as versions, each only where this very form (by digest) isn't kept. Raises FormError."""
    with connection.cursor() as cursor:  # two servers starting at once load one after the other
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('peps.forms'))")
    loaded = []
    for form in all_forms():
        kept = FormVersion.objects.filter(key=form.key)
        version, new = kept.filter(digest=form.digest).first(), False
        if version is None:
            version, new = _keep_form(form, kept.count() + 1, by), True
        loaded.append(LoadedForm(version, new))
    return loaded


def _keep_form(form: FormDocument, number: int, by: Acting) -> FormVersion:
    version = FormVersion.objects.create(
        key=form.key, version=number, title=form.title, document=form.to_json(), digest=form.digest, loaded_at=by.at
    )
    audit.did("load form", version, by=by)
    return version


# --- a plan -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_pep(
    *,
    child: Child,
    episode: CareEpisode,
    kind: str,
    cause: str,
    trigger_on: date,
    by: Acting,
    informal: bool = False,
    tell: bool = True,
) -> Pep:
    """Opens a plan under the rules in force on ``trigger_on`` and the form of the child's phase on that day, of a review
    today's (R1, R31).

    The same cause opens one plan, also when two ask at once: the second gets the first's. ``informal`` is a review that the
    virtual school makes from data (R6); without ``tell`` the caller says to everybody that the plan is open. Raises NoProfile
    where the authority's rules haven't been loaded, NoForm where the forms haven't.
    """
    if there := Pep.objects.filter(child=child, cause=cause).first():
        return there
    published = profile_for(child.authority, trigger_on)
    policy = pep_policy(published.rules.table("responsibilities"), published.rules.table("form"))
    # A review counts from the meeting before it: its form is the one of the phase that the child is in when it is opened.
    phase = queries.phase_on(child, max(trigger_on, by.today) if kind == PepKind.REVIEW else trigger_on)
    form = queries.form_in_use(policy.forms[phase])
    pep, created = Pep.objects.get_or_create(
        child=child,
        cause=cause,
        defaults={
            "episode": episode,
            "kind": kind,
            "trigger_on": trigger_on,
            "term": review_term_words(trigger_on, by.today) if kind == PepKind.REVIEW else term_words(trigger_on),
            "profile_version": published.version,
            "form_version": form,
            "opened_at": by.at,
            "informal": informal,
        },
    )
    if not created:
        return pep
    document = FormDocument.from_json(form.document)
    for section in document.sections:
        keep(Section(pep=pep, key=section.key), by=by)
    audit.did("open PEP", pep, by=by, child_id=child.pk, reason=cause)
    mark_changed(child, what="PEP opened", by=by)
    if not tell:
        return pep
    carer_page = next(
        (f"/peps/{pep.pk}/sections/{each.key}/" for each in document.sections if each.owner == "carer"), ""
    )
    team = team_of(child, by.today)
    notices.opened(pep, child, parts=policy.told_at_start, carer_page=carer_page, team=team, by=by)
    return pep


@transaction.atomic
def follow_entry(episode: CareEpisode, *, by: Acting) -> Pep | None:
    """The first plan's clock starts from the corrected day of entry (R1), in a plan that is still open; the rules and the
    form it was opened with stay. None where there is nothing to move."""
    pep = Pep.objects.open().filter(episode=episode, kind=PepKind.FIRST).exclude(trigger_on=episode.began_on).first()
    if pep is None:
        return None
    pep.trigger_on, pep.term = episode.began_on, term_words(episode.began_on)
    pep.save(update_fields=["trigger_on", "term"])
    audit.did("move start of first PEP", pep, by=by, child_id=pep.child_id, fields=["trigger_on", "term"])
    mark_changed(episode.child, what="PEP start moved", by=by)
    return pep


def _locked(pep: Pep) -> Pep:
    """The plan's row, held until the transaction ends: writes to one plan go one after the other.

    Without its key, so that rows of others that point to the plan (the clock's index) don't wait for it: they would hold
    the child's row, which this transaction's own rows point to, and the two would wait for each other.
    """
    row = Pep.objects.select_for_update(no_key=True).get(pk=pep.pk)
    for name in ("state", "revision", "submitted_at", "finalised_at", "closed_at", "close_reason"):
        setattr(pep, name, getattr(row, name))
    return pep


def _person(by: Acting) -> UUID:
    """Whoever types is a person: the portal itself fills nothing in."""
    if by.user_id is None:
        raise ValueError("Only a person fills in a plan.")
    return by.user_id


def _must_be_writable(pep: Pep) -> None:
    if not writable(pep.state):
        raise NotPossible(f"This plan is {PepState(pep.state).words.lower()}: nothing in it can be changed now.")


@transaction.atomic
def touch(pep: Pep, *, by: Acting) -> int:
    """Raises the plan's revision after a change of its content, in whichever room: a signature stands at its own."""
    _locked(pep).revision += 1
    pep.save(update_fields=["revision"])
    return pep.revision


STAMPS = {PepEvent.SUBMIT: "submitted_at", PepEvent.FINALISE: "finalised_at", PepEvent.CLOSE: "closed_at"}


@transaction.atomic
def bring_about(pep: Pep, event: PepEvent, *, by: Acting, **stamps: str | datetime) -> Pep:
    """Moves the plan to the state that ``event`` leads to, with its moment. Raises NotPossible, with a sentence.

    ``stamps`` sets further fields of the plan (``close_reason``) in the same write.
    """
    _locked(pep)
    pep.state = after(pep.state, event)
    values: dict[str, Any] = {STAMPS[event]: by.at} if event in STAMPS else {}
    values |= stamps
    for name, value in values.items():
        setattr(pep, name, value)
    pep.save(update_fields=["state", *values])
    audit.did(event.value, pep, by=by, child_id=pep.child_id, reason=str(values.get("close_reason", "")))
    mark_changed(pep.child, what="PEP state", by=by)
    return pep


# --- answers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Saved:
    """Everything that was changed is kept."""

    changed: tuple[str, ...]
    revision: int


@dataclass(frozen=True)
class Clash:
    """One question that two people have answered differently since one of them opened the page."""

    field: str
    mine: Given
    theirs: Given
    who: str
    at: datetime
    revision: int
    """The revision of their answer: deciding now is based on it."""


@dataclass(frozen=True)
class Conflict:
    """Some answers need a person's decision; the others are saved, and all that was typed is kept as a draft."""

    clashes: tuple[Clash, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """Nothing could be saved (plan or section were closed to changes meanwhile); what was typed is kept as a draft."""

    reason: str


@transaction.atomic
def save_section(
    pep: Pep,
    section_key: str,
    *,
    values: Mapping[str, Any],
    based_on: Mapping[str, int],
    by: Acting,
    unknown: Mapping[str, str] | None = None,
    typed: Mapping[str, list[str]] | None = None,
    written_for: str = "",
) -> Saved | Conflict | Kept:
    """Saves a section's answers, merged field by field with what others have saved meanwhile (rule 3 of the house).

    ``values`` are plain JSON by field id (None: no answer) and only of the fields that the page showed; ``based_on`` is
    the revision of each answer the page showed (0: none); ``unknown`` says why a question can't be answered. ``typed``
    is the form as it was sent, kept as a draft where not all of it can be saved. ``written_for`` ("the child") marks
    who is spoken for.
    Every changed answer keeps its history; the record of acts gets the names of the fields, never their text.
    Raises KeyError for a section or a field that the form doesn't have.
    """
    unknown = unknown or {}
    section = queries.document_of(pep).section(section_key)
    ids = {each.id for each in section.fields if each.asks}
    if strange := (values.keys() | unknown.keys()) - ids:
        raise KeyError(f"{section_key} doesn't ask {', '.join(sorted(strange))}")
    _locked(pep)
    mine = {
        name: Given(values.get(name), "" if values.get(name) is not None else unknown.get(name, "").strip()[:300])
        for name in values.keys() | unknown.keys()
    }
    rows = {row.field: row for row in pep.answers.filter(field__in=mine).select_related("author")}
    outcome = merge(mine, based_on, queries.standing_of(rows), queries.shown_then(pep, rows, based_on))
    if (outcome.save or outcome.clash) and (reason := _closed_to_changes(pep, section)):
        keep_draft(pep, section_key, typed=_typed(mine, typed), based_on=based_on, by=by)
        return Kept(reason)
    revisions = {
        name: _write(pep, name, given, rows.get(name), by, written_for) for name, given in outcome.save.items()
    }
    if revisions:
        touch(pep, by=by)
        audit.did(
            "fill in section", pep, by=by, child_id=pep.child_id, fields=revisions,
            reason=f"{section_key}{f', for {written_for}' if written_for else ''}",
        )  # fmt: skip
        mark_changed(pep.child, what="PEP answers", by=by)
    if not outcome.clash:
        drop_draft(pep, section_key, by=by)
        return Saved(tuple(sorted(revisions)), pep.revision)
    keep_draft(pep, section_key, typed=_typed(mine, typed), based_on={**based_on, **revisions}, by=by)
    clashes = (
        Clash(
            name, mine[name], queries.given_of(rows[name]), rows[name].author.name, rows[name].at, rows[name].revision
        )
        if name in rows
        else Clash(name, mine[name], NOTHING, "", by.at, 0)
        for name in (each.id for each in section.fields)
        if name in outcome.clash
    )
    return Conflict(tuple(clashes), tuple(sorted(revisions)))


def _closed_to_changes(pep: Pep, section: FormSection) -> str:
    if not writable(pep.state):
        return f"This plan is {PepState(pep.state).words.lower()}, so nothing in it can be changed now."
    done = pep.sections.filter(key=section.key, complete=True).select_related("completed_by").first()
    return f"{done.completed_by.name} has marked this section complete." if done and done.completed_by else ""


def _typed(mine: Mapping[str, Given], typed: Mapping[str, list[str]] | None) -> Mapping[str, list[str]]:
    """What to keep as a draft: the form as sent, or (for callers without a form) the values as words."""
    if typed is not None:
        return typed
    return {
        name: [str(one) for one in given.value] if isinstance(given.value, list) else [str(given.value or "")]
        for name, given in mine.items()
    }


def _write(pep: Pep, name: str, given: Given, row: Answer | None, by: Acting, written_for: str) -> int:
    if row is None:
        row = Answer(pep=pep, field=name, revision=0)
    row.value, row.unknown_because = given.value, given.unknown_because
    row.revision, row.author_id, row.at = row.revision + 1, _person(by), by.at
    keep(row, by=by, reason=f"Written down for {written_for}" if written_for else "")
    return row.revision


# --- drafts -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def keep_draft(
    pep: Pep, section_key: str, *, typed: Mapping[str, list[str]], based_on: Mapping[str, int], by: Acting
) -> Draft:
    """Keeps what somebody has typed and not saved: the form's words by field name, one draft a person and section."""
    draft, _ = Draft.objects.update_or_create(
        pep=pep, section=section_key, user_id=_person(by),
        defaults={"values": dict(typed), "based_on": dict(based_on), "at": by.at},
    )  # fmt: skip
    return draft


@transaction.atomic
def drop_draft(pep: Pep, section_key: str, *, by: Acting) -> None:
    """Forgets one's own draft: it was saved, or its writer doesn't want it."""
    Draft.objects.filter(pep=pep, section=section_key, user_id=_person(by)).delete()


# --- sections ---------------------------------------------------------------------------------------------------------


class NotComplete(Exception):
    """The section still lacks something; ``missing`` says what, in words, ``fields`` which questions."""

    def __init__(self, missing: tuple[str, ...], fields: tuple[str, ...]):
        self.missing, self.fields = missing, fields
        super().__init__(f"This section isn't complete: {'; '.join(missing)}.")


@transaction.atomic
def mark_section_complete(pep: Pep, key: str, *, panel_missing: tuple[str, ...], by: Acting) -> Section:
    """Marks a section complete (R25). ``panel_missing`` is what its panels still lack, asked of their rooms.

    Raises NotComplete, with what is left; NotPossible where the plan can't be changed now. Twice is as good as once.
    """
    _locked(pep)
    _must_be_writable(pep)
    asked = left(queries.document_of(pep).section(key).fields, queries.givens(queries.answers_of(pep)))
    if asked or panel_missing:
        raise NotComplete((*(each.label for each in asked), *panel_missing), tuple(each.id for each in asked))
    section = pep.sections.get(key=key)
    if section.complete:
        return section
    section.complete, section.completed_by_id, section.completed_at = True, by.user_id, by.at
    keep(section, by=by)
    audit.did("mark section complete", pep, by=by, child_id=pep.child_id, reason=key)
    mark_changed(pep.child, what="PEP section", by=by)
    return section


@transaction.atomic
def reopen_section(pep: Pep, key: str, *, by: Acting) -> Section:
    """Opens a complete section for changes again. Raises NotPossible where the plan can't be changed now."""
    _locked(pep)
    _must_be_writable(pep)
    section = pep.sections.get(key=key)
    if not section.complete:
        return section
    section.complete, section.completed_by, section.completed_at = False, None, None
    keep(section, by=by)
    audit.did("change section again", pep, by=by, child_id=pep.child_id, reason=key)
    mark_changed(pep.child, what="PEP section", by=by)
    return section


# --- informal reviews, and what people confirm ------------------------------------------------------------------------


@transaction.atomic
def make_formal(pep: Pep, *, reason: str, by: Acting) -> Pep:
    """An informal review becomes a formal one, with a meeting of everybody, because of a concern or a significant change
    (R6); whoever arranges meetings is told. A plan that is formal already stays as it is. Raises NotPossible once the
    review is made."""
    held = Pep.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "child__authority", "profile_version"
    )
    row = held.get(pk=pep.pk)
    if not row.informal:
        return row
    if row.state != PepState.PREPARING:
        raise NotPossible("This review has been made already: a concern about it calls another plan.")
    row.informal = pep.informal = False
    row.save(update_fields=["informal"])
    audit.did("make review formal", row, by=by, child_id=row.child_id, fields=["informal"], reason=reason)
    mark_changed(row.child, what="review made formal", by=by)
    responsibilities = rules_of(row.profile_version).table("responsibilities")
    notices.became_formal(row, part=responsibilities["organises_reviews"], team=team_of(row.child, by.today), by=by)
    return row


@transaction.atomic
def confirm(pep: Pep, *, what: Confirmed, by: Acting) -> bool:
    """Keeps that a person has read the plan, or that its form is the right one (R30, R35); whether it is new. Twice is as
    good as once. Raises NotPossible where the plan can't be changed any more."""
    _locked(pep)
    _must_be_writable(pep)
    _, new = Confirmation.objects.get_or_create(pep=pep, what=what, user_id=_person(by), defaults={"at": by.at})
    if new:
        audit.did("confirm", pep, by=by, child_id=pep.child_id, reason=what)
        mark_changed(pep.child, what="confirmation", by=by)
    return new


# --- the new school year ----------------------------------------------------------------------------------------------


@transaction.atomic
def change_phase(pep: Pep, *, phase: str, by: Acting) -> bool:
    """A plan in preparation gets the form that its own rules have for another phase (R31): the newest version of it, with the
    sections that are new. Every answer, draft and completed section stays as it is. Answers whether there was anything to
    change; a plan that isn't in preparation any more keeps its form. Raises NoForm."""
    held = Pep.objects.select_for_update(no_key=True, of=("self",))
    row = held.select_related("child", "form_version", "profile_version").get(pk=pep.pk)
    rules = rules_of(row.profile_version)
    wanted = pep_policy(rules.table("responsibilities"), rules.table("form")).forms[phase]
    if row.state != PepState.PREPARING or row.form_version.key == wanted:
        return False
    was = row.form_version.key
    row.form_version = pep.form_version = queries.form_in_use(wanted)
    row.save(update_fields=["form_version"])
    there = set(row.sections.values_list("key", flat=True))
    for section in FormDocument.from_json(row.form_version.document).sections:
        if section.key not in there:
            keep(Section(pep=row, key=section.key), by=by)
    audit.did(
        "change form", row, by=by, child_id=row.child_id, fields=["form_version"], reason=f"{was} to {wanted}"
    )  # fmt: skip
    mark_changed(row.child, what="PEP form", by=by)
    return True
