"""Of what random files are made: sections of a carrier, networks, rules. Texts from a draw, and nothing else.

All of it is legal wherever it is laid, so that what a world breaks is never the file's fault. Numbers are those that
are kept free for fiction.
"""

from random import Random
from typing import Final

DEEDS: Final = (
    "{reject: ESME_RTHROTTLED}",
    "{reject: ESME_RSYSERR, respond: 100ms..3s}",
    "lose",
    "silence",
    "{silence: recorded}",
    "{respond: lognormal p50 200ms p99 5s}",
    "{respond: {after: 100ms..1s, hold: {pile: p, until: 3, order: shuffle, at_most: 9s}}}",
    "{respond: {hold: {pile: q, until: 4, order: last_in, at_most: 5s}}}",
    "{deliver: UNDELIV after 1s..30s}",
    "{deliver: [{state: ACCEPTD, after: 100ms}, {state: REJECTD, after: 1s..9s}]}",
    "{deliver: [{state: DELIVRD, after: 1s}, {state: UNDELIV, after: exponential 5s}]}",
    "{deliver: {state: DELIVRD, before_response: true}, respond: 1s}",
    "{deliver: {state: EXPIRED, after: 1s, at_bind: true}}",
    "{receipts: {repeat: {times: 2, every: 3s}}}",
    "{receipts: {repeat: {until: acknowledged, backoff: [1s, 4s], at_most: 20s}}}",
    "{receipts: {hold: {pile: r, until: 5, order: shuffle, at_most: 15s}}}",
    "{receipts: {session: other}}",
    "{receipts: {session: random, command: data_sm}}",
    "{receipts: {ignore_window: true}}",
    "{receipts: {asked: always}}",
    "{receipts: {asked: never}}",
    "{answer: {repeat: 2}}",
    "{answer: {stream: {split: [5], pause: 500ms}}}",
    "{set: {state: EXPIRED}}",
    "{set: {variables: {seen: '+1'}}, release: {pile: r, most: 2}}",
    "{set: {phase: storm}}",
    "{send: {command: enquire_link, after: 100ms..2s, session: random}}",
    "{send: {mo: {text: 'and you?', source: '12025550177', destination: '12025550101'}, after: 1s}}",
    "{connection: rst}",
    "{connection: {fault: fin, before: answer}}",
    "{connection: {fault: rst, before: record}}",
    "{connection: {fault: rst, after: 1s..5s, session: random}}",
    "{connection: {fault: pause_reading, lasts: 2s}}",
    "{connection: {fault: black_hole, lasts: 3s}}",
)
"""What a rule may do to a message."""
ASKED: Final = (
    "destination: '12025550103'",
    "source: ['12025550100', '12025550101']",
    "count: every 4th",
    "count: first 3 per destination",
    "account: wide",
    "phase: storm",
    "rate: over 5/s per account",
    "variables: {seen: {between: '2..'}}",
    "part: last",
)
"""To which messages."""
BESIDE: Final = (
    "- {when: {event: bound}, then: {send: {command: enquire_link, after: 1s}}}",
    "- {when: {command: query_sm}, then: {respond: 1s..3s}}",
    "- {when: {command: cancel_sm}, then: {respond: {hold: {pile: p, until: 3, order: shuffle, at_most: 9s}}}}",
    "- {when: {command: deliver_sm_resp}, then: {release: {pile: q, order: shuffle}}}",
    "- {when: {event: conclude, state: UNDELIV}, then: {set: {variables: {seen: '+1'}}}}",
    "- {when: {event: mo}, then: {mo: {concatenation: udh16, session: newest}}, probability: 50%}",
    "- {when: {event: disconnect}, then: {set: {phase: calm}}}",
)
"""What else may be answered, and how."""
# whoever names a pile has to find it
_PILES: Final = tuple(
    f"- {{when: {{text: never}}, then: {{receipts: {{hold: {{pile: {pile}, at_most: 1s}}}}}}}}" for pile in "pqr"
)
_PHASES: Final = "phases: [{name: calm, lasts: 30s}, {name: storm, messages: 20, next: calm}]"
TIMELINE: Final = "timeline: [{every: 7s, times: 9, then: {send: {command: unbind, session: random}, release: r}}]"
"""It ends a minute after the beginning."""


def a_rule(name: str, deed: str, luck: Random, *, shares: tuple[str, ...] = ("3%", "10%", "30%")) -> str:
    """A line of `rules:` that does this to some of the messages."""
    asked = {one.partition(":")[0]: one for one in luck.sample(ASKED, luck.randint(0, 2))}
    when = ", ".join(asked.values())
    line = f"- {{name: {name}, when: {{{when}}}, then: {deed}, probability: {luck.choice(shares)}}}"
    return line.replace("when: {}, ", "")


