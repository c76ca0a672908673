"""The public names, with their docstrings."""

import inspect
import re
from collections.abc import Callable, Iterator
from types import ModuleType

from facewarden import detector, streams

from .markdown import page, prose

_INTRO = """These names are a contract; every other one may change. They are loaded when they are first used, so that a
program which only judges facts loads no OpenCV."""
_MODULE = re.compile(r"\b(?:[a-z_]+\.)+(?=[A-Za-z])")


def render() -> str:
    """The page."""
    return page("Public API", _INTRO, *_module(detector), *_module(streams))


def _module(module: ModuleType) -> Iterator[str]:
    yield f"## {module.__name__}"
    yield prose(module.__doc__)
    for name in sorted(module.__all__):
        yield from _name(f"{module.__name__}.{name}", getattr(module, name))


def _name(where: str, thing: object) -> Iterator[str]:
    yield f"### {where.rpartition('.')[2]}"
    if callable(thing):
        yield f"```python\n{_signature(where, thing)}\n```"
    yield prose(thing.__doc__)
    if inspect.isclass(thing):
        yield from _methods(where, thing)


def _methods(where: str, kind: type) -> Iterator[str]:
    for name, member in vars(kind).items():
        member = getattr(member, "__func__", member)
        if name.startswith("_") or not member.__doc__ or not (callable(member) or isinstance(member, property)):
            continue
        yield f"#### {where.rpartition('.')[2]}.{name}"
        if callable(member):
            yield f"```python\n{_signature(name, member)}\n```"
        yield prose(member.__doc__)


def _signature(name: str, thing: Callable[..., object]) -> str:
    try:
        return name + _MODULE.sub("", str(inspect.signature(thing)))
    except (TypeError, ValueError):  # a type that has none
        return name
