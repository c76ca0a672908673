"""What a later version may write: more keys in every object whose keys are ours."""

from typing import cast

# Objects whose keys are whoever's who filled them: names, facts, measures.
_TABLES = frozenset({
    "allowed",
    "authorisations",
    "cameras",
    "consents",
    "evidence",
    "facts",
    "inputs",
    "known",
    "operator",
    "origins",
    "packs",
    "pictures",
    "pins",
    "places",
    "seconds",
    "sources",
    "upstreams",
    "users",
})  # fmt: skip


def widened(value: object) -> object:
    """JSON with one more key in each object of it that is no table."""
    if isinstance(value, list):
        return [*map(widened, cast(list[object], value))]
    if not isinstance(value, dict):
        return value
    fields = cast(dict[str, object], value)
    return {key: _inside(key, part) for key, part in fields.items()} | {"of-a-later-version": [1]}


def _inside(key: str, part: object) -> object:
    return part if key in _TABLES and isinstance(part, dict) else widened(cast(object, part))
