"""The form of one table of rules, drawn from the schema: every kind of value has its control, every rule its source and what
was assumed. What is typed becomes the table again; a rule that wasn't touched keeps its marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.utils.text import slugify

from pepportal.pages.rules_words import OTHER_SECTIONS, Speaker, names_at
from pepportal.profiles import schema, words
from pepportal.profiles.reading import Profile, ProfileError, read_default, read_document
from pepportal.profiles.words import Path
from pepportal.ui.forms import (
    CheckboxesField,
    CheckField,
    ChoiceField,
    DateField,
    LongTextField,
    MoneyField,
    NumberField,
    PortalForm,
    SelectField,
    TextField,
    YesNoField,
)
from pepportal.ui.wording import MONTHS

LONG = {"words", "statement", "note"}
MANY = 6
"""More choices than this are a drop-down list."""
WHOLE_RULE = "_"
"""Stands for the rule as a whole where somebody says what an assumption is about."""
NOT_SAID = "Not said"
_OF_THE_PORTAL = {"name", "version", "effective_from"}
_TEXT_MOST, _TITLE_MOST, _TIMES_MOST = 2000, 160, 60


class _Missing:
    """No value: the part is left out."""

    def __repr__(self) -> str:
        return "MISSING"


class _Wrong:
    """A value that can't be read; its field says why."""


MISSING, WRONG = _Missing(), _Wrong()


# --- what the template shows ------------------------------------------------------------------------------------------


@dataclass
class Leaf:
    """One control."""

    form: RulesForm
    name: str
    template = "rules/_leaf.html"

    @property
    def bound(self) -> Any:
        return self.form[self.name]

    @property
    def names(self) -> Iterator[str]:
        yield self.name


@dataclass
class Branch:
    """Controls that belong together; ``folded``: under a line to unfold."""

    legend: str
    nodes: list[Any]
    hint: str = ""
    folded: bool = False
    wrong: bool = False
    template = "rules/_branch.html"

    @property
    def names(self) -> Iterator[str]:
        for node in self.nodes:
            yield from node.names


@dataclass
class Rows:
    """Repeated rows with "add another"."""

    name: str
    legend: str
    nodes: list[Branch]
    hint: str = ""
    another: str = "Add another"
    template = "rules/_rows.html"

    @property
    def names(self) -> Iterator[str]:
        for node in self.nodes:
            yield from node.names

    @property
    def count(self) -> int:
        return len(self.nodes)


@dataclass
class RuleNode:
    """One rule of the table: what it says now, its marks, its controls."""

    key: str
    label: str
    hint: str
    lines: tuple[str, ...]
    default: bool
    folded: bool
    nodes: list[Any]
    open: bool = False
    notes: Branch | None = field(default=None)


# --- the form ---------------------------------------------------------------------------------------------------------


def kinds_of(table: str) -> Mapping[str, schema.Kind]:
    """The rules of a table; of the head, what a council writes itself."""
    if table == "profile":
        return {key: kind for key, kind in schema.PROFILE.parts.items() if key not in _OF_THE_PORTAL}
    return schema.TABLES[table]


def may_be_left_out(table: str, key: str) -> bool:
    return key in schema.PROFILE.optional if table == "profile" else f"{table}.{key}" in schema.OPTIONAL


