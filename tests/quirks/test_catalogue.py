"""All quirks of the catalogue are there, each with its fact and its test; and several of them may be played at once."""

from itertools import combinations
from random import Random

import pytest

from simulator.scenario.conflicts import conflicts
from simulator.scenario.file import load, shipped
from tests.quirks import (
    facts_c,
    facts_d,
    test_frames,
    test_links,
    test_receipt_texts,
    test_receipts,
    test_responses,
    test_sockets,
)
from tests.quirks.play import Gate, Play

CATALOGUE = (
    # group A, ids
    *("id-hex-resp-decimal-receipt id-decimal-resp-hex-receipt id-leading-zeros-differ".split()),
    *("id-case-or-separators-differ id-tlv-differs-from-text id-only-in-text id-only-in-tlv".split()),
    *("tlv-id-without-message-state id-overflows-64bit id-long-or-punctuated id-zero-or-reused".split()),
    *("id-padded-terminated-or-reencoded id-embedded-in-junk multipart-one-receipt".split()),
    # group B, when a receipt comes, whither and how often
    *("receipt-before-submit-resp receipt-on-other-bind receipt-on-transmitter-bind".split()),
    *("receipt-backlog-flush-on-bind receipt-duplicated receipt-poison-redelivery".split()),
    *("receipt-intermediate-then-final receipt-unsolicited receipt-accepted-then-silence".split()),
    *("receipt-final-after-final receipt-days-late receipt-burst receipts-stop-on-live-link".split()),
    # group C, the text of a receipt
    *("text-missing-fields text-label-variants text-date-formats stat-off-spec stat-unknown-means-pending".split()),
    *("err-nonstandard-width-or-alphabet err-zero-but-failed err-us-carrier-10dlc".split()),
    *("err-class-differs-by-bind-or-provider counts-contradict text-control-or-multiline text-truncated".split()),
    *("text-injection receipt-charset-mismatch receipt-in-message-payload".split()),
    # group D, marks, TLVs and addresses of a receipt
    *("receipt-esm-class-zero receipt-esm-class-odd-bits receipt-as-data-sm receipt-empty".split()),
    *("message-state-bad-or-contradictory network-error-code-malformed deliver-sm-must-be-null-fields-set".split()),
    *("receipt-addresses-unswapped-or-rewritten address-plus-and-ton-mismatch address-null-or-overlong".split()),
    # group E, responses, throttling and errors
    *("error-resp-header-only error-resp-with-body ok-resp-without-message-id resp-unexpected-tlvs".split()),
    *("resp-wrong-or-duplicate-sequence resp-out-of-order resp-late-or-never".split()),
    *("connection-lost-with-open-window nack-instead-of-resp throttle-storm throttle-mid-multipart".split()),
    *("window-overflow-rejected accepted-with-error-status status-vendor-specific".split()),
    *("status-wrong-for-the-cause submit-policy-tlv-required validity-or-schedule-mishandled".split()),
    "query-sm-unsupported-or-useless",
    # group F, frames
    *("tlv-vendor-unknown tlv-known-but-not-allowed tlv-bad-value-duplicate-or-empty".split()),
    *("tlv-length-overruns-pdu trailing-bytes-after-body sm-length-wrong short-message-nul-terminated".split()),
    *("command-length-garbage non-smpp-bytes pdus-coalesced pdu-split cstring-unterminated-or-overlong".split()),
    *("sequence-zero-or-high-bit unexpected-command".split()),
    # group G, links
    *("bind-already-bound-ghost-session bind-refused-while-reconnecting-fast bind-resp-no-version-tlv".split()),
    *("bind-resp-nonstandard-body bind-unspecific-or-misleading-status bind-parameter-strictness".split()),
    *("bind-ok-then-close bind-no-answer pdu-before-bind-resp enquire-link-not-answered".split()),
    *("enquire-link-required-by-smsc idle-drop unbind-from-smsc unbind-races half-open-link".split()),
    *("peer-stops-reading slow-drip-peer tls-surprises".split()),
    # group H, texts of subscribers
    *("dcs0-is-not-gsm7 dcs0-vendor-charset dcs0-packed-gsm7 gsm-at-sign-and-escape bytes-do-not-match-dcs".split()),
    *("dcs-gsm0338-values concat-16bit-ref-and-odd-udh udhi-flag-inconsistent payload-placement".split()),
    *("sar-tlvs-variants concat-parts-out-of-order-or-missing mo-empty ussd-over-smpp-variants".split()),
)
"""Its names, typed from the catalogue and not read from the folder."""

