"""From entries to a signed head: what is durable goes into the tree, and the tree's root under a signature.

A head is only ever signed that continues the one before: before anything is added, the tree on the disk must have
the root that was signed last, and what is about to be signed is durable before its signature leaves.
"""

from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from time import time
from typing import Final

from ..errors import RecordError
from .durable import locked, write_durably
from .journal import Journal, lines_of, segment_path
from .keys import Keys
from .leaves import leaf, parts
from .merkle import Node, leaf_hash, root
from .note import Checkpoint, NoteError, read_checkpoint, read_note
from .place import CHECKPOINT, LOCK, ORIGIN, VERIFIERS, WIDTH
from .public_keys import Verifier, read_verifier, signers
from .tiles import ENTRIES, Damaged, Tiles, bundle

# Entries that are put into the tree at once.
_BATCH: Final = 64 * WIDTH


def origin_of(folder: Path) -> str:
    """The name of a ledger.

    Raises:
        RecordError: there is no ledger.
    """
    try:
        text = (folder / ORIGIN).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{folder}: is no ledger ({error})") from error
    if not text.endswith("\n") or not text[:-1].replace("/", "").isalnum():
        raise RecordError(f"{folder}: is no ledger ({ORIGIN} does not say which)")
    return text[:-1]


class Chain:
    """Signs a ledger's heads; any number of processes may.

    Args:
        folder: the ledger's; it is there.
        keys: the folder of its keys.
    """

    def __init__(self, folder: Path, keys: Path) -> None:
        self._folder, self._keys = folder, Keys(keys, origin_of(folder))
        self._journal, self._tiles = Journal(folder), Tiles(folder)

    def seal(self, renew: Callable[[Keys], None] | None = None) -> Checkpoint:
        """Put all entries that are durable into the tree, and sign its head.

        Args:
            renew: makes the keys anew, to sign with them from here on; heads before stay signed by those before.

        Raises:
            OSError: a file cannot be read or written.
            RecordError: what is there is not what was signed; nothing is signed.
        """
        with locked(self._folder / LOCK):
            try:
                return self._seal(renew)
            except (Damaged, NoteError) as error:
                raise RecordError(f"{self._folder}: {error}; nothing more is signed") from error

    def _seal(self, renew: Callable[[Keys], None] | None) -> Checkpoint:
        head, signed = self._head()
        end = self._journal.find_end()
        if end < head.size:
            raise Damaged(f"{segment_path(end // WIDTH)}: {head.size} entries were signed, and {end} are there")
        if renew:
            renew(self._keys)
        if signed and end == head.size and not renew:
            return head
        self._publish()
        if end == head.size:
            self._sign(head)
        while head.size < end:
            head = self._extend(head, min(end, head.size + _BATCH))
        return head

    def _head(self) -> tuple[Checkpoint, bool]:
        """The last head that was signed, once the tree is found to have its root; whether its signature is out."""
        origin, known, out = origin_of(self._folder), self._keys.signing(), self._checkpoint()
        if known is None:
            if out:
                raise Damaged(f"{CHECKPOINT}: is there, but its key is not")
            return Checkpoint(origin, 0, root(0, self._node(0))), False
        if known.origin != origin or (out and out.size > known.size):
            raise Damaged(f"{CHECKPOINT}: is not of the ledger that was signed last")
        if root(known.size, self._node(known.size)) != known.root:
            raise Damaged(f"tile: the tree of {known.size} entries is not the one that was signed")
        return known, out == known

    def _checkpoint(self) -> Checkpoint | None:
        try:
            note = read_note((self._folder / CHECKPOINT).read_bytes())
        except FileNotFoundError:
            return None
        if not signers(note, published(self._folder)):
            raise Damaged(f"{CHECKPOINT}: is signed by none of our keys")
        return read_checkpoint(note.text)

    def _extend(self, head: Checkpoint, end: int) -> Checkpoint:
        leaves = self._leaves(head.size, end)
        first, start = divmod(head.size, WIDTH)
        entries = [*(self._tiles.entries(first, start) if start else ()), *leaves]
        for place in range(0, len(entries), WIDTH):
            part = entries[place : place + WIDTH]
            self._tiles.write(ENTRIES, first + place // WIDTH, len(part), bundle(part))
        full = self._tiles.extend(head.size, list(map(leaf_hash, leaves)))
        new = Checkpoint(head.origin, end, root(end, self._node(end)))
        self._sign(new)
        self._tiles.forget_partial(end, full)
        return new

    def _leaves(self, start: int, end: int) -> list[bytes]:
        leaves = list[bytes]()
        for number, indices in groupby(range(start, end), lambda index: index // WIDTH):
            lines = lines_of(self._folder, number)
            leaves += [leaf(*parts(lines[index % WIDTH])) for index in indices]
        return leaves

    def _sign(self, head: Checkpoint) -> None:
        self._keys.about_to_sign(head)
        write_durably(self._folder / CHECKPOINT, str(self._keys.sign(head, int(time()))).encode())
        self._keys.has_signed(head)

    def _publish(self) -> None:
        """Have the public halves of the keys among those that are published."""
        known = published(self._folder)
        keys = dict.fromkeys((*known, *self._keys.verifiers()))
        if len(keys) > len(known):
            write_durably(self._folder / VERIFIERS, "".join(f"{key}\n" for key in keys).encode())

    def _node(self, size: int) -> Node:
        return lambda height, index: self._tiles.node(size, height, index)


def published(folder: Path) -> list[Verifier]:
    """The keys that are published beside a ledger.

    Raises:
        NoteError: a line is no key.
    """
    try:
        text = (folder / VERIFIERS).read_bytes().decode()
    except FileNotFoundError:
        return []
    except UnicodeDecodeError:
        raise NoteError("is no text") from None
    keys = [read_verifier(line) for line in text.split("\n")[:-1]]
    if not keys or text != "".join(f"{key}\n" for key in keys):
        raise NoteError("is no list of keys")
    return keys
