"""GET /api/messages and one message: rows, filters and pages, asked of an SMSC that was fed octets."""

from typing import Any

import pytest

from simulator.carrier.accounts import Account
from simulator.carrier.delays import Fixed
from simulator.control import search
from simulator.control.asking import pages
from simulator.control.search import Filters, Slices, find
from simulator.smpp.constants import TlvTag
from simulator.smpp.fields import SmeAddress
from simulator.smpp.pdus import SubmitMulti
from simulator.smpp.tlvs import Tlv
from simulator.sms.segments import split
from tests.control.caller import Caller
from tests.smsc.world import Gateway, World


def submit_long(gateway: Gateway, text: str, *, skip: int = 0, **fields: Any) -> None:
    """A text in parts; the part numbered ``skip`` never comes."""
    for segment in split(text, reference=77):
        assert segment.part is not None
        if segment.part.number != skip:
            coding = segment.data_coding
            gateway.submit(short_message=segment.octets, esm_class=0x40, data_coding=coding, **fields)


async def test_a_delivered_message_is_told_whole(world: World, caller: Caller) -> None:
    gateway = world.bound("alice")
    response = gateway.submit(
        short_message=b"Hello \x00 home", source_addr="BANK", source_addr_ton=5, source_addr_npi=0
    )
    world.run(1.0)
    assert await caller.rows() == [
        {
            "id": "1",
            "direction": "mt",
            "account": "alice",
            "message_id": response.message_id,
            "from": "BANK",
            "to": "12025550100",
            "source": {"number": "BANK", "ton": 5, "npi": 0},
            "destination": {"number": "12025550100", "ton": 1, "npi": 1},
            "text": "Hello @ home",
            "alphabet": "gsm7",
            "data_coding": 0,
            "segments": 1,
            "state": "DELIVRD",
            "truth": None,
            "status": "ESME_ROK",
            "command_status": 0,
            "error": "000",
            "cause": None,
            "submitted_at": "2027-01-15T08:00:00.000Z",
            "done_at": "2027-01-15T08:00:00.300Z",
            "scheduled_at": None,
            "expires_at": None,
            "receipts": {"requested": True, "sent": 1, "acknowledged": 1},
            "kind": "message",
            "asks": [],
            "acknowledges": None,
            "acknowledgements": [],
            "tlvs": [],
            "parts": [
                {
                    "message_id": response.message_id,
                    "part": 1,
                    "total": 1,
                    "reference": None,
                    "state": "DELIVRD",
                    "truth": None,
                    "status": "ESME_ROK",
                    "command_status": 0,
                    "text": "Hello @ home",
                    "submitted_at": "2027-01-15T08:00:00.000Z",
                    "session": 1,
                    "receipts": {"requested": True, "sent": 1, "acknowledged": 1},
                    "tlvs": [],
                }
            ],
        }
    ]


async def test_the_message_id_of_a_row_is_the_one_that_was_answered(world: World, caller: Caller) -> None:
    response = world.bound().submit()
    (row,) = await caller.rows()
    assert row["message_id"] == response.message_id
    assert row["parts"][0]["message_id"] == response.message_id


async def test_the_parts_of_a_long_text_are_one_row(world: World, caller: Caller) -> None:
    text = "Zoé writes: " + "the quick brown fox " * 20
    submit_long(world.bound(), text)
    world.run(1.0)
    (row,) = await caller.rows()
    assert row["text"] == text
    assert row["segments"] == 3
    assert row["state"] == "DELIVRD"
    assert [(part["part"], part["total"], part["reference"]) for part in row["parts"]] == [
        (1, 3, 77),
        (2, 3, 77),
        (3, 3, 77),
    ]
    assert "".join(part["text"] for part in row["parts"]) == text
    assert row["receipts"] == {"requested": True, "sent": 3, "acknowledged": 3}
    assert row["done_at"] == "2027-01-15T08:00:00.300Z"
    assert (await caller.get("/api/messages/1")) == row


