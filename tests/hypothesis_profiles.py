"""
Set up Hypothesis for every tier: short enough for every commit, equal cases each time, no deadline on a shared machine.

Called by   tests/conftest.py

HYPOTHESIS_PROFILE=long tries two hundred times as many cases, and other ones each time.
"""

import os

from hypothesis import HealthCheck, settings


def load() -> None:
    settings.register_profile(
        "commit",
        max_examples=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    settings.register_profile("long", parent=settings.get_profile("commit"), max_examples=5_000, derandomize=False)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "commit"))
