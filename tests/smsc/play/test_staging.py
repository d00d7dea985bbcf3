"""What the carrier sections of files make of an SMSC, seen by gateways that bind to it."""

from simulator.carrier.accounts import Account
from simulator.scenario.file import parse
from simulator.smpp.pdus import SubmitSmResp
from simulator.smsc.play.staging import staged
from tests.smsc.world import START, World, a_submission


def world_of(*carriers: str, accounts: tuple[Account, ...] = (), rules: str = "") -> World:
    """A world under the carrier sections of these files, the last with these rules."""
    files = [f"scenario: 1\ncarrier: {one}\n" for one in carriers]
    files[-1] += rules
    world = World()
    world.smsc = staged([parse(one) for one in files], world.now, START, accounts=accounts, seed=7)
    return world


def test_without_scenarios_it_is_the_default() -> None:
    world = World()
    world.smsc = staged([], world.now, START)
    gateway = world.bound("anybody", password="at all")
    answer = gateway.submit()
    world.run(0.3)
    assert gateway.stats == [(answer.message_id, "DELIVRD")]
    assert world.smsc.stage is None


def test_accounts_are_known_by_their_passwords() -> None:
    world = world_of("{system_id: SMSC, accounts: {gateway: {password: 0815}, open: {}}}")
    answer = world.gateway().bind("gateway", password="0815")
    assert (answer.command_status, answer.system_id) == (0, "SMSC")
    assert world.gateway().bind("gateway", password="815").command_status == 0x0E
    assert world.gateway().bind("open", password="any").command_status == 0
    assert world.gateway().bind("stranger").command_status == 0x0F


def test_others_are_admitted_or_refused_as_is_said() -> None:
    assert world_of("{accounts: {a: {}}, others: admit}").gateway().bind("stranger").command_status == 0
    assert world_of("{others: refuse}").gateway().bind("stranger").command_status == 0x0F


def test_an_account_says_how_often_and_as_what_it_binds() -> None:
    world = world_of("{bind_types: [TX, TRX], binds: 1, accounts: {a: {binds: 2}, b: {bind_types: RX}}}")
    assert [world.gateway().bind("a").command_status for _ in range(3)] == [0, 0, 0x05]
    assert [world.gateway().bind("b", bind).command_status for bind in ("TX", "RX", "RX")] == [0x0D, 0, 0x05]


def test_an_account_comes_from_its_networks() -> None:
    world = world_of("{accounts: {a: {networks: 192.0.2.0/24}}}")
    assert world.gateway().bind("a").command_status == 0x0D


def test_throughput_and_burst_throttle() -> None:
    world = world_of("{accounts: {a: {throughput: 60/min, burst: 2}}}")
    gateway = world.bound("a")
    assert [gateway.submit().command_status for _ in range(3)] == [0, 0, 0x58]
    world.run(1.0)
    assert gateway.submit().command_status == 0


def test_a_window_is_refused_beyond_or_waits() -> None:
    said = "{window: 1, over_window: ESME_RMSGQFUL, respond: 1s, accounts: {a: {}, b: {over_window: pause}}}"
    world = world_of(said)
    first, second = world.bound("a"), world.bound("b")
    answers = first.send_together(a_submission(), a_submission())
    assert [one and one.command_status for one in answers] == [None, 0x14]
    assert second.send_together(a_submission(), a_submission()) == [None, None]
    world.run(2.0)
    assert [one.command_status for one in second.of(SubmitSmResp)] == [0, 0]


def test_the_window_towards_the_esme_is_said_too() -> None:
    assert world_of("{deliver_window: 3}").bound("a").session.connection.window == 3


def test_incoming_messages_go_to_the_account_of_the_number() -> None:
    world = world_of('{accounts: {a: {}, b: {numbers: ["+5555"]}}}')
    assert world.smsc.mo("5555", "1", "hello", world.now).account == "b"


def test_responses_and_deliveries_take_their_time() -> None:
    world = world_of("{respond: 1s, deliver: 5s}")
    gateway = world.bound()
    assert gateway.submit() is None
    world.run(1.0)
    assert len(gateway.received) == 1
    world.run(4.9)
    assert gateway.stats == []
    world.run(0.2)
    assert [stat for _, stat in gateway.stats] == ["DELIVRD"]


def test_what_a_rule_delivers_without_a_time_takes_the_carriers() -> None:
    world = world_of("{deliver: 5s}", rules="rules: [{then: {deliver: UNDELIV}}]")
    gateway = world.bound()
    gateway.submit()
    world.run(4.9)
    assert gateway.stats == []
    world.run(0.2)
    assert [stat for _, stat in gateway.stats] == ["UNDELIV"]


def test_a_vendors_tlvs_have_their_names_in_the_accounts_terms() -> None:
    world = world_of("{vendor_tlvs: ['0x1401=billing_id:cstring'], accounts: {a: {}}}")
    assert world.smsc.terms_of("a").book[0x1401].name == "billing_id"


def test_a_later_file_goes_before_an_earlier_one_key_by_key() -> None:
    world = world_of("{system_id: A, accounts: {a: {password: x, binds: 1}}}", "{accounts: {a: {password: y}}}")
    assert world.gateway().bind("a", password="x").command_status == 0x0E
    answer = world.gateway().bind("a", password="y")
    assert (answer.command_status, answer.system_id) == (0, "A")
    assert world.gateway().bind("a", password="y").command_status == 0x05


def test_an_account_of_the_command_line_goes_before_the_files() -> None:
    world = world_of("{accounts: {a: {password: x, binds: 1}}}", accounts=(Account("a", "z"), Account("b")))
    assert world.gateway().bind("a", password="x").command_status == 0x0E
    assert [world.gateway().bind("a", password="z").command_status for _ in range(2)] == [0, 0x05]
    assert world.gateway().bind("b").command_status == 0


def test_what_the_command_line_leaves_open_of_an_account_a_file_says() -> None:
    said = "{throughput: 1/s, accounts: {a: {password: x, throughput: 2/s, numbers: 5555, networks: 192.0.2.0/24}}}"
    world = world_of(said, accounts=(Account("a", "z"), Account("b", throughput=3.0), Account("c")))
    assert world.gateway().bind("a", password="z").command_status == 0x0D
    account = world.smsc.accounts.get("a")
    assert account is not None
    assert (account.password, account.throughput, account.numbers) == ("z", 2.0, frozenset({"5555"}))
    assert [one.throughput for one in world.smsc.accounts] == [2.0, 3.0, 1.0]


def test_messages_beyond_the_window_may_be_given_any_status_also_as_a_number() -> None:
    world = world_of("{window: 1, over_window: 0x45, respond: 1s}")
    answers = world.bound().send_together(a_submission(), a_submission())
    assert [one and one.command_status for one in answers] == [None, 0x45]
