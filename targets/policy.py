"""A council's rules about targets and the SDQ, read from its profile's `[targets]` and `[sdq]` tables. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from targets.sdq import LocalThreshold

KINDS: Mapping[str, str] = {
    "academic": "Academic",
    "social_emotional": "Social or emotional",
    "personal": "Personal development",
    "other": "Other",
}
AREAS: Mapping[str, str] = {
    "cognition_and_learning": "Cognition and learning",
    "social_emotional_mental_health": "Social, emotional and mental health",
    "speech_language_communication": "Speech, language and communication",
    "sensory_physical": "Sensory and physical",
    "independence_self_help": "Independence and self-help",
}


@dataclass(frozen=True)
class Required:
    """At least `count` targets of any of `kinds`; `words` says so to people."""

    kinds: tuple[str, ...]
    count: int
    words: str


@dataclass(frozen=True)
class TargetsPolicy:
    required: tuple[Required, ...]
    weeks: int
    teacher_only: bool
    earlier_reviewed_first: bool
    longer_term_plan: bool
    drafted_before_meeting: bool
    areas: tuple[str, ...]

    def latest(self, agreed_on: date) -> date:
        """The last day by which a target agreed on a day may be due (R51)."""
        return agreed_on + timedelta(weeks=self.weeks)

    def missing(self, kinds: Iterable[str]) -> tuple[str, ...]:
        """What is still wanting among targets of these kinds (R50), in words; each target serves one requirement."""
        have = Counter(kinds)
        wanting = []
        # Those that fewest kinds can serve choose first, so that a wider one doesn't use up what they need.
        for rule in sorted(self.required, key=lambda each: len(each.kinds)):
            left = rule.count
            for kind in rule.kinds:
                used = min(left, have[kind])
                have[kind] -= used
                left -= used
            if left:
                wanting.append(rule)
        return tuple(rule.words for rule in self.required if rule in wanting)


def targets_policy(table: Mapping[str, Any]) -> TargetsPolicy:
    return TargetsPolicy(
        required=tuple(Required(tuple(each["kinds"]), each["count"], each["words"]) for each in table["required"]),
        weeks=table["weeks"],
        teacher_only=table["teacher_only"],
        earlier_reviewed_first=table["earlier_reviewed_first"],
        longer_term_plan=table["longer_term_plan"],
        drafted_before_meeting=table["drafted_before_meeting"],
        areas=tuple(table["areas"]),
    )


@dataclass(frozen=True)
class SdqPolicy:
    informants: tuple[str, ...]
    frequency: str  # yearly, termly or never
    bands: str
    local_threshold: LocalThreshold | None


def sdq_policy(table: Mapping[str, Any]) -> SdqPolicy:
    threshold = table.get("local_threshold")
    return SdqPolicy(
        informants=tuple(table["informants"]),
        frequency=table["frequency"],
        bands=table["bands"],
        local_threshold=LocalThreshold(threshold["informant"], threshold["total"], threshold["words"])
        if threshold
        else None,
    )
