"""The pages of a draft are drawn from the schema: what stands in a document comes back from its form as it was."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.template.loader import render_to_string

from pepportal.pages.rules_forms import RulesForm, kinds_of
from pepportal.pages.rules_words import Speaker, bare, fit_forms
from pepportal.profiles import schema
from pepportal.profiles.reading import (
    PUBLISHED_NAMES,
    Profile,
    ProfileError,
    read,
    read_default,
    read_document,
    read_published,
)
from pepportal.profiles.writing import toml_of
from tests.unit.profiles.sending import buttons_of, changed, sent_from

TABLES = ["profile", *schema.TABLES]


def shown(form: RulesForm) -> str:
    class Council:
        query, others = "", ()
        authority = type("Authority", (), {"name": "Westmere"})()

    return render_to_string(
        "rules/table.html", {"form": form, "council": Council(), "title": "T", "about": "", "revision": 1}
    )


def document(name: str) -> dict:
    return deepcopy(dict(read_published(name).document))


def sent(form: RulesForm):
    return sent_from(shown(form))


def saved(table: str, doc: dict, data) -> RulesForm:
    form = RulesForm(table, doc, data)
    assert form.is_valid(), form.errors
    return form


# --- there and back -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", PUBLISHED_NAMES)
def test_a_table_that_nobody_touches_comes_back_as_it_was(name, table):
    doc = document(name)
    form = saved(table, doc, sent(RulesForm(table, doc)))
    assert form.content == doc[table]


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
def test_a_whole_document_goes_through_its_forms_and_is_the_same(name):
    doc = document(name)
    there_and_back = {table: saved(table, doc, sent(RulesForm(table, doc))).content for table in TABLES}
    assert read_document(there_and_back, read_default()).digest == read_published(name).digest


@pytest.mark.parametrize("table", schema.TABLES)
def test_every_rule_has_its_controls_and_a_place_for_what_was_assumed(table):
    form = RulesForm(table, document("bolton-2021"))
    names, fields = set(sent(form)), list(form.fields)
    for key in kinds_of(table):
        assert key in names or any(name.startswith((f"{key}-", f"{key}_")) for name in fields), key
        assert any(name.startswith(f"{key}-assumed") for name in names), key


# --- what is typed ------------------------------------------------------------------------------------------------------


def test_a_changed_rule_is_the_councils_own_and_no_other():
    doc = document("default")
    form = saved("deadlines", doc, changed(sent(RulesForm("deadlines", doc)), completion__count=7))
    assert form.content["completion"] == doc["deadlines"]["completion"] | {"count": 7}
    assert set(doc["deadlines"]["defaults"]) - set(form.content["defaults"]) == {"completion"}


def test_an_assumption_and_a_source_are_kept_with_the_rule():
    doc = document("default")
    data = changed(
        sent(RulesForm("deadlines", doc)), completion__source="PEP policy, page 4", **{
            "completion-assumed-0-about": "unit", "completion-assumed-0-words": "“10 days” are read as school days.",
        },
    )  # fmt: skip
    kept = saved("deadlines", doc, data).content["completion"]
    assert kept["source"] == "PEP policy, page 4"
    assert kept["assumed"] == {"unit": "“10 days” are read as school days."}
    rule = Profile.from_document({**doc, "deadlines": saved("deadlines", doc, data).content})
    assert rule.is_assumed("deadlines.completion.unit") and not rule.is_default("deadlines.completion")


def test_an_assumption_about_the_rule_as_a_whole():
    doc = document("default")
    data = changed(sent(RulesForm("reminders", doc)), before_due__assumed="The document says “several weeks”.")
    content = saved("reminders", doc, data).content
    assert content["assumed"] == {"before_due": "The document says “several weeks”."}
    assert "before_due" not in content["defaults"]


def test_back_to_the_products_default():
    doc = document("kent-2017")
    data = changed(sent(RulesForm("deadlines", doc)), review__silent="on")
    content = saved("deadlines", doc, data).content
    assert content["review"] == read_default().document["deadlines"]["review"]
    assert "review" in content["defaults"]


def test_add_another_row_keeps_what_was_typed_and_judges_nothing():
    doc = document("default")
    page = shown(RulesForm("escalation", doc))
    assert ("add", "steps") in buttons_of(page)
    typed = changed(sent_from(page), **{"steps-0-after": "not a number"})
    again = RulesForm("escalation", doc, typed=typed, add="steps")
    data = sent(again)
    assert data["steps-0-after"] == "not a number"
    assert data["steps-rows"] == str(len(doc["escalation"]["steps"]) + 1)
    assert again.rules[1].open and not again.errors
    number = len(doc["escalation"]["steps"])
    filled = changed(data, **{
        "steps-0-after": "1", f"steps-{number}-after": "25", f"steps-{number}-from": "due", f"steps-{number}-tell": ["advocate"],
    })  # fmt: skip
    steps = saved("escalation", doc, filled).content["steps"]
    assert (steps[0]["after"], steps[-1]) == (1, {"after": 25, "from": "due", "tell": ["advocate"]})


def test_a_row_is_removed_and_an_empty_one_is_not_kept():
    doc = document("default")
    data = sent(RulesForm("escalation", doc, typed=sent(RulesForm("escalation", doc)), add="steps"))
    steps = saved("escalation", doc, changed(data, **{"steps-1-gone": "on"})).content["steps"]
    assert steps == [step for number, step in enumerate(doc["escalation"]["steps"]) if number != 1]


def test_a_rule_that_may_be_left_out():
    doc = document("default")
    data = sent(RulesForm("sdq", doc))
    filled = changed(
        data, local_threshold__informant="teacher", local_threshold__total=17, local_threshold__words="Look closer."
    )
    content = saved("sdq", doc, filled).content
    assert content["local_threshold"] == {"informant": "teacher", "total": 17, "words": "Look closer."}
    doc = {**doc, "sdq": content}
    emptied = changed(
        sent(RulesForm("sdq", doc)), local_threshold__informant="", local_threshold__total="", local_threshold__words=""
    )
    assert "local_threshold" not in saved("sdq", doc, emptied).content


def test_a_new_grade_gets_a_key_that_nobody_types():
    doc = document("default")
    data = sent(RulesForm("quality", doc, typed=sent(RulesForm("quality", doc)), add="grades"))
    grades = saved("quality", doc, changed(data, **{"grades-4-label": "Very good", "grades-4-tone": "green"})).content[
        "grades"
    ]
    assert grades[4] == {"key": "very_good", "label": "Very good", "tone": "green"}


@pytest.mark.parametrize(("table", "typed", "field", "says"), [
    ("deadlines", {"completion__count": ""}, "completion-count", "Completing the plan after the meeting: “How many days” is empty"),
    ("deadlines", {"completion__count": "ten"}, "completion-count", "must be a whole number"),
    ("deadlines", {"completion__count": "401"}, "completion-count", "must be 400 or less"),
    ("deadlines", {"review__cycle": "at_most_months"}, "review-months", "fill it in for “at most so many months apart”"),
    ("deadlines", {"completion__event": ""}, "completion-event", "choose an answer"),
    ("deadlines", {"extra_pep__on": None}, "extra_pep-on", "choose an answer"),
    ("reminders", {"before_due": "20, x"}, "before_due", "“x” is not a whole number"),
    ("reminders", {"before_due": ""}, "before_due", "fill it in"),
    ("reminders", {"before_due": "5, 5"}, "__all__", "Reminders before something is due: names the same thing twice"),
    ("signatures", {"steps__2__order": "4"}, "__all__", "Who signs: the order must run 1, 2, 3"),
    ("labels", {"child": " "}, "child", "A child is empty"),
    ("form", {"parts__0__sections": ["care_facts", "targets"]}, "__all__", "section “Targets” is in part"),
    ("quality", {"grades__3__gone": "on"}, "__all__", "names a grade that isn’t among the grades any more"),
    ("deadlines", {"preparation-assumed-0-words": "Why."}, "preparation-assumed-0-about", "choose what the assumption is about"),
])  # fmt: skip
def test_mistakes_stand_beside_the_field_in_its_words(table, typed, field, says):
    doc = document("default")
    form = RulesForm(table, doc, changed(sent(RulesForm(table, doc)), **typed))
    assert not form.is_valid()
    assert any(says in sentence for sentence in form.errors[field]), form.errors
    page = shown(form.seal())
    assert says in page
    opened = [rule.key for rule in form.rules if rule.open]
    assert opened or table == "labels"
    for name, value in typed.items():
        if isinstance(value, str):
            assert sent_from(page).get(name.replace("__", "-"), "") == value, "what was typed is kept"


def test_instalments_that_do_not_add_up():
    doc = document("bolton-2021")
    form = RulesForm("funding", doc, changed(sent(RulesForm("funding", doc)), scheme__total_pence="1800"))
    assert not form.is_valid()
    assert "How much: the instalments do not add up to the amount of a year" in form.non_field_errors()


# --- what a rule says ---------------------------------------------------------------------------------------------------


def leaves(kind: schema.Kind, value):
    """Every other value that a rule could have by changing one thing in it."""
    if isinstance(kind, schema.YesNo):
        yield not value
    elif isinstance(kind, schema.Whole):
        yield value + 1 if value < kind.high else value - 1
    elif isinstance(kind, schema.OneOf):
        yield from (other for other in kind.allowed if other != value)
    elif isinstance(kind, schema.Text):
        yield f"{value} indeed"
    elif isinstance(kind, schema.Day):
        yield "2031-02-03"
    elif isinstance(kind, schema.ListOf):
        if value:
            yield value[:-1]
        for number, each in enumerate(value):
            for other in leaves(kind.kind, each):
                if other not in value:
                    yield [*value[:number], other, *value[number + 1 :]]
    elif isinstance(kind, schema.WordsBy):
        for key, each in value.items():
            yield from ({**value, key: other} for other in leaves(kind.kind, each))
    elif isinstance(kind, schema.Record):
        for part, inner in kind.parts.items():
            if part in value and part != "key":
                yield from ({**value, part: other} for other in leaves(inner, value[part]))


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
@pytest.mark.parametrize("table", schema.TABLES)
def test_whatever_changes_in_a_rule_changes_what_the_page_says(name, table):
    doc = document(name)
    for key, kind in schema.TABLES[table].items():
        if key not in doc[table]:
            continue
        before = Speaker(doc).lines(table, key)
        assert before and all(before), (table, key)
        for other in leaves(kind, bare(doc[table][key])):
            trial: list = []
            kind(other, key, lambda *problem, trial=trial: trial.append(problem))
            if not trial:
                said = Speaker({**doc, table: {**doc[table], key: other}}).lines(table, key)
                assert said != before, (table, key, other)


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
def test_no_key_of_a_document_is_shown(name):
    doc = document(name)
    for table, kinds in schema.TABLES.items():
        for key in kinds:
            for line in Speaker(doc).lines(table, key):
                assert "_" not in line, (table, key, line)
        page = shown(RulesForm(table, doc))
        text = " ".join(part.split("<")[0] for part in page.split(">"))
        assert "_" not in text, (table, [word for word in text.split() if "_" in word])


# --- kept as a file -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
def test_a_version_kept_as_toml_is_the_same_when_it_is_read_again(name):
    again = read(toml_of(read_published(name).document), read_default(), file="kept.toml")
    assert again == read_published(name)
    assert again.digest == read_published(name).digest
    assert fit_forms(again) == []


def test_a_kept_file_says_the_same_after_the_default_has_changed():
    text = toml_of(read_published("enfield").document)
    later = document("default")
    later["sdq"]["frequency"] = "termly"
    again = read(text, Profile.from_document(later))
    assert again.document["sdq"]["frequency"] == "yearly"
    assert again.is_default("sdq.frequency")


def test_awkward_words_survive_the_file():
    doc = document("default")
    doc["labels"]["child"] = 'A "quoted" \\ child\n\tof two lines \x7f ’ 😀'
    doc["quality"]["criteria"][0]["words"] = {"excellent": "x", "grade of its own": "y"}
    doc["quality"]["grades"].append({"key": "grade of its own", "label": "G", "tone": "red"})
    again = read(toml_of(doc), read_default())
    assert again.document == doc


def test_defaults_in_a_file_must_be_rules_of_their_table():
    text = toml_of(read_published("enfield").document).replace("defaults = [", 'defaults = ["moon", ', 1)
    with pytest.raises(ProfileError, match=r"defaults\[0\]: must be one of"):
        read(text, read_default())
