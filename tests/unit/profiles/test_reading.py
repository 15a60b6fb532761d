from __future__ import annotations

import json

import pytest

from pepportal.profiles import schema
from pepportal.profiles.reading import (
    PUBLISHED,
    PUBLISHED_NAMES,
    Profile,
    ProfileError,
    all_published,
    read,
    read_default,
    read_published,
)


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
def test_every_published_profile_is_complete_and_survives_json(name):
    profile = read_published(name)
    again = Profile.from_document(json.loads(json.dumps(profile.document)))
    assert again == profile
    assert again.digest == profile.digest
    for table, kinds in schema.TABLES.items():
        missing = {f"{table}.{key}" for key in kinds} - {f"{table}.{key}" for key in profile.table(table)}
        assert missing <= schema.OPTIONAL
    assert profile.name == name
    assert profile.effective_from <= "2021-09-01"


def test_all_six_are_shipped():
    assert tuple(all_published()) == PUBLISHED_NAMES
    assert sorted(file.stem for file in PUBLISHED.glob("*.toml")) == sorted(PUBLISHED_NAMES)
    assert len({profile.digest for profile in all_published().values()}) == 6


def test_silence_is_the_default_and_says_so():
    kent = read_published("kent-2017")
    assert not kent.is_default("deadlines.review")
    assert kent.is_default("deadlines.before_care_review")
    assert kent.is_default("deadlines.before_care_review.count")
    assert kent.table("deadlines")["before_care_review"] == read_default().table("deadlines")["before_care_review"]
    assert (kent.source("deadlines.review"), kent.source("deadlines.before_care_review")) == ("S2", "default")
    assert read_default().is_default("deadlines.review")


def test_what_is_assumed_says_why():
    led = read_published("virtual-school-led")
    assert led.is_assumed("deadlines.first_pep_planned.unit")
    assert led.is_assumed("deadlines.first_pep_planned")
    assert not led.is_assumed("deadlines.first_pep_planned.count")
    assert led.assumptions("deadlines.first_pep_planned.unit") == (
        "The document says “20 days” without saying which: working days.",
    )
    assert led.is_assumed("targets.required")
    assert read_published("enfield").is_assumed("responsibilities.starts_first_pep")
    assert not read_published("enfield").is_assumed("responsibilities.organises_reviews")
    assert read_published("enfield").is_assumed("deadlines")
    assert not read_default().is_assumed("deadlines")


