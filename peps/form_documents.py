"""The plan's forms as data: reads `peps/forms/*.toml`, checks every word and gives frozen documents.

    form = read_form("primary")
    form.section("care_facts").owner      # "social_worker"
    form.fields["legal_status"].type      # "choice"
    FormDocument.from_json(form.to_json()) == form

A section holds questions (fields) and panels; a panel is a name in a fixed list whose facts and page belong to the room
that owns them. Field ids are stable: an answer is kept under its id for ever, so an id never asks anything else.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

FORMS = Path(__file__).parent / "forms"
#: One form for each phase (R31); the profile's `[form]` table may name others.
FORM_KEYS = ("early-years", "primary", "secondary", "post-16")

FIELD_TYPES = (
    "text", "long_text", "date", "yes_no", "choice", "choices", "number", "percent", "statement",
)  # fmt: skip
PANELS = ("targets", "sdq", "meeting", "funding", "signatures", "quality")
OWNERS = ("designated_teacher", "social_worker", "both", "child", "carer", "virtual_school")
#: Who may read an answer in an edition: everybody who gets one, professionals, or only the team around the child
#: (social worker, designated teacher, virtual school, IRO).
AUDIENCES = ("all", "professionals", "team")
#: The five heads that the law wants in every plan: Care Planning Regulations 2010, Schedule 1, paragraph 2.
LEGAL_HEADS: Mapping[str, str] = {
    "education_history": "Education and training history",
    "arrangements": "Existing arrangements and provision",
    "planned_changes": "Planned changes and how disruption is kept small",
    "leisure": "Leisure interests",
    "carer_role": "What the carer and others do to help",
}


class FormError(ValueError):
    """A form that can't be used: file, line where it can be told, and the reason, for each mistake found."""

    def __init__(self, file: str, problems: list[tuple[int | None, str]]):
        self.file = file
        self.problems = tuple(problems)
        super().__init__(
            "\n".join(f"{file}:{line}: {reason}" if line else f"{file}: {reason}" for line, reason in problems)
        )


