"""Bank holidays of England and Wales, from the list that a kept library carries: never from the network."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from govuk_bank_holidays.bank_holidays import BankHolidays


@lru_cache(maxsize=1)
def _bundled() -> tuple[tuple[date, str, bool], ...]:
    listed = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return tuple(
        (holiday["date"], str(holiday["title"]).replace("\u2019", "'"), "substitute" in holiday["notes"].lower())
        for holiday in listed
    )


def england_and_wales() -> dict[date, str]:
    """Every known bank holiday (substitute days, not the days they stand for) with its name; a fresh dict each time."""
    return {day: name for day, name, _ in _bundled()}


def substitute_days() -> dict[date, str]:
    """Those of them that stand for a day at a weekend, with the name of the day that they stand for."""
    return {day: name for day, name, substitute in _bundled() if substitute}


def list_ends() -> date:
    """The last day of the last year that the list covers."""
    return date(max(day.year for day, _, _ in _bundled()), 12, 31)
