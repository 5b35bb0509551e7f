"""What all families of tests need: where things are, and one Hypothesis profile a purpose."""

import os

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
