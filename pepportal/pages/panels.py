"""Which room answers for which panel of the plan: the only place that knows them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.urls import reverse

from funding.queries import panel_status as funding_status
from meetings.queries import panel_status as meeting_status
from peps.form_documents import Section
from peps.models import Pep
from peps.panels import PanelStatus
from qa.queries import Checked, quality_status, signatures_status
from targets.queries import panel_status as targets_status
from targets.queries import sdq_status

STATUS: dict[str, Callable[[Pep], PanelStatus]] = {
    "targets": targets_status,
    "sdq": sdq_status,
    "meeting": meeting_status,
    "funding": funding_status,
    "signatures": signatures_status,
    "quality": quality_status,
}


def statuses_of(pep: Pep, panels: Iterable[str], known: Checked) -> dict[str, PanelStatus]:
    """How far each of some panels is; signing and checking from what is ``known`` of them."""
    asked: dict[str, Callable[[], PanelStatus]] = {
        "signatures": lambda: signatures_status(pep, known),
        "quality": lambda: quality_status(pep, known),
    }
    return {panel: asked[panel]() if panel in asked else STATUS[panel](pep) for panel in panels}


PAGES = {
    "targets": "targets:panel",
    "sdq": "targets:sdq",
    "meeting": "meetings:panel",
    "funding": "funding:panel",
    "signatures": "qa:signatures",
    "quality": "qa:quality",
}
NEVER_MARKED = {"signatures", "quality"}
"""Panels that are done when the signing and the review are, not by marking."""


def section_href(pep: Pep, section: Section) -> str:
    """The page on which a section is filled in: its own, or the room's that owns its panel."""
    if section.panels:
        return reverse(PAGES[section.panels[0]], args=[pep.pk])
    return reverse("peps:section", args=[pep.pk, section.key])


def panel_missing(pep: Pep, section: Section) -> tuple[str, ...]:
    """What the section's panels still lack, in words."""
    return tuple(words for panel in section.panels for words in STATUS[panel](pep).missing)