#: The cells that no deadline test looks at: table.key, then the value for each council that speaks.
CELLS = {
    "responsibilities.starts_first_pep": {
        "social-worker-led": "social_worker", "virtual-school-led": "virtual_school", "kent-2017": "social_worker",
        "enfield": "social_worker", "bolton-2021": "virtual_school", "default": "virtual_school",
    },
    "responsibilities.organises_reviews": {
        "social-worker-led": "social_worker", "virtual-school-led": "virtual_school", "kent-2017": "designated_teacher",
        "enfield": "social_worker", "bolton-2021": "virtual_school", "default": "designated_teacher",
    },
    "responsibilities.virtual_school_attends": {
        "social-worker-led": ["published_criteria"], "virtual-school-led": ["always"],
        "kent-2017": ["first_meeting", "as_required"], "default": ["new_case", "school_move", "red_rated"],
        "bolton-2021": ["new_case", "school_move", "out_of_borough", "red_rated", "independent_chair", "year_6", "year_11"],
    },
    "responsibilities.invitations_warn_above": {"virtual-school-led": 6, "default": 8},
    "quality.minimum_grade": {"kent-2017": "good"},
    "quality.checkers": {"bolton-2021": ["virtual_school_head", "virtual_school_deputy"], "default": ["virtual_school"]},
    "funding.never_for": {"bolton-2021": ["administration", "clothing", "transport"], "default": []},
    "sdq.frequency": {"bolton-2021": "termly", "default": "yearly"},
    "sharing.reports": {"kent-2017": "monthly", "default": "monthly"},
    "targets.teacher_only": {"enfield": True, "default": True},
    "targets.weeks": {"enfield": 12, "default": 12},
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
@pytest.mark.parametrize("key", CELLS)
def test_cells(name, key):
    table, leaf = key.split(".")
    said = CELLS[key]
    profile = read_published(name)
    assert profile.table(table).get(leaf) == said.get(name, said.get("default"))
    if name != "default" and leaf in profile.table(table):
        assert profile.is_default(key) is (name not in said)


def test_words_of_the_council():
    assert read_published("social-worker-led").label("child") == "young person"
    assert read_published("enfield").label("child") == "child"
    with pytest.raises(KeyError):
        read_default().label("moon")


def test_a_table_handed_out_can_be_spoilt_without_harm():
    read_default().table("funding")["scheme"]["kind"] = "lottery"
    assert read_default().table("funding")["scheme"]["kind"] == "to_be_entered"


SMALL = """[profile]
name = "small"
title = "Small"
version = 1
effective_from = 2024-09-01
source = "S9"
"""


def test_a_profile_may_say_almost_nothing():
    small = read(SMALL, read_default(), file="small.toml")
    assert small.is_default("funding.scheme")
    assert small.effective_from == "2024-09-01"


@pytest.mark.parametrize(("text", "key", "said"), [
    ("[deadline]\nx = 1", "deadline", "is not a known table"),
    ("[deadlines]\nfirst_pep = 1", "deadlines.first_pep", "is not a known key"),
    ("[deadlines.first_pep_planned]\ncount = 20\nunit = \"school\"", "deadlines.first_pep_planned.event", "is missing"),
    ("[deadlines.preparation]\ncount = \"5\"\nunit = \"school\"", "deadlines.preparation.count", "must be a whole number"),
    ("[deadlines.preparation]\ncount = true\nunit = \"school\"", "deadlines.preparation.count", "must be a whole number"),
    ("[deadlines.preparation]\ncount = 5\nunit = \"moons\"", "deadlines.preparation.unit", "must be one of school"),
    ("[deadlines.preparation]\ncount = 5\nunit = \"school\"\nhow = 1", "deadlines.preparation.how", "is not a known key"),
    ("[deadlines.review]\ncycle = \"at_most_months\"\nevent = \"meeting_held\"", "deadlines.review", "needs months"),
    ("[deadlines.review]\ncycle = \"published_dates\"\nevent = \"meeting_held\"\npublished = [{academic_year = \"2025/26\","
     " term = \"autumn\", due = \"2025-11-31\"}]", "deadlines.review.published[0].due", "must be a real date"),
    ("[deadlines.preparation]\ncount = 5\nunit = \"school\"\nassumed = {event = \"x\"}",
     "deadlines.preparation.assumed.event", "is marked as assumed but has no value"),
    ("[sdq]\nassumed = {bands = \"x\"}", "sdq.assumed.bands", "is marked as assumed but has no value"),
    ("[meeting_dates]\nholidays = \"perhaps\"", "meeting_dates.holidays", "must be one of allowed"),
    ("[targets]\nteacher_only = \"yes\"", "targets.teacher_only", "must be true or false"),
    ("[reminders]\nbefore_due = 5", "reminders.before_due", "must be a list"),
    ("[reminders]\nbefore_due = [5, 5]", "reminders.before_due", "names the same thing twice"),
    ("[reminders]\nbefore_due = []", "reminders.before_due", "must name at least one"),
    ("[labels]\nchild = \"\"", "labels.child", "must be words"),
    ("[quality]\nminimum_grade = \"superb\"", "quality.minimum_grade", "is not one of the grades"),
    ("[funding.scheme]\nkind = \"per_request\"", "funding.scheme", "needs amount_pence and times_a_year"),
    ("[funding.scheme]\nkind = \"instalments\"\ntotal_pence = 3\ninstalments = [{label = \"a\", amount_pence = 2,"
     " from_month = 4, to_month = 8, seen = \"July\"}]", "funding.scheme", "do not add up"),
    ("[[signatures.steps]]\nrole = \"virtual_school\"\norder = 2\nstatement = \"x\"", "signatures.steps", "without a gap"),
    ("[[form.parts]]\nkey = \"a\"\nlabel = \"A\"\nsections = [\"x\"]\n[[form.parts]]\nkey = \"b\"\nlabel = \"B\"\n"
     "sections = [\"x\"]", "form.parts", "is in part 'a' and in part 'b'"),
    ("[form.owners]\nmeeting = \"moon\"", "form.owners.meeting", "must be one of"),
    ("funding = 3", "funding", "must be a table"),
])  # fmt: skip
def test_a_bad_profile_is_refused_with_key_and_reason(text, key, said):
    whole = f"{text}\n{SMALL}" if text.startswith("funding") else f"{SMALL}\n{text}\n"
    with pytest.raises(ProfileError) as raised:
        read(whole, read_default(), file="small.toml")
    assert any(path == key and said in reason for path, reason in raised.value.problems), raised.value.problems
    assert str(raised.value).startswith("small.toml: ")


def test_bad_toml_names_its_line():
    with pytest.raises(ProfileError, match="line 7"):
        read(SMALL + "[labels\n", read_default())


def test_a_head_that_is_missing_or_no_profile_at_all():
    with pytest.raises(ProfileError, match="profile: is missing"):
        read("", read_default())
    with pytest.raises(ProfileError, match="is not a profile"):
        Profile.from_document({})
    with pytest.raises(ProfileError, match="there are default, social-worker-led"):
        read_published("atlantis")


def test_the_default_itself_may_leave_nothing_out():
    with pytest.raises(ProfileError, match=r"funding.scheme: is missing"):
        read(SMALL)


def test_every_mistake_is_named_at_once():
    with pytest.raises(ProfileError) as raised:
        read(SMALL + "[labels]\nchild = 1\nmoon = 2\n[sdq]\nbands = 5\n", read_default())
    assert [key for key, _ in raised.value.problems] == ["sdq.bands", "labels.child", "labels.moon"]
