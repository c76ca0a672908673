"""A whole file of entries at once: where its lines, its bundle and its tile agree, as they nearly always do, nothing in
them has to be looked at one by one. Of a large ledger several processes go through the files."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from .journal import AFTER, BEFORE, BETWEEN, SALT, segment_path
from .leaves import LEAF
from .place import WIDTH
from .tiles import ENTRIES, HASH, Damaged, Tiles, bundle

_END: Final = AFTER + b"\n"
_SALT_AT: Final = -2 * SALT
_ENTRY_ENDS: Final = _SALT_AT - len(BETWEEN)
_COMMITMENT: Final = "0" * 64
# What stands in a bundle around each commitment, and in what the hashes of leaves are made of.
_BUNDLED: Final = bundle([LEAF % _COMMITMENT.encode()]).decode().split(_COMMITMENT)
_HASHED: Final = f"\0{(LEAF % _COMMITMENT.encode()).decode()}".split(_COMMITMENT)
_HASHED_SIZE: Final = len(_COMMITMENT.join(_HASHED))
# Files for which several processes are worth their start, and those that one goes through at a time.
_WORTH: Final = 200
_AT_ONCE: Final = 32


def all_agreed(folder: Path, size: int, workers: int) -> Iterator[bytes | None]:
    """What `agreed` says of each file of a ledger of that many entries, in their order, from so many processes."""
    widths = [min(WIDTH, size - start) for start in range(0, size, WIDTH)]
    if workers == 1 or len(widths) < _WORTH:
        yield from map(partial(agreed, folder), count(), widths)
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield from pool.map(partial(agreed, folder), range(len(widths)), widths, chunksize=_AT_ONCE)


def agreed(folder: Path, number: int, width: int) -> bytes | None:
    """The hashes of the first entries of a file, as the tree has them; of a full one, their root.

    Args:
        folder: the ledger's.
        number: of the file.
        width: how many entries of it are signed.

    Returns:
        None where anything is not as it should be, or an entry was erased.
    """
    try:
        content, tiles = (folder / segment_path(number)).read_bytes(), Tiles(folder)
        stored, tile = tiles.read(ENTRIES, number, width), tiles.read(0, number, width)
    except (Damaged, OSError):
        return None
    commitments = _commitments(content, width)
    if not commitments or _framed(commitments, _BUNDLED) != stored:
        return None
    leaves = _framed(commitments, _HASHED)
    if _hashed(leaves, _HASHED_SIZE) != tile:
        return None
    return tile if width < WIDTH else _root(tile)


def _commitments(content: bytes, width: int) -> list[str] | None:
    """What the tree promises of the first lines, in hexadecimal; None where one of them is not the line of an entry."""
    content = content[: content.rfind(b"\n") + 1]
    lines = content[len(BEFORE) : -len(_END)].split(_END + BEFORE)
    if not width <= len(lines) <= WIDTH or not _is_framed(content, lines):
        return None
    texts = b"".join([line[_SALT_AT:] for line in lines])
    try:
        salts = bytes.fromhex(texts.decode())
    except ValueError:
        return None
    if salts.hex().encode() != texts:
        return None
    salted = zip(range(0, SALT * width, SALT), lines, strict=False)
    return [sha256(salts[at : at + SALT] + line[:_ENTRY_ENDS]).hexdigest() for at, line in salted]


def _is_framed(content: bytes, lines: list[bytes]) -> bool:
    between = {line[_ENTRY_ENDS:_SALT_AT] for line in lines}
    return between == {BETWEEN} and content.startswith(BEFORE) and content.endswith(_END)


def _framed(commitments: Iterable[str], frame: list[str]) -> bytes:
    before, after = frame
    return f"{before}{(after + before).join(commitments)}{after}".encode()


def _root(hashes: bytes) -> bytes:
    """The root over a full tile."""
    while len(hashes) > HASH:
        hashes = b"".join(
            [sha256(b"\1" + hashes[at : at + 2 * HASH]).digest() for at in range(0, len(hashes), 2 * HASH)]
        )
    return hashes


def _hashed(texts: bytes, size: int) -> bytes:
    """The hashes of texts of that size, one behind the other."""
    return b"".join([sha256(texts[at : at + size]).digest() for at in range(0, len(texts), size)])
