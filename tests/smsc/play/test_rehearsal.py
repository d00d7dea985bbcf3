"""One message played through without a socket: what is answered, what is sent and when, and which rules say so."""

from simulator.scenario.file import parse
from simulator.smpp.pdus import SubmitSm
from simulator.smsc.play.rehearsal import Rehearsal, rehearse
from tests.smsc.world import a_submission


def rehearsed(text: str, *, account: str | None = None, bind_type: str = "TRX", nth: int = 1) -> Rehearsal:
    def request() -> SubmitSm:
        return a_submission()

    return rehearse([parse(f"scenario: 1\n{text}")], request, account=account, bind_type=bind_type, nth=nth)


def sent(told: Rehearsal) -> list[tuple[float, str | None]]:
    return [(round(one.after, 3), one.pdu.command) for one in told.sent]


def test_the_answer_and_the_receipts_are_told_with_their_times() -> None:
    told = rehearsed("rules: [{name: n, then: {respond: 2s, deliver: [ENROUTE after 1s, UNDELIV after 3 days]}}]")
    assert sent(told) == [(2.0, "submit_sm_resp"), (259203.0, "deliver_sm")]
    assert told.answer is told.sent[0]
    assert told.message is not None
    assert told.message.state == "UNDELIV"
    assert told.explanation is not None
    assert [one.rule.name for one in told.explanation.fired] == ["n"]
    assert (told.later, told.closed_after) == ([], None)


def test_without_rules_the_carrier_delivers() -> None:
    told = rehearsed("about: nothing")
    assert [name for _, name in sent(told)] == ["submit_sm_resp", "deliver_sm"]
    assert (told.account, told.explanation is not None and told.explanation.asked) == ("gateway", ())


def test_the_nth_is_the_one_that_is_told() -> None:
    text = "rules: [{when: {count: 3rd}, then: {reject: 8}}]"
    assert [one.after for one in rehearsed(text, nth=2).sent[:1]] == [0.0]
    third = rehearsed(text, nth=3)
    assert sent(third) == [(0.0, "submit_sm_resp")]
    assert third.answer is not None
    assert third.answer.pdu.command_status == 8


def test_the_account_is_that_of_the_file_with_its_password() -> None:
    told = rehearsed("carrier: {accounts: {acme: {password: secret, bind_types: TX}}}", bind_type="TX")
    assert (told.account, told.is_bound, sent(told)) == ("acme", True, [(0.0, "submit_sm_resp")])


def test_who_is_not_bound_submits_nothing() -> None:
    told = rehearsed("carrier: {accounts: {acme: {password: secret}}}", account="stranger")
    assert (told.is_bound, told.message, told.explanation) == (False, None, None)
    assert [one.pdu.command_status for one in told.sent] == [0x0F]


def test_a_late_answer_to_the_bind_is_waited_for() -> None:
    assert rehearsed("rules: [{when: {command: bind}, then: {respond: 5s}}]").is_bound


def test_a_message_that_is_never_recorded_is_told_as_such_and_the_end_of_the_connection_too() -> None:
    told = rehearsed("rules: [{then: {connection: {fault: fin, before: record}}}]")
    assert (told.message, told.answer, told.closed_after) == (None, None, 0.0)
    assert told.explanation is not None


def test_silence_has_no_answer() -> None:
    told = rehearsed("rules: [{then: silence}]")
    assert (told.answer, told.sent) == (None, [])


def test_rules_that_fire_later_are_told_with_what_happened() -> None:
    told = rehearsed("rules: [{name: r, when: {event: receipt}, then: {receipts: {text: {omit: sub}}}}]")
    assert ("receipt", "r") in told.later


def test_a_story_without_end_is_left() -> None:
    told = rehearsed("timeline: [{every: 1s, then: {send: enquire_link}}]")
    assert [name for _, name in sent(told)] == ["submit_sm_resp", "deliver_sm"]


def test_a_pdu_in_two_segments_is_one() -> None:
    told = rehearsed("rules: [{then: {accept: true, answer: {stream: {split: [3], pause: 1s}}}}]")
    assert [name for _, name in sent(told)] == ["submit_sm_resp", "deliver_sm"]
