"""A council's Pupil Premium Plus scheme, read from its profile's `[funding]` table. Pure; money in pence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

CATEGORY_WORDS: Mapping[str, str] = {
    "administration": "administration",
    "clothing": "clothing",
    "transport": "transport",
    "uniform": "uniform",
    "base_provision": "what every pupil gets",
}


@dataclass(frozen=True)
class Instalment:
    label: str
    amount_pence: int
    from_month: int
    to_month: int
    #: When schools see the money, in words.
    seen: str

    def covers(self, day: date) -> bool:
        """Whether a day falls in its months; September to March runs over the new year."""
        if self.from_month <= self.to_month:
            return self.from_month <= day.month <= self.to_month
        return day.month >= self.from_month or day.month <= self.to_month


@dataclass(frozen=True)
class FundingPolicy:
    """`scheme` is to_be_entered (the virtual school enters amounts each April), per_request or instalments."""

    scheme: str
    amount_pence: int | None
    times_a_year: int | None
    year: str
    total_pence: int | None
    instalments: tuple[Instalment, ...]
    never_for: tuple[str, ...]
    linked_to_targets: bool
    agreed_at_meeting: bool
    impact_shown: bool
    exceptional: bool
    release_needs: tuple[str, ...]

    def year_of(self, day: date) -> str:
        """The year a day's money belongs to, "2026/27": from September, or from April by financial years."""
        start = 4 if self.year == "financial" else 9
        first = day.year if day.month >= start else day.year - 1
        return f"{first}/{(first + 1) % 100:02d}"

    def most_pence(self, day: date) -> int | None:
        """The most that one ordinary request may ask on a day; nothing where the scheme sets no figure."""
        if self.scheme == "instalments":
            return next((each.amount_pence for each in self.instalments if each.covers(day)), None)
        return self.amount_pence

    def year_pence(self) -> int | None:
        """The most for a child in a year; nothing where the scheme sets no figure."""
        if self.scheme == "per_request" and self.amount_pence is not None and self.times_a_year is not None:
            return self.amount_pence * self.times_a_year
        return self.total_pence


def funding_policy(table: Mapping[str, Any]) -> FundingPolicy:
    scheme = table["scheme"]
    return FundingPolicy(
        scheme=scheme["kind"],
        amount_pence=scheme.get("amount_pence"),
        times_a_year=scheme.get("times_a_year"),
        year=scheme.get("year", "financial"),
        total_pence=scheme.get("total_pence"),
        instalments=tuple(
            Instalment(each["label"], each["amount_pence"], each["from_month"], each["to_month"], each["seen"])
            for each in scheme.get("instalments", ())
        ),
        never_for=tuple(table["never_for"]),
        linked_to_targets=table["linked_to_targets"],
        agreed_at_meeting=table["agreed_at_meeting"],
        impact_shown=table["impact_shown"],
        exceptional=table["exceptional"],
        release_needs=tuple(table["release_needs"]),
    )
