"""Pictures in shared memory: what a host writes is what is read, or nothing."""

import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import Barrier

import numpy as np
import pytest
from numpy.typing import NDArray

from facewarden.streams.errors import SourceNotFound, SourceUnreachable, UnreadableSource, UnsupportedSource
from facewarden.streams.shared import ALIGNED, FOLDER, HEAD, SharedPictures
from facewarden.streams.shm import Ring, SharedFeed

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="this system shares no memory by name")
WIDTH, HEIGHT = 64, 48

# A host: numpy and the one module, and not a line of what decodes.
HOST = """
import sys, time
import numpy as np
from facewarden.streams import SharedPictures
assert not {"cv2", "av"} & sys.modules.keys()
with SharedPictures(sys.argv[1], 64, 48, slots=4) as shared:
    for number in range(100_000):
        shared.write(np.full((72, 64), number % 256, np.uint8), number / 100)
        time.sleep(0.002)
"""


@pytest.fixture
def name() -> Iterator[str]:
    made = f"facewarden-test-{os.getpid()}"
    yield made
    (FOLDER / made).unlink(missing_ok=True)


def picture(value: int) -> NDArray[np.uint8]:
    return np.full((HEIGHT * 3 // 2, WIDTH), value, np.uint8)


def test_a_picture_is_read_as_it_was_written_with_its_stamps(name: str) -> None:
    with SharedPictures(name, WIDTH, HEIGHT) as shared:
        ring = Ring(f"shm:{name}")
        shared.write(picture(7), 1.5, 1_700_000_000.25)
        shown = ring.next()
        again = ring.next()
        ring.close()

    assert shown is not None
    assert (shown.samples == 7).all()
    assert (shown.samples.shape, shown.stamp, shown.captured_at) == ((72, 64), 1.5, 1_700_000_000.25)
    assert again is None


def test_planes_whose_rows_lie_apart_are_packed(name: str) -> None:
    surface = np.zeros((HEIGHT * 3 // 2, 256), np.uint8)  # with a pitch, as a GPU's decoder leaves it
    surface[:HEIGHT, :WIDTH], surface[HEIGHT:, :WIDTH] = 1, 2
    with SharedPictures(name, WIDTH, HEIGHT, "nv12") as shared:
        ring = Ring(f"shm:{name}")
        shared.write([surface[:HEIGHT, :WIDTH], surface[HEIGHT:, :WIDTH]], 0.0)
        shown = ring.next()
        ring.close()

    assert shown is not None
    assert (shown.samples[:HEIGHT] == 1).all()
    assert (shown.samples[HEIGHT:] == 2).all()
    assert shown.captured_at is None


def test_what_was_passed_by_is_counted_and_the_newest_is_read(name: str) -> None:
    with SharedPictures(name, WIDTH, HEIGHT, slots=2) as shared:
        ring = Ring(f"shm:{name}")
        for number in range(5):
            shared.write(picture(number), number)
        shown = ring.next()
        ring.close()

    assert shown is not None
    assert (shown.stamp, ring.missed) == (4.0, 4)


def test_a_picture_that_is_half_written_is_not_read(name: str) -> None:
    with SharedPictures(name, WIDTH, HEIGHT, slots=2) as shared:
        ring = Ring(f"shm:{name}")
        shared.write(picture(1), 0.0)
        with (FOLDER / name).open("r+b") as file:  # as a writer does that is at it
            file.seek(ALIGNED)
            file.write(struct.pack("<Q", 5))
        shown = ring.next()
        ring.close()

    assert (shown, ring.missed) == (None, 1)


def test_no_picture_is_torn_while_a_host_writes_as_fast_as_it_can(name: str) -> None:
    host = subprocess.Popen([sys.executable, "-c", HOST, name])
    try:
        source = SharedFeed(f"shm:{name}")
        read = list(islice(source, 60))
    finally:
        host.kill()
        host.wait()
    source.close()

    assert all(np.ptp(frame.luma) == 0 for frame in read)
    assert source.join(5)
    assert not np.any(np.diff([frame.media_time for frame in read]) < 0)


def test_a_host_that_begins_anew_is_found_with_another_size(name: str) -> None:
    source = SharedFeed(f"shm:{name}")
    sizes: list[tuple[int, int]] = []
    for width in (64, 128):
        with SharedPictures(name, width, HEIGHT) as shared:
            until, seen = time.monotonic() + 10, len(sizes)
            while len(sizes) == seen and time.monotonic() < until:
                shared.write(np.zeros((HEIGHT * 3 // 2, width), np.uint8), time.monotonic())
                time.sleep(0.02)
                sizes += [frame.size for frame in (source.handover.take(),) if frame]
    source.close()

    assert list(dict.fromkeys(sizes)) == [(64, 48), (128, 48)]
    assert source.reconnects["unreachable"] >= 1


def test_a_second_writer_of_a_name_is_refused_until_the_first_has_ended(name: str) -> None:
    first = SharedPictures(name, WIDTH, HEIGHT)
    with pytest.raises(FileExistsError, match="another writer has this name"):
        SharedPictures(name, WIDTH, HEIGHT)
    first.close()
    assert [path.name for path in FOLDER.iterdir() if name in path.name] == []
    (FOLDER / name).write_bytes(b"left by a host that was killed")
    SharedPictures(name, WIDTH, HEIGHT).close()


def test_of_writers_that_begin_at_once_one_alone_has_the_name(name: str) -> None:
    def begin(_: int) -> SharedPictures | None:
        together.wait()
        try:
            return SharedPictures(name, WIDTH, HEIGHT)
        except FileExistsError:
            return None

    together = Barrier(4)
    with ThreadPoolExecutor(4) as threads:
        for _ in range(50):
            (FOLDER / name).write_bytes(b"left by a host that was killed")
            [writer] = filter(None, threads.map(begin, range(4)))
            writer.close()
    assert [path.name for path in FOLDER.iterdir() if name in path.name] == []


def test_a_second_host_that_asks_nobody_is_told_and_read(name: str) -> None:
    told: list[tuple[str, str]] = []
    source = SharedFeed(f"shm:{name}", told=lambda *what: told.append(what))
    with SharedPictures(name, WIDTH, HEIGHT) as first:
        _write_until(first, lambda: source.heard is not None)
        (FOLDER / name).rename(FOLDER / f"{name}.old")
        with SharedPictures(name, WIDTH, HEIGHT) as second:
            _write_until(first, lambda: "second host" in str(told))
            before = source.heard
            _write_until(second, lambda: source.heard != before)
        (FOLDER / f"{name}.old").unlink()
    source.close()

    assert source.reconnects["unreachable"] >= 1
    assert ("", "") in told


def _write_until(shared: SharedPictures, done: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not done() and time.monotonic() < until:
        shared.write(picture(1), time.monotonic())
        time.sleep(0.02)


def test_a_writer_that_ends_is_told_and_takes_its_name_away(name: str) -> None:
    shared = SharedPictures(name, WIDTH, HEIGHT)
    ring = Ring(f"shm:{name}")
    shared.close()

    with pytest.raises(SourceUnreachable):
        ring.next()
    with pytest.raises(SourceNotFound):
        Ring(f"shm:{name}")
    ring.close()


def test_a_file_that_is_cut_short_ends_no_process(name: str) -> None:
    with SharedPictures(name, WIDTH, HEIGHT) as shared:
        ring = Ring(f"shm:{name}")
        shared.write(picture(1), 0.0)
        os.truncate(FOLDER / name, ALIGNED + 100)
        assert ring.next() is None
        os.truncate(FOLDER / name, 8)
        with pytest.raises(UnreadableSource):
            ring.next()
        ring.close()
        os.truncate(FOLDER / name, 1 << 20)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"no ring at all" * 10,
        HEAD.pack(b"FWSHM\0\0\1", 3, 64, 48, 4, 8192, 0, 0),
        HEAD.pack(b"FWSHM\0\0\1", 1, 64, 48, 4, 64, 0, 0),
        HEAD.pack(b"FWSHM\0\0\1", 1, 64, 48, 4, 8192, 0, 0),
        HEAD.pack(b"FWSHM\0\0\1", 1, 2**32 - 2, 2**32 - 2, 64, 2**63, 0, 0),
    ],
)
def test_a_file_that_is_no_ring_is_an_error(name: str, head: bytes) -> None:
    (FOLDER / name).write_bytes(head)
    with pytest.raises(UnreadableSource):
        Ring(f"shm:{name}")


def test_no_name_leads_out_of_the_folder() -> None:
    for name in ("../etc/passwd", "a/b", "", ".hidden", "..", "a\nb"):
        with pytest.raises(UnsupportedSource):
            SharedFeed(f"shm:{name}")
        with pytest.raises(UnsupportedSource):
            SharedPictures(name, WIDTH, HEIGHT)


def test_a_link_is_not_followed(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    (FOLDER / name).symlink_to(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(PermissionError):
        Ring(f"shm:{name}")


def test_arrays_of_another_shape_are_refused(name: str) -> None:
    with SharedPictures(name, WIDTH, HEIGHT) as shared, pytest.raises(ValueError, match="expected uint8"):
        shared.write(np.zeros((HEIGHT, WIDTH), np.uint8), 0.0)
