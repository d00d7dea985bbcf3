"""The pytest plugin: a fake SMSC for any test that asks for the fixture ``smsc``, and its story where the test fails.

It imports nothing but pytest: the server, and all that it needs, is imported when the first test asks for it. It knows
fixtures and reports; what the SMSC can do is the embedded one's, or that of a server which runs already.
"""

import os
import sys
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pytest

if TYPE_CHECKING:
    import ssl

    from simulator.embed.embedded import EmbeddedSmsc
    from simulator.embed.remote import RemoteSmsc

    AnySmsc: TypeAlias = EmbeddedSmsc | RemoteSmsc

_TOLD: Final = ("scenario", "speed", "seed")
"""What the mark may say."""
_MARK: Final = (
    "smsc(scenario=None, speed=None, seed=None): what the fixture smsc plays in this test: a scenario or a list of "
    "them, how fast the carrier's clock runs, and the seed of all luck"
)
_MADE: Final = pytest.StashKey[list[Any]]()
"""Those that a test has made by itself."""
_MODULES: Final = ("simulator.embed.embedded", "simulator.embed.remote")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The server that runs already."""
    group = parser.getgroup("smsc", "carrier-sim")
    group.addoption(
        "--smsc-url",
        metavar="URL",
        default=None,
        help="run the tests against a carrier-sim that serves already, by its control API: http://127.0.0.1:8775 "
        "(default: SMSC_URL, else each run has a server of its own)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", _MARK)


# ---------------------------------------------------------------------- settings


@pytest.fixture(scope="session")
def smsc_address() -> tuple[str, int]:
    """Where ``smsc_server`` listens, for a conftest that wants another: a host, and a port or 0 for a free one.

    Against a server that runs already: where its SMPP is, its port 0 being 2775.
    """
    return "", 0


@pytest.fixture(scope="session")
def smsc_accounts() -> Any:
    """The accounts of ``smsc_server``, for a conftest: passwords by id, or Account objects; none: anybody may bind."""
    return ()


@pytest.fixture(scope="session")
def smsc_tls() -> "bool | ssl.SSLContext":
    """Whether ``smsc_server`` speaks TLS, for a conftest: True by a certificate made for it, or a context."""
    return False


@pytest.fixture(scope="session")
def smsc_settings() -> dict[str, Any]:
    """All other settings of ``smsc_server``, for a conftest: those of EmbeddedSmsc, by their names."""
    return {}


@pytest.fixture(scope="session")
def smsc_account() -> str | None:
    """Against a server that runs already: the account to which these tests keep, so that others may run beside them."""
    return None


# ---------------------------------------------------------------------- servers


@pytest.fixture(scope="session")
def smsc_server(request: pytest.FixtureRequest) -> "Iterator[AnySmsc]":
    """An SMSC for the whole run, on a free port; what one test leaves there another one sees, unless it uses smsc."""
    url = request.config.getoption("--smsc-url") or os.environ.get("SMSC_URL")
    if url:
        with _remote(request, url) as server:
            yield server
        return
    from simulator.embed.embedded import EmbeddedSmsc

    with EmbeddedSmsc(**_settings(request.getfixturevalue)) as own:
        yield own


def _settings(asked: Callable[[str], Any]) -> dict[str, Any]:
    host, port = asked("smsc_address")
    told: dict[str, Any] = {"accounts": asked("smsc_accounts"), "tls": asked("smsc_tls"), "port": port}
    if host:
        told["host"] = host
    return {**told, **asked("smsc_settings")}


def _remote(request: pytest.FixtureRequest, url: str) -> "RemoteSmsc":
    from simulator.embed.remote import RemoteSmsc

    asked = request.getfixturevalue
    account = asked("smsc_account")
    if account is None and hasattr(request.config, "workerinput"):
        raise pytest.UsageError("--smsc-url with several workers: each needs an account, by the fixture smsc_account")
    host, port = asked("smsc_address")
    return RemoteSmsc(url, smpp=(host, port), account=account, token=os.environ.get("CARRIER_SIM_TOKEN"))


@pytest.fixture
def make_smsc(request: pytest.FixtureRequest) -> "Iterator[Callable[..., EmbeddedSmsc]]":
    """Makes further servers for this test, with the settings of ``smsc_server`` and others: ``make_smsc("quirks/x")``.

    Each runs, on a free port, until the test ends.
    """
    from simulator.embed.embedded import EmbeddedSmsc

    made: list[EmbeddedSmsc] = []
    request.node.stash[_MADE] = made

    def make(scenarios: Any = (), **settings: Any) -> EmbeddedSmsc:
        common: Mapping[str, Any] = {**_settings(request.getfixturevalue), "port": 0}
        server = EmbeddedSmsc(scenarios, **{**common, **settings})
        made.append(server)
        return server.start()

    yield make
    for server in reversed(made):
        server.close()
    _tell_unsaid(made)


@pytest.fixture
def smsc(request: pytest.FixtureRequest, smsc_server: "AnySmsc") -> "Iterator[AnySmsc]":
    """The SMSC of the run, as it was at the start: no messages, no rules but those of the mark; bound sessions stay."""
    told = _told(request.node)
    try:
        smsc_server.reset(speed=told.get("speed"), seed=told.get("seed"))
    except ValueError as error:
        raise pytest.UsageError(f"@pytest.mark.smsc: {error}") from None
    scenario = told.get("scenario", ())
    if scenario:
        smsc_server.load(*(scenario if isinstance(scenario, list | tuple) else [scenario]))
    yield smsc_server
    _tell_unsaid([smsc_server])


def _tell_unsaid(servers: "list[Any]") -> None:
    for one in [one for server in servers for one in server.unsaid]:
        warnings.warn(f"smsc.{one} does nothing: no verb follows, as .reject() or .silence()", stacklevel=1)


def _told(item: pytest.Item) -> dict[str, Any]:
    """What the marks of a test say together; the nearest goes before those of its class and module."""
    told: dict[str, Any] = {}
    for mark in item.iter_markers("smsc"):
        if mark.args or not set(mark.kwargs) <= set(_TOLD):
            given = ", ".join([*map(repr, mark.args), *(f"{key}={value!r}" for key, value in mark.kwargs.items())])
            raise pytest.UsageError(f"@pytest.mark.smsc({given}): only {', '.join(_TOLD)}, by their names")
        told = {**mark.kwargs, **told}
    return told


# ---------------------------------------------------------------------- the report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a test fails that has an SMSC, its report tells what was said."""
    report = yield
    if not report.failed:
        return report
    kinds = tuple(
        kind
        for name, kind_name in zip(_MODULES, ("EmbeddedSmsc", "RemoteSmsc"), strict=True)
        if (kind := getattr(sys.modules.get(name), kind_name, None)) is not None
    )
    given = [*getattr(item, "funcargs", {}).values(), *item.stash.get(_MADE, ())]
    # a fixture of the user's may well hand out the same one under another name
    servers = {id(one): one for one in given if kinds and isinstance(one, kinds)}.values()
    for number, server in enumerate(servers, 1):
        report.sections.append(("smsc" if number == 1 else f"smsc {number}", server.conversation()))
    return report