class RulesForm(PortalForm):
    """One table of a draft. ``typed`` shows what was sent without judging it, with one more row under the name ``add``."""

    def __init__(
        self, table: str, document: Mapping[str, Any], data: Any = None, *, typed: Any = None, add: str = ""
    ) -> None:
        super().__init__(data)
        self.table, self.document, self.before = table, document, document[table]
        self.typed, self.adding = typed, add
        self.sent = data if data is not None else typed
        self.kinds = kinds_of(table)
        self.content: dict[str, Any] = {}
        self.rules = [self._rule(key, kind) for key, kind in self.kinds.items()]
        if table != "profile":
            self.table_source = self._leaf(
                "source", TextField("Where these rules are published", required=False, max_length=_TEXT_MOST,
                hint="Only where it isn’t the document named under “About these rules”."), self.before.get("source", ""),
            )  # fmt: skip
        if typed is not None:
            for name, each in self.fields.items():
                each.initial = each.widget.value_from_datadict(typed, {}, name)

    def _rule(self, key: str, kind: schema.Kind) -> RuleNode:
        path, there = (self.table, key), key in self.before
        loose = may_be_left_out(*path)
        nodes: list[Any] = self._draw(kind, path, key, self.before.get(key, MISSING), loose=loose)
        folded = isinstance(kind, (schema.Record, schema.WordsBy)) or _of_records(kind)
        default = key in self.before.get("defaults", ())
        node = RuleNode(
            key=key, label=words.label(path), hint=words.help_of(path), folded=folded, default=default, nodes=nodes,
            lines=tuple(Speaker(self.document).lines(*path)) if self.table != "profile" and there else (),
        )  # fmt: skip
        if self.table == "profile":
            return node
        if loose and folded:
            node.hint = "Leave everything empty where there is no such rule."
        notes: list[Any] = self._notes(kind, path, key)
        if not default and key in read_default().document[self.table]:
            said = "; ".join(Speaker(read_default().document).lines(*path))[:300]
            notes.append(self._leaf(
                f"{key}-silent", CheckField("Our document says nothing about this: use the product’s default", required=False,
                hint=f"The default is: {said}"), False,
            ))  # fmt: skip
        node.notes = Branch("Source and assumptions", notes, folded=True)
        node.open = bool(self.adding) and (self.adding == key or self.adding.startswith(f"{key}-"))
        if self.adding.startswith(f"{key}-assumed"):
            node.notes.wrong = True
        return node

    # Drawing.

    def _leaf(self, name: str, made: Any, initial: Any) -> Leaf:
        self.fields[name] = made
        made.initial = initial
        return Leaf(self, name)

    def _count(self, name: str, there: int, least: int = 0) -> int:
        """How many rows are shown: those that were, and one more where somebody asked for it."""
        shown = max(there, least)
        if self.sent is not None:
            typed = str(self.sent.get(f"{name}-rows", ""))
            shown = min(int(typed), _TIMES_MOST) if typed.isascii() and typed.isdigit() and len(typed) < 4 else shown
        return shown + (self.adding == name)

    def _draw(
        self, kind: schema.Kind, path: Path, name: str, value: Any, *, loose: bool, flat: bool = False
    ) -> list[Any]:
        """The controls for a value; ``loose``: it may be left out; ``flat``: lists of choices stay small."""
        if isinstance(kind, schema.Record):
            return self._draw_record(kind, path, name, value, loose=loose, flat=flat)
        if _of_records(kind):
            return [self._draw_rows(kind.kind, path, name, value)]  # type: ignore[attr-defined]
        if isinstance(kind, schema.WordsBy):
            return self._draw_words(kind, path, name, value)
        return [self._leaf(name, self._control(kind, path, loose=loose, flat=flat), _shown(kind, value))]

    def _draw_record(
        self, kind: schema.Record, path: Path, name: str, value: Any, *, loose: bool, flat: bool
    ) -> list[Any]:
        nodes: list[Any] = []
        for part, inner in kind.parts.items():
            given = value.get(part, MISSING) if isinstance(value, Mapping) else MISSING
            left_out = loose or part in kind.optional
            if part == "key":
                hidden = TextField("", required=False, widget=forms.HiddenInput())
                nodes.append(self._leaf(f"{name}-key", hidden, "" if given is MISSING else given))
                continue
            drawn = self._draw(inner, (*path, part), f"{name}-{part}", given, loose=left_out, flat=flat)
            if isinstance(inner, (schema.Record, schema.WordsBy)):
                drawn = [Branch(words.label((*path, part)), drawn, words.help_of((*path, part)))]
            nodes += drawn
        return nodes

    def _draw_rows(self, kind: schema.Record, path: Path, name: str, value: Any) -> Rows:
        given = value if isinstance(value, list) else []
        rows = []
        for number in range(self._count(name, len(given))):
            each = given[number] if number < len(given) else MISSING
            row = f"{name}-{number}"
            nodes = self._draw_record(kind, path, row, each, loose=False, flat=True)
            nodes.append(Branch("Source and assumptions", self._notes(kind, path, row, each), folded=True,
                                wrong=self.adding.startswith(f"{row}-assumed")))  # fmt: skip
            nodes.append(self._leaf(f"{row}-gone", CheckField("Remove this one", required=False), False))
            rows.append(Branch(f"{words.label(path)}: {number + 1}", nodes))
        return Rows(name, words.label(path), rows, words.help_of(path))

    def _draw_words(self, kind: schema.WordsBy, path: Path, name: str, value: Any) -> list[Any]:
        given = value if isinstance(value, Mapping) else {}
        nodes = []
        for key, title in self._names(kind, path, given).items():
            made = (
                LongTextField(title, required=False, rows=2, max_length=_TEXT_MOST)
                if isinstance(kind.kind, schema.Text)
                else SelectField(title, self._choices(kind.kind, path), required=False, empty=_nobody(path))
            )
            nodes.append(self._leaf(f"{name}-{key}", made, given.get(key, "")))
        return nodes

    def _names(self, kind: schema.WordsBy, path: Path, given: Mapping[str, Any]) -> Mapping[str, str]:
        known = names_at(path, self.document) or dict.fromkeys(kind.keys) or {}
        return {**{key: title or words.label((*path, key)) for key, title in known.items()},
                **{key: words.label((*path, key)) for key in given if key not in known}}  # fmt: skip

    def _notes(self, kind: schema.Kind, path: Path, name: str, value: Any = None) -> list[Any]:
        """Where it says so, and what was assumed: of a record each part by itself, else of the rule as a whole."""
        top = value is None
        value = self.before.get(path[-1]) if top else value
        nodes: list[Any] = []
        if isinstance(kind, schema.Record):
            given = value.get("source", "") if isinstance(value, Mapping) else ""
            nodes.append(self._leaf(
                f"{name}-source", TextField("Where it says so", required=False, max_length=_TEXT_MOST), given
            ))  # fmt: skip
        whole = self.before.get("assumed", {}).get(path[-1], "") if top else ""
        if not isinstance(kind, schema.Record):
            nodes.append(self._leaf(
                f"{name}-assumed", LongTextField("What was assumed, because the document leaves it open", required=False,
                rows=2, max_length=_TEXT_MOST), whole,
            ))  # fmt: skip
            return nodes
        inner = value.get("assumed", {}) if isinstance(value, Mapping) else {}
        pairs = [*([(WHOLE_RULE, whole)] if whole else []), *inner.items()]
        about = [(WHOLE_RULE, "The rule as a whole")] if top else []
        about += [(part, words.label((*path, part))) for part in kind.parts if part != "key"]
        rows = []
        for number in range(self._count(f"{name}-assumed", len(pairs), 1)):
            part, sentence = pairs[number] if number < len(pairs) else ("", "")
            row = f"{name}-assumed-{number}"
            rows.append(Branch(f"Assumption {number + 1}", [
                self._leaf(f"{row}-about", SelectField("About", about, required=False, empty="Choose one"), part),
                self._leaf(f"{row}-words", LongTextField("What was assumed, because the document leaves it open", required=False,
                           rows=2, max_length=_TEXT_MOST), sentence),
            ]))  # fmt: skip
        nodes.append(Rows(f"{name}-assumed", "What was assumed", rows, another="Add another assumption"))
        return nodes

    def _choices(self, kind: schema.Kind, path: Path) -> list[tuple[str, str]]:
        assert isinstance(kind, schema.OneOf)
        said = {each: words.choice(path, each, self.document["labels"]) for each in kind.allowed}
        return [(each, text[:1].upper() + text[1:]) for each, text in said.items()]

    def _control(self, kind: schema.Kind, path: Path, *, loose: bool, flat: bool) -> Any:
        label, hint = words.label(path), words.help_of(path)
        said: dict[str, Any] = {"required": False, "hint": hint}
        if isinstance(kind, schema.YesNo):
            if loose or flat:
                return SelectField(label, [("yes", "Yes"), ("no", "No")], empty=NOT_SAID, **said)
            return YesNoField(label, **said)
        if isinstance(kind, schema.OneOf):
            choices = self._choices(kind, path)
            if loose or flat or len(choices) > MANY:
                return SelectField(label, choices, empty=NOT_SAID if loose else "Choose one", **said)
            return ChoiceField(label, choices, **said)
        if isinstance(kind, schema.Day):
            return DateField(label, noun=self._noun(path), **said)
        if isinstance(kind, schema.Whole):
            return self._number(kind, path, said)
        if isinstance(kind, schema.ListOf):
            names = names_at(path, self.document)
            if isinstance(kind.kind, schema.OneOf):
                return CheckboxesField(label, self._choices(kind.kind, path), **said)
            return CheckboxesField(label, list(names.items()), **said) if names else TextField(label, width=20, **said)
        if names := names_at(path, self.document):
            return SelectField(label, list(names.items()), empty=NOT_SAID if loose else "Choose one", **said)
        if path[-1] in LONG:
            return LongTextField(label, rows=2, max_length=_TEXT_MOST, **said)
        return TextField(label, max_length=_TITLE_MOST if path[-1] in ("title", "label") else _TEXT_MOST, **said)

    def _number(self, kind: schema.Whole, path: Path, said: dict[str, Any]) -> Any:
        label, noun = words.label(path), self._noun(path)
        if kind.shown == "money":
            return MoneyField(label, most=kind.high, noun=noun, **said)
        if kind.shown == "month":
            return SelectField(
                label, [(str(number), MONTHS[number - 1]) for number in range(kind.low, kind.high + 1)], **said
            )
        return NumberField(label, least=kind.low, most=kind.high, noun=noun, **said)

    def _noun(self, path: Path) -> str:
        """What a mistake is about: the rule, and the part of it."""
        rule, part = words.label(path[:2]), words.label(path)
        return rule if len(path) < 3 else f"{rule}: “{part}”"

    # Reading back.

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        content: dict[str, Any] = {key: self.before[key] for key in _OF_THE_PORTAL if key in self.before}
        assumed: dict[str, str] = {}
        defaults = set(self.before.get("defaults", ()))
        for key, kind in self.kinds.items():
            self._read_rule(key, kind, content, assumed, defaults)
        if self.table != "profile":
            content["defaults"] = sorted(defaults & set(content))
            if assumed or ("assumed" in self.before and not self.before["assumed"]):
                content["assumed"] = assumed
            if source := data.get("source"):
                content["source"] = source
        self.content = content
        if not self.errors:
            self._check_as_any_file()
        return data

    def _read_rule(
        self, key: str, kind: schema.Kind, content: dict[str, Any], assumed: dict[str, str], defaults: set[str]
    ) -> None:
        before = self.before.get(key, MISSING)
        if self.cleaned_data.get(f"{key}-silent"):
            content[key] = deepcopy(read_default().document[self.table][key])
            defaults.add(key)
            return
        value = self._read(kind, (self.table, key), key, before, loose=may_be_left_out(self.table, key))
        whole = ""
        if self.table != "profile":
            value, whole = self._read_notes(kind, (self.table, key), key, value, before, top=True)
        if value is WRONG:
            return
        if whole and value is MISSING:
            at = f"{key}-assumed" if f"{key}-assumed" in self.fields else f"{key}-assumed-0-about"
            self.add_error(
                at, f"{words.label((self.table, key))}: there is no such rule, so nothing is assumed about it"
            )
        elif whole:
            assumed[key] = whole
        if value is not MISSING:
            content[key] = value
        if value != before or whole != self.before.get("assumed", {}).get(key, ""):
            defaults.discard(key)

    def _read(self, kind: schema.Kind, path: Path, name: str, before: Any, *, loose: bool) -> Any:
        """The value in the controls; MISSING where it is left out, WRONG where a control says what is wrong with it."""
        if isinstance(kind, schema.Record):
            return self._read_record(kind, path, name, before, loose=loose)
        if _of_records(kind):
            return self._read_rows(kind, path, name, before, loose=loose)  # type: ignore[arg-type]
        if isinstance(kind, schema.WordsBy):
            return self._read_words(kind, path, name, before, loose=loose)
        if name in self.errors:
            return WRONG
        if isinstance(kind, schema.ListOf):
            return self._read_list(kind, path, name, before, loose=loose)
        value = self.cleaned_data.get(name)
        if value in ("", None):
            return MISSING if loose else self._lacks(name, path, isinstance(kind, (schema.OneOf, schema.YesNo)))
        if isinstance(kind, schema.Day):
            assert isinstance(value, date)
            return value.isoformat()
        if isinstance(kind, schema.YesNo):
            return value if isinstance(value, bool) else value == "yes"
        return int(value) if isinstance(kind, schema.Whole) else value

    def _lacks(self, name: str, path: Path, choose: bool) -> _Wrong:
        verb = "choose an answer" if choose else "fill it in"
        self.add_error(name, f"{self._noun(path)} is empty: {verb}")
        return WRONG

    def _read_list(self, kind: schema.ListOf, path: Path, name: str, before: Any, *, loose: bool) -> Any:
        given: Any = self.cleaned_data.get(name) or []
        earlier = before if isinstance(before, list) else []
        if isinstance(kind.kind, schema.Whole):
            found = self._numbers(kind.kind, path, name, str(given or ""))
            if found is WRONG:
                return WRONG
        else:  # those that stay keep their order: it may mean something to the council
            found = [each for each in earlier if each in given] + [each for each in given if each not in earlier]
        if found or before == []:
            return found
        if loose:
            return MISSING
        return [] if kind.empty else self._lacks(name, path, not isinstance(kind.kind, schema.Whole))

    def _numbers(self, kind: schema.Whole, path: Path, name: str, typed: str) -> Any:
        parts = [part for part in re.split(r"[\s,;]+", typed.replace("−", "-")) if part]
        for part in parts:
            if not re.fullmatch(r"-?\d{1,4}", part, re.ASCII) or not kind.low <= int(part) <= kind.high:
                said = f"“{part}” is not a whole number from {kind.low} to {kind.high}".replace("-", "−")
                self.add_error(name, f"{self._noun(path)}: {said}")
                return WRONG
        return [int(part) for part in parts]

    def _read_record(self, kind: schema.Record, path: Path, name: str, before: Any, *, loose: bool) -> Any:
        earlier = before if isinstance(before, Mapping) else {}
        if loose and not any(self._typed(each) for each in self._under(name)):
            return MISSING
        kept: dict[str, Any] = {}
        wrong = False
        for part, inner in kind.parts.items():
            if part == "key":
                continue
            value = self._read(
                inner, (*path, part), f"{name}-{part}", earlier.get(part, MISSING), loose=part in kind.optional
            )
            wrong = wrong or value is WRONG
            if value is not MISSING:
                kept[part] = value
        if "key" in kind.parts:
            title = kept.get("label") or kept.get("title") or ""
            kept["key"] = self.cleaned_data.get(f"{name}-key") or slugify(str(title)).replace("-", "_")[:40] or "new"
        if wrong:
            return WRONG
        for part, said, missing in kind.lacking(kept):
            because = words.choice((*path, part), said, self.document["labels"])
            for lacking in missing:
                self.add_error(
                    f"{name}-{lacking}", f"{self._noun((*path, lacking))} is empty: fill it in for “{because}”"
                )
                wrong = True
        return WRONG if wrong else kept

    def _under(self, name: str) -> list[str]:
        return [each for each in self.fields if each.startswith(f"{name}-") and not each.endswith(("-key", "-gone"))]

    def _typed(self, name: str) -> bool:
        """Whether anything stands in a control."""
        given = self.fields[name].widget.value_from_datadict(self.data, {}, self.add_prefix(name))
        return any(given) if isinstance(given, (list, tuple)) else bool(given)

    def _read_rows(self, kind: schema.ListOf, path: Path, name: str, before: Any, *, loose: bool) -> Any:
        earlier = before if isinstance(before, list) else []
        record = kind.kind
        assert isinstance(record, schema.Record)
        found: list[Any] = []
        for number in range(self._count(name, len(earlier))):
            row = f"{name}-{number}"
            if self.cleaned_data.get(f"{row}-gone") or not any(self._typed(each) for each in self._under(row)):
                self._forgive(row)
                continue
            there = earlier[number] if number < len(earlier) else MISSING
            value = self._read_record(record, path, row, there, loose=False)
            value, _ = self._read_notes(record, path, row, value, there, top=False)
            found.append(value)
        if any(each is WRONG for each in found):
            return WRONG
        for first, second in ((one, two) for at, one in enumerate(found) for two in found[:at]):
            if kind.unique and first == second:
                self.add_error(None, f"{self._noun(path)}: two rows say the same")
                return WRONG
        _tell_apart(found)
        if found or before == []:
            return found
        if loose:
            return MISSING
        if kind.empty:
            return []
        self.add_error(None, f"{self._noun(path)}: there must be at least one row")
        return WRONG

    def _forgive(self, row: str) -> None:
        """What is wrong in a row that goes is no mistake."""
        for name in self._under(row):
            self.errors.pop(name, None)

    def _read_words(self, kind: schema.WordsBy, path: Path, name: str, before: Any, *, loose: bool) -> Any:
        earlier = before if isinstance(before, Mapping) else {}
        names = [f"{name}-{key}" for key in self._names(kind, path, earlier)]
        if any(each in self.errors for each in names):
            return WRONG
        found = {
            key: given for key in self._names(kind, path, earlier) if (given := self.cleaned_data.get(f"{name}-{key}"))
        }
        return MISSING if loose and not found and before is MISSING else found

    def _read_notes(
        self, kind: schema.Kind, path: Path, name: str, value: Any, before: Any, *, top: bool
    ) -> tuple[Any, str]:
        """(the value with its own marks, what is assumed about the rule as a whole)."""
        if not isinstance(kind, schema.Record):
            return value, str(self.cleaned_data.get(f"{name}-assumed") or "")
        earlier = before if isinstance(before, Mapping) else {}
        whole, inner = "", dict[str, str]()
        for number in range(self._count(f"{name}-assumed", 0, 1) if self.sent else 0):
            row = f"{name}-assumed-{number}"
            about, sentence = self.cleaned_data.get(f"{row}-about"), self.cleaned_data.get(f"{row}-words")
            if not sentence:
                continue
            if not about:
                self.add_error(f"{row}-about", f"{words.label(path[:2])}: choose what the assumption is about")
                return WRONG, ""
            if about == WHOLE_RULE and top:
                whole = sentence
            elif isinstance(value, Mapping) and about not in value:
                said = f"“{words.label((*path, about))}” is empty, so nothing is assumed about it"
                self.add_error(f"{row}-about", f"{words.label(path[:2])}: {said}")
                return WRONG, ""
            else:
                inner[about] = sentence
        if not isinstance(value, Mapping):
            return value, whole
        marks: dict[str, Any] = {}
        if source := self.cleaned_data.get(f"{name}-source"):
            marks["source"] = source
        if inner or earlier.get("assumed") == {}:
            marks["assumed"] = inner
        return {**value, **marks}, whole

    def _check_as_any_file(self) -> None:
        """The same checks as for a file: what the controls can't know (an order with a gap, a section in two parts)."""
        head = {**self.document["profile"], **(self.content if self.table == "profile" else {})}
        try:
            read_document({**self.document, self.table: self.content, "profile": head}, read_default(), file="draft")
        except ProfileError as error:
            for sentence in dict.fromkeys(mistake(path, reason, self) for path, reason in error.problems):
                self.add_error(None, sentence)

    # For the template.

    def seal(self) -> RulesForm:
        """Opens every rule in which something is wrong; call it before showing the form again."""
        for node in self.rules:
            below = [name for each in node.nodes for name in each.names]
            notes = list(node.notes.names) if node.notes else []
            node.open = node.open or any(name in self.errors for name in (*below, *notes)) or self._names_it(node)
            if node.notes and any(name in self.errors for name in notes):
                node.notes.wrong = True
            for branch in _branches(node.nodes):
                branch.wrong = branch.wrong or any(name in self.errors for name in branch.names)
        return self

    def _names_it(self, node: RuleNode) -> bool:
        return any(
            str(each).startswith(f"{node.label}:") or f"“{node.label}”" in str(each) for each in self.non_field_errors()
        )


