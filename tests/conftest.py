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

SLOW = (
    "carrier/phones/test_subscribers.py::test_a_hundred_thousand_changed_phones_take_far_less_than_75_megabytes",
    "carrier/test_room.py",
    "cli/test_main.py::test_the_json_of_decode_encodes_to_the_same_octets",
    "cli/test_scenarios.py::test_a_file_that_changes_is_loaded_again_and_a_wrong_one_changes_nothing",
    "cli/test_scenarios.py::test_a_module_is_played_by_its_path",
    "cli/test_scenarios.py::test_with_allow_conflicts_the_later_file_wins_and_a_warning_is_told",
    "control/test_openapi.py::test_whatever_is_asked_is_answered_by_what_the_document_tells",
    "e2e/test_kannel.py::test_kannel_sends_and_receives_every_message_once_and_as_written[TX + RX]",
    "embed/test_aio.py::test_three_days_pass_at_once",
    "embed/test_embedded.py::test_a_forgotten_one_does_not_keep_the_program_alive",
    "embed/test_leftovers.py",
    "examples/test_other_languages.py",
    "gateway/test_killed.py",
    "net/test_determinism.py",
    "net/test_hostile.py::test_a_thousand_sessions_at_once_are_all_served",
    "net/test_hostile.py::test_whoever_attacks_the_others_are_served_and_nothing_is_left",
    "scenario/test_file.py::test_five_thousand_rules_load_in_five_times_the_time_of_a_thousand",
    "serving/test_collector.py::test_a_link_that_has_ended_leaves_no_cycles",
    "smsc/test_bounds.py::test_a_pdu_of_nothing_but_tlvs_fills_the_ring_by_what_it_costs",
    "smsc/test_determinism.py::test_another_process_with_another_hash_seed_writes_the_same_octets_and_journal",
    "test_conftest.py::test_the_skips_of_parallel_workers_are_explained_too",
    "test_container.py",
    "test_container.py::test_a_command_line_starts_a_server",
    "test_container.py::test_kannel_by_this_configuration_has_a_message_delivered",
    "test_container.py::test_the_health_check_tells_a_living_server_from_a_dead_one",
    "test_container.py::test_the_lines_of_the_job_are_answered",
    "test_demonstration.py::test_a_server_that_dies_is_the_news_and_status_3",
    "test_demonstration.py::test_ctrl_c_ends_it_soon_without_a_traceback",
    "test_demonstration.py::test_several_at_once_find_ports_of_their_own",
    "test_fuzz.py::test_led_by_coverage_it_keeps_a_corpus",
    "test_hardships.py",
    "test_journal_files.py",
    "test_pytest_plugin.py::test_a_run_without_the_fixture_imports_neither_trio_nor_fastapi",
    "test_pytest_plugin.py::test_workers_have_a_server_each",
    "test_readme.py::test_the_commands_that_are_shown_exist",
    "test_readme.py::test_the_curl_lines_to_the_reference_gateway_are_served_too",
    "test_report.py",
    "test_scenarios_readme.py::test_every_server_starts",
)
"""Tests that take seconds: whole servers, crowds, attacks, disks that are full. `scripts/test` leaves them to the
continuous integration unless it is told otherwise (`scripts/test -m ''`)."""

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow."""
    for item in items:
        if item.nodeid.removeprefix("tests/").startswith(SLOW):
            item.add_marker("slow")


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
