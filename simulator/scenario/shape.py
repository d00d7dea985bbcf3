"""What every part of a scenario's shape has in common: strict keys, words, short forms, and errors as plain values.

Pydantic checks types; whatever it cannot know is checked here on what was given, before any object is made, so that
all that is wrong is told at once. An error is a Found with a path from the part it is in; nobody here knows files.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, NoReturn, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from simulator.scenario.words.wire_words import UnknownName, nearest, one_of
from simulator.scenario.words.words import WordError, quoted
from simulator.smpp.tlvs import TLVS, Book

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is wrong: where (from the part that tells it), what was found, what is allowed, and a hint.

    ``is_key``: the key at that place is wrong, and not its value.
    """

    path: Path
    found: str
    allowed: str
    hint: str = ""
    is_key: bool = False

    @property
    def spelled_path(self) -> str:
        """The path as one writes it: `rules[3].then.reject`."""
        return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in self.path).removeprefix(".")


@dataclass(frozen=True, slots=True)
class Names:
    """What a scenario has given names to; passed as pydantic's validation context.

    Without ``book``, those of the specifications; the others are None where nothing is declared, because the names
    may then come from another file.
    """

    book: Book = field(default_factory=lambda: TLVS)
    accounts: tuple[str, ...] | None = None
    phases: tuple[str, ...] | None = None
    piles: tuple[str, ...] | None = None
    variables: tuple[str, ...] | None = None
    networks: tuple[str, ...] | None = None
    brands: tuple[str, ...] | None = None
    campaigns: tuple[str, ...] | None = None


_NO_NAMES: Final = Names()


def names_of(context: object) -> Names:
    """The names of a validation context; without one, those of the specifications alone."""
    return context if isinstance(context, Names) else _NO_NAMES


def refuse(*found: Found) -> NoReturn:
    """Tell pydantic what is wrong."""
    raise _error(found)


def _error(found: Sequence[Found], inner: Sequence[Any] = ()) -> PydanticCustomError:
    return PydanticCustomError("refused", "refused", {"found": tuple(found), "inner": tuple(inner)})


def described(value: object) -> str:
    """A value as an error names it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case int() | float():
            return spelling(value)
    return quoted(value if isinstance(value, str) else str(value))


class SpelledInt(int):
    """A number of a file that remembers how it was written."""

    text: str


class SpelledFloat(float):
    """The same with a fraction."""

    text: str


def spelling(number: float) -> str:
    """How a number was written."""
    return number.text if isinstance(number, SpelledInt | SpelledFloat) else str(number)


def text_of(value: object) -> str | None:
    """The text that a value is, or that a number was written as; None for anything else."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return spelling(value)
    return None


@dataclass(frozen=True)
class Word:
    """Marks a field that is a word: its text is parsed, its object taken as it is, and printed by str().

    ``parse`` gets the text, and the Names where ``is_named``. ``has_numbers``: a bare number is such a text, too.
    """

    parse: Callable[..., Any]
    kind: type | tuple[type, ...]
    allowed: str
    examples: tuple[str | int, ...] = ()
    choices: tuple[str, ...] = ()
    has_numbers: bool = False
    is_named: bool = False
    meant: str = ""
    """What a bare number was probably meant as: `{}s`."""

    def read(self, value: object, names: Names) -> Any:
        """The object. Raises WordError."""
        if isinstance(value, self.kind) and not isinstance(value, str):
            return value
        text = text_of(value)
        if text is None or (not isinstance(value, str) and not self.has_numbers):
            hint = self.meant.format(text) if text is not None else ""
            raise UnknownName(described(value), self.allowed, hint)
        return self.parse(text, names) if self.is_named else self.parse(text)

    def _validated(self, value: object, info: core_schema.ValidationInfo) -> Any:
        try:
            return self.read(value, names_of(info.context))
        except WordError as error:
            refuse(Found((), error.found, error.allowed, getattr(error, "hint", "")))

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            self._validated, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        if self.choices:
            # a version may be written without quotes
            numbers = [float(one) for one in self.choices if one.replace(".", "", 1).isdigit()]
            return {"enum": [*self.choices, *numbers]}
        types: Any = ["string", "number"] if self.has_numbers else "string"
        return {"type": types, "description": self.allowed, "examples": list(self.examples)}


def choice(what: str, *names: str) -> Word:
    """A word that is one of these."""
    allowed = ", ".join(names)
    return Word(lambda text: one_of(text, names, what, allowed), (), allowed, choices=names, has_numbers=True)


