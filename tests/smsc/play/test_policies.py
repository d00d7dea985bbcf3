"""Who may bind and how a link is kept, as a carrier's policies say it: both sides of each limit."""

from typing import Any

import pytest

from simulator.journal import BIND_REFUSED, DISCONNECTED, REFUSED_PDU, TIMEOUT
from simulator.smpp.constants import CommandStatus
from simulator.smpp.pdus import (
    BindTransceiverResp,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Unbind,
    UnbindResp,
)
from simulator.smsc.play import policies
from simulator.smsc.play.policies import Refusal
from tests.smsc.play.test_staging import world_of
from tests.smsc.world import Gateway, World

RALYBND = int(CommandStatus.ESME_RALYBND)
RBINDFAIL = int(CommandStatus.ESME_RBINDFAIL)
RESET = ConnectionResetError(104, "Connection reset by peer")


def bind_policy(text: str, rest: str = "") -> World:
    return world_of(f"{{bind_policy: {text}{rest}}}")


def link_policy(text: str) -> World:
    return world_of(f"{{link_policy: {text}}}")


def end(world: World, gateway: Gateway, how: str) -> None:
    """One end of a connection, as its link would tell it."""
    now, session = world.now, gateway.session
    if how == "unbind":
        gateway.send(Unbind())
    if how == "timeout":
        # the first enquire_link of ours goes out, and nobody answers
        gateway.is_mute = True
        world.run(31)
        world.run(30)
        assert not session.is_open
        return
    if how == "rst":
        session.close(now, "connection lost: Connection reset by peer", RESET)
    else:
        session.close(now, "closed by the peer")
    world.gateways.remove(gateway)


def told(world: World) -> Any:
    """What the journal tells of the last bind that was refused."""
    return world.events(BIND_REFUSED)[-1][1]


# ---------------------------------------------------------------------- ghosts


@pytest.mark.parametrize(
    ("after", "ends"),
    [
        ("rst", {"rst"}),
        ("fin", {"fin"}),
        ("timeout", {"timeout"}),
        ("[rst, timeout]", {"rst", "timeout"}),
        ("any", {"rst", "fin", "timeout", "unbind"}),
    ],
)
@pytest.mark.parametrize("how", ["rst", "fin", "timeout", "unbind"])
def test_a_ghost_stays_after_the_ends_that_are_said(after: str, ends: set[str], how: str) -> None:
    world = bind_policy(f"{{ghosts: {{after: {after}, lasts: 2min}}}}")
    end(world, world.bound(), how)
    expected = RALYBND if how in ends else 0
    assert world.gateway().bind().command_status == expected


def test_a_ghost_goes_when_its_time_is_over() -> None:
    world = bind_policy("{ghosts: {lasts: 120s}}")
    end(world, world.bound(), "rst")
    world.run(119.9)
    assert world.gateway().bind().command_status == RALYBND
    assert told(world) == "ESME_RALYBND: 'gateway' is still bound, it seems, by 1 of its sessions"
    world.run(0.2)
    assert world.gateway().bind().command_status == 0


def test_a_ghost_for_ever_goes_at_a_reset() -> None:
    world = bind_policy("{ghosts: {lasts: never}}")
    end(world, world.bound(), "rst")
    world.run(1e6)
    assert world.gateway().bind().command_status == RALYBND
    world.smsc.reset(world.now)
    assert world.gateway().bind().command_status == 0


def test_a_ghost_is_in_the_way_of_its_own_account_and_bind_type_alone() -> None:
    world = bind_policy("{ghosts: {lasts: 2min, status: 0x450}}")
    end(world, world.bound(bind="TX"), "rst")
    assert world.gateway().bind(bind="TX").command_status == 0x450
    assert world.gateway().bind(bind="RX").command_status == 0
    assert world.gateway().bind("other", bind="TX").command_status == 0


def test_a_ghost_counts_among_the_binds_where_they_are_counted() -> None:
    world = bind_policy("{ghosts: {lasts: 2min}}", ", binds: 2")
    end(world, world.bound(), "rst")
    second = world.bound()
    assert world.gateway().bind().command_status == RALYBND
    assert str(told(world)).endswith("by 1 of its sessions")
    end(world, second, "unbind")
    assert world.gateway().bind().command_status == 0


