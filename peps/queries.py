"""Reads of the plan: its form, its answers, how far each section is, who fills it in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID

from django.db.models import Q

from children.models import Allocation, Child, Enrolment, Part, Placement
from children.rules import phase_of
from pepportal.access.roles import Role
from pepportal.accounts.models import User
from pepportal.profiles.queries import rules_of
from pepportal.ui.wording import in_words
from peps.form_documents import Field as FormField
from peps.form_documents import FormDocument
from peps.form_documents import Section as FormSection
from peps.models import Answer, Draft, FormVersion, Pep, Section
from peps.rules import Given, Now, left, left_words


class NoForm(Exception):
    """The forms have not been loaded: run ``manage.py load_profile``."""


def form_in_use(key: str) -> FormVersion:
    """The newest version of a form. Raises NoForm."""
    version = FormVersion.objects.filter(key=key).order_by("-version").first()
    if version is None:
        raise NoForm(f"No form named {key!r}: run manage.py load_profile.")
    return version


def phase_on(child: Child, day: date) -> str:
    """The phase whose form the child's plan has on a day: by age and the school they are at (R31)."""
    phase = (
        Enrolment.objects.current(day).filter(child=child, main=True).values_list("school__phase", flat=True).first()
    )
    return phase_of(child.date_of_birth, day, phase or "")


class _Held:
    """Lets a cache's key be the digests alone: versions never change."""

    def __init__(self, pep: Pep) -> None:
        self.pep = pep

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)


@lru_cache(maxsize=128)
def _document(form_digest: str, rules_digest: str, held: _Held) -> FormDocument:
    pep = held.pep
    owners = rules_of(pep.profile_version).table("form")["owners"]
    return FormDocument.from_json(pep.form_version.document).with_owners(owners)


def document_of(pep: Pep) -> FormDocument:
    """The plan's form as opened, its sections given to whom the council's rules give them."""
    return _document(pep.form_version.digest, pep.profile_version.digest, _Held(pep))


def answers_of(pep: Pep) -> dict[str, Answer]:
    """Every answer of the plan by its field, with its author. One query."""
    return {answer.field: answer for answer in pep.answers.select_related("author")}


def given_of(answer: Answer) -> Given:
    return Given(answer.value, answer.unknown_because)


def givens(answers: Mapping[str, Answer]) -> dict[str, Given]:
    """The content of answers, as the rules take it."""
    return {name: given_of(answer) for name, answer in answers.items()}


def standing_of(answers: Mapping[str, Answer]) -> dict[str, Now]:
    """The content and revision of answers, as the merge takes them."""
    return {name: Now(given_of(answer), answer.revision) for name, answer in answers.items()}


def shown_then(pep: Pep, answers: Mapping[str, Answer], based_on: Mapping[str, int]) -> dict[tuple[str, int], Given]:
    """What an earlier page showed, for the answers that have moved on since: from their history, one query or none."""
    moved = Q()
    for name, answer in answers.items():
        seen = based_on.get(name, 0)
        if seen and seen != answer.revision:
            moved |= Q(field=name, revision=seen)
    if not moved:
        return {}
    versions = Answer.history.filter(moved, pep_id=pep.pk)
    return {(row.field, row.revision): Given(row.value, row.unknown_because) for row in versions}


def draft_of(pep: Pep, section_key: str, user_id: UUID) -> Draft | None:
    """What this person has typed into the section and not saved."""
    return Draft.objects.filter(pep=pep, section=section_key, user_id=user_id).first()


# --- how far ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SectionProgress:
    """How far one section is. What its panels lack is asked of their rooms (peps.panels)."""

    section: FormSection
    complete: bool
    completed_by: User | None
    completed_at: object
    left: tuple[str, ...]
    """Labels of required questions without an answer."""
    started: bool
    optional: bool
    """Asks nothing that must be answered: the child's and the carer's own sections, and panels without questions."""

    @property
    def words(self) -> str:
        """ "1 answer left: Reading", or nothing."""
        return "" if self.complete else left_words(self.left)

    @property
    def status(self) -> str:
        """A key of pepportal.ui.statuses."""
        if self.complete:
            return "complete"
        if self.started:
            return "in_progress"
        return "optional" if self.optional and not self.section.panels else "not_started"


def progress(
    pep: Pep, document: FormDocument, answers: Mapping[str, Answer], rows: Iterable[Section] | None = None
) -> dict[str, SectionProgress]:
    """How far each section is, by key in the form's order. One query, none where the plan's sections are given."""
    if rows is None:
        rows = pep.sections.select_related("completed_by")
    by_key = {row.key: row for row in rows}
    content = givens(answers)
    found = {}
    for section in document.sections:
        row = by_key.get(section.key)
        found[section.key] = SectionProgress(
            section=section,
            complete=bool(row and row.complete),
            completed_by=row.completed_by if row else None,
            completed_at=row.completed_at if row else None,
            left=tuple(each.label for each in left(section.fields, content)),
            started=any(each.id in content and not content[each.id].empty for each in section.fields),
            optional=not section.required_ids,
        )
    return found


# --- who --------------------------------------------------------------------------------------------------------------


def fills_in(owner: str, child: Child, day: date) -> tuple[str, ...]:
    """The names of the people who fill in an owner's sections for this child on a day. At most two queries."""
    names: list[str] = []
    if owner in ("designated_teacher", "both"):
        names += (
            User.objects.filter(
                memberships__role=Role.DESIGNATED_TEACHER.value,
                memberships__organisation__school__in=Enrolment.objects.current(day)
                .filter(child=child, main=True)
                .values("school"),
                is_active=True,
            )
            .filter(Q(memberships__ended_on=None) | Q(memberships__ended_on__gt=day), memberships__began_on__lte=day)
            .distinct()
            .values_list("name", flat=True)
        )
    if owner in ("social_worker", "both", "virtual_school"):
        part = Part.CASEWORKER if owner == "virtual_school" else Part.SOCIAL_WORKER
        names += Allocation.objects.current(day).filter(child=child, part=part).values_list("user__name", flat=True)
    if owner == "carer":
        names += (
            Placement.objects.current(day)
            .filter(child=child, carer__isnull=False)
            .values_list("carer__name", flat=True)
        )
    if owner == "child":
        names.append(child.first_name)
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class Change:
    """One version of one answer, for the history page."""

    field: str
    label: str
    given: Given
    who: str
    at: object
    note: str


def history_of(pep: Pep, section: FormSection, ids: Iterable[str]) -> list[Change]:
    """Who wrote what into a section, newest first. One query."""
    labels = {each.id: each.label for each in section.fields}
    rows = Answer.history.filter(pep_id=pep.pk, field__in=list(ids)).select_related("author")
    return [
        Change(
            field=row.field,
            label=labels[row.field],
            given=Given(row.value, row.unknown_because),
            who=row.author.name,
            at=row.at,
            note=row.history_change_reason or "",
        )
        for row in rows.order_by("-history_date", "-history_id")
    ]


def words_of(field: FormField, given: Given) -> str | list[str]:
    """An answer as people read it: a choice's label, a date in words, "Not known: …"; empty where there is none."""
    value = given.value
    if value is None or value == []:
        return f"Not known: {given.unknown_because}" if given.unknown_because else ""
    if field.type == "choice":
        return field.choice_label(value)
    if field.type == "choices":
        return [field.choice_label(one) for one in value]
    if field.type == "yes_no":
        return "Yes" if value else "No"
    if field.type == "date":
        return in_words(date.fromisoformat(value))
    return f"{value}%" if field.type == "percent" else str(value)
