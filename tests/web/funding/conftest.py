from __future__ import annotations

import pytest

from tests.web.targets.making import first_pep


@pytest.fixture
def pep(cast, acting):
    """Amara's first plan, open."""
    return first_pep(cast, acting, "amara")
