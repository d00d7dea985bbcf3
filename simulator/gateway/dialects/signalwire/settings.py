"""What SignalWire's dialect is told: projects, tokens, rules, prices, limits. Defaults are those published.

It knows forms and their defaults; whoever enforces them is elsewhere. Prices and the default of nothing but limits are
ours [I]: SignalWire's prices change, and its accounts are its customers' business.
"""

from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.gateway.dialects.texts import twice
from simulator.gateway.messages import NumberKind

MESSAGING: Final = "Messaging"
"""The scope that a token needs for all of this."""

SHORTENERS: Final = tuple("bit.ly goo.gl tinyurl.com tiny.cc lc.chat is.gd soo.gd s2r.co budurl.com bc.vc".split())
"""Hosts of public URL shorteners that SignalWire lists as spam."""

MEDIA_TYPES: Final = frozenset(
    "audio/mp4 audio/mpeg audio/mpeg3 audio/ogg audio/vorbis audio/vnd.wav audio/ac3 audio/amr audio/midi "
    "image/jpeg image/gif image/png image/bmp text/plain text/calendar text/vcard text/x-vcard "
    "video/mpeg video/mp4 video/quicktime video/h264 video/3gp".split()
)
"""What an MMS may carry."""


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Token(_Told):
    """One API token of a project and what it is good for."""

    token: str = Field(min_length=1)
    scopes: tuple[str, ...] = (MESSAGING,)


class Project(_Told):
    """One project: the customer whose numbers, messages and money are its own."""

    project_id: str = Field(min_length=1)
    """The user of HTTP Basic; a UUID at SignalWire."""
    space_id: str = ""
    tokens: tuple[Token, ...] = ()
    signing_key: str = ""
    """Signs callbacks; without it they carry no signature."""
    verified_caller_ids: tuple[str, ...] = ()
    """Digits of numbers that were verified, not purchased: no source of messages, and a trial's only destinations."""
    is_trial: bool = False
    """The platform's free trial: so many a day, to verified numbers only, with a prefix."""
    is_sole_proprietor: bool = False
    is_sending_disabled: bool = False
    credit: float | None = Field(None, ge=0, allow_inf_nan=False)
    """Dollars that may be charged before nothing can be sent any more; None: without end."""
    message_url: str = ""
    """Where inbound messages of numbers without an own URL go; empty: nowhere, and nothing happens."""
    message_kind: Literal["swml", "cxml"] = "swml"


class SignalwireSettings(_Told):
    """The dialect's part of the gateway's configuration."""

    projects: tuple[Project, ...] = ()
    body_max: int = Field(1600, ge=1)
    media_max: int = Field(8, ge=0)
    writes_max: int = Field(13_800, ge=1)
    """API writes of one project in ``writes_seconds``."""
    writes_seconds: float = Field(10.0, gt=0)
    trial_daily_max: int = Field(200, ge=0)
    trial_prefix: str = "[SignalWire Free Trial] "
    sole_proprietor_daily_max: int = Field(1000, ge=0)
    passthrough: tuple[str, ...] = ("988",)
    """Destinations that are no E.164 numbers and are taken as they are, with or without a plus sign."""
    blocked_destinations: tuple[str, ...] = ()
    """Digits that no message may go to: ``number_blacklisted``."""
    destinations: tuple[str, ...] = ()
    """Prefixes that may be sent to; empty: all. Others are ``destination_number_not_supported``."""
    filtered_hosts: tuple[str, ...] = ()
    """Hosts whose URLs are filtered on our side (``message_filtered``); SHORTENERS is the published list [I: off]."""
    filtered_words: tuple[str, ...] = ()
    """Words that are filtered on our side, in any case."""
    price_sms: float = Field(0.00415, ge=0, allow_inf_nan=False)
    """Dollars a segment, out and in [I]."""
    carrier_fees: dict[str, float] = Field(default_factory=dict)
    """Dollars a segment that a network takes, passed through, by its name as the gateway's prefixes give it."""
    history_days: int | None = Field(None, ge=1)
    """Logs older than this are refused (``exceeds_history_logs_limit``); None: none are."""
    error_url: str = "https://developer.signalwire.com/rest/overview/error-codes/#{code}"
    """Of each error's ``url``; the documents use another one elsewhere."""
    errs: Literal["sinch", "gsm"] = "sinch"
    """How carriers number a receipt's err where ``err_codes`` says nothing."""
    err_codes: dict[str, str] = Field(default_factory=dict)
    """A receipt's err to the code that customers see: passes before the table of ``errs``."""

    @model_validator(mode="after")
    def _differ(self) -> Self:
        twice("projects: two are named", (project.project_id for project in self.projects))
        return self


PROJECT: Final = "demo-signalwire"


def demo() -> SignalwireSettings:
    """Settings with one project to try things with."""
    project = Project(
        project_id=PROJECT,
        space_id="demo",
        tokens=(Token(token="PT-demo-signalwire"), Token(token="PT-demo-nothing", scopes=("Voice",))),  # noqa: S106
        signing_key="PSK-demo-signalwire",
    )
    return SignalwireSettings(projects=(project,))


def demo_account() -> dict[str, str]:
    """What GET /demo-accounts tells of it."""
    return {"username": PROJECT, "password": "PT-demo-signalwire", "from": "+12065550100"}


def campaign_of(kind: NumberKind, settings: Any) -> str:
    """The state of the campaign that a sender belongs to; ``active`` where nobody says, or no campaign is needed."""
    return str(settings.get("campaign", "active")) if kind is NumberKind.LONG_CODE else "active"


__all__ = [
    "MEDIA_TYPES",
    "MESSAGING",
    "PROJECT",
    "SHORTENERS",
    "Project",
    "SignalwireSettings",
    "Token",
    "campaign_of",
    "demo",
    "demo_account",
]
