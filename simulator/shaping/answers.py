"""Responses as a form wants them: another status, another PDU, another body or none, another spelling of the id.

What was decided about the message is past here; this is what the wire shows. Not known here: the sequence_number, when
the response goes out and how often, and in how many segments.
"""

from collections.abc import Mapping
from typing import Final

from simulator.scenario.forms.forms import AnswerForm, Ids
from simulator.shaping.ids import spelled
from simulator.shaping.pdus import PduShape, characters_of
from simulator.smpp.fields import SmeAddress, Unsuccess
from simulator.smpp.pdu import Response
from simulator.smpp.pdus import PDU_CLASSES, Pdu, SubmitMulti, SubmitMultiResp, UnknownPdu, layout
from simulator.smpp.tlvs import TLVS, Book

AS_USUAL: Final = AnswerForm()


class AnswerShape:
    """The form of a response, made ready once for all of them; ``ids`` says how its message_id is spelled."""

    __slots__ = ("_form", "_pdu", "_spelling", "_unsuccess")

    def __init__(self, form: AnswerForm | None, ids: Ids | None = None, book: Book = TLVS) -> None:
        self._form = form or AS_USUAL
        self._pdu = PduShape(form, book)
        self._spelling = ids.response if ids else None
        self._unsuccess = {_bare(number): int(status) for number, status in (self._form.unsuccess or {}).items()}

    def pdu(
        self,
        response: Pdu,
        *,
        request: Pdu | None = None,
        message_id: str = "",
        previous_id: str = "",
        base: str | None = None,
        has_error_body: bool = False,
    ) -> Pdu:
        """The response as it goes out: the one given, changed, or another in its place.

        ``response`` is what would be sent without a scenario. ``message_id`` is the id that its message has, of which
        the spelling is made; empty where the response names none. ``previous_id`` and ``base`` as in ``ids.spelled``.
        ``has_error_body`` is whether a refusal of this kind has a body where the form does not say it.

        Whatever the form says of fields or TLVs brings the body back that an error leaves out, unless it says that
        there is none. TLVs without the body before them come as an UnknownPdu of the same number.
        """
        form = self._form
        if form.status is not None:
            response.command_status = int(form.status)
            if isinstance(response, Response):
                response.header_only = bool(response.command_status) and not (has_error_body or response.tlvs)
        if message_id and hasattr(response, "message_id") and self._names(response.message_id, response):
            told = spelled(self._spelling, message_id, previous_id, base=base)
            response.message_id = characters_of(told or "")
        if self._unsuccess and isinstance(response, SubmitMultiResp) and isinstance(request, SubmitMulti):
            response.unsuccess_sme = _failed(response.unsuccess_sme, request, self._unsuccess)
            response.header_only = False
        answer = response if form.command is None else _as_command(response, int(form.command))
        self._pdu.shaped(answer)
        if form.body == "omit":
            return _without_body(answer)
        if form.body == "full" and isinstance(answer, Response):
            answer.header_only = False
        return answer

    def _names(self, already: str, response: Pdu) -> bool:
        """Whether a response has the id in it: a refusal has none, unless it had or is to have all of its body."""
        return bool(already) or not response.command_status or self._form.body == "full"


def _as_command(response: Pdu, command_id: int) -> Pdu:
    """Another PDU with what both have in common."""
    pdu_class = PDU_CLASSES.get(command_id)
    ours = response.sequence_number, response.command_status, response.tlvs
    if pdu_class is None:
        return UnknownPdu(*ours, command_id=command_id)
    made = pdu_class(*ours)
    for name, _ in layout(pdu_class):
        if hasattr(response, name):
            setattr(made, name, getattr(response, name))
    if isinstance(made, Response):
        made.header_only = isinstance(response, Response) and response.header_only
    return made


def _without_body(answer: Pdu) -> Pdu:
    if isinstance(answer, Response) and not answer.tlvs:
        answer.header_only = True
        return answer
    ours = answer.sequence_number, answer.command_status, answer.tlvs
    return UnknownPdu(*ours, command_id=answer.command_id)


def _failed(already: tuple[Unsuccess, ...], request: SubmitMulti, statuses: Mapping[str, int]) -> tuple[Unsuccess, ...]:
    """What failed before, and the destinations of the request that are to have failed, as the request wrote them."""
    failed = {(one.ton, one.npi, one.addr): one for one in already}
    for one in request.dest_address:
        if isinstance(one, SmeAddress) and (status := statuses.get(_bare(one.addr))) is not None:
            failed[one] = Unsuccess(*one, status)
    return tuple(failed.values())


def _bare(number: str) -> str:
    return number.removeprefix("+")
