"""A program asks what is so of messages, and not only what the gateway was told."""

import pytest

from simulator.embed.embedded import open_smsc
from simulator.embed.waiting import NotSeen
from simulator.scenario.file import parse
from tests.embed.gateway import bound

LIAR = parse(
    "scenario: 1\nnetworks: {one: {prefixes: [1], receipts: hub_first, delays: instant,"
    " filters: [{filter: content, where: lost}]}}"
)


def test_what_was_told_as_delivered_may_be_lost() -> None:
    with open_smsc(LIAR) as smsc, bound(smsc) as gateway:
        gateway.send(text="buy cannabis")
        seen = smsc.wait_for(state="DELIVRD", truth="LOST", receipt="sent")
        assert seen.truth is not None
        assert (seen.truth.network, seen.truth.cause) == ("one", "carrier_spam")
        assert [one.text for one in smsc.messages(truth="LOST")] == ["buy cannabis"]
        assert smsc.messages(truth="DELIVRD") == []
        assert smsc.journal.count("truth") == 1
        with pytest.raises(NotSeen, match="truth: wanted DELIVRD, got LOST"):
            smsc.wait_for(truth="DELIVRD", timeout=0.1)


def test_a_truth_that_is_none_is_refused() -> None:
    with open_smsc() as smsc:
        with pytest.raises(ValueError, match=r"truth: 'GONE', must be one of ENROUTE, .*LOST"):
            smsc.messages(truth="GONE")
        assert smsc.messages(truth="LOST") == []
