"""A carrier-sim that runs already, with the verbs of one of our own: the same tests against either.

It knows the control API's addresses and bodies; what they do is decided there. What cannot be had over HTTP, or has
not been built, says so by name (NotRemote).
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from itertools import count as counting
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any, Final, NoReturn, Self, TypeVar

from simulator.embed.asking import Api, NotReached, NotRemote, SmscRefused, quoted
from simulator.embed.inside import check_words
from simulator.embed.loops import awaited, refuse_in_a_loop
from simulator.embed.told import event_from, message_from, moment, session_from, verdict_from
from simulator.embed.waiting import GLANCE, TIMEOUT, NotSeen, Wanted
from simulator.scenario.file import dump, shipped, written
from simulator.scenario.schema import Rule, Scenario
from simulator.scenario.speaking import InOrder, Turn, When, seconds_of_span, span_text
from simulator.smsc.memory.recall import SeenEvent, SeenMessage, SeenSession, Truncated
from simulator.smsc.memory.watch import Verdict

PORT: Final = 2775
"""Where carrier-sim speaks SMPP unless it was told otherwise."""
PAGE: Final = 1000
SHOWN: Final = 80
"""Events that a conversation tells."""

R = TypeVar("R")


class RemoteSmsc:
    """An SMSC at ``url``, its control API. ``smpp`` is where it speaks SMPP: a host, "" being the API's, and a port.

    ``account``: only what is this account's is seen, counted and reset, so that others may use the server meanwhile.
    It is not started and not ended here.
    """

    def __init__(
        self,
        url: str,
        *,
        smpp: tuple[str, int] = ("", 0),
        account: str | None = None,
        token: str | None = None,
    ) -> None:
        """Raises ValueError for what is no address."""
        self._api = Api(url, account=account, token=token)
        self._account = account
        self.host = smpp[0] or self._api.host
        self.port = smpp[1] or PORT
        self._whens: list[When[str]] = []
        self._rules: list[str] = []
        """Those that were added here since the last reset."""
        # whatever else uses this server has other names
        self._label = f"{secrets.token_hex(4)}-"
        self._labels = counting(1)
        self.journal = RemoteJournal(self._api)
        """What has happened, event by event."""
        self.clock = RemoteClock(self._api)
        """The carrier's clock."""
        self.aio = RemoteAio(self)
        """The verbs that wait, for asyncio and trio."""

    def __enter__(self) -> Self:
        """Raises NotReached where nobody answers."""
        self._api.get("/healthz")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing of ours stays: the rules that were added here are taken away."""
        if not isinstance(error, NotReached):
            for rule in self._rules:
                self._forget(rule)

    # ------------------------------------------------------------------ what is there only in our own

    def port_of(self, listener: str) -> int:
        """Raises NotRemote."""
        self._only_own("port_of")

    @property
    def subscribers(self) -> NoReturn:
        """Raises NotRemote: PUT and PATCH /api/subscribers/NUMBER change phones."""
        self._only_own("subscribers")

    def _only_own(self, verb: str) -> NoReturn:
        raise NotRemote(f"smsc.{verb}: not over HTTP, at {self._api.url}; only where the test has an SMSC of its own")

    @property
    def http_url(self) -> str:
        """Where its control API is."""
        return self._api.url

    @property
    def authority(self) -> bytes:
        """PEM of who has signed its certificates; empty where nobody has."""
        try:
            return self._api.octets("GET", "/api/tls/ca.pem")
        except SmscRefused:
            return b""

    # ------------------------------------------------------------------ rules and scenarios

    def when(self, **match: Any) -> When[str]:
        """A rule, as EmbeddedSmsc.when; ``until`` is a match here, and no span."""
        return self._begun(match)

    def once(self, **match: Any) -> When[str]:
        """The same for the first time that it comes."""
        return self._begun(match, is_once=True)

    def in_order(self) -> InOrder[str]:
        """Rules one after the other, as EmbeddedSmsc.in_order."""
        return InOrder(lambda match, turn: self._begun(match, turn=turn), self._next_label())

    def _begun(self, match: Mapping[str, Any], *, turn: Turn | None = None, is_once: bool = False) -> When[str]:
        made = When(match, self._put, self._forget, turn=turn, label=self._next_label(), is_once=is_once)
        self._whens = [*(one for one in self._whens if not one.is_said), made]
        return made

    def _next_label(self) -> str:
        return f"{self._label}{next(self._labels)}"

    def _put(self, rule: Rule, before: str | None) -> str:
        body = written(rule)
        if before is not None:
            return str(self._api.send("PUT", f"/api/rules/{quoted(before)}", body)["id"])
        made = str(self._api.send("POST", "/api/rules", body)["id"])
        self._rules.append(made)
        return made

    def _forget(self, rule: str) -> None:
        try:
            self._api.send("DELETE", f"/api/rules/{quoted(rule)}")
        except SmscRefused as error:
            # a reset has taken it away already
            if error.code != "not_found":
                raise

    @property
    def unsaid(self) -> list[str]:
        """What was begun by ``when`` since the last reset and does nothing, for want of a verb."""
        return [str(one) for one in self._whens if not one.is_said]

    def load(self, *scenarios: str | Path | Scenario) -> None:
        """Play these as well, from now on; a file of ours is sent as it stands. Raises ScenarioError, Misfit."""
        names = set(shipped()) | {name.rpartition("/")[2] for name in shipped()}
        for one in scenarios:
            if isinstance(one, Scenario):
                body: dict[str, Any] = {"yaml": dump(one), "name": f"scenario {self._next_label()}"}
            elif str(one) not in names and Path(one).is_file():
                body = {"yaml": Path(one).read_text(encoding="utf-8"), "name": str(one)}
            else:
                body = {"names": [str(one)]}
            self._api.send("POST", "/api/scenarios", body)

    def reset(self, *, speed: float | None = None, seed: int | None = None, keeps_sessions: bool = True) -> None:
        """As EmbeddedSmsc.reset; of one account only what is that one's. Raises SmscRefused for what is not."""
        self._whens.clear()
        self._rules.clear()
        told = {"speed": speed, "seed": seed, "sessions": None if keeps_sessions else "disconnect"}
        self._api.send("POST", "/api/reset", {key: one for key, one in told.items() if one is not None})

    # ------------------------------------------------------------------ what it does

    def mo(
        self, *, to: str, sender: str, text: str, account: str | None = None, split: str = "udh8"
    ) -> SeenMessage | None:
        """A subscriber writes; the message as it is at once."""
        body = {"to": to, "from": sender, "text": text, "split": split}
        sent = self._api.send("POST", "/api/mo", body if account is None else {**body, "account": account})
        return message_from(self._api.get(f"/api/messages/{sent['id']}"))

    def disconnect(
        self, fault: str = "fin", *, form: Mapping[str, Any] | None = None, **match: Any
    ) -> list[SeenSession]:
        """End the links of all bound sessions, or of those that match; they as they were."""
        return self._strike({"fault": fault, **(form or {})}, match)

    def unbind(self, **match: Any) -> list[SeenSession]:
        """Ask all who are bound to leave, or those that match."""
        return self._strike({"fault": "unbind"}, match)

    def stall(self, lasts: float | str | None = None, **match: Any) -> list[SeenSession]:
        """The links of all who are bound, or of those that match, stand, and that is all."""
        return self._strike({"fault": "hang"} | ({} if lasts is None else {"lasts": span_text(lasts)}), match)

    def _strike(self, fault: Mapping[str, Any], match: Mapping[str, Any]) -> list[SeenSession]:
        struck = self._bound(match)
        for one in struck:
            self._api.send("POST", f"/api/sessions/{one.number}/fault", fault)
        return struck

    def _bound(self, match: Mapping[str, Any]) -> list[SeenSession]:
        """The bound sessions that match."""
        if not match:
            return self.sessions
        try:
            # as many as there are: one more is not waited for
            query = {"where": json.dumps(match), "count": max(1, len(self.sessions)), "timeout": "0s"}
            return [session_from(one) for one in self._api.get("/api/sessions/wait", query)["sessions"]]
        except NotSeen:
            return self._some(match)

    def _some(self, match: Mapping[str, Any]) -> list[SeenSession]:
        found: list[SeenSession] = []
        try:
            for number in counting(1):
                query = {"where": json.dumps(match), "count": number, "timeout": "0s"}
                found = [session_from(one) for one in self._api.get("/api/sessions/wait", query)["sessions"]]
        except NotSeen:
            pass
        return found

    def observe(self, message: str, status: str) -> None:
        """The gateway says that a message has this status now, for the verdict. Raises SmscRefused."""
        self._api.send("POST", "/api/observations", {"message": message, "status": status})

    # ------------------------------------------------------------------ what it has seen

    @property
    def sessions(self) -> list[SeenSession]:
        """The sessions that are bound, in the order in which they came."""
        found = [session_from(one) for one in _pages(self._api, "/api/sessions", {}, "sessions")]
        return [one for one in found if one.is_bound]

    def messages(self, *, receipt: str | None = None, truth: str | None = None, **match: Any) -> list[SeenMessage]:
        """The messages since the last reset that match, oldest first."""
        check_words(receipt, truth)
        query = {**_asked(match), "receipt": receipt, "truth": truth}
        return [message_from(row) for row in _pages(self._api, "/api/messages/search", query, "messages")][::-1]

    def verdict(self) -> Verdict:
        """What can be said of the gateway by now."""
        return verdict_from(self._api.get("/api/verdict"))

    def conversation(self) -> str:
        """What was said, for a person: sessions, the last events, rules that fired."""
        try:
            return "\n".join(self._conversation())
        except NotReached as error:
            return f"{error}"

    def _conversation(self) -> list[str]:
        lines = [f"at {self._api.url}" + ("" if self._account is None else f", account {self._account}")]
        lines += [f"  session {one.number} of {one.peer}: {one.system_id} {one.bind_type}" for one in self.sessions]
        total = self._api.get("/api/events", {"limit": 1})["total"]
        page = self._api.get("/api/events", {"limit": PAGE, "cursor": max(0, total - SHOWN)})
        lines.append(f"events: {total}")
        for one in page["events"]:
            about = f" #{one['message']} {one['from']} -> {one['to']} {one['text']!r}" if one["message"] else ""
            word = f": {one['detail']}" if one["detail"] else ""
            lines.append(f"  {one['at']}  session {one['session']}  {one['kind']}{about}{word}")
        fired = [f"{one['name']} {one['fired']} times" for one in self._api.get("/api/rules")["rules"] if one["fired"]]
        return [*lines, "rules that fired: " + (", ".join(fired) or "none")]

    # ------------------------------------------------------------------ waiting

    def wait_for(
        self,
        *,
        receipt: str | None = None,
        truth: str | None = None,
        count: int = 1,
        timeout: float | str = TIMEOUT,
        **match: Any,
    ) -> SeenMessage:
        """As EmbeddedSmsc.wait_for. Raises NotSeen."""
        refuse_in_a_loop("wait_for")
        return self._message(match, receipt, truth, count, timeout)

    def _message(
        self, match: Mapping[str, Any], receipt: str | None, truth: str | None, count: int, timeout: float | str
    ) -> SeenMessage:
        check_words(receipt, truth)
        wanted = Wanted("wait_for", match, count, timeout)
        query = {**_asked(match), "receipt": receipt, "truth": truth, **_patience(wanted)}
        found = _told(wanted, lambda: self._api.get("/api/messages/wait", query, waits=wanted.seconds))
        return message_from(found["messages"][count - 1])

    def wait_for_bind(self, *, count: int = 1, timeout: float | str = TIMEOUT, **match: Any) -> SeenSession:
        """As EmbeddedSmsc.wait_for_bind. Raises NotSeen."""
        refuse_in_a_loop("wait_for_bind")
        return self._session(match, count, timeout)

    def _session(self, match: Mapping[str, Any], count: int, timeout: float | str) -> SeenSession:
        wanted = Wanted("wait_for_bind", match, count, timeout)
        query = {"where": json.dumps(match), **_patience(wanted)}
        found = _told(wanted, lambda: self._api.get("/api/sessions/wait", query, waits=wanted.seconds))
        return session_from(found["sessions"][count - 1])

    def wait_until_idle(self, *, timeout: float | str = TIMEOUT) -> None:
        """As EmbeddedSmsc.wait_until_idle. Raises NotSeen."""
        refuse_in_a_loop("wait_until_idle")
        self._idle(timeout)

    def _idle(self, timeout: float | str) -> None:
        seconds = seconds_of_span(timeout, "wait_until_idle")
        ends, quiet = time.monotonic() + seconds, Event()
        while not (told := self._api.get("/api/pending"))["is_idle"]:
            if time.monotonic() >= ends:
                lines = "\n".join(f"  {line}" for line in told["pending"])
                raise NotSeen(f"wait_until_idle(): still busy after {seconds:g} s\n{lines}")
            quiet.wait(GLANCE)


