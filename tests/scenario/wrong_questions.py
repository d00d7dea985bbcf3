"""Files that are no YAML, no scenarios, or ask for what there is not, and what is said of each, to the letter; `<when>` and `<then>` stand for all keys of those two."""

WRONG_QUESTIONS: dict[str, tuple[str, str]] = {
    "an empty file": (
        "",
        """s.yaml:1:1: nothing in it, allowed: a scenario as in `scenario: 1`""",
    ),
    "only a comment": (
        "# nothing\n",
        """s.yaml:1:1: nothing in it, allowed: a scenario as in `scenario: 1`
    # nothing
    ^""",
    ),
    "a tab": (
        "scenario: 1\nrules:\n\t- then: silence\n",
        """s.yaml:3:1: not YAML while scanning for the next token: found character that cannot start any token, allowed: spaces and no tabs in front of a line; quotes around a text that begins with @, ` or %
    \t- then: silence
    ^""",
    ),
    "a colon in a text": (
        "scenario: 1\nabout: carrier: slow\n",
        """s.yaml:2:15: not YAML: mapping values are not allowed in this context, allowed: quotes around a text that holds a colon and a space
    about: carrier: slow
                  ^""",
    ),
    "an open bracket": (
        "scenario: 1\nrules: [\n",
        """s.yaml:3:1: not YAML while parsing a flow node: did not find expected node content, allowed: YAML""",
    ),
    "a control character": (
        "scenario: 1\nabout: a\x07b\n",
        """s.yaml:2:9: the character U+0007, allowed: what can be printed; \\x07 within double quotes
    about: a\ufffdb
            ^""",
    ),
    "two documents": (
        "scenario: 1\n---\nscenario: 1\n",
        """s.yaml:2:1: a second document, allowed: one scenario in a file
    ---
    ^""",
    ),
    "a duplicate key": (
        "scenario: 1\nseed: 1\nseed: 2\n",
        """s.yaml:3:1: the key 'seed' a second time, allowed: each key once; line 2 has it, too
    seed: 2
    ^""",
    ),
    "a merge key": (
        "scenario: 1\ncarrier:\n  accounts:\n    a: &a {password: x}\n    b: {<<: *a}\n",
        """s.yaml:5:9: carrier.accounts.b: the merge key <<, allowed: the keys themselves, or an alias for the whole value
        b: {<<: *a}
            ^""",
    ),
    "a tag": (
        "scenario: 1\nseed: !!str 5\n",
        """s.yaml:2:7: seed: the tag 'tag:yaml.org,2002:str', allowed: values without a tag; quotes make a text
    seed: !!str 5
          ^""",
    ),
    "an alias of nothing": (
        "scenario: 1\nabout: *it\n",
        """s.yaml:2:8: *it of nothing, allowed: an alias of what stands before it as &it; quotes around a text that begins with *
    about: *it
           ^""",
    ),
    "an alias in itself": (
        "scenario: 1\nrules: &r [*r]\n",
        """s.yaml:2:12: *r inside of &r, allowed: an alias of what has ended
    rules: &r [*r]
               ^""",
    ),
    "a list for a key": (
        "scenario: 1\n? [a]\n: 1\n",
        """s.yaml:2:3: a list or mapping for a key, allowed: a text
    ? [a]
      ^""",
    ),
    "an empty key": (
        "scenario: 1\n'': 1\n",
        """s.yaml:2:1: an empty key, allowed: a text
    '': 1
    ^""",
    ),
    "an empty value": (
        "scenario: 1\nrules:\n",
        """s.yaml:2:7: rules: nothing, allowed: a value, or leave the key out
    rules:
          ^""",
    ),
    "an empty value in a list": (
        "scenario: 1\nrules:\n  -\n",
        """s.yaml:3:4: rules[0]: nothing, allowed: a value, or leave the key out
      -
       ^""",
    ),
    "a list": (
        "- scenario: 1\n",
        """s.yaml:1:1: a list, allowed: a mapping of scenario, about, seed, carrier, networks, numbers, registry, subscribers, opt_outs, variables, rules, phases, timeline, expect
    - scenario: 1
    ^""",
    ),
    "a text": (
        "scenario\n",
        """s.yaml:1:1: 'scenario', allowed: a mapping of scenario, about, seed, carrier, networks, numbers, registry, subscribers, opt_outs, variables, rules, phases, timeline, expect
    scenario
    ^""",
    ),
    "no version": (
        "seed: 1\n",
        """s.yaml:1:1: no scenario, allowed: a mapping with scenario
    seed: 1
    ^""",
    ),
    "another version": (
        "scenario: 2\n",
        """s.yaml:1:11: scenario: 2, allowed: at most 1
    scenario: 2
              ^""",
    ),
    "a version that is a text": (
        "scenario: '1'\n",
        """s.yaml:1:11: scenario: '1', allowed: a whole number
    scenario: '1'
              ^""",
    ),
    "an unknown section": (
        "scenario: 1\nrule: []\n",
        """s.yaml:2:1: rule: unknown key 'rule', allowed: scenario, about, seed, carrier, networks, numbers, registry, subscribers, opt_outs, variables, rules, phases, timeline, expect
    rule: []
    ^ did you mean rules?""",
    ),
    "a section of the carrier's": (
        "scenario: 1\naccounts: {}\n",
        """s.yaml:2:1: accounts: unknown key 'accounts', allowed: scenario, about, seed, carrier, networks, numbers, registry, subscribers, opt_outs, variables, rules, phases, timeline, expect
    accounts: {}
    ^ did you mean carrier: {accounts: ...}?""",
    ),
    "rules that are no list": (
        "scenario: 1\nrules: {then: silence}\n",
        """s.yaml:2:8: rules: a mapping, allowed: a list
    rules: {then: silence}
           ^""",
    ),
    "a seed that is no number": (
        "scenario: 1\nseed: lucky\n",
        """s.yaml:2:7: seed: 'lucky', allowed: a whole number
    seed: lucky
          ^""",
    ),
    "a rule without then": (
        "scenario: 1\nrules:\n  - when: {destination: '1'}\n",
        """s.yaml:3:5: rules[0]: no then, allowed: a mapping with then
      - when: {destination: '1'}
        ^""",
    ),
    "a rule that is a text": (
        "scenario: 1\nrules: [silence]\n",
        """s.yaml:2:9: rules[0]: 'silence', allowed: a mapping of name, when, then, times, probability, stop
    rules: [silence]
            ^ did you mean then: {silence: ...}?""",
    ),
    "what belongs into when": (
        "scenario: 1\nrules: [{destination: '1', then: silence}]\n",
        """s.yaml:2:10: rules[0].destination: unknown key 'destination', allowed: name, when, then, times, probability, stop
    rules: [{destination: '1', then: silence}]
             ^ did you mean when: {destination: ...}?""",
    ),
    "what belongs into then": (
        "scenario: 1\nrules: [{reject: 88}]\n",
        """s.yaml:2:9: rules[0]: no then, allowed: a mapping with then
    rules: [{reject: 88}]
            ^
s.yaml:2:10: rules[0].reject: unknown key 'reject', allowed: name, when, then, times, probability, stop
    rules: [{reject: 88}]
             ^ did you mean then: {reject: ...}?""",
    ),
    "times in then": (
        "scenario: 1\nrules: [{then: {reject: 88, times: 2}}]\n",
        """s.yaml:2:29: rules[0].then.times: unknown key 'times', allowed: <then>
    rules: [{then: {reject: 88, times: 2}}]
                                ^ did you mean {then: ..., times: ...}?""",
    ),
    "times that are none": (
        "scenario: 1\nrules: [{then: silence, times: twice}]\n",
        """s.yaml:2:32: rules[0].times: 'twice' is no number of times, allowed: how often as in 2 or 2 per destination
    rules: [{then: silence, times: twice}]
                                   ^""",
    ),
    "a share above all": (
        "scenario: 1\nrules: [{then: silence, probability: 101%}]\n",
        """s.yaml:2:38: rules[0].probability: '101%' is no share, allowed: a share as in 1% or 0.01, at most 100%
    rules: [{then: silence, probability: 101%}]
                                         ^""",
    ),
    "a name twice": (
        "scenario: 1\nrules: [{name: a, then: silence}, {name: a, then: lose}]\n",
        """s.yaml:2:42: rules[1].name: 'a' a second time, allowed: a name of its own
    rules: [{name: a, then: silence}, {name: a, then: lose}]
                                             ^""",
    ),
    "a yes": (
        "scenario: 1\nrules: [{then: silence, stop: yes}]\n",
        """s.yaml:2:31: rules[0].stop: 'yes', allowed: true or false
    rules: [{then: silence, stop: yes}]
                                  ^ did you mean true?""",
    ),
    "an unknown account": (
        "scenario: 1\ncarrier: {accounts: {gateway: {}}}\nrules: [{when: {account: gatway}, then: silence}]\n",
        """s.yaml:3:26: rules[0].when.account: 'gatway' is not an account of this scenario, allowed: gateway
    rules: [{when: {account: gatway}, then: silence}]
                             ^ did you mean gateway?""",
    ),
    "a field in when": (
        "scenario: 1\nrules: [{when: {data_coding: 8}, then: silence}]\n",
        """s.yaml:2:17: rules[0].when.data_coding: unknown key 'data_coding', allowed: <when>
    rules: [{when: {data_coding: 8}, then: silence}]
                    ^ did you mean fields: {data_coding: ...}?""",
    ),
    "a TLV in when": (
        "scenario: 1\nrules: [{when: {message_payload: present}, then: silence}]\n",
        """s.yaml:2:17: rules[0].when.message_payload: unknown key 'message_payload', allowed: <when>
    rules: [{when: {message_payload: present}, then: silence}]
                    ^ did you mean tlvs: {message_payload: ...}?""",
    ),
    "a misspelled field": (
        "scenario: 1\nrules: [{when: {fields: {data_codin: 8}}, then: silence}]\n",
        """s.yaml:2:26: rules[0].when.fields.data_codin: 'data_codin' is no field of a PDU, allowed: the specification's names as in data_coding
    rules: [{when: {fields: {data_codin: 8}}, then: silence}]
                             ^ did you mean data_coding?""",
    ),
    "a TLV among the fields": (
        "scenario: 1\nrules: [{when: {fields: {message_payload: x}}, then: silence}]\n",
        """s.yaml:2:26: rules[0].when.fields.message_payload: 'message_payload' is no field of a PDU, allowed: the specification's names as in data_coding
    rules: [{when: {fields: {message_payload: x}}, then: silence}]
                             ^ did you mean tlvs: {message_payload: ...}?""",
    ),
    "a field that the PDU does not have": (
        "scenario: 1\nrules: [{when: {command: enquire_link, fields: {data_coding: 8}}, then: silence}]\n",
        """s.yaml:2:49: rules[0].when.fields.data_coding: enquire_link has no data_coding, allowed: it has no fields
    rules: [{when: {command: enquire_link, fields: {data_coding: 8}}, then: silence}]
                                                    ^""",
    ),
    "a text that the PDU does not have": (
        "scenario: 1\nrules: [{when: {command: query_sm, text: x}, then: silence}]\n",
        """s.yaml:2:36: rules[0].when.text: query_sm has no text, allowed: fields: and tlvs: of that PDU
    rules: [{when: {command: query_sm, text: x}, then: silence}]
                                       ^""",
    ),
    "a source beside from": (
        "scenario: 1\nrules: [{when: {from: '1', source: '2'}, then: silence}]\n",
        """s.yaml:2:17: rules[0].when.from: unknown key 'from', allowed: <when>
    rules: [{when: {from: '1', source: '2'}, then: silence}]
                    ^ did you mean source alone, which means the same?""",
    ),
    "a misspelled command": (
        "scenario: 1\nrules: [{when: {command: sumbit_sm}, then: silence}]\n",
        """s.yaml:2:26: rules[0].when.command: 'sumbit_sm' is no command, allowed: a command as in submit_sm, or its number as in 0x00000400
    rules: [{when: {command: sumbit_sm}, then: silence}]
                             ^ did you mean submit_sm?""",
    ),
    "a misspelled TLV": (
        "scenario: 1\nrules: [{when: {tlvs: {mesage_payload: present}}, then: silence}]\n",
        """s.yaml:2:24: rules[0].when.tlvs.mesage_payload: 'mesage_payload' is no TLV, allowed: a TLV as in message_state, or its tag as in 0x1403
    rules: [{when: {tlvs: {mesage_payload: present}}, then: silence}]
                           ^ did you mean message_payload?""",
    ),
    "a pattern that is none": (
        "scenario: 1\nrules: [{when: {text: {pattern: '(a'}}, then: silence}]\n",
        """s.yaml:2:33: rules[0].when.text.pattern: '(a' is no pattern: missing ): (a, allowed: an expression of RE2, which has no look-around and no back-reference
    rules: [{when: {text: {pattern: '(a'}}, then: silence}]
                                    ^""",
    ),
    "a pattern with a look-ahead": (
        "scenario: 1\nrules: [{when: {text: {pattern: 'a(?=b)'}}, then: silence}]\n",
        """s.yaml:2:33: rules[0].when.text.pattern: 'a(?=b)' is no pattern: invalid perl operator: (?=, allowed: an expression of RE2, which has no look-around and no back-reference
    rules: [{when: {text: {pattern: 'a(?=b)'}}, then: silence}]
                                    ^""",
    ),
    "a condition that says nothing": (
        "scenario: 1\nrules: [{when: {source: {}}, then: silence}]\n",
        """s.yaml:2:25: rules[0].when.source: a condition that says nothing, allowed: a value, a list of values, absent, present, or a mapping of any_of, none_of, pattern, starts, ends, contains, between, bits, length
    rules: [{when: {source: {}}, then: silence}]
                            ^""",
    ),
    "a count that is none": (
        "scenario: 1\nrules: [{when: {count: 3}, then: silence}]\n",
        """s.yaml:2:24: rules[0].when.count: 3, allowed: first 3, 3rd, every 10th, after 100 or 1..5, and per account, session, source, destination or pair
    rules: [{when: {count: 3}, then: silence}]
                           ^ did you mean first 3?""",
    ),
    "a count per nothing known": (
        "scenario: 1\nrules: [{when: {count: first 3 per day}, then: silence}]\n",
        """s.yaml:2:24: rules[0].when.count: 'first 3 per day' is no count, allowed: first 3, 3rd, every 10th, after 100 or 1..5, and per account, session, source, destination or pair
    rules: [{when: {count: first 3 per day}, then: silence}]
                           ^""",
    ),
    "a mask that is none": (
        "scenario: 1\nrules: [{when: {fields: {esm_class: {bits: 0x3c=0x40}}}, then: silence}]\n",
        """s.yaml:2:44: rules[0].when.fields.esm_class.bits: '0x3c=0x40' is no mask, allowed: bits as in 0x40 (all of them set) or 0x3c=0x04 (those of the mask are these)
    rules: [{when: {fields: {esm_class: {bits: 0x3c=0x40}}}, then: silence}]
                                               ^""",
    ),
    "a range that runs backwards": (
        "scenario: 1\nrules: [{when: {length: 5..1}, then: silence}]\n",
        """s.yaml:2:25: rules[0].when.length: '5..1' is no range, allowed: a range as in 5, 1..5, 5.. or ..5
    rules: [{when: {length: 5..1}, then: silence}]
                            ^""",
    ),
    "hours that are none": (
        "scenario: 1\nrules: [{when: {hours: 25:00..8:00}, then: silence}]\n",
        """s.yaml:2:24: rules[0].when.hours: '25:00..8:00' is no stretch of the day, allowed: hours as in 21:00..08:00
    rules: [{when: {hours: 25:00..8:00}, then: silence}]
                           ^""",
    ),
    "a field of an event": (
        "scenario: 1\nrules: [{when: {event: connect, destination: '1'}, then: rst}]\n",
        """s.yaml:2:33: rules[0].when.destination: destination of a connect, allowed: what tells of the session, or another event
    rules: [{when: {event: connect, destination: '1'}, then: rst}]
                                    ^""",
    ),
    "an unknown event": (
        "scenario: 1\nrules: [{when: {event: conect}, then: rst}]\n",
        """s.yaml:2:24: rules[0].when.event: 'conect' is no event, allowed: connect, tls_handshake, bound, unbound, disconnect, unanswered, receipt, mo, conclude
    rules: [{when: {event: conect}, then: rst}]
                           ^ did you mean connect?""",
    ),
    "a version of SMPP": (
        "scenario: 1\nrules: [{when: {version: 3.5}, then: silence}]\n",
        """s.yaml:2:26: rules[0].when.version: '3.5' is no version of SMPP, allowed: 3.3, 3.4, 5.0
    rules: [{when: {version: 3.5}, then: silence}]
                             ^""",
    ),
    "an unknown phase": (
        "scenario: 1\nphases: [{name: calm}]\nrules: [{when: {phase: clam}, then: silence}]\n",
        """s.yaml:3:24: rules[0].when.phase: 'clam' is not a phase of this scenario, allowed: calm
    rules: [{when: {phase: clam}, then: silence}]
                           ^ did you mean calm?""",
    ),
    "an unknown variable": (
        "scenario: 1\nvariables: {strikes: 0}\nrules: [{when: {variables: {strike: 1}}, then: silence}]\n",
        """s.yaml:3:29: rules[0].when.variables.strike: 'strike' is not a variable of this scenario, allowed: strikes
    rules: [{when: {variables: {strike: 1}}, then: silence}]
                                ^ did you mean strikes?""",
    ),
    "a number with a star behind": (
        'scenario: 1\nrules: [{when: {to: "1202*"}, then: silence}]\n',
        """s.yaml:2:21: rules[0].when.to: '1202*' is compared as it stands, allowed: a number, starts, ends or pattern
    rules: [{when: {to: "1202*"}, then: silence}]
                        ^ did you mean {starts: "1202"}?""",
    ),
    "a pattern among numbers": (
        "scenario: 1\nrules: [{when: {from: ['1202', '^44[0-9]+$']}, then: silence}]\n",
        """s.yaml:2:32: rules[0].when.from[1]: '^44[0-9]+$' is compared as it stands, allowed: a number, starts, ends or pattern
    rules: [{when: {from: ['1202', '^44[0-9]+$']}, then: silence}]
                                   ^ did you mean {pattern: '^44[0-9]+$'}?""",
    ),
}