ON_SOCKETS = {"tls-surprises": test_sockets.test_the_doors_are_those_that_the_fact_names}
"""Quirks of which nothing is to be seen without sockets, and one of their tests."""

SEED = 20261121
"""Chooses which quirks are played together."""


def test_the_catalogue_has_115_quirks() -> None:
    assert len(set(CATALOGUE)) == len(CATALOGUE) == 115


def test_each_has_a_file_and_no_file_is_left_over() -> None:
    files = [name.removeprefix("quirks/") for name in shipped() if name.startswith("quirks/")]
    assert sorted(files) == sorted(CATALOGUE)


def test_each_has_a_fact() -> None:
    assert sorted([*facts_c.FACTS, *facts_d.FACTS]) == sorted(CATALOGUE)


def test_each_is_seen_by_a_test() -> None:
    seen = [*test_receipts.SCENES, *test_receipt_texts.SCENES]
    seen += [*test_responses.TALES, *test_frames.TALES, *test_links.TALES, *ON_SOCKETS]
    assert sorted(seen) == sorted(CATALOGUE)


# ---------------------------------------------------------------- several at once


def together(count: int, of: int) -> list[tuple[str, ...]]:
    """So many groups of quirks that do not conflict, chosen by chance."""
    luck, found = Random(f"{SEED} {count}"), list[tuple[str, ...]]()
    while len(found) < of:
        names = tuple(luck.sample(CATALOGUE, count))
        if not any(conflicts([load(f"quirks/{name}") for name in names], names)):
            found.append(names)
    return found


def traffic(play: Play) -> None:
    """A gateway that binds again whenever its link has ended, as a sender and as a receiver, too."""
    gates: dict[str, Gate] = {}
    for turn in range(12):
        for bind in ("TRX", "TX", "RX"):
            if bind not in gates or gates[bind].end is not None:
                gates[bind] = play.bound(bind=bind)
        for gate in (gates["TRX"], gates["TX"]):
            for number in range(4):
                if gate.session.is_open:
                    gate.submit_at_once(destination_addr=f"1202555{100 + number:04}", short_message=b"turn %d" % turn)
        play.run(7.0)
    play.run(120.0)


@pytest.mark.parametrize("names", [*together(2, of=10), *together(3, of=10)], ids="+".join)
def test_quirks_that_do_not_conflict_are_played_together(names: tuple[str, ...]) -> None:
    play = Play(*names)
    traffic(play)
    assert play.failures == []
    assert [quirk.name for quirk in play.watch.verdict().quirks] == list(names)


def test_what_two_quirks_do_to_one_receipt_is_done_both() -> None:
    play = Play("id-hex-resp-decimal-receipt", "text-date-formats", "receipt-esm-class-zero")
    gate = play.bound()
    (answer,) = gate.answers_to(gate.submit_at_once())
    play.run(60.0)
    (receipt,) = gate.frames_of("deliver_sm")
    assert receipt.number("esm_class") == 0
    assert int(receipt.found("id")) == int(answer.text("message_id"), 16)
    assert len(receipt.found("done date")) == 12
    assert set(play.fired) == {"hex-response-decimal-receipt", "dates-with-seconds", "receipts-without-their-mark"}


def test_quirks_that_fill_one_slot_are_a_conflict_with_names() -> None:
    pair = ("id-hex-resp-decimal-receipt", "id-decimal-resp-hex-receipt")
    (found,) = conflicts([load(f"quirks/{name}") for name in pair], pair)
    assert (found.earlier, found.later) == pair
    assert found.slots == ("ids.generate", "ids.response", "ids.text", "ids.tlv")


def test_each_pair_of_quirks_of_ids_is_a_conflict_or_gives_one_receipt() -> None:
    ids = [name for name in CATALOGUE if name.startswith("id-")]
    for names in combinations(ids, 2):
        if not any(conflicts([load(f"quirks/{name}") for name in names], names)):
            play = Play(*names)
            play.bound().submit_at_once()
            play.run(60.0)
            assert play.failures == []
            assert len(play.gates[0].frames_of("deliver_sm")) == 1
