"""Which source a call is on: said, read, or seen in its pictures."""

from collections.abc import Callable, Iterable, Mapping

from .attribution import Attribution
from .content import check, match
from .declared import Declared
from .reading import Reading
from .recent import Recent, Showing

__all__ = ["Attribution", "Declared", "Reading", "Recent", "Showing", "attribute", "match"]


def attribute(
    source: str | None,
    inputs: Iterable[object],
    declared: Declared,
    reading: Reading,
    recents: Callable[[], Mapping[str, Showing]],
    baggage: str = "",
    disputed: Callable[[], bool] = bool,
) -> Attribution | None:
    """The source that a call is on; None where nothing says so surely, and every source has to be thought of.

    What was said goes before what was read, and that before what its pictures show, which costs most; but where it
    matters pictures can refute what was read.

    Args:
        source: the source that the call itself names.
        inputs: what it is given; see `match`.
        declared: what was said.
        reading: what was read.
        recents: tells what each source has shown.
        baggage: the header of that name of the request that the call is.
        disputed: whether it matters which of the sources it is.
    """
    if source:
        return Attribution(source, "call", 1.0)
    if said := declared.source(baggage):
        return said
    read = reading.source()
    if read is None:
        return match(inputs, recents())
    return check(read, inputs, recents()) if read.others or disputed() else read
