"""What a quirk's file offers in comments in the place of what it does: each can be played as it stands there.

Of the quirks of responses, frames, links and texts (catalogue groups E to H); the others tell theirs in words.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.scenario.file import found, parse
from simulator.smsc.play.staging import staged
from tests.quirks.esme import Esme, otherwise
from tests.quirks.facts_d import FACTS
from tests.quirks.play import Play
from tests.smsc.world import START

KEY = re.compile(r"( *)# ([a-z_]+): (.*)")
ITEM = re.compile(r"( *)# (- .*)")
INNER = re.compile(r" *#   .*")
BEHIND = re.compile(r"  # .*$")


def alternatives(lines: list[str]) -> Iterator[list[str]]:
    """The file with one of its comments in the place of what stands before it, or beside it where it is an item."""
    for number, line in enumerate(lines):
        key, item = KEY.fullmatch(line), ITEM.fullmatch(line)
        if key is not None and re.match(r"\S* *([{[]|[\w\"-]+( |$))", key[3]):
            indent, name = key[1], key[2]
            starts = [at for at in range(number) if lines[at].startswith(f"{indent}{name}:")]
            if starts:
                start = starts[-1]
                end = start + 1
                while lines[end].startswith(f"{indent} "):
                    end += 1
                yield [*lines[:start], BEHIND.sub("", f"{indent}{name}: {key[3]}"), *lines[end:]]
        elif item is not None:
            end = number + 1
            while end < len(lines) and INNER.fullmatch(lines[end]):
                end += 1
            block = [one.replace("# ", "", 1) for one in lines[number:end]]
            yield [*lines[:number], *block, *lines[end:]]


def offered(name: str) -> list[str]:
    lines = Path(found(f"quirks/{name}")).read_text(encoding="utf-8").splitlines()
    return ["\n".join(one) + "\n" for one in alternatives(lines)]


OFFERING = [name for name in FACTS if offered(name)]


def test_most_files_offer_something() -> None:
    assert len(OFFERING) > 55
    assert sum(len(offered(name)) for name in OFFERING) > 125


@pytest.mark.parametrize("name", OFFERING)
def test_what_a_file_offers_is_played_as_it_stands_there(name: str) -> None:
    for text in offered(name):
        play = Play()
        play.smsc = staged([parse(text)], play.now, START, seed=7)
        letters: list[dict[str, object]] = [{"destination_addr": f"1202555{to:04}"} for to in range(100, 106)]
        letters += [{"esm_class": 0x40, "short_message": b"\5\0\3\1\2%cx" % part} for part in (1, 2)]
        esme = Esme(play, *letters, {"validity_period": "000001000000000R"}, habits=otherwise(window=4))
        esme.tells = False
        esme.live(20)
        if esme.link is not None and esme.link.end is None:
            esme.leave()
        play.run(5)
        assert play.failures == [], text
        assert play.gates