def test_more_sessions_than_may_be_are_refused_as_ever_ghosts_or_not() -> None:
    world = bind_policy("{ghosts: {lasts: 2min}, statuses: {binds: ESME_RBINDFAIL}}", ", binds: 1")
    world.bound()
    assert world.gateway().bind().command_status == RBINDFAIL
    assert told(world) == "ESME_RBINDFAIL: 'gateway' has 1 binds, at most"


def test_whom_we_cut_off_by_a_reset_leaves_a_ghost() -> None:
    world = world_of(
        "{throughput: 1/s, over_throughput: rst, bind_policy: {ghosts: {after: rst, lasts: 2min}}}",
    )
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    world.hang_up()
    assert not gateway.stands()
    assert world.gateway().bind().command_status == RALYBND


def test_who_was_never_bound_leaves_no_ghost() -> None:
    world = bind_policy("{ghosts: {after: any, lasts: 2min}}")
    end(world, world.gateway(), "rst")
    assert world.gateway().bind().command_status == 0


def test_an_account_has_only_so_many_ghosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "GHOSTS_MAX", 2)
    world = bind_policy("{ghosts: {lasts: never}}", ", binds: 4")
    gateways = [world.bound() for _ in range(4)]
    for gateway in gateways:
        end(world, gateway, "rst")
    assert [world.gateway().bind().command_status for _ in range(3)] == [0, 0, RALYBND]


# ---------------------------------------------------------------------- statuses


@pytest.mark.parametrize(
    ("cause", "carrier", "bind", "usual"),
    [
        ("system_id", "accounts: {a: {}}", {"system_id": "b"}, 0x0F),
        ("password", "accounts: {a: {password: x}}", {"system_id": "a", "password": "y"}, 0x0E),
        ("network", "accounts: {a: {networks: 192.0.2.1}}", {"system_id": "a"}, 0x0D),
        ("bind_type", "bind_types: TX", {"system_id": "a"}, 0x0D),
    ],
)
def test_a_cause_has_its_own_status_or_deed(cause: str, carrier: str, bind: dict[str, str], usual: int) -> None:
    def bound(said: str) -> tuple[World, Gateway, Any]:
        world = world_of(f"{{{carrier}{said}}}")
        gateway = world.gateway()
        return world, gateway, gateway.bind(**bind)

    assert bound("")[2].command_status == usual
    world, _, answer = bound(f", bind_policy: {{statuses: {{{cause}: ESME_RSYSERR}}}}")
    assert answer.command_status == 0x08
    assert str(told(world)).startswith("ESME_RSYSERR: ")
    world, gateway, answer = bound(f", bind_policy: {{statuses: {{{cause}: silence}}}}")
    assert (answer, gateway.session.hang_up) == (None, False)
    world.run(10)
    assert not gateway.stands()
    for deed, kind in (("disconnect", "fin"), ("rst", "rst")):
        world, gateway, answer = bound(f", bind_policy: {{statuses: {{{cause}: {deed}}}}}")
        assert (answer, gateway.session.hang_up, gateway.session.ends_by) == (None, True, kind)
        world.hang_up()
        assert world.events(DISCONNECTED)[0][1].startswith("bind refused: ")
        assert not gateway.of(BindTransceiverResp)


def test_another_status_for_one_cause_leaves_the_others_as_they_are() -> None:
    world = world_of("{accounts: {a: {password: x}}, bind_policy: {statuses: {password: ESME_RSYSERR}}}")
    assert world.gateway().bind("b").command_status == 0x0F
    assert told(world) == 0x0F


def test_of_a_password_only_so_many_characters_are_compared() -> None:
    world = world_of("{accounts: {a: {password: abcdefghij}}, bind_policy: {password_length: 8}}")
    assert world.gateway().bind("a", password="abcdefgh").command_status == 0
    assert world.gateway().bind("a", password="abcdefg").command_status == 0x0E
    world = world_of("{accounts: {a: {password: abcdefghij}}}")
    assert world.gateway().bind("a", password="abcdefgh").command_status == 0x0E


