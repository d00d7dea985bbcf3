"""The shapes of what the control API gives: the OpenAPI document is made of these, and of what it takes (asked.py).

What goes out is built as plain values (rows.py), because checking it a second time would cost more than building it;
the tests hold every answer against its shape here.
"""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from simulator.control.row_shapes import AddressShape, Shape, TlvShape


class UsageShape(Shape):
    """How much of a window is used."""

    used: int
    size: int


class WindowShape(Shape):
    """The windows of a session; ``deliver`` is ours towards the ESME."""

    deliver: UsageShape


class TlsShape(Shape):
    """What TLS agreed on; ``subject`` is that of the ESME's certificate, where it showed one."""

    version: str
    cipher: str
    subject: str | None


class SessionShape(Shape):
    """One connection and who is bound on it. Times are carrier time."""

    id: int
    account: str | None
    system_id: str
    bind: Literal["TX", "RX", "TRX"] | None
    state: str
    version: str
    peer: str
    listener: str
    tls: TlsShape | None
    connected_at: str
    bound_at: str | None
    last_enquire_link_at: str | None
    submitted: int
    window: WindowShape
    bytes_waiting: int
    unanswered_deliveries: int


class SessionsShape(Shape):
    """One page of the connections that stand, oldest first. ``total`` counts them all."""

    sessions: list[SessionShape]
    next: str | None = Field(description="the next page's cursor; null on the last one")
    total: int


class MoShape(Shape):
    """A subscriber's message was taken: the id of its row, and where it goes."""

    id: str
    account: str
    segments: int = Field(description="how many deliver_sm carry it")


class PhoneShape(Shape):
    """A phone, how many messages wait for it, and how many alert_notifications will tell of its return.

    Where it was switched on just now they did.
    """

    number: str
    is_on: bool
    waiting: int
    alerts: int


class PhonesShape(Shape):
    """The phones that are off; all others are on."""

    phones: list[PhoneShape]


class AreaShape(Shape):
    """Where a broadcast goes: a name, or a shape in hexadecimal; and how much of it was reached, in percent."""

    format: Literal["alias", "ellipsoid_arc", "polygon"]
    area: str
    success: int


class BroadcastShape(Shape):
    """A cell broadcast. ``interval`` is in seconds; 0 ``repetitions``: until it expires. Times are carrier time."""

    id: str
    account: str
    message_id: str
    from_: str = Field(alias="from")
    source: AddressShape
    text: str
    data_coding: int
    state: str
    priority: int
    areas: list[AreaShape]
    repetitions: int
    interval: float
    sent: int = Field(description="how often it has been on the air")
    submitted_at: str
    scheduled_at: str | None
    expires_at: str | None
    done_at: str | None
    tlvs: list[TlvShape]


class BroadcastsShape(Shape):
    """One page of the broadcasts that are kept, newest first. ``total`` counts them all."""

    broadcasts: list[BroadcastShape]
    next: str | None = Field(description="the next page's cursor; null on the last one")
    total: int
    truncated: bool = Field(description="whether older ones are kept no longer")


class OutbindShape(Shape):
    """An ESME was called: the session on which it may bind now."""

    session: int
    peer: str


class DueShape(Shape):
    """What the carrier's clock brings next: a message's next outcome, the begin or end of a broadcast, or a deed."""

    at: str
    kind: Literal["message", "broadcast", "deed"]
    message_id: str | None = Field(description="of the message, where it is one")


class AdvanceShape(Shape):
    """A walk of the clock: how far it is, or was when it ended; from, to and reached are carrier time.

    ``unanswered`` counts deliveries whose answer has not come: they were waited for, and then no longer.
    """

    from_: str = Field(alias="from")
    to: str
    reached: str
    instants: int = Field(description="moments at which something was due, each seen at its own time")
    receipts_sent: int
    mo_sent: int
    unanswered: int
    is_done: bool
    is_stopped: bool = Field(description="whether it ended on its way, by a reset or because the server leaves")


class ClockShape(Shape):
    """The carrier's clock. ``rate`` is that at which it runs unless it is paused or walks."""

    time: str
    rate: float
    is_paused: bool
    next: DueShape | None
    planned: int = Field(description="how much waits for a carrier time")
    advance: AdvanceShape | None = Field(description="the walk that is under way, or that was asked for and has ended")


