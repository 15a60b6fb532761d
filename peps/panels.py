"""What a panel of a section (targets, SDQ, meeting, money, signatures, quality) says about itself to the section's pages.

Each room that owns a panel answers with a PanelStatus; `pages` composes. Here stand only the names of the rooms' pages.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PanelStatus:
    """How far a panel is: whether anything is there, what it still lacks (in words), and one line to show."""

    started: bool
    missing: tuple[str, ...]
    hint: str


PANEL_PAGES = {
    "targets": ("targets:panel", "Targets"),
    "sdq": ("targets:sdq", "Strengths and difficulties scores"),
    "meeting": ("meetings:panel", "The meeting"),
    "funding": ("funding:panel", "Pupil Premium Plus requests"),
    "signatures": ("qa:signatures", "Signatures"),
    "quality": ("qa:quality", "The virtual school’s check"),
}
"""Panel → (name of its page's address, taking the plan's id; words for the link)."""
