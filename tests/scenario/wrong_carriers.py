"""Sections about networks that are no such sections, and what is said of each: place, what was found, what is allowed.

Long lists of what is allowed stand as `...`.
"""

WRONG_CARRIERS: dict[str, tuple[str, list[str]]] = {
    "an unknown network": (
        "networks: {att: {}, tmobile: {}}\nnumbers: {ported: {12025550100: tmobil}}",
        [
            "3:33: numbers.ported.12025550100: 'tmobil' is not a network of this scenario, allowed: att, tmobile (tmobile?)"
        ],
    ),
    "an unknown brand": (
        "registry: {brands: {acme: 80}, campaigns: {C1: {brand: acne}}}",
        ["2:56: registry.campaigns.C1.brand: 'acne' is not a brand of this scenario, allowed: acme (acme?)"],
    ),
    "an unknown campaign": (
        "registry: {brands: {acme: 80}, campaigns: {C100: {brand: acme}}, numbers: {12025550100: C101}}",
        ["2:89: registry.numbers.12025550100: 'C101' is not a campaign of this scenario, allowed: C100 (C100?)"],
    ),
    "a limit of an unknown account": (
        "carrier: {accounts: {acme: {}}}\nnetworks: {att: {limits: [{name: x, accounts: {acne: 3/s}}]}}",
        [
            "3:48: networks.att.limits[0].accounts.acne: 'acne' is not an account of this scenario, allowed: acme (acme?)"
        ],
    ),
    "a pair twice": (
        "opt_outs: {blocked: [{from: 18005550100, to: 12025550142},\n{from: +18005550100, to: '+12025550142'}]}",
        ["3:1: opt_outs.blocked[1]: 18005550100 and 12025550142 a second time, allowed: each pair once"],
    ),
    "somebody and himself": (
        "opt_outs: {blocked: [{from: 12025550142, to: 12025550142}]}",
        ["2:22: opt_outs.blocked[0]: 12025550142 and itself, allowed: two numbers"],
    ),
    "a subscriber at an unknown network": (
        "networks: {att: {}, tmobile: {}}\nsubscribers: {12025550100: {ported_to: tmobil}}",
        [
            "3:40: subscribers.12025550100.ported_to: 'tmobil' is not a network of this scenario, allowed: att, tmobile (tmobile?)"
        ],
    ),
    "a short code at an unknown network": (
        "networks: {att: {}}\nregistry: {short_codes: {12345: {networks: {at: pending}}}}",
        ["3:45: registry.short_codes.12345.networks.at: 'at' is not a network of this scenario, allowed: att (att?)"],
    ),
    "an unknown key": (
        "networks: {att: {prefix: 1202}}",
        ["2:18: networks.att.prefix: unknown key 'prefix', allowed: ... (prefixes?)"],
    ),
    "an unknown cause": (
        "networks: {att: {sender_cause: invalid_sorce}}",
        [
            "2:32: networks.att.sender_cause: 'invalid_sorce' is no cause, allowed: a cause of the catalogue as in carrier_spam (invalid_source?)"
        ],
    ),
    "an unknown profile": (
        "networks: {att: {delays: us-direkt}}",
        ["2:26: networks.att.delays: 'us-direkt' is no profile, allowed: ... (us-direct?)"],
    ),
    "an unknown table": (
        "networks: {att: {dialect: sinsh}}",
        ["2:27: networks.att.dialect: 'sinsh' is no table of errors, allowed: sinch, twilio, gsm, mm7 (sinch?)"],
    ),
    "an unknown country": (
        "networks: {att: {country: UK}}",
        ["2:27: networks.att.country: 'UK' is no country, allowed: US, CA, GB, DE, FR, SE, IN, AU"],
    ),
    "a prefix that is none": (
        "networks: {att: {prefixes: [12x]}}",
        [
            "2:29: networks.att.prefixes[0]: '12x' is no prefix, allowed: digits from the country's code on as in 1202555"
        ],
    ),
    "a prefix of another country": (
        "networks: {uk: {country: GB, prefixes: [447700, 4930]}}",
        ["2:49: networks.uk.prefixes[1]: 4930 lies in another country, allowed: GB has 44"],
    ),
    "a prefix twice": (
        "networks: {att: {prefixes: [1202, '+1202']}}",
        ["2:35: networks.att.prefixes[1]: 1202 a second time, allowed: each prefix once"],
    ),
    "two networks with one prefix": (
        "networks:\n  att: {prefixes: [1202]}\n  tmobile: {prefixes: [1203, '+1202']}",
        ["4:30: networks.tmobile.prefixes[1]: 1202 is att's already, allowed: one network for it"],
    ),
    "two hubs": (
        "networks:\n  a: {hub_of: toll_free}\n  b: {hub_of: [short_code, toll_free]}",
        ["4:28: networks.b.hub_of[1]: toll_free passes a already, allowed: one hub for a kind"],
    ),
    "a second door": (
        "carrier: {listeners: {att: {}}}\nnetworks: {att: {listener: {}}}",
        ["3:18: networks.att.listener: a second door att, allowed: one of both; carrier.listeners has a door att, too"],
    ),
    "receipts of none": (
        "networks: {att: {receipts: {tells: none, parts: each, late: 2s}}}",
        [
            "2:42: networks.att.receipts.parts: parts of no receipts, allowed: only where receipts are sent",
            "2:55: networks.att.receipts.late: late of no receipts, allowed: only where receipts are sent",
        ],
    ),
    "a peak that is always": (
        "networks: {att: {delays: {peak: {hours: '00:00..24:00'}}}}",
        [
            "2:41: networks.att.delays.peak.hours: '00:00..24:00' is no time or always, allowed: another end than its start"
        ],
    ),
    "hours that are none": (
        "networks: {att: {delays: {peak: {hours: noon}}}}",
        ["2:41: networks.att.delays.peak.hours: 'noon' is no stretch of the day, allowed: hours as in 21:00..08:00"],
    ),
    "an unknown zone": (
        "networks: {att: {zone: America/Los_Angles}}",
        ["2:24: networks.att.zone: 'America/Los_Angles' is no time zone, allowed: a time zone as in America/New_York"],
    ),
    "shares of more than all": (
        "networks: {att: {delays: {missing: 50%, failed: 40%, false_delivered: 20%}}}",
        ["2:26: networks.att.delays: missing, failed and false_delivered together, allowed: at most 1"],
    ),
    "fewer delivered than at once": (
        "networks: {att: {delays: {first_failure: 10%, delivered: 50%}}}",
        ["2:26: networks.att.delays: delivered 0.5, allowed: at least what arrives at once"],
    ),
    "retries out of order": (
        "networks: {att: {delays: {first_failure: 10%, retries: [5m, 1m]}}}",
        ["2:26: networks.att.delays: retries, allowed: moments of which each is later than the one before"],
    ),
    "phones of more than all": (
        "networks: {att: {subscribers: {barred: 60%, no_funds: 60%}}}",
        [
            "2:31: networks.att.subscribers: barred, no_funds, deactivated, landline together: at most 1, allowed: what phones can be"
        ],
    ),
    "answers of more than all": (
        "networks: {att: {subscribers: {answers: [{share: 60%, text: a}, {share: 60%, kind: stop}]}}}",
        ["2:41: networks.att.subscribers.answers: shares of 120% together, allowed: at most 100%"],
    ),
    "an answer of nothing": (
        "networks: {att: {subscribers: {answers: [{share: 60%}]}}}",
        ["2:42: networks.att.subscribers.answers[0]: an answer says nothing, allowed: one of kind, text"],
    ),
    "a share that is none": (
        "networks: {att: {subscribers: {absent: much, busy: 60%}}}",
        ["2:40: networks.att.subscribers.absent: 'much' is no share, allowed: a share as in 1% or 0.01"],
    ),
    "a TLV that cannot hold it": (
        "carrier: {vendor_tlvs: ['0x1404=zone:int:2']}\nnetworks: {att: {tlvs: {receipts: {zone: x, nonsense: 1}}}}",
        [
            "3:42: networks.att.tlvs.receipts.zone: zone: 'x' is no number, allowed: 0 to 65535, or octets as in hex:00ff",
            "3:45: networks.att.tlvs.receipts.nonsense: 'nonsense' is no TLV, allowed: a TLV as in message_state, or its tag as in 0x1403",
        ],
    ),
    "a word that nobody fills in": (
        "networks: {att: {tlvs: {receipts: {0x1503: '{mmc}'}}}}",
        [
            "2:44: networks.att.tlvs.receipts.0x1503: {mmc} in '{mmc}', allowed: {network}, {mcc}, {mnc}",
        ],
    ),
    "one TLV by two names": (
        "carrier: {vendor_tlvs: ['0x1400=entity:octets']}\nnetworks: {att: {tlvs: {submits: {entity: {}, 0x1400: {}}}}}",
        ["3:47: networks.att.tlvs.submits.0x1400: 0x1400 is entity, allowed: each TLV once"],
    ),
    "a TLV that is absent and required": (
        "networks: {att: {tlvs: {submits: {0x1410: {required: true, value: absent}}}}}",
        ["2:44: networks.att.tlvs.submits.0x1410.required: a TLV that is absent and required, allowed: one of both"],
    ),
    "a status of what shows in a receipt": (
        "networks: {att: {tlvs: {submits: {0x1410: {where: REJECTD, wrong: ESME_RSUBMITFAIL}}}}}",
        [
            "2:60: networks.att.tlvs.submits.0x1410.wrong: wrong of what shows in no response, allowed: only with where: submit"
        ],
    ),
    "a number as the name of a sender": (
        "registry: {names: {12025550100: registered}}",
        [
            "2:20: registry.names.12025550100: '12025550100' is a long_code, allowed: a name with a letter in it, as in ACME"
        ],
    ),
    "a template in two ways": (
        "registry: {templates: {1107: {text: hello, pattern: ^hello}}}",
        ["2:44: registry.templates.1107.pattern: pattern beside text, allowed: only one of text, pattern"],
    ),
    "a template of a name that is not registered": (
        "registry: {names: {EXAMPL: registered}, templates: {1107: {text: hello, senders: [EXAMPLE]}}}",
        [
            "2:83: registry.templates.1107.senders[0]: EXAMPLE is no registered name, allowed: EXAMPL (EXAMPL?)",
        ],
    ),
    "a template of another company's name": (
        "registry: {names: {ACME: {entity: 1}}, templates: {1107: {entity: 2, senders: ACME, text: hello}}}",
        ["2:79: registry.templates.1107.senders: ACME belongs to 1, allowed: a name of 2"],
    ),
    "a price that is none": (
        "networks: {att: {fees: [{sms: cheap}]}}",
        [
            "2:31: networks.att.fees[0].sms: 'cheap' is no price, allowed: dollars as in 0.0035, with at most six decimals"
        ],
    ),
    "a price too fine": (
        "networks: {att: {fees: [{sms: 0.00000035}]}}",
        [
            "2:31: networks.att.fees[0].sms: '0.00000035' is no price, allowed: dollars as in 0.0035, with at most six decimals"
        ],
    ),
    "a fee without a price": (
        "networks: {att: {fees: [{direction: mt}]}}",
        ["2:25: networks.att.fees[0]: a fee without a price, allowed: sms, mms or both"],
    ),
    "two prices": (
        "networks: {att: {fees: [{sms: 0.1}, {sms: 0.2, mms: 0.3}]}}",
        ["2:38: networks.att.fees[1].sms: a second price for sms mt, allowed: one price"],
    ),
    "a limit without a figure": (
        "networks: {att: {limits: [{over: reject}]}}",
        [
            "2:27: networks.att.limits[0]: a limit says nothing, allowed: one of rate, accounts, kinds, classes, tiers, caps"
        ],
    ),
    "a limit with two": (
        "networks: {att: {limits: [{rate: 1/s, tiers: {top: 2/day}}]}}",
        [
            "2:39: networks.att.limits[0].tiers: tiers beside rate, allowed: only one of rate, accounts, kinds, classes, tiers, caps"
        ],
    ),
    "two spans": (
        "networks: {att: {limits: [{tiers: {top: 2/day, low: 1/s}}]}}",
        ["2:53: networks.att.limits[0].tiers.low: '1/s' beside '2/day', allowed: one span for the whole limit"],
    ),
    "two spans of classes": (
        "networks: {att: {limits: [{classes: {A: {sms: 2/min, mms: 1/s}}}]}}",
        ["2:59: networks.att.limits[0].classes.A.mms: '1/s' beside '2/min', allowed: one span for the whole limit"],
    ),
    "a span of no limit": (
        "networks: {att: {limits: [{rate: 2/h}]}}",
        [
            "2:34: networks.att.limits[0].rate: '2/h' is no span of limits, allowed: a rate per s, min, day or week as in 4500/min"
        ],
    ),
    "half a message": (
        "networks: {att: {limits: [{rate: 0.5/day}]}}",
        [
            "2:34: networks.att.limits[0].rate: '0.5/day' is no whole number, allowed: a rate per s, min, day or week as in 4500/min"
        ],
    ),
    "a rate that is none": (
        "networks: {att: {limits: [{rate: 3}, {classes: {A: 5}}]}}",
        [
            "2:34: networks.att.limits[0].rate: 3, allowed: a rate per s, min, day or week as in 4500/min (3/s?)",
            "2:52: networks.att.limits[1].classes.A: 5, allowed: a rate as in 4500/min, or a mapping of sms, mms, per",
        ],
    ),
    "media of classes": (
        "networks: {att: {limits: [{classes: {A: 5/min}, media: sms}]}}",
        ["2:49: networks.att.limits[0].media: media of classes, allowed: sms and mms in each class"],
    ),
    "recipients in a second": (
        "networks: {att: {limits: [{rate: 5/s, counts: recipients}]}}",
        [
            "2:27: networks.att.limits[0]: recipients are counted in a minute or longer, and cannot be queued, allowed: what a limit can be"
        ],
    ),
    "a cause that cannot show there": (
        "networks: {att: {limits: [{rate: 5/s, cause: barred}]}}",
        ["2:27: networks.att.limits[0]: cause barred cannot show at submit, allowed: what a limit can be"],
    ),
    "a queue of reject": (
        "networks: {att: {limits: [{rate: 5/s, over: {mode: reject, span: 4h, count: 1}}]}}",
        [
            "2:60: networks.att.limits[0].over.span: span of reject, allowed: only with mode: queue",
            "2:70: networks.att.limits[0].over.count: count of reject, allowed: only with mode: queue",
        ],
    ),
    "a queue without an end": (
        "networks: {att: {limits: [{rate: 5/s, over: queue}]}}",
        [
            "2:45: networks.att.limits[0].over: a queue without an end, allowed: span, count or both: {mode: queue, span: 4h}"
        ],
    ),
    "two limits of one name": (
        "networks: {att: {limits: [{rate: 5/s}, {rate: 6/s}]}}",
        ["2:40: networks.att.limits[1]: 'number_second' a second time, allowed: a `name:` of its own"],
    ),
    "two filters of one name": (
        "networks: {att: {filters: [landline, shortener, landline]}}",
        ["2:49: networks.att.filters[2]: 'landline' a second time, allowed: a `name:` of its own"],
    ),
    "a filter named as the senders": (
        "networks: {att: {filters: [{filter: landline, name: senders}]}}",
        ["2:28: networks.att.filters[0]: 'senders' a second time, allowed: a `name:` of its own"],
    ),
    "a kind of filter that is none": (
        "networks: {att: {filters: [shorteners]}}",
        ["2:28: networks.att.filters[0]: 'shorteners' is no kind of filter, allowed: ... (shortener?)"],
    ),
    "a filter with another's key": (
        "networks: {att: {filters: [{filter: landline, hosts: a.b}]}}",
        [
            "2:47: networks.att.filters[0].hosts: hosts of landline, allowed: after, blocks_for, cause, filter, name, probability, where"
        ],
    ),
    "a filter without what it needs": (
        "networks: {att: {filters: [pattern, sender_kind, blocked_sender]}}",
        [
            "2:28: networks.att.filters[0]: pattern without patterns, allowed: a mapping with patterns",
            "2:37: networks.att.filters[1]: sender_kind without kinds, allowed: a mapping with kinds",
            "2:50: networks.att.filters[2]: blocked_sender without numbers, allowed: a mapping with numbers",
        ],
    ),
    "a filter that cannot show there": (
        "networks: {att: {filters: [{filter: shortener, where: submit}]}}",
        [
            "2:28: networks.att.filters[0]: cause: 'shortened_url' cannot show in the answer to a submission, where: submit, allowed: a cause that can show there, or another `where:`"
        ],
    ),
    "a pattern that is none": (
        "networks: {att: {filters: [{filter: pattern, patterns: '(?=x)'}]}}",
        [
            "2:56: networks.att.filters[0].patterns: '(?=x)' is no pattern: invalid perl operator: (?=, allowed: an expression of RE2, which has no look-around and no back-reference"
        ],
    ),
    "a kind with a trait of none": (
        "networks: {att: {limits: [{kinds: {long_cod: 5/s}}]}}",
        [
            "2:36: networks.att.limits[0].kinds.long_cod: 'long_cod' is no kind of number, allowed: long_code, toll_free, short_code, crisis_988, alphanumeric, international (long_code?)"
        ],
    ),
    "a trait that no message has": (
        "networks: {att: {limits: [{kinds: {'long_code:abraod': 5/s}}]}}",
        [
            "2:36: networks.att.limits[0].kinds.long_code:abraod: 'abraod' is no standing or trait, allowed: ... (abroad?)"
        ],
    ),
    "a class that contradicts the score": (
        "registry: {brands: {acme: {score: 60}}, campaigns: {C1: {brand: acme, use_case: marketing, att_class: B}}}",
        ["2:103: registry.campaigns.C1.att_class: 'B' with marketing and score 60, allowed: D, or forced: true"],
    ),
    "a class without a score": (
        "registry: {brands: {acme: {name: Acme}}, campaigns: {C1: {brand: acme, att_class: B}}}",
        ["2:83: registry.campaigns.C1.att_class: 'B' with mixed and no score, allowed: F, or forced: true"],
    ),
    "a class that is needed": (
        "registry: {brands: {acme: 80}, campaigns: {C1: {brand: acme, use_case: k12}}}",
        ["2:48: registry.campaigns.C1: k12 without att_class, allowed: att_class: nobody has published which it is"],
    ),
    "a class of none": (
        "registry: {brands: {acme: 80}, campaigns: {C1: {brand: acme, att_class: Z, use_case: marketting}}}",
        [
            "2:73: registry.campaigns.C1.att_class: 'Z' is no message class, allowed: A, B, C, D, E, F, T, W, K, P, S, X, G, N",
            "2:86: registry.campaigns.C1.use_case: 'marketting' is no use case, allowed: ... (marketing?)",
        ],
    ),
    "a sole proprietor's campaign of a company": (
        "registry: {brands: {acme: 80}, campaigns: {C1: {brand: acme, use_case: sole_proprietor}}}",
        ["2:72: registry.campaigns.C1.use_case: sole_proprietor of a company, allowed: any but sole_proprietor"],
    ),
    "a company's campaign of a sole proprietor": (
        "registry: {brands: {solo: {kind: sole_proprietor}}, campaigns: {C1: {brand: solo, use_case: marketing}}}",
        ["2:93: registry.campaigns.C1.use_case: marketing of a sole_proprietor, allowed: sole_proprietor"],
    ),
    "a score of too much": (
        "registry: {brands: {acme: 101, b: true}, campaigns: {C1: {brand: acme, att_class: A}}}",
        [
            "2:27: registry.brands.acme: 101, allowed: at most 100",
            "2:35: registry.brands.b: true, allowed: a score from 0 to 100, or a mapping of name, score, kind",
        ],
    ),
    "a number twice": (
        "registry: {campaigns: {C1: {brand: a, numbers: [12025550100]}, C2: {brand: a, numbers: '+12025550100'}}, numbers: {12025550100: C1}}",
        [
            "2:88: registry.campaigns.C2.numbers: 12025550100 a second time, allowed: one campaign for a number; C1 has it",
            "2:129: registry.numbers.12025550100: 12025550100 a second time, allowed: one campaign for a number; C2 has it",
        ],
    ),
    "a toll-free number twice": (
        "registry: {toll_free: {18005550100: verified, '+18005550100': pending}}",
        ["2:47: registry.toll_free.+18005550100: 18005550100 a second time, allowed: each number once"],
    ),
    "a long code that is toll-free": (
        "registry: {numbers: {18005550100: C1}, toll_free: {12025550100: verified}, short_codes: {12025550101: pending}}",
        [
            "2:22: registry.numbers.18005550100: '18005550100' is a toll_free, allowed: a long code as in 12025550100",
            "2:52: registry.toll_free.12025550100: '12025550100' is a long_code, allowed: a toll-free number as in 18005550100",
            "2:90: registry.short_codes.12025550101: '12025550101' is a long_code, allowed: a short code of 5 or 6 digits",
        ],
    ),
    "a ported number twice": (
        "numbers: {ported: {12025550100: a, '+12025550100': b}}",
        ["2:36: numbers.ported.+12025550100: 12025550100 a second time, allowed: each number once"],
    ),
    "a number that is none": (
        "numbers: {ported: {x1: a}, landlines: [0x]}",
        [
            "2:20: numbers.ported.x1: 'x1' is no number, allowed: a number in full as in 12025550100",
            "2:40: numbers.landlines[0]: '0x' is no prefix, allowed: digits from the country's code on as in 1202555",
        ],
    ),
    "a subscriber twice": (
        "subscribers: {12025550100: on, '+12025550100': off}",
        ["2:32: subscribers.+12025550100: 12025550100 a second time, allowed: each number once"],
    ),
    "a phone that is on for a while": (
        "subscribers: {12025550100: {state: on, lasts: 2h}, 12025550101: dead}",
        [
            "2:40: subscribers.12025550100.lasts: lasts of a phone that is on, allowed: with another state",
            "2:65: subscribers.12025550101: 'dead' is no state of a phone, allowed: ...",
        ],
    ),
    "rules of no day": (
        "registry: {toll_free_rules: yesterday}",
        ["2:29: registry.toll_free_rules: 'yesterday' is no day, allowed: newest, message, or a day as in 2023-05-01"],
    ),
    "suspended before anybody looks": (
        "opt_outs: {thresholds: {alarm: 5%, suspend: 1%}}",
        ["2:24: opt_outs.thresholds: suspend 1% below alarm 5%, allowed: suspend at alarm or above"],
    ),
    "a threshold that is none": (
        "opt_outs: {thresholds: {alarm: lots}}",
        ["2:32: opt_outs.thresholds.alarm: 'lots' is no share, allowed: a share as in 1% or 0.01"],
    ),
    "a sender that is none": (
        "opt_outs: {blocked: [{from: much too long a name, to: 1}]}",
        [
            "2:29: opt_outs.blocked[0].from: 'much too long a name' is no sender, allowed: a number in full, a short code, or a name of 1 to 11 characters",
            "2:55: opt_outs.blocked[0].to: '1' is no number, allowed: a number in full as in 12025550100",
        ],
    ),
    "answers of a share that is none": (
        "subscribers: {12025550100: {answers: [{share: lots, text: x}]}}",
        ["2:47: subscribers.12025550100.answers[0].share: 'lots' is no share, allowed: a share as in 1% or 0.01"],
    ),
    "half a pair": (
        "opt_outs: {blocked: [{from: 18005550100}]}",
        ["2:22: opt_outs.blocked[0]: a pair without to, allowed: a mapping of from and to"],
    ),
    "a factor that is none": (
        "networks: {att: {delays: {peak: {hours: '18:00..20:00', factor: -1}}}}",
        ["2:65: networks.att.delays.peak.factor: '-1' is no factor, allowed: a factor as in 3 or 1.5"],
    ),
    "a delay of what no receipt tells": (
        "networks: {att: {requires: {mode: blocked, after: 5s}}}",
        [
            "2:44: networks.att.requires.after: after of what no receipt tells, allowed: only where a receipt tells of it: UNDELIV, REJECTD, DELIVRD",
        ],
    ),
    "a share of nothing": (
        "networks: {att: {requires: {mode: blocked, share: 5%}}}",
        [
            "2:44: networks.att.requires.share: share of nothing, allowed: beside filtered",
        ],
    ),
    "a delay of a filter that shows at once": (
        "networks: {att: {filters: [{filter: sender_kind, kinds: long_code, after: 5s}]}}",
        [
            "2:68: networks.att.filters[0].after: after of a filter that shows at submit, allowed: only where a receipt tells of it: UNDELIV, REJECTD, DELIVRD",
        ],
    ),
    "an end that is never told": (
        "networks: {att: {receipts: {tells: accepted_only, expires: 5s}}}",
        [
            "2:51: networks.att.receipts.expires: expires of receipts that tell of acceptance only, allowed: only where receipts tell an end: truth, hub_first",
        ],
    ),
    "a cause that is never told": (
        "networks: {att: {limits: [{rate: 5/s, cause: att_tpm, over: throttle}]}}",
        [
            "2:39: networks.att.limits[0].cause: cause of a limit with over: throttle, allowed: with over: reject, or in it: over: {mode: throttle, cause: ...}",
        ],
    ),
    "a cause beside a queue": (
        "networks: {att: {limits: [{rate: 5/s, cause: att_tpm, over: {mode: queue, count: 5}}]}}",
        [
            "2:39: networks.att.limits[0].cause: cause of a limit with over: queue, allowed: with over: reject, or in it: over: {mode: queue, cause: ...}",
        ],
    ),
    "circumstances of no code": (
        "networks: {att: {dialect: {circumstances: tollfree}}}",
        [
            "2:43: networks.att.dialect.circumstances: 'tollfree' is no circumstance, allowed: ... (toll_free?)",
        ],
    ),
    "a gap between no two receipts": (
        "networks: {att: {delays: {profile: us-direct, gap: 5s}}}",
        [
            "2:47: networks.att.delays.gap: gap where no receipt comes twice, allowed: beside duplicate",
        ],
    ),
    "retries of what never fails": (
        "networks: {att: {delays: {profile: us-direct, retries: 1m}}}",
        [
            "2:47: networks.att.delays.retries: retries where nothing fails at first, allowed: beside first_failure; retries of phones stand in subscribers",
        ],
    ),
    "a spell that nobody has": (
        "networks: {att: {subscribers: {absent_for: 1h}}}",
        [
            "2:32: networks.att.subscribers.absent_for: absent_for where nobody is, allowed: beside absent",
        ],
    ),
}
