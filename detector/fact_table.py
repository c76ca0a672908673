"""Tables of facts as JSON Schema has them: names and values of `facts`, for the types of what people write."""

from typing import Annotated, Any, Final, TypeAlias

from msgspec import Meta

from .facts import CHOICES, FLAGS, PATTERNS

Table: TypeAlias = dict[str, object]
_PROPERTIES: Final[dict[str, Any]] = {
    **{name: {"enum": list(values)} for name, values in CHOICES.items()},
    **{name: {"type": "boolean"} for name in sorted(FLAGS)},
    **{name: {"type": "string", "pattern": f"^(?:{pattern.pattern})$"} for name, (pattern, _) in PATTERNS.items()},
    "date": {"type": "string", "format": "date"},
}
_FACTS: Final[dict[str, Any]] = {"type": "object", "properties": _PROPERTIES, "additionalProperties": False}
_CAMERA: Final[dict[str, Any]] = {**_FACTS, "properties": {"place": {"type": "string"}, **_PROPERTIES}}

# Not of objects: what a value can be is said by the properties alone.
FactTable: TypeAlias = Annotated[dict[str, Any], Meta(extra_json_schema=_FACTS)]
Places: TypeAlias = dict[str, Annotated[object, Meta(extra_json_schema=_FACTS)]]
Cameras: TypeAlias = dict[str, Annotated[object, Meta(extra_json_schema=_CAMERA)]]
Service: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": list(CHOICES["service"])})]
Task: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": list(CHOICES["task"])})]
