"""What tests/conftest.py promises about skips, tried on small suites of their own."""

from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")

SUITE = """
import pytest

@pytest.mark.real_peer("kannel")
def test_against_a_peer():
    pytest.skip("bearerbox is not on PATH")

@pytest.mark.real_peer("tshark")
@pytest.mark.skipif(True, reason="tshark is not on PATH")
def test_against_another_peer():
    pass

def test_without_a_mark():
    pytest.skip("for a reason of its own")
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\nmarkers =\n    real_peer(name): speaks with a program that is not ours\n")
    pytester.makepyfile(SUITE)
    return pytester


def test_an_absent_peer_is_a_skip_that_the_last_lines_explain(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CARRIER_SIM_REQUIRE_REAL_PEERS", raising=False)
    ran = suite.runpytest_inprocess()
    ran.assert_outcomes(skipped=3)
    ran.stdout.fnmatch_lines(
        ["*real peers that were not met*", "1 test: bearerbox is not on PATH", "1 test: tshark is not on PATH"]
    )
    ran.stdout.no_fnmatch_line("1 test: for a reason of its own")


def test_an_absent_peer_is_a_failure_where_peers_are_required(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARRIER_SIM_REQUIRE_REAL_PEERS", "1")
    ran = suite.runpytest_inprocess()
    ran.assert_outcomes(skipped=1, failed=1, errors=1)
    ran.stdout.fnmatch_lines(["*and this test was skipped: bearerbox is not on PATH*"])


def test_a_module_skipped_on_import_is_a_failure_where_peers_are_required(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARRIER_SIM_REQUIRE_REAL_PEERS", "1")
    suite.makepyfile(test_on_import="import pytest\npytest.importorskip('a_package_that_nobody_wrote')\n")
    ran = suite.runpytest_inprocess("test_on_import.py")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*and this module was skipped: could not import 'a_package_that_nobody_wrote'*"])


def test_the_skips_of_parallel_workers_are_explained_too(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CARRIER_SIM_REQUIRE_REAL_PEERS", raising=False)
    ran = suite.runpytest_subprocess("--numprocesses=1")
    ran.stdout.fnmatch_lines(["1 test: bearerbox is not on PATH", "1 test: tshark is not on PATH"])
