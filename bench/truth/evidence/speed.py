"""What a ledger costs: entries a second, of one core."""

import os
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Final, NamedTuple

from ....detector.budget import available_cores
from ....detector.calls.wall import moment
from ....detector.ledger.canonical import canonical_line
from ....detector.ledger.chain import Chain
from ....detector.ledger.journal import SALT, Journal
from ....detector.ledger.leaves import LEAF
from ....detector.ledger.place import make_ledger
from ....detector.ledger.verify import verify
from ....detector.records import Decided, write

# Entries that become durable at once.
_GROUP: Final = 1000

CALL: Final = Decided(
    source="unit-17",
    at=3.2,
    service="local",
    task="identification",
    time=moment(1_793_872_800),
    effect="hold",
    model="buffalo_l",
    runtime="onnxruntime",
    known={"camera": "mobile", "environment": "uncontrolled", "operator": "us_police", "service": "local"},
    packs={name: sha256(name.encode()).hexdigest() for name in ("azure-face", "eu-ai-act", "us-states")},
    deciding=("azure-police",),
    attribution=0.973,
)


class Speed(NamedTuple):
    """Entries a second: by the clock on the wall, and of a processor's time."""

    wall: float
    processor: float


def speeds(entries: int = 409_600) -> dict[str, Speed]:
    """How many entries of a call a second become durable, are put into the tree and signed, are verified by one process
    and by one a core; and how many would be verified if that were nothing but the three hashes of each."""
    cores = available_cores()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "ledger"
        make_ledger(folder)
        journal, chain = Journal(folder), Chain(folder, Path(name) / "keys")
        return {
            "appended, durable by the thousand": _speed(entries, lambda: _append(journal, entries)),
            "put into the tree and signed": _speed(entries, chain.seal),
            "verified": _speed(entries, lambda: verify(Path(name))),
            f"verified, on {cores} cores": _speed(entries, lambda: verify(Path(name), workers=cores)),
            "the hashes of that alone": _speed(entries, lambda: _hash(entries)),
        }


def _speed(entries: int, work: Callable[[], object]) -> Speed:
    wall, processor = monotonic(), _spent()
    work()
    return Speed(entries / (monotonic() - wall), entries / (_spent() - processor))


def _spent() -> float:
    """Seconds of processors' time, with that of processes that have ended."""
    return sum(os.times()[:4])


def _append(journal: Journal, entries: int) -> None:
    for start in range(0, entries, _GROUP):
        line = write(CALL)
        journal.append([canonical_line(line) for _ in range(min(_GROUP, entries - start))])


def _hash(entries: int) -> None:
    salted = os.urandom(SALT) + canonical_line(write(CALL))
    leaf, node = b"\0" + LEAF % (b"0" * 64), b"\1" + bytes(64)
    for _ in range(entries):
        sha256(salted).digest()
        sha256(leaf).digest()
        sha256(node).digest()
