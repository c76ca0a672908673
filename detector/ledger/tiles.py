"""Tiles: the tree, and what its leaves are made of, as plain files (C2SP tlog-tiles).

`tile/LEVEL/N` holds 256 hashes of 32 bytes, `tile/entries/N` the 256 entries below a tile of level 0, each behind its
length in two bytes. What is not full yet is `N.p/WIDTH`; those of a full one are taken away.
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from .durable import write_durably
from .merkle import root_of
from .place import WIDTH, number_path

HASH: Final = 32
Level: TypeAlias = int | str
ENTRIES: Final = "entries"


class Damaged(Exception):
    """A file of a ledger does not hold; the text says which, and what is wrong with it."""


def tile_path(level: Level, number: int, width: int = WIDTH) -> str:
    """Where a tile is, below the ledger's folder."""
    return f"tile/{level}/{number_path(number)}" + (f".p/{width}" if width < WIDTH else "")


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as a bundle has them; each has at most 65,535 bytes."""
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


def unbundle(content: bytes) -> Iterator[bytes]:
    """The entries of a bundle.

    Raises:
        Damaged: it ends in the middle of one.
    """
    place = 0
    while place < len(content):
        start = place + 2
        place = start + int.from_bytes(content[place:start], "big")
        if start > len(content) or place > len(content):
            raise Damaged("ends in the middle of an entry")
        yield content[start:place]


class Tiles:
    """The tiles of a ledger.

    Args:
        folder: the ledger's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, level: Level, number: int, width: int) -> bytes:
        """A tile of at least that width; what is beyond it in the file comes along.

        Raises:
            Damaged: it is not there.
        """
        for path in dict.fromkeys((tile_path(level, number, width), tile_path(level, number))):
            try:
                return (self.folder / path).read_bytes()
            except FileNotFoundError:
                continue
        raise Damaged(f"{tile_path(level, number, width)}: is not there")

    def hashes(self, level: int, number: int, width: int) -> list[bytes]:
        """The first hashes of a tile, 32 bytes each.

        Raises:
            Damaged: it is not there, or too short.
        """
        content = self.read(level, number, width)
        if len(content) < width * HASH:
            raise Damaged(f"{tile_path(level, number, width)}: is too short")
        return [content[start : start + HASH] for start in range(0, width * HASH, HASH)]

    def entries(self, number: int, width: int) -> list[bytes]:
        """The first entries of a bundle.

        Raises:
            Damaged: it is not there, or too short.
        """
        path = tile_path(ENTRIES, number, width)
        try:
            found = list(unbundle(self.read(ENTRIES, number, width)))[:width]
        except Damaged as damage:
            raise Damaged(f"{path}: {damage}" if path not in str(damage) else str(damage)) from None
        if len(found) < width:
            raise Damaged(f"{path}: is too short")
        return found

    def node(self, size: int, height: int, index: int) -> bytes:
        """The hash of a complete subtree of a tree of that size; see `merkle.Node`."""
        level, inside = divmod(height, 8)
        first = index << inside
        number, start = divmod(first, WIDTH)
        width = min(WIDTH, (size >> 8 * level) - number * WIDTH)
        return root_of(self.hashes(level, number, width)[start : start + (1 << inside)])

    def write(self, level: Level, number: int, width: int, content: bytes) -> None:
        """Write a tile, durably."""
        write_durably(self.folder / tile_path(level, number, width), content)

    def extend(self, size: int, leaves: Sequence[bytes]) -> list[int]:
        """Add leaf hashes to a tree of that size; gives the numbers of the tiles of level 0 that are full now."""
        full, level, new = list[int](), 0, list(leaves)
        while new:
            first, start = divmod(size, WIDTH)
            hashes = [*(self.hashes(level, first, start) if start else ()), *new]
            tiles = [hashes[place : place + WIDTH] for place in range(0, len(hashes), WIDTH)]
            for number, tile in enumerate(tiles, first):
                self.write(level, number, len(tile), b"".join(tile))
            whole = [(number, tile) for number, tile in enumerate(tiles, first) if len(tile) == WIDTH]
            if not level:
                full = [number for number, _ in whole]
            new, size, level = [root_of(tile) for _, tile in whole], size // WIDTH, level + 1
        return full

    def forget_partial(self, size: int, numbers: Sequence[int]) -> None:
        """Take away what full tiles have replaced, in a tree of that size."""
        for number in numbers:
            for level in (ENTRIES, 0):
                shutil.rmtree(self.folder / f"{tile_path(level, number)}.p", ignore_errors=True)
            level, above = 1, number + 1
            while above % WIDTH == 0 and above << 8 * level <= size:
                shutil.rmtree(self.folder / f"{tile_path(level, above // WIDTH - 1)}.p", ignore_errors=True)
                level, above = level + 1, above // WIDTH
