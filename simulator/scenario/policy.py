"""The section `carrier:` of a scenario: who may come in, how much, and how everything looks where no rule says more.

Accounts, limits, binds, links, listeners; and the forms that rules may override. It decides nothing.
"""

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field
from pydantic.json_schema import JsonSchemaValue

from simulator.scenario.forms.forms import AnswerForm, CharsetWord, Ids, MoForm, ReceiptForm
from simulator.scenario.match import Condition
from simulator.scenario.shape import LISTED, SEVERAL, Found, Names, Shape, Word, choice
from simulator.scenario.then import Respond, Step
from simulator.scenario.words.kinds import (
    BindTypeWord,
    FieldWord,
    PerWord,
    RateWord,
    SpanWord,
    StatusWord,
    TextWord,
    TimerWord,
    foreign_fields,
)
from simulator.scenario.words.wire_words import BINDS, STATUSES, Status, UnknownName
from simulator.scenario.words.words import WordError, quoted
from simulator.smpp.errors import LocalError
from simulator.smpp.vendor_tlvs import vendor_tlv

EXCESSES: Final = ("pause", "silence", "disconnect", "rst")
"""What else than a status can be done with too much: read nothing more, never answer, close."""


def _vendor_tlv(text: str) -> str:
    try:
        vendor_tlv(text)
    except LocalError as error:
        raise WordError(str(error), "as in 0x1401=billing_id:cstring") from None
    return text


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise WordError(f"{quoted(text)} is no network", "as in 192.0.2.7, 198.51.100.0/24 or 2001:db8::/32") from None
    return text


def _excess(text: str) -> Status | str:
    if text in EXCESSES:
        return text
    try:
        return Status.parse(text)
    except UnknownName as error:
        raise UnknownName(error.found, f"{STATUSES}; or {', '.join(EXCESSES)}", error.hint) from None


ExcessWord = Annotated[
    Status | str,
    Word(_excess, Status, f"{STATUSES}; or {', '.join(EXCESSES)}", ("ESME_RTHROTTLED", "pause"), has_numbers=True),
]
VendorTlvWord = Annotated[str, Word(_vendor_tlv, (), "as in 0x1401=billing_id:cstring", ("0x1401=billing_id:cstring",))]
NetworkWord = Annotated[str, Word(_network, (), "a network", ("192.0.2.7", "2001:db8::/32"))]


class Admission(Shape):
    """What an account may do; said of the carrier it is what every account may do that says nothing else."""

    bind_types: Annotated[tuple[BindTypeWord, ...], SEVERAL] | None = None
    """As what it may bind: TX, RX, TRX."""
    binds: int | None = Field(default=None, ge=1)
    """How many sessions at once."""
    throughput: RateWord | None = None
    """Messages in time: 50/s."""
    burst: int | None = Field(default=None, ge=1)
    """How many at once; one second's worth if nothing is said."""
    over_throughput: ExcessWord | None = None
    """What is done with more: a status, pause, silence, disconnect, rst."""
    window: int | None = Field(default=None, ge=1)
    """Unanswered requests of the ESME."""
    over_window: ExcessWord | None = None
    """What is done with more; `pause` reads nothing until one was answered."""
    deliver_window: int | None = Field(default=None, ge=1)
    """Our unanswered requests towards it."""


class AccountForm(Admission):
    """A customer of the carrier."""

    password: TextWord | None = None
    """Without one any will do."""
    numbers: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Numbers whose incoming messages go here."""
    networks: Annotated[tuple[NetworkWord, ...], SEVERAL] | None = None
    """Where it may come from; from everywhere if nothing is said."""


class Limit(Shape):
    """One more limit: so much in time, counted apart for each account, session, source, destination or pair."""

    rate: RateWord
    """How much: 50/s, 2000/day."""
    per: PerWord | None = None
    """What is counted apart; the account if nothing is said."""
    burst: int | None = Field(default=None, ge=1)
    """How many at once."""
    counts: Annotated[str, choice("thing that is counted", "messages", "parts")] | None = None
    """Joined texts, or each part for itself, as most carriers do."""
    over: ExcessWord | None = None
    """What is done with more; ESME_RTHROTTLED if nothing is said."""
    penalty: SpanWord | None = None
    """For how long everything is refused after it was overrun."""
    disconnect_after: int | None = Field(default=None, ge=1)
    """Close the session after so many refusals in a row."""


class Ghosts(Shape):
    """Sessions that the carrier still believes in although their connection is gone."""

    after: Annotated[
        tuple[Annotated[str, choice("end of a connection", "fin", "rst", "timeout", "any")], ...], SEVERAL
    ] = ("rst", "timeout")
    """After which end of a connection one stays."""
    lasts: TimerWord
    """How long; never: until somebody resets."""
    status: StatusWord | None = None
    """What a bind is told that finds one in its way; ESME_RALYBND if nothing is said."""


class BindPolicy(Shape):
    """Who may bind, and what those are told who may not."""

    ghosts: Ghosts | None = None
    """Sessions that outlive their connection and count as binds."""
    statuses: (
        dict[
            Annotated[
                str,
                choice(
                    "cause",
                    *("system_id", "password", "network", "bind_type", "version", "binds", "too_soon", "required"),
                ),
            ],
            ExcessWord,
        ]
        | None
    ) = None
    """What is answered to each cause: {password: ESME_RBINDFAIL, network: rst}."""
    required: dict[FieldWord, Condition] | None = None
    """What a bind must say: {system_type: VMA, interface_version: 0x34}."""
    rebind_after: SpanWord | None = None
    """How long after the end of a session the next bind is refused as too soon."""
    password_length: int | None = Field(default=None, ge=1, le=65)
    """Only so many characters of a password are compared."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Fields that no bind has, and a bind that is neither refused nor admitted."""
        statuses = given.get("statuses")
        for cause, answer in statuses.items() if isinstance(statuses, dict) else ():
            if answer == "pause":
                yield Found(("statuses", cause), "'pause'", f"{STATUSES}; or silence, disconnect, rst")
        for found in foreign_fields(given.get("required"), BINDS):
            yield Found(("required", *found.path), found.found, found.allowed, found.hint, found.is_key)


