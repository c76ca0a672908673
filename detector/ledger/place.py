"""Where what of a ledger is."""

import os
from pathlib import Path
from typing import Final

from .durable import locked, make_folder, write_durably

LEDGER: Final = "ledger"
LOCK: Final = "lock"
ORIGIN: Final = "origin"
CHECKPOINT: Final = "checkpoint"
VERIFIERS: Final = "keys.txt"
# Entries in a file, and hashes in a tile.
WIDTH: Final = 256


def make_ledger(folder: Path) -> None:
    """Make the folder of a ledger, and give it its name, where that is not done.

    Raises:
        OSError: it cannot be written to.
    """
    make_folder(folder)
    with locked(folder / LOCK):
        if not (folder / ORIGIN).exists():
            write_durably(folder / ORIGIN, f"facewarden/{os.urandom(8).hex()}\n".encode())


def number_path(number: int) -> str:
    """A tile's number as a path: three digits a folder, all but the last with an x before."""
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    return "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
