"""Levels, switches and the reset of the lint, and that its names are one list."""

import pytest

from simulator.checks.findings import EXHIBITS_MAX, Check
from simulator.checks.levels import LEVELS
from simulator.checks.lint import FAMILIES
from tests.checks.watching import Watched


def test_every_check_has_a_family_and_a_level() -> None:
    assert sorted(name for names in FAMILIES.values() for name in names) == sorted(LEVELS)


def test_every_check_is_told_of_and_none_is_good_by_default() -> None:
    findings = Watched().watch.verdict().checks
    assert [(one.name, one.outcome) for one in findings] == [(name, "unknown") for name in LEVELS]


def test_a_check_that_is_off_knows_nothing_and_the_others_of_its_kind_go_on() -> None:
    world = Watched(levels={"coding_fits_octets": "off"})
    world.bound().submit(data_coding=8, short_message=b"odd", esm_class=0x40)
    finding = world.finding("coding_fits_octets")
    assert (finding.outcome, finding.level, finding.reason) == ("unknown", "off", "switched off")
    assert world.outcome("udh_sets_whole") == "failed"


def test_a_family_that_is_off_is_fed_nothing() -> None:
    world = Watched(levels={"coding_fits_octets": "off", "udh_sets_whole": "off"})
    assert len(world.watch._lint._families) == len(FAMILIES) - 1


def test_a_name_that_is_no_check_is_refused() -> None:
    with pytest.raises(ValueError, match="check: 'backs_of', one of sequence_unique, "):
        Watched(levels={"backs_of": "off"})


def test_a_reset_starts_over() -> None:
    world = Watched()
    gateway = world.bound()
    gateway.submit(data_coding=8, short_message=b"odd")
    world.smsc.reset(world.now)
    assert world.outcome("coding_fits_octets") == "unknown"
    gateway.submit()
    assert world.outcome("coding_fits_octets") == "coped"


def test_an_error_is_bad_and_a_warning_is_not() -> None:
    for level, is_bad in (("error", True), ("warning", False)):
        world = Watched(levels={"coding_fits_octets": level})
        world.bound().submit(data_coding=8, short_message=b"odd")
        assert world.finding("coding_fits_octets").is_bad is is_bad
        assert world.watch.verdict().is_bad is is_bad


def test_so_much_evidence_is_kept_and_the_rest_is_counted() -> None:
    check = Check("backs_off", "error", lambda: 7)
    for number in range(EXHIBITS_MAX + 5):
        check.failed(f"number {number}", 1.0, 2, b"x" * 10_000)
    finding = check.finding()
    assert (finding.failures, len(finding.evidence)) == (EXHIBITS_MAX + 5, EXHIBITS_MAX)
    assert finding.reason == f"number 0 ({EXHIBITS_MAX + 5} times, this is the first)"
    assert (finding.evidence[0].event, len(finding.evidence[0].pdu)) == (7, 4096)


def test_what_was_seen_once_is_told_so() -> None:
    check = Check("backs_off", "error", lambda: 7)
    check.passed()
    assert check.finding().reason == "held once"
