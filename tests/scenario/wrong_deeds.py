"""Files that do what cannot be done, and what is said of each, to the letter; `<when>` and `<then>` stand for all keys of those two."""

WRONG_DEEDS: dict[str, tuple[str, str]] = {
    "an unknown word": (
        "scenario: 1\nrules: [{then: silense}]\n",
        """s.yaml:2:16: rules[0].then: 'silense', allowed: accept, silence, lose, disconnect, fin, rst, half_close, black_hole, pause_reading, slow_reading, refuse, hang, unbind, tls_plain, tls_alert, tls_stall, tls_no_close_notify, or a mapping of slots
    rules: [{then: silense}]
                   ^ did you mean silence?""",
    ),
    "a word that is no more": (
        "scenario: 1\nrules: [{then: drop}]\n",
        """s.yaml:2:16: rules[0].then: 'drop', allowed: accept, silence, lose, disconnect, fin, rst, half_close, black_hole, pause_reading, slow_reading, refuse, hang, unbind, tls_plain, tls_alert, tls_stall, tls_no_close_notify, or a mapping of slots
    rules: [{then: drop}]
                   ^ did you mean silence, lose or disconnect?""",
    ),
    "nothing to do": (
        "scenario: 1\nrules: [{then: {}}]\n",
        """s.yaml:2:16: rules[0].then: nothing to do, allowed: one of <then>
    rules: [{then: {}}]
                   ^""",
    ),
    "two decisions": (
        "scenario: 1\nrules: [{then: {accept: true, reject: 88}}]\n",
        """s.yaml:2:31: rules[0].then.reject: reject beside accept, allowed: only one of accept, reject, silence
    rules: [{then: {accept: true, reject: 88}}]
                                  ^""",
    ),
    "two fates": (
        "scenario: 1\nrules: [{then: {lose: true, deliver: UNDELIV}}]\n",
        """s.yaml:2:29: rules[0].then.deliver: deliver beside lose, allowed: only one of lose, deliver
    rules: [{then: {lose: true, deliver: UNDELIV}}]
                                ^""",
    ),
    "a misspelled status": (
        "scenario: 1\nrules: [{then: {reject: ESME_RTHROTTELD}}]\n",
        """s.yaml:2:25: rules[0].then.reject: 'ESME_RTHROTTELD' is no status, allowed: a status as in ESME_RTHROTTLED, RTHROTTLED, 0x58 or 88
    rules: [{then: {reject: ESME_RTHROTTELD}}]
                            ^ did you mean ESME_RTHROTTLED?""",
    ),
    "a status too big": (
        "scenario: 1\nrules: [{then: {reject: 0x100000000}}]\n",
        """s.yaml:2:25: rules[0].then.reject: '0x100000000' is no status, allowed: a status as in ESME_RTHROTTLED, RTHROTTLED, 0x58 or 88
    rules: [{then: {reject: 0x100000000}}]
                            ^""",
    ),
    "a misspelled state": (
        "scenario: 1\nrules: [{then: {deliver: UNDELIVE}}]\n",
        """s.yaml:2:26: rules[0].then.deliver: 'UNDELIVE' is no state, allowed: a state: ENROUTE, DELIVRD, EXPIRED, DELETED, UNDELIV, ACCEPTD, UNKNOWN, REJECTD, SCHEDLD, SKIPPED
    rules: [{then: {deliver: UNDELIVE}}]
                             ^ did you mean UNDELIV?""",
    ),
    "a state that is told by its own key": (
        "scenario: 1\nrules: [{then: {deliver: {state: DELIVERD}}}]\n",
        """s.yaml:2:34: rules[0].then.deliver.state: 'DELIVERD' is no state, allowed: a state: ENROUTE, DELIVRD, EXPIRED, DELETED, UNDELIV, ACCEPTD, UNKNOWN, REJECTD, SCHEDLD, SKIPPED
    rules: [{then: {deliver: {state: DELIVERD}}}]
                                     ^ did you mean DELIVERED?""",
    ),
    "a delay without a unit": (
        "scenario: 1\nrules: [{then: {respond: {after: 2}}}]\n",
        """s.yaml:2:34: rules[0].then.respond.after: 2, allowed: 250ms, 1s..3s, lognormal p50 2s p99 40s, normal 2s +- 500ms or exponential 2s
    rules: [{then: {respond: {after: 2}}}]
                                     ^ did you mean 2s?""",
    ),
    "a delay that is none": (
        "scenario: 1\nrules: [{then: {respond: soon}}]\n",
        """s.yaml:2:26: rules[0].then.respond: 'soon' is no delay, allowed: 250ms, 1s..3s, lognormal p50 2s p99 40s, normal 2s +- 500ms or exponential 2s
    rules: [{then: {respond: soon}}]
                             ^""",
    ),
    "a distribution that cannot be": (
        "scenario: 1\nrules: [{then: {respond: lognormal p50 4s p99 2s}}]\n",
        """s.yaml:2:26: rules[0].then.respond: 'lognormal p50 4s p99 2s' is no delay, allowed: p50 above 0 and at most p99
    rules: [{then: {respond: lognormal p50 4s p99 2s}}]
                             ^""",
    ),
    "a span that runs backwards": (
        "scenario: 1\nrules: [{then: {respond: 3s..1s}}]\n",
        """s.yaml:2:26: rules[0].then.respond: '3s..1s': the end lies before the start, allowed: 250ms, 1s..3s, lognormal p50 2s p99 40s, normal 2s +- 500ms or exponential 2s
    rules: [{then: {respond: 3s..1s}}]
                             ^""",
    ),
    "an answer to an event": (
        "scenario: 1\nrules: [{when: {event: bound}, then: {reject: 88}}]\n",
        """s.yaml:2:39: rules[0].then.reject: reject of a bound, allowed: send, connection, set, release, subscribers
    rules: [{when: {event: bound}, then: {reject: 88}}]
                                          ^""",
    ),
    "a delivery of a bind": (
        "scenario: 1\nrules: [{when: {command: bind}, then: {deliver: UNDELIV}}]\n",
        """s.yaml:2:40: rules[0].then.deliver: deliver of bind_transmitter, bind_receiver, bind_transceiver, allowed: only of submissions and receipts
    rules: [{when: {command: bind}, then: {deliver: UNDELIV}}]
                                           ^""",
    ),
    "a field of another response": (
        "scenario: 1\nrules: [{when: {command: enquire_link}, then: {answer: {fields: {message_id: x}}}}]\n",
        """s.yaml:2:66: rules[0].then.answer.fields.message_id: enquire_link_resp has no message_id, allowed: it has no fields
    rules: [{when: {command: enquire_link}, then: {answer: {fields: {message_id: x}}}}]
                                                                     ^""",
    ),
    "a header field among the fields": (
        "scenario: 1\nrules: [{then: {receipts: {fields: {sequence_number: 0}}}}]\n",
        """s.yaml:2:37: rules[0].then.receipts.fields.sequence_number: sequence_number stands in the header, allowed: `sequence:` beside `fields:`
    rules: [{then: {receipts: {fields: {sequence_number: 0}}}}]
                                        ^""",
    ),
    "a value too big for its field": (
        "scenario: 1\nrules: [{then: {receipts: {fields: {esm_class: 256}}}}]\n",
        """s.yaml:2:48: rules[0].then.receipts.fields.esm_class: 256, allowed: 0 to 255
    rules: [{then: {receipts: {fields: {esm_class: 256}}}}]
                                                   ^""",
    ),
    "a text for a number": (
        "scenario: 1\nrules: [{then: {receipts: {fields: {esm_class: four}}}}]\n",
        """s.yaml:2:48: rules[0].then.receipts.fields.esm_class: 'four' is no number, allowed: 0 to 255
    rules: [{then: {receipts: {fields: {esm_class: four}}}}]
                                                   ^""",
    ),
    "a list among the fields": (
        "scenario: 1\nrules: [{when: {command: submit_multi}, then: {answer: {fields: {unsuccess_sme: x}}}}]\n",
        """s.yaml:2:81: rules[0].then.answer.fields.unsuccess_sme: unsuccess_sme is a list, allowed: `unsuccess:` instead
    rules: [{when: {command: submit_multi}, then: {answer: {fields: {unsuccess_sme: x}}}}]
                                                                                    ^""",
    ),
    "a TLV with a wrong value": (
        "scenario: 1\nrules: [{then: {receipts: {tlvs: {message_state: DELIVRD}}}}]\n",
        """s.yaml:2:50: rules[0].then.receipts.tlvs.message_state: message_state: 'DELIVRD' is no number, allowed: 0 to 255, or octets as in hex:00ff
    rules: [{then: {receipts: {tlvs: {message_state: DELIVRD}}}}]
                                                     ^""",
    ),
    "a TLV too big": (
        "scenario: 1\nrules: [{then: {receipts: {tlvs: {sar_total_segments: 300}}}}]\n",
        """s.yaml:2:55: rules[0].then.receipts.tlvs.sar_total_segments: sar_total_segments: 300, allowed: 0 to 255, or octets as in hex:00ff
    rules: [{then: {receipts: {tlvs: {sar_total_segments: 300}}}}]
                                                          ^""",
    ),
    "octets that are none": (
        "scenario: 1\nrules: [{then: {receipts: {tlvs: {0x1403: 'hex:0'}}}}]\n",
        """s.yaml:2:43: rules[0].then.receipts.tlvs.0x1403: 'hex:0' is no octets, allowed: a text, or octets as in hex:00ff
    rules: [{then: {receipts: {tlvs: {0x1403: 'hex:0'}}}}]
                                              ^""",
    ),
    "two changes in one": (
        "scenario: 1\nrules: [{then: {receipts: {tlvs: [{add: 0x1403, remove: 0x1403}]}}}]\n",
        """s.yaml:2:49: rules[0].then.receipts.tlvs[0].remove: remove beside add, allowed: only one of set, add, remove, order, clear
    rules: [{then: {receipts: {tlvs: [{add: 0x1403, remove: 0x1403}]}}}]
                                                    ^""",
    ),
    "a placeholder that nobody fills": (
        "scenario: 1\nrules: [{then: {receipts: {text: 'id:{id} state:{state}'}}}]\n",
        """s.yaml:2:34: rules[0].then.receipts.text: {state} is no placeholder, allowed: {id}, {sub}, {dlvrd}, {submit_date}, {done_date}, {stat}, {err}, {text}, {source}, {destination}, {account}, {part}, {total}
    rules: [{then: {receipts: {text: 'id:{id} state:{state}'}}}]
                                     ^ did you mean stat?""",
    ),
    "a brace alone": (
        "scenario: 1\nrules: [{then: {receipts: {text: 'id:{id'}}}]\n",
        """s.yaml:2:34: rules[0].then.receipts.text: 'id:{id': a brace without its other, allowed: {id}, and {{ }} for braces themselves
    rules: [{then: {receipts: {text: 'id:{id'}}}]
                                     ^""",
    ),
    "a placeholder with a format": (
        "scenario: 1\nrules: [{then: {receipts: {text: 'id:{id:>10}'}}}]\n",
        """s.yaml:2:34: rules[0].then.receipts.text: 'id:{id:>10}': id with a format of its own, allowed: {id} alone
    rules: [{then: {receipts: {text: 'id:{id:>10}'}}}]
                                     ^""",
    ),
    "labels beside a template": (
        "scenario: 1\nrules: [{then: {receipts: {text: {template: '{id}', labels: {id: ID}}}}}]\n",
        """s.yaml:2:53: rules[0].then.receipts.text.labels: labels beside template, allowed: one of both: the template says it
    rules: [{then: {receipts: {text: {template: '{id}', labels: {id: ID}}}}}]
                                                        ^""",
    ),
    "a date format that is none": (
        "scenario: 1\nrules: [{then: {receipts: {dates: '%Q'}}}]\n",
        """s.yaml:2:35: rules[0].then.receipts.dates: %Q in '%Q', allowed: blank, zeros, or as in %y%m%d%H%M: year y or Y, month m, day d, hour H, minute M, second S
    rules: [{then: {receipts: {dates: '%Q'}}}]
                                      ^""",
    ),
    "an unknown charset": (
        "scenario: 1\nrules: [{then: {receipts: {charset: latin-1}}}]\n",
        """s.yaml:2:37: rules[0].then.receipts.charset: 'latin-1' is no charset, allowed: gsm7, gsm7-packed, ascii, latin1, latin9, hp-roman8, utf-8, ucs2, ucs2-le, ucs2-bom, ucs2-le-bom, iso-8859-5, iso-8859-8, jis, iso-2022-jp, jis-extended, ks-c-5601, binary
    rules: [{then: {receipts: {charset: latin-1}}}]
                                        ^ did you mean latin1?""",
    ),
    "a form of ids that is none": (
        "scenario: 1\ncarrier: {ids: {text: decimal padd 10}}\n",
        """s.yaml:2:23: carrier.ids.text: 'padd' is no form of an id, allowed: steps as in `hex upper pad 10`, of: same, decimal, hex, upper, lower, strip-zeros, strip-hyphens, hyphens, ascii-hex, nul, unterminated, previous, absent, empty, pad, pad-spaces, cut, prefix, suffix, constant
    carrier: {ids: {text: decimal padd 10}}
                          ^ did you mean pad?""",
    ),
    "a form of ids without its number": (
        "scenario: 1\ncarrier: {ids: {text: decimal pad}}\n",
        """s.yaml:2:23: carrier.ids.text: pad without its number in 'decimal pad', allowed: pad and a number
    carrier: {ids: {text: decimal pad}}
                          ^""",
    ),
    "a source of ids that is none": (
        "scenario: 1\ncarrier: {ids: {generate: hex}}\n",
        """s.yaml:2:27: carrier.ids.generate: 'hex' is no source of ids, allowed: hex 8, decimal 10, uuid, counter 1, digits 20, letters 12, constant TEXT or reuse 10
    carrier: {ids: {generate: hex}}
                              ^""",
    ),
    "two things to send": (
        "scenario: 1\nrules: [{then: {send: {command: unbind, octets: x}}}]\n",
        """s.yaml:2:41: rules[0].then.send.octets: octets beside command, allowed: only one of command, mo, octets
    rules: [{then: {send: {command: unbind, octets: x}}}]
                                            ^""",
    ),
    "an MO's text beside it": (
        "scenario: 1\ntimeline: [{at: 1s, then: {send: {mo: {source: '1'}, text: STOP}}}]\n",
        """s.yaml:2:54: timeline[0].then.send.text: unknown key 'text', allowed: fields, tlvs, sequence, repeat, wire, stream, command, mo, octets, status, after, session, account, hold, before, with_answer
    timeline: [{at: 1s, then: {send: {mo: {source: '1'}, text: STOP}}}]
                                                         ^ did you mean mo: {text: ...}?""",
    ),
    "a direction of a reset": (
        "scenario: 1\nrules: [{then: {connection: {fault: rst, direction: in}}}]\n",
        """s.yaml:2:42: rules[0].then.connection.direction: direction of rst, allowed: only of black_hole
    rules: [{then: {connection: {fault: rst, direction: in}}}]
                                             ^""",
    ),
    "a fault that is none": (
        "scenario: 1\nrules: [{then: {connection: {fault: reset}}}]\n",
        """s.yaml:2:37: rules[0].then.connection.fault: 'reset' is no fault of a connection, allowed: fin, rst, half_close, black_hole, pause_reading, slow_reading, refuse, hang, unbind, tls_plain, tls_alert, tls_stall, tls_no_close_notify, disconnect
    rules: [{then: {connection: {fault: reset}}}]
                                        ^ did you mean rst?""",
    ),
    "a length that is none": (
        "scenario: 1\nrules: [{then: {answer: {wire: {command_length: long}}}}]\n",
        """s.yaml:2:49: rules[0].then.answer.wire.command_length: 'long' is no length, allowed: a number as in 17 or 0x11, or a difference as in +4
    rules: [{then: {answer: {wire: {command_length: long}}}}]
                                                    ^""",
    ),
    "a place that is none": (
        "scenario: 1\nrules: [{then: {answer: {wire: {splices: {at: 'the end'}}}}}]\n",
        """s.yaml:2:47: rules[0].then.answer.wire.splices.at: 'the end' is no place in a PDU, allowed: an offset, end, or the name of a field as in sm_length, tlv[0] or tlv[0].value
    rules: [{then: {answer: {wire: {splices: {at: 'the end'}}}}}]
                                                  ^""",
    ),
    "a pile that nothing is held in": (
        "scenario: 1\nrules: [{then: {respond: {hold: answers}}}, {then: {release: answer}}]\n",
        """s.yaml:2:62: rules[1].then.release: 'answer' is not a pile of this scenario, allowed: answers
    rules: [{then: {respond: {hold: answers}}}, {then: {release: answer}}]
                                                                 ^ did you mean answers?""",
    ),
    "a password that is a list": (
        "scenario: 1\ncarrier: {accounts: {a: {password: [x]}}}\n",
        """s.yaml:2:36: carrier.accounts.a.password: a list, allowed: a text
    carrier: {accounts: {a: {password: [x]}}}
                                       ^""",
    ),
    "a rate without a unit": (
        "scenario: 1\ncarrier: {throughput: 50}\n",
        """s.yaml:2:23: carrier.throughput: 50, allowed: a rate as in 50/s, 10/min, 2000/day or 1/30s
    carrier: {throughput: 50}
                          ^ did you mean 50/s?""",
    ),
    "a window of nothing": (
        "scenario: 1\ncarrier: {window: 0}\n",
        """s.yaml:2:19: carrier.window: 0, allowed: at least 1
    carrier: {window: 0}
                      ^""",
    ),
    "a network that is none": (
        "scenario: 1\ncarrier: {accounts: {a: {networks: 192.0.2.300}}}\n",
        """s.yaml:2:36: carrier.accounts.a.networks: '192.0.2.300' is no network, allowed: as in 192.0.2.7, 198.51.100.0/24 or 2001:db8::/32
    carrier: {accounts: {a: {networks: 192.0.2.300}}}
                                       ^""",
    ),
    "an excess that is none": (
        "scenario: 1\ncarrier: {over_window: ignore}\n",
        """s.yaml:2:24: carrier.over_window: 'ignore' is no status, allowed: a status as in ESME_RTHROTTLED, RTHROTTLED, 0x58 or 88; or pause, silence, disconnect, rst
    carrier: {over_window: ignore}
                           ^""",
    ),
    "a vendor's TLV that is SMPP's": (
        "scenario: 1\ncarrier: {vendor_tlvs: ['0x0427=mine:int']}\n",
        """s.yaml:2:25: carrier.vendor_tlvs[0]: vendor tlv 0x0427: that is SMPP's message_state; vendors have 0x1400 to 0x3FFF, allowed: as in 0x1401=billing_id:cstring
    carrier: {vendor_tlvs: ['0x0427=mine:int']}
                            ^""",
    ),
    "vendors' TLVs that clash": (
        "scenario: 1\ncarrier: {vendor_tlvs: ['0x1401=a:int', '0x1401=b:int']}\n",
        """s.yaml:2:41: carrier.vendor_tlvs[1]: vendor tlv b: 0x1401 is declared already, as a, allowed: each tag and each name once
    carrier: {vendor_tlvs: ['0x1401=a:int', '0x1401=b:int']}
                                            ^""",
    ),
    "a field that no bind has": (
        "scenario: 1\ncarrier: {bind_policy: {required: {data_coding: 8}}}\n",
        """s.yaml:2:36: carrier.bind_policy.required.data_coding: bind_transmitter, bind_receiver, bind_transceiver has no data_coding, allowed: system_id, password, system_type, interface_version, addr_ton, addr_npi, address_range
    carrier: {bind_policy: {required: {data_coding: 8}}}
                                       ^""",
    ),
    "a bind that is paused": (
        "scenario: 1\ncarrier: {bind_policy: {statuses: {binds: pause, password: 14}}}\n",
        """s.yaml:2:43: carrier.bind_policy.statuses.binds: 'pause', allowed: a status as in ESME_RTHROTTLED, RTHROTTLED, 0x58 or 88; or silence, disconnect, rst
    carrier: {bind_policy: {statuses: {binds: pause, password: 14}}}
                                              ^""",
    ),
    "an unknown bind type": (
        "scenario: 1\ncarrier: {bind_types: [TX, TRX, XX]}\n",
        """s.yaml:2:33: carrier.bind_types[2]: 'XX' is no bind type, allowed: TX, RX, TRX
    carrier: {bind_types: [TX, TRX, XX]}
                                    ^""",
    ),
    "an occasion without a time": (
        "scenario: 1\ntimeline: [{then: rst}]\n",
        """s.yaml:2:12: timeline[0]: an occasion says nothing, allowed: one of at, every, after_messages, every_messages
    timeline: [{then: rst}]
               ^""",
    ),
    "an answer at a time": (
        "scenario: 1\ntimeline: [{at: 1s, then: {reject: 88}}]\n",
        """s.yaml:2:28: timeline[0].then.reject: unknown key 'reject', allowed: send, connection, set, release, subscribers
    timeline: [{at: 1s, then: {reject: 88}}]
                               ^ did you mean rules: [{then: {reject: ...}}]?""",
    ),
    "a phase with two ends": (
        "scenario: 1\nphases: [{name: a, lasts: 1s, messages: 1}]\n",
        """s.yaml:2:31: phases[0].messages: messages beside lasts, allowed: only one of lasts, messages
    phases: [{name: a, lasts: 1s, messages: 1}]
                                  ^""",
    ),
    "a level that is none": (
        "scenario: 1\nexpect: {checks: {link_kept: of}}\n",
        """s.yaml:2:30: expect.checks.link_kept: 'of' is no level, allowed: error, warning, off
    expect: {checks: {link_kept: of}}
                                 ^ did you mean off?""",
    ),
    "an occasion that comes again at once": (
        "scenario: 1\ntimeline: [{every: 0s, then: unbind}]\n",
        """s.yaml:2:20: timeline[0].every: '0s' is no time at all, allowed: a span with its unit as in 250ms, 2s, 1h30m or 3 days, longer than nothing
    timeline: [{every: 0s, then: unbind}]
                       ^""",
    ),
    "a phase that is over at once": (
        "scenario: 1\nphases: [{name: a, lasts: 0s}]\n",
        """s.yaml:2:27: phases[0].lasts: '0s' is no time at all, allowed: a span with its unit as in 250ms, 2s, 1h30m or 3 days, longer than nothing
    phases: [{name: a, lasts: 0s}]
                              ^""",
    ),
    "a timer that always runs out": (
        "scenario: 1\ncarrier: {link_policy: {enquire_every: 0s}}\n",
        """s.yaml:2:40: carrier.link_policy.enquire_every: '0s' is no time at all, allowed: a span with its unit as in 250ms, 2s, 1h30m or 3 days, longer than nothing; or never
    carrier: {link_policy: {enquire_every: 0s}}
                                           ^""",
    ),
    "what is sent again for ever at once": (
        "scenario: 1\nrules: [{then: {receipts: {repeat: {until: acknowledged}}}}]\n",
        """s.yaml:2:36: rules[0].then.receipts.repeat: repeated for ever, at once, allowed: times; every or backoff, the interval; or statuses
    rules: [{then: {receipts: {repeat: {until: acknowledged}}}}]
                                       ^""",
    ),
}