# ---------------------------------------------------------------------- required fields


def test_a_bind_must_say_what_is_required() -> None:
    world = bind_policy("{required: {system_type: VMA, addr_ton: [1, 2]}}")
    assert world.gateway().bind(addr_ton=1).command_status == CommandStatus.ESME_RINVSYSTYP
    assert told(world) == "ESME_RINVSYSTYP: system_type '' is not what is required"
    assert world.gateway().bind(system_type="VMA").command_status == RBINDFAIL
    assert world.gateway().bind(system_type="VMA", addr_ton=2).command_status == 0


def test_what_is_required_has_one_status_and_the_version_its_own_where_that_is_said() -> None:
    required = "required: {interface_version: 0x34, system_type: VMA}"
    world = bind_policy(f"{{{required}}}")
    assert world.gateway().bind(interface_version=0x33, system_type="VMA").command_status == RBINDFAIL
    world = bind_policy(f"{{{required}, statuses: {{required: ESME_RSYSERR}}}}")
    assert world.gateway().bind(interface_version=0x33).command_status == 0x08
    assert world.gateway().bind().command_status == 0x08
    world = bind_policy(f"{{{required}, statuses: {{required: ESME_RSYSERR, version: ESME_RINVSYSID}}}}")
    assert world.gateway().bind(interface_version=0x33).command_status == 0x0F
    assert world.gateway().bind().command_status == 0x08
    assert world.gateway().bind(system_type="VMA").command_status == 0


# ---------------------------------------------------------------------- too soon


@pytest.mark.parametrize("how", ["unbind", "fin", "rst"])
def test_who_returns_too_soon_is_refused(how: str) -> None:
    world = bind_policy("{rebind_after: 30s}")
    end(world, world.bound(), how)
    world.run(29.9)
    assert world.gateway().bind().command_status == RBINDFAIL
    assert told(world) == "ESME_RBINDFAIL: 'gateway' left 29.9 s ago, and may return after 30 s"
    assert world.gateway().bind("other").command_status == 0
    world.run(0.2)
    assert world.gateway().bind().command_status == 0


def test_a_refused_bind_does_not_begin_the_wait_anew() -> None:
    world = bind_policy("{rebind_after: 30s, statuses: {too_soon: silence}}")
    end(world, world.bound(), "rst")
    hasty = world.gateway()
    assert hasty.bind() is None
    world.run(20)
    assert not hasty.stands()
    world.run(10.1)
    assert world.gateway().bind().command_status == 0


def test_a_reset_lets_everybody_return_at_once() -> None:
    world = bind_policy("{rebind_after: 30s}")
    end(world, world.bound(), "rst")
    world.smsc.reset(world.now)
    assert world.gateway().bind().command_status == 0


def test_a_refusal_tells_its_status_where_it_has_no_words() -> None:
    assert Refusal("system_id", 15).told == 15
    assert Refusal("system_id", "rst", "nobody of that name").told == "rst: nobody of that name"


# ---------------------------------------------------------------------- enquire_link


def test_the_esmes_enquire_link_gets_what_is_said() -> None:
    assert isinstance(link_policy("{enquire_link: answer, misses: 2}").bound().send(EnquireLink()), EnquireLinkResp)
    world = link_policy("{enquire_link: silence}")
    gateway = world.bound()
    assert gateway.send(EnquireLink()) is None
    assert world.kinds("enquired") == 1
    assert gateway.submit().command_status == 0
    world = link_policy("{enquire_link: generic_nack}")
    answer = world.bound().send(EnquireLink())
    assert isinstance(answer, GenericNack)
    assert answer.command_status == CommandStatus.ESME_RINVCMDID
    assert world.kinds(REFUSED_PDU) == 1


