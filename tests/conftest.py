"""Settings that hold for every test."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Two busy cores: a slow example is no failure. What a run finds, the next run finds again.
settings.register_profile(
    "project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("project")
