"""SMPPSim's smppsim.props as a scenario, and what of it has no meaning here.

Knows every key that SMPPSim 2.6 reads, as its own file and its users' descriptions tell them, two keys that are common
in copies of it, and what each becomes: part of a scenario, an option of `carrier-sim serve`, or a remark. Does NOT
know files: the text comes as an argument, that of DELIVER_MESSAGES_FILE, too.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from simulator.importing.properties import Property, properties_of
from simulator.scenario.words.patterns import compile_pattern

UNUSED: Final = {
    "SMPP_CONNECTION_HANDLERS": "as many may connect as the system has files for; `binds:` of an account limits it",
    "HTTP_THREADS": "the API has no threads of its own",
    "DOCROOT": "no pages are served from a folder",
    "AUTHORISED_FILES": "no pages are served from a folder",
    "INJECT_MO_PAGE": "/inject_mo answers in JSON, not with a page",
    "DISCARD_FROM_QUEUE_AFTER": "messages stay known to query_sm until the ring of the last 100,000 is full",
    "OUTBOUND_QUEUE_MAX_SIZE": "an account has at most 200,000 messages on their way, then ESME_RMSGQFUL",
    "INBOUND_QUEUE_MAX_SIZE": "at most 100,000 deliveries of an account wait",
    "DELAYED_INBOUND_QUEUE_PROCESSING_PERIOD": "what a gateway refuses for now comes again after 5 s, then less often",
    "DELAYED_INBOUND_QUEUE_MAX_ATTEMPTS": "what a gateway refuses for now comes again up to 20 times",
    "DECODE_PDUS_IN_LOG": "`carrier-sim serve --journal FILE` keeps each PDU, `carrier-sim decode` reads it",
    "CALLBACK_ID": "there is no callback",
    "CALLBACK_TARGET_HOST": "there is no callback",
    "CALLBACK_PORT": "there is no callback",
}
"""Keys without a meaning here, and what there is instead."""

SWITCHES: Final = {
    "CALLBACK": "ask GET /api/messages, or wait with `carrier-sim wait-for`",
    "LOOPBACK": "what was submitted is not sent back: a scenario in Python may (on_submit), a file may not",
    "ESME_TO_ESME": "an ESME's message reaches a subscriber, never another ESME",
    "DELIVER_SM_INCLUDES_USSD_SERVICE_OP": "add `receipts: {tlvs: {ussd_service_op: 1}}` to a rule",
    **dict.fromkeys(
        ("CAPTURE_SME_BINARY", "CAPTURE_SMPPSIM_BINARY", "CAPTURE_SME_DECODED", "CAPTURE_SMPPSIM_DECODED"),
        "use `carrier-sim serve --journal FILE`, which keeps every PDU",
    ),
}
"""Keys that mean nothing where they are off."""

_CAPTURES: Final = tuple(f"{key}_TO_FILE" for key in SWITCHES if key.startswith("CAPTURE"))
_STANDARD: Final = {
    "CONNECTION_HANDLER_CLASS": "StandardConnectionHandler",
    "PROTOCOL_HANDLER_CLASS": "StandardProtocolHandler",
}
_FIRST_DIGITS: Final = {"1": "EXPIRED", "2": "DELETED", "3": "UNDELIV", "4": "ACCEPTD", "5": "REJECTD"}
"""What DeterministicLifeCycleManager makes of a destination that begins so; DELIVRD of every other."""
MESSAGES_MAX: Final = 1_000
"""Lines of DELIVER_MESSAGES_FILE that are taken."""


class Unreadable(ValueError):
    """The settings contradict themselves or hold values that are none; one line each, beginning with the place."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A scenario as a mapping, comments for the head of its file, and a remark on each key that is not in it."""

    scenario: dict[str, Any]
    comments: tuple[str, ...]
    remarks: tuple[str, ...]


def messages_file(text: str) -> str:
    """The name of the file of canned messages, where the settings let them be sent; else nothing.

    Raises Unreadable.
    """
    settings = _Settings(properties_of(text), "")
    name = settings.text("DELIVER_MESSAGES_FILE")
    return name if settings.number("DELIVERY_MESSAGES_PER_MINUTE", 0) else ""


