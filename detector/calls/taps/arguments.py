"""What the arguments of a host's calls say: which model it opens, and what goes into it."""

import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _nothing(*_: object, **__: object) -> Iterable[object]:
    return ()


def its_arrays(result: object, *_: object, **__: object) -> "Iterator[NDArray[Any]]":
    """The arrays of a call's result: one, or those of lists, tuples and mappings, these in each other as well. What
    another library has for an array is taken as numpy takes it; whatever else there is, is passed over."""
    if isinstance(result, Mapping):
        result = [*cast(Mapping[object, object], result).values()]
    if isinstance(result, list | tuple | Iterator):
        for one in cast(Iterable[object], result):
            yield from its_arrays(one)
    elif hasattr(result, "__array__"):
        yield cast(Any, result).__array__()


class Look(NamedTuple):
    """How to look at a call.

    Attributes:
        inputs: from the arguments of the call, its object first, what goes into the model.
        outputs: from its result and its arguments, what the model answered, as arrays; None where that comes when
            nobody looks.
        covers: whether what the call makes further down has been judged with it.
    """

    inputs: Callable[..., Iterable[object]] = _nothing
    outputs: Callable[..., Iterable[object]] | None = its_arrays
    covers: bool = False


def first(_: object, value: Any, *__: object, **___: object) -> Iterable[object]:
    """The inputs of a call whose first argument is all that goes in; a list of them counts as many."""
    return cast(Iterable[object], value) if isinstance(value, list | tuple) else (value,)


def content_of(args: Iterable[object], kwargs: dict[str, object]) -> bytes | Path | None:
    """Of the arguments that open a model the one that is it: the first file, or what holds bytes."""
    named = [kwargs[key] for key in sorted(kwargs, key=lambda key: "model" not in key.lower())]
    for given in (*args, *named):
        if content := _content(given):
            return content
    return None


def _content(given: Any) -> bytes | Path | None:
    if isinstance(given, str | os.PathLike):
        path = Path(cast(str, given))
        return path if path.is_file() else None
    return bytes(cast(bytes, given)) if isinstance(given, (bytes, bytearray, memoryview, _array_type())) else None


def _array_type() -> type:
    """numpy's array; where numpy is not imported, nobody can hold one."""
    return getattr(sys.modules.get("numpy"), "ndarray", bytes)


def name_of(content: bytes | Path | None) -> str:
    """What to call a model of which no more is known."""
    return str(content) if isinstance(content, Path) else "a model from memory"


def lazily(
    of_call: Callable[..., Iterable[object]], args: tuple[object, ...], kwargs: dict[str, object]
) -> Generator[object]:
    """What goes in or comes out, made when it is asked for. Arguments that are no call's are the runtime's to complain
    of; in the place of what could not be looked at stands an object of nobody's."""
    try:
        yield from of_call(*args, **kwargs)
    except Exception:  # noqa: BLE001 - a runtime refuses as it likes
        yield object()
