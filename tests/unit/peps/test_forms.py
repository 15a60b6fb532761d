from __future__ import annotations

import json

import pytest

from pepportal.profiles.reading import PUBLISHED_NAMES, read_published
from peps.form_documents import (
    FORM_KEYS,
    LEGAL_HEADS,
    FormDocument,
    FormError,
    all_forms,
    read,
    read_form,
)
from peps.policy import pep_policy

POLICIES = {
    name: pep_policy(read_published(name).table("responsibilities"), read_published(name).table("form"))
    for name in PUBLISHED_NAMES
}
OWNERS = {
    "care_facts": "social_worker",
    "needs_plan": "both",
    "school_attendance": "designated_teacher",
    "attainment": "designated_teacher",
    "support": "designated_teacher",
    "child_views": "child",
    "home_views": "carer",
    "aspirations": "both",
    "targets": "designated_teacher",
    "sdq": "designated_teacher",
    "funding": "designated_teacher",
    "meeting": "both",
    "agreement": "virtual_school",
}


@pytest.mark.parametrize("key", FORM_KEYS)
def test_each_phase_has_its_form(key):
    form = read_form(key)
    assert {section.key: section.owner for section in form.sections} == OWNERS
    assert 35 <= len(form.fields) <= 50
    assert {field.head for field in form.fields.values() if field.head} == set(LEGAL_HEADS)
    assert {panel for section in form.sections for panel in section.panels} == {
        "targets", "sdq", "meeting", "funding", "signatures", "quality",
    }  # fmt: skip
    assert [section.order for section in form.sections] == list(range(1, len(form.sections) + 1))


@pytest.mark.parametrize("form", all_forms(), ids=FORM_KEYS)
def test_nobody_has_to_write_not_applicable(form):
    """What must be answered may be answered "not known, because …"; the child and the carer need not answer at all."""
    assert all(field.allow_unknown for field in form.fields.values() if field.required)
    for key in ("child_views", "home_views"):
        assert form.section(key).required_ids == ()


@pytest.mark.parametrize("form", all_forms(), ids=FORM_KEYS)
def test_what_is_the_teams_own_business_stays_theirs(form):
    assert form.fields["contact_limits"].audience == "team"
    for field_id in ("legal_status", "care_plan", "health", "needs", "sdq_discussion"):
        assert form.fields[field_id].audience == "professionals"
    assert all(field.audience == "all" for field in form.section("child_views").fields)


@pytest.mark.parametrize("form", all_forms(), ids=FORM_KEYS)
def test_a_form_survives_json(form):
    again = FormDocument.from_json(json.loads(json.dumps(form.to_json())))
    assert again == form
    assert (again.digest, again.shape_digest) == (form.digest, form.shape_digest)


def test_the_wording_and_the_shape_have_their_own_digests():
    form = read_form("primary")
    reworded = FormDocument.from_json(json.loads(json.dumps(form.to_json()).replace("legal status?", "legal footing?")))
    assert reworded.digest != form.digest
    assert reworded.shape_digest == form.shape_digest
    assert form.with_owners({"care_facts": "both"}).shape_digest != form.shape_digest


def test_looking_things_up():
    form = read_form("secondary")
    assert form.section_of("careers").key == "aspirations"
    assert form.fields["sen_status"].choice_label("plan") == "Education, health and care plan"
    assert form.fields["sen_status"].choice_label("gone") == "gone"
    with pytest.raises(KeyError):
        form.section("appendix")
    with pytest.raises(KeyError):
        form.section_of("appendix")
    with pytest.raises(FormError, match="there is no such form"):
        read_form("middle")


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
@pytest.mark.parametrize("phase", ["early_years", "primary", "secondary", "post_16"])
def test_each_council_lays_out_every_section_once(name, phase):
    policy = POLICIES[name]
    form = policy.form_for(phase)
    laid_out = [section.key for part in policy.arrange(form) for section in part.sections]
    assert sorted(laid_out) == sorted(OWNERS)
    assert all(part.key != "other" or name == "bolton-2021" for part in policy.arrange(form))
    assert form.phase == phase


def test_councils_give_sections_to_others():
    kent, bolton, enfield = (POLICIES[name].form_for("primary") for name in ("kent-2017", "bolton-2021", "enfield"))
    assert kent.section("care_facts").owner == "both"
    assert kent.section("meeting").owner == bolton.section("meeting").owner == "designated_teacher"
    assert enfield.section("needs_plan").owner == "both"
    parts = [part.label for part in POLICIES["kent-2017"].arrange(kent)]
    assert [label[:9] for label in parts] == ["Section A", "Section B", "Section C", "Foster ca", "Section D"]
    assert POLICIES["bolton-2021"].arrange(bolton)[0].label.startswith("Part 1")