def test_too_many_enquire_links_end_the_session() -> None:
    world = link_policy("{enquire_most: 2/min}")
    gateway = world.bound()
    stays = []
    for _ in range(3):
        gateway.send(EnquireLink())
        stays.append(not gateway.session.hang_up)
    assert stays == [True, True, False]
    world.hang_up()
    assert world.events(DISCONNECTED)[0][1] == "too many enquire_links"
    gateway = world.bound()
    for _ in range(10):
        assert gateway.send(EnquireLink()).command_status == 0
        world.run(30)
    assert gateway.stands()


def test_we_ask_as_often_as_is_said_and_give_up_after_so_many_misses() -> None:
    world = link_policy("{enquire_every: 10s, response: 5s, misses: 3}")
    gateway = world.bound()
    gateway.is_mute = True
    world.run(9.9)
    assert len(gateway.of(EnquireLink)) == 0
    world.run(0.2)
    assert len(gateway.of(EnquireLink)) == 1
    world.run(24.8)
    assert (len(gateway.of(EnquireLink)), gateway.stands()) == (3, True)
    world.run(0.2)
    assert not gateway.stands()
    assert world.kinds(TIMEOUT) == 6


def test_an_answer_in_time_lets_the_misses_begin_anew() -> None:
    world = link_policy("{enquire_every: 10s, response: 5s, misses: 2}")
    gateway = world.bound()
    gateway.is_mute = True
    world.run(16)
    late = gateway.of(EnquireLink)[0]
    # too late: it was given up, and counts as missed
    gateway.send(EnquireLinkResp(sequence_number=late.sequence_number))
    gateway.is_mute = False
    world.run(12)
    gateway.is_mute = True
    world.run(16)
    assert gateway.stands()
    world.run(10)
    assert not gateway.stands()


def test_a_link_is_given_up_after_one_miss_where_nothing_else_is_said() -> None:
    world = link_policy("{enquire_every: 10s, response: 5s}")
    gateway = world.bound()
    gateway.is_mute = True
    world.run(15.1)
    assert not gateway.stands()


def test_an_answer_is_waited_for_for_ever_where_that_is_said() -> None:
    world = link_policy("{response: never, enquire_every: never}")
    gateway = world.bound()
    gateway.decide = lambda _: None
    gateway.submit()
    world.run(1e5)
    assert (len(gateway.deliveries), gateway.stands()) == (1, True)


# ---------------------------------------------------------------------- idle


def lives(world: World, gateway: Gateway, sign: str) -> bool:
    """Whether a link with a sign of life each 40 seconds lives for four minutes, where one of 60 is wanted."""
    gateway.decide = lambda _: None
    for _ in range(6):
        if sign == "submission":
            gateway.submit(registered_delivery=0)
        elif sign == "enquire_link":
            gateway.send(EnquireLink())
        elif sign == "other":
            gateway.send(DeliverSmResp(sequence_number=99))
        world.run(40)
    return gateway.stands()


@pytest.mark.parametrize(
    ("counts", "signs"),
    [
        ("anything", {"submission", "enquire_link", "other"}),
        ("submissions", {"submission"}),
        ("enquire_link", {"enquire_link"}),
    ],
)
@pytest.mark.parametrize("sign", ["submission", "enquire_link", "other", "none"])
def test_a_session_lives_by_what_counts_as_life(counts: str, signs: set[str], sign: str) -> None:
    world = link_policy(f"{{idle: {{after: 60s, counts: {counts}}}, enquire_every: never}}")
    assert lives(world, world.bound(), sign) == (sign in signs)


def test_a_silent_session_ends_when_its_time_is_over_and_the_journal_tells_why() -> None:
    world = link_policy("{idle: {after: 60s, counts: submissions}, enquire_every: never}")
    gateway = world.bound()
    world.run(10)
    gateway.submit(registered_delivery=0)
    world.run(59.9)
    assert gateway.stands()
    world.run(0.2)
    assert not gateway.stands()
    why = "idle: no submission for 60 s"
    assert [detail for _, detail in world.events(TIMEOUT)] == [why]
    assert [detail for _, detail in world.events(DISCONNECTED)] == [why]


