"""The cause matrix: what each dialect makes of the forty causes that a text can meet (issue point 6.9).

SignalWire's status, code and charge are typed from its documents: `failed` never left and is free, `undelivered` left
and is charged. What carriers say on the wire is one provider's numbering (Sinch) or GSM's. Flowroute's and SignalSMS's
columns are those of their configured tables, which nobody has published.
"""

import json
from typing import Any, NamedTuple

import pytest

from simulator.gateway.dialects.flowroute.settings import FlowrouteSettings
from simulator.gateway.dialects.flowroute.views import Views as FlowrouteViews
from simulator.gateway.dialects.signalsms.views import status_of
from simulator.gateway.dialects.signalwire import SignalwireSettings, demo, signalwire
from simulator.gateway.dialects.signalwire.codes import CXML, ERRS, WORDS, About, code_of
from simulator.gateway.messages import Cause, CauseKey, Message, NumberKind, Order, Progress, Status
from tests.gateway.dialects.small import NOW, Caller, SmallGateway, number

D, U, F, SENT = Status.DELIVERED, Status.UNDELIVERED, Status.FAILED, Status.SENT
SUBMITFAIL = 0x45


class Case(NamedTuple):
    """A row of the matrix: what the gateway hears, and what SignalWire, Flowroute and SignalSMS say then."""

    number: int
    key: str
    heard: Cause | None
    status: Status
    code: str | None
    flowroute: str
    signalsms: str
    setting: str = ""
    """What tells causes apart that share a number: the network, the sender, its campaign, the numbering."""


def receipt(stat: str, err: str = "000") -> Cause:
    return Cause("receipt", stat=stat, err=err)


def refused(status: int, key: CauseKey = "submit_refused") -> Cause:
    return Cause(key, command_status=status)


BLOCKED, UNREACHABLE = "message_blocked_by_carrier", "unreachable_destination_handset"
NO_REASON, NOT_HANDED = "rejected_by_receiving_carrier_for_unspecified_reason", "unable_to_deliver_to_carrier"
TOO_MUCH = "campaign_throughput_exceeded"

