"""The words, phrases and hosts that filters look for where a file names no others.

Data alone. Which categories are filtered is published by carriers' codes of conduct and by the industry's guidelines;
which words tell them is not. Every list here is therefore inferred [I]: enough to recognise the usual example of its
category, and nothing that a carrier has confirmed. No list repeats a slur: hate is told by its slogans.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SHAFT: Final = ("sex", "hate", "alcohol", "firearms", "tobacco")
"""The five categories that the industry calls so."""
GATED: Final = frozenset({"sex", "alcohol", "firearms", "tobacco", "gambling"})
"""Categories that are allowed with an age gate; that hate never is, and that gambling is, is inferred [I]."""

CONTENT: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "sex": ("xxx", "porn", "nudes", "escort", "escorts", "camgirl", "hookup", "sexting", "adult videos"),
        "hate": ("white power", "race war", "ethnic cleansing", "master race", "heil hitler", "gas the"),
        "alcohol": (
            *("alcohol", "beer", "vodka", "whiskey", "whisky", "tequila", "bourbon", "liquor", "wine", "cocktail"),
            *("cocktails", "happy hour", "hard seltzer"),
        ),
        "firearms": (
            *("firearm", "firearms", "gun", "guns", "handgun", "handguns", "rifle", "rifles", "shotgun", "ammo"),
            *("ammunition", "silencer", "ghost gun"),
        ),
        "tobacco": (
            *("tobacco", "cigarette", "cigarettes", "cigar", "cigars", "vape", "vapes", "vaping", "nicotine"),
            *("e cigarette", "hookah"),
        ),
        "cannabis": ("cannabis", "marijuana", "cbd", "thc", "weed", "dispensary", "delta 8", "edibles", "kush"),
        "gambling": (
            "casino",
            "casinos",
            "jackpot",
            "sportsbook",
            "slots",
            "free spins",
            "poker",
            "roulette",
            "bet now",
        ),
        "lending": (
            *("payday loan", "payday loans", "cash advance", "no credit check", "title loan", "short term loan"),
            *("bad credit ok", "guaranteed approval"),
        ),
        "debt_relief": (
            *("debt relief", "debt consolidation", "debt forgiveness", "credit repair", "student loan forgiveness"),
            *("settle your debt", "reduce your debt"),
        ),
        "lead_generation": (
            *("compare quotes", "free quote", "work from home", "home based business", "cash offer for your house"),
            *("make money fast", "be your own boss"),
        ),
        "sweepstakes": (
            *("sweepstakes", "you have won", "you won", "youve won", "claim your prize", "lucky winner", "free iphone"),
            *("gift card winner", "giveaway"),
        ),
    }
)
"""Each category that content rules name, with what tells it. A phrase matches whatever stands between its words."""

SHORTENERS: Final = frozenset(
    "bit.ly tinyurl.com goo.gl t.co ow.ly is.gd v.gd buff.ly cutt.ly tiny.cc rb.gy t.ly shorturl.at rebrand.ly adf.ly "
    "bl.ink s.id lnkd.in soo.gd tny.im x.co trib.al dlvr.it shorte.st clck.ru qr.ae po.st u.to chilp.it".split()
)
"""Public shorteners: hosts that many senders share, so that nobody sees from the link whose it is."""

BAIT: Final = (
    *("account", "bank", "card", "parcel", "package", "delivery", "invoice", "refund", "wallet", "payment", "password"),
    *("tax", "toll", "customs", "subscription", "apple id", "social security", "gift card", "inheritance", "benefits"),
)
"""What phishing is about."""
PRESSURE: Final = (
    *(
        "verify",
        "confirm",
        "suspended",
        "locked",
        "urgent",
        "immediately",
        "unpaid",
        "overdue",
        "unusual",
        "restricted",
    ),
    *("expires today", "final notice", "log in", "login", "act now", "claim", "unauthorized", "reactivate", "validate"),
)
"""What it says must be done, or has happened."""

OPT_OUT: Final = (
    *("stop", "stopall", "unsubscribe", "optout", "opt out", "arret", "arrêt"),
    *("reply end", "text end", "send end", "reply quit", "text quit", "send quit", "reply cancel", "text cancel"),
    *("send cancel", "reply revoke", "text revoke", "send revoke"),
)
"""What tells a recipient how to opt out. Words that mean other things, too, count only after a verb of sending."""
