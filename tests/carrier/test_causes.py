"""The catalogue of causes, against what platforms and carriers publish, and the numbers that ask for a cause."""

import pytest

from simulator.carrier.causes import (
    ALIASES,
    CATALOGUE,
    DIALECTS,
    MAGIC,
    PLATFORMS,
    cause,
    cause_of_magic,
    codes_of,
    err_of,
    listed,
)
from simulator.carrier.messages import Cause

# number, key, where it shows, states, Sinch, Twilio's err, Bandwidth, Telnyx, Twilio, SignalWire, Vonage, retry:
# as published; codes of one cell are joined by blanks, nothing is "-", and a receipt has three digits
PUBLISHED = """
1 delivered|D|DELIVRD|0|000|delivered|delivered|delivered|delivered|0|-
2 accepted_only|D|ACCEPTD|-|-|9902|delivery_unconfirmed|sent|sent|accepted|-
3 buffered|D|ENROUTE|-|-|-|sent|sent|sent|buffered|wait
4 no_receipt|-|none|-|-|9902|dlr_timeout|sent|sent|-|-
5 absent_temporary|D|EXPIRED UNDELIV|153 201 202|001|4702|40008|30003|unreachable_destination_handset|2|yes
6 unknown_subscriber|SD|UNDELIV|150|005|4720 4721|40012|30005|unknown_destination_handset|3|no
7 landline_or_no_sms|SD|UNDELIV|152|007|4700|40001|30006|unrouteable_message|12|no
8 validity_expired_carrier|D|EXPIRED|159|-|4702|40005|30009|message_validity_period_expired_at_carrier|expired|maybe
9 expired_in_platform_queue|P|-|-|-|4360|40014|30001|-|-|yes
10 memory_full|D|UNDELIV EXPIRED|158 210|002|4702|40008|30003|unreachable_destination_handset|2|yes
11 subscriber_busy|D|UNDELIV|203|011|4702|40008|30003|unreachable_destination_handset|7|yes
12 barred|D|UNDELIV|151|009|4750|40004|30004|message_blocked_by_carrier|4 14|no
13 prepaid_no_funds|D|UNDELIV|-|-|4750|40004|30004|rejected_by_receiving_carrier_for_unspecified_reason|15|maybe
14 carrier_spam|SD|REJECTD UNDELIV|15 255|-|4770|40002 40003 40017|30007|carrier_violation|6|no
15 shortened_url|D|REJECTD|62|-|4771|40002|30007|carrier_violation|6|no
16 platform_spam|P|-|62|-|4470|40015|30007|message_filtered|-|no
17 silent_filter|D|DELIVRD none|0|000|delivered|delivered|delivered|delivered|0|-
18 opted_out_network|SD|REJECTD|257|-|4775|40300|21610|message_blocked_by_carrier|9|no
19 opted_out_platform|P|-|-|-|4482|40300|21610|message_blocked_by_number|9|no
20 sender_blocked|SD|REJECTD|60|-|4481 4772|40003|30004|message_blocked_by_carrier|14|no
21 unregistered_10dlc|SD|REJECTD|60|-|4774|40010|30034|inactive_campaign|-|no
22 campaign_inactive|SD|REJECTD|60|-|4773|40010|30034|associated_campaign_inactive associated_campaign_suspended|-|no
23 att_tpm|SD|REJECTD|64|-|4781|40018|30022|campaign_throughput_exceeded|-|later
24 tmo_daily|SD|REJECTD|64|-|4780|40016|30027|tmobile_daily_limit_reached|-|after midnight PT
25 other_volume|SD|REJECTD|64|-|4785|40011|30022|campaign_throughput_exceeded|-|later
26 bad_tag|SD|REJECTD|334|-|4774|40019|30008|unknown_error|-|no
27 tollfree_unverified|SD|REJECTD|64|-|4795|40329|30032|message_blocked_by_carrier|-|no
28 invalid_source|SD|REJECTD|310|-|4740|40013|21212|invalid_from_number|10|no
29 invalid_destination|SD|UNDELIV|300|-|4720|40012|21211 21614|invalid_to_number|12|no
30 too_long|SD|REJECTD|343|003|4751 4752|40009|21617|character_limit_exceeded|10|no
31 congestion|S|-|107 360|012|5600|40006|63011|unable_to_deliver_to_carrier|8|yes
32 throttled|S|-|64|-|5600|40011|20429|-|8|yes
33 no_ack|S|-|-|-|5630|gw_timeout|63011|unable_to_deliver_to_carrier|8|yes
34 no_route|PSD|UNDELIV|1 2 3 4 5 6 7 8 9 10 11 12|-|4730 4420|40001|30006|unrouteable_message|11|no
35 shortcode_not_allowed|D|REJECTD|60|-|4790 4791 4792 4793|40301|30004|message_blocked_by_carrier|14|no
36 age_restricted|D|REJECTD|-|-|4750|40004|30004|message_blocked_by_carrier|13|no
37 roaming_no_route|D|UNDELIV|13 14|-|4730|40008|30003|unreachable_destination_handset|12|maybe
38 portability|D|UNDELIV|-|-|4730|40004|30006|unrouteable_message|5|maybe
39 traffic_inflation|PS|REJECTD|64|-|4785|40020|-|campaign_throughput_exceeded|-|24 h
40 unknown|D|UNKNOWN UNDELIV|399|-|9999|40004 40008|30008|unknown_error \
rejected_by_receiving_carrier_for_unspecified_reason|1 99|maybe
41 mms_too_large|PD|Rejected|-|-|4411 4711|40317|11751|media_exceeds_size_limit|-|no
42 mms_type_unsupported|PD|Rejected Unrecognised|-|-|4412 4712|40304|30011|unsupported_media_type \
mms_expired_rejected_failed_or_unsupported|-|no
43 mms_expired|D|Expired|-|-|-|40005|30011|mms_expired_rejected_failed_or_unsupported|-|maybe
44 media_fetch_failed|P|-|-|-|4410|-|63019|media_download_failed media_connection_timeout media_request_failed|-|maybe
"""


