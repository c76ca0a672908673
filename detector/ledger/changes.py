"""What may be done to a ledger that is not adding to it: an entry erased on an order, a key renewed."""

from pathlib import Path

from ..errors import RecordError
from ..records import write
from ..records.here import event
from .canonical import canonical_line
from .chain import Chain
from .durable import locked, write_durably
from .journal import Journal, lines_of, segment_path
from .leaves import ERASED, parts
from .note import Checkpoint
from .place import LOCK, WIDTH
from .tiles import Damaged


def erase(ledger: Path, keys: Path, index: int, order: str) -> Checkpoint:
    """Erase what an entry says: its line gives way to the order, which is on record too; proofs of all entries hold.

    The plain lines beside the ledger are not touched.

    Args:
        ledger: its folder.
        keys: the folder of its keys.
        index: which entry.
        order: by whose order, and why.

    Raises:
        RecordError: there is no such entry under a signature, it was erased before, or the ledger does not hold.
        OSError: something cannot be written; it can be tried again.
    """
    chain = Chain(ledger, keys)
    if not 0 <= index < chain.seal().size:
        raise RecordError(f"{ledger}: there is no entry {index}")
    line = canonical_line(write(event("erased", f"entry {index} was erased: {order}")))
    _line_of(ledger, index)
    Journal(ledger).append([line])
    head = chain.seal()
    with locked(ledger / LOCK):
        lines = lines_of(ledger, index // WIDTH)
        lines[index % WIDTH] = ERASED + line + b"}"
        write_durably(ledger / segment_path(index // WIDTH), b"".join(one + b"\n" for one in lines))
    return head


def rotate(ledger: Path, keys: Path, post_quantum: bool = False) -> Checkpoint:
    """Sign with a new key from here on; the one before is destroyed, and its public half stays published.

    Args:
        ledger: its folder.
        keys: the folder of its keys.
        post_quantum: cosign with ML-DSA-44 from here on, as well where that was not done before.

    Raises:
        RecordError: the ledger does not hold.
        InputError: there is no ML-DSA-44 here.
        OSError: something cannot be written.
    """
    return Chain(ledger, keys).seal(lambda known: known.renew(post_quantum))


def _line_of(ledger: Path, index: int) -> bytes:
    """The entry of a line that is not erased."""
    try:
        return parts(lines_of(ledger, index // WIDTH)[index % WIDTH])[0]
    except (Damaged, IndexError):
        raise RecordError(f"{ledger}: entry {index} is erased already, or no entry") from None
