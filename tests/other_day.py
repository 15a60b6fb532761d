"""Runs the tests as on another day: ``OTHER_DAY=2027-08-31 pytest -p tests.other_day``.

The stage keeps its own day (tests/cast.py), which is the product's one clock; the machine's clock is moved for everything else, so a
rule, a page or a part of somebody else's that asked the machine instead of the product gives itself away.
"""

from __future__ import annotations

import os
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

DAY = datetime.fromisoformat(os.environ["OTHER_DAY"]).replace(hour=0, minute=30, tzinfo=ZoneInfo("Europe/London"))
_journey = time_machine.travel(DAY, tick=True)


def pytest_configure(config: pytest.Config) -> None:
    _journey.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    _journey.stop()