@dataclass(frozen=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One question. `allow_unknown`: a required one may be answered "not known, because …" instead."""

    id: str
    type: str
    label: str
    hint: str = ""
    required: bool = False
    allow_unknown: bool = True
    choices: tuple[Choice, ...] = ()
    example: str = ""
    audience: str = "all"
    head: str = ""

    def choice_label(self, value: str) -> str:
        """The words of a choice's value; the value itself where the form no longer has it."""
        return next((choice.label for choice in self.choices if choice.value == value), value)

    @property
    def asks(self) -> bool:
        """Whether anything is answered here: a statement only tells."""
        return self.type != "statement"


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    owner: str
    order: int
    guidance: str = ""
    fields: tuple[Field, ...] = ()
    panels: tuple[str, ...] = ()

    @property
    def required_ids(self) -> tuple[str, ...]:
        return tuple(each.id for each in self.fields if each.required and each.asks)


@dataclass(frozen=True)
class FormDocument:
    key: str
    title: str
    phase: str
    version: int
    sections: tuple[Section, ...] = field(default=())

    def section(self, key: str) -> Section:
        """Raises KeyError where the form has no such section."""
        for section in self.sections:
            if section.key == key:
                return section
        raise KeyError(key)

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Every question by its id, in the order of the form."""
        return {each.id: each for section in self.sections for each in section.fields}

    def section_of(self, field_id: str) -> Section:
        """The section a question stands in. Raises KeyError where the form has no such question."""
        for section in self.sections:
            if any(each.id == field_id for each in section.fields):
                return section
        raise KeyError(field_id)

    def with_owners(self, owners: Mapping[str, str]) -> FormDocument:
        """The same form with sections given to others, as a council's `[form.owners]` says."""
        return replace(
            self, sections=tuple(replace(each, owner=owners.get(each.key, each.owner)) for each in self.sections)
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON that `from_json` turns back into an equal document."""
        return {
            "key": self.key,
            "title": self.title,
            "phase": self.phase,
            "version": self.version,
            "sections": [
                {
                    "key": section.key,
                    "title": section.title,
                    "owner": section.owner,
                    "order": section.order,
                    "guidance": section.guidance,
                    "panels": list(section.panels),
                    "fields": [
                        {
                            "id": each.id,
                            "type": each.type,
                            "label": each.label,
                            "hint": each.hint,
                            "required": each.required,
                            "allow_unknown": each.allow_unknown,
                            "choices": [[choice.value, choice.label] for choice in each.choices],
                            "example": each.example,
                            "audience": each.audience,
                            "head": each.head,
                        }
                        for each in section.fields
                    ],
                }
                for section in self.sections
            ],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> FormDocument:
        return cls(
            key=document["key"],
            title=document["title"],
            phase=document["phase"],
            version=document["version"],
            sections=tuple(
                Section(
                    key=section["key"],
                    title=section["title"],
                    owner=section["owner"],
                    order=section["order"],
                    guidance=section["guidance"],
                    panels=tuple(section["panels"]),
                    fields=tuple(
                        Field(**{**each, "choices": tuple(Choice(*choice) for choice in each["choices"])})
                        for each in section["fields"]
                    ),
                )
                for section in document["sections"]
            ),
        )

    @property
    def digest(self) -> str:
        """SHA-256 of shape and wording."""
        return _digest(self.to_json())

    @property
    def shape_digest(self) -> str:
        """SHA-256 of what a PEP keeps for ever: sections, owners, panels, ids, types and the values of choices.

        Wording may be corrected in open PEPs; a new shape needs a new version.
        """
        return _digest(
            [
                [section.key, section.owner, section.panels]
                + [[each.id, each.type, each.required, [c.value for c in each.choices]] for each in section.fields]
                for section in self.sections
            ]
        )


def _digest(kept: Any) -> str:
    return hashlib.sha256(json.dumps(kept, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@lru_cache(maxsize=16)
def read_form(key: str) -> FormDocument:
    """A form shipped with the product, checked. Raises FormError, also for a key that has no file."""
    if key not in FORM_KEYS:
        raise FormError(key, [(None, f"there is no such form; there are {', '.join(FORM_KEYS)}")])
    return read_form_file(FORMS / f"{key}.toml")


def all_forms() -> tuple[FormDocument, ...]:
    """The shipped forms in the order of age."""
    return tuple(read_form(key) for key in FORM_KEYS)


def read_form_file(path: Path) -> FormDocument:
    """Reads a form file and the files it includes (from the same folder). Raises FormError."""

    def load(name: str) -> str:
        return (path.parent / name).read_text(encoding="utf-8")

    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise FormError(path.name, [(None, f"can't be read: {error.strerror}")]) from error
    return read(text, file=path.name, load=load)


def read(text: str, *, file: str = "form", load: Any = None) -> FormDocument:
    """The form a TOML text describes. `load(name)` gives the text of an included file.

    Raises FormError naming file, line and reason: bad TOML, an unknown key, type, owner, panel or audience, an id used
    twice, a choice without choices, a section in the order that isn't there, a legal head that no question covers.
    """
    reader = _Reader(file, text, load)
    form = reader.read()
    if reader.problems:
        raise FormError(file, reader.problems)
    return form


_FORM_KEYS = {"key", "title", "phase", "version", "include", "order", "section", "extend"}
_SECTION_KEYS = {"key", "title", "owner", "guidance", "panels", "field"}
_FIELD_KEYS = {"id", "type", "label", "hint", "required", "allow_unknown", "choices", "example", "audience", "head"}
_PHASES = ("early_years", "primary", "secondary", "post_16")


class _Reader:
    def __init__(self, file: str, text: str, load: Any):
        self.file, self.text, self.load = file, text, load
        self.problems: list[tuple[int | None, str]] = []
        self.ids: dict[str, str] = {}

    def fail(self, reason: str, near: str = "") -> None:
        self.problems.append((self._line(near), reason))

    def _line(self, near: str) -> int | None:
        """The last line that names `near` as a value: of two fields with one id, the second is the mistake."""
        lines = [number for number, line in enumerate(self.text.splitlines(), 1) if near and f'"{near}"' in line]
        return lines[-1] if lines else None

    def read(self) -> FormDocument:
        raw = self._parse(self.text, self.file)
        for key in raw:
            if key not in _FORM_KEYS:
                self.fail(f"{key!r} is not a known key; known are {', '.join(sorted(_FORM_KEYS))}")
        found: dict[str, dict[str, Any]] = {}
        for name in raw.get("include", []):
            for section in self._included(name):
                found[str(section.get("key"))] = {**section, "field": list(section.get("field", []))}
        for section in raw.get("section", []):
            if section.get("key") in found:
                self.fail(f"section {section.get('key')!r} is there twice", str(section.get("key")))
            found[str(section.get("key"))] = section
        for key, more in raw.get("extend", {}).items():
            if key not in found:
                self.fail(f"extends section {key!r}, which is not there")
                continue
            found[key] = {**found[key], **{name: value for name, value in more.items() if name != "field"}}
            found[key]["field"] = [*found[key].get("field", []), *more.get("field", [])]
        order = list(raw.get("order", found))
        for key in order:
            if key not in found:
                self.fail(f"the order names section {key!r}, which is not there", key)
        for key in found:
            if key not in order:
                self.fail(f"section {key!r} has no place in the order")
        sections = tuple(self._section(found[key], place) for place, key in enumerate(order, 1) if key in found)
        for head, words in LEGAL_HEADS.items():
            if not any(each.head == head and each.asks for section in sections for each in section.fields):
                self.fail(f"no question covers the legal head {head!r} ({words})")
        phase = raw.get("phase", "")
        if phase not in _PHASES:
            self.fail(f"phase must be one of {', '.join(_PHASES)}, not {phase!r}")
        for key, kind in (("key", str), ("title", str), ("version", int)):
            if not isinstance(raw.get(key), kind):
                self.fail(f"{key} is missing or of the wrong kind")
        return FormDocument(
            str(raw.get("key", "")), str(raw.get("title", "")), phase, int(raw.get("version") or 0), sections
        )

    def _parse(self, text: str, file: str) -> dict[str, Any]:
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise FormError(file, [(None, f"is not valid TOML: {error}")]) from error

    def _included(self, name: str) -> Iterator[dict[str, Any]]:
        if self.load is None or Path(name).name != name:
            self.fail(f"can't include {name!r}: only a file beside this one", name)
            return
        try:
            text = self.load(name)
        except OSError as error:
            self.fail(f"can't include {name!r}: {error.strerror}", name)
            return
        yield from self._parse(text, name).get("section", [])

    def _section(self, raw: Mapping[str, Any], order: int) -> Section:
        key = str(raw.get("key", ""))
        if not key.isidentifier():
            self.fail(f"a section's key must be small letters and underscores, not {key!r}", key)
        for name in raw:
            if name not in _SECTION_KEYS:
                self.fail(f"section {key!r}: {name!r} is not a known key", key)
        if not raw.get("title"):
            self.fail(f"section {key!r} has no title", key)
        owner = raw.get("owner")
        if owner is None:
            self.fail(f"section {key!r} has no owner", key)
        elif owner not in OWNERS:
            self.fail(f"section {key!r}: owner must be one of {', '.join(OWNERS)}, not {owner!r}", str(owner))
        panels = tuple(raw.get("panels", ()))
        for panel in panels:
            if panel not in PANELS:
                self.fail(f"section {key!r}: there is no panel {panel!r}; there are {', '.join(PANELS)}", str(panel))
        fields = tuple(self._field(each, key) for each in raw.get("field", ()))
        if not fields and not panels:
            self.fail(f"section {key!r} asks nothing and has no panel", key)
        return Section(key, str(raw.get("title", "")), str(owner), order, raw.get("guidance", ""), fields, panels)

    def _field(self, raw: Mapping[str, Any], section: str) -> Field:
        identity = str(raw.get("id", ""))
        where = f"section {section!r}, field {identity!r}"
        if not identity.isidentifier() or identity != identity.lower():
            self.fail(f"{where}: an id must be small letters, digits and underscores", identity)
        if identity in self.ids:
            self.fail(f"{where}: the id is already used in section {self.ids[identity]!r}", identity)
        self.ids[identity] = section
        for name in raw:
            if name not in _FIELD_KEYS:
                self.fail(f"{where}: {name!r} is not a known key; known are {', '.join(sorted(_FIELD_KEYS))}", identity)
        kind = raw.get("type")
        if kind not in FIELD_TYPES:
            self.fail(f"{where}: type must be one of {', '.join(FIELD_TYPES)}, not {kind!r}", identity)
        if not raw.get("label"):
            self.fail(f"{where}: has no label", identity)
        audience = raw.get("audience", "all")
        if audience not in AUDIENCES:
            self.fail(f"{where}: audience must be one of {', '.join(AUDIENCES)}, not {audience!r}", identity)
        head = raw.get("head", "")
        if head and head not in LEGAL_HEADS:
            self.fail(f"{where}: there is no legal head {head!r}; there are {', '.join(LEGAL_HEADS)}", identity)
        for name in ("required", "allow_unknown"):
            if not isinstance(raw.get(name, False), bool):
                self.fail(f"{where}: {name} must be true or false", identity)
        choices = self._choices(raw.get("choices", []), where, identity)
        if (kind in ("choice", "choices")) != bool(choices):
            self.fail(f"{where}: choices belong to the types choice and choices, and to no other", identity)
        return Field(
            id=identity,
            type=str(kind),
            label=str(raw.get("label", "")),
            hint=raw.get("hint", ""),
            required=raw.get("required", False),
            allow_unknown=raw.get("allow_unknown", True),
            choices=choices,
            example=raw.get("example", ""),
            audience=audience,
            head=head,
        )

    def _choices(self, raw: Any, where: str, identity: str) -> tuple[Choice, ...]:
        choices = []
        for pair in raw:
            if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) and part for part in pair):
                self.fail(f'{where}: each choice must be ["value", "words"], not {pair!r}', identity)
                continue
            choices.append(Choice(*pair))
        if len({choice.value for choice in choices}) != len(choices):
            self.fail(f"{where}: a choice's value is there twice", identity)
        return tuple(choices)
