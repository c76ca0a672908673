"""Canonical JSON, RFC 8785: one text for each value, so that a hash of it means something."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Final, cast

import msgspec

# From here on a whole number is not exactly one number of JSON (I-JSON, RFC 7493).
_MOST_WHOLE: Final = 2**53
# Between these a number is written without an exponent (ECMAScript, Number::toString).
_LEAST_PLAIN, _MOST_PLAIN = 1e-6, 1e21

# A whole number that may be too large for one of JSON; a text that looks like one costs a little time. To look for as
# many digits first, made all the same, takes a quarter of the time.
_LARGE: Final = re.compile(rb"[:,\[]-?\d{16}")
_ALIKE: Final = bytes.maketrans(b"123456789", b"000000000")
_DIGITS: Final = b"0" * 16


def canonical(value: object) -> bytes:
    """The canonical text of a value made of dicts, lists, text, numbers, booleans and None, in UTF-8.

    A whole number beyond 2**53, which readers would not agree on, is written as text.

    Raises:
        ValueError: it is, or holds, something else, a number that is not finite, or half a character.
    """
    return _text(value).encode()


def canonical_line(line: bytes) -> bytes:
    """The canonical text of JSON, as `canonical` has it.

    Where nothing is in it that msgspec writes in another way, msgspec sorts it: that is several times as fast.

    Raises:
        msgspec.DecodeError: it is no JSON.
    """
    if line.isascii() and b"\\u" not in line and not _is_large(line):
        try:
            return msgspec.json.encode(_PLAIN.decode(line), order="sorted")
        except _Unusual:
            pass
    return canonical(msgspec.json.decode(line))


def _is_large(line: bytes) -> bool:
    return _DIGITS in line.translate(_ALIKE) and _LARGE.search(line) is not None


class _Unusual(Exception):
    """A number that msgspec may write in another way."""


def _as_msgspec_writes(text: str) -> float:
    number = float(text)
    if number.is_integer() and abs(number) < _MOST_WHOLE:
        return int(number)
    if 1e-3 <= abs(number) < _MOST_WHOLE:
        return number
    raise _Unusual


_PLAIN: Final = msgspec.json.Decoder(float_hook=_as_msgspec_writes)


def _text(value: object) -> str:
    write = _WRITERS.get(type(value))
    if write is None:
        raise ValueError(f"{type(value).__name__} is no JSON")
    return write(value)


def _quoted(text: str) -> str:
    """Escapes what msgspec does, which is what RFC 8785 asks for."""
    return msgspec.json.encode(text).decode()


def _object(table: Mapping[str, object]) -> str:
    keys = sorted(table) if all(map(str.isascii, table)) else sorted(table, key=_units)
    return "{" + ",".join([f"{_quoted(key)}:{_text(table[key])}" for key in keys]) + "}"


def _units(key: str) -> bytes:
    """Keys are ordered by their UTF-16 units, which is not the order of their characters."""
    return key.encode("utf-16-be")


def _list(parts: list[object]) -> str:
    return "[" + ",".join(map(_text, parts)) + "]"


def _whole(number: int) -> str:
    return str(number) if -_MOST_WHOLE < number < _MOST_WHOLE else f'"{number}"'


def _float(number: float) -> str:
    if not math.isfinite(number):
        raise ValueError(f"{number} is no JSON")
    if number == 0:
        return "0"
    digits, exponent = _digits(abs(number))
    sign = "-" if number < 0 else ""
    return sign + (_plain(digits, exponent) if _LEAST_PLAIN <= abs(number) < _MOST_PLAIN else _short(digits, exponent))


def _digits(number: float) -> tuple[str, int]:
    """The shortest digits that are this number again, and the power of ten of the first of them."""
    mantissa, _, power = repr(number).partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part).lstrip("0")
    lost = len(whole + part) - len(digits)
    return digits.rstrip("0"), len(whole) - 1 - lost + int(power or 0)


def _plain(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    return whole + (f".{digits[exponent + 1 :]}" if len(digits) > exponent + 1 else "")


def _short(digits: str, exponent: int) -> str:
    part = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{part}e{exponent:+d}"


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _null(_: None) -> str:
    return "null"


_WRITERS: Final = cast(
    dict[type, Callable[[object], str]],
    {
        str: _quoted,
        dict: _object,
        list: _list,
        int: _whole,
        float: _float,
        bool: _boolean,
        type(None): _null,
    },
)
