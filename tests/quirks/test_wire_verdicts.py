"""What is said of a gateway that meets a quirk of responses, frames, links or texts: coped, failed or unknown.

Three gateways meet each: one that copes and says so, one that does what the quirk's file says that breaks, and one
that copes and says nothing (catalogue groups E to H).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from simulator.smpp.pdus import QuerySm
from simulator.smpp.tlvs import Tlv
from simulator.smsc.memory.evidence import Secured
from tests.quirks.esme import COPES, Esme, Habits, otherwise
from tests.quirks.facts_d import FACTS
from tests.quirks.gateways import refusing
from tests.quirks.play import Play
from tests.quirks.tales import hi

RX_P_APPN, ROPTPARNOTALLWD = 0x65, 0xC1


def to(number: int, **fields: object) -> dict[str, object]:
    """A message to that number."""
    return {"destination_addr": f"1202555{number:04}"} | fields


def part(number: int) -> dict[str, object]:
    return {"esm_class": 0x40, "short_message": b"\x05\x00\x03\x2a\x03%cpart" % number}


BOTH = (Tlv(0x1400, b"1101\0"), Tlv(0x1401, b"1107\0"))
TWO, FIVE = (to(100), to(101)), tuple(to(number) for number in range(100, 105))
AT_ONCE = otherwise(window=8)


@dataclass
class Case:
    """How gateways meet a quirk: with what they have to send, and with what habits that are not bad."""

    letters: tuple[dict[str, object], ...] = TWO
    habits: Habits = COPES
    bind: dict[str, object] = field(default_factory=dict)
    then: Callable[[Esme], None] = lambda _: None
    """What else it does in the end."""
    written: tuple[str, ...] = ()
    """The sources of subscribers' messages of which it tells, in this order."""
    status: str = "intact"


def asks(esme: Esme) -> None:
    """It wants to know what became of a message."""
    assert esme.link is not None
    (name, *_) = esme.letters[0].names
    esme.link.send(QuerySm(message_id=name, source_addr_ton=1, source_addr_npi=1, source_addr="5555"))
    esme.live(10)


def writes(source: int, times: int = 1, status: str = "intact") -> Case:
    """What that subscriber has written is told of."""
    return Case(written=(f"12025550{source}",) * times, status=status)


def secured(esme: Esme) -> None:
    """Its link is one of TLS: what was sent so far was only the beginning."""
    assert esme.link is not None
    esme.link.session.tls = Secured("TLSv1.3", "any", None)
    for letter in esme.letters:
        letter.status = "waiting"
    esme.live(60)


CASES: dict[str, Case] = {
    "resp-out-of-order": Case(FIVE, AT_ONCE),
    "throttle-storm": Case(FIVE, AT_ONCE),
    "throttle-mid-multipart": Case((part(1), part(2), part(3)), AT_ONCE),
    "window-overflow-rejected": Case(FIVE, AT_ONCE),
    "submit-policy-tlv-required": Case((to(100), to(101, tlvs=BOTH))),
    "validity-or-schedule-mishandled": Case(
        (to(100, validity_period="000001000000000R"), to(101)), otherwise(ends="expired")
    ),
    "query-sm-unsupported-or-useless": Case(then=asks),
    "tlv-bad-value-duplicate-or-empty": writes(133),
    "short-message-nul-terminated": writes(137),
    "bind-parameter-strictness": Case(bind={"system_type": "VMA"}),
    "enquire-link-not-answered": Case(tuple(to(number) for number in range(100, 116)), otherwise(every=10.0)),
    "unbind-races": Case(then=Esme.leave),
    "half-open-link": Case(FIVE, otherwise(resends_unanswered=True)),
    "peer-stops-reading": Case(FIVE, otherwise(patience=60.0)),
    "slow-drip-peer": Case(FIVE),
    "tls-surprises": Case((to(100), to(101), to(102)), then=secured),
    "dcs0-is-not-gsm7": writes(161),
    "dcs0-vendor-charset": writes(162),
    "dcs0-packed-gsm7": writes(163, 3),
    "gsm-at-sign-and-escape": writes(164, 3),
    "bytes-do-not-match-dcs": writes(166, status="unreadable"),
    "dcs-gsm0338-values": writes(167, 2),
    "concat-16bit-ref-and-odd-udh": writes(169),
    "udhi-flag-inconsistent": writes(170),
    "payload-placement": writes(171),
    "sar-tlvs-variants": writes(172),
    "concat-parts-out-of-order-or-missing": writes(173),
    "mo-empty": writes(174),
    "ussd-over-smpp-variants": writes(175, status="ended"),
}


def met(name: str, habits: Habits | None = None, *, says: str | None = "", **bind: object) -> tuple[str, str]:
    """The verdict on a gateway; ``says`` is what it tells of everything instead of the truth, None: nothing at all."""
    play, case = Play(name), CASES.get(name, Case())
    esme = Esme(play, *case.letters, habits=habits or case.habits, **(case.bind | bind))
    esme.tells = says == ""
    esme.live(150)
    case.then(esme)
    if says == "":
        esme.tell()
    elif says is not None:
        for letter in case.letters:
            play.watch.observe(str(hi(**letter).destination_addr), says)
    for source in case.written if says is not None else ():
        play.watch.observe(source, says or case.status)
    return play.verdict(name)


@pytest.mark.parametrize("name", FACTS)
def test_a_gateway_that_copes_and_says_so_has_coped(name: str) -> None:
    outcome, reason = met(name)
    assert outcome == "coped", reason


@pytest.mark.parametrize("name", FACTS)
def test_of_a_gateway_that_says_nothing_it_is_not_known(name: str) -> None:
    outcome, reason = met(name, says=None)
    assert outcome == "unknown", reason


