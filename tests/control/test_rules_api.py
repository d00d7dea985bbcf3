"""Rules over HTTP: told, added, taken away, exported; scenarios replaced; phases set; piles let go."""

from typing import Any

import pytest

from simulator.control.rules import plain
from simulator.scenario.file import parse
from simulator.smpp.pdus import SubmitSm, SubmitSmResp
from simulator.smsc.play.playing import Playing
from simulator.smsc.play.staging import staged
from tests.control.caller import Caller
from tests.smsc.world import START, World, a_submission

STORY = """
scenario: 1
carrier:
  accounts: {gateway: {password: secret, numbers: ["5555"]}}
  respond: 20ms
  vendor_tlvs: ["0x1401=billing_id:cstring"]
variables: {strikes: 2}
phases: [{name: calm}, {name: storm}]
timeline: [{name: tick, every: 1h, times: 3, then: {send: unbind}}, {at: 9h, then: rst}]
rules:
  - {name: busy, when: {phase: storm}, then: {reject: ESME_RTHROTTLED}, times: 2 per destination}
  - {when: {to: 12025550177}, then: {respond: {hold: late}}}
"""


def playing(*texts: str, names: tuple[str, ...] = ()) -> Caller:
    world = World()
    scenarios = [parse(one) for one in texts]
    world.smsc = staged(scenarios, world.now, START, seed=7)
    caller = Caller(world)
    caller.app = caller.app_with(caller.pause, playing=Playing(world.smsc, scenarios, names))
    return caller


@pytest.fixture
def story() -> Caller:
    return playing(STORY, names=("story.yaml",))


async def added(caller: Caller, **rule: Any) -> str:
    response = await caller.call("POST", "/api/rules", json=rule)
    assert response.status_code == 201, response.text
    name = response.json()["id"]
    assert isinstance(name, str)
    return name


# --- Rules ---


async def test_a_server_without_a_scenario_has_no_rules_and_exports_none(caller: Caller) -> None:
    assert await caller.get("/api/rules") == {"rules": [], "total": 0}
    assert (await caller.call("DELETE", "/api/rules")).json() == {"removed": []}
    exported = await caller.call("GET", "/api/rules/export")
    assert exported.headers["content-type"].startswith("application/yaml")
    assert parse(exported.text).rules == ()
    await caller.refused("DELETE", "/api/rules/live-1", 404)
    assert caller.world.smsc.stage is None


async def test_a_rule_acts_from_when_it_is_added_until_it_is_removed(caller: Caller) -> None:
    gateway = caller.world.bound()
    assert gateway.submit().command_status == 0
    rule = await added(caller, when={"to": "12025550100"}, then={"reject": "ESME_RTHROTTLED"})
    assert gateway.submit().command_status == 0x58
    assert (await caller.call("DELETE", f"/api/rules/{rule}")).json() == {"removed": [rule]}
    assert gateway.submit().command_status == 0


async def test_all_rules_are_told_in_the_order_in_which_they_are_asked(story: Caller) -> None:
    await added(story, name="older", then="lose")
    await added(story, then="silence", times=2)
    told = (await story.get("/api/rules"))["rules"]
    assert [(one["id"], one["name"], one["source"], one["file"], one["place"]) for one in told] == [
        ("live-2", "live[2]", "live", None, "live[2]"),
        ("live-1", "older", "live", None, "live[1]"),
        ("file-1-rules[0]", "busy", "file", "story.yaml", "rules[0]"),
        ("file-1-rules[1]", "rules[1]", "file", "story.yaml", "rules[1]"),
    ]
    assert [one["slots"] for one in told] == [["decision"], ["deliver"], ["decision"], ["respond"]]
    assert told[1]["rule"] == {"name": "older", "then": {"lose": True}}


async def test_what_has_fired_and_what_is_left_is_told(caller: Caller) -> None:
    await added(caller, then={"reject": 8}, times=3)
    await added(caller, then={"respond": "0s"}, times="1 per destination")
    gateway = caller.world.bound()
    gateway.submit()
    gateway.submit()
    told = (await caller.get("/api/rules"))["rules"]
    assert [(one["fired"], one["times"]) for one in told] == [
        (1, {"most": 1, "per": "destination", "left": None}),
        (2, {"most": 3, "per": None, "left": 1}),
    ]


async def test_a_rule_of_a_file_can_be_taken_away_too(story: Caller) -> None:
    await story.call("DELETE", "/api/rules/file-1-rules[0]")
    assert [one["name"] for one in (await story.get("/api/rules"))["rules"]] == ["rules[1]"]