CASES = [
    Case(1, "delivered", receipt("DELIVRD"), D, None, "delivered", "delivered"),
    Case(2, "accepted_only", receipt("ACCEPTD"), SENT, None, "message buffered", "sent"),
    Case(3, "buffered", receipt("ENROUTE"), SENT, None, "message buffered", "sent"),
    Case(4, "no_receipt", None, SENT, None, "smsc submit", "sent"),
    Case(5, "absent_temporary", receipt("EXPIRED", "153"), U, UNREACHABLE, "expired", "expired"),
    Case(6, "unknown_subscriber", receipt("UNDELIV", "150"), U, "unknown_destination_handset", "undelivered", "failed"),
    Case(7, "landline_or_no_sms", receipt("UNDELIV", "152"), U, "unrouteable_message", "undelivered", "failed"),
    Case(
        8,
        "validity_expired_carrier",
        receipt("EXPIRED", "159"),
        U,
        "message_validity_period_expired_at_carrier",
        "expired",
        "expired",
    ),
    # "failed", says the catalogue, and no code: the nearest is told
    Case(9, "expired_in_platform_queue", Cause("queue_expired"), F, NOT_HANDED, "failed", "expired"),
    Case(10, "memory_full", receipt("UNDELIV", "158"), U, UNREACHABLE, "undelivered", "failed"),
    Case(11, "subscriber_busy", receipt("UNDELIV", "203"), U, UNREACHABLE, "undelivered", "failed"),
    Case(12, "barred", receipt("UNDELIV", "151"), U, BLOCKED, "undelivered", "failed"),
    Case(13, "prepaid_no_funds", receipt("UNDELIV"), U, NO_REASON, "undelivered", "failed"),
    Case(14, "carrier_spam", receipt("REJECTD", "015"), U, "carrier_violation", "rejected", "rejected"),
    Case(14, "carrier_spam", receipt("REJECTD", "255"), U, "carrier_violation", "rejected", "rejected", "toll_free"),
    Case(15, "shortened_url", receipt("REJECTD", "062"), U, "carrier_violation", "rejected", "rejected"),
    Case(16, "platform_spam", Cause("filtered_platform"), F, "message_filtered", "failed", "failed"),
    # a false receipt: nobody can know
    Case(17, "silent_filter", receipt("DELIVRD"), D, None, "delivered", "delivered"),
    Case(18, "opted_out_network", receipt("REJECTD", "257"), U, BLOCKED, "rejected", "rejected", "toll_free"),
    Case(19, "opted_out_platform", Cause("opted_out_platform"), F, "message_blocked_by_number", "failed", "failed"),
    Case(20, "sender_blocked", receipt("REJECTD", "060"), U, BLOCKED, "rejected", "rejected"),
    Case(21, "unregistered_10dlc", receipt("REJECTD", "060"), U, "inactive_campaign", "rejected", "rejected", "none"),
    Case(
        22,
        "campaign_inactive",
        receipt("REJECTD", "060"),
        U,
        "associated_campaign_inactive",
        "rejected",
        "rejected",
        "inactive",
    ),
    Case(
        22,
        "campaign_suspended",
        receipt("REJECTD", "060"),
        U,
        "associated_campaign_suspended",
        "rejected",
        "rejected",
        "suspended",
    ),
    Case(23, "att_tpm", receipt("REJECTD", "064"), U, TOO_MUCH, "rejected", "rejected", "AT&T"),
    Case(
        24, "tmo_daily", receipt("REJECTD", "064"), U, "tmobile_daily_limit_reached", "rejected", "rejected", "T-Mobile"
    ),
    Case(25, "other_volume", receipt("REJECTD", "064"), U, TOO_MUCH, "rejected", "rejected"),
    Case(26, "bad_tag", receipt("REJECTD", "334"), U, "unknown_error", "rejected", "rejected"),
    Case(27, "tollfree_unverified", receipt("REJECTD", "064"), U, BLOCKED, "rejected", "rejected", "toll_free"),
    Case(28, "invalid_source", refused(0x0A), F, "invalid_from_number", "failed", "failed"),
    Case(28, "invalid_source", receipt("REJECTD", "310"), U, "invalid_from_number", "rejected", "rejected"),
    Case(29, "invalid_destination", refused(0x0B), F, "invalid_to_number", "failed", "failed"),
    Case(29, "invalid_destination", receipt("UNDELIV", "300"), U, "invalid_to_number", "undelivered", "failed"),
    Case(30, "too_long", refused(0x01), F, "character_limit_exceeded", "failed", "failed"),
    Case(30, "too_long", receipt("REJECTD", "343"), U, "character_limit_exceeded", "rejected", "rejected"),
    Case(31, "congestion", refused(0x14, "retries_exhausted"), F, NOT_HANDED, "failed", "failed"),
    # it stays queued while it is tried again; what is told in the end is that it was not handed over
    Case(32, "throttled", refused(0x58, "retries_exhausted"), F, NOT_HANDED, "failed", "failed"),
    Case(33, "no_ack", Cause("no_answer"), F, NOT_HANDED, "failed", "failed"),
    Case(34, "no_route", Cause("no_route"), F, "unrouteable_message", "failed", "failed"),
    Case(34, "no_route", receipt("UNDELIV", "007"), U, "unrouteable_message", "undelivered", "failed"),
    Case(35, "shortcode_not_allowed", receipt("REJECTD", "060"), U, BLOCKED, "rejected", "rejected", "short_code"),
    Case(36, "age_restricted", receipt("REJECTD"), U, BLOCKED, "rejected", "rejected"),
    Case(37, "roaming_no_route", receipt("UNDELIV", "013"), U, UNREACHABLE, "undelivered", "failed"),
    # this numbering has none for it: in that of GSM there is one
    Case(38, "portability", receipt("UNDELIV", "002"), U, "unrouteable_message", "undelivered", "failed", "gsm"),
    Case(39, "traffic_inflation", receipt("REJECTD", "064"), U, TOO_MUCH, "rejected", "rejected"),
    Case(40, "unknown", receipt("UNKNOWN", "399"), U, "unknown_error", "unknown", "failed"),
    Case(40, "unknown", receipt("UNDELIV"), U, NO_REASON, "undelivered", "failed"),
]

SENDERS = {"toll_free": "18005550100", "short_code": "24273", "none": "12065550161", "inactive": "12065550162"}
SENDERS["suspended"] = "12065550163"
DESTINATIONS = {"AT&T": "13035550100", "T-Mobile": "12025550100"}


