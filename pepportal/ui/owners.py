"""Whose section is it: words, shape and colours of each owner (R20; UX.md "Whose section is it?"). Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Owner:
    """How one owner is shown. ``text`` is read on ``ground``; ``bar`` stands on white."""

    key: str
    words: str
    shape: str
    text: str
    bar: str
    ground: str

    @property
    def css(self) -> str:
        """The last part of the class names in static/build/scss/_owners-components.scss."""
        return self.key.replace("_", "-")


OWNERS: dict[str, Owner] = {
    owner.key: owner
    for owner in (
        Owner("designated_teacher", "Designated teacher", "square", "#942514", "#d4351c", "#fbeae7"),
        Owner("social_worker", "Social worker", "circle", "#0f385c", "#1d70b8", "#e8f1f8"),
        Owner("both", "Teacher and social worker", "diamond", "#2e1a58", "#4c2c92", "#eeeaf5"),
        Owner("child", "Child", "star", "#10403c", "#1f857c", "#e9f6f5"),
        Owner("carer", "Carer", "house", "#594d00", "#8a7400", "#fffbe6"),
        Owner("virtual_school", "Virtual school", "tick", "#0b0c0c", "#505a5f", "#f3f2f1"),
    )
}


HOLDERS: dict[str, tuple[str, str]] = {
    "data_team": ("virtual_school", "Data team"),
    "virtual_school_caseworker": ("virtual_school", "Virtual school caseworker"),
    "virtual_school_phase_lead": ("virtual_school", "Virtual school phase lead"),
    "virtual_school_deputy": ("virtual_school", "Deputy virtual school head"),
    "virtual_school_head": ("virtual_school", "Virtual school head"),
    "iro": ("virtual_school", "Independent reviewing officer"),
    "independent_chair": ("virtual_school", "Independent chair"),
    "advocate": ("virtual_school", "Advocate"),
    "team_manager": ("social_worker", "Team manager"),
    "head_teacher": ("designated_teacher", "Head teacher"),
}
"""Roles that own no section and may hold something that is due: the owner they look like, and their own words."""


def owner(key: str) -> Owner:
    """The owner called ``key``, or how a role is shown that only holds what is due; hyphens and underscores are the same.
    Raises ``KeyError`` for a word that is none."""
    name = str(key).replace("-", "_")
    if name in HOLDERS:
        look, words = HOLDERS[name]
        return replace(OWNERS[look], words=words)
    return OWNERS[name]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two ``#rrggbb`` colours, 1 to 21.

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
