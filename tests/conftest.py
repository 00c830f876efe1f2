"""Shared by all tests: the real servers, and a plain word at the end about what was skipped.

Under `./servanda test --all` nothing may skip: a skip is turned into a failure.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from servanda.runtime.websettings import WebSettings
from servanda.web.start import configure_django

# Django is set up once a process: with all faces, so that their tests can run beside the others.
configure_django(WebSettings(), bytes(32))

pytest_plugins = ["tests.services.fixtures"]

ALL = os.environ.get("SERVANDA_TEST_ALL") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if ALL and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which a full run does not allow"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each missing server once, with the line that installs it."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        if isinstance(report.longrepr, tuple):
            reason = str(report.longrepr[2]).removeprefix("Skipped: ")
            reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        terminalreporter.section("not tested here")
        for reason, count in sorted(reasons.items()):
            terminalreporter.write_line(f"{count:4} tests: {reason}")