class RemoteJournal:
    """The journal of a server elsewhere, since the last reset."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def count(self, kind: str | None = None, **match: Any) -> int:
        """How many events there were of a kind that match. Raises ScenarioError, Truncated."""
        return len(self._found(kind, match))

    def events(self, kind: str | None = None, **match: Any) -> list[SeenEvent]:
        """Those events, in their order."""
        return [event_from(one) for one in self._found(kind, match)]

    def _found(self, kind: str | None, match: Mapping[str, Any]) -> list[Any]:
        query = {"kind": kind, "where": json.dumps(match) if match else None}
        return _pages(self._api, "/api/events", query, "events")


class RemoteClock:
    """The carrier's clock of a server elsewhere."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @property
    def time(self) -> datetime:
        """What the carrier's calendar shows, in UTC."""
        return datetime.fromtimestamp(moment(self._api.get("/api/clock")["time"]), UTC)

    def set_rate(self, rate: float) -> None:
        """Run so many times as fast as real time from now on."""
        self._api.send("POST", "/api/clock", {"rate": rate})

    def advance(self, span: float | str) -> datetime:
        """Go ahead by "3 days" or so many seconds, as EmbeddedClock.advance."""
        refuse_in_a_loop("clock.advance")
        return self.advanced(span)

    def advanced(self, span: float | str) -> datetime:
        """The same in any thread."""
        seconds_of_span(span, "clock.advance")
        told = self._api.send("POST", "/api/clock", {"advance": span_text(span)}, waits=600.0)
        return datetime.fromtimestamp(moment(told["time"]), UTC)


