"""The plugin as its users meet it: fixtures, the mark, and what a failing test's report tells."""

import subprocess
import sys
import threading

import pytest

# imported here, so that the runs inside share it: a second import of yaml in one process is not the same yaml
import simulator.embed.embedded
import tests.embed.gateway

SHARED = (simulator.embed.embedded, tests.embed.gateway)
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


def test_the_plugin_imports_nothing_heavy() -> None:
    program = (
        "import pytest, sys; before = set(sys.modules); import simulator.pytest_plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["simulator", "simulator.pytest_plugin"]


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
