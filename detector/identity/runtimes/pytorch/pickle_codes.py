"""A pickle's instructions followed without obeying them: what it would call is written down and never called.

Nothing is imported, no object is made; what a call would give is a note of the call (pickletools of Python's library
describes the instructions). An instruction that such files do not need ends the reading.
"""

import pickletools
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple, cast

_MOST = 2_000_000  # instructions


class Name(NamedTuple):
    """Something that would be imported: `module name`."""

    where: str


class Call:
    """A call that would be made, and what would be put into what it gives: by key, or by the name of an attribute."""

    def __init__(self, what: Any, arguments: Any) -> None:
        self.what, self.arguments = what, arguments
        self.holds: dict[Any, Any] = {}


class Stored(NamedTuple):
    """What lies outside the pickle, by the pickle's own description of it."""

    description: Any


class Followed:
    """The stack machine of a pickle.

    Attributes:
        names: everything that it would import, in order.
        calls: every call that it would make.
        answer: what lies on top at its end.
    """

    def __init__(self, stream: BinaryIO) -> None:
        """Follow one pickle to its end, and leave the stream behind it.

        Raises:
            ValueError: it is none, or does what no file of weights does.
        """
        self.names: dict[str, None] = {}
        self.calls: list[Call] = []
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}
        self._copied = 0  # pairs: one dictionary may be put into another over and over
        try:
            for count, (code, argument, _) in enumerate(pickletools.genops(stream)):
                if count > _MOST:
                    raise ValueError(f"more than {_MOST} instructions")
                self._step(code.name, argument)
        except (IndexError, KeyError, TypeError, AttributeError, OverflowError, ValueError) as error:
            raise ValueError(f"a pickle that cannot be read ({error})") from error
        self.answer: Any = self._stack[-1] if self._stack else None

    def _step(self, name: str, argument: Any) -> None:
        if name in _VALUES:
            self._stack.append(_VALUES[name](argument))
        elif name in _TUPLES:
            self._stack[len(self._stack) - _TUPLES[name] :] = [tuple(self._stack[len(self._stack) - _TUPLES[name] :])]
        elif name in _STEPS:
            _STEPS[name](self, argument)
        elif name not in _NOTHING:
            raise ValueError(f"{name}, which no file of weights needs")

    def name(self, where: str) -> None:
        self.names[where] = None
        self._stack.append(Name(where))

    def named(self, _: Any) -> None:
        last, first = self._stack.pop(), self._stack.pop()
        self.name(f"{first} {last}")

    def call(self, _: Any) -> None:
        arguments, what = self._stack.pop(), self._stack.pop()
        self.calls.append(Call(what, arguments))
        self._stack.append(self.calls[-1])

    def mark(self, _: Any) -> None:
        self._marks.append(len(self._stack))

    def since_mark(self) -> list[Any]:
        place = self._marks.pop()
        taken, self._stack[place:] = self._stack[place:], []
        return taken

    def many(self, _: Any) -> None:
        """A tuple, or a list, of what lies above the mark."""
        self._stack.append(tuple(self.since_mark()))

    def pairs(self, _: Any) -> None:
        """A dictionary of what lies above the mark."""
        self._stack.append(self._named_pairs())

    def fill(self, _: Any) -> None:
        """What goes into a list is noted by its calls alone; the list stays as it is."""
        self.since_mark()

    def put_in(self, _: Any) -> None:
        """Pairs of key and value."""
        self._hold(self._named_pairs())

    def put_one_in(self, _: Any) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._hold({key: value} if isinstance(key, str) else {})

    def _named_pairs(self) -> dict[Any, Any]:
        """Those above the mark whose key is a word: to look up another may take for ever, as tuples in tuples do."""
        taken = self.since_mark()
        return {key: value for key, value in zip(taken[::2], taken[1::2], strict=True) if isinstance(key, str)}

    def state(self, _: Any) -> None:
        """What an object holds."""
        state = self._stack.pop()
        if isinstance(state, dict):
            self._hold(cast("dict[Any, Any]", state))

    def _hold(self, pairs: dict[Any, Any]) -> None:
        self._copied += len(pairs)
        if self._copied > _MOST:
            raise ValueError(f"more than {_MOST} pairs")
        holder = self._stack[-1]
        if isinstance(holder, Call):
            holder.holds |= pairs
        elif isinstance(holder, dict):
            cast("dict[Any, Any]", holder).update(pairs)

    def drop(self, count: int) -> Callable[[Any], None]:
        return lambda _: self._stack.__delitem__(slice(-count, None))

    def outside(self, _: Any) -> None:
        self._stack.append(Stored(self._stack.pop()))

    def put(self, place: Any) -> None:
        self._memo[len(self._memo) if place is None else place] = self._stack[-1]

    def get(self, place: Any) -> None:
        self._stack.append(self._memo[place])

    def again(self, _: Any) -> None:
        self._stack.append(self._stack[-1])


def _itself(value: Any) -> Any:
    return value


def _dropping(count: int) -> Callable[[Followed, Any], None]:
    return lambda machine, argument: machine.drop(count)(argument)


_NOTHING = ("PROTO", "FRAME", "STOP")
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_VALUES: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        (
            "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "INT", "LONG", "BINFLOAT", "FLOAT", "BINUNICODE",
            "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BINSTRING",
            "SHORT_BINSTRING", "STRING", "NONE",
        ),
        _itself,
    ),
    "NEWTRUE": lambda _: True,
    "NEWFALSE": lambda _: False,
    **dict.fromkeys(("EMPTY_TUPLE", "EMPTY_LIST", "EMPTY_SET"), lambda _: ()),
    "EMPTY_DICT": lambda _: dict[Any, Any](),
}  # fmt: skip
_STEPS: dict[str, Callable[[Followed, Any], None]] = {
    "GLOBAL": Followed.name,
    "STACK_GLOBAL": Followed.named,
    **dict.fromkeys(("REDUCE", "NEWOBJ"), Followed.call),
    "MARK": Followed.mark,
    **dict.fromkeys(("TUPLE", "LIST", "FROZENSET"), Followed.many),
    "DICT": Followed.pairs,
    **dict.fromkeys(("APPENDS", "ADDITEMS", "POP_MARK"), Followed.fill),
    "SETITEMS": Followed.put_in,
    "SETITEM": Followed.put_one_in,
    "BUILD": Followed.state,
    **dict.fromkeys(("APPEND", "POP"), _dropping(1)),
    "BINPERSID": Followed.outside,
    **dict.fromkeys(("BINPUT", "LONG_BINPUT", "PUT", "MEMOIZE"), Followed.put),
    **dict.fromkeys(("BINGET", "LONG_BINGET", "GET"), Followed.get),
    "DUP": Followed.again,
}
