"""Protocol Buffers on the wire, read where they lie: https://protobuf.dev/programming-guides/encoding/."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, TypeAlias

# The fields of a message by number, each with all its values.
Fields: TypeAlias = dict[int, list[memoryview]]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# Of fields; what is above is read in different ways.
_MOST_FIELDS: Final = 1 << 29
_LONGEST_VARINT: Final = 10


def fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The fields of a message, in order, each with its bytes; those of a whole number are read by `varint`.

    Raises:
        ValueError: it is no message.
    """
    return ((number, held) for number, held, _ in pieces(message))


def by_number(message: memoryview) -> Fields:
    """The same by number; of one that is not there an empty list.

    Raises:
        ValueError: it is no message.
    """
    found: Fields = defaultdict(list)
    for number, held in fields(message):
        found[number].append(held)
    return found


def text(held: memoryview) -> str:
    """The text of a field.

    Raises:
        UnicodeDecodeError: it is none.
    """
    return str(held, "utf-8")


def pieces(message: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """The same, each also as it lies in the message, with its key.

    Raises:
        ValueError: it is no message.
    """
    at = 0
    while at < len(message):
        start = at
        key, at = varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            begin = at
            _, at = varint(message, at)
            yield key >> 3, message[begin:at], message[start:at]
            continue
        if kind not in (_FIXED64, _BYTES, _FIXED32):
            raise ValueError("no message of Protocol Buffers")
        size, at = (8, at) if kind == _FIXED64 else (4, at) if kind == _FIXED32 else varint(message, at)
        if at + size > len(message) or not 0 < key >> 3 < _MOST_FIELDS:
            raise ValueError("no message of Protocol Buffers")
        yield key >> 3, message[at : at + size], message[start : at + size]
        at += size


def field(number: int, value: int | str | bytes) -> bytes:
    """A field, encoded."""
    if isinstance(value, int):
        return _encoded(number << 3) + _encoded(value)
    content = value.encode() if isinstance(value, str) else value
    return _encoded(number << 3 | 2) + _encoded(len(content)) + content


def _encoded(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def varint(message: memoryview | bytes, at: int = 0) -> tuple[int, int]:
    """A whole number, and where it ends.

    Raises:
        ValueError: there is none.
    """
    if at < len(message) and message[at] < 0x80:  # nearly all that come
        return message[at], at + 1
    value = 0
    for place, byte in enumerate(message[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError("no message of Protocol Buffers")


def signed(values: memoryview) -> Iterator[int]:
    """Whole numbers of 64 bits with a sign: the one of a field, or many packed in one.

    Raises:
        ValueError: they are none.
    """
    at = 0
    while at < len(values):
        value, at = varint(values, at)
        yield value - (1 << 64) if value >> 63 else value