async def test_a_text_in_message_payload_counts_the_segments_that_the_network_needs(
    world: World, caller: Caller
) -> None:
    world.bound().submit(short_message=b"", tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"x" * 400),))
    (row,) = await caller.rows()
    assert (row["text"], row["segments"], len(row["parts"]), row["parts"][0]["total"]) == ("x" * 400, 3, 1, 1)


async def test_a_long_text_with_a_part_missing_is_not_done(world: World, caller: Caller) -> None:
    submit_long(world.bound(), "x" * 400, skip=2, registered_delivery=0)
    world.run(1.0)
    (row,) = await caller.rows()
    assert (row["state"], row["done_at"], row["error"], row["segments"]) == ("ENROUTE", None, None, 3)
    assert row["receipts"]["requested"] is False
    assert [part["part"] for part in row["parts"]] == [1, 3]


async def test_a_long_text_of_which_a_part_was_refused_is_refused(caller: Caller, world: World) -> None:
    gateway = world.bound()
    one, two = split("y" * 200, reference=5)
    gateway.submit(short_message=one.octets, esm_class=0x40)
    gateway.submit(short_message=two.octets, esm_class=0x40, priority_flag=9)
    (row,) = await caller.rows()
    assert (row["state"], row["status"], row["error"]) == ("REFUSED", "ESME_RINVPRTFLG", None)
    assert row["message_id"] is not None
    assert [part["message_id"] is None for part in row["parts"]] == [False, True]


async def test_a_refused_message_is_a_row_too(world: World, caller: Caller) -> None:
    world.bound().submit(destination_addr="")
    (row,) = await caller.rows()
    assert (row["state"], row["status"], row["command_status"]) == ("REFUSED", "ESME_RINVDSTADR", 0x0B)
    assert (row["message_id"], row["error"], row["cause"]) == (None, None, None)
    assert row["done_at"] == row["submitted_at"]


async def test_a_throttled_message_tells_its_cause() -> None:
    world = World(accounts=[Account("slow", throughput=1.0)])
    gateway = world.bound("slow")
    gateway.submit()
    gateway.submit()
    newest, oldest = await Caller(world).rows()
    assert (newest["status"], newest["cause"]) == ("ESME_RTHROTTLED", "throttled")
    assert (oldest["status"], oldest["cause"]) == ("ESME_ROK", None)


async def test_each_destination_of_a_submit_multi_is_a_row(world: World, caller: Caller) -> None:
    places = (SmeAddress(1, 1, "12025550101"), SmeAddress(1, 1, ""), SmeAddress(1, 1, "12025550102"))
    world.bound().send(SubmitMulti(source_addr="1234", dest_address=places, short_message=b"all"))
    rows = await caller.rows()
    assert [(row["to"], row["status"]) for row in rows] == [
        ("12025550102", "ESME_ROK"),
        ("", "ESME_RINVDSTADR"),
        ("12025550101", "ESME_ROK"),
    ]


async def test_schedule_and_validity_are_told_in_carrier_time(world: World, caller: Caller) -> None:
    world.bound().submit(schedule_delivery_time="000000010000000R", validity_period="280101000000000+")
    (row,) = await caller.rows()
    assert row["state"] == "SCHEDLD"
    assert row["scheduled_at"] == "2027-01-15T09:00:00.000Z"
    assert row["expires_at"] == "2028-01-01T00:00:00.000Z"


async def test_an_expired_message_tells_when_and_why(world: World, caller: Caller) -> None:
    world.smsc.carrier.delay = Fixed(100.0)
    world.bound().submit(validity_period="000000000010000R")
    world.run(20.0)
    (row,) = await caller.rows()
    assert (row["state"], row["cause"]) == ("EXPIRED", "validity_over")
    assert (row["expires_at"], row["done_at"]) == ("2027-01-15T08:00:10.000Z", "2027-01-15T08:00:10.000Z")


async def test_ucs2_and_binary_texts_name_their_alphabet(world: World, caller: Caller) -> None:
    gateway = world.bound()
    gateway.submit(short_message="Grüße 😀 中".encode("utf-16-be"), data_coding=8)
    gateway.submit(short_message=b"\x00\xff", data_coding=4)
    binary, ucs2 = await caller.rows()
    assert (ucs2["text"], ucs2["alphabet"], ucs2["data_coding"]) == ("Grüße 😀 中", "ucs2", 8)
    assert (binary["alphabet"], binary["data_coding"]) == ("binary", 4)


