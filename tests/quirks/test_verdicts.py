"""What is said of a gateway that meets a quirk of ids or receipts: coped, failed or unknown (catalogue groups A to D).

Three gateways meet each: one that copes and says so, one that does what the quirk's file says that breaks, and one
that answers well and says nothing.
"""

from collections.abc import Callable

import pytest

from tests.quirks.facts_c import FACTS, HUNDRED
from tests.quirks.gateways import (
    Reader,
    by_counts,
    by_error,
    by_network_error,
    by_number,
    by_the_letter,
    by_the_letter_or_failed,
    by_tlvs,
    refusing,
    tell,
    tell_truth,
    whatever_it_is,
)
from tests.quirks.play import Gate, Play
from tests.smsc.world import Decision, acknowledge

Traffic = Callable[[Play, Decision], None]

HOURS = 3600.0
SPEEDS = {"receipt-accepted-then-silence": HOURS, "receipt-days-late": HOURS}
SEEN_BY_THE_WIRE = {"address-null-or-overlong"}
"""Where nobody has to tell anything."""


def messages(gate: Gate, count: int) -> None:
    for number in range(100, 100 + count):
        gate.submit_at_once(destination_addr=f"1202555{number:04}")


def some_messages(play: Play, decide: Decision) -> None:
    messages(play.bound(decide=decide), 3)
    play.run(70)


def many_messages(play: Play, decide: Decision) -> None:
    messages(play.bound(decide=decide), 100)
    play.run(70)


def nine_days(play: Play, decide: Decision) -> None:
    messages(play.bound(decide=decide), 100)
    play.run(9 * 24)


def two_processes(play: Play, decide: Decision) -> None:
    first, _ = play.bound(decide=decide), play.bound(decide=decide)
    messages(first, 3)
    play.run(70)


def a_transmitter(play: Play, decide: Decision) -> None:
    messages(play.bound(bind="TX", decide=decide), 3)
    play.run(70)


def binds_again(play: Play, decide: Decision) -> None:
    messages(play.bound(decide=decide), 10)
    play.run(5)
    play.bound(decide=decide)
    play.run(70)


def misses_its_receipts(play: Play, decide: Decision) -> None:
    binds_again(play, decide)


def a_text_in_parts(play: Play, decide: Decision) -> None:
    gate = play.bound(decide=decide)
    for part in (1, 2, 3):
        gate.submit_at_once(esm_class=0x40, short_message=b"\x05\x00\x03\x2a\x03%c" % part + b"x" * 100)
    play.run(70)


TRAFFIC: dict[str, Traffic] = {
    "multipart-one-receipt": a_text_in_parts,
    "receipt-on-other-bind": two_processes,
    "receipt-on-transmitter-bind": a_transmitter,
    "receipt-backlog-flush-on-bind": binds_again,
    "receipts-stop-on-live-link": misses_its_receipts,
    "receipt-accepted-then-silence": nine_days,
    "receipt-days-late": nine_days,
}


def met(name: str, decide: Decision = acknowledge, traffic: Traffic | None = None) -> Play:
    play = Play(name, speed=SPEEDS.get(name, 1.0))
    usual = many_messages if FACTS[name].traffic == HUNDRED else some_messages
    (traffic or TRAFFIC.get(name, usual))(play, decide)
    return play


@pytest.mark.parametrize("name", FACTS)
def test_a_gateway_that_understands_all_and_says_so_has_coped(name: str) -> None:
    play = met(name)
    if name not in SEEN_BY_THE_WIRE:
        tell_truth(play)
    outcome, reason = play.verdict(name)
    assert outcome == "coped", reason


@pytest.mark.parametrize("name", [name for name in FACTS if name not in SEEN_BY_THE_WIRE])
def test_of_a_gateway_that_says_nothing_it_is_not_known(name: str) -> None:
    outcome, reason = met(name).verdict(name)
    assert outcome == "unknown", reason


HASTY = Reader(by_the_letter_or_failed, is_hasty=True)
LETTER, TLVS, ANYTHING = Reader(by_the_letter), Reader(by_tlvs), Reader(whatever_it_is)

