"""What an SMSC plays is replaced while it runs: at once for what comes, and nothing that was decided changes."""

import pytest

from simulator.carrier.accounts import Account
from simulator.scenario.file import parse
from simulator.scenario.schema import Scenario
from simulator.smsc.play.playing import Misfit, Playing
from simulator.smsc.play.staging import staged
from tests.smsc.world import START, World


def scenario(text: str) -> Scenario:
    return parse(f"scenario: 1\n{text}")


def playing(
    text: str = "about: nothing", *, accounts: tuple[Account, ...] = (), allows: bool = False
) -> tuple[World, Playing]:
    world, first = World(), scenario(text)
    world.smsc = staged([first], world.now, START, accounts=accounts, seed=7)
    return world, Playing(world.smsc, [first], ["first"], accounts=accounts, allows_conflicts=allows)


def test_rules_take_the_place_of_rules() -> None:
    world, it = playing("rules: [{then: {reject: 8}}]")
    gateway = world.bound()
    assert gateway.submit().command_status == 8
    it.replace([scenario("rules: [{then: {reject: 9}}]")], ["second"], world.now)
    assert gateway.submit().command_status == 9
    it.replace([], [], world.now)
    assert gateway.submit().command_status == 0
    assert (it.names, it.first_names, it.scenarios) == ((), ("first",), ())


def test_who_played_nothing_and_plays_nothing_has_no_stage() -> None:
    world, it = playing()
    it.replace([], [], world.now)
    assert world.smsc.stage is None


def test_scenarios_without_names_have_numbers() -> None:
    world, _ = playing()
    assert Playing(world.smsc, [scenario("about: a"), scenario("about: b")]).names == ("scenario 1", "scenario 2")


def test_what_was_decided_stays() -> None:
    world, it = playing("rules: [{then: {deliver: UNDELIV after 10s, respond: 5s}}]")
    gateway = world.bound()
    assert gateway.submit() is None
    it.replace([scenario("rules: [{then: {deliver: REJECTD}}]")], ["second"], world.now)
    world.run(20.0)
    assert [stat for _, stat in gateway.stats] == ["UNDELIV"]


def test_what_a_pile_holds_is_released_by_the_rules_that_follow() -> None:
    world, it = playing("rules: [{then: {respond: {hold: p}}}]")
    gateway = world.bound()
    assert gateway.submit() is None
    it.replace([scenario("timeline: [{at: 1s, then: {release: p}}]")], ["second"], world.now)
    world.run(1.0)
    assert [pdu.name for pdu in gateway.received][:1] == ["submit_sm_resp"]


def test_the_story_begins_and_the_one_before_is_over() -> None:
    world, it = playing("phases: [{name: a, lasts: 10s}, {name: b}]\ntimeline: [{at: 20s, then: {send: unbind}}]")
    gateway = world.bound()
    it.replace([scenario("phases: [{name: c, lasts: 30s}, {name: d}]")], ["second"], world.now)
    stage = world.smsc.stage
    assert stage is not None
    world.run(25.0)
    assert (stage.story.phase, gateway.stands(), gateway.received) == ("c", True, [])
    world.run(10.0)
    assert stage.story.phase == "d"


def test_the_carrier_s_section_holds_for_what_comes() -> None:
    world, it = playing()
    gateway = world.bound()
    section = "system_id: NEW, throughput: 1/s, over_throughput: ESME_RMSGQFUL, deliver: 7s, others: admit, binds: 1"
    it.replace([scenario(f"carrier: {{{section}}}")], ["second"], world.now)
    assert [gateway.submit().command_status for _ in range(2)] == [0, 0]
    again = world.gateway()
    assert again.bind("other").system_id == "NEW"
    assert [again.submit().command_status for _ in range(2)] == [0, 0x14]
    assert world.gateway().bind("other").command_status == 0x05
    world.run(6.0)
    assert gateway.stats == []
    world.run(2.0)
    assert [stat for _, stat in gateway.stats] == ["DELIVRD", "DELIVRD"]
    it.replace([], [], world.now)
    assert again.submit().command_status == 0
    world.smsc.reset(world.now)
    assert world.smsc.system_id == "carrier-sim"


def test_accounts_are_those_of_the_files_and_of_the_command_line() -> None:
    given = Account("cli", "one")
    world, it = playing("carrier: {accounts: {old: {password: two}}}", accounts=(given,))
    it.replace([scenario("carrier: {accounts: {new: {password: three, throughput: 1/s}}}")], ["second"], world.now)
    statuses = [
        world.gateway().bind(*who, password=word).command_status
        for *who, word in (("cli", "one"), ("new", "three"), ("old", "two"))
    ]
    assert statuses == [0, 0, 0x0F]


def test_a_bound_session_has_the_new_throughput_of_its_account() -> None:
    text = "carrier: {accounts: {gateway: {password: x, throughput: 9/s}}}"
    world, it = playing(text)
    gateway = world.bound(password="x")
    it.replace([scenario(text.replace("9/s", "1/s"))], ["second"], world.now)
    assert [gateway.submit().command_status for _ in range(2)] == [0, 0x58]
    it.replace([scenario(text.replace("9/s", "1/s"))], ["second"], world.now)
    # the same account is the same bucket
    assert gateway.submit().command_status == 0x58


def test_what_does_not_fit_changes_nothing() -> None:
    world, it = playing("rules: [{then: {reject: 8}}]")
    gateway = world.bound()
    two = [
        scenario("rules: [{then: {reject: 9}}]"),
        scenario("rules: [{then: silence}]\ncarrier: {listeners: {new: {}}}"),
    ]
    with pytest.raises(Misfit) as caught:
        it.replace(two, ["a", "b"], world.now)
    assert [one.partition(":")[0] for one in caught.value.reasons] == ["b", "carrier.listeners"]
    assert (gateway.submit().command_status, it.names) == (8, ("first",))


def judged(it: Playing) -> list[str] | None:
    """What became of each promise; None where nobody judges."""
    return None if it.watch is None else [one.outcome for one in it.watch.verdict().expectations]


def test_what_takes_the_place_of_something_is_judged_by_its_own_promises() -> None:
    world, it = playing("expect: {events: {kind: submitted, count: 1}}")
    assert judged(it) is None
    it.judge(lambda: world.now, always=False)
    gateway = world.bound()
    gateway.submit()
    assert judged(it) == ["coped"]
    it.replace([scenario("expect: {events: {kind: submitted, count: 2..}}")], ["second"], world.now)
    gateway.submit()
    assert judged(it) not in (["coped"], None)
    gateway.submit()
    assert judged(it) == ["coped"]


def test_where_nothing_is_promised_nobody_judges_unless_always() -> None:
    world, it = playing("expect: {events: {kind: submitted}}")
    it.judge(lambda: world.now, always=False)
    it.replace([], [], world.now)
    assert judged(it) is None
    it.judge(lambda: world.now, always=True)
    it.replace([], [], world.now)
    assert judged(it) == []


def test_conflicts_may_be_allowed() -> None:
    world, it = playing(allows=True)
    it.replace(
        [scenario("rules: [{then: {reject: 8}}]"), scenario("rules: [{then: {reject: 9}}]")], ["a", "b"], world.now
    )
    assert world.bound().submit().command_status == 9


def test_listeners_that_stay_are_no_obstacle() -> None:
    text = "carrier: {listeners: {old: {}}}"
    world, it = playing(text)
    it.replace([scenario(text)], ["second"], world.now)
    it.replace([scenario("about: it says nothing of listeners")], ["third"], world.now)
    assert it.names == ("third",)
