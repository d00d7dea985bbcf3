"""What all tests share: Hypothesis without a stop-watch, and honest skips.

A test with the mark `real_peer` may be skipped where its peer is absent. The last lines of the run say which and why,
and with CARRIER_SIM_REQUIRE_REAL_PEERS=1 such a skip is a failure.
"""

import os
from collections import defaultdict
from collections.abc import Generator

import pytest
from hypothesis import settings

REQUIRED = "CARRIER_SIM_REQUIRE_REAL_PEERS"

# Two tests share a core here and there: how long one example takes proves nothing. On the continuous integration the
# examples are the same in every run, so that a change fails by its own fault.
settings.register_profile("house", max_examples=50, deadline=None, print_blob=True, derandomize="CI" in os.environ)
settings.load_profile("house")


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a report's test was skipped, in the words of the test."""
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(report.longrepr)


def peers_are_required() -> bool:
    """Whether the environment forbids to skip a test for want of its peer."""
    return os.environ.get(REQUIRED) == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test with the mark `real_peer` into a failure where peers are required."""
    report = yield
    if report.skipped and item.get_closest_marker("real_peer") is not None and peers_are_required():
        reason = reason_of(report)
        report.outcome = "failed"
        report.longrepr = f"{REQUIRED}=1, and this test was skipped: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole module into a failure where peers are required: it may hold tests with the mark."""
    report = yield
    if report.skipped and peers_are_required():
        reason = reason_of(report)
        report.outcome = "failed"
        report.longrepr = f"{REQUIRED}=1, and this module was skipped: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which real peers were absent, and how many tests that cost."""
    absent: dict[str, int] = defaultdict(int)
    for report in terminalreporter.stats.get("skipped", []):
        if "real_peer" in report.keywords:
            absent[reason_of(report)] += 1
    if absent:
        terminalreporter.section("real peers that were not met", yellow=True)
        for reason, count in sorted(absent.items()):
            terminalreporter.line(f"{count} {'test' if count == 1 else 'tests'}: {reason}", yellow=True)
