"""The text of a receipt that was seen, taken apart: its values, and a template that puts such a text together again.

Knows the labels of SMPP 3.4, appendix B, in every spelling that was met, and forms of dates. Does NOT know PDUs, nor
what is done with a template.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

DATES: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S", "%y%m%d%H%M%S", "%Y%m%d%H%M", "%y%m%d%H%M")
"""Forms of dates that are known, the longer ones first; of twelve digits those that begin with the year of a century
in which there were mobile phones are tried last, because a day of the month has more to say against them."""
ECHO: Final = 20
"""Characters of the message that a receipt repeats by the book."""

_LABEL: Final = re.compile(
    r"(?<![A-Za-z0-9])(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text)([ ]?[:=])[ ]*", re.IGNORECASE
)
_NAMES: Final = {"submitdate": "submit_date", "donedate": "done_date"}
_VALUE: Final = re.compile(r"[^\s,;|&]*")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d|\d{14}|\d{12}|\d{10}")


@dataclass(slots=True)
class Seen:
    """What one text says. ``values`` by the names of placeholders, as they came; ``template`` has a placeholder where
    the next message has another value, and everything else as it stood there.
    """

    template: str
    values: dict[str, str] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    """Formats by `submit` and `done`, where the dates are such."""


def seen_in(text: str) -> Seen | None:
    """The text taken apart; None where it has no id or no stat, and so is no receipt."""
    seen = Seen("")
    end = 0
    pieces = []
    for name, start, stop in _places(text):
        value = text[start:stop]
        if name in seen.values:
            continue
        seen.values[name] = value
        pieces += [_literal(text[end:start]), _placeholder(seen, name, value)]
        end = stop
    if not seen.values.get("id") or not seen.values.get("stat"):
        return None
    seen.template = "".join([*pieces, _literal(text[end:])])
    return seen


def _places(text: str) -> Iterator[tuple[str, int, int]]:
    """(name, start, end) of each value; the message's text runs to the end, whatever it holds."""
    labels = list(_LABEL.finditer(text))
    for number, label in enumerate(labels):
        name = re.sub("[ _]", "", label[1].lower())
        name = _NAMES.get(name, name)
        if name == "text":
            after = labels[number + 1].start() if _goes_on(labels[:number], labels[number + 1 :]) else len(text)
            yield name, label.end(), len(text[:after].rstrip()) if after < len(text) else after
            if after == len(text):
                return
            continue
        stop = labels[number + 1].start() if number + 1 < len(labels) else len(text)
        if label.end() == stop:
            # an empty value; the space behind it is what stands between two fields
            yield name, label.end(2), label.end(2)
            continue
        form = _DATE if name.endswith("_date") and _DATE.match(text, label.end(), stop) else _VALUE
        match = form.match(text, label.end(), stop)
        assert match is not None  # a value may be empty
        yield name, match.start(), match.end()


def _goes_on(before: list[re.Match[str]], behind: list[re.Match[str]]) -> bool:
    """Whether fields of the receipt stand behind the message's text: where one that must be there has not come yet."""
    missing = {"id", "stat"} - {label[1].lower() for label in before}
    return bool(missing) and missing <= {label[1].lower() for label in behind}


def _placeholder(seen: Seen, name: str, value: str) -> str:
    if name in {"id", "stat", "err"}:
        return f"{{{name}}}"
    if name == "text":
        return "{text}" if value else ""
    if name in {"submit_date", "done_date"} and (form := date_form(value)):
        seen.dates[name.removesuffix("_date")] = form
        return f"{{{name}}}"
    # counts, and dates that are none: as they stood there
    return _literal(value)


def date_form(value: str) -> str:
    """The format of a date; empty where it has none that is known."""
    for form in DATES:
        try:
            parsed = datetime.strptime(value, form)  # noqa: DTZ007 - only its form is asked for
        except ValueError:
            continue
        # strptime takes a digit for two, and so would find a day in other digits' places
        if parsed.strftime(form) == value:
            return form
    return ""


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


__all__ = ["ECHO", "Seen", "date_form", "seen_in"]
