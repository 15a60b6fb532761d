from __future__ import annotations

import pytest

from targets.sdq import ITEMS, REVERSED, SCALES, SCHEMES, LocalThreshold, SdqError, from_scales, score


def all_at(answer: int) -> dict[int, int | None]:
    return dict.fromkeys(range(1, 26), answer)


@pytest.mark.parametrize(("answer", "scales", "total"), [
    (0, (0, 2, 4, 4, 0), 10), (1, (5, 5, 5, 5, 5), 20), (2, (10, 8, 6, 6, 10), 30),
])  # fmt: skip
def test_anchors(answer, scales, total):
    result = score(all_at(answer), "teacher")
    assert (tuple(result.scales[scale] for scale in SCALES), result.total) == (scales, total)
    assert result.externalising == scales[1] + scales[2]
    assert result.internalising == scales[0] + scales[3]


def test_each_item_belongs_to_one_scale_and_five_are_reversed():
    assert sorted(number for numbers in ITEMS.values() for number in numbers) == list(range(1, 26))
    assert {number: scale for scale, numbers in ITEMS.items() for number in numbers if number in REVERSED} == {
        7: "conduct", 11: "peer", 14: "peer", 21: "hyperactivity", 25: "hyperactivity",
    }  # fmt: skip


@pytest.mark.parametrize("number", range(1, 26))
def test_an_item_moves_its_own_scale_only_and_the_right_way(number):
    before, after = score(all_at(1), "teacher"), score({**all_at(1), number: 2}, "teacher")
    (moved,) = [scale for scale in SCALES if before.scales[scale] != after.scales[scale]]
    assert number in ITEMS[moved]
    assert after.scales[moved] - before.scales[moved] == (-1 if number in REVERSED else 1)


@pytest.mark.parametrize(("answers", "scaled"), [
    ({3: 2, 8: 1, 13: 1}, 7),  # 4 of three: 6.67
    ({3: 1, 8: 0, 13: 0, 16: 1}, 3),  # 2 of four: 2.5, half up and not to even
    ({3: 1, 8: 1, 13: 0}, 3),
    ({3: 0, 8: 0, 13: 0}, 0),
    ({3: 2, 8: 2}, None),  # two answers are too few
])  # fmt: skip
def test_a_scale_with_gaps_is_scaled_up_half_up(answers, scaled):
    items = {**all_at(0), **dict.fromkeys(ITEMS["emotional"], None), **answers}
    result = score(items, "teacher")
    assert result.scales["emotional"] == scaled
    assert (result.total is None) is (scaled is None)
    assert (result.internalising is None) is (scaled is None)
    assert result.externalising == 6


def test_prosocial_alone_missing_leaves_the_total():
    result = score({number: 1 for number in range(1, 26) if number not in ITEMS["prosocial"]}, "teacher")
    assert (result.scales["prosocial"], result.bands["prosocial"], result.total) == (None, None, 20)


TEACHER = {
    "total": [(11, 0), (12, 1), (15, 1), (16, 2), (18, 2), (19, 3)],
    "emotional": [(3, 0), (4, 1), (5, 2), (6, 3)],
    "conduct": [(2, 0), (3, 1), (4, 2), (5, 3)],
    "hyperactivity": [(5, 0), (6, 1), (7, 1), (8, 2), (9, 3)],
    "peer": [(2, 0), (3, 1), (4, 1), (5, 2), (6, 3)],
    "prosocial": [(6, 0), (5, 1), (4, 2), (3, 3), (0, 3), (10, 0)],
}


@pytest.mark.parametrize(("scale", "value", "place"), [
    (scale, value, place) for scale, edges in TEACHER.items() for value, place in edges
])  # fmt: skip
def test_teacher_bands_at_their_edges(scale, value, place):
    scheme = SCHEMES["teacher", "four-band"]
    labels = scheme.low_labels if scale == "prosocial" else scheme.labels
    assert scheme.band(scale, value) == labels[place]


def test_one_total_means_different_things_to_different_informants_and_councils():
    """16 is high from a teacher, only slightly raised from a carer, and below the line of a council that acts at 17."""
    scales = {"emotional": 5, "conduct": 3, "hyperactivity": 5, "peer": 3, "prosocial": 8}
    teacher, carer = from_scales(scales, "teacher"), from_scales(scales, "carer")
    assert (teacher.total, teacher.bands["total"], carer.bands["total"]) == (16, "high", "slightly raised")
    assert score(all_at(1), "teacher").bands["total"] == "very high"
    assert from_scales(scales, "teacher", "three-band").bands["total"] == "abnormal"
    line = LocalThreshold("teacher", 17, "17 or above")
    assert (line.reached(teacher), line.reached(carer)) == (False, None)
    assert line.reached(from_scales({**scales, "peer": 4}, "teacher")) is True
    assert line.reached(from_scales({**scales, "peer": None}, "teacher")) is None


def test_concerns_are_the_high_and_very_high_scales():
    result = from_scales({"emotional": 5, "conduct": 3, "hyperactivity": 9, "peer": 0, "prosocial": 4}, "teacher")
    assert result.concerns == ("emotional", "hyperactivity", "prosocial")


@pytest.mark.parametrize(("make", "said"), [
    (lambda: score({26: 1}, "teacher"), "there is no item 26"),
    (lambda: score({1: 3}, "teacher"), "item 1: the answer must be 0, 1 or 2, not 3"),
    (lambda: score({1: True}, "teacher"), "not True"),
    (lambda: score(all_at(1), "neighbour"), "no bands 'four-band' for the informant 'neighbour'"),
    (lambda: from_scales({"emotional": 5}, "teacher"), "Conduct is missing"),
    (lambda: from_scales({**dict.fromkeys(SCALES, 1), "peer": 11}, "teacher"), "from 0 to 10, not 11"),
    (lambda: from_scales({**dict.fromkeys(SCALES, 1), "impact": 1}, "teacher"), "there is no scale 'impact'"),
])  # fmt: skip
def test_what_cannot_be_scored_is_refused(make, said):
    with pytest.raises(SdqError, match=said.replace("(", r"\(")):
        make()
