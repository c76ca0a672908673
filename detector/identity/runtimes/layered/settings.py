"""What a message of Protocol Buffers says, asked for by the names that its fields have in the format's description."""

from collections.abc import Iterator, Mapping
from itertools import chain, islice

import numpy as np

from ....protobuf import Fields, by_number, signed, text
from ...model import Array, Unrunnable

_MOST = 4096  # values of one setting


class Settings:
    """A message.

    Args:
        held: its fields; None where there is no such message.
        names: the number of each field that may be asked for.
    """

    def __init__(self, held: memoryview | None, names: Mapping[str, int]) -> None:
        self._held: Fields = by_number(held) if held is not None else {}
        self._names = names

    def apart(self, *without: str) -> "Settings":
        """The same without some fields, and without the file that it lies in: that may be large."""
        gone = {self._names[name] for name in without if name in self._names}
        copied = Settings(None, self._names)
        for number, held in self._held.items():
            if number not in gone:
                copied._held[number] = [memoryview(bytes(one)) for one in held]
        return copied

    def messages(self, name: str) -> list[memoryview]:
        """All that a field holds, as it lies there."""
        return self._held.get(self._names[name], [])

    def inner(self, name: str, names: Mapping[str, int]) -> "Settings":
        """A message inside, empty where there is none."""
        return Settings(next(iter(self.messages(name)), None), names)

    def has(self, name: str) -> bool:
        return bool(self.messages(name))

    def wholes(self, name: str) -> list[int]:
        return _bounded(chain.from_iterable(map(signed, self.messages(name))))

    def whole(self, name: str, otherwise: int = 0) -> int:
        return next(iter(self.wholes(name)[-1:]), otherwise)

    def yes(self, name: str, *, otherwise: bool = False) -> bool:
        return bool(self.whole(name, otherwise))

    def reals(self, name: str) -> Array:
        return np.concatenate([np.zeros(0, np.float32), *map(_reals, self.messages(name))])

    def real(self, name: str, otherwise: float = 0.0) -> float:
        """Raises `Unrunnable` where it is no number."""
        value = float(next(iter(self.reals(name)[-1:]), otherwise))
        if not np.isfinite(value):
            raise Unrunnable("it has a setting that is no number")
        return value

    def words(self, name: str) -> list[str]:
        return [text(one) for one in self.messages(name)]

    def word(self, name: str) -> str:
        return next(iter(self.words(name)), "")


def _reals(held: memoryview) -> Array:
    if len(held) % 4:
        raise ValueError("a setting that is no number")
    return np.frombuffer(held, "<f4")


def _bounded(values: Iterator[int]) -> list[int]:
    found = list(islice(values, _MOST + 1))
    if len(found) > _MOST:
        raise Unrunnable("it has a setting of more values than any layer has")
    return found
