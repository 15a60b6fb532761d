"""Reads a council's published rules, checks every word of them and fills what the council leaves out from the default.

    default = read_default()
    kent = read_published("kent-2017")
    kent.table("deadlines")["review"]["months"]   # 6
    kent.is_default("deadlines.before_care_review")  # True: the council's document is silent
    kent.is_assumed("deadlines.completion.unit")     # True where the document leaves it open

A read profile is frozen and complete in itself: its `document` is plain JSON with the defaults written in and marked,
so a stored version never changes when the default does.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pepportal.profiles import schema

PUBLISHED = Path(__file__).parent / "published"
DEFAULT_NAME = "default"
#: In the order of profiles.md; the first is used where an authority has picked none.
PUBLISHED_NAMES = ("default", "social-worker-led", "virtual-school-led", "kent-2017", "enfield", "bolton-2021")
DEFAULT_SOURCE = "default"


class ProfileError(ValueError):
    """A profile that can't be used: which file, which key (dotted) and why, for each mistake found."""

    def __init__(self, file: str, problems: list[tuple[str, str]]):
        self.file = file
        self.problems = tuple(problems)
        super().__init__(
            "\n".join(f"{file}: {key}: {reason}" if key else f"{file}: {reason}" for key, reason in problems)
        )

    @property
    def key(self) -> str:
        return self.problems[0][0]


