"""Who may bind, how a bind is answered in each version, in which form an error comes, and where no password shows."""

import pytest

from simulator.carrier import accounts
from simulator.carrier.accounts import Account
from simulator.smpp.codec import encode
from simulator.smpp.constants import CommandId, CommandStatus, TlvTag
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import (
    BindTransceiver,
    CancelSm,
    DataSm,
    Outbind,
    Pdu,
    QuerySm,
    ReplaceSm,
    SmeAddress,
    SubmitMulti,
    SubmitSm,
    Unbind,
)
from simulator.smpp.states import State
from simulator.smpp.tlvs import Tlv, tlv_int
from simulator.smsc.binding import host_of, outbind
from simulator.smsc.memory.evidence import OCTETS_MAX
from simulator.smsc.terms import Terms
from tests.smsc.world import World, a_submission

SECRET = "pa55w0rd"
BINDS = ["TX", "RX", "TRX"]


def guarded(**settings: object) -> World:
    return World(accounts=[Account("gateway", SECRET), Account("other", "else")], **settings)


@pytest.mark.parametrize("bind", BINDS)
def test_the_right_password_binds_and_the_answer_names_the_smsc_and_its_version(bind: str) -> None:
    gateway = guarded(system_id="carrier").gateway()
    response = gateway.bind("gateway", bind, password=SECRET)
    assert (response.command_status, response.system_id) == (0, "carrier")
    assert response.tlvs == (tlv_int(TlvTag.SC_INTERFACE_VERSION, 0x34),)
    assert gateway.session.bind_type == bind


@pytest.mark.parametrize(
    ("version", "has_tlv"), [(0x00, False), (0x33, False), (0x34, True), (0x35, True), (0x50, True)]
)
def test_every_version_is_taken_and_only_3_4_and_later_are_told_ours(version: int, has_tlv: bool) -> None:
    response = World().gateway().bind(interface_version=version)
    assert (response.command_status, bool(response.tlvs)) == (0, has_tlv)


@pytest.mark.parametrize(
    ("version", "system_id", "password", "status"),
    [
        (0x33, "gateway", "wrong", CommandStatus.ESME_RINVPASWD),
        (0x33, "nobody", SECRET, CommandStatus.ESME_RINVSYSID),
        (0x34, "gateway", "wrong", CommandStatus.ESME_RINVPASWD),
        (0x34, "gateway", "", CommandStatus.ESME_RINVPASWD),
        (0x34, "nobody", SECRET, CommandStatus.ESME_RINVSYSID),
        (0x50, "gateway", "wrong", CommandStatus.ESME_RBINDFAIL),
        (0x50, "nobody", SECRET, CommandStatus.ESME_RBINDFAIL),
    ],
)
@pytest.mark.parametrize("bind", BINDS)
def test_wrong_credentials_have_the_status_of_their_cause_and_version(
    bind: str, version: int, system_id: str, password: str, status: int
) -> None:
    world = guarded()
    gateway = world.gateway()
    response = gateway.bind(system_id, bind, password=password, interface_version=version)
    assert (response.command_status, response.tlvs) == (status, ())
    assert world.kinds("bind_refused") == 1
    assert not gateway.session.connection.is_bound
    # SMPP 3.4, 2.2: the link is still open, so the next try may succeed on it
    assert gateway.bind("gateway", bind, password=SECRET).command_status == 0


def test_without_accounts_any_name_and_password_bind() -> None:
    gateway = World().gateway()
    assert gateway.bind("whoever", password="whatever").command_status == 0


def test_names_that_binds_make_up_are_bounded_and_forgotten_at_a_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "MADE_MAX", 2)
    world = World()
    world.bound("one").close()
    two = world.bound("two")
    assert world.gateway().bind("three").command_status == CommandStatus.ESME_RBINDFAIL
    ((caller, why),) = world.events("bind_refused")
    assert (caller.system_id, why) == ("three", "ESME_RBINDFAIL: too many names have bound since the last reset")
    world.bound("one").close()
    world.smsc.reset(world.now)
    # who is still bound stays
    assert [account.name for account in world.smsc.accounts] == ["two"]
    world.bound("three")
    assert world.gateway().bind("four").command_status == CommandStatus.ESME_RBINDFAIL
    two.submit()
    world.run(1.0)
    assert [stat for _, stat in two.stats] == ["DELIVRD"]


def test_a_bind_type_that_the_account_may_not_use_is_refused() -> None:
    world = guarded(terms_by_account={"gateway": Terms(bind_types=frozenset({"TX", "RX"}))})
    statuses = {bind: world.gateway().bind("gateway", bind, password=SECRET).command_status for bind in BINDS}
    assert statuses == {"TX": 0, "RX": 0, "TRX": CommandStatus.ESME_RBINDFAIL}
    assert world.gateway().bind("other", "TRX", password="else").command_status == 0


