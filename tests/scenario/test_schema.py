"""The shape: built from Python as from a file, short forms, slots, names, and what editors are told."""

import json

import jsonschema
import pytest
from pydantic import ValidationError

from simulator.carrier.delays import Fixed, Lognormal
from simulator.scenario.declared import names_in, vendor_book
from simulator.scenario.file import parse, written
from simulator.scenario.forms.forms import Hold, ReceiptForm
from simulator.scenario.forms.wire_forms import WireForm
from simulator.scenario.match import Match, TextCondition
from simulator.scenario.phrases import found_in
from simulator.scenario.schema import Rule, Scenario, json_schema
from simulator.scenario.shape import Found, Shape
from simulator.scenario.then import FAULTS, Respond, Send, Step, Then
from simulator.scenario.words.wire_words import Command, Octets, Status
from simulator.scenario.words.words import Times
from simulator.smpp.constants import CommandId
from simulator.smpp.tlvs import TLVS
from simulator.smpp.wire import Splice, Wire

VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def rule(text: str) -> Rule:
    return parse(f"scenario: 1\nrules:\n  - {text}\n").rules[0]


def wrong(shape: type[Shape], values: object) -> list[Found]:
    with pytest.raises(ValidationError) as caught:
        shape.model_validate(values)
    return list(found_in(caught.value.errors()))


def test_a_rule_of_python_is_the_rule_of_a_file():
    made = Rule(
        when=Match(destination=TextCondition(any_of=("12025550100",))), then=Then(reject=Status(0x58)), times=Times(2)
    )
    assert made == Rule.model_validate(
        {"when": {"to": "12025550100"}, "then": {"reject": "ESME_RTHROTTLED"}, "times": 2}
    )
    assert made == rule('{when: {to: "12025550100"}, then: {reject: ESME_RTHROTTLED}, times: 2}')
    assert made.then.reject == 0x58
    assert made.times == Times(2)


def test_objects_stand_for_their_words():
    made = Rule(then=Then(reject=Status(0x58), respond=Respond(after=Lognormal(2.0, 40.0))), times=Times(2))
    assert made == rule("{then: {reject: 88, respond: lognormal p50 2s p99 40s}, times: 2}")


def test_none_is_the_same_as_not_given():
    given = {"name": None, "when": {"to": None}, "then": "silence", "times": None}
    assert Rule.model_validate(given) == Rule.model_validate({"then": "silence"})


def test_a_shape_does_not_change():
    with pytest.raises(ValidationError):
        setattr(rule("{then: silence}").then, "lose", True)  # noqa: B010 - a type checker would refuse it as well


@pytest.mark.parametrize(
    ("short", "spelled_out"),
    [
        ("silence", {"silence": "unrecorded"}),
        ("accept", {"accept": True}),
        ("lose", {"lose": True}),
        ("disconnect", {"connection": {"fault": "fin"}}),
        *((fault, {"connection": [{"fault": fault}]}) for fault in FAULTS),
        ({"deliver": "lose", "ids": {"text": "hex"}}, {"lose": True, "ids": {"text": "hex"}}),
        ({"deliver": "UNDELIV"}, {"deliver": [{"state": "UNDELIV"}]}),
        ({"deliver": "5s"}, {"deliver": [{"after": "5s"}]}),
        ({"deliver": "exponential 5s"}, {"deliver": [{"after": "exponential 5s"}]}),
        ({"deliver": "UNDELIV after 1s..2s"}, {"deliver": [{"state": "UNDELIV", "after": "1s..2s"}]}),
        ({"respond": "2s"}, {"respond": {"after": "2s"}}),
        ({"respond": {"hold": "pile"}}, {"respond": {"hold": {"pile": "pile"}}}),
        ({"send": "unbind"}, {"send": [{"command": "unbind"}]}),
        ({"release": "pile"}, {"release": [{"pile": "pile"}]}),
        ({"connection": {"fault": "disconnect"}}, {"connection": [{"fault": "fin"}]}),
        ({"answer": {"repeat": 2}}, {"answer": {"repeat": {"times": 2}}}),
        ({"answer": {"stream": "join"}}, {"answer": {"stream": {"join": True}}}),
        ({"receipts": {"text": "{id}"}}, {"receipts": {"text": {"template": "{id}"}}}),
        ({"receipts": {"dates": "blank"}}, {"receipts": {"dates": {"submit": "blank", "done": "blank"}}}),
        ({"receipts": {"stat": "0"}}, {"receipts": {"stat": {"constant": "0"}}}),
        ({"receipts": {"stat": {"DELIVERED": "OK"}}}, {"receipts": {"stat": {"words": {"DELIVRD": "OK"}}}}),
        ({"receipts": {"err": 0}}, {"receipts": {"err": {"constant": "0"}}}),
        ({"receipts": {"source": 5555}}, {"receipts": {"source": {"number": "5555"}}}),
        ({"mo": {"concatenation": "sar"}}, {"mo": {"concatenation": {"by": "sar"}}}),
        (
            {"answer": {"tlvs": {"message_state": 2, "0x1403": "absent", "source_port": {"value": 1, "times": 2}}}},
            {
                "answer": {
                    "tlvs": [
                        {"set": "message_state", "value": 2},
                        {"remove": "0x1403"},
                        {"set": "source_port", "value": 1, "times": 2},
                    ]
                }
            },
        ),
        ({"answer": {"tlvs": {"clear": True}}}, {"answer": {"tlvs": [{"clear": True}]}}),
    ],
)
def test_a_short_form_stands_for_its_mapping(short, spelled_out):
    assert Then.model_validate(short) == Then.model_validate(spelled_out)
    for written_so in (short, spelled_out):
        VALIDATOR.validate({"scenario": 1, "rules": [{"then": written_so}]})