def a_script(rules: list[str], timeline: str = TIMELINE) -> str:
    """The file of these rules, with the piles and phases that they name."""
    return "\n".join(["scenario: 1", "variables: {seen: 0}", "rules:", *rules, *_PILES, _PHASES, timeline])


CARRIERS: Final = {
    "respond": ("20ms..400ms", "lognormal p50 50ms p99 2s", "2s", "exponential 300ms"),
    "deliver": ("1s..10s", "exponential 30s", "5m", "lognormal p50 3s p99 10m"),
    "limits": (
        "[{rate: 5/s, per: source}]",
        "[{rate: 30/min, per: destination, over: ESME_RMSGQFUL}]",
        "[{rate: 20/s, per: session, over: pause}]",
        "[{rate: 200/day, per: pair}, {rate: 3/s, per: pair, penalty: 30s}]",
        "[{rate: 10/s, burst: 3, counts: messages, per: account, disconnect_after: 20}]",
    ),
    "bind_policy": (
        "{ghosts: {after: [rst, timeout], lasts: 120s}}",
        "{rebind_after: 3s}",
        "{ghosts: {after: any, lasts: 20s, status: ESME_RBINDFAIL}, statuses: {binds: disconnect}}",
    ),
    "link_policy": (
        "{enquire_every: 30s, misses: 3, idle: {after: 10m, by: unbind}}",
        "{enquire_every: never, idle: {after: 20m, by: rst}}",
        "{response: 5s, enquire_every: 2m, unbind_grace: 1s}",
        "{enquire_link: silence, enquire_every: never}",
    ),
    "receipts": ("{command: data_sm}", "{session: other}", "{asked: always}"),
}
"""Keys of `carrier:` and what each may say, beside its accounts."""


def a_network(name: str, prefixes: str, luck: Random) -> str:
    """A file with one network that nobody has seen: its limits, filters, receipts and phones drawn."""
    limits = [
        f"{{name: number, kinds: {{long_code: {luck.randint(5, 60)}/min}}, over: reject}}",
        f"{{name: told_later, per: number, rate: {luck.randint(50, 500)}/day, over: {{mode: reject, where: receipt}}}}",
        f"{{name: all, per: account, rate: {luck.randint(20, 300)}/min, over: throttle}}",
        f"{{name: queue, per: number, rate: {luck.randint(10, 100)}/min, over: {{mode: queue, span: 2h}}}}",
        f"{{name: people, rate: {luck.randint(2, 50)}/day, per: number, counts: recipients, over: reject}}",
        f"{{name: pace, per: number, rate: {luck.randint(1, 10)}/s, over: throttle}}",
        f"{{name: segments, per: account, rate: {luck.randint(200, 5000)}/day, over: reject}}",
    ]
    filters = [
        "{filter: content, where: REJECTD}",
        "{filter: duplicate, window: 10m, where: UNDELIV}",
        "{filter: volume_spike, window: 10m, where: REJECTD}",
        "{filter: snowshoe, senders: 3, window: 1h, where: submit}",
        "{filter: shortener, where: lost}",
        "{filter: content, name: silent, cause: silent_filter, where: DELIVRD}",
        "landline",
    ]
    receipts = luck.choice(
        [
            "truth",
            "truth",
            "hub_first",
            "accepted_only",
            "none",
            "{tells: truth, late: 1s..10m}",
            "{tells: truth, expires: 30m}",
            "{tells: truth, parts: once}",
            "{tells: truth, parts: contradicting}",
            "{tells: truth, buffered: 20s}",
        ]
    )
    profile = luck.choice(["us-direct", "handset-retry", "lan-smsc", "instant"])
    more = luck.choice(["", "", ", duplicate: 10%", ", missing: 5%", ", false_delivered: 5%", ", out_of_order: 20%"])
    phones = luck.choice(
        [
            "{}",
            "{absent: 20%, absent_for: 10m}",
            "{absent: 5%, busy: 5%, memory_full: 2%, deactivated: 1%}",
            "{absent: 10%, answers: [{share: 5%, text: STOP, after: 20s}, {share: 5%, kind: story}]}",
        ]
    )
    chosen = ", ".join(luck.sample(limits, luck.randint(0, 3)))
    lines = [
        "scenario: 1",
        "networks:",
        f"  {name}:",
        f"    prefixes: {prefixes}",
        '    mcc: "001"',
        "    requires: passed",
        f"    limits: [{chosen}]",
        f"    filters: [{', '.join(luck.sample(filters, luck.randint(0, 3)))}]",
        f"    receipts: {receipts}",
        f"    delays: {{profile: {profile}{more}}}",
    ]
    if phones != "{}":
        lines.append(f"    subscribers: {phones}")
    return "\n".join(lines)


__all__ = ["ASKED", "BESIDE", "CARRIERS", "DEEDS", "TIMELINE", "a_network", "a_rule", "a_script"]
