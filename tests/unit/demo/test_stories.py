from random import Random

import pytest

from pepportal.demo.stories import STAGES, make_stories, stages_of


@pytest.mark.parametrize("count", [16, 25, 100, 200, 400])
def test_every_stage_has_a_child(count):
    stages = stages_of(count)
    assert len(stages) == count
    assert set(stages) == set(STAGES)


def test_two_hundred_are_as_planned():
    assert {stage: stages_of(200).count(stage) for stage in STAGES} == pytest.approx(STAGES, abs=2)


def test_the_same_seed_gives_the_same_children():
    assert make_stories(Random("a"), 50) == make_stories(Random("a"), 50)
    assert make_stories(Random("a"), 50) != make_stories(Random("b"), 50)


def test_the_well_known_have_children_at_every_point():
    stories = make_stories(Random("x"), 200)
    assert sum(story.with_khan for story in stories) == 8
    assert {story.council for story in stories if story.with_khan} == {"westmere", "eastvale"}
    assert 11 <= sum(story.with_doyle for story in stories) <= 13
    assert [story.stage for story in stories if story.with_bright].count("finalised") == 1