def a_gateway() -> SmallGateway:
    space = "demo-signalwire"
    return SmallGateway(
        number("12065550100", space, "signalwire"),
        number("18005550100", space, "signalwire", NumberKind.TOLL_FREE),
        number("24273", space, "signalwire", NumberKind.SHORT_CODE),
        *(
            number(SENDERS[state], space, "signalwire", settings={"campaign": state})
            for state in ("none", "inactive", "suspended")
        ),
        networks={"1303": "AT&T", "1202": "T-Mobile"},
    )


def a_message(case: Case) -> Message:
    """The message of a case, as the core has it in the end."""
    source = SENDERS.get(case.setting, "12065550100")
    destination = DESTINATIONS.get(case.setting, "12125550100")
    message = Message(Order("m", "signalwire", "demo-signalwire", source, destination, "hi", price=4_150_000))
    message.order.callback = "http://127.0.0.1:9/s"
    message.history = [Progress(Status.QUEUED, NOW)]
    return message


def test_every_cause_of_texts_has_a_row() -> None:
    assert {case.number for case in CASES} == set(range(1, 41))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number}-{case.key}-{case.setting}")
async def test_signalwire_tells_status_code_and_charge(case: Case) -> None:
    gateway = a_gateway()
    errs: Any = "gsm" if case.setting == "gsm" else "sinch"
    settings = demo().model_copy(update={"errs": errs})
    caller = Caller(gateway, signalwire(gateway, settings))
    caller.auth = ("demo-signalwire", "PT-demo-signalwire")
    message = a_message(case)
    gateway.messages.append(message)
    if case.status is not F:
        gateway.run(message, Status.INITIATED, SENT)
    if case.heard is not None:
        gateway.step(message, case.status, case.heard, is_change=case.status is not SENT)
    log = await caller.get("/api/messaging/logs/m")
    assert (log["status"], log["error_code"]) == (case.status.value, case.code)
    assert log["error_message"] == (None if case.code is None else WORDS[case.code])
    assert log["charge"] == (0 if case.status is F else 0.00415)
    told = [json.loads(callback.body) for callback in gateway.callbacks]
    assert (told[-1]["status"], told[-1]["error_code"]) == (case.status.value, case.code)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number}-{case.key}-{case.setting}")
def test_the_other_two_tell_words_of_their_tables(case: Case) -> None:
    message = a_message(case)
    message.status, message.cause = case.status, case.heard
    if case.status is not F:
        message.history.append(Progress(SENT, NOW))
    if case.heard is not None:
        message.history.append(Progress(case.status, NOW, case.heard, is_change=case.status is not SENT))
    views = FlowrouteViews(a_gateway(), FlowrouteSettings())
    assert views.record(message)["attributes"]["status"] == case.flowroute
    assert status_of(message) == case.signalsms


def test_every_code_that_can_be_told_has_words() -> None:
    told = {code for table in ERRS.values() for code in table.values() if not code.startswith("by ")}
    assert told | set(CXML) <= set(WORDS)


def test_the_operators_own_rows_go_first() -> None:
    about = About()
    assert code_of(receipt("REJECTD", "999"), about, given={"999": "carrier_violation"}) == "carrier_violation"
    assert code_of(receipt("REJECTD", "015"), about, given={"015": BLOCKED}) == BLOCKED
    assert SignalwireSettings().err_codes == {}


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (refused(SUBMITFAIL), NOT_HANDED),
        (refused(0x61), NO_REASON),
        (Cause("submit_refused", command_status=SUBMITFAIL, err="15"), "carrier_violation"),
        (Cause("retries_exhausted", command_status=SUBMITFAIL, err="777"), NOT_HANDED),
        (receipt("DELETED"), "unknown_error"),
        (receipt("REJECTD", "777"), BLOCKED),
        (Cause("too_long"), "character_limit_exceeded"),
    ],
)
def test_what_has_no_row_has_a_code_too(cause: Cause, code: str) -> None:
    assert code_of(cause, About()) == code


def test_a_short_code_has_no_campaign_that_could_be_inactive() -> None:
    assert code_of(receipt("REJECTD", "060"), About(kind=NumberKind.SHORT_CODE, campaign="inactive")) == BLOCKED