class ExhibitShape(Shape):
    """One thing that was seen; ``event`` is its number in the journal since the last reset."""

    event: int
    at: str
    session: int
    told: str
    pdu: str | None = None
    decoded: dict[str, Any] | None = None


class FindingShape(Shape):
    """What can be said of a check, an expectation or a quirk. ``unknown``: nothing was seen that could tell."""

    name: str
    level: Literal["error", "warning", "off"]
    outcome: Literal["coped", "failed", "unknown"]
    reason: str
    seen: int
    failures: int
    truncated: bool
    evidence: list[ExhibitShape]


class VerdictShape(Shape):
    """What can be said of the run so far; the report of `serve --report` has the same form."""

    version: Literal[1]
    outcome: Literal["coped", "failed", "unknown"]
    is_bad: bool
    scenarios: list[str]
    seed: int
    events: dict[str, int]
    waiting: int
    pending: int
    expectations: list[FindingShape]
    checks: list[FindingShape]
    quirks: list[FindingShape]


class ObservedShape(Shape):
    """The message that was meant, and how much was told of it by now."""

    id: str
    status: str
    told: int


class RecordingShape(Shape):
    """How the file of events fares: events by what became of them, and why it cannot be written at present."""

    file: str
    written: int
    waiting: int
    lost: int
    error: str | None


class HealthShape(Shape):
    """The server lives. ``uptime`` is in seconds; ``journal`` is there when the events are kept in a file."""

    status: Literal["ok"]
    version: str
    sessions: int
    uptime: float
    journal: RecordingShape | None = None


class TimesShape(Shape):
    """How often a rule may do anything: at most, apart for each what, and how often still."""

    most: int
    per: str | None
    left: int | None


class RuleShape(Shape):
    """A rule: where it is from, what it fills, how often it did, and itself in the words of a file (none of Python)."""

    id: str
    name: str
    source: Literal["live", "file"]
    file: str | None
    place: str
    slots: list[str]
    fired: int
    times: TimesShape | None
    rule: dict[str, Any] | None


class RulesShape(Shape):
    """All rules."""

    rules: list[RuleShape]
    total: int


class RuleAddedShape(Shape):
    """A rule that was added."""

    id: str
    name: str


class RemovedShape(Shape):
    """The rules that are asked no more, by id."""

    removed: list[str]


class OccasionShape(Shape):
    """Something of the timeline, in the words of a file, and how often it may still happen (null: always)."""

    name: str
    left: int | None
    occasion: dict[str, Any]


class FailureShape(Shape):
    """A function of a scenario that has failed, or a text that was no command: when, and why."""

    at: str
    session: int
    message: str | None
    name: str
    reason: str


class FailuresShape(Shape):
    """How often the scenarios themselves have failed since the last reset, and the last times, newest first."""

    total: int
    last: list[FailureShape]


class ScenarioShape(Shape):
    """What is played, and how far its story is."""

    names: list[str]
    seed: int
    phase: str | None
    phases: list[str]
    variables: dict[str, str]
    piles: dict[str, int]
    timeline: list[OccasionShape]
    carrier: dict[str, Any]
    failures: FailuresShape


class PhaseShape(Shape):
    """The phase that has begun, and the one before."""

    phase: str
    before: str | None


class ReleasedShape(Shape):
    """How many things a pile has let go, and how many it holds now."""

    pile: str
    released: int
    held: int


class CountersShape(Shape):
    """What has happened since the last reset."""

    events: dict[str, int]
    answered: dict[str, int]
    concluded: dict[str, int]
    waiting: int
    pending: int
    rows: int
    evicted: int
    truncated: bool = Field(description="whether some are not counted, because they are no longer kept")


class WrongShape(Shape):
    """What is wrong with one field of a request."""

    field: str
    given: str | None
    allowed: str


class ProblemShape(Shape):
    """Why a request was not served (RFC 9457); further members depend on the code."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="where the table of problems tells of this code")
    title: str
    status: int
    code: str
    detail: str
    where: list[WrongShape] | None = Field(None, description="each field that is wrong")
    candidates: list[str] | None = None
    allowed: list[str] | None = None
    nearest: list[str] | None = Field(None, description="what came closest to what was waited for")


class ProblemKindShape(Shape):
    """One row of the table of problems."""

    code: str
    status: int
    title: str
    when: str


class ProblemsShape(Shape):
    """Every problem that an answer can tell of."""

    problems: list[ProblemKindShape]
