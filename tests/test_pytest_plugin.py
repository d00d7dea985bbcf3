"""The plugin as its users meet it: fixtures, the mark, and what a failing test's report tells."""

import subprocess
import sys
import threading

import pytest
import trustme

# imported here, so that the runs inside share it: a second import of yaml in one process is not the same yaml
import simulator.embed.embedded
import simulator.embed.remote
import tests.embed.gateway

SHARED = (trustme, simulator.embed.embedded, simulator.embed.remote, tests.embed.gateway)
HEAD = """
import pytest
from tests.embed.gateway import bound

TO = "12025550100"

@pytest.fixture
def gateway(smsc):
    with bound(smsc) as one:
        yield one
"""


@pytest.fixture
def run(pytester: pytest.Pytester, request: pytest.FixtureRequest):
    """Runs tests as a user's project would, with these options, and tells how they went."""

    def go(tests: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(HEAD + tests)
        # the user's project has its own settings, and shares this one's plugins
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", "--strict-markers", *options)

    return go


def test_each_test_begins_with_a_clean_smsc(run) -> None:
    result = run("""
ports = set()

@pytest.mark.parametrize("turn", range(3))
def test_once(smsc, gateway, turn):
    assert smsc.messages() == []
    assert gateway.send() == 0
    smsc.when().reject()
    smsc.load("quirks/id-zero-or-reused")
    ports.add(smsc.port)
    assert smsc.wait_for().number == 1
    assert len(ports) == 1
""")
    result.assert_outcomes(passed=3)


def test_a_session_outlives_the_reset(run) -> None:
    result = run("""
@pytest.fixture(scope="module")
def always(smsc_server):
    with bound(smsc_server) as one:
        yield one

def test_first(always, smsc):
    assert always.send() == 0

def test_second(always, smsc):
    assert [one.account for one in smsc.sessions] == ["gateway"]
    assert always.send() == 0
    assert len(smsc.messages()) == 1
""")
    result.assert_outcomes(passed=2)


def test_the_mark_says_what_is_played(run) -> None:
    result = run("""
pytestmark = pytest.mark.smsc(speed=1_000_000, scenario="quirks/id-zero-or-reused")

@pytest.mark.smsc(scenario=["quirks/id-only-in-text", "quirks/err-zero-but-failed"], seed=5)
def test_marked(smsc, gateway):
    assert smsc.verdict().scenarios == ("quirks/id-only-in-text", "quirks/err-zero-but-failed")
    began = smsc.clock.time
    gateway.send()
    assert (smsc.clock.time - began).total_seconds() > 60

def test_of_the_module(smsc):
    assert smsc.verdict().scenarios == ("quirks/id-zero-or-reused",)
""")
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("said", ["'quirks/x'", "sede=1"])
def test_a_mark_that_is_none_is_an_error(run, said: str) -> None:
    result = run(f"""
@pytest.mark.smsc({said})
def test_marked(smsc):
    pass
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*UsageError: @pytest.mark.smsc({said}): only scenario, speed, seed*"])


def test_a_scenario_that_is_none_is_told_with_its_file(run) -> None:
    result = run("""
@pytest.mark.smsc(scenario="quirks/id-zero-or-resued")
def test_marked(smsc):
    pass
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no such file or scenario*", "*did you mean quirks/id-zero-or-reused?"])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("speed='fast'", "speed: 'fast', must be a number above 0 and at most 1000000"),
        ("speed=0", "speed: 0, must be a number above 0"),
        ("seed='lucky'", "seed: 'lucky', must be a whole number"),
    ],
)
def test_a_value_of_the_mark_that_is_none_is_told(run, said: str, told: str) -> None:
    result = run(f"""
@pytest.mark.smsc({said})
def test_marked(smsc):
    pass
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*@pytest.mark.smsc: {told}*"])


def test_a_scenario_of_listeners_is_played_by_tls_and_they_are_gone_in_the_next_test(run) -> None:
    result = run("""
import socket, ssl

@pytest.mark.smsc(scenario="quirks/tls-surprises")
def test_tls(smsc):
    context = ssl.create_default_context(cadata=smsc.authority.decode())
    with socket.create_connection((smsc.host, smsc.port_of("new-version"))) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
            assert secure.version() == "TLSv1.3"
    with socket.create_connection((smsc.host, smsc.port_of("expired"))) as plain:
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            context.wrap_socket(plain, server_hostname="127.0.0.1")

def test_next(smsc, gateway):
    with pytest.raises(KeyError):
        smsc.port_of("expired")
    assert gateway.send() == 0
    smsc.load("quirks/tls-surprises")
    assert smsc.port_of("expired")
""")
    result.assert_outcomes(passed=2)


def test_a_rule_without_a_verb_is_told_at_the_end(run) -> None:
    result = run(
        """
def test_half(smsc, gateway):
    whole = smsc.when(destination=TO)
    smsc.when(text="stop")
    whole.reject()

def test_next(smsc):
    pass
""",
        "-W",
        "default::UserWarning",
    )
    result.assert_outcomes(passed=2, warnings=1)
    result.stdout.fnmatch_lines(["*smsc.when(text='stop') does nothing: no verb follows*"])


def test_a_bad_verdict_is_false_and_names_what_failed(run) -> None:
    result = run("""
def test_fine(smsc, gateway):
    gateway.send()
    assert smsc.verdict()

def test_bad(smsc, gateway):
    smsc.when().reject("ESME_RTHROTTLED", times=2)
    gateway.send()
    gateway.send()
    assert smsc.verdict()
""")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["E *assert <Verdict failed; backs_off: the message that was refused came again * ms after ESME_RTHROTTLED*>"]
    )


def test_accounts_may_be_passwords_by_id(run) -> None:
    result = run("""
@pytest.fixture(scope="session")
def smsc_settings():
    return {"accounts": {"gateway": "secret"}}

def test_settings(smsc):
    with bound(smsc):
        smsc.wait_for_bind(account="gateway")
    with pytest.raises(Exception, match="(?i)bind"):
        with bound(smsc, "stranger"):
            pass
""")
    result.assert_outcomes(passed=1)


def test_settings_are_a_fixture_of_the_user_s(run) -> None:
    result = run("""
@pytest.fixture(scope="session")
def smsc_settings():
    return {"host": "localhost", "seed": 3}

def test_settings(smsc, gateway):
    assert smsc.host == "localhost"
""")
    result.assert_outcomes(passed=1)


def test_a_failing_test_tells_the_conversation(run) -> None:
    result = run("""
def test_fails(smsc, gateway):
    smsc.when(destination="12025550101").reject("ESME_RTHROTTLED")
    gateway.send(TO, "hi", data_coding=3)
    smsc.wait_for(destination=TO, text="ho", timeout=0.1)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*NotSeen: wait_for(destination='12025550100', text='ho'): wanted 1, came 0, in 0.1 s",
            "*  near: message 1, 12025550199 -> 12025550100, 'hi': text: wanted ho, got hi",
            "*- smsc -*",
            "sessions: 1",
            "*session * of 127.0.0.1:*: gateway TRX 3.4, BOUND_TRX, 1 submitted",
            "*<- submit_sm * registered_delivery=1 (receipt) data_coding=3 (Latin 1* short_message='hi'",
            "*submitted #1 12025550199 -> 12025550100 'hi'",
            "*answered #1 12025550199 -> 12025550100: ESME_ROK",
            "*-> submit_sm_resp * message_id=*",
            "rules that fired: none",
            "*live[[]1] did not, of #1: destination: wanted 12025550101, got 12025550100",
        ]
    )