def test_binds_beyond_the_limit_of_the_account_are_refused_until_one_has_ended() -> None:
    world = guarded(terms_by_account={"gateway": Terms(binds_max=2)})
    first = world.bound(password=SECRET)
    second = world.bound(password=SECRET)
    late = world.gateway()
    assert late.bind(password=SECRET).command_status == CommandStatus.ESME_RALYBND
    world.bound("other", password="else")
    first.close()
    assert late.bind(password=SECRET).command_status == 0
    second.send(Unbind())
    # who has unbound counts no longer, although the link still stands
    assert world.gateway().bind(password=SECRET).command_status == 0


@pytest.mark.parametrize(
    ("peer", "is_allowed"),
    [
        ("192.0.2.7:40000", True),
        ("[2001:db8::7]:40000", True),
        ("198.51.100.1:40000", False),
        ("[2001:db9::7]:40000", False),
        ("memory", False),
        ("gone", False),
    ],
)
def test_a_bind_from_elsewhere_than_the_networks_of_the_account_is_refused(peer: str, is_allowed: bool) -> None:
    accounts = [Account("gateway", SECRET, networks=("192.0.2.0/24", "2001:db8::/32")), Account("other", "else")]
    world = World(accounts=accounts)
    gateway = world.gateway()
    gateway.session.peer = peer
    response = gateway.bind(password=SECRET)
    assert response.command_status == (0 if is_allowed else CommandStatus.ESME_RBINDFAIL)
    # a wrong password is not even looked at
    assert is_allowed or gateway.bind(password="wrong").command_status == CommandStatus.ESME_RBINDFAIL
    # other accounts have networks of their own, or none
    assert gateway.session.connection.is_bound or gateway.bind("other", password="else").command_status == 0


def test_a_refused_bind_is_journalled_with_its_status_or_with_why_where_that_says_too_little() -> None:
    accounts = [Account("gateway", networks=("192.0.2.0/24",)), Account("sender", SECRET)]
    terms = Terms(bind_types=frozenset({"TX"}), binds_max=1)
    world = World(accounts=accounts, terms_by_account={"sender": terms})
    gateway = world.gateway()
    gateway.session.peer = "[2001:db8::7]:2775"
    gateway.bind()
    gateway.bind("sender", "TX", password="wrong")
    gateway.bind("sender", "RX", password=SECRET)
    world.bound("sender", "TX", password=SECRET)
    gateway.bind("sender", "TX", password=SECRET)
    assert [detail for _, detail in world.events("bind_refused")] == [
        "ESME_RBINDFAIL: 'gateway' may not come from 2001:db8::7",
        CommandStatus.ESME_RINVPASWD,
        "ESME_RBINDFAIL: 'sender' may not bind as RX",
        "ESME_RALYBND: 'sender' has 1 binds, at most",
    ]


@pytest.mark.parametrize(
    ("peer", "host"),
    [("192.0.2.7:1", "192.0.2.7"), ("[::1]:1", "::1"), ("memory", "memory"), ("gone", "gone"), ("", "")],
)
def test_the_host_of_a_peer_is_what_stands_before_its_port(peer: str, host: str) -> None:
    assert host_of(peer) == host


def test_an_smsc_that_has_called_says_who_it_is_and_is_then_bound_to() -> None:
    world = World()
    gateway = world.gateway()
    outbind(gateway.session, "carrier", SECRET, world.now)
    world.settle()
    assert [(one.name, one.system_id, one.password) for one in gateway.of(Outbind)] == [("outbind", "carrier", SECRET)]
    assert gateway.session.state is gateway.connection.state is State.OUTBOUND
    ((caller, _),) = world.events("outbind_sent")
    assert (caller.session, caller.system_id) == (gateway.session.number, "carrier")
    assert gateway.bind(bind="RX").command_status == 0
    with pytest.raises(LocalError, match="outbind"):
        outbind(gateway.session, "carrier", SECRET, world.now)


def test_a_second_bind_on_a_bound_link_is_refused_and_the_session_lives_on() -> None:
    gateway = World().bound()
    assert gateway.bind().command_status == CommandStatus.ESME_RALYBND
    assert gateway.submit().command_status == 0


def test_no_password_shows_in_any_repr_or_event() -> None:
    world = guarded()
    refused = world.gateway()
    refused.bind(password="Xwrong")
    gateway = world.bound(password=SECRET)
    gateway.bind(password=SECRET)
    gateway.send(Outbind(system_id="gateway", password=SECRET))
    broken = encode(BindTransceiver(sequence_number=9, system_id="gateway", password=SECRET))[:-3]
    world.gateway().send_bytes(len(broken).to_bytes(4, "big") + broken[4:])
    gateway.send(Unbind())
    gateway.bind(password=SECRET)
    kinds = [row.kind for row in world.smsc.journal.rows()]
    assert {"bind_refused", "refused_pdu", "malformed", "unexpected"} <= set(kinds)
    told = [repr(row) for row in world.smsc.journal.rows()] + [repr(account) for account in world.smsc.accounts]
    told += [repr(getattr(row.subject, "raw", b"")) for row in world.smsc.journal.rows()]
    assert [text for text in told if SECRET in text or "Xwrong" in text] == []


