"""All 44 causes as gateways meet them: magic numbers make each happen, and each dialect spells it.

Typed from the catalogue that was made of what Sinch, Twilio, Bandwidth, Telnyx, SignalWire and Vonage publish; that
codes of one row mean the same is inferred [I] there, and so is the whole dialect `gsm`.
"""

from functools import cache
from math import inf

import pytest

from simulator.carrier.causes import CATALOGUE, codes_of, listed
from tests.carrier.published.shipped import NOON, PHONES, Shipped, Told

# number and key; what the gateway is told; err in the dialects sinch, twilio, gsm; the codes at Bandwidth, Telnyx,
# Twilio, SignalWire and Vonage; whether sending again helps. What only platforms or MMS have is delivered here
MET = """
1 delivered|DELIVRD|000 000 000|delivered delivered delivered delivered 0|no
2 accepted_only|ACCEPTD|000 000 000|9902 delivery_unconfirmed sent sent accepted|no
3 buffered|ENROUTE DELIVRD|000 000 000|- sent sent sent buffered|yes
4 no_receipt|nothing|-|9902 dlr_timeout sent sent -|no
5 absent_temporary|EXPIRED|153 001 027|4702 40008 30003 unreachable_destination_handset 2|yes
6 unknown_subscriber|UNDELIV|150 005 001|4720 40012 30005 unknown_destination_handset 3|no
7 landline_or_no_sms|UNDELIV|152 007 011|4700 40001 30006 unrouteable_message 12|no
8 validity_expired_carrier|EXPIRED|159 000 027|4702 40005 30009 message_validity_period_expired_at_carrier expired|no
9 expired_in_platform_queue|DELIVRD|000 000 000|4360 40014 30001 - -|yes
10 memory_full|UNDELIV|158 002 033|4702 40008 30003 unreachable_destination_handset 2|yes
11 subscriber_busy|UNDELIV|203 011 031|4702 40008 30003 unreachable_destination_handset 7|yes
12 barred|UNDELIV|151 009 013|4750 40004 30004 message_blocked_by_carrier 4|no
13 prepaid_no_funds|UNDELIV|399 000 069|4750 40004 30004 rejected_by_receiving_carrier_for_unspecified_reason 15|no
14 carrier_spam|REJECTD|015 000 300|4770 40002 30007 carrier_violation 6|no
15 shortened_url|REJECTD|062 000 300|4771 40002 30007 carrier_violation 6|no
16 platform_spam|DELIVRD|000 000 000|4470 40015 30007 message_filtered -|no
17 silent_filter|DELIVRD|000 000 000|delivered delivered delivered delivered 0|no
18 opted_out_network|REJECTD|257 000 300|4775 40300 21610 message_blocked_by_carrier 9|no
19 opted_out_platform|DELIVRD|000 000 000|4482 40300 21610 message_blocked_by_number 9|no
20 sender_blocked|REJECTD|060 000 300|4481 40003 30004 message_blocked_by_carrier 14|no
21 unregistered_10dlc|REJECTD|060 000 300|4774 40010 30034 inactive_campaign -|no
22 campaign_inactive|REJECTD|060 000 300|4773 40010 30034 associated_campaign_inactive -|no
23 att_tpm|REJECTD|064 000 069|4781 40018 30022 campaign_throughput_exceeded -|yes
24 tmo_daily|REJECTD|064 000 069|4780 40016 30027 tmobile_daily_limit_reached -|yes
25 other_volume|REJECTD|064 000 069|4785 40011 30022 campaign_throughput_exceeded -|yes
26 bad_tag|REJECTD|334 000 301|4774 40019 30008 unknown_error -|no
27 tollfree_unverified|REJECTD|064 000 300|4795 40329 30032 message_blocked_by_carrier -|no
28 invalid_source|REJECTD|310 000 300|4740 40013 21212 invalid_from_number 10|no
29 invalid_destination|UNDELIV|300 000 010|4720 40012 21211 invalid_to_number 12|no
30 too_long|REJECTD|343 003 301|4751 40009 21617 character_limit_exceeded 10|no
31 congestion|refused|107 012 999|5600 40006 63011 unable_to_deliver_to_carrier 8|yes
32 throttled|refused|064 000 999|5600 40011 20429 - 8|yes
33 no_ack|silence|399 000 203|5630 gw_timeout 63011 unable_to_deliver_to_carrier 8|yes
34 no_route|UNDELIV|001 000 010|4730 40001 30006 unrouteable_message 11|no
35 shortcode_not_allowed|REJECTD|060 000 300|4790 40301 30004 message_blocked_by_carrier 14|no
36 age_restricted|REJECTD|399 000 300|4750 40004 30004 message_blocked_by_carrier 13|no
37 roaming_no_route|UNDELIV|013 000 027|4730 40008 30003 unreachable_destination_handset 12|no
38 portability|UNDELIV|399 000 002|4730 40004 30006 unrouteable_message 5|no
39 traffic_inflation|refused|064 000 069|4785 40020 - campaign_throughput_exceeded -|yes
40 unknown|UNKNOWN|399 000 069|9999 40004 30008 unknown_error 1|no
41 mms_too_large|DELIVRD|000 000 000|4411 40317 11751 media_exceeds_size_limit -|no
42 mms_type_unsupported|DELIVRD|000 000 000|4412 40304 30011 unsupported_media_type -|no
43 mms_expired|DELIVRD|000 000 000|- 40005 30011 mms_expired_rejected_failed_or_unsupported -|no
44 media_fetch_failed|DELIVRD|000 000 000|4410 - 63019 media_download_failed -|no
"""
ROWS = [(int(line.split()[0]), *line.partition(" ")[2].split("|")) for line in MET.strip().splitlines()]
ATT, TMOBILE, VERIZON, US_CELLULAR = (PHONES[name] for name in ("att", "tmobile", "verizon", "us-cellular"))
PLATFORMS = ("bandwidth", "telnyx", "twilio", "signalwire", "vonage")
NOT_HERE = {"9", "16", "19", "41", "42", "43", "44"}
"""What no carrier makes of an SMS."""


