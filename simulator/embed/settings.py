"""What somebody has written in Python to set an embedded SMSC up, checked: scenarios, accounts, speed, seed.

Whatever is wrong is told with what it was and what is allowed; nothing here runs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from simulator.carrier.accounts import Account
from simulator.scenario.file import load, parse
from simulator.scenario.schema import Scenario

Scenarios = Sequence[str | Path | Scenario] | str | Path | Scenario
"""Files, names of shipped ones, or scenarios that were made already; one or several."""
Accounts = Iterable[Account] | Mapping[str, str | None]
"""Account objects, or passwords by id; None admits any password."""

SPEED_MAX: Final = 1_000_000
QUIET: Final = "link timers off"
"""Name of the scenario that every other one goes before: a debugger's pause is no reason to hang up."""
_QUIET: Final = "scenario: 1\ncarrier: {link_policy: {enquire_every: never, response: never, session_init: never}}"


@dataclass(slots=True, frozen=True)
class Setup:
    """What an SMSC is made of, checked. ``begins_at``: what the carrier's clock shows at the start, in unix seconds."""

    names: tuple[str, ...]
    scenarios: tuple[Scenario, ...]
    accounts: tuple[Account, ...]
    seed: int
    speed: float
    begins_at: float | None


def setup_from(
    scenarios: Scenarios = (),
    *,
    accounts: Accounts = (),
    seed: int = 0,
    speed: float = 1.0,
    begins: datetime | None = None,
    has_link_timers: bool = False,
) -> Setup:
    """What was written, checked. Raises ScenarioError with all that is wrong with a file, ValueError for the rest."""
    names, found = scenarios_from(scenarios)
    if not has_link_timers:
        names, found = [QUIET, *names], [parse(_QUIET, QUIET), *found]
    return Setup(
        names=tuple(names),
        scenarios=tuple(found),
        accounts=accounts_from(accounts),
        seed=checked_seed(seed),
        speed=checked_speed(speed),
        begins_at=None if begins is None else begins.timestamp(),
    )


def scenarios_from(scenarios: Scenarios) -> tuple[list[str], list[Scenario]]:
    """Names and scenarios of what was written. Raises ScenarioError."""
    given = [scenarios] if isinstance(scenarios, str | Path | Scenario) else list(scenarios)
    found = [one if isinstance(one, Scenario) else load(one) for one in given]
    names = [f"scenario {number}" if isinstance(one, Scenario) else str(one) for number, one in enumerate(given, 1)]
    return names, found


def accounts_from(accounts: Any) -> tuple[Account, ...]:
    """The accounts of what was written (Accounts). Raises ValueError for anything else."""
    if isinstance(accounts, Mapping):
        return tuple(_account(name, password) for name, password in accounts.items())
    given = tuple(accounts) if isinstance(accounts, Iterable) and not isinstance(accounts, str) else (accounts,)
    for one in given:
        if not isinstance(one, Account):
            raise ValueError(f"accounts: {one!r}, must be Account objects, or a mapping as {{'gateway': 'secret'}}")
    return given


def _account(name: Any, password: Any) -> Account:
    if not isinstance(name, str) or not isinstance(password, str | None):
        # the password is not told: an error may end in a log
        kind = type(password).__name__
        raise ValueError(f"accounts: {name!r}: {kind}, must be a password by its id, as {{'gateway': 'secret'}}")
    return Account(name, password)


def checked_speed(speed: Any) -> float:
    """How many times faster than real time a clock runs. Raises ValueError."""
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 < speed <= SPEED_MAX:
        raise ValueError(f"speed: {speed!r}, must be a number above 0 and at most {SPEED_MAX}")
    return speed


def checked_seed(seed: Any) -> int:
    """The seed of all luck. Raises ValueError."""
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ValueError(f"seed: {seed!r}, must be a whole number")
    return seed


__all__ = [
    "QUIET",
    "Accounts",
    "Scenarios",
    "Setup",
    "accounts_from",
    "checked_seed",
    "checked_speed",
    "scenarios_from",
    "setup_from",
]
