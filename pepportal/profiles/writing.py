"""Writes a version as TOML, so that it can be kept, read, corrected and loaded again. Pure.

The file is complete: what is the product's default is written out too and named in its table's ``defaults``, so that it
says the same after the default has changed. Loaded again it gives the same rules, mark for mark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

HEAD = """# {title}, version {version}
#
# Kept from the PEP portal; load it with: manage.py load_profile FILE
# What a table's `defaults` names is the product's default. Take a rule out of that list when you give it a value of your own;
# or leave the rule out altogether, and the default of the day on which the file is loaded applies.
"""
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_of(document: Mapping[str, Any]) -> str:
    """A profile's document as TOML text."""
    head = document["profile"]
    lines = [HEAD.format(title=re.sub(r"[^\x20-\x7e\xa0-\uffff]", " ", head["title"]), version=head["version"])]
    for name, table in document.items():
        _table([name], table, lines)
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _table(path: list[str], table: Mapping[str, Any], lines: list[str]) -> None:
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping) or _is_rows(value)}
    lines.append(f"[{'.'.join(map(_key, path))}]")
    lines += [f"{_key(key)} = {_value(value)}" for key, value in table.items() if key not in inner]
    lines.append("")
    for key, value in inner.items():
        if isinstance(value, Mapping):
            _table([*path, key], value, lines)
            continue
        for row in value:
            lines.append(f"[[{'.'.join(map(_key, [*path, key]))}]]")
            lines += [f"{_key(each)} = {_value(said)}" for each, said in row.items()]
            lines.append("")


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }" if value else "{}"
        )
    if isinstance(value, list):
        written = [_value(each) for each in value]
        if sum(map(len, written)) <= 100:
            return f"[{', '.join(written)}]"
        return "[\n" + "".join(f"  {each},\n" for each in written) + "]"
    return str(value)
