"""Who starts and fills a council's plan, and how its form is laid out: `[responsibilities]` and `[form]`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peps.form_documents import FormDocument, Section, read_form


@dataclass(frozen=True)
class Part:
    """Sections under one heading of the council's ("Section A: facts", "Part 1", "Red sections")."""

    key: str
    label: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class PepPolicy:
    starts_first_pep: str
    told_at_start: tuple[str, ...]
    confirms_facts: tuple[str, ...]
    marks_complete: tuple[str, ...]
    opened_parts_go_to: Mapping[str, str]
    school_part_without_school: str
    note_without_school: bool
    forms: Mapping[str, str]
    parts: tuple[tuple[str, str, tuple[str, ...]], ...]
    owners: Mapping[str, str]

    def form_for(self, phase: str) -> FormDocument:
        """The form for a phase, with its sections given to whom this council gives them. Raises FormError."""
        return read_form(self.forms[phase]).with_owners(self.owners)

    def arrange(self, form: FormDocument) -> tuple[Part, ...]:
        """The form's sections under the council's headings; a section without one keeps its place at the end."""
        sections = {section.key: section for section in form.sections}
        parts = [
            Part(key, label, tuple(sections.pop(name) for name in names if name in sections))
            for key, label, names in self.parts
        ]
        if sections:
            parts.append(Part("other", "Other sections", tuple(sections.values())))
        return tuple(part for part in parts if part.sections)

    def owner_without_school(self, owner: str) -> str:
        """Who fills a section of `owner` while the child has no school (R22)."""
        return self.school_part_without_school if owner == "designated_teacher" else owner


def pep_policy(responsibilities: Mapping[str, Any], form: Mapping[str, Any]) -> PepPolicy:
    without = responsibilities["without_school_place"]
    return PepPolicy(
        starts_first_pep=responsibilities["starts_first_pep"],
        told_at_start=tuple(responsibilities["told_at_start"]),
        confirms_facts=tuple(responsibilities["confirms_facts"]),
        marks_complete=tuple(responsibilities["marks_complete"]),
        opened_parts_go_to=dict(responsibilities["opened_parts_go_to"]),
        school_part_without_school=without["school_part_by"],
        note_without_school=without.get("note_of_situation", False),
        forms={phase: form[phase] for phase in ("early_years", "primary", "secondary", "post_16")},
        parts=tuple((part["key"], part["label"], tuple(part["sections"])) for part in form["parts"]),
        owners=dict(form["owners"]),
    )