def imported(text: str, file: str = "smppsim.props", canned: str = "") -> Imported:
    """What a smppsim.props says; ``canned`` is the text of its DELIVER_MESSAGES_FILE, ``file`` its name in remarks.

    Raises Unreadable, naming every value that is wrong and what is allowed.
    """
    settings = _Settings(properties_of(text), file)
    carrier: dict[str, Any] = {"system_id": settings.text("SMSCID") or "SMPPSim"}
    rules: list[dict[str, Any]] = []
    _accounts(settings, carrier)
    _responses(settings, carrier, rules)
    _ends(settings, carrier, rules)
    _ids(settings, carrier)
    _receipts(settings, carrier)
    timeline = _canned(settings, canned)
    comments = _options(settings)
    _unused(settings)
    if settings.wrong:
        raise Unreadable("\n".join(settings.wrong))
    scenario: dict[str, Any] = {"scenario": 1, "about": f"the SMSC of {file}, a file of SMPPSim", "carrier": carrier}
    scenario |= {key: value for key, value in (("rules", rules), ("timeline", timeline)) if value}
    return Imported(scenario, tuple(comments), tuple(settings.remarks))


class _Settings:
    """The keys, which of them were looked at, what is wrong with values, and what is to be remarked."""

    def __init__(self, given: Mapping[str, Property], file: str) -> None:
        self._given = given
        self._file = file
        self.seen: set[str] = set()
        self.wrong: list[str] = []
        self.remarks: list[str] = []

    @property
    def unseen(self) -> list[str]:
        return [key for key in self._given if key not in self.seen]

    def place(self, key: str) -> str:
        return f"{self._file}:{self._given[key].line}: {key}" if key in self._given else f"{self._file}: {key}"

    def remark(self, key: str, told: str) -> None:
        self.remarks.append(f"{self.place(key)}: {told}")

    def refuse(self, key: str, found: str, allowed: str) -> None:
        self.wrong.append(f"{self.place(key)}: {found}, allowed: {allowed}")

    def text(self, key: str) -> str:
        """The value, empty where there is none."""
        self.seen.add(key)
        return self._given[key].value.strip() if key in self._given else ""

    def number(self, key: str, default: int, most: int = 2**31 - 1) -> int:
        text = self.text(key)
        if not text:
            return default
        if not re.fullmatch(r"\d{1,10}", text, re.ASCII) or int(text) > most:
            self.refuse(key, repr(text), f"a whole number from 0 to {most}")
            return default
        return int(text)

    def is_on(self, key: str) -> bool:
        # as java.lang.Boolean has it: whatever is not true is false
        return self.text(key).lower() == "true"

    def listed(self, key: str) -> list[str]:
        text = self.text(key)
        return [one.strip() for one in text.split(",")] if text else []


def _accounts(settings: _Settings, carrier: dict[str, Any]) -> None:
    names, passwords = settings.listed("SYSTEM_IDS"), settings.listed("PASSWORDS")
    if len(names) != len(passwords):
        settings.refuse("PASSWORDS", f"{len(passwords)} of them for {len(names)} SYSTEM_IDS", "one for each")
    elif "" in names:
        settings.refuse("SYSTEM_IDS", "an empty one", "names with commas between them")
    elif names:
        pairs = zip(names, passwords, strict=True)
        carrier["accounts"] = {name: {"password": password} for name, password in pairs}