async def test_half_a_surrogate_pair_does_not_break_the_answer(world: World, caller: Caller) -> None:
    world.bound().submit(short_message=b"\xd8\x00\x00A", data_coding=8)
    (row,) = await caller.rows()
    assert row["text"].endswith("A")
    assert row["text"].encode()


async def test_a_password_is_nowhere() -> None:
    world = World(accounts=[Account("alice", password="sesame12")])
    world.bound("alice", password="sesame12").submit()
    world.gateway().bind("alice", password="sesame13")
    caller = Caller(world)
    for path in ("/api/messages", "/api/sessions", "/api/counters", "/metrics", "/healthz", "/openapi.json"):
        assert "sesame1" not in (await caller.call("GET", path)).text


# --- Filters ---


@pytest.fixture
def busy(world: World) -> World:
    """1: delivered, from alice. 2: refused, from bob. 3: delivered, from alice to a + number. 4: from a subscriber."""
    alice, bob = world.bound("alice"), world.bound("bob", "TX")
    alice.submit(short_message=b"Your Code is 1234")
    world.run(10.0)
    bob.submit(destination_addr="12025550101", source_addr="BOB", priority_flag=9, short_message=b"offer")
    world.run(10.0)
    alice.submit(destination_addr="+12025550102", source_addr="+12025550198", short_message=b"STRASSE")
    world.run(10.0)
    world.smsc.mo("+12025550199", "12025550100", "stop", world.now, account="alice")
    world.run(10.0)
    return world


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "321"),
        ({"direction": "mt"}, "321"),
        ({"direction": "mo"}, "4"),
        ({"direction": "any"}, "4321"),
        ({"to": "12025550100"}, "1"),
        ({"to": "+12025550100"}, "1"),
        ({"to": " 12025550100"}, "1"),
        ({"to": "12025550102"}, "3"),
        ({"to": "2025550100"}, ""),
        ({"from": "BOB"}, "2"),
        ({"from": "bob"}, ""),
        ({"from": "12025550198"}, "3"),
        ({"account": "alice"}, "31"),
        ({"account": "alice", "direction": "any"}, "431"),
        ({"account": "carol"}, ""),
        ({"state": "DELIVRD"}, "31"),
        ({"state": "delivered"}, "31"),
        ({"state": "Refused"}, "2"),
        ({"state": "UNDELIVERABLE"}, ""),
        ({"text": "code"}, "1"),
        ({"text": "STRASSE"}, "3"),
        ({"text": "straße"}, "3"),
        ({"text": "nobody wrote this"}, ""),
        ({"since": "2027-01-15T08:00:10Z"}, "32"),
        ({"since": "2027-01-15T08:00:10.001"}, "3"),
        ({"since": "2027-01-15T09:00:20+01:00"}, "3"),
        ({"since": "1800000010"}, "32"),
        ({"since": "1800000010.5"}, "3"),
        ({"since": "2030-01-01"}, ""),
        ({"message_id": "mo-4", "direction": "any"}, "4"),
        ({"state": "DELIVRD", "text": "code", "account": "alice", "to": "+12025550100"}, "1"),
        ({"state": "DELIVRD", "account": "bob"}, ""),
        ({"cursor": "3"}, "21"),
        ({"cursor": "1"}, ""),
        ({"cursor": "999"}, "321"),
        ({"limit": "1"}, "3"),
    ],
)
async def test_filters_find(busy: World, query: dict[str, str], expected: str) -> None:
    assert "".join(row["id"] for row in await Caller(busy).rows(**query)) == expected


async def test_a_message_is_found_by_the_id_of_any_of_its_parts(world: World, caller: Caller) -> None:
    submit_long(world.bound(), "z" * 300)
    world.bound("other").submit()
    (row,) = await caller.rows(to="12025550100", text="zzz")
    for part in row["parts"]:
        assert [one["id"] for one in await caller.rows(message_id=part["message_id"])] == [row["id"]]


