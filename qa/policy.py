"""A council's signatures, rubric and sharing, from its profile's `[signatures]`, `[quality]`, `[sharing]`. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SignatureStep:
    """Somebody's signature. Those of one `order` may come in any order; a higher one waits for all lower ones."""

    role: str
    order: int
    statement: str
    required: bool
    #: "always", or "present": only of somebody who was at the meeting.
    when: str
    title: str

    def wanted(self, present: Collection[str]) -> bool:
        """Whether the signature is wanted, given the roles that were at the meeting."""
        return self.required or (self.when == "present" and self.role in present)


@dataclass(frozen=True)
class SignaturePolicy:
    steps: tuple[SignatureStep, ...]
    #: Nobody signs for two roles.
    different_people: bool
    scrutiny: tuple[str, ...]

    def still_wanted(self, signed: Collection[str], present: Collection[str] = ()) -> tuple[SignatureStep, ...]:
        """Steps without a signature yet, in order, given the roles that have signed and those that were present."""
        return tuple(step for step in self.steps if step.wanted(present) and step.role not in signed)

    def next_steps(self, signed: Collection[str], present: Collection[str] = ()) -> tuple[SignatureStep, ...]:
        """Whose turn it is now: the open steps of the lowest order."""
        wanted = self.still_wanted(signed, present)
        return tuple(step for step in wanted if step.order == wanted[0].order)


def signature_policy(table: Mapping[str, Any]) -> SignaturePolicy:
    steps = (
        SignatureStep(
            role=each["role"],
            order=each["order"],
            statement=each["statement"],
            required=each.get("required", False),
            when=each.get("when", "always"),
            title=each.get("title", ""),
        )
        for each in table["steps"]
    )
    return SignaturePolicy(
        steps=tuple(sorted(steps, key=lambda step: step.order)),
        different_people=table["different_people"],
        scrutiny=tuple(table["scrutiny"]),
    )


@dataclass(frozen=True)
class Grade:
    key: str
    label: str
    tone: str
    words: str


@dataclass(frozen=True)
class Criterion:
    key: str
    title: str
    #: What each grade looks like for this criterion, by the grade's key.
    words: Mapping[str, str]


@dataclass(frozen=True)
class RollUp:
    """The overall grade is `grade` where enough criteria are at `at_or_below` or worse: `at_least` many, or most."""

    grade: str
    at_or_below: str
    at_least: int
    majority: bool


@dataclass(frozen=True)
class Overall:
    grade: Grade
    #: Which criteria pulled the grade down, in words; empty for the best grade.
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class QualityPolicy:
    grades: tuple[Grade, ...]  # best first
    criteria: tuple[Criterion, ...]
    roll_up: tuple[RollUp, ...]
    minimum_grade: str | None
    checkers: tuple[str, ...]
    feedback_to: tuple[str, ...]

    def grade(self, key: str) -> Grade:
        """Raises KeyError for a grade that the rubric doesn't have."""
        for grade in self.grades:
            if grade.key == key:
                return grade
        raise KeyError(key)

    def _place(self, key: str) -> int:
        return self.grades.index(self.grade(key))

    def overall(self, graded: Mapping[str, str]) -> Overall:
        """The overall grade of grades by criterion: the first roll-up rule that fits, or else the best grade.

        Raises ValueError naming the criteria without a grade, KeyError for an unknown grade.
        """
        missing = [criterion.title for criterion in self.criteria if criterion.key not in graded]
        if missing:
            raise ValueError(f"Not graded yet: {', '.join(missing)}")
        for rule in self.roll_up:
            low = [each for each in self.criteria if self._place(graded[each.key]) >= self._place(rule.at_or_below)]
            enough = len(low) * 2 > len(self.criteria) if rule.majority else len(low) >= rule.at_least
            if enough:
                reasons = tuple(f"{each.title}: {self.grade(graded[each.key]).label.lower()}" for each in low)
                return Overall(self.grade(rule.grade), reasons)
        return Overall(self.grades[0], ())

    def good_enough(self, grade: str) -> bool:
        """Whether a plan of this grade may be finalised (R80); always where the council sets no minimum."""
        return self.minimum_grade is None or self._place(grade) <= self._place(self.minimum_grade)


def quality_policy(table: Mapping[str, Any]) -> QualityPolicy:
    return QualityPolicy(
        grades=tuple(
            Grade(each["key"], each["label"], each["tone"], each.get("words", "")) for each in table["grades"]
        ),
        criteria=tuple(Criterion(each["key"], each["title"], dict(each["words"])) for each in table["criteria"]),
        roll_up=tuple(
            RollUp(each["grade"], each["at_or_below"], each.get("at_least", 0), each.get("majority", False))
            for each in table["roll_up"]
        ),
        minimum_grade=table.get("minimum_grade"),
        checkers=tuple(table["checkers"]),
        feedback_to=tuple(table["feedback_to"]),
    )


@dataclass(frozen=True)
class Copy:
    """A finished plan goes to somebody: which edition, who sends it, how, and within what time where that is said."""

    to: str
    edition: str
    by: str
    how: tuple[str, ...]
    count: int | None = None
    unit: str | None = None


@dataclass(frozen=True)
class SharingPolicy:
    copies: tuple[Copy, ...]
    feeds_roll: bool
    reports: str


def sharing_policy(table: Mapping[str, Any]) -> SharingPolicy:
    return SharingPolicy(
        copies=tuple(
            Copy(key[3:], each["edition"], each["by"], tuple(each["how"]), each.get("count"), each.get("unit"))
            for key, each in table.items()
            if key.startswith("to_")
        ),
        feeds_roll=table["feeds_roll"],
        reports=table["reports"],
    )
