"""Audits of what was recorded live: of a recording, and of a ledger."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ...streams.recording import ENDING
from ..errors import RecordError
from ..ledger.reading import kept
from ..ledger.verify import ledger_of
from ..recording.replay import Replay
from ..recording.replayed import Redecided, Replayed
from .redeciding import Redecision, redecide

SAME, OTHERWISE, FAILS = 0, 3, 4


def is_record(source: str) -> bool:
    """Whether what is to be audited is a recording or a record's folder, and no video."""
    path = Path(source)
    return source.endswith(ENDING) or (path.is_dir() and _has_ledger(path))


def audit_record(
    source: str, packs: Sequence[str] | None, date: str | None
) -> tuple[Replayed | Redecision, list[str], int]:
    """Audit one; gives what came of it, that in lines of text, and the exit status.

    Raises:
        FacewardenError: it cannot be read, or a pack cannot be loaded.
    """
    path = Path(source)
    if source.endswith(ENDING):
        replayed = Replay(path, packs, date).run()
        status = SAME if replayed.same else FAILS
        return replayed, [*_replayed(replayed, path)], status or (OTHERWISE if replayed.redecided else SAME)
    redecision = redecide(path, packs, date)
    status = FAILS if redecision.faults else SAME
    return redecision, [*_redecided(redecision)], status or (OTHERWISE if redecision.otherwise else SAME)


def _replayed(found: Replayed, path: Path) -> Iterator[str]:
    for covered in found.coverage:
        yield (
            f"{covered.source}: {covered.frames} pictures in {covered.seconds:.1f} s: {covered.analysed} analysed "
            f"({covered.in_part} in part), {covered.skipped} skipped, {covered.dropped} dropped for want of time; "
            f"no picture for {covered.absent:.1f} s; {covered.undecided:.1f} s before the first verdict"
        )
    packs = ", ".join(f"{pack.name} {pack.version}" for pack in found.packs)
    yield f"recorded by facewarden {found.software}; decided by {packs}"
    yield f"{found.calls} calls, {found.attributed} of them of one known source"
    if found.torn:
        yield f"{found.recording}: {found.torn}"
    if found.lost:
        yield f"{found.lost} messages were lost: what came after them was not gone through again"
    for name, digest in {**found.before, found.recording: found.sha256}.items():
        yield _ledger_line(name, digest, path)
    if not found.from_looks:
        why = f"it goes on from {found.missing}, which is not there" if found.missing else "no looks were kept"
        yield f"{why}: calls were decided again by what was recorded as seen; no verdict was found anew"
    yield f"went through {found.pictures} pictures, {found.measures} measures and {found.calls} calls again"
    yield "the same, bit for bit" if found.same else f"{found.differences} differences, the first: {found.first}"
    for call in found.redecided:
        yield f"call {call.number} on {call.source or 'no known source'}: {_change(call)}"


def _redecided(found: Redecision) -> Iterator[str]:
    yield f"{found.ledger}: {'does not hold' if found.faults else 'holds'}"
    yield from (f"  {fault}" for fault in found.faults)
    yield from found.witnessed.lines()
    yield f"{found.calls} calls decided again, {found.ruleless} that no rule had decided"
    if found.others:
        yield f"{found.others} of them by packs that are others by now than those that they were decided by"
    for call in found.otherwise:
        yield f"entry {call.number} on {call.source or 'no known source'}: {_change(call)}"
    if not found.otherwise:
        yield "none is decided otherwise"


def _change(call: Redecided) -> str:
    return f"{call.then} -> {call.now} ({', '.join(call.deciding) or 'no rule speaks'})"


def _ledger_line(name: str, digest: str, path: Path) -> str:
    """Whether a file of the recording is the one that the ledger beside it knows."""
    try:
        ledger = ledger_of(path.parent)[0]
        number = next((entry.number for entry in kept(ledger) if digest.encode() in entry.line), None)
    except RecordError:
        return f"{name}: sha256 {digest}; there is no ledger beside it"
    if number is None:
        return f"{name}: sha256 {digest}; the ledger beside it does not know it"
    return f"{name}: sha256 {digest}, as entry {number} of the ledger beside it says"


def _has_ledger(path: Path) -> bool:
    try:
        return bool(ledger_of(path))
    except RecordError:
        return False
