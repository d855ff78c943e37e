"""Where the shared data lies: beside the checkout, or nowhere (a user's checkout has none)."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"

needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="../shared is not in this checkout: nothing to compare with"
)
