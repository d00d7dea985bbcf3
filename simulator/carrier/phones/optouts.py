"""Opt-outs: which words mean one, whom the toll-free network blocks for it, and how many people of a campaign say them.

Knows the keywords and the rule by which a network matches them, the toll-free network's own replies, and the thresholds
that carriers watch. Does not know how an answer came here, nor who must honour it where the network does not: on long
codes and short codes it is passed on and nobody is blocked. Times are carrier time in unix seconds, numbers are
compared without `+`. [I] marks what is inferred and [?] what nobody has published.
"""

import re
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Final, NamedTuple

from simulator.carrier.messages import bare
from simulator.carrier.numbers import TOLL_FREE

OPT_OUT: Final = "opt_out"
OPT_IN: Final = "opt_in"
HELP: Final = "help"

OPT_OUT_WORDS: Final = ("STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT")
ADDED_2025: Final = ("REVOKE", "OPTOUT", "OPT OUT")
"""Opt-out words since April 2025; the regulator writes the last one apart."""
OPT_IN_WORDS: Final = ("START", "UNSTOP")
CONSENT: Final = ("YES",)
"""An opt-in word for those senders only who have asked for it."""
HELP_WORDS: Final = ("HELP", "INFO")
FRENCH_OPT_OUT: Final = ("ARRET",)
FRENCH_OPT_IN: Final = ("NONARRET",)

_PLAIN: Final = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "REVOKE", "OPTOUT", "ARRET"})
"""Opt-out words that mean it within a sentence, too; people cancel and end other things than messages [I]."""
_NO_WORD: Final = re.compile(r"[\W_]+")

REPLY_OPT_OUT: Final = (
    'NETWORK MSG: You replied with the word "stop" which blocks all texts sent from this number. '
    'Text back "unstop" to receive messages again.'
)
REPLY_OPT_OUT_NEWER: Final = (
    'NETWORK MSG: You replied with the word "stop" which blocks all texts sent from this number. '
    'Text back "unstop" or "start" to receive messages again.'
)
"""The same text, as it is read of late; how it goes on behind the two words is inferred [I]."""
REPLY_OPT_IN: Final = 'NETWORK MSG: You have replied "unstop" and will begin receiving messages again from this number.'

OPTED_OUT: Final = "opted_out_network"
"""The key of the cause of later refusals."""
BLOCKS_MAX: Final = 100_000
"""How many pairs of a number and a phone are kept as blocked; the longest unused is forgotten."""


class Heard(NamedTuple):
    """What an answer means: ``act`` is `opt_out`, `opt_in`, `help` or empty, ``word`` the keyword that says so.

    ``is_exact`` tells whether a network would match it; else only a sender can, who honours more than the exact words.
    ``reply`` is what the network itself answers to the phone, empty where it does not. The answer is always forwarded.
    """

    act: str = ""
    word: str = ""
    is_exact: bool = False
    reply: str = ""


