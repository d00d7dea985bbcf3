"""``carrier-sim wait-for`` and ``verdict``: a running server asked over its control API, for suites in a shell.

They know HTTP and the exit codes: 0 it came, or the verdict is not bad; 1 it did not, or it is; 2 wrong usage; 3 nobody
was there to ask, or he could not tell.
"""

import json
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import typer

from simulator.cli.ends import BAD, COULD_NOT_RUN, WRONG, fail

ANSWER_WITHIN: Final = 30.0
"""Seconds after which a server that does not answer, and was to answer at once, is taken for dead."""

Url = Annotated[
    str, typer.Option(metavar="http://HOST:PORT", envvar="SMSC_URL", help="The control API of a running server.")
]
Token = Annotated[str | None, typer.Option(envvar="CARRIER_SIM_TOKEN", help="What it asks for off loopback.")]


class Asked:
    """A running server. Ends the command where it cannot be asked."""

    def __init__(self, url: str, token: str | None) -> None:
        try:
            parts = urlsplit(url)
            is_place = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            is_place = False
        if not is_place:
            fail(f"--url: {url!r}, allowed: http://HOST:PORT as in the line that says ready")
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        # whatever proxy the environment names, a server under test is not behind it
        self._opener = build_opener(ProxyHandler({}))

    def get(self, path: str, query: Mapping[str, object] | None = None, within: float = ANSWER_WITHIN) -> Any:
        """The JSON that it answers with; ``within`` is how many seconds it may take for that."""
        asked = {key: value for key, value in (query or {}).items() if value is not None}
        place = f"{self._url}{path}{'?' if asked else ''}{urlencode(asked)}"
        # the scheme was looked at
        request = Request(place, headers=self._headers)  # noqa: S310
        try:
            with self._opener.open(request, timeout=within) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                self._refused(error.code, error.read())
        except URLError as error:
            fail(f"{self._url}: {error.reason}", COULD_NOT_RUN)
        except (OSError, HTTPException, ValueError) as error:
            fail(f"{self._url}: {type(error).__name__}: {error}", COULD_NOT_RUN)

    def _refused(self, status: int, body: bytes) -> NoReturn:
        """End with what a problem tells of itself: it did not come, the question was wrong, or it cannot be told."""
        from simulator.control.terminal import printable

        try:
            told = json.loads(body)
            detail, code, nearest = str(told["detail"]), told["code"], told.get("nearest", [])
        except (ValueError, KeyError, TypeError, AttributeError):
            fail(f"{self._url}: {status}, and no carrier-sim's answer", COULD_NOT_RUN)
        if code == "not_seen":
            near = [f"  near: {one}" for one in nearest] or ["  there are no messages"]
            fail("\n".join(map(printable, [f"wait-for: {detail}", *near])), BAD)
        fail(f"{self._url}: {printable(detail)}", WRONG if code == "invalid" else COULD_NOT_RUN)


def wait_for(
    *,
    url: Url = "http://127.0.0.1:8775",
    token: Token = None,
    to: Annotated[str | None, typer.Option("--to", "--destination", help="Destination, with or without +.")] = None,
    source: Annotated[str | None, typer.Option("--from", "--source", help="Source, with or without +.")] = None,
    account: Annotated[str | None, typer.Option(help="Name of the account.")] = None,
    state: Annotated[str | None, typer.Option(help="What the SMSC says of it: DELIVRD, UNDELIV ...")] = None,
    status: Annotated[str | None, typer.Option(help="What it was answered: ESME_ROK, ESME_RTHROTTLED ...")] = None,
    truth: Annotated[str | None, typer.Option(help="What is so, where networks are played: LOST ...")] = None,
    receipt: Annotated[str | None, typer.Option(metavar="sent|acknowledged", help="What of its receipts.")] = None,
    text: Annotated[str | None, typer.Option(help="Part of its text.")] = None,
    where: Annotated[
        str | None, typer.Option(metavar="JSON", help='Anything else of `when:` in a scenario: {"part": "last"}.')
    ] = None,
    direction: Annotated[str, typer.Option(metavar="mt|mo", help="From ESMEs or from subscribers.")] = "mt",
    timeout: Annotated[str, typer.Option(metavar="SPAN", help="How long at most: 5s, 500ms, 1m30s.")] = "5s",
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many messages, since the last reset.")] = 1,
    is_json: Annotated[
        bool, typer.Option("--json", help="The messages as /api/messages has them, one a line.")
    ] = False,
) -> None:
    """Wait until messages are there that are as they are asked for, and print them, the oldest first.

    Exit code 1 with the nearest ones on standard error where they do not come in time.
    """
    from simulator.scenario.words.words import Span, WordError

    try:
        seconds = float(Span.parse(timeout))
    except WordError as error:
        fail(f"--timeout: {error}")
    asked: dict[str, object] = {
        "to": to,
        "from": source,
        "account": account,
        "state": state,
        "status": status,
        "truth": truth,
        "receipt": receipt,
    }
    asked |= {"text.contains": text, "where": where, "direction": direction, "timeout": timeout, "count": count}
    found = Asked(url, token).get("/api/messages/wait", asked, within=seconds + ANSWER_WITHIN)
    try:
        lines = [json.dumps(row, ensure_ascii=True) if is_json else _shown(row) for row in found["messages"]]
    except (KeyError, TypeError, AttributeError) as error:
        fail(f"{url}: no messages of this version: {type(error).__name__}: {error}", COULD_NOT_RUN)
    for line in lines:
        typer.echo(line)


def _shown(row: Mapping[str, Any]) -> str:
    from simulator.control.terminal import printable

    truth = row.get("truth")
    state = f"{row['state']}, in truth {truth['state']}" if truth and truth["state"] != row["state"] else row["state"]
    return printable(f"message {row['id']}, {row['from']} -> {row['to']}, {state}, {row['text']!r}")


def verdict(
    *,
    url: Url = "http://127.0.0.1:8775",
    token: Token = None,
    junit: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write it as JUnit's XML, too; the file appears when it is whole."),
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help="Print it as GET /api/verdict has it.")] = False,
) -> None:
    """Ask a running server how the gateway has done so far. Exit code 1 if the verdict is bad.

    Something must judge there: a scenario with `expect:`, or `serve --report`; else the exit code is 3.
    """
    from simulator.cli.verdicts import tell, verdict_from
    from simulator.control.verdict import verdict_xml

    document = Asked(url, token).get("/api/verdict")
    try:
        told = verdict_from(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        fail(f"{url}: no verdict of this version: {type(error).__name__}: {error}", COULD_NOT_RUN)
    if junit is not None:
        _write(junit, verdict_xml(told))
    if is_json:
        typer.echo(json.dumps(document, indent=2))
    else:
        tell(told)
    if told.is_bad:
        raise typer.Exit(BAD)


def _write(path: Path, octets: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(octets)
        partial.replace(path)
    except OSError as error:
        fail(f"{path}: {error.strerror}", COULD_NOT_RUN)


__all__ = ["verdict", "wait_for"]
