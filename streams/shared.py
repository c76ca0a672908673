"""Pictures in shared memory, for a host that writes them: numpy and the standard library will do.

The layout, little-endian, in a file of `/dev/shm` (tmpfs), made under another name and given this one when it is whole:

    offset  type   what
    0       8 B    "FWSHM\\0\\0\\1"
    8       u32    format: 1 I420 (planes Y, U, V), 2 NV12 (planes Y, UV)
    12      u32    width, even
    16      u32    height, even
    20      u32    slots, at least 2
    24      u64    bytes from one slot to the next, a multiple of 64
    32      u64    written: number of the newest picture, from 1; 0 before the first
    40      u32    ended: 1 when the writer is gone
    64             the slots

Picture n stands in slot (n - 1) % slots. A slot begins with 64 bytes, and the planes follow without padding:

    0       u64    sequence: 2 n - 1 while picture n is being written, 2 n when it is whole (a seqlock)
    8       f64    the host's time stamp, seconds on any base
    16      f64    the camera's wall clock, POSIX seconds; NaN where it has none

A writer holds the file locked (`flock`, exclusive): so a second one knows that the name is taken. It stores the odd
sequence, the picture, the even sequence, then `written`, in this order (release); nobody else writes.
A reader copies a picture and believes it if the sequence was 2 n before and after.
"""

import math
import mmap
import os
import re
import struct
from collections.abc import Sequence
from errno import EEXIST
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from threading import get_native_id
from typing import Final, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from .address import redacted
from .errors import UnsupportedSource

FOLDER: Final = Path("/dev/shm")  # noqa: S108 - where memory is shared by name
MAGIC: Final = b"FWSHM\0\0\1"
HEAD: Final = struct.Struct("<8sIIIIQQI")
SLOT: Final = struct.Struct("<Qdd")
ALIGNED: Final = 64
_WRITTEN, _ENDED = 32, 40
_SCHEME: Final = "shm:"
_MOST_SLOTS: Final = 64

SharedFormat = Literal["i420", "nv12"]
_NUMBERS: Final[dict[SharedFormat, int]] = {"i420": 1, "nv12": 2}
Plane = NDArray[np.uint8]


class Layout(NamedTuple):
    """What the head of a file says of all its pictures.

    Attributes:
        stride: bytes from one slot to the next.
    """

    form: SharedFormat
    width: int
    height: int
    slots: int
    stride: int

    @property
    def picture(self) -> int:
        """Bytes of a picture."""
        return self.width * self.height * 3 // 2

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return ALIGNED + self.slots * self.stride