class Keywords:
    """Words and what they mean. ``added_2025``, ``french`` and ``consent`` say whether those words count, too."""

    __slots__ = ("_acts", "_exact")

    def __init__(self, *, added_2025: bool = True, french: bool = True, consent: bool = False) -> None:
        opt_out = [*OPT_OUT_WORDS, *(ADDED_2025 if added_2025 else ()), *(FRENCH_OPT_OUT if french else ())]
        opt_in = [*OPT_IN_WORDS, *(FRENCH_OPT_IN if french else ()), *(CONSENT if consent else ())]
        self._acts = {
            **dict.fromkeys(opt_out, OPT_OUT),
            **dict.fromkeys(opt_in, OPT_IN),
            **dict.fromkeys(HELP_WORDS, HELP),
        }
        # the network's rule asks for a single word, though the lists of words have some that are two [I]
        self._exact = {word: act for word, act in self._acts.items() if " " not in word}

    def hear(self, text: str) -> Heard:
        """What a text means by the network's rule, or else by the looser one."""
        return self.hear_exactly(text) or self.hear_loosely(text) or Heard()

    def hear_exactly(self, text: str) -> Heard | None:
        """By the network's rule: one word in any case and nothing else, but for spaces behind it."""
        word = text.rstrip(" ").upper()
        # some letters beyond ASCII have capitals within it
        act = self._exact.get(word) if text.isascii() else None
        return None if act is None else Heard(act, word, is_exact=True)

    def hear_loosely(self, text: str) -> Heard | None:
        """By what a sender should honour: the words with any marks, accents and spaces, a plain one in a sentence."""
        letters = unicodedata.normalize("NFKD", text)
        words = _NO_WORD.sub(" ", "".join(one for one in letters if not unicodedata.combining(one))).upper().split()
        phrase = " ".join(words)
        if phrase in self._acts:
            return Heard(self._acts[phrase], phrase)
        plain = next((word for word in words if word in _PLAIN and word in self._acts), None)
        return None if plain is None else Heard(OPT_OUT, plain)