@pytest.mark.parametrize(
    ("short", "spelled_out"),
    [
        ({"from": "1"}, {"source": {"any_of": ["1"]}}),
        ({"to": [1, 2]}, {"destination": {"any_of": ["1", "2"]}}),
        ({"text": True}, {"text": {"any_of": ["true"]}}),
        ({"tlvs": {"message_payload": "absent"}}, {"tlvs": {"message_payload": {"present": False}}}),
        ({"part": "last"}, {"part": {"last": True}}),
        ({"part": "any"}, {"part": {"total": "2.."}}),
        ({"part": 2}, {"part": {"number": "2"}}),
        ({"part": "2 of 3.."}, {"part": {"number": "2", "total": "3.."}}),
        ({"command": "bind"}, {"command": ["bind_transmitter", "bind_receiver", "bind_transceiver"]}),
        ({"version": 3.4}, {"version": ["3.4"]}),
    ],
)
def test_a_short_question_stands_for_its_mapping(short, spelled_out):
    assert Match.model_validate(short) == Match.model_validate(spelled_out)
    for written_so in (short, spelled_out):
        VALIDATOR.validate({"scenario": 1, "rules": [{"when": written_so, "then": "silence"}]})


def test_a_rule_without_a_command_is_about_submissions():
    assert Match().commands == (CommandId.SUBMIT_SM, CommandId.SUBMIT_MULTI, CommandId.DATA_SM)
    assert Match(command=(Command(CommandId.ENQUIRE_LINK),)).commands == (CommandId.ENQUIRE_LINK,)
    assert Match(event="bound").commands == ()


@pytest.mark.parametrize(
    ("then", "slots"),
    [
        ("silence", {"decision"}),
        ("lose", {"deliver"}),
        ("rst", {"connection"}),
        ({"reject": 88, "respond": "2s", "deliver": "UNDELIV"}, {"decision", "respond", "deliver"}),
        ({"send": "unbind", "set": {"variables": {"a": 1}}}, set()),
        ({"ids": {"text": "hex", "tlv": "absent"}}, {"ids.text", "ids.tlv"}),
        (
            {
                "receipts": {"dates": "blank", "fields": {"esm_class": 0}, "tlvs": {"message_state": "absent"}},
                "answer": {"tlvs": {"clear": True}},
            },
            {
                "receipts.dates.submit",
                "receipts.dates.done",
                "receipts.fields.esm_class",
                "receipts.tlvs.message_state",
                "answer.tlvs",
            },
        ),
    ],
)
def test_a_rule_fills_the_slots_that_it_speaks_of(then, slots):
    assert Then.model_validate(then).slots == slots