def layout_of(form: SharedFormat, width: int, height: int, slots: int) -> Layout:
    """The layout of such pictures."""
    picture = width * height * 3 // 2
    return Layout(form, width, height, slots, ALIGNED + -(-picture // ALIGNED) * ALIGNED)


def parse_layout(head: bytes) -> Layout | None:
    """The layout that a file's head tells; None where it is no such head."""
    magic, number, width, height, slots, stride, *_ = HEAD.unpack(head)
    forms: dict[int, SharedFormat] = {number: form for form, number in _NUMBERS.items()}
    if magic != MAGIC or number not in forms or width * height == 0 or width % 2 or height % 2:
        return None
    layout = Layout(forms[number], width, height, slots, stride)
    return layout if 2 <= slots <= _MOST_SLOTS and stride >= ALIGNED + layout.picture else None


def is_shared(address: str) -> bool:
    """Whether it is `shm:NAME`."""
    return address.startswith(_SCHEME)


def shared_path(address: str) -> Path:
    """The file of `shm:NAME`.

    Raises:
        UnsupportedSource: it can be none.
    """
    name = address.removeprefix(_SCHEME)
    if not re.fullmatch(r"[\w-][\w.-]*", name, re.ASCII):
        raise UnsupportedSource(redacted(address), "expected shm:NAME, the name of letters, digits, '-', '_' and '.'")
    return FOLDER / name


class SharedPictures:
    """Writes pictures where `shm:NAME` reads them. One thread at a time.

    Args:
        name: letters, digits, `-`, `_` and `.`; what has that name in `/dev/shm` is replaced, unless another
            writer that still runs writes it.
        width, height: pixels, both even.
        form: `i420` or `nv12`.
        slots: how many pictures are kept: a reader has the time of all but one to copy it.

    Raises:
        UnsupportedSource: such pictures cannot be shared.
        OSError: the file cannot be made; `FileExistsError` where another writes it.
    """

    def __init__(self, name: str, width: int, height: int, form: SharedFormat = "i420", slots: int = 4) -> None:
        self._path, self._layout = shared_path(_SCHEME + name), layout_of(form, width, height, slots)
        if min(width, height) <= 0 or width % 2 or height % 2 or not 2 <= slots <= _MOST_SLOTS:
            raise UnsupportedSource(_SCHEME + name, f"width and height are even, and slots are 2 to {_MOST_SLOTS}")
        self._memory = self._make()
        self._written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, picture: Plane | Sequence[Plane], at: float, captured_at: float | None = None) -> None:
        """Share a picture.

        Args:
            picture: uint8. One array of shape (height * 3 / 2, width), as OpenCV has it and Frigate keeps it; or the
                planes, whose rows may lie apart (DeepStream's pitch): Y (height, width), and U and V
                (height / 2, width / 2 each), or UV (height / 2, width) for NV12.
            at: its time stamp, seconds on any base.
            captured_at: the camera's wall clock, POSIX seconds, if known.

        Raises:
            ValueError: the arrays are none of these.
        """
        number, layout = self._written + 1, self._layout
        offset = ALIGNED + (number - 1) % layout.slots * layout.stride
        planes = self._checked(picture)
        captured = math.nan if captured_at is None else captured_at
        SLOT.pack_into(self._memory, offset, 2 * number - 1, at, captured)
        begin = offset + ALIGNED
        for plane in planes:
            np.frombuffer(self._memory, np.uint8, plane.size, begin).reshape(plane.shape)[...] = plane
            begin += plane.size
        struct.pack_into("<Q", self._memory, offset, 2 * number)
        struct.pack_into("<Q", self._memory, _WRITTEN, number)
        self._written = number

    def close(self) -> None:
        """Say that nothing more comes, and take the name away."""
        if not self._memory.closed:
            struct.pack_into("<I", self._memory, _ENDED, 1)
            self._path.unlink(missing_ok=True)  # while it is locked: later the name may be another's
            self._memory.close()

    def _checked(self, picture: Plane | Sequence[Plane]) -> list[Plane]:
        planes = [picture] if isinstance(picture, np.ndarray) else list(picture)
        width, height = self._layout.width, self._layout.height
        chroma = [(height // 2, width)] if self._layout.form == "nv12" else [(height // 2, width // 2)] * 2
        wanted = [[(height * 3 // 2, width)], [(height, width), *chroma]]
        if [plane.shape for plane in planes] not in wanted or any(plane.dtype != np.uint8 for plane in planes):
            got = ", ".join(f"{plane.dtype}{plane.shape}" for plane in planes)
            raise ValueError(f"expected uint8 arrays of shapes {wanted[0]} or {wanted[1]}; got {got}")
        return planes

    def _make(self) -> mmap.mmap:
        layout = self._layout
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}.{get_native_id()}")
        part.unlink(missing_ok=True)
        file = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            flock(file, LOCK_EX | LOCK_NB)  # held as long as `memory`, which has a descriptor of its own
            os.posix_fallocate(file, 0, layout.size)  # what is not there now would end the process later
            memory = mmap.mmap(file, layout.size)
            HEAD.pack_into(
                memory, 0, MAGIC, _NUMBERS[layout.form], layout.width, layout.height, layout.slots, layout.stride, 0, 0
            )
            while not _named(part, self._path):
                _take_away(self._path)
        finally:
            os.close(file)
            part.unlink(missing_ok=True)
        return memory


def _named(part: Path, path: Path) -> bool:
    """Give a file that name; not where another has it: of two writers that begin at once one alone gets it."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return False
    return True


def _take_away(path: Path) -> None:
    """Take away what has the name; raises where somebody who still runs writes there."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    except OSError:  # what nobody can write to, such as a link
        path.unlink(missing_ok=True)
        return
    try:
        flock(file, LOCK_EX | LOCK_NB)
        if os.path.samestat(os.fstat(file), path.stat(follow_symlinks=False)):  # another may have been quicker
            path.unlink()
    except BlockingIOError:
        raise FileExistsError(EEXIST, "another writer has this name", str(path)) from None
    except FileNotFoundError:
        pass  # it was
    finally:
        os.close(file)