class RemoteAio:
    """The verbs that wait, for ``await``: each asks in a thread of its own."""

    def __init__(self, smsc: RemoteSmsc) -> None:
        self._smsc = smsc
        self.clock = RemoteAioClock(smsc)
        """Its ``advance`` is awaited."""

    async def wait_for(
        self,
        *,
        receipt: str | None = None,
        truth: str | None = None,
        count: int = 1,
        timeout: float | str = TIMEOUT,  # noqa: ASYNC109 -- in carrier-sim's words, and told in full where it is over
        **match: Any,
    ) -> SeenMessage:
        """As RemoteSmsc.wait_for."""
        message = self._smsc._message  # noqa: SLF001 -- the other half of one thing
        return await in_a_thread("wait_for", lambda: message(match, receipt, truth, count, timeout))

    async def wait_for_bind(
        self,
        *,
        count: int = 1,
        timeout: float | str = TIMEOUT,  # noqa: ASYNC109 -- as above
        **match: Any,
    ) -> SeenSession:
        """As RemoteSmsc.wait_for_bind."""
        session = self._smsc._session  # noqa: SLF001 -- as above
        return await in_a_thread("wait_for_bind", lambda: session(match, count, timeout))

    async def wait_until_idle(self, *, timeout: float | str = TIMEOUT) -> None:  # noqa: ASYNC109 -- as above
        """As RemoteSmsc.wait_until_idle."""
        idle = self._smsc._idle  # noqa: SLF001 -- as above
        await in_a_thread("wait_until_idle", lambda: idle(timeout))