async def test_all_added_rules_go_at_once_and_those_of_files_stay(story: Caller) -> None:
    await added(story, then="lose")
    await added(story, then="silence")
    assert (await story.call("DELETE", "/api/rules")).json() == {"removed": ["live-2", "live-1"]}
    assert (await story.get("/api/rules"))["total"] == 2


async def test_everything_that_is_wrong_with_a_rule_is_told_with_its_path(story: Caller) -> None:
    rule = {"when": {"count": "3", "phase": "strom"}, "then": {"reject": "ESME_RTHROTLED"}, "tmies": 1}
    error = await story.refused("POST", "/api/rules", 422, json=rule)
    told = {one["field"]: (one["given"], one["allowed"]) for one in error["where"]}
    assert set(told) == {"when.count", "when.phase", "then.reject", "tmies"}
    assert told["then.reject"][1].endswith("did you mean ESME_RTHROTTLED?")
    assert told["when.phase"] == ("'strom' is not a phase of this scenario", "calm, storm; did you mean storm?")
    assert "tmies: unknown key 'tmies', allowed: name, when" in error["detail"]
    assert (await story.get("/api/rules"))["total"] == 2


@pytest.mark.parametrize("body", ["3", "[]", '"silence"', "null"])
async def test_what_is_no_mapping_is_no_rule(caller: Caller, body: str) -> None:
    headers = {"content-type": "application/json"}
    error = await caller.refused("POST", "/api/rules", 422, content=body, headers=headers)
    assert error["code"] == "invalid"


async def test_a_name_that_an_added_rule_has_is_refused(caller: Caller) -> None:
    await added(caller, name="n", then="lose")
    error = await caller.refused("POST", "/api/rules", 422, json={"name": "n", "then": "silence"})
    assert error["where"] == [{"field": "name", "given": "'n' a second time", "allowed": "a name of its own"}]


async def test_the_export_is_a_file_that_says_the_same(story: Caller) -> None:
    await added(story, name="older", when={"tlvs": {"billing_id": "a"}}, then="lose")
    await added(story, when={"to": "0123"}, then={"deliver": "UNDELIV after 2s", "receipts": {"text": {"omit": "sub"}}})
    text = (await story.call("GET", "/api/rules/export")).text
    stage = story.world.smsc.stage
    assert stage is not None
    assert parse(text).rules == tuple(one.rule for one in stage.script.live)


async def test_equal_names_of_added_rules_are_told_apart_in_the_export(caller: Caller) -> None:
    await added(caller, name="n", then="lose")
    stage = caller.world.smsc.stage
    assert stage is not None
    live = stage.script.live[0].rule
    assert live is not None
    stage.script.add(live)
    text = (await caller.call("GET", "/api/rules/export")).text
    assert [one.name for one in parse(text).rules] == ["n", "n (2)"]


async def test_rules_changed_under_traffic_lose_nothing(caller: Caller) -> None:
    gateway = caller.world.bound()
    statuses: list[int] = []
    for number in range(10):
        rule = await added(caller, when={"to": f"1202555{number:04}"}, then={"deliver": "UNDELIV after 1h"})
        batch: list[SubmitSm] = [
            a_submission(destination_addr=f"1202555{number:04}" if one % 2 else "12025559999") for one in range(1000)
        ]
        statuses += [one.command_status for one in gateway.send_together(*batch)]
        if number % 3 == 0:
            response = await caller.call(
                "POST", "/api/scenario", json={"yaml": "scenario: 1\nrules: [{then: {respond: 0s}}]"}
            )
            assert response.status_code == 200
        await caller.call("DELETE", f"/api/rules/{rule}")
    caller.world.run(3700.0)
    assert statuses == [0] * 10_000
    stats = [stat for _, stat in gateway.stats]
    assert (len(stats), stats.count("UNDELIV"), stats.count("DELIVRD")) == (10_000, 5_000, 5_000)


# --- Scenarios ---


async def test_what_is_played_is_told_without_passwords(story: Caller) -> None:
    told = await story.get("/api/scenario")
    assert (told["names"], told["seed"], told["phase"], told["phases"]) == (
        ["story.yaml"],
        7,
        "calm",
        ["calm", "storm"],
    )
    assert (told["variables"], told["piles"]) == ({"strikes": "2"}, {})
    assert [(one["name"], one["left"]) for one in told["timeline"]] == [("tick", 3), ("timeline[1]", None)]
    assert told["timeline"][0]["occasion"]["every"] == "1h"
    assert told["carrier"]["accounts"] == {"gateway": {"password": "********", "numbers": ["5555"]}}
    assert told["carrier"]["respond"] == {"after": "20ms"}


