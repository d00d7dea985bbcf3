"""Texts that say what happens to them: both spellings, what is wrong with them, and what comes of it on the wire."""

import gc
import re
import tracemalloc

import pytest
from typer.testing import CliRunner

from simulator.cli.main import app
from simulator.journal import SCRIPT_FAILED
from simulator.scenario import spoken
from simulator.scenario.file import parse, written
from simulator.scenario.schema import Rule
from simulator.scenario.script import Script
from simulator.scenario.shape import Names
from simulator.scenario.spoken import NotUnderstood, Spoken, command_in, rule_of
from simulator.smpp.constants import TlvTag
from simulator.smpp.tlvs import Tlv
from simulator.sms.alphabets import gsm_encode
from tests.smsc.played import Played, rules
from tests.smsc.world import a_submission

ON = "carrier: {spoken: true}\n"

SAID = {
    "{submit: {status: ESME_RTHROTTLED}, receipt: {stat: UNDELIV, after: 2s}}": (
        "{reject: ESME_RTHROTTLED, deliver: {state: UNDELIV, after: 2s}}"
    ),
    "  {reject: 88}\n": "{reject: ESME_RTHROTTLED}",
    "äsubmit: ästatus: ESME§RTHROTTLEDññ": "{reject: ESME_RTHROTTLED}",
    "{submit: ESME_ROK, receipt: [ENROUTE, {stat: UNDELIV}]}": "{accept: true, deliver: [ENROUTE, UNDELIV]}",
    "{receipt: {state: EXPIRED, stat: DELIVRD}}": "{deliver: {state: EXPIRED, stat: DELIVRD}}",
    "sim: submit status RTHROTTLED; receipt UNDELIV after 2s": "{reject: ESME_RTHROTTLED, deliver: UNDELIV after 2s}",
    "Hello\n SIM: submit RTHROTTLED after 2s ;\nsim: receipt stat EXPIRED": (
        "{reject: ESME_RTHROTTLED, respond: 2s, deliver: EXPIRED}"
    ),
    "sim: submit.status 0; submit.after 1s..3s": "{accept: true, respond: 1s..3s}",
    "sim: submit after 2s": "{respond: 2s}",
    "sim: submit after never": "{silence: recorded}",
    "sim: receipt never": "{receipts: {asked: never}}",
    "sim: receipt lose": "{lose: true}",
    "sim: silence": "silence",
    "sim: lose; ; rst": "{lose: true, connection: rst}",
    "sim: black-hole": "black_hole",
    "sim: {deliver: lose}": "lose",
    "sim: deliver ENROUTE, UNDELIV after 2s": "{deliver: [ENROUTE, UNDELIV after 2s]}",
    'sim: receipts.text.suffix "yes, <submit-date>; no <b>"': (
        '{receipts: {text: {suffix: "yes, {submit_date}; no <b>"}}}'
    ),
    "sim: receipts.fields.esm-class 0; receipts.err 4750": "{receipts: {fields: {esm_class: 0}, err: 4750}}",
    "sim: receipts.tlvs.#1.add 0x1403; receipts.tlvs.#1.value 5; receipts.tlvs.#2.remove message-state": (
        "{receipts: {tlvs: [{add: 0x1403, value: 5}, {remove: message_state}]}}"
    ),
    "sim: ids.response hex upper; answer.fields.message-id 5": (
        "{ids: {response: hex upper}, answer: {fields: {message_id: 5}}}"
    ),
    "sim: send.command enquire-link; send.session next-bound": "{send: {command: enquire_link, session: next_bound}}",
    "sim: set.variables.strikes +1; release odd": "{set: {variables: {strikes: +1}}, release: odd}",
}