def test_the_first_octets_of_what_was_refused_are_kept_where_they_tell_no_password() -> None:
    world = World()
    gateway = world.bound("gateway", "RX")
    gateway.submit(short_message=b"early" + b"x" * 200)
    ((kept, status),) = world.events("refused_pdu")
    assert (kept.command_id, status) == (CommandId.SUBMIT_SM, CommandStatus.ESME_RINVBNDSTS)
    assert kept.octets.endswith(b"early" + b"x" * 4)
    assert len(kept.octets) == OCTETS_MAX


# --- The form of errors. On a receiver every request of a transmitter is wrong, whatever it says. ---

HEADER, BODY = True, False
REQUESTS: list[tuple[Pdu, int, int]] = [
    # request, command_id of its response, octets of the response's empty body
    (SubmitSm(), CommandId.SUBMIT_SM_RESP, 1),
    (DataSm(), CommandId.DATA_SM_RESP, 1),
    (SubmitMulti(dest_address=(SmeAddress(1, 1, "1202"),)), CommandId.SUBMIT_MULTI_RESP, 2),
    (QuerySm(), CommandId.QUERY_SM_RESP, 4),
]


@pytest.mark.parametrize(
    ("request_pdu", "body"),
    [
        (SubmitSm(), b""),
        (DataSm(), b"\0"),
        (SubmitMulti(dest_address=(SmeAddress(1, 1, "1202"),)), b"\0\0"),
        # message_id, final_date, message_state 7 UNKNOWN, error_code
        (QuerySm(message_id="1"), b"\0\0\x07\0"),
        (CancelSm(message_id="1"), b""),
        (ReplaceSm(message_id="1"), b""),
    ],
)
def test_an_error_comes_in_the_form_that_every_client_reads(request_pdu: Pdu, body: bytes) -> None:
    gateway = World().bound("gateway", "RX")
    response = gateway.send(request_pdu)
    assert response.command_status == CommandStatus.ESME_RINVBNDSTS
    assert response.raw[16:] == body


@pytest.mark.parametrize("bind", BINDS)
def test_a_refused_bind_carries_a_system_id(bind: str) -> None:
    response = guarded(system_id="carrier").gateway().bind("gateway", bind, password="wrong")
    assert response.raw[16:] == b"carrier\0"


@pytest.mark.parametrize(("request_pdu", "response_id", "octets"), REQUESTS)
@pytest.mark.parametrize("has_body", [True, False])
def test_the_form_of_errors_is_set_by_account_and_command(
    request_pdu: Pdu, response_id: int, octets: int, has_body: bool
) -> None:
    world = World(terms_by_account={"gateway": Terms(error_body={response_id: has_body})})
    ours, others = world.bound("gateway", "RX"), world.bound("other", "RX")
    assert len(ours.send(request_pdu).raw) == 16 + octets * has_body
    default = 0 if response_id == CommandId.SUBMIT_SM_RESP else octets
    request_pdu.sequence_number = 0
    assert len(others.send(request_pdu).raw) == 16 + default


@pytest.mark.parametrize("bind", BINDS)
def test_the_form_of_a_refused_bind_is_that_of_the_account_it_named(bind: str) -> None:
    header_only = Terms(
        error_body={
            CommandId.BIND_TRANSMITTER_RESP: False,
            CommandId.BIND_RECEIVER_RESP: False,
            CommandId.BIND_TRANSCEIVER_RESP: False,
        }
    )
    world = guarded(terms_by_account={"gateway": header_only})
    assert len(world.gateway().bind("gateway", bind, password="wrong").raw) == 16
    assert len(world.gateway().bind("other", bind, password="wrong").raw) > 17


def test_a_response_without_error_always_has_its_body() -> None:
    world = World(terms=Terms(error_body={CommandId.SUBMIT_SM_RESP: False, CommandId.DATA_SM_RESP: False}))
    gateway = world.bound()
    assert len(gateway.submit().raw) == 16 + 11
    payload = (Tlv(TlvTag.MESSAGE_PAYLOAD, b"hello"),)
    assert len(gateway.send(DataSm(destination_addr="12025550100", tlvs=payload)).raw) == 16 + 11


def test_to_3_3_no_response_carries_a_tlv_and_no_id_is_longer_than_eight() -> None:
    world = World()
    gateway = world.bound(interface_version=0x33)
    plain, several = gateway.send_together(
        a_submission(), SubmitMulti(dest_address=(SmeAddress(1, 1, "12025550100"),), registered_delivery=1)
    )
    assert len({plain.message_id, several.message_id}) == 2
    assert {len(plain.message_id), len(several.message_id)} == {8}
    state = gateway.send(
        QuerySm(message_id=plain.message_id, source_addr="12025550199", source_addr_ton=1, source_addr_npi=1)
    )
    assert (state.command_status, state.message_id) == (0, plain.message_id)
    world.run(1.0)
    assert sorted(gateway.stats) == sorted([(plain.message_id, "DELIVRD"), (several.message_id, "DELIVRD")])
    assert {pdu.tlvs for pdu in gateway.received} == {()}
