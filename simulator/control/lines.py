"""An event as one line of a journal file: the form of `serve --journal FILE`, number 1. Made here and nowhere else.

A file is lines of JSON objects in UTF-8, each ended by a line feed. The first line of a run is its header; a file may
hold several runs, one after the other. Every other line is one event, in the order in which they happened:

    {"journal": 1, "version": ..., "started": ..., "wall": ..., "speed": ..., "seed": ..., "system_id": ...}
    {"n": 7, "at": 1800000000.123456, "kind": "answered", "session": 3, ...}

``n``
    Number of the event in its run, from 1. Where numbers are missing a line of kind ``gap`` tells why.
``at``, ``started``, ``since``, ``until``
    Carrier time in unix seconds. ``wall`` is the real time, where it can differ: in the header and at a reset, which
    starts carrier time anew. In between the one follows from the other and ``speed``.
``kind``
    One of journal.KINDS, or ``gap``: ``lost`` events from ``since`` to ``until`` were not written.
``session``
    Number of the connection, 0 for none.
``message, direction, account, from, to, message_id``
    Of every event about a message: its number since the last reset (the API's id), ``mt`` or ``mo``, and so on.
    A submitted line tells the message_id that its answer gave.
``state, text, from_ton, from_npi, to_ton, to_npi, part, scheduled_at, expires_at``
``command, data_coding, registered_delivery, pdu``
    Of submitted and replaced; ``text`` as a person reads it, of this part; ``pdu`` the whole request in hexadecimal, or
    ``pdu_of`` the number of the message that tells it, where a submit_multi made several. Of replaced there is the new
    ``user_data`` in its place. ``is_stored`` is false of a datagram or transaction, which has no receipt, whatever
    registered_delivery asks for. mo_created tells ``text``, ``data_coding`` and ``segments``.
``tlvs``
    Of submitted, mo_created and broadcast_submitted, where there are any but the text: a list of ``tag``, ``name``,
    ``value`` and ``hex`` each; a vendor's by the name that the account's terms give it.
``broadcast``
    In place of ``message`` in broadcast_submitted and broadcast_concluded: the API's id, beside account, from,
    message_id and text; ``areas`` says how many.
``status, command_status``
    Of answered the status of the response, and ``after``, if it was held back for so many seconds; of refused_pdu and
    bind_refused the same; of retry and the failed ones how the delivery was answered.
``state, error, cause``
    Of what became of a message, as in the API: progressed, concluded, and the receipts that tell of it.
``truth``
    Of truth, which is there where networks are played and a message's end is not what will be told of it: ``state``
    (LOST where nothing reaches the phone and nobody says so), ``cause``, ``why`` in words, the ``network`` that has
    decided it, and ``at``, from when on it is so. It stands behind submitted, as it was planned then.
``reason``
    Why: of timeout, disconnected, malformed, and of what failed without an answer; of script_failed the function's
    name and the traceback.
``rule``
    Of rule_fired: the name of the rule that has said something of the message.
``fault``
    What happened to the connection: of fault, in words.
``account, system_id, bind, peer, listener``
    Of events about a session.
``header, pdu``
    Of malformed, refused_pdu, unexpected, some timeouts and refused broadcasts: what the PDU's header said, and its
    first octets.

What does not apply is left out. Another form gets another number; members may be added to this one.

A message moves on while its events wait to be written. So a line is made of what stands still, and of what a *cell* has
kept besides; Lines turns cells into octets later, in any thread.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final, NamedTuple

from simulator import __version__
from simulator.carrier.messages import ENROUTE, REFUSED, SCHEDULED, Outcome
from simulator.control.tlvs import tlvs_json
from simulator.journal import (
    ANSWERED,
    BOUND,
    FAULT,
    MO_ACKNOWLEDGED,
    MO_CREATED,
    MO_SENT,
    REPLACED,
    RESET,
    RULE_FIRED,
    SUBMITTED,
)
from simulator.smpp.constants import command_name, status_name
from simulator.smpp.tlvs import TLVS, Book, Tlv
from simulator.smsc.memory.evidence import Caller, Evidence
from simulator.smsc.memory.truths import Fact
from simulator.smsc.objections import MODE_MASK, ONE_TRY
from simulator.smsc.play.unsaid import err_of
from simulator.smsc.subscribers.alerts import Alert
from simulator.smsc.subscribers.broadcasts import Broadcast
from simulator.smsc.translate import Incoming, Submission, Submitting

FORM: Final = 1
"""Number of the form; a reader refuses any that is higher than what it knows."""
GAP: Final = "gap"
"""Kind of the line that stands for events which were not written."""
SHOWN_MAX: Final = 200
"""Characters of something unforeseen that a line tells."""

Cell = tuple[str, float, int, Any, Any, Any]
"""An event that waits: kind, at, session, subject, detail, and what of the subject would move on meanwhile."""


Request = tuple[Submitting | None, bytes, float | None, float | None]
"""What a submission is at its event, for all of it may be replaced or forgotten later: pdu, octets, when it is
scheduled, when it expires."""


class Header(NamedTuple):
    """What the first line of a run tells beside the form."""

    started: float
    wall: float
    speed: float
    seed: int
    system_id: str


def header_line(header: Header) -> bytes:
    """The first line of a run."""
    started, wall, speed, seed, system_id = header
    return (
        f'{{"journal":{FORM},"version":{_quoted(__version__)},"started":{started:.6f},"wall":{wall:.6f},'
        f'"speed":{speed!r},"seed":{seed},"system_id":{_quoted(system_id)}}}\n'
    ).encode()


class Lines:
    """Numbers events and turns them into lines."""

    def __init__(self, book_of: Callable[[str], Book] = lambda _: TLVS) -> None:
        """``book_of`` says by what the TLVs of an account are named; it is asked in whatever thread renders."""
        self._book_of = book_of
        self.number = 1
        """Number of the next event."""
        self._at = (0.0, "0.000000")
        self._told: tuple[Submitting | None, int] = (None, 0)
        """The last request of several messages, and the message that told it."""
        self._known: tuple[Submission | Incoming | None, str] = (None, "")
        """The message of the last event, and what every event tells of it: events of one message come in a row."""

    def render(self, cells: Sequence[Cell]) -> bytes:
        """The lines of some events, in order."""
        lines = []
        number, (last, shown) = self.number, self._at
        for kind, at, session, subject, detail, kept in cells:
            if at != last:
                last, shown = at, f"{at:.6f}"
            try:
                rest = self._rest(kind, subject, detail, kept)
            except Exception as error:  # noqa: BLE001 -- a safety net: a line that fails must not cost the others
                rest = _anything(f"{type(error).__name__}: {error}")
            lines.append(f'{{"n":{number},"at":{shown},"kind":"{kind}","session":{session}{rest}}}\n')
            number += 1
        self.number, self._at = number, (last, shown)
        # half a surrogate pair becomes an escape, which JSON knows, too
        return "".join(lines).encode("utf-8", "backslashreplace")

    def gap(self, lost: int, since: float, until: float) -> bytes:
        """The line that stands for ``lost`` events, the first at carrier time ``since``, the last at ``until``."""
        number, self.number = self.number, self.number + lost
        return (
            f'{{"n":{number},"at":{since:.6f},"kind":"{GAP}","session":0,"lost":{lost},'
            f'"since":{since:.6f},"until":{until:.6f}}}\n'
        ).encode()

    def _rest(self, kind: str, subject: Any, detail: Any, kept: Any) -> str:
        """The members behind the first four, with a comma before each."""
        # in the order of how often they come
        if isinstance(subject, Submission | Incoming):
            known, told = self._known
            if subject is not known:
                told = _message(subject)
                self._known = (subject, told)
            if kind == ANSWERED:
                return told + _answered(subject, detail, kept)
            if kind in {SUBMITTED, REPLACED} and isinstance(subject, Submission):
                return told + self._submitted(kind, subject, kept)
            if kind == MO_CREATED and isinstance(subject, Incoming):
                told += f',"state":"{ENROUTE}","text":{_quoted(subject.whole)}{_types(subject)}'
                told += self._tlvs(subject.account, subject.extras.tlvs)
                return f'{told},"data_coding":{subject.data_coding},"segments":{kept}'
            return told + _detail(kind, detail)
        if isinstance(subject, Caller):
            return _caller(subject) + _detail(kind, detail)
        if isinstance(subject, Evidence):
            return _evidence(subject, kept) + _detail(kind, detail)
        if isinstance(subject, Alert):
            return _alert(subject) + _detail(kind, detail)
        if isinstance(subject, Broadcast):
            # by now it may be kept no longer, and tell nothing of itself
            pdu, areas = kept
            asked = replace(subject, pdu=pdu, areas=areas)
            return _broadcast(asked, detail) + self._tlvs(subject.account, pdu.tlvs)
        if subject is None:
            return (f',"wall":{kept:.6f}' if kind == RESET else "") + _detail(kind, detail)
        return _anything(str(subject)) + _detail(kind, detail)

    def _submitted(self, kind: str, message: Submission, request: Request) -> str:
        pdu, octets, scheduled_at, expires_at = request
        state = ENROUTE if scheduled_at is None else SCHEDULED
        told = f',"state":"{state}","text":{_quoted(_text(message, request))}{_types(message)}'
        if message.part is not None:
            part = message.part
            told += f',"part":{{"reference":{part.reference},"number":{part.number},"total":{part.total},'
            told += f'"kind":{_quoted(part.kind)}}}'
        if scheduled_at is not None:
            told += f',"scheduled_at":{scheduled_at:.6f}'
        if expires_at is not None:
            told += f',"expires_at":{expires_at:.6f}'
        if pdu is None or kind == REPLACED:
            # a replace_sm brings no more than this, and what it replaced has been told
            return f'{told},"user_data":"{octets.hex()}"'
        told = (
            f'{told},"command":"{pdu.name}","data_coding":{pdu.data_coding},'
            f'"registered_delivery":{pdu.registered_delivery}'
        )
        if pdu.esm_class & MODE_MASK in ONE_TRY:
            told += ',"is_stored":false'
        if self._told[0] is pdu:
            return told + f',"pdu_of":{self._told[1]}'
        self._told = (pdu, message.number)
        if pdu.tlvs:
            told += self._tlvs(message.account, pdu.tlvs)
        return told + f',"pdu":"{pdu.raw.hex()}"'

    def _tlvs(self, account: str, tlvs: tuple[Tlv, ...]) -> str:
        shown = tlvs_json(tlvs, self._book_of(account)) if tlvs else ()
        return f',"tlvs":{json.dumps(shown, ensure_ascii=False, separators=(",", ":"))}' if shown else ""


def _quoted(text: str) -> str:
    return encode_basestring(text)


def _message(message: Submission | Incoming) -> str:
    told = (
        f',"message":{message.number},"direction":"{"mt" if isinstance(message, Submission) else "mo"}"'
        f',"account":{encode_basestring(message.account)},"from":{encode_basestring(message.source.number)}'
        f',"to":{encode_basestring(message.destination.number)}'
    )
    # it is set once, in the same breath in which the message was submitted
    return f'{told},"message_id":{encode_basestring(message.message_id)}' if message.message_id else told


def _types(message: Submission | Incoming) -> str:
    """Type of number and numbering plan of both ends."""
    _, ton, npi = message.source
    _, to_ton, to_npi = message.destination
    return f',"from_ton":{ton},"from_npi":{npi},"to_ton":{to_ton},"to_npi":{to_npi}'


def _text(message: Submission, request: Request) -> str:
    """The text as it was at the event, also when another thread replaces or forgets it just now."""
    with suppress(AttributeError):
        # forgotten between two looks at it, if this fails
        text = message.text
        if message.pdu is request[0] and message.octets is request[1]:
            return text
    return replace(message, pdu=request[0], octets=request[1]).text


def _answered(message: Submission | Incoming, status: int, after: float | None) -> str:
    told = _status(status)
    if status:
        cause = None if message.cause is None else _quoted(message.cause.name)
        return f'{told},"state":"{REFUSED}"' + (f',"cause":{cause}' if cause else "")
    return f'{told},"after":{after:.6f}' if after else told


def _detail(kind: str, detail: Any) -> str:
    if isinstance(detail, Outcome):
        cause = detail.cause
        if cause is None:
            return f',"state":"{detail.state}","error":"{err_of(detail.state, None)}"'
        return f',"state":"{detail.state}","error":{_quoted(cause.err)},"cause":{_quoted(cause.name)}'
    if isinstance(detail, Fact):
        return _truth(detail)
    if isinstance(detail, int):
        return f',"segment":{detail + 1}' if kind in {MO_SENT, MO_ACKNOWLEDGED} else _status(int(detail))
    if kind in {RULE_FIRED, FAULT}:
        return f',"{"rule" if kind == RULE_FIRED else "fault"}":{_quoted(detail)}'
    # whoever is bound tells himself as what
    return f',"reason":{_quoted(detail)}' if isinstance(detail, str) and kind != BOUND else ""


def _truth(fact: Fact) -> str:
    known = {name: value for name, value in fact._asdict().items() if value not in {"", None}}
    return f',"truth":{json.dumps(known, ensure_ascii=False, separators=(",", ":"))}'


@lru_cache(1024)
def _status(status: int) -> str:
    return f',"status":"{status_name(status)}","command_status":{status}'


def _caller(caller: Caller) -> str:
    told = "".join(
        f',"{name}":{_quoted(value)}'
        for name, value in (("account", caller.account), ("system_id", caller.system_id), ("bind", caller.bind_type))
        if value
    )
    return f'{told},"peer":{_quoted(caller.peer)},"listener":{_quoted(caller.listener)}'


def _evidence(evidence: Evidence, account: str | None) -> str:
    who = f',"account":{_quoted(account)}' if account else ""
    pdu = f',"pdu":"{evidence.octets.hex()}"' if evidence.octets else ""
    return (
        f'{who},"header":{{"command":{_quoted(command_name(evidence.command_id))},"command_id":{evidence.command_id},'
        f'"command_status":{evidence.command_status},"sequence_number":{evidence.sequence_number}}}{pdu}'
    )


def _alert(alert: Alert) -> str:
    return f',"account":{_quoted(alert.account)},"from":{_quoted(alert.phone.number)},"to":{_quoted(alert.esme.number)}'


def _broadcast(broadcast: Broadcast, detail: Any) -> str:
    told = (
        f',"broadcast":{broadcast.number},"account":{_quoted(broadcast.account)},'
        f'"from":{_quoted(broadcast.source.number)},"message_id":{_quoted(broadcast.message_id)},'
        f'"text":{_quoted(broadcast.text)},"areas":{len(broadcast.areas)}'
    )
    return told + (f',"state":"{detail}"' if isinstance(detail, str) else _status(detail))


def _anything(text: str) -> str:
    return f',"told":{_quoted(text[:SHOWN_MAX])}'