class OptOuts:
    """Whom the toll-free network blocks. ``is_on`` False is a network that blocks nobody.

    Of the keywords only ``stop_words`` and ``start_words`` move it [I]. It answers what has changed something; how it
    answers a word that changes nothing is not published [?]. ``newer`` chooses the newer of its two texts.
    ``blocked`` are pairs of a number and a phone that are blocked from the beginning.
    """

    __slots__ = ("_first", "_keywords", "blocked", "is_on", "reply_opt_out", "start_words", "stop_words")

    def __init__(
        self,
        keywords: Keywords | None = None,
        *,
        is_on: bool = True,
        newer: bool = False,
        stop_words: Iterable[str] = ("STOP", "ARRET"),
        start_words: Iterable[str] = ("UNSTOP", "START", "NONARRET"),
        blocked: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._keywords = keywords or Keywords()
        self.is_on = is_on
        self.reply_opt_out = REPLY_OPT_OUT_NEWER if newer else REPLY_OPT_OUT
        self.stop_words = frozenset(word.upper() for word in stop_words)
        self.start_words = frozenset(word.upper() for word in start_words)
        # one string a pair, since a tuple of two takes three times the room
        self._first = tuple(_pair(number, phone) for number, phone in blocked)
        self.blocked: OrderedDict[str, None] = OrderedDict.fromkeys(self._first)
        """Who is blocked for whom, the longest unused first; only to be looked at."""

    def hear(self, phone: str, number: str, kind: str, text: str) -> Heard:
        """What a phone's answer to a number of that kind means; on a toll-free number it blocks or lifts the block."""
        heard = self._keywords.hear(text)
        if not (self.is_on and kind == TOLL_FREE and heard.is_exact):
            return heard
        if heard.word in self.stop_words and self.block(number, phone):
            return heard._replace(reply=self.reply_opt_out)
        if heard.word in self.start_words and self.unblock(number, phone):
            return heard._replace(reply=REPLY_OPT_IN)
        return heard

    def refusal(self, number: str, phone: str) -> str:
        """The key of the cause why the network takes no message from that number to that phone; empty if it does."""
        if not self.blocked or (pair := _pair(number, phone)) not in self.blocked:
            return ""
        self.blocked.move_to_end(pair)
        return OPTED_OUT

    def is_blocked(self, number: str, phone: str) -> bool:
        """Whether it is blocked; to ask so does not count as use."""
        return _pair(number, phone) in self.blocked

    def block(self, number: str, phone: str) -> bool:
        """From now on the network takes nothing from that number to that phone; False where it did not before."""
        pair = _pair(number, phone)
        is_new = pair not in self.blocked
        self.blocked[pair] = None
        self.blocked.move_to_end(pair)
        if len(self.blocked) > BLOCKS_MAX:
            self.blocked.popitem(last=False)
        return is_new

    def unblock(self, number: str, phone: str) -> bool:
        """From now on it takes everything again; False where it did so before."""
        pair = _pair(number, phone)
        was_blocked = pair in self.blocked
        self.blocked.pop(pair, None)
        return was_blocked

    def reset(self) -> None:
        """Only those are blocked that were from the beginning."""
        self.blocked = OrderedDict.fromkeys(self._first)


def _pair(number: str, phone: str) -> str:
    return f"{bare(number)} {bare(phone)}"


ALARM: Final = "alarm"
"""Above it a carrier looks more closely at one blast."""
SUSPEND: Final = "suspend"
"""Above it within a day a carrier suspends the campaign."""
HIGH: Final = "high"
"""Above it within a day a rate is called high, whoever calls it so."""
DAY: Final = 86_400.0
TRACKED_MAX: Final = 100_000
"""How many recipients of the last day are remembered, over all campaigns; the longest unused is forgotten."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Thresholds:
    """Shares above which something is done, and from how many distinct recipients on they are looked at at all.

    A blast is what one campaign sends with no pause longer than ``pause`` seconds. That pause and the smallest number
    are inferred [I]. Raises ValueError for shares that cannot be.
    """

    alarm: float = 0.005
    suspend: float = 0.04
    high: float = 0.05
    recipients_min: int = 100
    pause: float = 3_600.0

    def __post_init__(self) -> None:
        for name in (ALARM, SUSPEND, HIGH):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise ValueError(f"opt_outs: {name} {share:g}, a share from 0 to 1")
        if self.recipients_min < 1:
            raise ValueError(f"opt_outs: recipients_min {self.recipients_min}, 1 or more")
        if not self.pause > 0:
            raise ValueError(f"opt_outs: pause {self.pause:g}, seconds above 0")


class Rate(NamedTuple):
    """How many of a campaign's distinct recipients have opted out: of the last 24 hours, and of the last blast.

    ``levels`` are the thresholds that are exceeded.
    """

    recipients: int = 0
    opted_out: int = 0
    blast_recipients: int = 0
    blast_opted_out: int = 0
    levels: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """The share within 24 hours, from 0 to 1."""
        return _share(self.opted_out, self.recipients)

    @property
    def blast_share(self) -> float:
        """The share of the last blast, from 0 to 1."""
        return _share(self.blast_opted_out, self.blast_recipients)


def _share(some: int, all_: int) -> float:
    return some / all_ if all_ else 0.0


class _Tally:
    """One campaign's counts."""

    __slots__ = ("blast", "blast_opted_out", "blast_recipients", "last_at", "name", "opted_out", "recipients")

    def __init__(self, name: str, at: float) -> None:
        self.name = name
        self.recipients = self.opted_out = 0
        self.blast, self.last_at = 1, at
        self.blast_recipients = self.blast_opted_out = 0


class _Recipient:
    """When somebody was written to last, in which blast, and in which one he opted out: 0 is none."""

    __slots__ = ("at", "blast", "opted_out", "tally")

    def __init__(self, tally: _Tally) -> None:
        self.tally = tally
        self.at = 0.0
        self.blast = self.opted_out = 0


class OptOutRates:
    """Opt-out rates by campaign, over distinct recipients. Whoever was not written to in the last 24 hours counts
    nowhere, whatever he answers; nor does he who was forgotten because there were too many.
    """

    __slots__ = ("_quiet_until", "_recipients", "_tallies", "thresholds")

    def __init__(self, thresholds: Thresholds | None = None) -> None:
        self.thresholds = thresholds or Thresholds()
        # the longest ago written to stands first
        self._recipients: OrderedDict[int, _Recipient] = OrderedDict()
        self._tallies: dict[str, _Tally] = {}
        self._quiet_until = -inf
        """Until then nobody counts no more."""

    def sent(self, campaign: str, phone: str, at: float) -> None:
        """A campaign has written to that phone at carrier time ``at``."""
        if at >= self._quiet_until:
            self._forget(at)
        tally = self._tallies.get(campaign)
        if tally is None:
            tally = self._tallies[campaign] = _Tally(campaign, at)
        if at - tally.last_at > self.thresholds.pause:
            tally.blast += 1
            tally.blast_recipients = tally.blast_opted_out = 0
        tally.last_at = at
        # as `_key` has it, which costs two calls more of each message
        key = hash((campaign, phone if phone[:1] != "+" else phone[1:]))
        one = self._recipients.get(key)
        if one is None:
            one = self._recipients[key] = _Recipient(tally)
            tally.recipients += 1
        else:
            self._recipients.move_to_end(key)
        if one.blast != tally.blast:
            tally.blast_recipients += 1
        one.at, one.blast = at, tally.blast
        if len(self._recipients) > TRACKED_MAX:
            self._forget_first()

    def opted_out(self, campaign: str, phone: str, at: float) -> tuple[str, ...]:
        """That phone wants no more of that campaign. Returns the thresholds that are exceeded now and were not before.

        A threshold that was exceeded can be so again when the share has fallen meanwhile.
        """
        self._forget(at)
        one = self._recipients.get(_key(campaign, phone))
        if one is None:
            return ()
        tally = one.tally
        before = self._levels(tally)
        if not one.opted_out:
            one.opted_out = one.blast
            tally.opted_out += 1
            tally.blast_opted_out += one.blast == tally.blast
        return tuple(level for level in self._levels(tally) if level not in before)

    def opted_in(self, campaign: str, phone: str, at: float) -> None:
        """That phone wants to hear of that campaign again."""
        self._forget(at)
        one = self._recipients.get(_key(campaign, phone))
        if one is not None and one.opted_out:
            one.tally.opted_out -= 1
            one.tally.blast_opted_out -= one.opted_out == one.tally.blast
            one.opted_out = 0

    def rate(self, campaign: str, at: float) -> Rate:
        """That campaign's rate at carrier time ``at``."""
        self._forget(at)
        tally = self._tallies.get(campaign)
        if tally is None:
            return Rate()
        blast = (tally.blast_recipients, tally.blast_opted_out)
        return Rate(tally.recipients, tally.opted_out, *blast, self._levels(tally))

    def reset(self) -> None:
        """Nobody was written to, and nobody has opted out."""
        self._recipients.clear()
        self._tallies.clear()
        self._quiet_until = -inf

    def _levels(self, tally: _Tally) -> tuple[str, ...]:
        limits, levels = self.thresholds, list[str]()
        if tally.blast_recipients >= limits.recipients_min:
            levels += [ALARM] * (_share(tally.blast_opted_out, tally.blast_recipients) > limits.alarm)
        if tally.recipients >= limits.recipients_min:
            share = _share(tally.opted_out, tally.recipients)
            levels += [SUSPEND] * (share > limits.suspend) + [HIGH] * (share > limits.high)
        return tuple(levels)

    def _forget(self, at: float) -> None:
        """Whoever was written to 24 hours ago or earlier counts no more."""
        if at < self._quiet_until:
            return
        while self._recipients and at - (first := next(iter(self._recipients.values())).at) >= DAY:
            self._forget_first()
        # who stands first then can only be written to again: nobody's day is over before that one's
        self._quiet_until = first + DAY if self._recipients else at

    def _forget_first(self) -> None:
        _, one = self._recipients.popitem(last=False)
        tally = one.tally
        tally.recipients -= 1
        tally.opted_out -= one.opted_out != 0
        if not tally.recipients:
            del self._tallies[tally.name]


def _key(campaign: str, phone: str) -> int:
    """A number of 64 bits for the pair; that two pairs have one by chance is accepted, for a third of the room."""
    return hash((campaign, bare(phone)))
