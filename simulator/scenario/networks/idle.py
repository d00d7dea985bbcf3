"""What a network says in vain: a word that changes nothing as long as another one is missing, or is as it is.

It knows which words of a network need which others. A file is refused for it at the word, since whoever wrote it
believes that it does something.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from simulator.carrier.causes import SUBMIT
from simulator.carrier.filters.filters import LOST
from simulator.carrier.filters.filters import PASSED as TRUSTED
from simulator.carrier.limits.meters import DAY, MONTH, WEEK
from simulator.carrier.limits.quotas import REJECT
from simulator.carrier.numbers import TOLL_FREE
from simulator.carrier.registry.registry import FILTERED
from simulator.scenario.shape import Found, mapping

if TYPE_CHECKING:
    from simulator.carrier.network.profiles import Profile
    from simulator.scenario.networks.networks import NetworkForm

_SILENT: Final = (SUBMIT, LOST, TRUSTED)
"""Where no receipt tells of a no."""
_TOLD: Final = "only where a receipt tells of it: UNDELIV, REJECTD, DELIVRD"


def idle_of_requires(given: Mapping[str, Any]) -> Iterator[Found]:
    """A delay of what no receipt tells, and a share of what nobody filters."""
    if "after" in given and given.get("where", SUBMIT) in _SILENT:
        yield Found(("after",), "after of what no receipt tells", _TOLD, is_key=True)
    if "share" in given and FILTERED not in given.values():
        yield Found(("share",), "share of nothing", f"beside {FILTERED}", is_key=True)


def idle_of_filter(where: str, after: object) -> Found | None:
    """A delay of what shows at once, or never."""
    if after is None or where not in _SILENT:
        return None
    return Found(("after",), f"after of a filter that shows at {where}", _TOLD, is_key=True)


def idle_of_receipts(given: Mapping[str, Any]) -> Iterator[Found]:
    """What is told of the time before an end, where no end is ever told."""
    for key in ("buffered", "expires"):
        if key in given and given.get("tells") == "accepted_only":
            allowed = "only where receipts tell an end: truth, hub_first"
            yield Found((key,), f"{key} of receipts that tell of acceptance only", allowed, is_key=True)


def idle_of_limit(given: Mapping[str, Any]) -> Iterator[Found]:
    """A cause of a refusal that has one of its own."""
    over = given.get("over")
    mode = mapping(over).get("mode") if isinstance(over, dict) else over
    if "cause" in given and isinstance(mode, str) and mode != REJECT:
        allowed = f"with over: {REJECT}, or in it: over: {{mode: {mode}, cause: ...}}"
        yield Found(("cause",), f"cause of a limit with over: {mode}", allowed, is_key=True)
    elif "cause" in given and "cause" in mapping(over):
        yield Found(("cause",), "cause of a limit beside that of its over", "one of both", is_key=True)


def idle_of_phones(given: Mapping[str, Any]) -> Iterator[Found]:
    """The length of a spell that no phone has."""
    for key in ("absent", "roaming", "memory_full"):
        if f"{key}_for" in given and key not in given:
            yield Found((f"{key}_for",), f"{key}_for where nobody is", f"beside {key}", is_key=True)


def idle_of_delays(said: Mapping[str, Any], made: "Profile") -> Found | None:
    """How what never happens goes on."""
    if "gap" in said and not made.duplicate:
        return Found(("gap",), "gap where no receipt comes twice", "beside duplicate", is_key=True)
    key = next((one for one in ("retries", "delivered") if one in said), None)
    if key is not None and not made.first_failure:
        allowed = "beside first_failure; retries of phones stand in subscribers"
        return Found((key,), f"{key} where nothing fails at first", allowed, is_key=True)
    return None


def idle_of_network(form: "NetworkForm", *, has_phones: bool) -> Iterator[tuple[str, str]]:
    """Keys of a whole network that change nothing, each with what it would have to stand beside."""
    if form.opt_outs is not None and TOLL_FREE not in (form.hub_of or ()):
        # who else passes STOP on whatever anybody says
        yield "opt_outs", f"beside hub_of: {TOLL_FREE}"
    if form.sender_cause is not None and form.senders is None:
        yield "sender_cause", "beside senders"
    if form.zone is not None and not any(one.per in (DAY, WEEK, MONTH) for one in form.quotas.limits):
        yield "zone", f"beside a limit of a {DAY}, {WEEK} or {MONTH}"
    if form.hub_of and not has_phones:
        for key in ("fees", "subscribers"):
            if getattr(form, key) is not None:
                yield key, "beside prefixes: without numbers it has no phones"
