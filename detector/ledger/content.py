"""The files of a ledger, held against each other.

Three of them know each entry: its line, the bundle with its leaf, the tile with the leaf's hash. Where they do not
agree, the one that stands against the two others is the one that was changed.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .faults import CHAIN, CONTENT, Faults
from .journal import BEFORE, lines_of, segment_path
from .leaves import ERASED, TAIL, leaf, parts
from .merkle import leaf_hash, root, root_of
from .place import WIDTH
from .quick import all_agreed
from .tiles import ENTRIES, HASH, Damaged, Level, Tiles, bundle, tile_path

_NUMBER: Final = r"((?:x\d{3}/)*\d{3})"
_TILE: Final = re.compile(rf"tile/(entries|\d)/{_NUMBER}(?:\.p/(\d+))?")
_SEGMENT: Final = re.compile(rf"payload/{_NUMBER}\.jsonl")
_AN_ORDER: Final = b'"kind":"erased"'


class Content:
    """Goes through the files of a ledger.

    Args:
        folder: the ledger's.
        size: how many entries are signed.
        faults: takes what is found.
        workers: processes that go through the files of a large one.

    Attributes:
        root: of the tree that the files make, once `check` has gone through them.
        waiting: how many entries are there that are not signed.
        erased: by their index, what stands in the place of entries that were erased.
    """

    def __init__(self, folder: Path, size: int, faults: Faults, workers: int = 1) -> None:
        self._folder, self._size, self._faults, self._workers = folder, size, faults, workers
        self._tiles = Tiles(folder)
        self._proven: set[str] = set()
        self._last: list[bytes] = []
        self.erased: dict[int, bytes] = {}
        self.root, self.waiting = b"", 0

    def check(self) -> None:
        """Go through them all."""
        layers = [self._bottom()]
        while len(layers[-1]) >= WIDTH:
            layers.append(self._above(len(layers) + 1, layers[-1]))
        self.root = root(self._size, lambda height, index: self._node(layers, height, index))
        self.waiting = self._count_waiting()
        self._check_orders()
        for place, text in self._strays():
            self._faults.add(CHAIN, place, text)

    def _bottom(self) -> list[bytes]:
        """The roots over each 256 entries, held against the tiles of the first level; the hashes of those at the end
        that are fewer are kept."""
        roots = list[bytes]()
        for number, known in enumerate(all_agreed(self._folder, self._size, self._workers)):
            width = min(WIDTH, self._size - number * WIDTH)
            if known is not None:
                self._proven |= {segment_path(number), *(tile_path(level, number, width) for level in (ENTRIES, 0))}
            if width < WIDTH:
                self._last = self._segment(number, width) if known is None else _split(known)
            else:
                roots.append(root_of(self._segment(number, width)) if known is None else known)
        self._check_level(1, roots)
        return roots

    def _segment(self, number: int, width: int) -> list[bytes]:
        """The hashes of up to 256 entries, as the tree has them, where not all is as it should be."""
        made = [self._leaf(number, place, text) for place, text in enumerate(self._lines(number, width))]
        tile = self._hashes(0, number, width)
        stored = self._entries(number, width)
        hashes = list(map(leaf_hash, stored))
        if made != stored or hashes != tile:
            for place in range(width):
                self._compare(number, place, made[place], stored and stored[place], tile and tile[place])
        return tile or hashes or [leaf_hash(one or b"") for one in made]

    def _compare(self, number: int, place: int, made: bytes | None, stored: bytes | list[bytes], tile: object) -> None:
        entry = number * WIDTH + place
        line = f"{segment_path(number)} line {place + 1}"
        kept = stored if isinstance(stored, bytes) else None
        if kept is not None and tile and leaf_hash(kept) != tile:
            where = tile_path(0 if made == kept else ENTRIES, number, min(WIDTH, self._size - number * WIDTH))
            self._faults.add(CHAIN, where, f"entry {entry} is not what the others say")
            if made not in (None, kept) and leaf_hash(made or b"") != tile:
                self._faults.add(CONTENT, line, f"entry {entry} is not what was recorded")
        elif made is not None and made != kept and (kept is not None or (tile and leaf_hash(made) != tile)):
            self._faults.add(CONTENT, line, f"entry {entry} is not what was recorded")

    def _lines(self, number: int, width: int) -> list[bytes | None]:
        path = segment_path(number)
        try:
            lines = lines_of(self._folder, number)
        except OSError as error:
            lines = list[bytes]()
            self._faults.add(CONTENT, path, error.strerror)
        if len(lines) < width:
            first = number * WIDTH
            self._faults.add(CONTENT, path, f"entries {first + len(lines)} to {first + width - 1} are not there")
        if len(lines) > WIDTH:
            self._faults.add(CONTENT, path, f"has {len(lines) - WIDTH} lines too many")
        return [*lines[:width], *[None] * (width - len(lines))]

    def _leaf(self, number: int, place: int, text: bytes | None) -> bytes | None:
        """What the tree should have of a line; None where that cannot be told: it is not there, or was erased."""
        if text is None:
            return None
        if text.startswith(ERASED):
            self.erased[number * WIDTH + place] = text[len(ERASED) : -1]
            return None
        try:
            entry, salt = parts(text)
        except Damaged as damage:
            self._faults.add(CONTENT, f"{segment_path(number)} line {place + 1}", damage)
            return None
        return leaf(entry, salt)

    def _entries(self, number: int, width: int) -> list[bytes]:
        path = tile_path(ENTRIES, number, width)
        try:
            content = self._tiles.entries(number, width)
        except (Damaged, OSError) as damage:
            self._faults.add(CHAIN, path, str(damage).removeprefix(f"{path}: "))
            return []
        return content

    def _hashes(self, level: int, number: int, width: int) -> list[bytes]:
        path = tile_path(level, number, width)
        try:
            return self._tiles.hashes(level, number, width)
        except (Damaged, OSError) as damage:
            self._faults.add(CHAIN, path, str(damage).removeprefix(f"{path}: "))
            return []

    def _above(self, level: int, below: list[bytes]) -> list[bytes]:
        """The hashes of the next level, from those below it, held against its tiles."""
        whole = len(below) // WIDTH * WIDTH
        made = [root_of(below[start : start + WIDTH]) for start in range(0, whole, WIDTH)]
        self._check_level(level, made)
        return made

    def _check_level(self, level: int, made: list[bytes]) -> None:
        for number in range(-(-len(made) // WIDTH)):
            part = made[number * WIDTH : (number + 1) * WIDTH]
            tile = self._hashes(level, number, len(part))
            for place, (one, other) in enumerate(zip(part, tile, strict=False)):
                if one != other:
                    first = (number * WIDTH + place) << 8 * level
                    last = first + (1 << 8 * level) - 1
                    self._faults.add(CHAIN, tile_path(level, number, len(part)), f"entries {first} to {last} differ")

    def _node(self, layers: list[list[bytes]], height: int, index: int) -> bytes:
        level, inside = divmod(height, 8)
        if not level:
            start = (index << inside) % WIDTH
            return root_of(self._last[start : start + (1 << inside)])
        return root_of(layers[level - 1][index << inside : (index + 1) << inside])

    def _count_waiting(self) -> int:
        """How many whole lines there are behind those that are signed; one of them that is none is a fault."""
        number, place = divmod(self._size, WIDTH)
        count = 0
        while lines := lines_of(self._folder, number)[place:]:
            for line, text in enumerate(lines, place + 1):
                self._leaf(number, line - 1, text)
            count, number, place = count + len(lines), number + 1, 0
        return count

    def _check_orders(self) -> None:
        orders = self._orders() if self.erased else set[bytes]()
        for index, order in self.erased.items():
            if order not in orders or b'"text":"entry %d was erased' % index not in order:
                place = f"{segment_path(index // WIDTH)} line {index % WIDTH + 1}"
                self._faults.add(CONTENT, place, f"entry {index} was erased without an order on record")

    def _orders(self) -> set[bytes]:
        """All entries that order others to be erased."""
        files = range(-(-(self._size + self.waiting) // WIDTH))
        lines = (line for number in files for line in lines_of(self._folder, number) if _AN_ORDER in line)
        return {line[len(BEFORE) : -TAIL] for line in lines if not line.startswith(ERASED)}

    def _strays(self) -> Iterator[tuple[str, str]]:
        """Files that should not be there, and tiles that were replaced by larger ones and do not say the same."""
        for path in sorted(self._folder.rglob("*")):
            name = str(path.relative_to(self._folder))
            ours = name.partition("/")[0] in ("tile", "payload") and not path.name.startswith(".")
            if ours and name not in self._proven and path.is_file() and (text := self._stray(path, name)):
                yield name, text

    def _stray(self, path: Path, name: str) -> str | None:
        if found := _SEGMENT.fullmatch(name):
            beyond = _number(found[1]) * WIDTH >= self._size + self.waiting
            return "is not part of this ledger" if beyond and path.stat().st_size else None
        found = _TILE.fullmatch(name)
        if found is None:
            return "is not part of this ledger"
        level: Level = ENTRIES if found[1] == ENTRIES else int(found[1])
        number, width = _number(found[2]), int(found[3] or WIDTH)
        there = min(WIDTH, (self._size >> 8 * (level if isinstance(level, int) else 0)) - number * WIDTH)
        if width > there:  # made of entries that are not signed yet, before a crash
            return None if self.waiting else "is not part of this ledger"
        return None if self._says_the_same(level, number, width, there, path.read_bytes()) else "differs from its tile"

    def _says_the_same(self, level: Level, number: int, width: int, there: int, content: bytes) -> bool:
        try:
            whole = self._tiles.read(level, number, there)
            if isinstance(level, int):
                return content == whole[: width * HASH]
            entries = self._tiles.entries(number, there)[:width]
        except (Damaged, OSError):
            return True  # which is said already
        return content == bundle(entries)


def _number(path: str) -> int:
    return int(path.replace("x", "").replace("/", ""))


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[start : start + HASH] for start in range(0, len(hashes), HASH)]