def test_a_span_alone_ends_a_session_by_a_fin_and_never_does_not() -> None:
    world = link_policy("{idle: 60s, enquire_every: never}")
    gateway = world.bound()
    world.run(60.1)
    assert not gateway.stands()
    assert gateway.of(Unbind) == []
    world = link_policy("{idle: never, enquire_every: never}")
    gateway = world.bound()
    world.run(1e6)
    assert gateway.stands()


def test_a_silent_session_may_be_ended_by_an_unbind_or_a_reset() -> None:
    world = link_policy("{idle: {after: 60s, by: unbind}, enquire_every: never}")
    gateway = world.bound()
    world.run(60.1)
    assert len(gateway.of(Unbind)) == 1
    assert not gateway.stands()
    assert world.kinds("unbound") == 1
    world = link_policy("{idle: {after: 60s, by: rst}, enquire_every: never}")
    gateway = world.bound()
    world.run(60.1)
    assert (gateway.stands(), gateway.session.ends_by) == (False, "rst")


def test_a_silent_session_may_end_in_a_black_hole_and_is_given_up_when_nobody_answers() -> None:
    world = link_policy("{idle: {after: 60s, by: black_hole}, enquire_every: 90s, response: 5s}")
    gateway = world.bound()
    world.run(60.1)
    assert [detail for _, detail in world.events("fault")] == ["black_hole of both: idle: nothing for 60 s"]
    assert (gateway.submit(), gateway.stands(), gateway.session.hang_up) == (None, True, False)
    world.run(35)
    assert (gateway.received, gateway.stands(), gateway.session.ends_by) == ([], False, "timeout")


def test_who_has_left_or_not_yet_come_is_not_idle() -> None:
    world = link_policy("{idle: 5s, session_init: 60s}")
    gateway = world.gateway()
    world.run(20)
    assert gateway.bind().command_status == 0
    world.run(4.9)
    gateway.close()
    world.run(1)
    assert world.kinds(TIMEOUT) == 0


# ---------------------------------------------------------------------- the timers


def test_a_connection_without_a_bind_is_ended_when_it_is_said() -> None:
    world = link_policy("{session_init: 3s}")
    gateway = world.gateway()
    world.run(2.9)
    assert gateway.stands()
    world.run(0.2)
    assert not gateway.stands()
    world = link_policy("{session_init: never}")
    gateway = world.gateway()
    world.run(1e6)
    assert gateway.stands()


def test_after_an_unbind_the_link_stays_open_as_long_as_is_said() -> None:
    world = link_policy("{unbind_grace: 7s}")
    gateway = world.bound()
    assert isinstance(gateway.send(Unbind()), UnbindResp)
    world.run(6.9)
    assert gateway.stands()
    world.run(0.2)
    assert not gateway.stands()


# ---------------------------------------------------------------------- several files


def test_later_files_go_before_earlier_ones_key_by_key() -> None:
    world = world_of(
        "{bind_policy: {rebind_after: 30s, statuses: {password: ESME_RSYSERR, binds: rst}, required: {addr_ton: 1}},"
        " link_policy: {session_init: 3s, enquire_link: silence}, accounts: {a: {password: x}}}",
        "{bind_policy: {rebind_after: 10s, statuses: {password: ESME_RINVSYSID}, required: {addr_npi: 1}},"
        " link_policy: {enquire_link: answer}}",
    )
    assert world.gateway().bind("a", password="y").command_status == 0x0F
    assert world.gateway().bind("a", password="x", addr_npi=1).command_status == RBINDFAIL
    assert world.gateway().bind("a", password="x", addr_ton=1).command_status == RBINDFAIL
    gateway = world.bound("a", password="x", addr_ton=1, addr_npi=1)
    assert isinstance(gateway.send(EnquireLink()), EnquireLinkResp)
    end(world, gateway, "fin")
    world.run(10.1)
    assert world.gateway().bind("a", password="x", addr_ton=1, addr_npi=1).command_status == 0
    idle = world.gateway()
    world.run(3.1)
    assert not idle.stands()


def test_without_policies_nothing_is_asked() -> None:
    world = world_of("{}")
    assert world.smsc.doorkeeper is None
    assert world.smsc.carrier.gate is None
    assert world.gateway().session.keeper is None
