"""Bank holidays of England and Wales, from the list that a kept library carries: never from the network."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from govuk_bank_holidays.bank_holidays import BankHolidays


@lru_cache(maxsize=1)
def _bundled() -> dict[date, str]:
    listed = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return {holiday["date"]: str(holiday["title"]).replace("\u2019", "'") for holiday in listed}


def england_and_wales() -> dict[date, str]:
    """Every known bank holiday (substitute days, not the days they stand for) with its name; a fresh dict each time."""
    return dict(_bundled())
