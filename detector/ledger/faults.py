"""Where a ledger does not hold."""

from typing import Final

import msgspec

CONTENT, CHAIN, SIGNATURE, ANCHOR = "content", "chain", "signature", "anchor"
PARTS: Final = (CONTENT, CHAIN, SIGNATURE, ANCHOR)


class Fault(msgspec.Struct, frozen=True):
    """A place where a ledger does not hold.

    Attributes:
        part: what of it: content, chain, signature or anchor.
        place: the file, and the line in it.
        text: what is wrong there.
    """

    part: str
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


class Faults:
    """Those that are found, in the order in which they are."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, part: str, place: str, text: object) -> None:
        """One more."""
        self.found.append(Fault(part, place, str(text)))
