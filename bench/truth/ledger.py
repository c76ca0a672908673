"""What the ledger withstands, and what it costs: `python -m facewarden.bench.truth.ledger [--flaws N] [--kills N]`."""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, process_time, sleep

import msgspec

from ...detector.calls.wall import moment
from ...detector.ledger import open_record
from ...detector.ledger.canonical import canonical_line
from ...detector.ledger.chain import Chain
from ...detector.ledger.journal import Journal, lines_of
from ...detector.ledger.place import make_ledger
from ...detector.ledger.verify import verify
from ...detector.records import Decided, write
from ...detector.records.here import event

CALL = Decided(
    source="unit-17",
    at=3.2,
    service="local",
    task="identification",
    time=moment(1_793_872_800),
    effect="hold",
    model="buffalo_l",
    runtime="onnxruntime",
    known={"camera": "mobile", "environment": "uncontrolled", "operator": "us_police", "service": "local"},
    packs={"azure-face": "0" * 64, "eu-ai-act": "1" * 64, "us-states": "2" * 64},
    deciding=("azure-police",),
    attribution=0.973,
)


def make(folder: Path, entries: int, heads: int = 3) -> list[bytes]:
    """A record of so many entries; gives its heads, as they were signed on the way."""
    signed = list[bytes]()
    for _ in range(heads):
        sink = open_record(folder)
        for number in range(entries // heads):
            sink.put(event("tap", f"number {number}"))
        sink.close()
        assert sink.failed is None, sink.failed
        signed.append((folder / "ledger" / "checkpoint").read_bytes())
    return signed


class Flaws:
    """Changes a copy of a ledger in one of many ways, as the dice fall.

    Args:
        folder: of a record, which is brought back after each.
        heads: earlier heads of it.
    """

    def __init__(self, folder: Path, heads: list[bytes], dice: random.Random) -> None:
        self._folder, self._heads, self._dice = folder / "ledger", heads[:-1], dice
        self._files = sorted(path for path in self._folder.rglob("*") if path.is_file() and path.name != "lock")
        self._kept = {path: path.read_bytes() for path in self._files}
        self.kinds: dict[str, Callable[[], list[Path]]] = {
            "flip": self._flip,
            "cut": self._cut,
            "delete": self._delete,
            "swap": self._swap,
            "reorder": self._reorder,
            "drop": self._drop,
            "double": self._double,
            "old head": self._old_head,
        }

    def make(self, kind: str) -> list[str]:
        """Change something; gives the files that were changed."""
        return [str(path.relative_to(self._folder)) for path in self.kinds[kind]()]

    def mend(self) -> None:
        """Have everything as it was."""
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
        path.write_bytes(self._dice.choice(self._heads))
        return [path]


def _width(path: Path) -> int:
    return int(path.name) if path.parent.suffix == ".p" else 0


def flaws(count: int, entries: int = 1500, seed: int = 1) -> Iterator[tuple[str, list[str], tuple[str, ...]]]:
    """Flaw after flaw: its kind, the files that were changed, the places of the faults that were found."""
    with tempfile.TemporaryDirectory() as name:
        folder, dice = Path(name), random.Random(seed)  # noqa: S311 - the same dice every time
        flaw = Flaws(folder, make(folder, entries), dice)
        assert verify(folder).holds
        for _ in range(count):
            kind = dice.choice([*flaw.kinds])
            changed = flaw.make(kind)
            yield kind, changed, tuple(fault.place for fault in verify(folder).faults)
            flaw.mend()
        assert verify(folder).holds


def placed(changed: list[str], places: tuple[str, ...]) -> bool:
    """Whether one of the places is in a file that was changed."""
    return any(place.partition(" ")[0] == path for place in places for path in changed)


_WRITER = """
import sys
from pathlib import Path
from facewarden.detector.ledger import open_record
from facewarden.detector.records.here import event
sink, number = open_record(sys.argv[1]), 0
import time
while True:
    for _ in range(20):
        sink.put(event("tap", f"{sys.argv[2]} {number}"))
        number += 1
    time.sleep(0.002)
"""


def kill(folder: Path, after: float, processes: int = 4) -> tuple[int, int]:
    """Kill processes that write into one record; gives the entries that were in its ledger then, and in the end."""
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, folder, str(number)])  # noqa: S603 - our own
        for number in range(processes)
    ]
    while len(texts(folder)) < 100:
        sleep(0.05)
    sleep(after)
    for writer in writers:
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    there = texts(folder)
    open_record(folder).close()
    assert texts(folder)[: len(there)] == there
    return len(there), len(texts(folder))


def texts(folder: Path) -> list[str]:
    """What the events of a ledger say, in their order."""
    found, number = list[str](), 0
    while lines := lines_of(folder / "ledger", number):
        found += [msgspec.json.decode(line)["entry"].get("text", "") for line in lines]
        number += 1
    return found


def in_order(said: list[str]) -> bool:
    """Whether each writer's numbers are all there, once, up to its last."""
    writers: dict[str, list[int]] = {}
    for text in filter(None, said):
        writer, number = text.split()
        writers.setdefault(writer, []).append(int(number))
    return all(numbers == list(range(len(numbers))) for numbers in writers.values())


def throughput(entries: int = 50_000) -> dict[str, float]:
    """Entries a second: durable, put into the tree and signed, verified; on one core, by the clock on the wall."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "ledger"
        make_ledger(folder)
        journal, chain = Journal(folder), Chain(folder, Path(name) / "keys")
        begun, used = monotonic(), process_time()
        for start in range(0, entries, 1000):
            line = write(CALL)
            journal.append([canonical_line(line) for _ in range(min(1000, entries - start))])
        appended = monotonic()
        chain.seal()
        sealed, spent = monotonic(), process_time() - used
        verify(Path(name))
        checked = monotonic()
    return {
        "appended, entries/s": entries / (appended - begun),
        "appended and signed, entries/s": entries / (sealed - begun),
        "the same, entries a second of processor": entries / spent,
        "verified, entries/s": entries / (checked - sealed),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flaws", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    asked = parser.parse_args()
    tally = Counter[str]()
    for kind, changed, places in flaws(asked.flaws):
        tally[f"{kind}: made"] += 1
        tally[f"{kind}: found"] += bool(places)
        tally[f"{kind}: placed"] += placed(changed, places)
    dice = random.Random(2)  # noqa: S311
    for _ in range(asked.kills):
        folder = Path(tempfile.mkdtemp())
        entries, _ = kill(folder, dice.uniform(0, 2))
        tally["kills"] += 1
        tally["kills: entries"] += entries
        tally["kills: whole"] += in_order(texts(folder)) and verify(folder).holds
        shutil.rmtree(folder)
    for what, number in [*sorted(tally.items()), *throughput().items()]:
        print(f"{what:45} {number:12,.0f}")  # noqa: T201


if __name__ == "__main__":
    main()
