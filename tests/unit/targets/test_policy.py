from __future__ import annotations

from datetime import date as D

import pytest

from pepportal.profiles.reading import PUBLISHED_NAMES, read_published
from targets.policy import AREAS, KINDS, sdq_policy, targets_policy

POLICIES = {name: targets_policy(read_published(name).table("targets")) for name in PUBLISHED_NAMES}


@pytest.mark.parametrize(("name", "kinds", "missing"), [
    ("default", ["academic", "academic", "social_emotional"], ()),
    ("default", ["academic", "social_emotional"], ("two academic targets",)),
    ("default", [], ("two academic targets", "one social or emotional target")),
    ("enfield", ["academic", "academic", "academic"], ("one social or emotional target",)),
    ("enfield", ["academic", "academic", "social_emotional", "other"], ()),
    ("kent-2017", ["social_emotional"], ("one academic target",)),
    ("kent-2017", ["academic"], ()),
    ("bolton-2021", ["academic", "social_emotional"], ()),
    ("bolton-2021", ["academic", "personal"], ()),
    ("bolton-2021", ["academic", "academic"], ("one personal development target",)),
    ("social-worker-led", [], ("one short-term target",)),
    ("virtual-school-led", ["other"], ()),
])  # fmt: skip
def test_the_required_set(name, kinds, missing):
    assert POLICIES[name].missing(kinds) == missing


@pytest.mark.parametrize("name", PUBLISHED_NAMES)
def test_a_plan_with_the_default_set_satisfies_every_council(name):
    assert POLICIES[name].missing(["academic", "academic", "social_emotional"]) == ()
    assert set(POLICIES[name].areas) == set(AREAS)
    assert all(kind in KINDS for rule in POLICIES[name].required for kind in rule.kinds)


def test_twelve_weeks():
    assert POLICIES["enfield"].latest(D(2025, 11, 24)) == D(2026, 2, 16)
    assert POLICIES["enfield"].teacher_only and POLICIES["social-worker-led"].longer_term_plan


def test_the_sdq():
    bolton, default = (sdq_policy(read_published(name).table("sdq")) for name in ("bolton-2021", "default"))
    assert (bolton.frequency, bolton.local_threshold.total, bolton.local_threshold.informant) == (
        "termly",
        17,
        "teacher",
    )
    assert (default.frequency, default.local_threshold, default.informants) == ("yearly", None, ("teacher",))