def test_what_is_wrong_on_the_wire_is_a_plan_for_the_codec():
    made = WireForm.model_validate(
        {
            "unchecked": True,
            "unterminated": "source_addr",
            "lengths": {"sm_length": "+4", "tlv[0]": 0x41},
            "command_length": 17,
            "splices": [{"at": 16, "delete": 1}, {"at": "sm_length", "insert": "hex:00", "refit": True}],
            "cut": 1,
            "append": "x",
        }
    )
    assert made.wire == Wire(
        unchecked=True,
        unterminated=("source_addr",),
        lengths={"sm_length": "+4", "tlv[0]": "65"},
        command_length="17",
        splices=(Splice(16, 1), Splice("sm_length", 0, b"\0", refit=True)),
        cut=1,
        append=b"x",
    )
    assert WireForm().wire == Wire()


def test_fields_hold_what_their_kind_holds():
    made = Send.model_validate(
        {"command": "deliver_sm", "fields": {"source_addr": 12025550100, "esm_class": 0x40, "short_message": "hex:00"}}
    )
    assert made.fields == {"source_addr": "12025550100", "esm_class": 0x40, "short_message": Octets(b"\0")}


def test_a_declared_tlv_has_a_name_and_a_kind():
    text = "scenario: 1\ncarrier: {vendor_tlvs: 0x1401=route:int:2}\nrules: [{then: {receipts: {tlvs: {route: %s}}}}]"
    made = parse(text % "5").rules[0].then.receipts
    assert made is not None
    assert made.tlvs is not None
    assert (made.tlvs[0].set, made.tlvs[0].value) == ("route", 5)
    with pytest.raises(ValueError, match="route: 'x' is no number, allowed: 0 to 65535"):
        parse(text % "x")


def test_a_tag_is_known_by_its_name():
    made = ReceiptForm.model_validate({"tlvs": {"0x0427": 2, 5123: "x"}})
    assert made.tlvs is not None
    assert [edit.set for edit in made.tlvs] == ["message_state", "0x1403"]


def test_names_are_gathered_whatever_else_is_wrong():
    names = names_in(
        {
            "carrier": {"accounts": {"a": None, 7: 1}, "vendor_tlvs": ["0x1401=x:int", "nonsense", 5]},
            "phases": [{"name": "calm"}, {}, "x"],
            "variables": {"v": 1},
            "rules": [{"then": {"respond": {"hold": "p"}, "set": {"variables": {"w": 1}}}}, {"hold": {"pile": "q"}}],
        }
    )
    assert (names.accounts, names.phases) == (("a", "7"), ("calm",))
    assert (set(names.piles or ()), set(names.variables or ())) == ({"p", "q"}, {"v", "w"})
    assert names.book[0x1401].name == "x"


def test_nothing_declared_is_nothing_checked():
    names = names_in([])
    assert (names.accounts, names.phases, names.piles, names.variables) == (None, None, None, None)
    assert vendor_book(None) == (TLVS, [])
    assert rule("{when: {account: any, phase: any, held: {any: 1}}, then: {release: any}}").when.account == ("any",)