async def test_where_nothing_is_played_that_is_told(caller: Caller) -> None:
    told = await caller.get("/api/scenario")
    assert told == {
        "names": [],
        "seed": 1,
        "phase": None,
        "phases": [],
        "variables": {},
        "piles": {},
        "timeline": [],
        "carrier": {},
        "failures": {"total": 0, "last": []},
    }


async def test_another_scenario_takes_the_place_of_the_first_and_added_rules_stay(story: Caller) -> None:
    gateway = story.world.bound(password="secret")
    await added(story, when={"to": "1"}, then={"reject": 8})
    told = (await story.call("POST", "/api/scenario", json={"names": ["throttled-then-recovers"]})).json()
    assert (told["names"], told["phase"], told["carrier"]) == (["throttled-then-recovers"], None, {})
    assert gateway.submit().command_status == 0x58
    assert gateway.submit(destination_addr="1").command_status == 8
    story.world.run(10 * 3600.0)
    # the first story's timeline would have ended the session
    assert gateway.stands()


async def test_a_text_can_be_played_on_a_server_that_played_nothing(caller: Caller) -> None:
    gateway = caller.world.bound()
    response = await caller.call("POST", "/api/scenario", json={"yaml": "scenario: 1\nrules: [{then: {reject: 8}}]"})
    assert response.json()["names"] == ["yaml"]
    assert gateway.submit().command_status == 8
    response = await caller.call("POST", "/api/scenario", json={"names": []})
    assert response.status_code == 200
    assert gateway.submit().command_status == 0


async def test_a_wrong_text_changes_nothing_and_all_of_it_is_told(story: Caller) -> None:
    wrong = "scenario: 1\nrules: [{then: silense}, {them: lose}]\n"
    error = await story.refused("POST", "/api/scenario", 422, json={"yaml": wrong})
    assert error["where"][0]["field"] == "yaml:2:16: rules[0].then"
    assert len(error["where"]) >= 2
    assert "^ did you mean silence?" in error["detail"]
    assert (await story.get("/api/scenario"))["names"] == ["story.yaml"]


@pytest.mark.parametrize("name", ["/etc/hostname", "nosuch", "../pyproject.toml", "story"])
async def test_a_request_reads_no_file_that_was_not_named_at_the_start(story: Caller, name: str) -> None:
    error = await story.refused("POST", "/api/scenario", 422, json={"names": [name]})
    assert error["where"][0]["field"] == "names"


@pytest.mark.parametrize("kind", [None, "application/x-www-form-urlencoded"])
async def test_a_rule_that_is_sent_without_its_header_is_told_of_it(caller: Caller, kind: str | None) -> None:
    headers = {} if kind is None else {"content-type": kind}
    error = await caller.refused("POST", "/api/rules", 422, content='{"then": "silence"}', headers=headers)
    assert error["where"][0]["allowed"] == "a JSON object, sent with Content-Type: application/json"


async def test_a_name_that_is_nearly_right_is_told(story: Caller) -> None:
    error = await story.refused("POST", "/api/scenario", 422, json={"names": ["quirks/throtle-storm"]})
    assert error["where"][0]["allowed"].endswith("did you mean quirks/throttle-storm?")


async def test_what_fails_of_a_scenario_is_told(caller: Caller) -> None:
    yaml = "scenario: 1\ncarrier: {spoken: true}\nrules: [{then: {respond: 0s}}]"
    await caller.call("POST", "/api/scenario", json={"yaml": yaml})
    assert (await caller.get("/api/scenario"))["failures"] == {"total": 0, "last": []}
    gateway = caller.world.bound()
    gateway.submit(short_message=b"sim: submit RTHROTTELD")
    gateway.submit(short_message=b"sim: nonsense")
    told = (await caller.get("/api/scenario"))["failures"]
    assert (told["total"], [one["message"] for one in told["last"]]) == (2, ["2", "1"])
    assert told["last"][1]["name"] == "text"
    assert told["last"][1]["reason"].startswith("submit.status: 'RTHROTTELD' is no status")


async def test_a_file_that_was_named_at_the_start_and_is_wrong_by_now_is_told(tmp_path: Any) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("scenario: 1\nrules: [{then: silense}]")
    caller = playing(STORY, names=(str(file),))
    error = await caller.refused("POST", "/api/scenario", 422, json={"names": [str(file)]})
    assert error["where"][0]["field"] == f"{file}:2:16: rules[0].then"
    file.unlink()
    error = await caller.refused("POST", "/api/scenario", 422, json={"names": [str(file)]})
    assert error["where"][0]["field"] == str(file)


