"""Messages as rows of the database and back: what never changes in one JSON text, what does in another."""

import json

from simulator.gateway.messages import Cause, Message, Order, Progress, Status
from simulator.gateway.waiting import Entry, PartOf, PartState

COLUMNS = "doc, state, status, charged"
"""What ``entry_of`` reads, in this order."""

_dumps = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode


def doc_of(order: Order) -> str:
    """What the order says, but for its extras' nature a flat object."""
    return _dumps(
        [
            order.id,
            order.dialect,
            order.space,
            order.source,
            order.destination,
            order.text,
            order.media,
            order.accepted_at,
            order.scheduled_at,
            order.expires_at,
            order.batch,
            order.callback,
            order.price,
            order.charged_at,
            order.is_urgent,
            order.extras,
            order.direction,
        ]
    )


def _order(doc: str) -> Order:
    fields = json.loads(doc)
    fields[6] = tuple(fields[6])
    fields[13] = Status(fields[13])
    return Order(*fields)


def state_of(message: Message, reference: int, parts: list[PartOf]) -> str:
    """What becomes of the message. It is written several times for each, so what is plain is not handed to json."""
    held = ",".join([_part(part) for part in parts])
    steps = ",".join([_step(step) for step in message.history])
    route = _dumps(message.route)
    return f"[{message.segments},{route},{message.doubts},{reference},[{held}],[{steps}],{_cause(message.cause)}]"


def _part(part: PartOf) -> str:
    if part.smsc_id or part.stat or part.err:
        return _dumps([part.state, part.smsc_id, part.stat, part.err, part.tries])
    return f'["{part.state.value}","","","",{part.tries}]'


def _step(step: Progress) -> str:
    # statuses are words, and the time is a number
    return f'["{step.status.value}",{step.at!r},{_cause(step.cause)},{"true" if step.is_change else "false"}]'


def _cause(cause: Cause | None) -> str:
    if cause is None:
        return "null"
    return _dumps([cause.key, cause.command_status, cause.stat, cause.err, cause.text])


def entry_of(row: tuple[str, str, str, int]) -> Entry:
    """A row's message, with its parts."""
    doc, state, status, charged = row
    segments, route, doubts, reference, parts, history, cause = json.loads(state)
    order = _order(doc)
    held = [PartOf(PartState(state), *rest) for state, *rest in parts]
    message = Message(
        order,
        Status(status),
        segments,
        None if cause is None else Cause(*cause),
        [Progress(Status(word), at, None if why is None else Cause(*why), new) for word, at, why, new in history],
        route,
        tuple(part.smsc_id for part in held if part.smsc_id),
        charged,
        doubts,
    )
    return Entry(message, reference, None, held, is_kept=True, is_urgent=order.is_urgent)
