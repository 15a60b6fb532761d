"""How two people's changes to one section meet, what is left to answer, which published rules fit the forms."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peps import rules
from peps.form_documents import Field, all_forms
from peps.rules import FormShape, Given, Now, left, merge, rules_fit_forms


def test_the_examples_hold():
    assert doctest.testmod(rules, extraglobs={"date": __import__("datetime").date}).failed == 0


OLD, MINE, THEIRS = Given("old"), Given("mine"), Given("theirs")


@pytest.mark.parametrize(
    ("typed", "seen", "stands", "shown", "saved", "clashing"),
    [
        (MINE, 0, Now(), {}, True, False),  # first answer
        (Given(), 0, Now(), {}, False, False),  # nothing typed where nothing stood
        (MINE, 1, Now(OLD, 1), {}, True, False),  # nobody else was here
        (OLD, 1, Now(OLD, 1), {}, False, False),  # left as it was
        (Given(), 1, Now(OLD, 1), {}, True, False),  # taken out on purpose
        (OLD, 1, Now(THEIRS, 2), {("f", 1): OLD}, False, False),  # I left it, they changed it: theirs stays
        (MINE, 1, Now(MINE, 2), {("f", 1): OLD}, False, False),  # both typed the same
        (MINE, 1, Now(THEIRS, 2), {("f", 1): OLD}, False, True),
        (Given(), 1, Now(THEIRS, 2), {("f", 1): OLD}, False, True),  # I took it out, they rewrote it
        (MINE, 0, Now(THEIRS, 1), {}, False, True),  # both answered first
        (Given(), 0, Now(THEIRS, 1), {}, False, False),  # I left it empty, they answered
        (MINE, 99, Now(THEIRS, 2), {}, False, True),  # a page that claims a revision nobody has
        (Given(None, "lost"), 1, Now(OLD, 1), {}, True, False),
        (Given(None, "lost"), 1, Now(Given(None, "moved"), 2), {("f", 1): OLD}, False, True),
    ],
)
def test_one_field(typed, seen, stands, shown, saved, clashing):
    met = merge({"f": typed}, {"f": seen}, {"f": stands} if stands.revision else {}, shown)
    assert ("f" in met.save, "f" in met.clash) == (saved, clashing)


values = st.sampled_from([Given(), Given("a"), Given("b"), Given(None, "why")])


@given(mine=values, base=values, theirs=values, moved=st.booleans())
def test_no_word_is_overwritten_unseen(mine, base, theirs, moved):
    """What is written over somebody's newer words is never decided by the merge; what I typed is saved, there already, or asked about."""
    now = {"f": Now(theirs, 2)} if moved else {"f": Now(base, 1)}
    met = merge({"f": mine}, {"f": 1}, now, {("f", 1): base})
    if moved:
        assert not met.save
        if mine != theirs and mine != base and not (mine.empty and theirs.empty):
            assert "f" in met.clash
    elif mine != base and not (mine.empty and base.empty):
        assert met.save == {"f": mine}


def test_a_field_the_page_did_not_show_is_left_alone():
    met = merge({"a": MINE}, {"a": 1}, {"a": Now(OLD, 1), "b": Now(THEIRS, 4)}, {})
    assert dict(met.save) == {"a": MINE}


ASKED = [
    Field("must", "text", "Must", required=True),
    Field("must_know", "text", "Must know", required=True, allow_unknown=False),
    Field("may", "text", "May"),
    Field("told", "statement", "Told", required=True),
]


def test_what_is_left():
    assert [each.id for each in left(ASKED, {})] == ["must", "must_know"]
    unknown = {"must": Given(None, "moved twice"), "must_know": Given(None, "no idea")}
    assert [each.id for each in left(ASKED, unknown)] == ["must_know"]
    assert not left(ASKED, {"must": Given(0), "must_know": Given(False)})


SHAPES = [FormShape(form.key, frozenset(each.key for each in form.sections)) for form in all_forms()]
TABLE = {"primary": "primary", "owners": {"meeting": "both"}, "parts": [{"key": "a", "sections": ["meeting"]}]}


def test_rules_that_fit():
    assert rules_fit_forms(TABLE, ["primary"], SHAPES) == []


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"primary": "prim"}, "form.primary"),
        ({"owners": {"meetings": "both"}}, "form.owners.meetings"),
        ({"parts": [{"key": "a", "sections": ["tagrets"]}]}, "form.parts"),
    ],
)
def test_rules_that_point_nowhere(change, key):
    assert [found for found, _ in rules_fit_forms({**TABLE, **change}, ["primary"], SHAPES)] == [key]