def _plain(text: str) -> str:
    return text


TEXT: Final = Word(_plain, (), "a text", has_numbers=True)
"""Any text; a number is taken as it was written."""


class _Listed:
    """Marks a tuple that a file writes as a list; a single one may stand without."""

    def __init__(self, *, is_single: bool) -> None:
        self.is_single = is_single

    def _given(self, value: object) -> object:
        if isinstance(value, list):
            return tuple(value)
        if self.is_single and value is not None and not isinstance(value, tuple):
            return (value,)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._given, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        written = handler(schema)
        return {"anyOf": [written["items"], written]} if self.is_single else written


LISTED: Final = _Listed(is_single=False)
SEVERAL: Final = _Listed(is_single=True)


class Shape(BaseModel):
    """A mapping with fixed keys. Frozen; unknown keys are refused; None is the same as not given."""

    model_config = ConfigDict(
        defer_build=True,
        extra="forbid",
        strict=True,
        frozen=True,
        arbitrary_types_allowed=True,
        use_attribute_docstrings=True,
        protected_namespaces=(),
    )

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ()
    """JSON Schemas of what may stand in place of the mapping."""
    allowed: ClassVar[str] = ""
    """What may stand here, where it is more than a mapping."""
    synonyms: ClassVar[Mapping[str, str]] = {}
    """Other names of keys."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """The mapping that a short form stands for; what is none comes back as it is."""
        return value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """What is wrong beyond types. ``given`` is what was written, any value of it perhaps wrong itself."""
        yield from ()

    @classmethod
    def misplaced(cls, key: str) -> str:
        """Where a key that is unknown here belongs, if that can be told."""
        return ""

    @model_validator(mode="wrap")
    @classmethod
    def _whole(cls, value: Any, handler: Callable[[Any], Any], info: core_schema.ValidationInfo) -> Any:
        if isinstance(value, cls):
            return handler(value)
        names = names_of(info.context)
        given = cls.spelled_out(value, names)
        if not isinstance(given, dict):
            allowed = cls.allowed or f"a mapping of {', '.join(cls.model_fields)}"
            hint = nearest(given, cls._bare()) or cls.misplaced(given) if isinstance(given, str) else ""
            refuse(Found((), described(given), allowed, hint))
        known = cls.__pydantic_fields__
        said = {key: one for key, one in given.items() if one is not None and key in known}
        found = [] if len(said) == len(given) else [cls._unknown(key) for key in given if key not in known]
        if said or not found:
            # where all keys are unknown, that is what is wrong, and not that nothing is said
            found += cls.contradictions(said, names)
        try:
            made = handler(said)
        except ValidationError as error:
            if not found:
                raise
            raise _error(found, error.errors(include_url=False)) from None
        if found:
            refuse(*found)
        return made

    @classmethod
    def _bare(cls) -> list[str]:
        """The words that may stand for the mapping."""
        return [word for form in cls.short_forms for word in form.get("enum", ())]

    @classmethod
    def _unknown(cls, key: object) -> Found:
        name = str(key)
        hint = nearest(name, cls.model_fields) or cls.misplaced(name)
        return Found((name,), f"unknown key {quoted(name)}", ", ".join(cls.model_fields), hint, is_key=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        written = handler(schema)
        properties = handler.resolve_ref_schema(written).get("properties", {})
        for synonym, name in cls.synonyms.items():
            properties[synonym] = properties[name]
        return {"anyOf": [written, *cls.short_forms]} if cls.short_forms else written

    @property
    def said(self) -> tuple[str, ...]:
        """The keys that hold anything."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is not None)


def given_list(value: object) -> list[Any]:
    """What was written, as a list: the elements of a list, or the single one; nothing for None."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def exactly_one(given: Mapping[str, Any], keys: Sequence[str], what: str) -> Iterator[Found]:
    """What is wrong unless exactly one of these keys is there."""
    there = [key for key in keys if key in given]
    if not there:
        yield Found((), f"{what} says nothing", f"one of {', '.join(keys)}")
    for key in there[1:]:
        yield Found((key,), f"{key} beside {there[0]}", f"only one of {', '.join(keys)}", is_key=True)


def at_most_one(given: Mapping[str, Any], keys: Sequence[str]) -> Iterator[Found]:
    """What is wrong if more than one of these keys is there."""
    there = [key for key in keys if key in given]
    for key in there[1:]:
        yield Found((key,), f"{key} beside {there[0]}", f"only one of {', '.join(keys)}", is_key=True)


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one: for looking into what may be anything."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