@pytest.mark.parametrize(
    ("query", "field", "allowed"),
    [
        ({"state": "BROKEN"}, "state", "one of ENROUTE, SCHEDLD, DELIVRD"),
        ({"limit": "0"}, "limit", "greater than or equal to 1"),
        ({"limit": "1001"}, "limit", "less than or equal to 1000"),
        ({"limit": "many"}, "limit", "a valid integer"),
        ({"cursor": "0"}, "cursor", "greater than or equal to 1"),
        ({"cursor": "x"}, "cursor", "a valid integer"),
        ({"since": "yesterday"}, "since", "unix seconds or ISO 8601"),
        ({"since": "inf"}, "since", "unix seconds or ISO 8601"),
        ({"direction": "up"}, "direction", "'mt', 'mo' or 'any'"),
    ],
)
async def test_a_wrong_parameter_is_named(caller: Caller, query: dict[str, str], field: str, allowed: str) -> None:
    error = await caller.refused("GET", "/api/messages", 422, params=query)
    assert error["code"] == "invalid"
    (one,) = error["where"]
    assert (one["field"], one["given"]) == (field, query[field])
    assert allowed in one["allowed"]
    assert error["detail"] == f"{field}: {query[field]!r}, {one['allowed']}"


async def test_an_unknown_parameter_is_refused_by_name_and_all_wrong_ones_at_once(caller: Caller) -> None:
    error = await caller.refused("GET", "/api/messages", 422, params={"form": "1", "limit": "0"})
    assert {one["field"] for one in error["where"]} == {"form", "limit"}
    assert "form: '1', is not known here" in error["detail"]


async def test_what_an_error_repeats_is_cut(caller: Caller) -> None:
    error = await caller.refused("GET", "/api/messages", 422, params={"state": "x" * 5000})
    assert error["where"][0]["given"] == "x" * 97 + "..."


@pytest.mark.parametrize("number", ["0", "2", "-1", "1.0", "x", "9" * 5000, "²", "1" * 30])
async def test_an_id_without_a_row_is_not_found(world: World, caller: Caller, number: str) -> None:
    world.bound().submit()
    error = await caller.refused("GET", f"/api/messages/{number}", 404)
    assert error["code"] == "not_found"
    assert repr(number[:100]) in error["detail"]


# --- Pages ---


async def test_pages_join_to_the_whole_without_gaps_or_repeats(world: World, caller: Caller) -> None:
    gateway = world.bound()
    for number in range(25):
        gateway.submit(destination_addr=str(12025550100 + number % 2))
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 5, "to": "12025550100"}
    for total in (25, 26, 27):
        page = await caller.get("/api/messages", **query)
        seen += [row["id"] for row in page["messages"]]
        assert page["total"] == total
        query["cursor"] = page["next"]
        # what comes meanwhile is newer and does not shift the pages
        gateway.submit(destination_addr="12025550100")
    assert query["cursor"] is None
    assert seen == [str(number) for number in range(25, 0, -2)]


async def test_a_full_last_page_has_no_next(world: World, caller: Caller) -> None:
    gateway = world.bound()
    for _ in range(4):
        gateway.submit()
    assert (await caller.get("/api/messages", limit=4))["next"] is None
    assert (await caller.get("/api/messages", limit=3))["next"] == "2"


async def test_an_answer_says_when_older_rows_have_left_the_ring() -> None:
    world = World(rows_max=3)
    gateway = world.bound()
    caller = Caller(world)
    for _ in range(3):
        gateway.submit()
    page = await caller.get("/api/messages")
    assert (page["total"], page["truncated"]) == (3, False)
    gateway.submit()
    page = await caller.get("/api/messages")
    assert ([row["id"] for row in page["messages"]], page["total"], page["truncated"]) == (["4", "3", "2"], 3, True)


