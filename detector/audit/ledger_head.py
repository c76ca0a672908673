"""The ledger that a call log lies beside: which state of it, and whether that holds."""

from base64 import b64encode
from pathlib import Path

from ..errors import RecordError
from ..ledger.note import NoteError, read_checkpoint, read_note
from ..ledger.place import CHECKPOINT
from ..ledger.verify import ledger_of, verify
from .report import LedgerHead


def head_beside(log: Path) -> LedgerHead | None:
    """The head of the ledger beside a call log; None where there is none, or nothing of it is signed yet."""
    folder = log.parent
    try:
        ledger, _ = ledger_of(folder)
        head = read_checkpoint(read_note((ledger / CHECKPOINT).read_bytes()).text)
    except (RecordError, NoteError, OSError):
        return None
    faults = tuple(map(str, verify(folder).faults))
    return LedgerHead(str(folder), head.origin, head.size, b64encode(head.root).decode(), faults)
