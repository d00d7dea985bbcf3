"""Quirks of a receipt's text, marks, TLVs and addresses, on the octets of the wire (catalogue groups C and D)."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from simulator.journal import ACKNOWLEDGEMENT_PASSED, RECEIPT_ACKNOWLEDGED
from tests.quirks.facts_c import FLAGS, TEXTS, Fact
from tests.quirks.play import TO, Play, unseen
from tests.quirks.scenes import FAILING, Scene, Told, hundred, one, some, usual

FACTS = {**TEXTS, **FLAGS}
SCENES: dict[str, Scene] = {}


def scene(*names: str) -> Callable[[Scene], Scene]:
    def known(play: Scene) -> Scene:
        SCENES.update(dict.fromkeys(names, play))
        return play

    return known


@pytest.mark.parametrize("name", FACTS)
def test_a_quirk_shows_on_the_wire_what_its_fact_tells(name: str) -> None:
    play = Play(name)
    SCENES[name](play, FACTS[name])
    assert set(FACTS[name].fired) <= set(play.fired)
    assert play.failures == []


@pytest.mark.parametrize("name", FACTS)
def test_without_the_quirk_the_same_traffic_does_not_show_it(name: str) -> None:
    with pytest.raises(AssertionError):
        SCENES[name](Play(), FACTS[name])


@scene("text-label-variants", "counts-contradict")
@scene("text-control-or-multiline", "receipt-esm-class-zero", "message-state-bad-or-contradictory")
def all_is_told_by_the_table(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.id in told.receipt.message


# ---------------------------------------------------------------- C: what stands in a receipt's text


@scene("text-missing-fields")
def a_text_of_four_fields(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.receipt.found("id") == told.id


@scene("text-date-formats")
def dates_of_twelve_digits(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    submit, done = (play.smsc.clock.at(at) for at in (told.at, told.receipt.at))
    dates = [datetime.fromtimestamp(at, UTC).strftime("%y%m%d%H%M%S") for at in (submit, done)]
    assert f" submit date:{dates[0]} done date:{dates[1]} " in told.receipt.message


@scene("stat-off-spec")
def words_of_their_own(play: Play, fact: Fact) -> None:
    one(play, fact)
    assert one(play.another(beside=FAILING), fact._replace(seen=())).stories[0][1:] == (4, "FAILED", 5)


@scene("stat-unknown-means-pending")
def unknown_then_delivered(play: Play, fact: Fact) -> None:
    found = hundred(play)
    stories = [(0.5, 4, "UNKNOWN", 7), (10.5, 4, "DELIVRD", 2)]
    some(play, found, "unknown-then-delivered", (12, 40), lambda told: told.stories == stories)
    for told in found.values():
        assert unseen(fact.seen, told.receipts) == []
        assert usual(told) or [receipt.found("id") for receipt in told.receipts] == [told.id, told.id]


@scene("err-nonstandard-width-or-alphabet")
def four_digits_of_err(play: Play, fact: Fact) -> None:
    one(play, fact)
    other = play.another()
    other.smsc.phones.switch(TO, other.now, is_on=False)
    # half a minute, which is all the time that it has
    told = one(other, fact._replace(seen=()), validity_period="000000000030000R")
    assert (told.receipt.found("stat"), told.receipt.found("err")) == ("EXPIRED", "0027")


@scene("err-zero-but-failed")
def a_failure_with_err_zero(play: Play, fact: Fact) -> None:
    found = hundred(play)
    some(play, found, "failed-without-err", (12, 40), lambda told: not unseen(fact.seen, told.receipts))
    for told in found.values():
        assert usual(told) or told.stories == [(2.0, 4, "UNDELIV", 5)]


@scene("err-us-carrier-10dlc")
def refused_or_reported_as_spam(play: Play, fact: Fact) -> None:
    found = hundred(play)

    def refused(told: Told) -> bool:
        return told.answer.octets[:12] == bytes.fromhex("00000010800000040000128e") and not told.receipts

    def reported(told: Told) -> bool:
        return not told.answer.command_status and not unseen(fact.seen, told.receipts) and told.stories[0][0] == 2.0

    some(play, found, "refused-as-spam", (2, 22), refused)
    # a message for which both fire is refused: of it nothing is reported
    shown = {number for number, told in found.items() if reported(told)}
    assert 2 <= len(shown) <= 22
    assert shown == play.fired_for("reported-as-spam") - play.fired_for("refused-as-spam")
    assert all(refused(told) or reported(told) or usual(told) for told in found.values())


@scene("err-class-differs-by-bind-or-provider")
def one_err_of_two_meanings(play: Play, fact: Fact) -> None:
    found = hundred(play)

    def shows(stat: str, text: str) -> Callable[[Told], bool]:
        return lambda told: (
            told.receipt.found("stat") == stat and told.receipt.message.endswith(f" err:075 Text:{text}")
        )

    shown = [told for told in found.values() if told.receipt.found("err") == "075"]
    for stat, text in (("UNDELIV", "-PROFILE"), ("EXPIRED", "ABSENT")):
        assert 2 <= sum(map(shows(stat, text), shown)) <= 22
    assert unseen(fact.seen, [told.receipt for told in shown]) == []
    assert all(usual(told) for told in found.values() if told not in shown)


@scene("text-truncated")
def a_text_without_its_end(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.receipt.number("sm_length") == len(told.receipt.octets_of("short_message"))
    assert told.tlv_id == told.receipt.found("id") == told.id


@scene("text-injection")
def a_receipt_within_a_receipt(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.receipt.message.startswith(f"id:{told.id} ")


@scene("receipt-charset-mismatch")
def ascii_called_ucs2(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    gate = Play().bound()
    gate.submit_at_once()
    gate.world.run(60)
    (plain,) = gate.receipts
    octets = told.receipt.octets
    differing = [at for at, octet in enumerate(octets) if octet != plain.octets[at]]
    assert len(octets) == len(plain.octets)
    # sm_default_msg_id and sm_length stand between data_coding and the text
    assert differing == [octets.index(b"id:") - 3]


@scene("receipt-in-message-payload")
def a_text_in_the_payload(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.receipt.found("id") == told.id == told.tlv_id


# ---------------------------------------------------------------- D: marks, TLVs and addresses


@scene("receipt-esm-class-odd-bits")
def a_header_that_is_not_there(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.receipt.octets_of("short_message")[:1] == b"\x69"
    assert told.receipt.found("id") == told.id


@scene("receipt-as-data-sm")
def receipts_as_data_sm(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.receipt.octets[4:8] == b"\0\0\x01\x03"
    assert told.receipt.found("id") == told.id == told.tlv_id
    assert play.kinds(RECEIPT_ACKNOWLEDGED) == 1


@scene("receipt-empty")
def receipts_with_nothing_in_them(play: Play, fact: Fact) -> None:
    found = hundred(play)
    some(play, found, "nothing-in-a-receipt", (8, 35), lambda told: not unseen(fact.seen, told.receipts))
    for told in found.values():
        # sm_length is the last octet of such a one
        assert told.receipt.octets[-1:] == b"\0" if not told.receipt.message else usual(told)


@scene("network-error-code-malformed")
def three_digits_for_three_octets(play: Play, fact: Fact) -> None:
    found = hundred(play)
    for told in found.values():
        assert unseen(fact.seen, told.receipts) == []
        code = b"000" if told.receipt.found("stat") == "DELIVRD" else b"034"
        assert told.receipt.octets.count(b"\x04\x23\x00\x03" + code) == 1
        assert [tag for tag, _ in told.receipt.tlvs].count(0x0423) == 1
    stories = (4, "UNDELIV", 5)
    some(play, found, "digits-on-failure", (8, 35), lambda told: told.stories[0][1:] == stories)
    assert {told.receipt.found("err") for told in found.values()} == {"000", "034"}


@scene("deliver-sm-must-be-null-fields-set")
def fields_that_must_be_empty(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.receipt.found("id") == told.id
    assert [play.kinds(kind) for kind in (RECEIPT_ACKNOWLEDGED, ACKNOWLEDGEMENT_PASSED)] == [1, 0]


@scene("receipt-addresses-unswapped-or-rewritten")
def addresses_as_they_were_submitted(play: Play, fact: Fact) -> None:
    told = one(play, fact, source_addr_ton=3, source_addr_npi=8, dest_addr_ton=1, dest_addr_npi=1)
    # service_type, source, destination
    assert told.receipt.octets[16:].startswith(b"\0\x03\x085555\0\x01\x0112025550100\0")


@scene("address-plus-and-ton-mismatch")
def a_plus_in_front_of_each_number(play: Play, fact: Fact) -> None:
    one(play, fact)
    one(play.another(), fact, destination_addr="+12025550100")


@scene("address-null-or-overlong")
def a_message_from_nobody(play: Play, fact: Fact) -> None:
    gate, begin = play.bound(), play.now
    play.run(2)
    assert unseen(fact.seen, gate.frames) == []
    (message,) = gate.frames_of("deliver_sm")
    assert message.at == begin + 1
    assert message.octets[16:20] == b"\0\0\0\0"


def test_every_fact_of_these_groups_has_its_scene() -> None:
    assert sorted(FACTS) == sorted(SCENES)