def listed_text(key: str) -> str:
    """A row of the catalogue, written as the published ones are."""
    row = listed(key)
    places = "".join(
        letter for letter, place in {"P": "platform", "S": "submit", "D": "receipt"}.items() if place in row.shows
    )
    sinch = " ".join(code.lstrip("0") or "0" for code in row.codes("sinch"))
    columns = ("twilio_err", "bandwidth", "telnyx", "twilio", "signalwire", "vonage")
    states = " ".join(state or "none" for state in row.states)
    cells = [places, states, sinch, *(" ".join(row.codes(column)) for column in columns), row.retry]
    return "|".join([f"{row.number} {row.key}", *(cell or "-" for cell in cells)])


@pytest.mark.parametrize("line", PUBLISHED.strip().splitlines(), ids=lambda line: line.partition("|")[0])
def test_a_row_says_what_is_published(line):
    assert listed_text(line.split()[1].partition("|")[0]) == line


def test_there_are_the_44_causes_in_the_order_of_their_numbers():
    assert [row.number for row in CATALOGUE.values()] == list(range(1, 45))
    assert list(CATALOGUE) == [line.split()[1].partition("|")[0] for line in PUBLISHED.strip().splitlines()]


def test_every_first_code_holds_without_any_circumstance():
    assert all(cell[0][0] == "" for row in CATALOGUE.values() for cell in row.cells.values())


@pytest.mark.parametrize(
    ("key", "dialect", "circumstances", "err"),
    [
        ("absent_temporary", "sinch", (), "153"),
        ("absent_temporary", "sinch", ("detached",), "201"),
        ("absent_temporary", "sinch", ("no_page",), "202"),
        ("absent_temporary", "twilio", (), "001"),
        ("absent_temporary", "gsm", (), "027"),
        ("absent_temporary", "gsm", ("no_page",), "028"),
        ("absent_temporary", "gsm", ("detached",), "029"),
        ("unknown_subscriber", "gsm", (), "001"),
        ("barred", "gsm", (), "013"),
        ("subscriber_busy", "gsm", (), "031"),
        ("memory_full", "gsm", ("msc",), "040"),
        ("portability", "gsm", (), "002"),
        ("landline_or_no_sms", "gsm", (), "011"),
        ("congestion", "gsm", (), "999"),
        ("carrier_spam", "sinch", (), "015"),
        ("carrier_spam", "sinch", ("att", "toll_free"), "255"),
        ("carrier_spam", "twilio", (), "000"),
        ("prepaid_no_funds", "sinch", (), "399"),
        ("portability", "sinch", (), "399"),
        ("prepaid_no_funds", "gsm", (), "069"),
        ("no_ack", "sinch", (), "399"),
        ("accepted_only", "sinch", (), "000"),
        ("campaign_suspended", "sinch", (), "060"),
        ("queue_full", "sinch", (), "360"),
        ("congestion", "sinch", (), "107"),
        ("mms_too_large", "mm7", (), "2560"),
        ("mms_type_unsupported", "mm7", (), "2004"),
        ("media_fetch_failed", "mm7", (), "3003"),
        ("mms_too_large", "sinch", (), "000"),
    ],
)
def test_a_receipt_carries_the_err_of_its_dialect(key, dialect, circumstances, err):
    assert err_of(key, dialect, *circumstances) == err


