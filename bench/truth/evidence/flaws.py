"""Ledgers that somebody has changed: is it found, and where it is?"""

import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ....detector.ledger import open_record
from ....detector.ledger.verify import verify
from ....detector.records.here import event

State: TypeAlias = dict[Path, bytes]


def make(folder: Path, entries: int, heads: int = 3) -> list[State]:
    """A record of so many entries; gives what was in the files of its ledger at its heads, as they were signed."""
    states = list[State]()
    for _ in range(heads):
        sink = open_record(folder)
        for number in range(entries // heads):
            sink.put(event("tap", f"number {number}"))
        sink.close()
        assert sink.failed is None, sink.failed
        states.append(state_of(folder))
    return states


def state_of(folder: Path) -> State:
    """What is in the files of a record's ledger."""
    return {path: path.read_bytes() for path in _files(folder / "ledger")}


def _files(ledger: Path) -> Iterator[Path]:
    return (path for path in ledger.rglob("*") if path.is_file() and path.name != "lock")


class Flaws:
    """Changes a copy of a ledger in one of many ways, as the dice fall.

    Args:
        folder: of a record, which is brought back after each.
        states: what was in its files earlier on, see `make`.
    """

    def __init__(self, folder: Path, states: list[State], dice: random.Random) -> None:
        self._folder, self._states, self._dice = folder / "ledger", states[:-1], dice
        self._kept = state_of(folder)
        self._files = sorted(self._kept)
        self.kinds: dict[str, Callable[[], list[Path]]] = {
            "flip": self._flip,
            "cut": self._cut,
            "delete": self._delete,
            "swap": self._swap,
            "reorder": self._reorder,
            "drop": self._drop,
            "double": self._double,
            "old head": self._old_head,
            "old ledger": self._old_ledger,
        }

    def make(self, kind: str) -> list[str]:
        """Change something; gives the files that were changed."""
        return [str(path.relative_to(self._folder)) for path in self.kinds[kind]()]

    def mend(self) -> None:
        """Have everything as it was."""
        for path in set(_files(self._folder)) - set(self._kept):
            path.unlink()
        for path, content in self._kept.items():
            if not path.exists() or path.read_bytes() != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

    def _flip(self) -> list[Path]:
        path = self._dice.choice(self._files)
        content = bytearray(self._kept[path])
        content[self._dice.randrange(len(content))] ^= 1 << self._dice.randrange(8)
        path.write_bytes(content)
        return [path]

    def _cut(self) -> list[Path]:
        path = self._dice.choice(self._files)
        path.write_bytes(self._kept[path][: self._dice.randrange(len(self._kept[path]))])
        return [path]

    def _delete(self) -> list[Path]:
        """Any but a tile that a wider one has replaced: that may go."""
        path = self._dice.choice(
            [path for path in self._files if _width(path) == max(map(_width, path.parent.iterdir()))]
        )
        path.unlink()
        return [path]

    def _swap(self) -> list[Path]:
        one, other = self._dice.sample(self._files, 2)
        one.write_bytes(self._kept[other])
        other.write_bytes(self._kept[one])
        return [one, other]

    def _lines(self) -> tuple[Path, list[bytes]]:
        path = self._dice.choice([path for path in self._files if path.suffix == ".jsonl"])
        return path, self._kept[path].splitlines(keepends=True)

    def _reorder(self) -> list[Path]:
        path, lines = self._lines()
        one, other = self._dice.sample(range(len(lines)), 2)
        lines[one], lines[other] = lines[other], lines[one]
        path.write_bytes(b"".join(lines))
        return [path]

    def _drop(self) -> list[Path]:
        path, lines = self._lines()
        del lines[self._dice.randrange(len(lines))]
        path.write_bytes(b"".join(lines))
        return [path]

    def _double(self) -> list[Path]:
        path, lines = self._lines()
        lines.insert(self._dice.randrange(len(lines)), self._dice.choice(lines[:-1]))
        path.write_bytes(b"".join(lines))
        return [path]

    def _old_head(self) -> list[Path]:
        path = self._folder / "checkpoint"
        path.write_bytes(self._dice.choice(self._states)[path])
        return [path]

    def _old_ledger(self) -> list[Path]:
        """All of it, as it was before: it holds in itself, and what was signed last tells."""
        before = self._dice.choice(self._states)
        for path in self._files:
            path.unlink()
        for path, content in before.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return [self._folder / "checkpoint"]


def _width(path: Path) -> int:
    return int(path.name) if path.parent.suffix == ".p" else 0


class Found(NamedTuple):
    """What came of a flaw.

    Attributes:
        kind: of it; `none` where nothing was changed.
        changed: the files that were, below the ledger's folder.
        places: of the faults that were found.
    """

    kind: str
    changed: list[str]
    places: tuple[str, ...]

    @property
    def placed(self) -> bool:
        """Whether one of the places is in a file that was changed."""
        return any(place.partition(" ")[0] == path for place in self.places for path in self.changed)


def flaws(count: int, entries: int = 600, seed: int = 1) -> Iterator[Found]:
    """Flaw after flaw, and after each tenth the ledger as it was."""
    with tempfile.TemporaryDirectory() as name:
        folder, dice = Path(name), random.Random(seed)  # noqa: S311 - the same dice every time
        flaw = Flaws(folder, make(folder, entries), dice)
        for number in range(count):
            kind = dice.choice([*flaw.kinds])
            yield Found(kind, flaw.make(kind), _places(folder))
            flaw.mend()
            if number % 10 == 0:
                yield Found("none", [], _places(folder))


def _places(folder: Path) -> tuple[str, ...]:
    return tuple(fault.place for fault in verify(folder).faults)