def test_a_section_without_a_heading_keeps_a_place():
    policy = pep_policy(
        read_published("default").table("responsibilities"),
        read_published("default").table("form") | {"parts": [{"key": "a", "label": "A", "sections": ["care_facts"]}]},
    )
    parts = policy.arrange(policy.form_for("primary"))
    assert [part.key for part in parts] == ["a", "other"]
    assert len(parts[1].sections) == len(OWNERS) - 1


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
def test_who_starts_and_who_fills_in_for_a_missing_school(name):
    policy = POLICIES[name]
    starts = {"social-worker-led": "social_worker", "kent-2017": "social_worker", "enfield": "social_worker"}
    assert policy.starts_first_pep == starts.get(name, "virtual_school")
    assert policy.owner_without_school("designated_teacher") == "virtual_school"
    assert policy.owner_without_school("social_worker") == "social_worker"


GOOD = """key = "small"
title = "Small"
phase = "primary"
version = 1

[[section]]
key = "all_of_it"
title = "All of it"
owner = "both"
panels = ["targets"]
"""
for head in LEGAL_HEADS:
    GOOD += f'\n[[section.field]]\nid = "{head}_words"\ntype = "long_text"\nlabel = "About it?"\nhead = "{head}"\n'


def test_a_small_form_is_read():
    assert list(read(GOOD).fields) == [f"{head}_words" for head in LEGAL_HEADS]


@pytest.mark.parametrize(("old", "new", "said", "line"), [
    ('type = "long_text"', 'type = "essay"', "type must be one of", 13),
    ('owner = "both"\n', "", "has no owner", 7),
    ('owner = "both"', 'owner = "teacher"', "owner must be one of", 9),
    ('panels = ["targets"]', 'panels = ["weather"]', "there is no panel 'weather'", 10),
    ('id = "arrangements_words"', 'id = "education_history_words"', "already used in section 'all_of_it'", 19),
    ('id = "arrangements_words"', 'id = "Arrange Ments"', "small letters, digits and underscores", 19),
    ('head = "leisure"', 'head = "sport"', "there is no legal head 'sport'", None),
    ('head = "leisure"', "", "no question covers the legal head 'leisure'", None),
    ('head = "leisure"', 'head = "leisure"\ntype2 = 1', "'type2' is not a known key", None),
    ('label = "About it?"\nhead = "leisure"', 'head = "leisure"', "has no label", None),
    ('head = "leisure"', 'head = "leisure"\nrequired = "yes"', "required must be true or false", None),
    ('head = "leisure"', 'head = "leisure"\naudience = "press"', "audience must be one of", None),
    ('head = "leisure"', 'head = "leisure"\nchoices = [["a", "A"]]', "choices belong to the types", None),
    ('type = "long_text"\nlabel = "About it?"\nhead = "leisure"',
     'type = "choice"\nchoices = ["a"]\nlabel = "About it?"\nhead = "leisure"', "each choice must be", None),
    ('type = "long_text"\nlabel = "About it?"\nhead = "leisure"',
     'type = "choice"\nchoices = [["a", "A"], ["a", "B"]]\nlabel = "?"\nhead = "leisure"', "is there twice", None),
    ('title = "Small"', 'titel = "Small"', "'titel' is not a known key", None),
    ('phase = "primary"', 'phase = "middle"', "phase must be one of", None),
    ('version = 1', 'version = 1\norder = ["all_of_it", "more"]', "names section 'more', which is not there", None),
    ('version = 1', 'version = 1\norder = []', "has no place in the order", None),
    ('version = 1', 'version = 1\ninclude = ["../settings.toml"]', "can't include", None),
    ('version = 1', 'version = 1\n[extend.more]\ntitle = "x"', "extends section 'more'", None),
    ('version = 1', 'version = ', "is not valid TOML", None),
])  # fmt: skip
def test_a_bad_form_is_refused_with_line_and_reason(old, new, said, line):
    assert old in GOOD
    with pytest.raises(FormError) as raised:
        read(GOOD.replace(old, new), file="f.toml")
    assert said in str(raised.value)
    assert str(raised.value).startswith("f.toml")
    if line:
        assert line in [number for number, reason in raised.value.problems if said in reason]
