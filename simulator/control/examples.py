"""An example for every answer and parameter of the OpenAPI document, made from shapes and from what names mean here.

It knows the document and the names of members, and no SMSC.
"""

from collections.abc import Mapping
from typing import Any, Final

_MEMBERS: Final[Mapping[str, Any]] = {
    "account": "gateway",
    "alphabet": "gsm7",
    "at": "2026-01-31T12:00:00.000Z",
    "bind": "TRX",
    "carrier": {},
    "from": "12025550199",
    "kind": "submitted",
    "message_id": "1000000001",
    "name": "live[1]",
    "next": None,
    "number": "12025550100",
    "rule": {"when": {"destination": "12025550100"}, "then": {"silence": "unrecorded"}},
    "session": 1,
    "source": None,
    "state": "DELIVRD",
    "status": "ESME_ROK",
    "system_id": "gateway",
    "text": "hello",
    "time": "2026-01-31T12:00:00.000Z",
    "to": "12025550100",
    "version": "3.4",
}
"""What a member is like by its name, where its shape allows that."""
_PLAIN: Final[Mapping[str, Any]] = {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "null": None}
DEPTH_MAX: Final = 8


def show_examples(document: dict[str, Any], queries: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    """Put an example beside the schema of each answer in JSON, and beside each parameter that ``queries`` names."""
    schemas = document["components"]["schemas"]
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for status, told in operation["responses"].items():
                content = told.get("content", {}).get("application/json")
                if status.startswith("2") and content is not None:
                    content.setdefault("example", example_of(content.get("schema", {}), schemas))
            known = queries.get((method, path), {})
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in known:
                    parameter["example"] = known[parameter["name"]]


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "", depth: int = 0) -> Any:
    """A value that a schema allows."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name, depth + 1)
    if "const" in schema or "enum" in schema:
        return schema.get("const", next(iter(schema.get("enum", ())), None))
    if "anyOf" in schema:
        told = [one for one in schema["anyOf"] if one.get("type") != "null"]
        return example_of(told[0], schemas, name, depth + 1) if depth < DEPTH_MAX else None
    kind = schema.get("type")
    if kind == "object":
        return {key: example_of(one, schemas, key, depth + 1) for key, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [example_of(schema.get("items", {}), schemas, name, depth + 1)] if depth < DEPTH_MAX else []
    known = _MEMBERS.get(name)
    is_fitting = isinstance(known, str) if kind == "string" else isinstance(known, int) and kind == "integer"
    if is_fitting:
        return known
    if kind == "string" and (name.endswith("_at") or name in {"since", "until", "reached"}):
        return _MEMBERS["at"]
    return _PLAIN.get(str(kind), {})


__all__ = ["example_of", "show_examples"]
