"""What people in the demonstration write: answers by the form's questions, targets by the council's rules. Plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from pepportal.demo import names
from peps.form_documents import Field, Section
from targets.actions import SdqValues, TargetValues


@dataclass(frozen=True)
class About:
    """The facts of a child that answers must agree with."""

    name: str
    born: date
    legal_status: str
    joined_on: date | None
    has_school: bool
    today: date


def answers(rng: Random, section: Section, about: About, *, fully: bool) -> dict[str, Any]:
    """Values for a section's questions: all of them, or the ones that must be answered."""
    values: dict[str, Any] = {}
    for question in section.fields:
        if not question.asks or not (question.required or fully):
            continue
        value = _answer(rng, question, about, values)
        if value is not None:
            values[question.id] = value
    return values


def _answer(rng: Random, question: Field, about: About, values: dict[str, Any]) -> Any:
    if question.id in ("sen_need", "sen_review_on") and values.get("sen_status", "none") in ("none", "being_assessed"):
        return None
    if question.id == "timetable_note" and values.get("timetable") == "full":
        return None
    if question.type in ("text", "long_text"):
        return _words(rng, question, about)
    if question.type == "choice":
        return _choice(rng, question, about)
    if question.type == "choices":
        every = [choice.value for choice in question.choices if choice.value != "not_now"]
        chosen = rng.sample(every, min(len(every), 1 + int(rng.random() < 0.4)))
        return [value for value in every if value in chosen]
    if question.type == "yes_no":
        return rng.random() < 0.6
    if question.type == "percent":
        return rng.choice((78, 84, 88, 91, 93, 95, 96, 97, 98, 99))
    if question.type == "number":
        return 15 if question.id == "funded_hours" else rng.choice((0, 0, 0, 0, 1, 2))
    return _day(rng, question, about)


def _words(rng: Random, question: Field, about: About) -> str:
    known = names.ANSWERS.get(question.id, ("Nothing to add this time.",))
    parts = (
        rng.sample(known, 2) if question.id in ("strengths", "leisure") and rng.random() < 0.35 else [rng.choice(known)]
    )
    return " ".join(parts).format(name=about.name)


def _choice(rng: Random, question: Field, about: About) -> str:
    if question.id == "legal_status":
        return names.LEGAL_ANSWER.get(about.legal_status, "other")
    if question.id == "timetable" and not about.has_school:
        return "none"
    return rng.choice(names.CHOICES.get(question.id) or [choice.value for choice in question.choices])


def _day(rng: Random, question: Field, about: About) -> str | None:
    if question.id == "joined_on":
        return about.joined_on.isoformat() if about.joined_on else None
    if question.id == "two_year_check":
        return (about.born + timedelta(days=760)).isoformat()
    return (about.today + timedelta(days=rng.randint(30, 110))).isoformat()


def target(rng: Random, kind: str, about: About, *, who: str, review_by: date, taken: Sequence[str]) -> TargetValues:
    """A target of a kind that the plan doesn't have yet (``taken`` holds what the others want)."""
    choices = [each for each in names.TARGETS.get(kind, names.TARGETS["personal"]) if each[1] not in taken]
    need, wanted, baseline, measure, strategies, own_words = rng.choice(choices or list(names.TARGETS["personal"]))
    return TargetValues(
        kind=kind, need=f"{need}.", outcome_wanted=f"{wanted}.", baseline=f"{baseline}.",
        measure=f"{measure}.".format(name=about.name), strategies=f"{strategies}.", who=who, review_by=review_by,
        in_childs_words=own_words,
    )  # fmt: skip


def sdq(rng: Random, *, on: date, teacher: str) -> SdqValues:
    """Scale scores from a paper form. No item, and no item's wording."""
    scales = {
        "emotional": rng.randint(1, 8), "conduct": rng.randint(0, 6), "hyperactivity": rng.randint(1, 9),
        "peer": rng.randint(0, 6), "prosocial": rng.randint(4, 10),
    }  # fmt: skip
    return SdqValues(
        completed_on=on, completed_by=teacher, known_months=rng.randint(3, 20), paper_held=True, scales=scales
    )
