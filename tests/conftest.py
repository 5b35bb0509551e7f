"""What all families of tests need: where things are, and one Hypothesis profile a purpose."""

import os

import pytest
from hypothesis import HealthCheck, settings

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the whole night play while the other tests run: it begins first and is judged last."""
    items.sort(
        key=lambda item: (
            item.get_closest_marker("night_ends") is not None,
            item.get_closest_marker("night_begins") is None,
        )
    )
