"""Scores a Strengths and Difficulties Questionnaire from answers by item number. Pure; holds no item's wording.

    score({1: 2, 2: 0, …, 25: 1}, informant="teacher").total
    from_scales({"emotional": 5, "conduct": 2, "hyperactivity": 4, "peer": 3, "prosocial": 7}, informant="teacher")

Answers are 0, 1 or 2 (not, somewhat, certainly true). A scale needs three of its five answers and is then scaled up to
five, half up. The total is the four difficulty scales, and is missing where one of them is; prosocial never enters it.
Bands belong to an informant and a scheme, never shared between them. The questionnaire is copyright: item wording and
electronic forms need Youthinmind's permission.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from types import MappingProxyType

DIFFICULTIES = ("emotional", "conduct", "hyperactivity", "peer")
SCALES = (*DIFFICULTIES, "prosocial")
SCALE_LABELS: Mapping[str, str] = MappingProxyType({
    "emotional": "Emotional symptoms",
    "conduct": "Conduct",
    "hyperactivity": "Hyperactivity and inattention",
    "peer": "Relationships with peers",
    "prosocial": "Kind and helpful behaviour",
    "total": "Total difficulties",
    "externalising": "Externalising (conduct and hyperactivity)",
    "internalising": "Internalising (emotional and peers)",
})  # fmt: skip
#: Which items make each scale; the reversed ones count 2, 1, 0.
ITEMS: Mapping[str, tuple[int, ...]] = MappingProxyType({
    "emotional": (3, 8, 13, 16, 24),
    "conduct": (5, 7, 12, 18, 22),
    "hyperactivity": (2, 10, 15, 21, 25),
    "peer": (6, 11, 14, 19, 23),
    "prosocial": (1, 4, 9, 17, 20),
})  # fmt: skip
REVERSED = frozenset({7, 11, 14, 21, 25})
NEEDED = 3
INFORMANTS = ("teacher", "carer", "self")


class SdqError(ValueError):
    """Answers that can't be scored: every problem in words."""

    def __init__(self, problems: list[str]):
        self.problems = tuple(problems)
        super().__init__("; ".join(problems))


@dataclass(frozen=True)
class BandScheme:
    """Cut-offs as published. For each scale the lowest score of the second, third (and fourth) band; for prosocial,
    where low is worse, the highest score of them."""

    key: str
    informant: str
    version: str
    source: str
    #: From the best band to the worst; `low_labels` are the same bands' words for prosocial.
    labels: tuple[str, ...]
    low_labels: tuple[str, ...]
    cuts: Mapping[str, tuple[int, ...]]
    #: False where the cut-offs are general knowledge, to be checked against the council's own scoring sheet.
    verified: bool = True

    def band(self, scale: str, score: int) -> str:
        cuts = self.cuts[scale]
        if scale == "prosocial":
            return self.low_labels[sum(score <= cut for cut in cuts)]
        return self.labels[sum(score >= cut for cut in cuts)]


FOUR = ("close to average", "slightly raised", "high", "very high")
FOUR_LOW = ("close to average", "slightly lowered", "low", "very low")
THREE = ("normal", "borderline", "abnormal")

#: Each scheme's cut-offs with where they were read. A council's own sheet decides before it is used for real.
SCHEMES: Mapping[tuple[str, str], BandScheme] = MappingProxyType({
    (scheme.informant, scheme.key): scheme
    for scheme in (
        BandScheme(
            "four-band", "teacher", "T4-17, newer four bands", "Table 1 of PMC4830858", FOUR, FOUR_LOW,
            {"total": (12, 16, 19), "emotional": (4, 5, 6), "conduct": (3, 4, 5), "hyperactivity": (6, 8, 9),
             "peer": (3, 5, 6), "prosocial": (5, 4, 3)},
        ),
        BandScheme(
            "three-band", "teacher", "T4-17, original three bands", "United Kingdom teacher cut-offs", THREE, THREE,
            {"total": (12, 16), "emotional": (5, 6), "conduct": (3, 4), "hyperactivity": (6, 7), "peer": (4, 5),
             "prosocial": (5, 4)},
            verified=False,
        ),
        BandScheme(
            "four-band", "carer", "P4-17, newer four bands", "United Kingdom parent cut-offs", FOUR, FOUR_LOW,
            {"total": (14, 17, 20), "emotional": (4, 5, 7), "conduct": (3, 4, 6), "hyperactivity": (6, 8, 9),
             "peer": (3, 4, 5), "prosocial": (7, 6, 5)},
            verified=False,
        ),
        BandScheme(
            "three-band", "carer", "P4-17, original three bands", "BMC Psychiatry 2021, table 2", THREE, THREE,
            {"total": (14, 17), "emotional": (4, 5), "conduct": (3, 4), "hyperactivity": (6, 7), "peer": (3, 4),
             "prosocial": (5, 4)},
            verified=False,  # sources disagree about the prosocial cut-offs
        ),
        BandScheme(
            "four-band", "self", "S11-17, newer four bands", "United Kingdom self-report cut-offs", FOUR, FOUR_LOW,
            {"total": (15, 18, 20), "emotional": (5, 6, 7), "conduct": (4, 5, 6), "hyperactivity": (6, 7, 8),
             "peer": (3, 4, 5), "prosocial": (6, 5, 4)},
            verified=False,
        ),
        BandScheme(
            "three-band", "self", "S11-17, original three bands", "United Kingdom self-report cut-offs", THREE, THREE,
            {"total": (16, 20), "emotional": (6, 7), "conduct": (4, 5), "hyperactivity": (6, 7), "peer": (4, 6),
             "prosocial": (5, 4)},
            verified=False,
        ),
    )
})  # fmt: skip