@pytest.mark.parametrize("dialect", ["sinch", "twilio", "gsm"])
def test_every_err_has_three_digits(dialect):
    errs = [err_of(key, dialect) for key in CATALOGUE]
    assert [err for err in errs if len(err) != 3 or not err.isdigit()] == []


def test_a_platform_says_what_is_published():
    assert codes_of("tmo_daily") == {
        "bandwidth": "4780",
        "telnyx": "40016",
        "twilio": "30027",
        "signalwire_cxml": "30027",
        "signalwire": "tmobile_daily_limit_reached",
    }


@pytest.mark.parametrize(
    ("key", "circumstances", "platform", "code"),
    [
        ("carrier_spam", (), "telnyx", "40002"),
        ("carrier_spam", ("permanent",), "telnyx", "40003"),
        ("carrier_spam", ("att",), "telnyx", "40017"),
        ("barred", (), "vonage", "4"),
        ("barred", ("carrier",), "vonage", "14"),
        ("invalid_destination", ("landline",), "twilio", "21614"),
        ("deactivated", (), "bandwidth", "4721"),
        ("malformed", (), "bandwidth", "4752"),
        ("campaign_inactive", (), "signalwire", "associated_campaign_inactive"),
        ("campaign_suspended", (), "signalwire", "associated_campaign_suspended"),
        # numbers that Twilio alone has
        ("unregistered_10dlc", (), "signalwire_cxml", "21717"),
        ("campaign_inactive", (), "signalwire_cxml", "21717"),
        ("tollfree_unverified", (), "signalwire_cxml", "30004"),
    ],
)
def test_circumstances_pick_among_several_codes(key, circumstances, platform, code):
    assert codes_of(key, *circumstances)[platform] == code


def test_a_platform_that_says_nothing_is_left_out():
    assert "signalwire" not in codes_of("throttled")
    assert {platform for key in CATALOGUE for platform in codes_of(key)} == set(PLATFORMS)


def test_a_cause_is_what_a_verdict_carries():
    assert cause("absent_temporary") == Cause("absent_temporary", "153", is_temporary=True)
    assert cause("carrier_spam", "sinch", "toll_free") == Cause("carrier_spam", "255")
    assert cause("campaign_suspended", "gsm") == Cause("campaign_suspended", "300")


def test_what_passes_by_itself_is_temporary():
    temporary = "3 5 9 10 11 23 24 25 31 32 33 39"
    assert [row.number for row in CATALOGUE.values() if row.is_temporary] == [int(one) for one in temporary.split()]


@pytest.mark.parametrize("ask", [listed, cause, codes_of])
def test_an_unknown_cause_is_refused_with_a_guess(ask):
    with pytest.raises(ValueError, match=r"cause: 'carier_spam' is none; did you mean 'carrier_spam'\?"):
        ask("carier_spam")


def test_a_cause_that_resembles_none_is_refused_with_all_there_are():
    with pytest.raises(ValueError, match=r"cause: 'xyz' is none; one of delivered, .*, media_fetch_failed"):
        listed("xyz")


def test_an_unknown_dialect_is_refused():
    with pytest.raises(ValueError, match=r"error dialect: 'klingon', one of sinch, twilio, gsm, mm7"):
        err_of("barred", "klingon")
    assert DIALECTS == ("sinch", "twilio", "gsm", "mm7")


def test_an_alias_names_a_circumstance_that_its_row_has():
    for key, (row, circumstance) in ALIASES.items():
        assert key not in CATALOGUE
        assert circumstance in {one for cell in listed(row).cells.values() for one, _ in cell}


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("12025550100", "delivered"),
        ("+12025550100", "delivered"),
        ("12025550101", "delivered"),
        ("12025550106", "unknown_subscriber"),
        ("19195550114", "carrier_spam"),
        ("12125550118", "opted_out_network"),
        ("12125550124", "tmo_daily"),
        ("18005550127", "tollfree_unverified"),
        ("12125550144", "media_fetch_failed"),
        ("12125550145", None),
        ("12125550199", None),
        ("12125550200", None),
        ("12125551114", None),
        ("11125550114", None),
        ("2125550114", None),
        ("121255501144", None),
        ("447700900114", None),
        ("988", None),
    ],
)
def test_the_last_two_digits_of_a_magic_number_choose_the_cause(number, key):
    assert cause_of_magic(number) == key


def test_every_cause_has_a_magic_number_of_its_own():
    assert set(MAGIC.values()) == set(CATALOGUE)
    assert len(MAGIC) == 45