def _branches(nodes: Sequence[Any]) -> Iterator[Branch]:
    for node in nodes:
        if isinstance(node, Branch):
            yield node
        if isinstance(node, (Branch, Rows)):
            yield from _branches(node.nodes)


def _of_records(kind: schema.Kind) -> bool:
    return isinstance(kind, schema.ListOf) and isinstance(kind.kind, schema.Record)


def _nobody(path: Path) -> str:
    return "As the form says" if path == ("form", "owners") else "As “Every other section”"


def _shown(kind: schema.Kind, value: Any) -> Any:
    """A value as its control takes it."""
    if value is MISSING:
        return None
    if isinstance(kind, schema.YesNo):
        return "yes" if value else "no"
    if isinstance(kind, schema.Day):
        return date.fromisoformat(value)
    if isinstance(kind, schema.ListOf) and isinstance(kind.kind, schema.Whole):
        return ", ".join(str(each).replace("-", "−") for each in value)
    if isinstance(kind, schema.Whole) and kind.shown == "month":
        return str(value)
    return value


def _tell_apart(rows: Sequence[Any]) -> None:
    """Two new rows of one title get keys of their own."""
    seen: set[str] = set()
    for row in rows:
        if not isinstance(row, dict) or "key" not in row:
            continue
        key, number = row["key"], 2
        while row["key"] in seen:
            row["key"], number = f"{key}_{number}", number + 1
        seen.add(row["key"])


def mistake(path: str, reason: str, form: RulesForm | None = None) -> str:
    """A reader's complaint in the words of the page: the rule's name instead of its key, titles instead of keys."""
    names = [part for part in re.sub(r"\[\d+\]", "", path).split(".") if part]
    label = (
        words.label(tuple(names[:2])) if len(names) > 1 else words.TABLES.get(names[0] if names else "", ("Rules",))[0]
    )
    if names[:1] == ["quality"] and "is not one of the grades" in reason:
        return f"{label}: it names a grade that isn’t among the grades any more"
    if reason == "the instalments do not add up to total_pence":
        return f"{label}: the instalments do not add up to the amount of a year"
    document = {**form.document, form.table: form.content} if form else None
    titles = {**(names_at(("form", "owners"), document or {}) or {}), OTHER_SECTIONS: "Every other section"}
    if document:
        titles |= {part["key"]: part["label"] for part in document["form"]["parts"]}
    return f"{label}: " + re.sub(r"'([a-z_0-9]+)'", lambda found: f"“{titles.get(found[1], found[1])}”", reason)


def table_of(form: RulesForm) -> Profile:
    """The draft as it would be with this table saved. Raises ProfileError."""
    return read_document({**form.document, form.table: form.content}, read_default())
