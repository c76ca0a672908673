"""A second reading of a ledger, by the texts of C2SP and RFC 6962 alone; it shares nothing with ours."""

import base64
import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def digest(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    if not leaves:
        return digest()
    if len(leaves) == 1:
        return digest(b"\x00", leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return digest(b"\x01", tree_hash(leaves[:split]), tree_hash(leaves[split:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*path(index, leaves[:split]), tree_hash(leaves[split:])]
    return [*path(index - split, leaves[split:]), tree_hash(leaves[:split])]


def checkpoint(ledger: Path) -> tuple[int, bytes]:
    """The size and the root of a head, once its signature is found to be that of the published key."""
    name, key_id, key = (ledger / "keys.txt").read_text().splitlines()[-1].split("+", 2)
    public = base64.b64decode(key)[1:]
    assert digest(name.encode(), b"\n\x01", public)[:4].hex() == key_id
    text, _, signature = (ledger / "checkpoint").read_text().rpartition("\n\n")
    dash, signer, content = signature.rstrip("\n").split(" ")
    assert (dash, signer, base64.b64decode(content)[:4].hex()) == ("\u2014", name, key_id)
    Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(content)[4:], f"{text}\n".encode())
    origin, size, root = text.split("\n")
    assert origin == name
    return int(size), base64.b64decode(root)


def leaves(ledger: Path, size: int) -> list[bytes]:
    """The entries of the bundles; fewer than a million."""
    found = []
    for number in range(-(-size // 256)):
        width = min(256, size - number * 256)
        name = f"x{number // 1000:03}/{number % 1000:03}" if number >= 1000 else f"{number:03}"
        content = (ledger / "tile" / "entries" / (name if width == 256 else f"{name}.p/{width}")).read_bytes()
        while content:
            length = int.from_bytes(content[:2], "big")
            found.append(content[2 : 2 + length])
            content = content[2 + length :]
    return found