GOES, REFUSES = otherwise(leaves_at="submit_sm_resp"), otherwise(decides=refusing("deliver_sm", status=RX_P_APPN))
STAYS_AWAY, STORMS = otherwise(rebinds=False), otherwise(pause=0.0)
MISREADS, IMPATIENT = otherwise(leaves_at="malformed"), otherwise(leaves_at="silence")
SILENT = otherwise(decides=refusing("deliver_sm", status=None))
DOUBLES = otherwise(resends_answered=True)

BROKEN: dict[str, Habits] = {
    "error-resp-header-only": GOES,
    "error-resp-with-body": GOES,
    "ok-resp-without-message-id": GOES,
    "resp-unexpected-tlvs": DOUBLES,
    "resp-wrong-or-duplicate-sequence": GOES,
    "resp-late-or-never": otherwise(resends_unanswered=True),
    "connection-lost-with-open-window": REFUSES,
    "nack-instead-of-resp": otherwise(leaves_at="generic_nack"),
    "throttle-storm": otherwise(window=8, resends_at_once=True),
    "throttle-mid-multipart": otherwise(window=8, resends_answered=True),
    "window-overflow-rejected": otherwise(window=8, gives_up=True),
    "accepted-with-error-status": otherwise(resends_at_once=True),
    "status-vendor-specific": GOES,
    "status-wrong-for-the-cause": otherwise(never_gives_up=True),
    "submit-policy-tlv-required": otherwise(never_gives_up=True),
    "validity-or-schedule-mishandled": IMPATIENT,
    "query-sm-unsupported-or-useless": otherwise(leaves_at="generic_nack"),
    "tlv-vendor-unknown": REFUSES,
    "tlv-known-but-not-allowed": otherwise(decides=refusing("deliver_sm", status=ROPTPARNOTALLWD)),
    "tlv-bad-value-duplicate-or-empty": REFUSES,
    "tlv-length-overruns-pdu": MISREADS,
    "trailing-bytes-after-body": MISREADS,
    "sm-length-wrong": MISREADS,
    "command-length-garbage": STAYS_AWAY,
    "non-smpp-bytes": STAYS_AWAY,
    "pdus-coalesced": SILENT,
    "pdu-split": otherwise(leaves_at="deliver_sm"),
    "cstring-unterminated-or-overlong": MISREADS,
    "sequence-zero-or-high-bit": SILENT,
    "unexpected-command": otherwise(leaves_at="alert_notification"),
    "bind-already-bound-ghost-session": STORMS,
    "bind-refused-while-reconnecting-fast": STORMS,
    "bind-resp-no-version-tlv": REFUSES,
    "bind-resp-nonstandard-body": otherwise(leaves_at="bind_transceiver_resp"),
    "bind-unspecific-or-misleading-status": STAYS_AWAY,
    "bind-ok-then-close": STAYS_AWAY,
    "bind-no-answer": STAYS_AWAY,
    "pdu-before-bind-resp": otherwise(leaves_at="enquire_link"),
    "enquire-link-not-answered": otherwise(every=10.0, leaves_at="silence"),
    "enquire-link-required-by-smsc": otherwise(answers=False),
    "idle-drop": STAYS_AWAY,
    "unbind-from-smsc": otherwise(answers=False, obeys=False),
    "unbind-races": DOUBLES,
    "half-open-link": otherwise(enquires=False),
    "slow-drip-peer": otherwise(leaves_at="silence", patience=10.0),
    "bytes-do-not-match-dcs": REFUSES,
    "concat-16bit-ref-and-odd-udh": REFUSES,
    "udhi-flag-inconsistent": REFUSES,
    "sar-tlvs-variants": REFUSES,
    "mo-empty": REFUSES,
}
"""Gateways whose bad habit the wire shows, whatever they say; or that do not have to say what they have not."""

MANGLED: dict[str, str] = {
    "resp-out-of-order": "unknown",
    "short-message-nul-terminated": "mangled",
    "peer-stops-reading": "failed",
    "tls-surprises": "failed",
    "dcs0-is-not-gsm7": "mangled",
    "dcs0-vendor-charset": "mangled",
    "dcs0-packed-gsm7": "mangled",
    "gsm-at-sign-and-escape": "mangled",
    "bytes-do-not-match-dcs": "mangled",
    "dcs-gsm0338-values": "mangled",
    "concat-16bit-ref-and-odd-udh": "mangled",
    "udhi-flag-inconsistent": "mangled",
    "payload-placement": "empty",
    "sar-tlvs-variants": "mangled",
    "concat-parts-out-of-order-or-missing": "mangled",
    "ussd-over-smpp-variants": "open",
}
"""What gateways say that take everything, and do not understand it."""


@pytest.mark.parametrize("name", BROKEN)
def test_a_gateway_with_the_habit_that_breaks_has_failed(name: str) -> None:
    outcome, reason = met(name, BROKEN[name])
    assert outcome == "failed", reason


@pytest.mark.parametrize("name", MANGLED)
def test_a_gateway_that_makes_something_else_of_it_has_failed(name: str) -> None:
    outcome, reason = met(name, says=MANGLED[name])
    assert outcome == "failed", reason


def test_a_gateway_that_cannot_be_told_the_magic_value_has_failed() -> None:
    outcome, reason = met("bind-parameter-strictness", says=None, system_type="")
    assert outcome == "failed", reason


def test_each_quirk_breaks_a_gateway() -> None:
    assert {*BROKEN, *MANGLED, "bind-parameter-strictness"} == set(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_where_a_quirk_has_not_happened_nothing_is_known(name: str) -> None:
    outcome, reason = Play(name).verdict(name)
    assert (outcome, "has not happened" in reason) == ("unknown", True)
