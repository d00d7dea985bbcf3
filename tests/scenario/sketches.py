"""Carriers in our words: the bugs that a format has to be able to say, one of each kind of deed and form."""

SKETCHES: dict[str, str] = {
    "ids in hex in the response and decimal in the receipt, which comes before the response": """
scenario: 1
seed: 7
carrier:
  ids: {generate: hex 8, response: hex upper, text: decimal pad 10, tlv: absent}
rules:
  - then: {deliver: {state: DELIVRD, before_response: true}, respond: 2s}
    probability: 30%
""",
    "a poisoned message that is sent again and again until it is taken": """
scenario: 1
timeline:
  - at: 1s
    then:
      send:
        mo: {source: "12025550100", destination: "5555", text: STOP}
        tlvs: {sc_interface_version: "hex:34"}
        repeat: {until: acknowledged, backoff: [5s, 10s, 30s, 60s], at_most: 24h, blocks: true}
""",
    "a ghost session that is in the way of the next bind": """
scenario: 1
carrier:
  bind_policy:
    ghosts: {after: [rst, timeout], lasts: 120s, status: ESME_RALYBND}
  binds: 1
rules:
  - when: {command: submit_sm, count: 20th per session}
    then: {silence: recorded, connection: rst}
""",
    "a TLV that claims more octets than there are": """
scenario: 1
rules:
  - when: {command: submit_sm}
    then:
      deliver: UNDELIV
      receipts:
        cut: -3
        tlvs: [{clear: true}, {add: receipted_message_id, value: "3005"}]
        wire: {lengths: {"tlv[0]": 0x41}}
""",
    "parts out of order, over all sessions, one of them missing": """
scenario: 1
timeline:
  - at: 2s
    then:
      send:
        mo:
          source: "12025550100"
          destination: "5555"
          text: a text of three hundred characters
          concatenation: {by: udh16, order: [3, 1], lose: [2]}
          session: random
""",
    "receipts on another session, as data_sm, twice, and the second one late": """
scenario: 1
carrier:
  receipts: {session: other, command: data_sm, repeat: {times: 1, every: 30s, sequence: new}}
""",
    "the first is buffered, the second delivered, the third contradicts both": """
scenario: 1
rules:
  - then:
      deliver:
        - {state: ACCEPTD, after: 1s, fields: {esm_class: 0x04}}
        - DELIVRD after 5s
        - {state: UNDELIV, after: 1h, final: true, err: "4750"}
""",
    "a receipt that no parser knows": """
scenario: 1
carrier:
  receipts:
    text: {omit: [sub, dlvrd], labels: {submit_date: submitdate, done_date: donedate}, prefix: "SMSAlert^", echo: 20}
    dates: {submit: "%Y%m%d%H%M%S", done: blank, zone: "+02:00", shift: -30m}
    stat: {DELIVRD: DELIVERED, UNDELIV: FAILED}
    err: {width: 4, states: {UNDELIV: "21b"}}
    charset: ucs2
    fields: {esm_class: 0, data_coding: 8}
    source: {prefix: "+", ton: 1}
    destination: {strip: "00"}
    swapped: false
    message_state: {DELIVRD: "hex:00000002"}
    tlvs: {receipted_message_id: absent, 0x1403: "23430", network_error_code: "hex:303334"}
""",
    "answers in random order": """
scenario: 1
rules:
  - then: {respond: {hold: {pile: answers, until: 5, order: shuffle, at_most: 10s}}}
""",
    "answers that wait for a release, and come from the last to the first": """
scenario: 1
rules:
  - {then: {respond: {hold: answers}}, stop: true}
  - {when: {held: {answers: "5.."}}, then: {release: {pile: answers, order: last_in}}}
""",
    "throttled above a rate, for a penalty, then disconnected": """
scenario: 1
carrier:
  accounts: {gateway: {password: secret, networks: [192.0.2.7, "2001:db8::/32"], over_throughput: pause}}
  throughput: 50/s
  window: 10
  over_window: ESME_RMSGQFUL
  limits:
    - {rate: 20/s, per: destination, penalty: 30s, disconnect_after: 100}
    - {rate: 2000/day, per: source, counts: messages, over: "0x264a"}
rules:
  - {when: {rate: over 60/s}, then: {reject: ESME_RTHROTTLED}}
""",
    "a response with another sequence_number, a status, a body and a TLV that do not belong": """
scenario: 1
rules:
  - when: {command: submit_sm, count: every 10th}
    then:
      answer: {sequence: own, status: ESME_RTHROTTLED, body: full, tlvs: {congestion_state: 90}, repeat: 2}
  - {when: {command: query_sm}, then: {answer: {command: generic_nack, status: ESME_RINVCMDID, sequence: 0}}}
  - {when: {command: submit_multi}, then: {answer: {unsuccess: {"12025550100": ESME_RINVDSTADR}}}}
""",
    "a bind that is answered by a web server": """
scenario: 1
rules:
  - when: {event: connect}
    then: {send: {octets: "hex:485454502f312e3120343030"}, connection: {fault: fin, after: 1s}}
  - when: {command: bind, fields: {system_type: {none_of: VMA}}}
    then: {reject: ESME_RINVSYSTYP}
  - when: {command: bind, version: [3.3, "5.0"]}
    then: {answer: {tlvs: {sc_interface_version: absent}, fields: {system_id: ""}}}
""",
    "a link that dies without a word in a phase of its own": """
scenario: 1
variables: {strikes: 0}
phases:
  - {name: calm, lasts: 10m}
  - {name: night, messages: 1000, next: calm}
carrier:
  link_policy: {enquire_link: silence, enquire_every: 30s, misses: 3, idle: {after: 60s, counts: submissions, by: rst}}
rules:
  - {when: {phase: night, count: after 100}, then: {connection: {fault: black_hole, direction: out, lasts: 15m}}}
  - {when: {variables: {strikes: {between: "3.."}}, idle: "30s.."}, then: {send: unbind}}
  - {when: {event: unanswered, command: deliver_sm}, then: {set: {variables: {strikes: "+1"}}}}
  - {when: {command: deliver_sm_resp, status_not: ESME_ROK}, then: rst}
  - {when: {event: receipt, phase: night}, then: {receipts: {hold: backlog, stream: join}}}
  - {when: {event: bound}, then: {release: backlog}}
""",
    "octets that come one by one, and a PDU that never ends": """
scenario: 1
rules:
  - {when: {command: enquire_link}, then: {answer: {stream: {drip: 1/100ms}}}, times: 1}
  - {then: {answer: {stream: {split: [3, message_id], pause: 2s}}}, times: 2 per session}
  - {then: {receipts: {stream: {stop: 20}}}}
""",
    "an Indian carrier that wants to know who wrote the template": """
scenario: 1
carrier:
  vendor_tlvs: ["0x1400=entity_id:cstring", "0x1401=template_id:cstring"]
rules:
  - {when: {tlvs: {entity_id: absent}}, then: {deliver: {state: UNDELIV, err: "195"}}}
  - {when: {tlvs: {template_id: {length: 1..18}}}, then: {reject: 0x450}}
""",
    "MOs in Latin-1 under data_coding 0": """
scenario: 1
rules:
  - {when: {event: mo, listener: old}, then: {mo: {charset: latin1, fields: {data_coding: 0}, place: message_payload}}}
""",
    "what the gateway has to say for itself": """
scenario: 1
about:
  carrier: names the message in hex, and in its receipt in decimal
  breaks: the receipt belongs to no message
  correct: compares both as numbers
  source: [an issue, a manual]
rules:
  - {when: {from: "12025550100", part: last, alphabet: ucs2, hours: 21:00..08:00}, then: lose, probability: 1%}
expect:
  events:
    - {kind: submitted, where: {to: "12025550101"}, count: 3, within: 1h}
    - {kind: receipt_acknowledged, count: "1..", name: every receipt is taken}
  gateway: delivered
  checks: {backs_off: warning, rebinds_with_pause: "off"}
""",
}
