"""The small firm of tests/apply/requests, for tests that only plan."""

from tests.apply.requests.conftest import house, workspace

__all__ = ["house", "workspace"]