async def test_a_search_pauses_between_its_slices(
    monkeypatch: pytest.MonkeyPatch, world: World, caller: Caller
) -> None:
    monkeypatch.setattr(search, "TAKEN", 5)
    monkeypatch.setattr(search, "TAKEN_MAX", 10)
    # five rows, or four with their texts
    monkeypatch.setattr(search, "SLICE", 5 * search.PART)
    gateway = world.bound()
    for number in range(30):
        gateway.submit(short_message=str(number).encode())

    async def found(limit: int, **filters: Any) -> list[str]:
        caller.pauses = 0
        slices = Slices(caller.pause)
        rows, _ = await find(world.smsc.history, Filters(**filters), limit=limit, before=None, slices=slices)
        return [row.text for row in rows]

    assert len(await found(7, account="gateway")) == 7
    assert caller.pauses == 1
    assert await found(7, state="EXPIRED") == []
    assert caller.pauses == 6
    assert await found(7, text="0") == ["20", "10", "0"]
    assert caller.pauses == 10


def submit_payloads(gateway: Gateway, count: int, octets: bytes) -> None:
    for _ in range(count):
        gateway.submit(short_message=b"", tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, octets),), registered_delivery=0)


async def test_a_search_of_long_texts_pauses_after_64_kib_at_the_latest(world: World, caller: Caller) -> None:
    submit_payloads(world.bound(), 10, b"x" * 20_000)
    assert await caller.rows(text="nobody wrote this") == []
    # three fit a slice; the last pause is for whoever fetches more
    assert caller.pauses == 3 + 1
    caller.pauses = 0
    assert await caller.rows(state="EXPIRED") == []
    assert caller.pauses == 1


async def test_a_search_among_texts_of_many_parts_counts_the_parts(world: World, caller: Caller) -> None:
    gateway = world.bound()
    for reference in range(6):
        for number in range(1, 256):
            header = bytes((5, 0, 3, reference, 255, number))
            gateway.submit(short_message=header + b"x", esm_class=0x40, registered_delivery=0)
    assert await caller.rows(text="nobody wrote this") == []
    assert caller.pauses == 5 + 1


async def test_a_text_larger_than_a_slice_is_read_between_two_pauses(world: World, caller: Caller) -> None:
    submit_payloads(world.bound(), 2, b"x" * 60_000 + b"yes")
    submit_payloads(world.bound("other"), 1, "😀".encode("utf-16-be") * 16_000)
    assert len(await caller.rows(text="xyes", limit=1)) == 1
    # before the second and the third row, and before the one that is shown
    assert caller.pauses == 3


async def test_rendering_many_parts_pauses(world: World, caller: Caller) -> None:
    gateway = world.bound()
    for _ in range(80):
        gateway.submit()
    assert len(await caller.rows(limit=1000)) == 80
    # each row counts for itself and its only part, so 19 fit a slice; one pause is the search's
    assert caller.pauses == 1 + 4


async def test_rendering_long_texts_pauses(world: World, caller: Caller) -> None:
    submit_payloads(world.bound(), 10, b"\x1be" * 15_000)
    rows = await caller.rows()
    assert [row["text"] for row in rows] == ["€" * 15_000] * 10
    # each is a slice of its own: its text is shown twice
    assert caller.pauses == 1 + 9


async def test_a_page_of_long_texts_ends_before_its_limit(
    monkeypatch: pytest.MonkeyPatch, world: World, caller: Caller
) -> None:
    monkeypatch.setattr(pages, "PAGE", 100_000)
    submit_payloads(world.bound(), 5, b"x" * 30_000)
    seen = []
    cursor: dict[str, Any] = {}
    for count, following in ((2, "4"), (2, "2"), (1, None)):
        page = await caller.get("/api/messages", **cursor)
        seen += [row["id"] for row in page["messages"]]
        assert (len(page["messages"]), page["next"]) == (count, following)
        cursor = {"cursor": following}
    assert seen == ["5", "4", "3", "2", "1"]


async def test_a_row_that_leaves_during_a_pause_is_left_out(world: World) -> None:
    caller = Caller(world)

    async def reset_meanwhile() -> None:
        world.smsc.reset(world.now)

    caller.app = caller.app_with(reset_meanwhile)
    gateway = world.bound()
    gateway.submit()
    page = await caller.get("/api/messages")
    assert (page["messages"], page["total"]) == ([], 0)
