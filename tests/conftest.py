"""What all families of tests need: which run beside which, and one Hypothesis profile a purpose."""

import os
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

from tests.places import ROOT

# Deterministic in CI: a failure there is the same failure here. `make test-full` looks further.
settings.register_profile(
    "reduced",
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("full", parent=settings.get_profile("reduced"), max_examples=2000)
settings.load_profile(os.environ.get("DEPOT_HYPOTHESIS", "reduced"))


LIVE: Final = (
    "app",
    "chaos",
    "conformance",
    "properties/test_gateway_frames.py",
    "requirements",
    "unit/api",
    "unit/cli",
    "unit/dispatch",
    "unit/feeds",
    "unit/gateway",
    "unit/virtual",
)
"""What starts processes that talk by the clock. `make test` runs it first in line for the
processor, and everything else beside it, behind."""
STILL: Final = (
    "app/pages/test_bay_units.py",
    "app/pages/test_bays.py",
    "app/pages/test_bills.py",
    "app/pages/test_data_quality_page.py",
    "app/pages/test_depot_and_fleet.py",
    "app/pages/test_depot_switch.py",
    "app/pages/test_look_back.py",
    "chaos/test_safety_simulation.py",
    "chaos/test_simulated_week.py",
)
"""They stand among the live ones and start nothing: pages over a store, nights on a simulated clock."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is live, and let the whole night play meanwhile: it begins first, is judged last."""
    live, still = ([ROOT / "tests" / name for name in names] for names in (LIVE, STILL))
    for item in items:
        if any(map(item.path.is_relative_to, live)) and item.path not in still:
            item.add_marker(pytest.mark.live)
    items.sort(
        key=lambda item: (
            item.get_closest_marker("night_ends") is not None,
            item.get_closest_marker("night_begins") is None,
        )
    )