BROKEN: dict[str, Reader] = {
    "id-hex-resp-decimal-receipt": ANYTHING,
    "id-decimal-resp-hex-receipt": ANYTHING,
    "id-leading-zeros-differ": ANYTHING,
    "id-case-or-separators-differ": ANYTHING,
    "id-tlv-differs-from-text": ANYTHING,
    "id-only-in-text": TLVS,
    "id-only-in-tlv": ANYTHING,
    "tlv-id-without-message-state": TLVS,
    "id-overflows-64bit": ANYTHING,
    "id-long-or-punctuated": LETTER,
    "id-zero-or-reused": ANYTHING,
    "id-padded-terminated-or-reencoded": LETTER,
    "id-embedded-in-junk": LETTER,
    "multipart-one-receipt": Reader(whatever_it_is, is_patient=True),
    "receipt-before-submit-resp": ANYTHING,
    "receipt-on-other-bind": ANYTHING,
    "receipt-backlog-flush-on-bind": ANYTHING,
    "receipt-duplicated": ANYTHING,
    "receipt-intermediate-then-final": ANYTHING,
    "receipt-unsolicited": ANYTHING,
    "receipt-accepted-then-silence": ANYTHING,
    "receipt-final-after-final": ANYTHING,
    "receipt-days-late": Reader(whatever_it_is, memory=24.0),
    "receipts-stop-on-live-link": ANYTHING,
    "text-missing-fields": LETTER,
    "text-label-variants": LETTER,
    "text-date-formats": LETTER,
    "stat-off-spec": LETTER,
    "stat-unknown-means-pending": HASTY,
    "err-nonstandard-width-or-alphabet": LETTER,
    "err-zero-but-failed": Reader(by_error),
    "err-us-carrier-10dlc": LETTER,
    "err-class-differs-by-bind-or-provider": Reader(by_error),
    "counts-contradict": Reader(by_counts),
    "text-control-or-multiline": LETTER,
    "text-truncated": LETTER,
    "text-injection": ANYTHING,
    "receipt-charset-mismatch": LETTER,
    "receipt-in-message-payload": LETTER,
    "receipt-esm-class-zero": LETTER,
    "receipt-esm-class-odd-bits": LETTER,
    "receipt-as-data-sm": LETTER,
    "receipt-empty": ANYTHING,
    "message-state-bad-or-contradictory": TLVS,
    "network-error-code-malformed": Reader(by_network_error),
    "receipt-addresses-unswapped-or-rewritten": Reader(by_number),
    "address-plus-and-ton-mismatch": Reader(by_number),
}
"""Gateways that take each delivery, and do not make of it what it means."""

RX_P_APPN, RINVSCHED, RINVSRCADR, RINVBNDSTS = 0x65, 0x61, 0x0A, 0x04
REFUSED: dict[str, Decision] = {
    "receipt-poison-redelivery": refusing("deliver_sm", status=RX_P_APPN),
    "receipt-on-transmitter-bind": refusing("deliver_sm", status=RINVBNDSTS),
    "receipt-burst": refusing("deliver_sm", status=RX_P_APPN),
    "receipt-backlog-flush-on-bind": refusing("deliver_sm", status=None),
    "receipt-as-data-sm": refusing("data_sm", status=None),
    "receipt-empty": refusing("deliver_sm", status=RX_P_APPN),
    "deliver-sm-must-be-null-fields-set": refusing("deliver_sm", status=RINVSCHED),
    "address-plus-and-ton-mismatch": refusing("deliver_sm", status=RINVSRCADR),
    "address-null-or-overlong": refusing("deliver_sm", status=RINVSRCADR),
}
"""Gateways that tell the truth, so far as they know it, and do not take each delivery: the wire alone shows it."""


@pytest.mark.parametrize("name", BROKEN)
def test_a_gateway_that_makes_something_else_of_it_has_failed(name: str) -> None:
    play = met(name)
    tell(play, BROKEN[name])
    outcome, reason = play.verdict(name)
    assert outcome == "failed", reason


@pytest.mark.parametrize("name", REFUSED)
def test_a_gateway_that_does_not_take_what_comes_has_failed_whatever_it_says(name: str) -> None:
    play = met(name, REFUSED[name])
    if name not in SEEN_BY_THE_WIRE:
        tell_truth(play)
    outcome, reason = play.verdict(name)
    assert outcome == "failed", reason


def test_a_gateway_that_never_misses_its_receipts_has_failed() -> None:
    play = met("receipts-stop-on-live-link", traffic=many_messages)
    tell_truth(play)
    outcome, reason = play.verdict("receipts-stop-on-live-link")
    assert (outcome, reason.partition(":")[0]) == ("failed", "the gateway misses its receipts and binds again")


@pytest.mark.parametrize("reader", dict.fromkeys(BROKEN.values()), ids=lambda reader: reader.name)
def test_these_gateways_are_well_where_there_is_no_quirk(reader: Reader) -> None:
    play = Play()
    many_messages(play, acknowledge)
    assert reader.told(play.gates[0]) == [(f"1202555{number:04}", "delivered") for number in range(100, 200)]


def test_each_quirk_breaks_a_gateway() -> None:
    assert sorted({*BROKEN, *REFUSED}) == sorted(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_where_a_quirk_has_not_happened_nothing_is_known(name: str) -> None:
    play = Play(name)
    outcome, reason = play.verdict(name)
    assert (outcome, "has not happened" in reason) == ("unknown", True)
