"""What people answer to a message that has reached them: STOP, yes, a story, after a while, and most of them nothing.

Knows shares, texts and delays. Does not know what an answer brings about, nor how it travels: whoever has delivered a
message asks here whether its recipient writes back. No share was ever published [I].
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, NamedTuple

from simulator.carrier.delays import Delay, Lognormal
from simulator.carrier.dice import Luck

_STORIES: Final = (
    (
        "Hi, sorry that I answer so late. I was on the train this morning and there was no signal at all between "
        "the two tunnels. Tuesday is fine, but not before ten, because the plumber comes at nine and he is never "
        "on time. Could you leave it with the neighbour otherwise? She is at home all day."
    ),
    (
        "Thanks for the reminder \U0001f64f I will be there, and my sister comes along. She asks whether there is "
        "a place to park near the entrance, since her knee still hurts after the winter. See you then \U0001f600"
    ),
)
TEXTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        # what a network takes for the word: one word, any case, spaces behind it
        "stop": ("STOP", "Stop", "stop", "STOP "),
        # what only a person takes for it
        "please_stop": ("Please stop texting me", "stop sending me these!", "No more messages, thank you."),
        "unstop": ("UNSTOP", "START"),
        "help": ("HELP", "help", "INFO"),
        "yes": ("yes", "Yes", "YES", "Yes please!", "y"),
        "no": ("no", "No", "No thanks"),
        "story": _STORIES,
        "question": ("Who is this?", "Which order?", "¿Cuándo llega?", "Can you call me instead?"),
    }
)
"""Kinds of answers by name, each with the texts among which a person's luck chooses."""
SOON: Final = Lognormal(20.0, 600.0)
"""How long people take where nobody says it: half of them answer within 20 seconds, nearly all within ten minutes."""


class Reply(NamedTuple):
    """One answer: how many seconds after the message reached the phone, and its text."""

    after: float
    text: str


@dataclass(slots=True, frozen=True)
class Answer:
    """A share of the messages that reach a phone is answered with one of ``texts``, ``after`` so long.

    Raises ValueError for a share that is none, or without a text.
    """

    share: float
    texts: tuple[str, ...]
    after: Delay = SOON

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"answers: share {self.share:g}, from 0 to 1")
        if not self.texts:
            raise ValueError("answers: at least one text")


def answer(kind: str, share: float = 1.0, after: Delay = SOON) -> Answer:
    """An answer of a kind that is known by name. Raises ValueError for any other."""
    texts = TEXTS.get(kind)
    if texts is None:
        close = get_close_matches(kind.lower(), TEXTS, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"one of {', '.join(TEXTS)}"
        raise ValueError(f"answers: {kind!r} is no kind; {hint}")
    return Answer(share, texts, after)


def checked(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """These answers, of which a message gets one at most. Raises ValueError where their shares are more than 1."""
    given = tuple(answers)
    # shares as people write them, such as ten times 0.1, may miss 1 by a rounding
    if sum(one.share for one in given) > 1 + 1e-9:
        raise ValueError(f"answers: shares of {sum(one.share for one in given):g} together, at most 1")
    return given


def chosen(answers: tuple[Answer, ...], luck: Luck) -> Reply | None:
    """What is answered to a message with this luck; None for nothing."""
    if not answers:
        return None
    lot = luck.of("subscriber answer")
    for one in answers:
        if lot < one.share:
            text = one.texts[int(luck.of("subscriber answer text") * len(one.texts))]
            return Reply(one.after.seconds(luck.of("subscriber answer delay")), text)
        lot -= one.share
    return None
