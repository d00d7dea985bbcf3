"""A world that is watched: what its checks and its scenarios' expectations say of what its gateways do."""

from collections.abc import Mapping
from typing import Any

from simulator.carrier.carrier import Carrier
from simulator.carrier.messages import Cause, Message, Verdict
from simulator.checks.findings import Finding
from simulator.checks.watched import Family
from simulator.scenario.file import parse
from simulator.scenario.script import Script
from simulator.smsc.memory.watch import Watch
from tests.smsc.world import World


class Watched(World):
    """A world and its watch; ``texts`` are the scenarios' YAML."""

    def __init__(self, *texts: str, levels: Mapping[str, str] | None = None, **settings: Any) -> None:
        scenarios = [parse("scenario: 1\n" + text) for text in texts]
        script = Script(scenarios, 0) if any(one.rules or one.timeline or one.phases for one in scenarios) else None
        super().__init__(script=script, **settings)
        self.watch = Watch(self.smsc, lambda: self.now, scenarios, levels=levels)

    def finding(self, name: str) -> Finding:
        """What is said of one check, expectation or quirk."""
        verdict = self.watch.verdict()
        (found,) = [one for one in (*verdict.checks, *verdict.expectations, *verdict.quirks) if one.name.endswith(name)]
        return found

    def family(self, kind: type[Family]) -> Any:
        """The checks of one kind, for a look at what they keep."""
        (found,) = [one for one in self.watch._lint._families if isinstance(one, kind)]
        return found

    def outcome(self, name: str) -> str:
        """Its outcome alone."""
        return self.finding(name).outcome


class Refusing(Carrier):
    """A carrier that answers the first ``times`` submissions with ``status``, then takes all."""

    def __init__(self, status: int, times: int = 1, *, is_temporary: bool = False) -> None:
        super().__init__()
        self.status = status
        self.times = times
        self.is_temporary = is_temporary

    def submit(self, message: Message, account: Any, now: float) -> Verdict:
        if self.times:
            self.times -= 1
            cause = Cause("refused by the test", answer=self.status, is_temporary=self.is_temporary)
            return Verdict(accepted=False, cause=cause)
        return super().submit(message, account, now)
