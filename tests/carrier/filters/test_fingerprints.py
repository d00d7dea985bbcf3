"""What is read in a text: its words, its links, what remains when it is masked; and a memory that stays small."""

import time

import pytest

from simulator.carrier.filters.fingerprints import Phrases, Reading, Recent

A_TEXT = "Your parcel 4711 waits: pay 2.50 at https://post.example/p/4711 today"


@pytest.mark.parametrize(
    "other",
    [
        "Your parcel 99 waits: pay 1.00 at https://other.example/xyz today",
        "YOUR PARCEL 4711 WAITS: PAY 2.50 AT bit.ly/3xYz TODAY",
        "your  parcel4711 waits :pay 2.50 at\nhttps://post.example/p/4711 to day",
        "Your parcel ٤٧١١ waits: pay 2.50 at https://post.example/p/4711 today",
        "\uff39our parcel 4711 waits: pay 2.50 at www.post.example today",
    ],
)
def test_texts_that_differ_in_links_digits_case_and_spacing_have_one_fingerprint(other):
    assert Reading(other).fingerprint == Reading(A_TEXT).fingerprint


@pytest.mark.parametrize("other", ["Your parcel 4711 waits", A_TEXT.replace("parcel", "letter"), A_TEXT + "!"])
def test_texts_that_differ_in_a_word_have_two_fingerprints(other):
    assert Reading(other).fingerprint != Reading(A_TEXT).fingerprint


def test_a_text_without_links_is_its_letters():
    assert Reading("Code 12 34\tnow").fingerprint == "codenow"


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("see https://bit.ly/abc.", ["bit.ly"]),
        ("see bit.ly/abc, or (www.example.com)", ["bit.ly", "www.example.com"]),
        ("HTTP://BIT.LY/ABC", ["bit.ly"]),
        ("http://bank.example@bit.ly/x", ["bit.ly"]),
        ("http://xn--bcher-kva.example:8080/?a=b.c", ["xn--bcher-kva.example"]),
        ("a host of letters beyond ASCII: http://b.xn--p1ai", ["b.xn--p1ai"]),
        ("\uff42\uff49\uff54.\uff4c\uff59/x", ["bit.ly"]),
        ("mail me at anna@example.com", []),
        ("pay 3.50 or 1.2.3.4, e.g. now. Today...", []),
        ("End of sentence.", []),
        ("http://localhost/x", []),
        ("no dot at all", []),
    ],
)
def test_hosts_are_found_with_and_without_a_scheme(text, hosts):
    assert Reading(text).hosts == hosts


def test_a_link_without_a_host_is_masked_too():
    assert Reading("go app://x/1 now").fingerprint == Reading("go http://localhost/2 now").fingerprint


def test_words_are_letters_and_digits_of_any_script():
    assert Reading("E-mail: OPT_out, don't!").words == ["e", "mail", "opt", "out", "don", "t"]
    assert Reading("Arrêt – СТОП。停止").words == ["arrêt", "стоп", "停止"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Get a Payday-Loan!", "payday loan"),
        ("a payday for a loan", ""),
        ("payday loans", ""),
        ("he said: stop", "stop"),
        ("nonstop", ""),
        ("payday loan, stop", "payday loan"),
        ("", ""),
    ],
)
def test_phrases_are_found_as_whole_words_the_first_in_the_text_first(text, found):
    assert Phrases(["stop", "payday loan", "payday advance"]).found_in(Reading(text)) == found


def test_the_time_to_read_does_not_grow_faster_than_the_text():
    def seconds(count: int) -> float:
        begun = time.process_time()
        for text in ("a" * count, "a." * count, "://" * count, "-." * count, "http://a" * count, "é.1" * count):
            reading = Reading(text)
            assert len(reading.hosts) <= len(reading.fingerprint) + len(reading.words) + 1
        return time.process_time() - begun

    seconds(1_000)
    # a hundred times as much text: what is quadratic takes ten thousand times as long
    assert seconds(100_000) < 1_000 * max(seconds(1_000), 0.000_1)


def test_a_memory_knows_the_latest_value_of_each_key():
    memory: Recent[str, int] = Recent(4)
    memory.put("a", 1)
    memory.put("b", 2)
    memory.put("a", 3)
    assert (memory.get("a"), memory.get("b"), memory.get("c"), len(memory)) == (3, 2, None, 2)
    memory.forget("a")
    memory.forget("nobody")
    assert (memory.get("a"), len(memory)) == (None, 1)
    memory.clear()
    assert len(memory) == 0


def test_a_memory_forgets_the_half_that_was_longest_unused():
    memory: Recent[int, int] = Recent(4)
    for key in range(4):
        memory.put(key, key)
    memory.put(0, 10)
    assert (memory.get(0), memory.get(1), memory.get(2), memory.get(3)) == (10, None, 2, 3)


def test_a_memory_never_holds_more_than_it_may():
    memory: Recent[int, int] = Recent(100)
    for key in range(10_000):
        memory.put(key * 7 % 501, key)
        assert len(memory) <= 100
        assert memory.get(key * 7 % 501) == key


def test_a_key_that_returns_from_the_older_half_is_there_once():
    memory: Recent[str, int] = Recent(4)
    for key in "abca":
        memory.put(key, 1)
    assert len(memory) == 3


def test_a_memory_for_fewer_than_two_is_none():
    with pytest.raises(ValueError, match="size_max: 1, at least 2"):
        Recent(1)