@pytest.mark.parametrize("body", [{}, {"names": [], "yaml": "scenario: 1"}])
async def test_exactly_one_of_names_and_yaml_is_given(caller: Caller, body: dict[str, Any]) -> None:
    error = await caller.refused("POST", "/api/scenario", 422, json=body)
    assert "exactly one of names and yaml" in error["detail"]


async def test_two_files_that_cannot_go_together_are_refused(story: Caller) -> None:
    names = ["quirks/dcs0-packed-gsm7", "quirks/bytes-do-not-match-dcs"]
    error = await story.refused("POST", "/api/scenario", 409, json={"names": names})
    assert error["code"] == "misfit"
    assert error["detail"].startswith("quirks/bytes-do-not-match-dcs:13:5: rules[0]")
    assert (await story.get("/api/scenario"))["names"] == ["story.yaml"]


# --- Phases and piles ---


async def test_a_phase_is_set_and_one_that_is_none_refused(story: Caller) -> None:
    gateway = story.world.bound(password="secret")
    response = await story.call("POST", "/api/scenario/phase", json={"phase": "storm"})
    assert response.json() == {"phase": "storm", "before": "calm"}
    assert gateway.submit().command_status == 0x58
    error = await story.refused("POST", "/api/scenario/phase", 422, json={"phase": "strom"})
    assert error["where"] == [{"field": "phase", "given": "'strom'", "allowed": "calm, storm"}]


async def test_a_pile_is_let_go_in_the_order_that_is_asked_for(story: Caller) -> None:
    gateway = story.world.bound(password="secret")
    asked = [gateway.send_together(a_submission(destination_addr="12025550177"))[0] for _ in range(3)]
    assert asked == [None, None, None]
    story.world.run(1.0)
    assert (await story.get("/api/scenario"))["piles"] == {"late": 3}
    body = {"pile": "late", "order": "last_in", "most": 2}
    response = await story.call("POST", "/api/scenario/release", json=body)
    assert response.json() == {"pile": "late", "released": 2, "held": 1}
    story.world.settle()
    assert [pdu.sequence_number for pdu in gateway.of(SubmitSmResp)] == [4, 3]


async def test_what_is_wrong_with_a_release_is_told(story: Caller) -> None:
    error = await story.refused("POST", "/api/scenario/release", 422, json={"order": "sideways", "most": 0})
    assert {one["field"] for one in error["where"]} == {"order", "most", "pile"}


@pytest.mark.parametrize(
    ("path", "body"), [("phase", {"phase": "storm"}), ("release", {"pile": "p"})], ids=["phase", "release"]
)
async def test_where_nothing_is_played_there_are_no_phases_and_piles(caller: Caller, path: str, body: object) -> None:
    error = await caller.refused("POST", f"/api/scenario/{path}", 409, json=body)
    assert error["code"] == "not_asked"


# --- The gate ---


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/rules"), ("POST", "/api/scenario"), ("DELETE", "/api/rules")]
)
async def test_the_gate_stands_before_these_routes_too(guarded: Caller, caller: Caller, method: str, path: str) -> None:
    assert (await guarded.refused(method, path, 401))["code"] == "unauthorized"
    if method != "GET":
        headers = {"origin": "http://elsewhere.example"}
        assert (await caller.refused(method, path, 403, headers=headers))["code"] == "forbidden"


def test_what_a_section_says_becomes_plain_values() -> None:
    carrier = parse("scenario: 1\ncarrier: {limits: [{rate: 20/s, over: ESME_RMSGQFUL}], binds: 2}").carrier
    assert plain({"all": carrier}) == {
        "all": {"limits": [{"rate": "20/s", "over": "ESME_RMSGQFUL"}], "binds": 2},
    }


async def test_a_message_that_nobody_answers_is_shown_and_found_as_that(caller: Caller) -> None:
    await added(caller, then="silence", times=1)
    gateway = caller.world.bound()
    gateway.submit()
    gateway.submit()
    (row,) = (await caller.get("/api/messages", state="unanswered"))["messages"]
    assert (row["state"], row["status"], row["command_status"], row["cause"]) == (
        *("UNANSWERED", None, None),
        "unanswered",
    )
    assert [(part["state"], part["status"], part["command_status"]) for part in row["parts"]] == [
        ("UNANSWERED", None, None)
    ]
    assert (await caller.get("/api/messages", state="REFUSED"))["messages"] == []