class RemoteAioClock:
    """The clock, awaited."""

    def __init__(self, smsc: RemoteSmsc) -> None:
        self._smsc = smsc

    async def advance(self, span: float | str) -> datetime:
        """As RemoteClock.advance."""
        return await in_a_thread("clock.advance", lambda: self._smsc.clock.advanced(span))


async def in_a_thread(verb: str, deed: Callable[[], R]) -> R:
    """What blocks, awaited; it goes on to its end where nobody awaits it any more."""
    done: Future[R] = Future()
    done.set_running_or_notify_cancel()

    def run() -> None:
        try:
            done.set_result(deed())
        except BaseException as error:  # noqa: BLE001 -- it is raised where it was asked for
            done.set_exception(error)

    Thread(target=run, name="carrier-sim asks", daemon=True).start()
    return await awaited(verb, done, lambda: None)


def _pages(api: Api, path: str, query: Mapping[str, Any], name: str) -> list[Any]:
    """All rows, page by page. Raises Truncated where the oldest are gone."""
    found: list[Any] = []
    cursor: str | None = None
    while True:
        page = api.get(path, {**query, "limit": PAGE, "cursor": cursor})
        found += page[name]
        cursor = page["next"]
        if page.get("truncated"):
            raise Truncated(f"{name}: older ones are no longer kept, so this is not known")
        if cursor is None:
            return found


def _asked(match: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a match in a query; those of subscribers' messages have a direction."""
    keys = dict(match)
    is_mo = keys.pop("event", None) == "mo"
    return {"where": json.dumps(keys) if keys else None, "direction": "mo" if is_mo else "mt"}


def _patience(wanted: Wanted) -> dict[str, Any]:
    return {"count": wanted.count, "timeout": span_text(wanted.seconds)}


def _told(wanted: Wanted, ask: Callable[[], Any]) -> Any:
    """What was waited for. Raises NotSeen with what was wanted."""
    try:
        return ask()
    except NotSeen as error:
        raise NotSeen(f"{wanted}: {error}") from None


__all__ = ["RemoteAio", "RemoteAioClock", "RemoteClock", "RemoteJournal", "RemoteSmsc", "in_a_thread"]
