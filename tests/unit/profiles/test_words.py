"""No key of the schema is shown to a person: each rule, part and choice has words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pepportal.profiles import schema, words


def every_kind() -> Iterator[tuple[words.Path, schema.Kind]]:
    """Each rule and each part of one, by its path."""

    def inside(path: words.Path, kind: schema.Kind) -> Iterator[tuple[words.Path, schema.Kind]]:
        yield path, kind
        if isinstance(kind, schema.Record):
            for part, inner in kind.parts.items():
                yield from inside((*path, part), inner)
        elif isinstance(kind, schema.ListOf):
            yield from (
                each for each in inside(path, kind.kind) if each[0] != path or isinstance(each[1], schema.OneOf)
            )

    for table, kinds in schema.TABLES.items():
        for key, kind in kinds.items():
            yield from inside((table, key), kind)


EVERY = list(every_kind())


def test_the_walk_finds_parts_within_parts():
    paths = {path for path, _ in EVERY}
    assert ("deadlines", "review", "published", "due") in paths
    assert ("funding", "scheme", "instalments", "amount_pence") in paths


@pytest.mark.parametrize("path", sorted({path for path, _ in EVERY}), ids=".".join)
def test_every_rule_and_part_has_a_name(path):
    assert words.has_words(path), f"say what {'.'.join(path)} is called in pepportal/profiles/words.py"
    assert "_" not in words.label(path)


@pytest.mark.parametrize(
    ("path", "value"),
    sorted({(path, value) for path, kind in EVERY if isinstance(kind, schema.OneOf) for value in kind.allowed}),
    ids=lambda each: each if isinstance(each, str) else ".".join(each),
)
def test_every_choice_has_words(path, value):
    assert words.has_words(path, value), f"say what {value} means in pepportal/profiles/words.py"


def test_choices_of_one_rule_are_told_apart():
    for path, kind in EVERY:
        if isinstance(kind, schema.OneOf):
            said = [words.choice(path, value) for value in kind.allowed]
            assert len(set(said)) == len(said), (path, said)


def test_every_table_is_read_once_and_has_a_heading():
    read = [table for _, tables in words.GROUPS for table in tables]
    assert sorted(read) == sorted(schema.TABLES)
    assert set(words.TABLES) == {"profile", *schema.TABLES}


def test_no_words_for_what_is_not_there():
    known = {".".join(path[start:]) for path, _ in EVERY for start in range(len(path))}
    known |= {f"profile.{part}" for part in schema.PROFILE.parts}
    assert set(words.LABELS) <= known, set(words.LABELS) - known


def test_the_councils_own_words_for_people():
    path = ("responsibilities", "chairs")
    assert words.choice(path, "carer", {"carer": "foster carer"}) == "foster carer"
    assert words.choice(path, "carer") == "carer"
    assert words.choice(("deadlines", "prepared", "parts"), "child", {"child": "young person"}) == "the child’s part"
