"""What the SDQ's pages show, as plain rows: scores, bands, bars and the trend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from targets import rules, sdq
from targets.models import Sdq
from targets.policy import SdqPolicy
from targets.queries import result_of

HOW = ("items", "scales")
MOST = {"total": 40}
NO_SCORE = "Too few items answered"
TREND_COLUMNS = [
    "Date of the form",
    {"text": "Total", "numeric": True},
    "Band",
    *({"text": sdq.SCALE_LABELS[name], "numeric": True} for name in sdq.SCALES),
]


@dataclass(frozen=True)
class Row:
    """One scale: its score, band in words, and a bar of ``score`` in ``most`` parts. ``reversed``: low is worse."""

    key: str
    label: str
    score: int | None
    most: int
    band: str
    tone: str
    reversed: bool


def rows(result: sdq.Result | None) -> list[Row]:
    """The total first, then the five scales, always all of them."""
    if result is None:
        return []
    scores = {"total": result.total, **result.scales}
    tones = ("green", "yellow", "orange", "red") if len(result.scheme.labels) == 4 else ("green", "yellow", "red")
    found = []
    for name in ("total", *sdq.SCALES):
        band = result.bands[name]
        labels = result.scheme.low_labels if name == "prosocial" else result.scheme.labels
        tone = tones[labels.index(band)] if band else "grey"
        found.append(
            Row(
                name,
                sdq.SCALE_LABELS[name],
                scores[name],
                MOST.get(name, 10),
                band or NO_SCORE,
                tone,
                name == "prosocial",
            )
        )
    return found


def facts(score: Sdq | None) -> list[dict[str, Any]]:
    """Who scored, when, from what."""
    if score is None:
        return []
    known = (
        "Not said"
        if score.known_months is None
        else f"{score.known_months} month{'' if score.known_months == 1 else 's'}"
    )
    total = NO_SCORE if score.total is None else f"{score.total} of 40"
    return [
        {"key": "Total", "value": total},
        {"key": "Form", "value": f"{score.get_informant_display()}'s form, {score.version}"},
        {"key": "Completed on", "value": score.completed_on},
        {"key": "Completed by", "value": score.completed_by},
        {"key": "They have known the child for", "value": known},
        {"key": "Entered", "value": "by item number" if score.items is not None else "by the five scale scores"},
        {"key": "Entered by", "value": score.entered_by.name},
    ]


def known_too_short(score: Sdq | None) -> bool:
    return score is not None and score.known_months is not None and score.known_months < rules.KNOWN_MONTHS


def trend_rows(scores: Iterable[Sdq], policy: SdqPolicy) -> list[list[Any]]:
    """Every score by this informant, oldest first, as table rows."""
    found = []
    for score in scores:
        result = result_of(score, policy)
        scales = ["–" if (one := result.scales[name]) is None else one for name in sdq.SCALES]
        total = "–" if result.total is None else result.total
        found.append([score.completed_on, total, result.bands["total"] or NO_SCORE, *scales])
    return found


def how(wanted: str | None, score: Sdq | None) -> str:
    """By item number or by scale scores: as asked for, else as the kept score was entered."""
    if wanted in HOW:
        return str(wanted)
    return "scales" if score is not None and score.items is None else "items"


def token(score: Sdq | None) -> str:
    """Which score a page shows; see ``actions.enter_sdq``."""
    return score.entered_at.isoformat() if score else ""


def initial(score: Sdq | None) -> dict[str, Any]:
    if score is None:
        return {}
    answers = {f"item_{number}": "" if one is None else str(one) for number, one in (score.items or {}).items()}
    return {
        "completed_on": score.completed_on, "completed_by": score.completed_by, "known_months": score.known_months,
        "paper_held": score.paper_held, **{name: getattr(score, name) for name in sdq.SCALES}, **answers,
    }  # fmt: skip
