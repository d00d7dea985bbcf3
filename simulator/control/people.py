"""Subscribers over HTTP: how each phone is and who decided so, told and changed live.

What comes is in the words of a scenario file. It knows people by their numbers; what follows from a change for messages
on their way is smsc/people.py's.
"""

from collections.abc import Callable
from itertools import islice
from math import inf
from typing import Annotated, Any, Final

from fastapi import Body, Query, Response
from pydantic import Field

from simulator.carrier.phones.answers import Answer
from simulator.control.answers import Refusal, answer, json_octets
from simulator.control.asked import LIMIT_MAX, Number
from simulator.control.given import formed, invalid
from simulator.control.moments import moment_from, moment_text
from simulator.control.registry import networks_in
from simulator.control.routes import Route
from simulator.control.row_shapes import Shape
from simulator.scenario.networks.phone_forms import Phone
from simulator.scenario.shape import Found, Names
from simulator.smsc.smsc import Smsc
from simulator.smsc.subscribers.people import People, Person

_ALL: Final = "/api/subscribers"
_ONE: Final = "/api/subscribers/{number}"
_CHANGED: Final = ("not_asked", "invalid", "too_large")


class AnswerShape(Shape):
    """What somebody answers to a share of the messages that reach him, one of ``texts``, ``after`` so long."""

    share: float
    texts: list[str]
    after: str


class SubscriberShape(Shape):
    """A phone as it is now."""

    number: str
    network: str | None = Field(description="where the number plan sends messages to it; null where no network has it")
    state: str
    until: str | None = Field(description="carrier time from which on it is otherwise; null: until somebody changes it")
    ported_to: str | None = Field(description="the network that it has moved to; null where nobody said so")
    is_changed: bool = Field(description="whether anybody has said how it is; else the seed and its number decide")
    why: str
    answers: list[AnswerShape] | None = Field(description="of this phone alone; null: as others of its network")
    waiting: int = Field(description="messages that it has not taken yet and that are tried again")


class SubscribersShape(Shape):
    """One page of the phones of which anything was said. ``total`` counts them all."""

    subscribers: list[SubscriberShape]
    next: str | None = Field(description="the next page's cursor; null on the last one")
    total: int


class SubscribersQuery(Shape):
    """Which of them."""

    limit: int = Field(100, ge=1, le=LIMIT_MAX, description="how many rows at most")
    cursor: int = Field(0, ge=0, description="what the previous page gave as next")


PEOPLE_ROUTES: Final = (
    Route(*("GET", _ALL, "subscribers", SubscribersShape, 200, "Changed phones, in pages"), ("not_asked", "invalid")),
    Route(*("GET", _ONE, "subscriber", SubscriberShape, 200, "How a phone is, and why"), ("not_asked", "invalid")),
    Route(*("PUT", _ONE, "put_subscriber", SubscriberShape, 200, "It is so, whatever it was"), _CHANGED),
    Route(*("PATCH", _ONE, "change_subscriber", SubscriberShape, 200, "Something of it changes"), _CHANGED),
    Route(
        *("DELETE", _ONE, "restore_subscriber", SubscriberShape, 200, "The seed and its number decide again"),
        ("not_asked", "invalid"),
    ),
)

PhoneBody = Annotated[
    Any,
    Body(
        examples=[
            {"state": "off", "lasts": "2h"},
            {"state": "roaming", "until": "2026-01-31T12:00:00Z"},
            {"ported_to": "tmobile", "routed": True},
            {"answers": [{"kind": "stop", "after": "20s"}]},
            "deactivated",
        ]
    ),
]


class Subscribing:
    """The deeds of the table, for one SMSC."""

    def __init__(self, smsc: Smsc, clock: Callable[[], float]) -> None:
        self._smsc = smsc
        self._clock = clock

    async def subscribers(self, query: Annotated[SubscribersQuery, Query()]) -> Response:
        """In the order in which they were changed. Pages: give `next` as `cursor` until it is null."""
        people, now = self._people(), self._clock()
        total, end = people.changed_count, query.cursor + query.limit
        shown = [_person_json(people.person(one, now)) for one in islice(people.changed(), query.cursor, end)]
        return _json({"subscribers": shown, "next": str(end) if end < total else None, "total": total})

    async def subscriber(self, number: Number) -> Response:
        """Every number is somebody's. Nothing is changed by looking."""
        return _json(_person_json(self._people().person(number, self._clock())))

    async def put_subscriber(self, number: Number, phone: PhoneBody) -> Response:
        """In the words of the file's `subscribers:`, or with `until` in place of `lasts`. What is not said is as of a
        phone that is on and never moved. What has waited for it is tried again by the schedule of its network.
        """
        return self._said(number, phone, anew=True)

    async def change_subscriber(self, number: Number, phone: PhoneBody) -> Response:
        """The same, and what is not said stays as it is."""
        return self._said(number, phone, anew=False)

    async def restore_subscriber(self, number: Number) -> Response:
        """Nothing is said of it any more: the seed, its number and the number plan decide."""
        return _json(_person_json(self._people().restore(number, self._clock())))

    def _said(self, number: str, given: Any, *, anew: bool) -> Response:
        people, now, until = self._people(), self._clock(), None
        if isinstance(given, dict):
            given = dict(given)
            until = _until(given)
            if not anew and "lasts" in given and "state" not in given:
                # it goes on being what it is
                given["state"] = people.person(number, now).state
        phone = formed(Phone, given, Names(networks=tuple(networks_in(self._smsc).networks)))
        if not anew and not phone.said and until is None:
            raise invalid([Found((), "nothing to change", f"one of {', '.join(Phone.model_fields)}, until")])
        try:
            return _json(_person_json(people.say(number, phone, now, until=until, anew=anew)))
        except ValueError as error:
            raise Refusal("invalid", str(error)) from error

    def _people(self) -> People:
        people = self._smsc.phones.people
        networks_in(self._smsc)
        assert people is not None
        return people


def _until(given: dict[str, Any]) -> float | None:
    """The moment that is said, which no file can say. Raises Refusal for what is none."""
    if "until" not in given:
        return None
    told = given.pop("until")
    if "lasts" in given:
        raise invalid([Found(("until",), "until beside lasts", "one of both", is_key=True)])
    try:
        return moment_from(str(told))
    except ValueError as error:
        raise invalid([Found(("until",), repr(told), str(error))]) from error


def _person_json(person: Person) -> dict[str, Any]:
    return {
        "number": person.number,
        "network": person.network or None,
        "state": person.state,
        "until": None if person.until == inf else moment_text(person.until),
        "ported_to": person.ported_to or None,
        "is_changed": person.is_changed,
        "why": person.why,
        "answers": None if person.answers is None else [_answer_json(one) for one in person.answers],
        "waiting": person.waiting,
    }


def _answer_json(one: Answer) -> dict[str, Any]:
    return {"share": one.share, "texts": list(one.texts), "after": str(one.after)}


def _json(value: dict[str, Any]) -> Response:
    return answer(json_octets(value))


__all__ = ["PEOPLE_ROUTES", "Subscribing"]