def test_a_passing_test_tells_nothing(run) -> None:
    result = run(
        """
def test_passes(smsc, gateway):
    gateway.send()
""",
        "-rA",
    )
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*sessions:*")


def test_a_fixture_of_the_user_s_that_fails_tells_it_too(run) -> None:
    result = run("""
@pytest.fixture
def refused(smsc):
    smsc.load("quirks/bind-no-answer")
    raise AssertionError("nobody answers")

def test_never(smsc, refused):
    pass
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*nobody answers*", "*- smsc -*", "sessions: none"])


def test_a_test_without_smsc_has_no_server_and_no_section(run) -> None:
    before = threading.active_count()
    result = run("""
import threading

def test_fails():
    assert threading.active_count() == 0
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*assert {before} == 0*"])
    result.stdout.no_fnmatch_line("*- smsc -*")
    assert threading.active_count() == before


def test_the_plugin_imports_nothing_heavy_and_takes_no_time() -> None:
    program = (
        "import pytest, sys, time; before = set(sys.modules); began = time.process_time();"
        "import simulator.pytest_plugin;"
        "print(time.process_time() - began, *sorted(set(sys.modules) - before))"
    )
    seconds = list[float]()
    for _ in range(3):
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        told, *names = ran.stdout.split()
        assert names == ["simulator", "simulator.pytest_plugin"]
        seconds.append(float(told))
    assert min(seconds) < 0.005


def test_a_run_without_the_fixture_imports_neither_trio_nor_fastapi(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
import sys

def test_here(pytestconfig):
    assert pytestconfig.pluginmanager.has_plugin("carrier_simulator")
    assert not {"fastapi", "pydantic", "simulator.embed.embedded"} & set(sys.modules)

def test_there(smsc):
    assert "trio" in sys.modules
    assert not {"fastapi", "anycorn", "simulator.control.api"} & set(sys.modules)
    assert smsc.http_url.startswith("http://127.0.0.1:")
    assert "fastapi" in sys.modules
""")
    # without what is installed beside it, and imports trio for itself
    options = (
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "no:trio",
        "-p",
        "no:anyio",
        "-p",
        "no:hypothesispytest",
    )
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=2)


# ------------------------------------------------------------------ three flavours


def test_a_plain_test_waits_and_blocks(run) -> None:
    result = run("""
def test_plain(smsc, gateway):
    smsc.when(destination=TO).reject("ESME_RTHROTTLED", times=1)
    assert [gateway.send(), gateway.send()] == [0x58, 0]
    assert smsc.wait_for(destination=TO, state="DELIVRD").text == "hi"
    gateway.read()
    smsc.wait_until_idle()
""")
    result.assert_outcomes(passed=1)


def test_a_test_of_asyncio_awaits(run) -> None:
    result = run("""
import asyncio

pytestmark = pytest.mark.anyio

@pytest.fixture
def anyio_backend():
    return "asyncio"

async def test_asyncio(smsc):
    reader, writer = await asyncio.open_connection(smsc.host, smsc.port)
    writer.write(bytes.fromhex("00000019000000090000000000000001677700000034000000"))
    bound = asyncio.create_task(smsc.aio.wait_for_bind(account="gw"))
    assert (await bound).bind_type == "TRX"
    with pytest.raises(RuntimeError, match="await smsc.aio.wait_for"):
        smsc.wait_for()
    with pytest.raises(AssertionError, match="wanted 1, came 0"):
        await smsc.aio.wait_for(timeout=0.01)
    writer.close()
""")
    result.assert_outcomes(passed=1)


def test_a_test_of_trio_awaits_or_has_its_own(run) -> None:
    result = run("""
import trio
from simulator import open_esme, open_smsc
from simulator.smpp.pdus import SubmitSm

MESSAGE = dict(source_addr="1", destination_addr=TO, short_message=b"hi")

@pytest.mark.trio
async def test_in_its_thread(smsc):
    async with open_esme(smsc.host, smsc.port, system_id="gw") as esme:
        await esme.submit(SubmitSm(**MESSAGE))
        assert (await smsc.aio.wait_for(destination=TO, state="DELIVRD")).account == "gw"

@pytest.mark.trio
async def test_in_virtual_time(autojump_clock):
    async with open_smsc() as s, open_esme(stream=s.connect(), system_id="gw") as esme:
        s.when().deliver("DELIVRD", after="2 days")
        await esme.submit(SubmitSm(**MESSAGE))
        assert (await s.wait_for(state="DELIVRD", timeout="3 days")).text == "hi"
""")
    result.assert_outcomes(passed=2)


# ------------------------------------------------------------------ further servers, and others


def test_a_test_makes_as_many_as_it_likes(run) -> None:
    before = threading.active_count()
    result = run("""
@pytest.fixture(scope="session")
def smsc_accounts():
    return {"gateway": "secret"}

def test_two(smsc, make_smsc):
    other = make_smsc("quirks/throttle-storm")
    with bound(smsc) as here, bound(other) as there:
        assert (here.send("1"), there.send("1")) == (0, there.statuses[0])
    assert other.verdict().scenarios == ("quirks/throttle-storm",)
    assert smsc.verdict().scenarios == ()
    assert other.port != smsc.port
    raise AssertionError("shown")
""")
    result.assert_outcomes(failed=1, errors=0)
    result.stdout.fnmatch_lines(["*- smsc -*", "*- smsc 2 -*", "*gateway TRX*"])
    assert threading.active_count() == before


def test_address_accounts_and_tls_are_fixtures_of_the_user_s(run) -> None:
    result = run("""
import socket, ssl

@pytest.fixture(scope="session")
def smsc_address():
    return "localhost", 0

@pytest.fixture(scope="session")
def smsc_tls():
    return True

def test_tls(smsc):
    assert smsc.host == "localhost"
    context = ssl.create_default_context(cadata=smsc.authority.decode())
    with socket.create_connection((smsc.host, smsc.port)) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as secure:
            assert secure.version() == "TLSv1.3"
""")
    result.assert_outcomes(passed=1)


SUITE = """
def test_it_is_tried_again(smsc, gateway):
    smsc.when(destination=TO).reject("ESME_RTHROTTLED", times=2)
    assert [gateway.send() for _ in range(3)] == [0x58, 0x58, 0]
    assert smsc.wait_for(destination=TO, state="DELIVRD").text == "hi"
    assert smsc.journal.count(kind="submitted") == 3

@pytest.mark.smsc(scenario="quirks/throttle-storm")
def test_the_mark(smsc, gateway):
    assert smsc.verdict().scenarios == ("quirks/throttle-storm",)
    assert smsc.messages() == []
"""


@pytest.mark.parametrize("way", ["option", "environment"])
def test_the_same_tests_run_against_a_server_elsewhere(run, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with simulator.embed.embedded.open_smsc() as elsewhere:
        address = f"""
@pytest.fixture(scope="session")
def smsc_address():
    return "", {elsewhere.port}
"""
        if way == "environment":
            monkeypatch.setenv("SMSC_URL", elsewhere.http_url)
            result = run(address + SUITE)
        else:
            result = run(address + SUITE, "--smsc-url", elsewhere.http_url)
        result.assert_outcomes(passed=2)
        assert elsewhere.journal.count("bound") >= 1


def test_a_failing_test_tells_the_conversation_of_a_server_elsewhere(run) -> None:
    with simulator.embed.embedded.open_smsc() as elsewhere:
        result = run("def test_fails(smsc):\n    smsc.wait_for(timeout=0)", "--smsc-url", elsewhere.http_url)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- smsc -*", f"at {elsewhere_url(result)}", "events: *"])


def elsewhere_url(result: pytest.RunResult) -> str:
    return next(line.removeprefix("at ") for line in result.stdout.lines if line.startswith("at http://"))


def test_nobody_at_the_address_is_told(run) -> None:
    result = run("def test_fails(smsc):\n    pass", "--smsc-url", "http://127.0.0.1:1")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*NotReached: http://127.0.0.1:1: *"])


@pytest.mark.slow
def test_workers_have_a_server_each(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
import pytest

@pytest.mark.parametrize("turn", range(4))
def test_port(smsc, turn, worker_id):
    assert smsc.port > 0
    assert worker_id.startswith("gw")
""")
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-n", "2").assert_outcomes(passed=4)
