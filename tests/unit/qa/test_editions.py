from __future__ import annotations

import json
from datetime import date

import pytest

from peps.form_documents import AUDIENCES
from qa.editions import (
    CARER,
    CHILD,
    DISCLOSED,
    FULL,
    IRO,
    SCHOOL,
    Answered,
    EditionContent,
    edition,
    without_addresses,
    without_contacts,
)
from tests.unit.qa.plans import ADDRESS, canary, plan

EVERY = (FULL, SCHOOL, IRO, CARER, CHILD)


def text_of(content):
    return json.dumps(content.to_json(), ensure_ascii=False, default=str)


@pytest.mark.parametrize("audience", EVERY)
@pytest.mark.parametrize("answers_for", AUDIENCES)
def test_a_copy_holds_only_what_its_reader_may_have(audience, answers_for):
    assert (canary(answers_for) in text_of(edition(plan(), audience))) == (answers_for in DISCLOSED[audience])


def test_the_disclosure_table_itself():
    assert DISCLOSED[CARER] == DISCLOSED[CHILD] == {"all"}
    assert DISCLOSED[SCHOOL] == {"all", "professionals"}
    assert DISCLOSED[FULL] == DISCLOSED[IRO] == set(AUDIENCES)


@pytest.mark.parametrize(
    "words",
    [
        "canary-overview",
        "canary-need",
        "Strengths and Difficulties",
        "£480",
        "9 March 2017",
        "Amara Ngozi Okafor",
        "Sent a report",
    ],
)
def test_a_carer_and_a_child_get_nothing_of_the_professionals(words):
    for audience in (FULL, SCHOOL, IRO):
        assert words in text_of(edition(plan(), audience))
    for audience in (CARER, CHILD):
        assert words not in text_of(edition(plan(), audience))


@pytest.mark.parametrize("contact", ["07700 900 123", "carer@portal.example"])
def test_contacts_are_for_professionals(contact):
    assert contact in text_of(edition(plan(), SCHOOL))
    assert contact not in text_of(edition(plan(), CARER))


@pytest.mark.parametrize("typed", [ADDRESS, ADDRESS.lower(), "4 Larch Way", "near ZZ9 9ZZ.", "zz99zz", "4  larch-way"])
@pytest.mark.parametrize("audience", EVERY)
def test_a_confidential_address_is_in_no_copy(audience, typed):
    answers = {
        **plan().answers,
        "i_like": Answered(f"At {typed} we play"),
        "home_well": Answered(typed),
        "health": Answered(typed),
    }
    content = edition(plan(answers=answers, overview=typed), audience)
    assert typed not in text_of(content)
    assert "(address withheld)" in text_of(content)


def test_a_childs_copy_is_short_and_in_the_first_person():
    content = edition(plan(), CHILD)
    assert content.heading == "My plan for learning"
    assert [part.title for part in content.parts] == ["What I said", "My targets", "Who helps me", "When we meet next"]
    assert "I want to read the dragon books by myself." in text_of(content)
    assert "Draft" not in content.status


def test_a_child_who_said_nothing_is_not_told_off():
    answers = {
        name: given for name, given in plan().answers.items() if plan().document.section_of(name).owner != "child"
    }
    content = edition(plan(answers=answers), CHILD)
    assert "Not answered" not in text_of(content)
    assert content.parts[0].blocks[0].lines == ("I did not want to say anything this time. I can, whenever I like.",)


def test_what_is_missing_is_shown_to_professionals_only():
    answers = {name: given for name, given in plan().answers.items() if name != "trip_consent"}
    assert "Not answered" in text_of(edition(plan(answers=answers), FULL))
    assert "Not answered" not in text_of(edition(plan(answers=answers), CARER))
    assert "Not known: The last school" in text_of(edition(plan(), FULL))


@pytest.mark.parametrize("audience", EVERY)
def test_what_is_kept_is_what_was_made(audience):
    content = edition(plan(), audience, draft=True)
    assert EditionContent.from_json(json.loads(json.dumps(content.to_json()))) == content


def test_a_draft_says_so():
    assert (
        edition(plan(finalised_on=None, state="Being completed"), FULL, draft=True).status
        == "Draft: being completed. Not agreed yet."
    )
    assert edition(plan(), FULL).status == "Finalised on Thursday 12 November 2026"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ring 020 7946 0958 now", "ring (number not shown) now"),
        ("+44 7700 900123", "(number not shown)"),
        ("from 2017 to 2026, 12 weeks, £1,045", "from 2017 to 2026, 12 weeks, £1,045"),
        ("a.b+c@portal.example.org!", "(e-mail not shown)!"),
    ],
)
def test_contacts_are_recognised_and_figures_left_alone(text, shown):
    assert without_contacts(text) == shown


def test_an_empty_or_tiny_address_withholds_nothing():
    assert without_addresses("a b 1", ["", "1"]) == "a b 1"


def test_a_plan_without_much_in_it_still_makes_every_copy():
    bare = plan(answers={}, targets=(), sdqs=(), requests=(), signatures=(), team=(), met_on=None, next_meeting_on=None, came=(), absent=(),
                overview="", school="", grade="", feedback="", date_of_birth=date(2017, 3, 9))  # fmt: skip
    for audience in EVERY:
        assert edition(bare, audience).parts