@dataclass(frozen=True)
class Profile:
    """One published version of a council's rules, complete: what it leaves out is the default's, and marked so."""

    name: str
    title: str
    council: str
    version: int
    effective_from: str
    #: The whole of it as plain JSON: keep this, and `Profile.from_document` gives the same profile back.
    document: Mapping[str, Any]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Profile:
        """The profile whose `document` was stored. Raises ProfileError where it isn't one."""
        try:
            head = document["profile"]
            return cls(
                name=head["name"],
                title=head["title"],
                council=head.get("council", ""),
                version=head["version"],
                effective_from=head["effective_from"],
                document=document,
            )
        except (KeyError, TypeError) as error:
            raise ProfileError("stored profile", [("profile", f"is not a profile: {error}")]) from error

    @property
    def digest(self) -> str:
        """SHA-256 of the document: two profiles with one digest decide everything alike."""
        kept = json.dumps(self.document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(kept.encode()).hexdigest()

    def table(self, name: str) -> dict[str, Any]:
        """A table's rules, complete, without the marks. Raises KeyError for a table that doesn't exist."""
        return {key: deepcopy(value) for key, value in self.document[name].items() if key not in _MARKS}

    def label(self, term: str) -> str:
        """The council's own word for a term of ours ("child", "virtual_school"…). Raises KeyError where unknown."""
        return str(self.document["labels"][term])

    def is_default(self, key: str) -> bool:
        """Whether the council is silent on `key` ("deadlines.review"), so that the product's default applies."""
        table, leaf, _ = _split(key)
        return leaf in self.document[table].get("defaults", [])

    def is_assumed(self, key: str) -> bool:
        """Whether the council's document leaves `key` (or anything in it) open and a reading was chosen for it."""
        return bool(self.assumptions(key))

    def assumptions(self, key: str) -> tuple[str, ...]:
        """The sentences that say what was assumed about `key`: a table, a key of it, or a part of a value."""
        table, leaf, part = _split(key)
        of_table = self.document[table].get("assumed", {})
        if not leaf:
            inner = [reason for name in self.table(table) for reason in self.assumptions(f"{table}.{name}")]
            return tuple(inner)
        found = [of_table[leaf]] if leaf in of_table else []
        value = self.document[table].get(leaf)
        if isinstance(value, Mapping):
            assumed = value.get("assumed", {})
            found += [assumed[part]] if part in assumed else [] if part else list(assumed.values())
        if isinstance(value, list):
            inner_records = [item.get("assumed", {}) for item in value if isinstance(item, Mapping)]
            found += [reason for assumed in inner_records for name, reason in assumed.items() if part in ("", name)]
        return tuple(dict.fromkeys(found))

    def source(self, key: str) -> str:
        """Where a value comes from: the nearest `source` said, or "default"."""
        table, leaf, _ = _split(key)
        if leaf and self.is_default(key):
            return DEFAULT_SOURCE
        value = self.document[table].get(leaf)
        if isinstance(value, Mapping) and "source" in value:
            return str(value["source"])
        return str(self.document[table].get("source") or self.document["profile"]["source"])


_MARKS = ("source", "assumed", "defaults")


def _split(key: str) -> tuple[str, str, str]:
    table, _, rest = key.partition(".")
    leaf, _, part = rest.partition(".")
    return table, leaf, part


def read(text: str, default: Profile | None = None, *, file: str = "profile") -> Profile:
    """The profile a TOML text publishes, filled from `default`. Without a default every table must be complete.

    Raises ProfileError naming the file, each wrong key and the reason: bad TOML (with its line), an unknown table or
    key, a value of the wrong kind, a missing key, parts that contradict each other.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(file, [("", f"is not valid TOML: {error}")]) from error
    return read_document(raw, default, file=file)


def read_document(raw: Mapping[str, Any], default: Profile | None = None, *, file: str = "profile") -> Profile:
    """As `read`, from the parsed tables."""
    problems: list[tuple[str, str]] = []

    def fail(path: str, reason: str) -> None:
        problems.append((path, reason))

    document: dict[str, Any] = {}
    if "profile" not in raw:
        fail("profile", "is missing")
    else:
        document["profile"] = schema.PROFILE(raw["profile"], "profile", fail)
    for table in raw:
        if table != "profile" and table not in schema.TABLES:
            fail(table, f"is not a known table; known are profile, {', '.join(schema.TABLES)}")
    for table, kinds in schema.TABLES.items():
        document[table] = _read_table(table, kinds, raw.get(table, {}), default, fail)
    if not problems:
        _check_across(document, fail)
    if problems:
        raise ProfileError(file, problems)
    return Profile.from_document(document)


def _read_table(
    table: str, kinds: Mapping[str, schema.Kind], raw: Any, default: Profile | None, fail: schema.Fail
) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        fail(table, f"must be a table, not {raw!r}")
        return {}
    kept: dict[str, Any] = {}
    #: Values written down that were the product's default when the rules were published (a version kept as a file).
    named: Any = []
    for key, value in raw.items():
        path = f"{table}.{key}"
        if key == "source":
            kept[key] = schema.text(value, path, fail)
        elif key == "assumed":
            kept[key] = schema.words_by()(value, path, fail)
        elif key == "defaults":
            named = schema.ListOf(schema.OneOf(tuple(kinds)))(value, path, fail)
        elif key in kinds:
            kept[key] = kinds[key](value, path, fail)
        else:
            fail(path, f"is not a known key; known are {', '.join(kinds)}")
    for key in kept.get("assumed", {}) if isinstance(kept.get("assumed"), Mapping) else ():
        if key not in kept:
            fail(f"{table}.assumed.{key}", "is marked as assumed but has no value here")
    filled = [key for key in named if key in kept] if isinstance(named, list) else []
    for key in kinds:
        if key in kept:
            continue
        if default is not None and key in default.document[table]:
            kept[key] = deepcopy(default.document[table][key])
            filled.append(key)
        elif default is None and f"{table}.{key}" not in schema.OPTIONAL:
            fail(f"{table}.{key}", "is missing")
    kept["defaults"] = sorted(set(filled)) if default is not None else sorted(key for key in kept if key not in _MARKS)
    return kept


def _check_across(document: Mapping[str, Any], fail: schema.Fail) -> None:
    """What only shows once the defaults are in: grades that the rubric doesn't have, sections in two parts."""
    quality = document["quality"]
    grades = [grade["key"] for grade in quality["grades"]]
    if "minimum_grade" in quality and quality["minimum_grade"] not in grades:
        fail("quality.minimum_grade", f"{quality['minimum_grade']!r} is not one of the grades {', '.join(grades)}")
    for index, rule in enumerate(quality["roll_up"]):
        for key in ("grade", "at_or_below"):
            if rule[key] not in grades:
                fail(f"quality.roll_up[{index}].{key}", f"{rule[key]!r} is not one of the grades {', '.join(grades)}")
        if not rule.get("majority") and "at_least" not in rule:
            fail(f"quality.roll_up[{index}]", "needs at_least, or majority = true")
    for index, criterion in enumerate(quality["criteria"]):
        for grade in criterion["words"]:
            if grade not in grades:
                fail(f"quality.criteria[{index}].words.{grade}", f"is not one of the grades {', '.join(grades)}")
    seen: dict[str, str] = {}
    for part in document["form"]["parts"]:
        for section in part["sections"]:
            if section in seen:
                fail("form.parts", f"section {section!r} is in part {seen[section]!r} and in part {part['key']!r}")
            seen[section] = part["key"]
    orders = sorted({step["order"] for step in document["signatures"]["steps"]})
    if orders != list(range(1, len(orders) + 1)):
        fail("signatures.steps", f"the order must run 1, 2, 3… without a gap, not {orders}")


@lru_cache(maxsize=1)
def read_default() -> Profile:
    """The product's own rules, used where a council's document is silent. Raises ProfileError."""
    file = PUBLISHED / f"{DEFAULT_NAME}.toml"
    return read(file.read_text(encoding="utf-8"), file=str(file.name))


@lru_cache(maxsize=32)
def read_published(name: str) -> Profile:
    """A profile shipped with the product. Raises ProfileError naming those that exist."""
    if name not in PUBLISHED_NAMES:
        raise ProfileError(name, [("", f"is not a published profile; there are {', '.join(PUBLISHED_NAMES)}")])
    if name == DEFAULT_NAME:
        return read_default()
    file = PUBLISHED / f"{name}.toml"
    return read(file.read_text(encoding="utf-8"), read_default(), file=file.name)


def all_published() -> Mapping[str, Profile]:
    """Every shipped profile by name, the default first."""
    return MappingProxyType({name: read_published(name) for name in PUBLISHED_NAMES})