def _responses(settings: _Settings, carrier: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    if settings.is_on("SIMULATE_VARIABLE_SUBMIT_SM_RESPONSE_TIMES"):
        # there it wanders between these two, by up to 350 ms from one answer to the next
        carrier["respond"] = "0s..3s"
        settings.remark(
            "SIMULATE_VARIABLE_SUBMIT_SM_RESPONSE_TIMES", "each delay is drawn anew from 0s..3s; there it wandered"
        )
    delay = settings.number("ENQUIRE_LINK_RESPONSE_DELAY", 0)
    if settings.is_on("DROP_ENQUIRE_LINK_RESPONSES"):
        carrier["link_policy"] = {"enquire_link": "silence"}
    elif delay:
        rules.append(
            {"name": "slow enquire_link", "when": {"command": "enquire_link"}, "then": {"respond": f"{delay}ms"}}
        )


def _ends(settings: _Settings, carrier: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    """The life cycle: what becomes of messages, and when."""
    after = _when_it_ends(settings)

    def ending(state: str) -> dict[str, Any]:
        # SMPPSim takes ACCEPTED for an end, too
        return {"deliver": {"state": state, "final": True, "after": after}}

    patterns = [_pattern(settings, one) for one in settings.listed("UNDELIVERABLE_PHONE_NUMBERS")]
    if any(patterns):
        # SMPPSim wants the whole number to fit
        when = {"to": {"pattern": f"^(?:{'|'.join(filter(None, patterns))})$"}}
        rules.append({"name": "undeliverable numbers", "when": when, "then": ending("UNDELIV")})
    carrier.update(ending("DELIVRD"))
    shares = [
        settings.number(f"PERCENTAGE_{key}", default, 100)
        for key, default in (("DELIVERED", 90), ("UNDELIVERABLE", 6), ("ACCEPTED", 2), ("REJECTED", 2))
    ]
    manager = settings.text("LIFE_CYCLE_MANAGER").rpartition(".")[2]
    if manager == "DeterministicLifeCycleManager":
        rules += [
            {"name": f"to {digit}", "when": {"to": {"starts": digit}}, "then": ending(state)}
            for digit, state in _FIRST_DIGITS.items()
        ]
        return
    if manager not in {"", "LifeCycleManager"}:
        settings.remark("LIFE_CYCLE_MANAGER", f"{manager} is a class of its own: what it does has to be said in rules")
    if sum(shares) != 100:
        settings.remark("PERCENTAGE_REJECTED", f"the four shares are {sum(shares)}%: what is missing is REJECTED")
    _drawn(shares, ending, rules)


def _drawn(shares: list[int], ending: Callable[[str], dict[str, Any]], rules: list[dict[str, Any]]) -> None:
    """A rule for each end but the first: each is asked where those before it have not decided."""
    delivered, undeliverable, accepted, _ = shares
    undeliverable = min(undeliverable, 100 - delivered)
    accepted = min(accepted, 100 - delivered - undeliverable)
    left = 100
    rest = 100 - delivered - undeliverable - accepted
    for state, share in (("UNDELIV", undeliverable), ("ACCEPTD", accepted), ("REJECTD", rest)):
        if share:
            rule = {"name": f"{share}% {state}", "then": ending(state)}
            rules.append(rule if share == left else rule | {"probability": f"{100 * share / left:.6g}%"})
        left -= share


def _when_it_ends(settings: _Settings) -> str:
    """The span in which a message ends: after sweeps, of which each lets a share of the messages go."""
    sweep = settings.number("MESSAGE_STATE_CHECK_FREQUENCY", 10_000)
    longest = settings.number("MAX_TIME_ENROUTE", 2_000)
    share = settings.number("PERCENTAGE_THAT_TRANSITION", 75, 100)
    delay = settings.number("DELAY_DELIVERY_RECEIPTS_BY", 0)
    # a message is looked at by the next sweep, and let go by the first one after its longest time at the latest
    latest = sweep if share >= 99 else sweep + longest
    if share < 99:
        settings.remark(
            "PERCENTAGE_THAT_TRANSITION",
            f"there are no sweeps: a message ends at any time within {latest} ms, as likely early as late",
        )
    return f"{delay}ms..{delay + latest}ms" if latest else f"{delay}ms"


def _pattern(settings: _Settings, text: str) -> str:
    try:
        compile_pattern(text)
    except ValueError as error:
        settings.refuse("UNDELIVERABLE_PHONE_NUMBERS", f"{text!r}: {error}", "a pattern in RE2's syntax")
        return ""
    return text


def _ids(settings: _Settings, carrier: dict[str, Any]) -> None:
    start, prefix = settings.text("START_MESSAGE_ID_AT") or "0", settings.text("MESSAGE_ID_PREFIX")
    if start.lower() == "random":
        settings.remark("START_MESSAGE_ID_AT", "ids begin at 1000000: luck is that of --seed here, and not for this")
        start = "1000000"
    if not re.fullmatch(r"\d{1,18}", start, re.ASCII):
        settings.refuse("START_MESSAGE_ID_AT", repr(start), "a whole number of up to 18 digits, or random")
    ids = {"generate": f"counter {start}"}
    if re.search(r"\s", prefix):
        settings.refuse("MESSAGE_ID_PREFIX", repr(prefix), "a text without spaces")
    elif prefix:
        ids |= dict.fromkeys(("response", "text", "tlv"), f"prefix {prefix}")
    carrier["ids"] = ids


def _receipts(settings: _Settings, carrier: dict[str, Any]) -> None:
    edits: list[dict[str, Any]] = []
    if settings.text("DELIVERY_RECEIPT_OPTIONAL_PARAMS").lower() not in {"", "true"}:
        edits = [{"remove": "message_state"}, {"remove": "receipted_message_id"}]
    tlv = settings.text("DELIVERY_RECEIPT_TLV")
    if tlv:
        match = re.fullmatch(r"([0-9A-Fa-f]{1,4})/([0-9A-Fa-f]{1,4})/((?:[0-9A-Fa-f]{2})*)", tlv)
        if match is None:
            settings.refuse("DELIVERY_RECEIPT_TLV", repr(tlv), "tag/length/value in hex, as in 1403/02/3132")
        else:
            edits.append({"add": f"0x{match[1]:0>4}", "value": f"hex:{match[3]}"})
            if int(match[2], 16) != len(match[3]) // 2:
                settings.remark("DELIVERY_RECEIPT_TLV", f"its length is that of its value here, {len(match[3]) // 2}")
    if edits:
        carrier["receipts"] = {"tlvs": edits}


def _canned(settings: _Settings, canned: str) -> list[dict[str, Any]]:
    """Subscribers' messages at a steady rate, one after the other."""
    rate = settings.number("DELIVERY_MESSAGES_PER_MINUTE", 0)
    name = settings.text("DELIVER_MESSAGES_FILE")
    if not rate:
        return []
    # two commas; the text may hold more
    lines = [line.split(",", 2) for line in canned.splitlines() if line.strip()]
    whole = [line for line in lines if len(line) == 3][:MESSAGES_MAX]
    if len(whole) < len(lines):
        settings.remark("DELIVER_MESSAGES_FILE", f"{len(lines) - len(whole)} of {len(lines)} lines were left out")
    if not whole:
        settings.remark("DELIVERY_MESSAGES_PER_MINUTE", f"no messages were found in {name or 'any file'}")
        return []
    pause = 60_000 // rate or 1
    sent = [
        {"mo": {"source": source.strip(), "destination": to.strip()} | _text(text), "after": f"{at * pause}ms"}
        for at, (source, to, text) in enumerate(whole)
    ]
    return [{"name": "canned messages", "every": f"{pause * len(sent)}ms", "then": {"send": sent}}]


def _text(text: str) -> dict[str, Any]:
    """A text, or octets, which go as binary."""
    if text.startswith("0x") and re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", text[2:]):
        return {"text": f"hex:{text[2:]}", "fields": {"data_coding": 4}}
    return {"text": text}


def _options(settings: _Settings) -> list[str]:
    """How such a server is started here: what belongs to the command line."""
    words = ["carrier-sim serve FILE"]
    for option, key, default in (("--smpp", "SMPP_PORT", 2775), ("--http", "HTTP_PORT", 8775)):
        words.append(f"{option} 127.0.0.1:{settings.number(key, default, 65535)}")
    host = settings.text("OUTBIND_ESME_IP_ADDRESS") or "127.0.0.1"
    port = settings.number("OUTBIND_ESME_PORT", 2776, 65535)
    name = settings.text("OUTBIND_ESME_SYSTEMID") or "smppclient1"
    password = settings.text("OUTBIND_ESME_PASSWORD") or "password"
    if settings.is_on("OUTBIND_ENABLED"):
        words.append(f"--outbind {host}:{port}={name}:{password}")
        settings.remark(
            "OUTBIND_ENABLED", "outbind is sent at the start, not when a message waits; or POST /api/outbind"
        )
    return ["Played by:", f"  {' '.join(words)}"]


def _unused(settings: _Settings) -> None:
    for key, reason in UNUSED.items():
        if settings.text(key) and key not in {"CALLBACK_ID", "CALLBACK_TARGET_HOST", "CALLBACK_PORT"}:
            settings.remark(key, reason)
    for key, reason in SWITCHES.items():
        if settings.is_on(key):
            settings.remark(key, reason)
    for key, standard in _STANDARD.items():
        name = settings.text(key).rpartition(".")[2]
        if name not in {"", standard}:
            settings.remark(key, f"{name} is a class of its own: look for what it does in `carrier-sim quirks`")
    settings.seen.update(_CAPTURES)
    for key in settings.unseen:
        settings.remark(key, "no key of SMPPSim that is known here")


__all__ = ["Imported", "Unreadable", "imported", "messages_file"]
