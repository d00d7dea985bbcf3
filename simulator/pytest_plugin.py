"""The pytest plugin: a fake SMSC for any test that asks for the fixture ``smsc``, and its story where the test fails.

It imports nothing but pytest: the server, and all that it needs, is imported when the first test asks for it. It knows
fixtures and reports; what the SMSC can do is the embedded one's.
"""

import sys
import warnings
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from simulator.embed.embedded import EmbeddedSmsc

_TOLD: Final = ("scenario", "speed", "seed")
"""What the mark may say."""
_MARK: Final = (
    "smsc(scenario=None, speed=None, seed=None): what the fixture smsc plays in this test: a scenario or a list of "
    "them, how fast the carrier's clock runs, and the seed of all luck"
)


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", _MARK)


@pytest.fixture(scope="session")
def smsc_settings() -> dict[str, Any]:
    """The settings of ``smsc_server``, for a conftest that wants others: those of EmbeddedSmsc, by their names."""
    return {}


@pytest.fixture(scope="session")
def smsc_server(smsc_settings: dict[str, Any]) -> "Iterator[EmbeddedSmsc]":
    """An SMSC for the whole run, on a free port; what one test leaves there another one sees, unless it uses smsc."""
    from simulator.embed.embedded import EmbeddedSmsc

    with EmbeddedSmsc(**smsc_settings) as server:
        yield server


@pytest.fixture
def smsc(request: pytest.FixtureRequest, smsc_server: "EmbeddedSmsc") -> "Iterator[EmbeddedSmsc]":
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
    for one in smsc_server.unsaid:
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a test fails that has an SMSC, its report tells what was said."""
    report = yield
    embedded = sys.modules.get("simulator.embed.embedded")
    if embedded is None or not report.failed:
        return report
    given = getattr(item, "funcargs", {}).values()
    # a fixture of the user's may well hand out the same one under another name
    for server in {id(one): one for one in given if isinstance(one, embedded.EmbeddedSmsc)}.values():
        report.sections.append(("smsc", server.conversation()))
    return report