WRONG = {
    "{": "not YAML while parsing a flow node: did not find expected node content, allowed: YAML",
    "{reject: }": "reject: nothing, allowed: a value, or leave the key out",
    "{submti: 5}": "submti: unknown key, allowed: submit, receipt, send, connection, set, release, subscribers, "
    "accept, reject, silence, respond, answer, deliver, lose, ids, receipts, mo, times, probability, stop; "
    "did you mean submit?",
    "{when: {to: 5}, then: silence}": "when: unknown key",
    "{reject: 5, accept: true}": "reject: reject beside accept, allowed: only one of accept, reject, silence",
    "{submit: 5, reject: 5}": "reject beside what says reject already, allowed: one of both",
    "{submit: RTHROTTELD}": "submit.status: 'RTHROTTELD' is no status, allowed: a status as in ESME_RTHROTTLED, "
    "RTHROTTLED, 0x58 or 88; did you mean ESME_RTHROTTLED?",
    "{submit: {state: 5}}": "submit, allowed: a status, `after` and a delay or never, or a mapping of status, after",
    "{submit: true}": "submit, allowed: a status",
    "{times: 2}": "nothing to do, allowed: one of send, connection",
    "{receipt: DELIVERD}": "deliver.0.state: 'DELIVERD' is no state",
    "{receipt: 5}": "deliver.0: 5, allowed: ",
    "sim:": "nothing to do, allowed: as in `sim: submit RTHROTTLED; receipt UNDELIV after 2s`",
    "sim: reject": "reject without a value, allowed: a word as in accept, silence, lose, disconnect; or a value",
    "sim: reject ,": "reject without a value, allowed: a word",
    "sim: reject 5, ~": 'nothing for a value, allowed: a word, a number, or a text in "quotation marks"',
    "sim: reject 5; reject 6": "reject a second time, allowed: each key once",
    "sim: submit 5; submit.after 2s": "submit.after beside a value of submit, allowed: one of both",
    "sim: " + "x" * 5000: "5000 characters, allowed: at most 4096",
}


@pytest.mark.parametrize("text", list(SAID))
def test_a_text_is_the_rule_that_a_file_would_say(text: str) -> None:
    command = command_in(text)
    assert command is not None
    (rule,) = parse(f"scenario: 1\nrules:\n- {{then: {SAID[text]}}}\n").rules
    assert written(rule_of(command, Names())) == written(rule)


@pytest.mark.parametrize("text", list(WRONG))
def test_what_is_wrong_with_a_command_is_told(text: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        rule_of(command_in(text) or "", Names())
    assert str(caught.value).startswith(WRONG[text])
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("text", ["", "hello", "simple: yes", "a {brace}", "ähnlich", "I say sim: silence", "a=sim:b"])
def test_a_text_like_any_other_is_no_command(text: str) -> None:
    assert command_in(text) is None


def test_every_character_of_a_line_is_in_the_gsm_alphabet_without_an_escape() -> None:
    lines = [text for text in SAID if "sim:" in text.lower() and "{" not in text]
    assert len(lines) > 10
    assert [line for line in lines if len(gsm_encode(line)) != len(line) or "_" in line] == []


def test_times_and_probability_and_stop_are_the_rules() -> None:
    rule = rule_of("silence; times 2 per destination; probability 30%; stop true", Names())
    assert written(rule) == {
        "then": {"silence": "unrecorded"},
        "times": "2 per destination",
        "probability": "30%",
        "stop": True,
    }


def test_texts_are_read_once_and_the_longest_unused_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spoken, "TEXTS_MAX", 2)
    made: list[int] = []

    def make(rule: Rule, number: int) -> int:
        made.append(number)
        return number

    reader = Spoken(make, Names())
    heard = [reader.heard(f"sim: reject {one}") for one in (1, 2, 1, 3, 1, 2)]
    assert heard == [made[0], made[1], made[0], made[2], made[0], made[1]]
    assert made == [*made[:3], made[1]]
    assert all(number < -(1 << 64) for number in made)
    reader.clear()
    assert reader.heard("sim: reject 1") == made[-1] == made[0]
    assert len(made) == 5


def test_the_rules_of_long_texts_cost_no_more_than_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spoken, "OCTETS_MAX", 2_000_000)
    script = Script([parse("scenario: 1")], 7)
    reader = Spoken(lambda rule, order: script._compiled(rule, "text", order, script.book), Names())
    # the dearest text that was found: many small things of eight or nine characters each
    steps = ", ".join(["ACCEPTD"] * 440)
    reader.heard(f"{{deliver: [{steps}]}}")
    reader.clear()
    tracemalloc.start()
    try:
        for number in range(1, 11):
            assert reader.heard(f"{{deliver: [{steps}], times: {number}}}") is not None
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 0 < held < 2_000_000
    assert 0 < len(reader._known) < 10
    reader.clear()
    for number in range(1, 401):
        reader.heard(f"sim: wrong {number}")
    # of short ones there are many
    assert len(reader._known) > 300
    assert reader._octets <= 2_000_000


# ---------------------------------------------------------------------- on the wire