@dataclass(frozen=True)
class Result:
    """Scores and bands; None where too little was answered. The scheme says whose cut-offs the bands are."""

    informant: str
    scheme: BandScheme
    scales: Mapping[str, int | None]
    total: int | None
    externalising: int | None
    internalising: int | None
    bands: Mapping[str, str | None]

    @property
    def concerns(self) -> tuple[str, ...]:
        """The scales, the total apart, whose band is in the worst half of a four-band scheme, or the worst of three."""
        worst = {*self.scheme.labels[2:], *self.scheme.low_labels[2:]}
        return tuple(scale for scale in SCALES if self.bands[scale] in worst)


def score(items: Mapping[int, int | None], informant: str, scheme: str = "four-band") -> Result:
    """The result of answers by item number, 1 to 25; an unanswered item is left out or None.

    Raises SdqError for an item number or an answer that can't be, or an unknown informant or scheme.
    """
    problems = [f"there is no item {number}" for number in items if number not in range(1, 26)]
    problems += [
        f"item {number}: the answer must be 0, 1 or 2, not {answer!r}"
        for number, answer in items.items()
        if answer is not None and (isinstance(answer, bool) or answer not in (0, 1, 2))
    ]
    if problems:
        raise SdqError(problems)
    return _result({scale: _scale(items, numbers) for scale, numbers in ITEMS.items()}, informant, scheme)


def _scale(items: Mapping[int, int | None], numbers: tuple[int, ...]) -> int | None:
    given = [(number, items.get(number)) for number in numbers]
    answers = [2 - answer if number in REVERSED else answer for number, answer in given if answer is not None]
    if len(answers) < NEEDED:
        return None
    # Half up, as the published scoring has it; round() would turn 2.5 into 2.
    return floor(Fraction(5 * sum(answers), len(answers)) + Fraction(1, 2))


def from_scales(scales: Mapping[str, int | None], informant: str, scheme: str = "four-band") -> Result:
    """The result of five scale scores taken from a paper form. All five must be named: no scale is used alone.

    Raises SdqError for a scale that is missing or unknown, or a score that isn't 0 to 10 (None: not scored).
    """
    problems = [f"there is no scale {scale!r}" for scale in scales if scale not in SCALES]
    problems += [f"{SCALE_LABELS[scale]} is missing" for scale in SCALES if scale not in scales]
    problems += [
        f"{SCALE_LABELS[scale]} must be a whole number from 0 to 10, not {value!r}"
        for scale, value in scales.items()
        if scale in SCALES
        and value is not None
        and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 10)
    ]
    if problems:
        raise SdqError(problems)
    return _result({scale: scales[scale] for scale in SCALES}, informant, scheme)


def _result(scales: Mapping[str, int | None], informant: str, scheme: str) -> Result:
    bands = SCHEMES.get((informant, scheme))
    if bands is None:
        raise SdqError([f"there are no bands {scheme!r} for the informant {informant!r}"])
    total = _sum(scales, DIFFICULTIES)
    scores: dict[str, int | None] = {**scales, "total": total}
    return Result(
        informant=informant,
        scheme=bands,
        scales=dict(scales),
        total=total,
        externalising=_sum(scales, ("conduct", "hyperactivity")),
        internalising=_sum(scales, ("emotional", "peer")),
        bands={name: None if value is None else bands.band(name, value) for name, value in scores.items()},
    )


def _sum(scales: Mapping[str, int | None], names: tuple[str, ...]) -> int | None:
    """The sum of scales, or nothing where one of them is missing."""
    values = [scales[name] for name in names]
    return None if any(value is None for value in values) else sum(value for value in values if value is not None)


@dataclass(frozen=True)
class LocalThreshold:
    """A council's own line for acting, which is not a band: shown beside the bands with its own words (R56)."""

    informant: str
    total: int
    words: str

    def reached(self, result: Result) -> bool | None:
        """Nothing where the total is missing or the line is for another informant's form."""
        if result.total is None or result.informant != self.informant:
            return None
        return result.total >= self.total
