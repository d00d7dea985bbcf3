"""The words of a scenario: each text and its object, there and back, and what is said of texts that are none."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.carrier.delays import Between, Exponential, Fixed, Lognormal, Normal
from simulator.scenario.words.id_words import STEPS, IdForm, IdSource
from simulator.scenario.words.wire_words import (
    STATE_WORDS,
    Command,
    Mask,
    Octets,
    Sequence,
    Status,
    UnknownName,
    parse_octets,
    parse_state,
    parse_tlv_name,
    parse_value,
    value_text,
)
from simulator.scenario.words.words import (
    PER,
    SPAN_MAX,
    Count,
    Hours,
    Over,
    Range,
    Rate,
    Share,
    Size,
    Span,
    SpanRange,
    Times,
    WordError,
    ordinal,
    parse_delay,
    quoted,
)

SECONDS = st.one_of(st.floats(0.0, SPAN_MAX), st.integers(0, int(SPAN_MAX)).map(float), st.just(0.25))
POSITIVE = SECONDS.filter(lambda seconds: seconds > 0)
PERS = st.one_of(st.none(), st.sampled_from(PER))
WHOLE = st.integers(1, 10**9)
RATES = st.builds(Rate, st.floats(0.001, 1e9), POSITIVE)


def between(kind, low, high):
    return st.tuples(low, high).map(sorted).map(lambda ends: kind(*ends))


WORDS = st.one_of(
    st.tuples(st.just(Span.parse_or_never), st.one_of(POSITIVE, st.just(inf)).map(Span)),
    st.tuples(st.just(Rate.parse), RATES),
    st.tuples(
        st.just(parse_delay),
        st.one_of(
            SECONDS.map(Fixed),
            between(Between, SECONDS, SECONDS),
            between(
                Lognormal, SECONDS.filter(lambda seconds: seconds > 0), SECONDS.filter(lambda seconds: seconds > 0)
            ),
            st.builds(Normal, SECONDS, SECONDS),
            SECONDS.map(Exponential),
        ),
    ),
    st.tuples(
        st.just(Count.parse),
        st.one_of(
            between(lambda low, high: (low, high), WHOLE, WHOLE).flatmap(
                lambda ends: PERS.map(lambda per: Count(ends[0], ends[1], 1, per))
            ),
            st.builds(lambda low, per: Count(low, None, 1, per), WHOLE, PERS),
            st.builds(lambda step, per: Count(step, None, step, per), WHOLE.filter(lambda step: step > 1), PERS),
        ),
    ),
    st.tuples(st.just(Times.parse), st.builds(Times, WHOLE, PERS)),
    st.tuples(st.just(Share.parse), st.floats(0.0, 1.0).map(Share)),
    st.tuples(
        st.just(Range.parse),
        st.one_of(
            between(Range, st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9)),
            st.builds(Range, st.integers(0, 99), st.none()),
            st.builds(Range, st.none(), st.integers(0, 99)),
        ),
    ),
    st.tuples(st.just(SpanRange.parse), st.one_of(between(SpanRange, SECONDS, SECONDS), st.builds(SpanRange, SECONDS))),
    st.tuples(st.just(Size.parse), st.integers(0, 1 << 40).map(Size)),
    st.tuples(st.just(Over.parse), st.builds(Over, RATES, PERS)),
    st.tuples(
        st.just(Hours.parse), st.builds(lambda a, b: Hours(a * 60, b * 60), st.integers(0, 1440), st.integers(0, 1440))
    ),
    st.tuples(st.just(Status.parse), st.integers(0, 0xFFFFFFFF).map(Status)),
    st.tuples(st.just(Command.parse), st.integers(0, 0xFFFFFFFF).map(Command)),
    st.tuples(st.just(parse_state), st.sampled_from(STATE_WORDS)),
    st.tuples(st.just(parse_octets), st.binary().map(Octets)),
    st.tuples(
        st.just(Mask.parse),
        st.integers(1, 0xFFFFFFFF).flatmap(
            lambda mask: st.integers(0, 0xFFFFFFFF).map(lambda bits: Mask(mask, bits & mask))
        ),
    ),
    st.tuples(
        st.just(Sequence.parse),
        st.one_of(
            st.sampled_from(["same", "own", "previous"]).map(Sequence),
            st.builds(Sequence, st.just("number"), st.integers(0, 0xFFFFFFFF)),
            st.builds(Sequence, st.just("plus"), st.integers(-999, 999)),
        ),
    ),
    st.tuples(
        st.just(IdForm.parse),
        st.lists(
            st.sampled_from(sorted(STEPS.items())).map(
                lambda step: (step[0], {"": None, "number": 10, "text": "x@y"}[step[1]])
            ),
            min_size=1,
        ).map(lambda steps: IdForm(tuple(steps))),
    ),
    st.tuples(
        st.just(IdSource.parse),
        st.one_of(
            st.just(IdSource("uuid")),
            st.builds(IdSource, st.sampled_from("hex decimal digits letters reuse".split()), st.integers(1, 999)),
            st.builds(IdSource, st.just("counter"), st.integers(0, 10**9)),
            st.just(IdSource("constant", 0, "0")),
        ),
    ),
)


@given(WORDS)
def test_a_word_is_printed_as_a_text_that_reads_as_the_same_word(word):
    parse, made = word
    assert parse(str(made)) == made


@given(st.integers() | st.text(max_size=8) | st.binary(max_size=8).map(Octets))
def test_a_value_is_printed_as_a_text_that_reads_as_the_same_value(value):
    text = value_text(value)
    assert (parse_value(text) if isinstance(text, str) else text) == value


@pytest.mark.parametrize(
    ("parse", "text", "made"),
    [
        (Span.parse, "250ms", 0.25),
        (Span.parse, "3 days", 259_200.0),
        (Span.parse, "1h30m", 5_400.0),
        (Span.parse, "1 hour, 30 minutes", 5_400.0),
        (Span.parse, "2w", 1_209_600.0),
        (Span.parse, "0", 0.0),
        (Rate.parse, "50/s", Rate(50.0, 1.0)),
        (Rate.parse, "2000 / day", Rate(2000.0, 86_400.0)),
        (Rate.parse, "1/100ms", Rate(1.0, 0.1)),
        (parse_delay, "1s..3s", Between(1.0, 3.0)),
        (parse_delay, "lognormal p50 2s p99 40s", Lognormal(2.0, 40.0)),
        (parse_delay, "normal 2s ± 500ms", Normal(2.0, 0.5)),
        (parse_delay, "exponential 2s", Exponential(2.0)),
        (Count.parse, "first 3", Count(1, 3)),
        (Count.parse, "3rd", Count(3, 3)),
        (Count.parse, "every 10th per destination", Count(10, None, 10, "destination")),
        (Count.parse, "after 100", Count(101)),
        (Count.parse, "1..5", Count(1, 5)),
        (Times.parse, "2 per session", Times(2, "session")),
        (Share.parse, "1%", 0.01),
        (Share.parse, "0.5", 0.5),
        (Range.parse, "5", Range(5, 5)),
        (Range.parse, "..5", Range(None, 5)),
        (SpanRange.parse, "30s", SpanRange(30.0)),
        (SpanRange.parse, "..2s", SpanRange(0.0, 2.0)),
        (Size.parse, "1.5kB", 1500),
        (Size.parse, "2 MiB", 2_097_152),
        (Status.parse, "ESME_RTHROTTLED", 0x58),
        (Status.parse, "rthrottled", 0x58),
        (Status.parse, "0x58", 0x58),
        (Status.parse, "9802", 9802),
        (parse_state, "delivered", "DELIVRD"),
        (parse_state, "UNDELIVERABLE", "UNDELIV"),
        (Command.parse, "submit_sm", 4),
        (Command.parse, "0x00010200", 0x10200),
        (parse_octets, "hex:00 ff", Octets(b"\x00\xff")),
        (parse_octets, "text:hex:", Octets(b"hex:")),
        (parse_octets, "é", Octets(b"\xe9")),
        (Mask.parse, "0x40", Mask(0x40, 0x40)),
        (Mask.parse, "0x3c=0x04", Mask(0x3C, 0x04)),
        (Sequence.parse, "+1", Sequence("plus", 1)),
        (parse_tlv_name, "message_state", "message_state"),
        (parse_tlv_name, "0x0427", "message_state"),
        (parse_tlv_name, "5123", "0x1403"),
    ],
)
def test_every_spelling_means_its_object(parse, text, made):
    assert parse(text) == made


@pytest.mark.parametrize(
    ("parse", "texts"),
    [
        (Span.parse, ["", "2", "s", "-2s", "2 s s", "1e3s", "2sec!", "36526d", "never", "٢s"]),
        (Span.parse_or_never, ["off", "2", "0s", "0"]),
        (Span.parse_period, ["0", "0s", "0ms", "2"]),
        (Rate.parse, ["50", "/s", "0/s", "50/0", "50/x", "2000000000/s", "-1/s"]),
        (parse_delay, ["", "soon", "3s..1s", "normal 2s", "lognormal 2s", "lognormal p50 4s p99 2s", "exponential"]),
        (Count.parse, ["", "3", "first", "first 0", "0th", "5..1", "0..1", "every 3", "first 3 per day", "3 rd"]),
        (Times.parse, ["", "0", "-1", "two", "2 per day", "2 per"]),
        (Share.parse, ["", "%", "101%", "1.1", "-1%", "1 %%"]),
        (Range.parse, ["", "..", "5..1", "a..b", "1.5", "1...5"]),
        (SpanRange.parse, ["", "..", "5", "3s..1s", "1..2"]),
        (Size.parse, ["", "-1", "1.5", "2GB", "2000000MiB"]),
        (Over.parse, ["50/s", "over 50", "over 50/s per day"]),
        (Hours.parse, ["", "21:00", "24:30..08:00", "25:00..08:00", "8..9"]),
        (Status.parse, ["", "ESME_NO", "-1", "0x100000000", "0123"]),
        (parse_state, ["", "SENT"]),
        (Command.parse, ["", "submit", "0x100000000"]),
        (parse_octets, ["hex:0", "hex:xy", "€"]),
        (parse_value, ["hex:0"]),
        (Mask.parse, ["", "0", "0x3c=0x40", "0x40=", "0x100000000"]),
        (Sequence.parse, ["", "+", "next", "0x100000000"]),
        (parse_tlv_name, ["", "0x10000", "message"]),
        (IdForm.parse, ["", "hexx", "pad", "pad ten", "prefix"]),
        (IdSource.parse, ["", "hex", "hex 0", "uuid 4", "counter", "constant"]),
    ],
)
def test_what_is_no_word_is_quoted_and_told_what_is_allowed(parse, texts):
    for text in texts:
        with pytest.raises(WordError) as caught:
            parse(text)
        assert caught.value.allowed
        assert caught.value.found


def test_a_name_that_is_nearly_one_is_told_the_one():
    hints = {}
    for parse, text in [
        (Status.parse, "ESME_RTHROTTELD"),
        (Status.parse, "RTHROTLED"),
        (Command.parse, "submitsm"),
        (parse_state, "UNDELIVRD"),
        (parse_tlv_name, "mesage_state"),
        (IdForm.parse, "uper"),
    ]:
        with pytest.raises(UnknownName) as caught:
            parse(text)
        hints[text] = caught.value.hint
    assert hints == {
        "ESME_RTHROTTELD": "ESME_RTHROTTLED",
        "RTHROTLED": "ESME_RTHROTTLED",
        "submitsm": "submit_sm",
        "UNDELIVRD": "UNDELIV",
        "mesage_state": "message_state",
        "uper": "upper",
    }


def test_a_count_includes_what_it_says():
    included = {
        text: [number for number in range(1, 13) if Count.parse(text).includes(number)]
        for text in ("first 3", "3rd", "every 4th", "after 10", "2..4")
    }
    assert included == {
        "first 3": [1, 2, 3],
        "3rd": [3],
        "every 4th": [4, 8, 12],
        "after 10": [11, 12],
        "2..4": [2, 3, 4],
    }


def test_ordinals_are_english():
    assert [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111)] == (
        "1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 111th".split()
    )


def test_ranges_include_their_ends():
    assert [Range(1, 3).includes(number) for number in (0, 1, 3, 4)] == [False, True, True, False]
    assert Range(None, 3).includes(-5)
    assert Range(3).includes(10**9)
    assert [SpanRange(1.0, 2.0).includes(seconds) for seconds in (0.5, 1.0, 2.0, 2.5)] == [False, True, True, False]


def test_hours_may_go_over_midnight():
    night, day = Hours.parse("21:00..08:00"), Hours.parse("08:00..21:00")
    assert [night.includes(hour * 3600) for hour in (20, 21, 0, 8)] == [False, True, True, False]
    assert [day.includes(hour * 3600) for hour in (7, 8, 20, 21)] == [False, True, True, False]


def test_a_mask_looks_at_its_bits_alone():
    assert [Mask(0x3C, 0x04).matches(octet) for octet in (0x04, 0x44, 0x07, 0x20, 0x24)] == [
        *(True, True, True, False, False)
    ]


def test_a_rate_is_known_by_the_second():
    assert Rate.parse("120/min").per_second == 2.0


def test_an_absent_id_is_known():
    assert IdForm.parse("absent").is_absent
    assert not IdForm.parse("hex upper").is_absent


def test_a_long_text_is_quoted_in_part():
    assert quoted("x" * 100) == f"'{'x' * 55}...'"