class Idle(Shape):
    """When a silent session is ended. A span alone ends it with a FIN."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"type": "string"},)
    allowed: ClassVar[str] = "a span as in 60s, never, or a mapping of after, counts, by"

    after: TimerWord
    """How long."""
    counts: Annotated[str, choice("sign of life", "anything", "submissions", "enquire_link")] | None = None
    """What counts as life."""
    by: Annotated[str, choice("end of a connection", "fin", "rst", "unbind", "black_hole")] | None = None
    """How it is ended."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A span."""
        return {"after": value} if isinstance(value, str) else value


class LinkPolicy(Shape):
    """How a link is kept, and when it is given up. All in link time."""

    enquire_link: Annotated[str, choice("answer to enquire_link", "answer", "silence", "generic_nack")] | None = None
    """What the ESME's enquire_link gets."""
    enquire_every: TimerWord | None = None
    """How often we ask a silent ESME."""
    enquire_most: RateWord | None = None
    """More enquire_links than that end the session."""
    misses: int | None = Field(default=None, ge=1)
    """After how many unanswered ones the link is given up."""
    idle: Idle | None = None
    """When a silent session is ended."""
    session_init: TimerWord | None = None
    """How long one may be connected without a bind."""
    response: TimerWord | None = None
    """How long we wait for an answer."""
    unbind_grace: SpanWord | None = None
    """How long a link may stay open after its unbind was answered."""


class Listener(Shape):
    """A door of its own."""

    address: TextWord | None = None
    """HOST:PORT; port 0 picks a free one."""
    tls: Annotated[str, choice("encryption", "plain", "tls", "plain_on_tls_port")] | None = None
    """Plain, TLS, or plain octets where TLS is expected."""
    certificate: Annotated[str, choice("certificate", "good", "self_signed", "expired", "wrong_name")] | None = None
    """Which certificate is shown."""
    versions: Annotated[tuple[Annotated[str, choice("version of TLS", "1.2", "1.3")], ...], SEVERAL] | None = None
    """Which versions are spoken."""
    client_certificate: Annotated[str, choice("wish for a certificate", "ignored", "asked", "required")] | None = None
    """Whether an ESME has to show one."""
    charset: CharsetWord | None = None
    """What data_coding 0 means to those who come in here."""


class Carrier(Admission):
    """What is so where no rule says otherwise."""

    system_id: TextWord | None = None
    """What we call ourselves in a bind's response."""
    accounts: dict[TextWord, AccountForm] | None = None
    """Customers by system_id."""
    others: Annotated[str, choice("treatment of others", "admit", "refuse")] | None = None
    """Whether unknown names may bind; by default only where there are no accounts."""
    vendor_tlvs: Annotated[tuple[VendorTlvWord, ...], SEVERAL] | None = None
    """Tags of a vendor's own, by a name that this file may use: 0x1401=billing_id:cstring."""
    limits: Annotated[tuple[Limit, ...], LISTED] | None = None
    """More limits, each counted for itself."""
    bind_policy: BindPolicy | None = None
    """Who may bind."""
    link_policy: LinkPolicy | None = None
    """How links are kept."""
    listeners: dict[TextWord, Listener] | None = None
    """Doors by name."""
    respond: Respond | None = None
    """When responses are sent."""
    answer: AnswerForm | None = None
    """The form of responses."""
    deliver: Annotated[tuple[Step, ...], SEVERAL] | None = None
    """What becomes of messages."""
    ids: Ids | None = None
    """Message ids and their spellings."""
    receipts: ReceiptForm | None = None
    """The form of receipts."""
    mo: MoForm | None = None
    """The form of messages from subscribers."""
    spoken: bool | None = None
    """Whether the text of a message may say itself what happens to it: {reject: ESME_RTHROTTLED}, sim: silence."""
