"""The text of a receipt as a form wants it: fields and labels, dates, the state's word, the err.

Without a form it is the text of SMPP 3.4, appendix B, as sms/receipts.py writes it. Knows no PDU, no octets and no
charset; whether a parser can read the text is what the form's author wanted to know.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from string import Formatter
from typing import Final, TypeVar

from simulator.scenario.forms.forms import RECEIPT_FIELDS, DateForm, ErrForm, StatForm, TextForm
from simulator.shaping.facts import Facts
from simulator.sms.receipts import TEXT_LENGTH_MAX, shown, stat_of

T = TypeVar("T")
_Told = Callable[[Facts, str], str]
"""(facts, the id as it is spelled in the text) -> what stands there."""

# --- Dates ---

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_NORMAL_DATE: Final = "%y%m%d%H%M"
_ZEROS: Final = "0" * 10
"""As long as a normal date."""
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
# By hand, because strftime's names are those of the machine's language.
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DIRECTIVES: Final[dict[str, Callable[[datetime], str]]] = {
    "y": lambda at: f"{at.year % 100:02d}",
    "Y": lambda at: f"{at.year:04d}",
    "m": lambda at: f"{at.month:02d}",
    "d": lambda at: f"{at.day:02d}",
    "H": lambda at: f"{at.hour:02d}",
    "M": lambda at: f"{at.minute:02d}",
    "S": lambda at: f"{at.second:02d}",
    "j": lambda at: f"{at.timetuple().tm_yday:03d}",
    "f": lambda at: f"{at.microsecond:06d}",
    "b": lambda at: _MONTHS[at.month - 1][:3],
    "B": lambda at: _MONTHS[at.month - 1],
    "a": lambda at: _DAYS[at.weekday()][:3],
    "A": lambda at: _DAYS[at.weekday()],
}


@lru_cache(maxsize=256)
def dated(form: str | None, zone: str | None, shift: str | None) -> Callable[[float], str]:
    """How unix seconds are told: ``form`` is blank, zeros, or a format as strftime's, its names in English.

    ``zone`` is UTC or a difference as in `+02:00`, ``shift`` how far the clock is wrong as in `-30m`. Without a form:
    YYMMDDhhmm.
    """
    form = _NORMAL_DATE if form is None else form
    if "%" not in form:
        fixed = {"blank": "", "zeros": _ZEROS}.get(form, form)
        return lambda _: fixed
    minutes = _minutes(zone)
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
    ahead = minutes * 60 + (int(shift[:-1]) * _SECONDS[shift[-1]] if shift else 0)
    pieces = [_dated_piece(piece, offset) for piece in _cut_at_directives(form)]

    # receipts of one second are many, and dates the dearest part of their text
    @lru_cache(maxsize=1024)
    def told(at: float) -> str:
        moment = _moment(at + ahead)
        return "".join([piece if isinstance(piece, str) else piece(moment) for piece in pieces])

    return told if "%f" in form else lambda at: told(at // 1)


def _minutes(zone: str | None) -> int:
    if zone is None or zone == "UTC":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return -minutes if zone[0] == "-" else minutes


def _moment(unix_seconds: float) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=unix_seconds)
    except OverflowError:
        # a clock that is wrong by two thousand years stands at the first or last day that there is
        return _LAST if unix_seconds > 0 else _FIRST


def _cut_at_directives(form: str) -> list[str]:
    """The directives, each with its percent sign, and what stands between."""
    pieces, at = [], 0
    while at < len(form):
        end = at + 2 if form[at] == "%" else form.find("%", at)
        end = len(form) if end < 0 else end
        pieces.append(form[at:end])
        at = end
    return pieces


def _dated_piece(piece: str, offset: str) -> str | Callable[[datetime], str]:
    if piece[0] != "%":
        return piece
    return {"%": "%", "z": offset}.get(piece[1]) or _DIRECTIVES[piece[1]]


# --- The state and the err ---


def _stat(form: StatForm | None) -> _Told:
    if form is None:
        return lambda facts, _: stat_of(facts.state_number)
    words, constant, width = form.words or {}, form.constant, form.width or 0
    lettered: Callable[[str], str] = {
        "upper": str.upper,
        "lower": str.lower,
        "title": str.capitalize,
    }.get(form.letters or "", str)

    @cache
    def word(state: str, number: int) -> str:
        return lettered(in_state(words, state, number, stat_of(number) if constant is None else constant)).ljust(width)

    return lambda facts, _: word(facts.state, facts.state_number)


def in_state(said: Mapping[str, T], state: str, number: int, otherwise: T) -> T:
    """What is said of a state, by its own word or by that which its receiver knows message_state ``number`` under."""
    return said.get(state, said.get(stat_of(number), otherwise))


def _err(form: ErrForm | None) -> _Told:
    if form is None:
        return lambda facts, _: facts.err
    states, constant, width, base = form.states or {}, form.constant, form.width, form.base

    # what is said in words stands as it is: it may be empty, or longer than all others
    @lru_cache(maxsize=1024)
    def word(state: str, number: int, err: str) -> str:
        said = in_state(states, state, number, constant)
        return _number(err, width, base) if said is None else said

    return lambda facts, _: word(facts.state, facts.state_number, facts.err)


def _number(err: str, width: int | None, base: str | None) -> str:
    digits = err
    if err.isdecimal():
        digits = f"{int(err):x}" if base == "hex" else str(int(err))
    return digits.rjust(len(err) if width is None else width, "0")


# --- The text ---

_LABELS: Final = {name: name.replace("_", " ") for name in RECEIPT_FIELDS} | {"text": "Text"}
# Made once: to validate even an empty form costs more than to write a receipt.
_NO_TEXT: Final = TextForm()
_NO_DATES: Final = DateForm()
_Pieces = tuple[str | _Told, ...]
_Ready = tuple[str, tuple[_Told, ...]]
"""A text for the % operator, and what fills its places."""


class TextShape:
    """How the texts of receipts are written, made ready once for a form's four parts, each of which may be None.

    ``is_raw``: the message is repeated as it is, whatever characters it has; else as text that reads alike in ASCII
    and in the GSM alphabet, on one line (see sms/receipts.py).
    """

    __slots__ = ("_whole", "_without_id")

    def __init__(
        self,
        text: TextForm | None = None,
        dates: DateForm | None = None,
        stat: StatForm | None = None,
        err: ErrForm | None = None,
        *,
        is_raw: bool = False,
    ) -> None:
        text = text or _NO_TEXT
        told = _NATURAL | {
            **_dates(dates or _NO_DATES),
            "stat": _stat(stat),
            "err": _err(err),
            "text": _repeated(TEXT_LENGTH_MAX if text.echo is None else text.echo, is_raw=is_raw),
        }
        # another value may be made of the natural ones, its own among them
        told |= {name: _joined(_pieces(value, told)) for name, value in (text.values or {}).items()}
        front, back = _pieces(text.prefix or "", told), _pieces(text.suffix or "", told)
        if text.template is not None:
            self._whole = self._without_id = _ready((*front, *_pieces(text.template, told), *back))
            return
        names = _ordered(text)
        self._whole = _ready((*front, *_fields(text, names, told), *back))
        names = [name for name in names if name != "id"]
        self._without_id = _ready((*front, *_fields(text, names, told), *back))

    def text(self, facts: Facts, id_text: str | None) -> str:
        """The text. Without an id (None) its field is left out, and a template has nothing in its place."""
        if id_text is None:
            return _filled(self._without_id, facts, "")
        return _filled(self._whole, facts, id_text)


_NATURAL: Final[dict[str, _Told]] = {
    "id": lambda _, id_text: id_text,
    "sub": lambda facts, _: f"{facts.sub:03d}",
    "dlvrd": lambda facts, _: f"{facts.dlvrd:03d}",
    "source": lambda facts, _: facts.source.number,
    "destination": lambda facts, _: facts.destination.number,
    "account": lambda facts, _: facts.account,
    "part": lambda facts, _: str(facts.part),
    "total": lambda facts, _: str(facts.total),
}


def _dates(form: DateForm) -> dict[str, _Told]:
    submitted, done = (dated(one, form.zone, form.shift) for one in (form.submit, form.done))
    return {
        "submit_date": lambda facts, _: submitted(facts.submitted_at),
        "done_date": lambda facts, _: done(facts.done_at),
    }


def _repeated(count: int, *, is_raw: bool) -> _Told:
    if is_raw:
        return lambda facts, _: facts.text[:count]
    return lambda facts, _: shown(facts.text[:count]).decode("ascii")


def _ordered(text: TextForm) -> list[str]:
    """The fields that are there, in their order."""
    first = text.order or ()
    names = dict.fromkeys((*first, *RECEIPT_FIELDS))
    return [name for name in names if name not in (text.omit or ())]


def _fields(text: TextForm, names: Iterable[str], told: Mapping[str, _Told]) -> _Pieces:
    """Label and value of each field. An empty label takes its colon with it."""
    labels = _LABELS | (text.labels or {})
    colon = ":" if text.colon is None else text.colon
    separator = " " if text.separator is None else text.separator
    pieces: list[str | _Told] = []
    for name in names:
        label = labels[name]
        pieces += [separator if pieces else "", f"{label}{colon}" if label else "", told[name]]
    return tuple(pieces)


def _pieces(template: str, told: Mapping[str, _Told]) -> _Pieces:
    """A template with its placeholders as what fills them."""
    pieces: list[str | _Told] = []
    for literal, name, _, _ in Formatter().parse(template):
        pieces.append(literal)
        if name is not None:
            pieces.append(told[name])
    return tuple(pieces)


def _ready(pieces: _Pieces) -> _Ready:
    literals = ["%s" if not isinstance(piece, str) else piece.replace("%", "%%") for piece in pieces]
    return "".join(literals), tuple(piece for piece in pieces if not isinstance(piece, str))


def _filled(ready: _Ready, facts: Facts, id_text: str) -> str:
    return ready[0] % tuple([told(facts, id_text) for told in ready[1]])


def _joined(pieces: _Pieces) -> _Told:
    ready = _ready(pieces)
    return lambda facts, id_text: _filled(ready, facts, id_text)