def test_a_text_decides_its_answer_and_its_receipt() -> None:
    world = Played(ON)
    gateway = world.bound()
    assert gateway.submit(short_message=b"hello").command_status == 0
    assert gateway.submit(short_message=gsm_encode("{submit: ESME_RSUBMITFAIL}")).command_status == 0x45
    # ASCII where GSM is meant: what nobody has converted is understood nevertheless
    assert gateway.submit(short_message=b"{submit: {status: ESME_RINVDSTADR}}").command_status == 0x0B
    answer = gateway.submit(short_message=b"sim: receipt UNDELIV after 2s")
    world.run(1.9)
    assert [stat for _, stat in gateway.stats] == ["DELIVRD"]
    world.run(0.2)
    assert gateway.stats[1] == (answer.message_id, "UNDELIV")
    assert world.fired == ["text", "text", "text"]


def test_a_text_is_obeyed_as_often_as_it_says() -> None:
    world = Played(ON)
    gateway = world.bound()
    said = b"sim: submit RTHROTTLED; times 2"
    assert [gateway.submit(short_message=said).command_status for _ in range(3)] == [0x58, 0x58, 0]
    world.smsc.reset(world.now)
    assert gateway.submit(short_message=said).command_status == 0x58


def test_a_text_goes_before_files_slot_by_slot_unless_it_is_the_last_word() -> None:
    world = Played(ON + rules("{then: {reject: ESME_RSYSERR, respond: 1s}}"))
    gateway = world.bound()
    assert gateway.submit(short_message=b"sim: submit RTHROTTLED") is None
    world.run(1.0)
    assert gateway.statuses == [0x58]
    assert gateway.submit(short_message=b"sim: submit RTHROTTLED; stop true").command_status == 0x58
    assert world.fired == ["text", "rules[0]", "text"]


def test_a_text_may_end_the_connection() -> None:
    world = Played(ON)
    gateway = world.bound()
    gateway.submit(short_message=b"sim: rst")
    world.run(1.0)
    assert not gateway.stands()


def test_what_is_not_understood_changes_nothing_and_is_journalled_with_the_reason() -> None:
    world = Played(ON)
    gateway = world.bound()
    answer = gateway.submit(short_message=b"sim: submit RTHROTTELD")
    world.run(1.0)
    assert gateway.stats == [(answer.message_id, "DELIVRD")]
    ((message, told),) = world.events(SCRIPT_FAILED)
    assert message.message_id == answer.message_id
    assert told.startswith("text: submit.status: 'RTHROTTELD' is no status")
    assert world.fired == []


def test_unless_a_carrier_listens_a_text_is_a_text() -> None:
    for said in ("", "carrier: {spoken: false}\n"):
        world = Played(ON, said) if said else Played(rules("{then: {respond: 0s}}"))
        gateway = world.bound()
        assert gateway.submit(short_message=b"sim: rst").command_status == 0
        assert gateway.stands()


def test_explain_tells_of_the_rule_that_a_text_is() -> None:
    told = CliRunner().invoke(app, ["explain", "spoken/commands", "--text", "sim: submit RTHROTTLED"]).stdout
    assert told.startswith("refused; answered ESME_RTHROTTLED")
    assert re.search(r"^text +fills +decision$", told, re.MULTILINE)


def test_only_submissions_are_read() -> None:
    world = Played(ON)
    gateway = world.bound()
    world.smsc.mo("5555", "12025550100", "sim: rst", world.now)
    world.settle()
    assert gateway.texts == ["sim: rst"]
    assert gateway.stands()
    assert gateway.send_together(a_submission(short_message=b"sim: silence"))[0] is None


@pytest.mark.parametrize(
    "text", ["sim: " + "a." * 1500 + "b c", "{a: " * 1000, "{" * 4000, "[" * 4000, "sim: a.b." * 400]
)
def test_no_text_is_nested_too_deep_to_be_told_what_is_wrong_with_it(text: str) -> None:
    gateway = Played(ON).bound()
    payload = (Tlv(TlvTag.MESSAGE_PAYLOAD, text.encode()),)
    assert gateway.submit(short_message=b"", tlvs=payload).command_status == 0


def test_what_is_too_long_for_a_command_is_not_kept() -> None:
    reader = Spoken(lambda _, number: number, Names())
    told = [str(reader.heard("sim: " + letter * 5000)) for letter in "abc"]
    assert told == ["5000 characters, allowed: at most 4096"] * 3
    assert reader._known == {}
