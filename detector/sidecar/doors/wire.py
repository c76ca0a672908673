"""Protocol Buffers on the wire, as far as one door needs them: https://protobuf.dev/programming-guides/encoding/."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from ...protobuf import field, varint

# A field's number, and its value: a whole number, or the bytes of text or of a message.
Field: TypeAlias = tuple[int, int | bytes]


def fields(message: bytes) -> Iterator[Field]:
    """The fields of a message, in order; those of a fixed width, which none of ours is, are passed over.

    Raises:
        ValueError: it is no message.
    """
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(message, at)
            yield number, value
            continue
        size, at = (8, at) if kind == 1 else (4, at) if kind == 5 else varint(message, at)
        if kind not in (1, 2, 5) or at + size > len(message):
            raise ValueError("no message of Protocol Buffers")
        if kind == 2:
            yield number, message[at : at + size]
        at += size


class Message:
    """A message, read once.

    Args:
        message: its bytes.

    Raises:
        ValueError: it is no message.
    """

    def __init__(self, message: bytes) -> None:
        self._values: dict[int, list[bytes]] = {}
        for number, value in fields(message):
            if isinstance(value, bytes):
                self._values.setdefault(number, []).append(value)

    def all(self, number: int) -> list[bytes]:
        """The values of a field of text or messages."""
        return self._values.get(number, [])

    def last(self, number: int) -> bytes:
        """The one that counts of several; empty where there is none."""
        return self._values.get(number, [b""])[-1]

    def table(self, number: int) -> dict[str, str]:
        """The field that is a map from text to text."""
        entries = map(Message, self.all(number))
        return {entry.last(1).decode(): entry.last(2).decode() for entry in entries}


def inner(message: bytes, *path: int) -> bytes:
    """The message or text at a path of field numbers; empty where there is none. Of several the last counts."""
    for number in path:
        message = Message(message).last(number)
    return message


def headers(number: int, values: Mapping[str, str]) -> bytes:
    """A list of `HeaderValueOption`, which replace those that there are."""
    options = (field(1, field(1, name) + field(2, value)) for name, value in values.items())
    return b"".join(field(number, option) for option in options)