@cache
def spoken(dialect: str) -> Shipped:
    """The shipped AT&T in another dialect, and magic numbers."""
    words = f"{{att: {{dialect: {{table: {dialect}, circumstances: []}}, delays: instant}}}}"
    return Shipped(f"numbers: {{magic: true}}\nnetworks: {words}", "att")


def met(dialect: str, number: int, **fields: bool) -> tuple[str, str]:
    """What the gateway is told, and the err of the last word."""
    verdict = spoken(dialect).verdict(f"120255501{number:02}", "15105550100", **fields)
    if not verdict.accepted:
        assert verdict.cause is not None
        return "silence" if verdict.respond_after == inf else "refused", verdict.cause.err
    if not verdict.outcomes:
        return "nothing", "-"
    last = verdict.outcomes[-1].cause
    return " ".join(one.state for one in verdict.outcomes), "000" if last is None else last.err


@pytest.mark.parametrize(("number", "key", "told", "errs", "codes", "again"), ROWS)
def test_a_magic_number_makes_its_cause_happen(
    number: int, key: str, told: str, errs: str, codes: str, again: str
) -> None:
    for dialect, err in zip(("sinch", "twilio", "gsm"), errs.split() if errs != "-" else "---", strict=True):
        assert met(dialect, number) == (told, err)
    truth = spoken("sinch").truth
    if str(number) in NOT_HERE or key == "delivered":
        assert (truth.state, truth.cause) == ("DELIVRD", "")
    else:
        state = {"silence": "REFUSED", "refused": "REFUSED", "nothing": "DELIVRD", "ACCEPTD": "DELIVRD"}.get(told, told)
        state = "" if key == "silent_filter" else state.rpartition(" ")[2]
        assert (truth.state, truth.cause, truth.why) == (state, key, "the number asks for it")
    usual = codes_of(key)
    assert [usual.get(platform, "-") for platform in PLATFORMS] == codes.split()
    assert listed(key).is_temporary is (again == "yes")


def test_there_is_a_row_for_each_of_the_44() -> None:
    assert [row[0] for row in ROWS] == list(range(1, 45))
    assert [row[1] for row in ROWS] == list(CATALOGUE)


def test_whoever_asks_for_progress_hears_of_it_before_the_end() -> None:
    assert met("sinch", 6, wants_progress=True) == ("ENROUTE UNDELIV", "150")
    # this one says by itself that nothing is decided yet
    assert met("sinch", 3, wants_progress=True) == ("ENROUTE DELIVRD", "000")
    assert met("sinch", 4, wants_progress=True) == ("nothing", "-")


def test_whom_a_rule_lets_in_is_delivered_to_where_the_cause_is_a_refusal() -> None:
    world = spoken("sinch")
    letter = world.letter("12025550132", "15105550100")
    assert [one.state for one in world.networks.plan(letter, NOON).outcomes] == ["DELIVRD"]
    letter = world.letter("12025550106", "15105550100")
    assert [one.state for one in world.networks.plan(letter, NOON).outcomes] == ["UNDELIV"]


def test_numbers_without_a_row_are_left_to_chance_and_strangers_are_blocked_before() -> None:
    assert met("sinch", 45)[0] in {"DELIVRD", "nothing", "UNDELIV", "EXPIRED"}
    assert spoken("sinch").send("12025550106", "15105550199").cause == "unregistered_10dlc"


@pytest.mark.parametrize(
    ("to", "sender", "text", "told"),
    [
        # the toll-free network has its own reading of the same causes
        (ATT, "18005550100", "cheap cannabis, reply STOP to end", Told("REJECTD", "carrier_spam", "255")),
        (ATT, "18005550100", "see https://bit.ly/x or reply STOP", Told("REJECTD", "shortened_url", "062")),
        (ATT, "18005550101", "reply STOP to end", Told("REFUSED", "tollfree_unverified", "064")),
        (ATT, "15105550100", "cheap cannabis", Told("REJECTD", "carrier_spam", "015")),
        (ATT, "15105550199", "hello", Told("REJECTD", "unregistered_10dlc", "060")),
        (TMOBILE, "15105550199", "hello", Told("REJECTD", "unregistered_10dlc", "060")),
        (TMOBILE, "15105550100", "cheap cannabis", Told("REJECTD", "carrier_spam", "015")),
        # Verizon's hub has told before anybody looked, US Cellular tells of acceptance and no more
        (VERIZON, "15105550100", "cheap cannabis", Told("DELIVRD")),
        (US_CELLULAR, "15105550100", "hello", Told("ACCEPTD", "accepted_only", "000")),
    ],
)
def test_each_network_tells_a_cause_in_its_own_words_and_place(to: str, sender: str, text: str, told: Told) -> None:
    assert Shipped().send(to, sender, text=text) == told


def test_platforms_tell_apart_what_att_and_what_others_call_spam() -> None:
    assert [codes_of("carrier_spam", *words)["telnyx"] for words in ((), ("att",), ("permanent",))] == [
        *("40002", "40017", "40003"),
    ]
