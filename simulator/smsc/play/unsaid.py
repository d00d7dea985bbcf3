"""The err of a receipt where a story says how a message ends, and not why. It knows causes, and no PDU."""

from typing import Final

from simulator.carrier.causes import cause as cause_of
from simulator.carrier.messages import EXPIRED, REJECTED, UNDELIVERABLE, UNKNOWN, Cause

_UNSAID: Final = {
    **dict.fromkeys((UNDELIVERABLE, REJECTED, UNKNOWN), cause_of("unknown").err),
    EXPIRED: cause_of("validity_expired_carrier").err,
}
"""000 beside a failure is a quirk of its own."""


def err_of(state: str, cause: Cause | None) -> str:
    """The err of a state: its cause's, or where a story gives it none that of an unknown one."""
    return _UNSAID.get(state, "000") if cause is None else cause.err


__all__ = ["err_of"]