@pytest.mark.parametrize(
    ("shape", "values", "path", "found"),
    [
        (Hold, {"pile": "x", "order": "forth"}, ("order", 0), "'forth' is no order"),
        (
            Send,
            {"command": "submit_multi", "fields": {"dest_address": 1}},
            ("fields", "dest_address"),
            "dest_address is a list",
        ),
        (Step, {"fields": {"source_addr": [1]}}, ("fields", "source_addr"), "a list"),
        (Step, {"fields": [1]}, ("fields",), "a list"),
        (Step, {"fields": {"message_id": "x"}}, ("fields", "message_id"), "deliver_sm has no message_id"),
        (
            Step,
            {"command": "data_sm", "fields": {"sm_default_msg_id": 1}},
            ("fields", "sm_default_msg_id"),
            "data_sm has no sm_default_msg_id",
        ),
        (Step, {"dates": {"zone": "CET"}}, ("dates", "zone"), "'CET' is no time zone"),
        (Step, {"dates": {"shift": "1h"}}, ("dates", "shift"), "'1h' is no shift in time"),
        (Step, {"message_state": {"DELIVRD": [1]}}, ("message_state", "DELIVRD"), "a list"),
        (Step, {"message_state": {"DELIVRD": "hex:0"}}, ("message_state", "DELIVRD"), "'hex:0' is no octets"),
        (Step, {"tlvs": 5}, ("tlvs",), "5"),
        (Step, {"tlvs": [{"value": 5}]}, ("tlvs", 0), "a change of TLVs says nothing"),
        (Step, {"tlvs": {"source_port": "€"}}, ("tlvs", 0, "value"), "source_port: '€' is no number"),
        (Step, {"tlvs": {"0x1403": True}}, ("tlvs", 0, "value"), "true"),
        (Step, {"tlvs": {"callback_num": "€"}}, ("tlvs", 0, "value"), "callback_num: '€' has characters beyond"),
        (Send, {"octets": "x", "sequence": 1}, ("sequence",), "sequence of octets"),
        (Then, {"accept": False}, ("accept",), "false"),
        (Then, {"connection": {"fault": "fin", "lasts": "1s"}}, ("connection", 0, "lasts"), "lasts of fin"),
        (Match, {"text": {"present": False, "contains": "x"}}, ("text", "contains"), "contains of what is absent"),
        (Match, {"tls": "maybe"}, ("tls",), "'maybe'"),
        (Match, {"command_status": 0}, ("command_status",), "unknown key 'command_status'"),
        (Match, {"command": [[]]}, ("command", 0), "a list"),
        (Match, {"command": "alert_notification", "source": "1"}, ("source",), "alert_notification has no source"),
        (Match, {"command": "generic_nack", "source": "1"}, ("source",), "generic_nack has no source"),
        (Rule, {"when": {"event": "bound"}, "then": {"deliver": "1s"}}, ("then", "deliver"), "deliver of a bound"),
        (Rule, {"when": {"event": "receipt"}, "then": {"accept": True}}, ("then", "accept"), "accept of a receipt"),
        (Rule, {"when": {"event": "bound"}, "then": {"mo": {"place": "none"}}}, ("then", "mo"), "mo of a bound"),
        (Scenario, {"scenario": True}, ("scenario",), "true"),
        (Scenario, {"scenario": 1, "carrier": 5}, ("carrier",), "5"),
    ],
)
def test_values_that_no_file_wrote_are_refused_as_well(shape, values, path, found):
    told = wrong(shape, values)
    assert told[0].path == path
    assert told[0].found.startswith(found)
    assert told[0].allowed


def test_a_field_of_another_answer_is_refused_where_the_answer_is_named():
    found = wrong(Rule, {"then": {"answer": {"command": "generic_nack", "fields": {"message_id": "x"}}}})
    assert [(one.path, one.found) for one in found] == [
        (("then", "answer", "fields", "message_id"), "generic_nack has no message_id")
    ]
    made = Rule.model_validate({"then": {"answer": {"command": "0x90000000", "fields": {"message_id": "x"}}}})
    assert made.then.slots == {"answer.command", "answer.fields.message_id"}


def test_the_json_schema_is_one_and_tells_what_every_key_means():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert '"type": "null"' not in json.dumps(schema)
    for name, part in schema["$defs"].items():
        for form in part.get("anyOf", [part]):
            for key, value in form.get("properties", {}).items():
                is_told = "description" in value or "$ref" in value or name == "fields"
                assert is_told, f"{name}.{key}"


@pytest.mark.parametrize(
    "values",
    [
        {"rules": []},
        {"scenario": 2},
        {"scenario": 1, "rules": [{"then": "silense"}]},
        {"scenario": 1, "rules": [{"then": {"reject": 88}, "tims": 2}]},
        {"scenario": 1, "rules": [{"when": {"destinaton": "1"}, "then": "silence"}]},
        {"scenario": 1, "carrier": {"bind_types": ["XX"]}},
        {"scenario": 1, "rules": [{"then": {"receipts": {"fields": {"esm_clas": 1}}}}]},
    ],
)
def test_an_editor_sees_what_is_wrong(values):
    assert list(VALIDATOR.iter_errors(values))


def test_what_is_said_comes_back_as_plain_values():
    then = {"respond": {"after": Fixed(2.0)}, "send": "unbind"}
    made = Rule.model_validate({"when": {"to": "1"}, "then": then, "probability": 0.01})
    assert written(made) == {
        "when": {"destination": {"any_of": ["1"]}},
        "then": {"send": [{"command": "unbind"}], "respond": {"after": "2s"}},
        "probability": "1%",
    }
