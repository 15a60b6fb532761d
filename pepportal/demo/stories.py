"""Which children the demonstration has, and how far each one's plan is. Plain values; `council.py` lets it happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

STAGES: dict[str, int] = {
    "finalised": 22, "entered": 21, "arranged": 39, "completing": 22, "returned": 7, "submitted": 12, "left": 12, "ready": 15,
    "overdue": 12, "finalised_next": 15, "late": 10, "submitted_late": 4, "unplanned": 5, "finalised_overdue": 5, "returned_late": 3,
    "no_plan": 2,
}  # fmt: skip
"""How many of two hundred children are at which point; a smaller council has them in this order of importance.

entered, overdue, unplanned: a plan is open, its meeting not arranged. arranged, ready: the meeting lies ahead. completing,
late: it was held. submitted(_late): with the virtual school. finalised(_next, _overdue): done, the next one open or due."""

KHAN = ("finalised", "arranged", "ready", "late", "submitted", "returned")
"""The plans at Ms Khan's school, beside two of the other council's."""
BRIGHT = ("finalised", "arranged")
"""Mrs Bright's two children, both at Ms Khan's school."""
DOYLE = (
    "overdue",
    "completing",
    "ready",
    "unplanned",
    "returned_late",
    "left",
    "finalised_next",
    "entered",
    "submitted_late",
    "late",
)
"""Mr Doyle's, beside Mrs Bright's two."""
YEARS = {"early_years": (-1, 0), "primary": (1, 6), "secondary": (7, 11), "post_16": (12, 13)}


@dataclass
class Story:
    """One child: how old, where at school, how far the plan is, and what is particular."""

    stage: str
    year_group: int
    phase: str
    council: str = "westmere"
    with_khan: bool = False
    with_doyle: bool = False
    with_bright: bool = False
    first: bool = False
    """The first plan since coming into care, not a review."""
    planned: bool = True
    no_school: bool = False
    out_of_area: bool = False
    confidential: bool = False
    no_worker: bool = False
    account: bool = False
    care_review: bool = False
    moved: bool = False
    """Has changed school since coming into care, which calls an extra plan."""

    @property
    def well_known(self) -> bool:
        """Somebody's whom visitors sign in as: filled in to the last box."""
        return self.with_khan or self.with_doyle or self.with_bright


def stages_of(count: int) -> list[str]:
    """The stages of ``count`` children: each at least once where there are enough, else the most important ones."""
    if count <= len(STAGES):
        return list(STAGES)[:count]
    total = sum(STAGES.values())
    have = dict.fromkeys(STAGES, 1)
    while sum(have.values()) < count:
        behind = max(STAGES, key=lambda stage: STAGES[stage] * count / total - have[stage])
        have[behind] += 1
    return [stage for stage, number in have.items() for _ in range(number)]


def _aged(rng: Random, stage: str) -> tuple[int, str]:
    if stage == "no_plan":
        return -4, "early_years"
    phase = rng.choices(["early_years", "primary", "secondary", "post_16"], [10, 40, 38, 12])[0]
    return rng.randint(*YEARS[phase]), phase


def _pick(stories: list[Story], stage: str) -> Story | None:
    free = (each for each in stories if each.stage == stage and not each.well_known and each.council == "westmere")
    return next(free, None)


def make_stories(rng: Random, count: int) -> list[Story]:
    """The children of both councils. The same ``rng`` gives the same ones."""
    stories = []
    for stage in stages_of(count):
        year, phase = _aged(rng, stage)
        first = stage in ("unplanned", "no_plan") or (
            stage in ("entered", "overdue", "arranged") and rng.random() < 0.6
        )
        first = first or rng.random() < 0.25
        stories.append(Story(stage, year, phase, first=first, planned=stage != "unplanned" and rng.random() < 0.7))
    for stage in KHAN:
        if story := _pick(stories, stage):
            story.with_khan, story.phase, story.year_group = True, "primary", rng.randint(1, 6)
            story.with_bright = stage in BRIGHT
            story.with_doyle = story.with_bright
            story.first = stage == "arranged"
    for stage in DOYLE:
        if story := _pick(stories, stage):
            story.with_doyle = True
            if story.phase in ("early_years", "post_16") and stage not in ("left", "entered"):
                story.phase, story.year_group = (
                    "secondary",
                    rng.randint(7, 11),
                )  # of an age that every council has plans for
    _particulars(rng, stories, count)
    elsewhere = max(2, count * 12 // 200)
    there = ("completing", "arranged", "finalised", "entered", "submitted", "ready")
    for place in range(elsewhere):
        story = Story(there[place % len(there)], rng.randint(1, 6), "primary", council="eastvale", with_khan=place < 2)
        if place >= 2:
            story.year_group, story.phase = rng.randint(7, 11), "secondary"
        stories.append(story)
    return stories


def _particulars(rng: Random, stories: list[Story], count: int) -> None:
    """Hands out what only some children have, a fixed share each."""

    def some(share: int, *stages: str, but: Callable[[Story], bool] = lambda story: story.with_khan) -> list[Story]:
        fitting = [each for each in stories if (not stages or each.stage in stages) and not but(each)]
        fitting = [each for each in fitting if each.stage != "no_plan"]
        rng.shuffle(fitting)
        return fitting[: max(1, share * count // 200)]

    def nobody(story: Story) -> bool:
        return False

    for story in some(10, "entered", "overdue", "arranged", "completing"):
        story.no_school = True
    for story in some(15):
        story.out_of_area = not story.no_school
    for story in some(4, but=nobody):
        story.confidential = True
    for story in some(3, "entered", "overdue", "arranged", but=lambda story: story.well_known):
        story.no_worker = True
    older = [each for each in stories if each.year_group >= 8 and each.stage not in ("left", "no_plan")]
    for story in older[: max(1, 6 * count // 200)]:
        story.account = True
    for story in some(20, "completing", "submitted", "finalised", "ready", "late", but=nobody):
        story.care_review = True
    for story in [each for each in some(6, "arranged", "completing", "finalised") if not each.no_school][:4]:
        story.moved, story.first = True, False
