"""The Merkle tree of RFC 6962 (and 9162): pure functions over its nodes.

A tree of n entries is told by n and by its complete subtrees: `Node(height, index)` gives the hash of the subtree
of 2**height entries that begins at entry index * 2**height.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final, TypeAlias

Node: TypeAlias = Callable[[int, int], bytes]
EMPTY: Final = sha256().digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry, 32 bytes."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees, 32 bytes."""
    return sha256(b"\1" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    layer = list(hashes)
    while len(layer) > 1:
        pairs = [sha256(b"\1" + left + right).digest() for left, right in zip(layer[::2], layer[1::2], strict=False)]
        layer = pairs + layer[len(pairs) * 2 :]
    return layer[0] if layer else EMPTY


def root(size: int, node: Node) -> bytes:
    """The root of a tree of that many entries."""
    return _subtree(0, size, node) if size else EMPTY


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """What proves that an entry is in the tree (RFC 6962, 2.1.1), from the leaf up.

    Raises:
        ValueError: there is no such entry.
    """
    if not 0 <= index < size:
        raise ValueError(f"no entry {index} in a tree of {size}")
    low, high, proof = 0, size, list[bytes]()
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(_subtree(middle, high, node))
            high = middle
        else:
            proof.append(_subtree(low, middle, node))
            low = middle
    return proof[::-1]


def consistency_proof(old: int, size: int, node: Node) -> list[bytes]:
    """What proves that the tree of `old` entries is the beginning of this one (RFC 6962, 2.1.2).

    Raises:
        ValueError: the old one is larger.
    """
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {old} is not the beginning of one of {size}")
    if old in (0, size):
        return []
    low, high, proof = 0, size, list[bytes]()
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(_subtree(middle, high, node))
            high = middle
        else:
            proof.append(_subtree(low, middle, node))
            low = middle
    return [*([_subtree(low, high, node)] if low else []), *proof[::-1]]


def included(leaf: bytes, index: int, size: int, proof: Iterable[bytes], head: bytes) -> bool:
    """Whether the proof shows that a leaf's hash stands at that index of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    last, result = size - 1, leaf
    for part in proof:
        if not last:
            return False
        if index & 1 or index == last:
            result = node_hash(part, result)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            result = node_hash(result, part)
        index, last = index >> 1, last >> 1
    return not last and result == head


def consistent(old: int, size: int, proof: Sequence[bytes], old_head: bytes, head: bytes) -> bool:
    """Whether the proof shows that the old tree is the beginning of this one (RFC 9162, 2.1.4.2)."""
    if old == size or not old:
        return not proof and (not old or old_head == head) and old <= size
    if not 0 < old < size or not proof:
        return False
    parts = list(proof) if old & (old - 1) else [old_head, *proof]
    index, last = old - 1, size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    first = second = parts[0]
    for part in parts[1:]:
        if not last:
            return False
        if index & 1 or index == last:
            first, second = node_hash(part, first), node_hash(part, second)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            second = node_hash(second, part)
        index, last = index >> 1, last >> 1
    return not last and first == old_head and second == head


def _split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(low: int, high: int, node: Node) -> bytes:
    """The hash over the entries from low to before high, where low is a multiple of what high - low splits into."""
    size = high - low
    if size & (size - 1) == 0:
        height = size.bit_length() - 1
        return node(height, low >> height)
    middle = low + _split(size)
    return node_hash(_subtree(low, middle, node), _subtree(middle, high, node))
