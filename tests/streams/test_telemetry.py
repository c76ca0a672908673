import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewarden.streams.source import open_source
from facewarden.streams.telemetry import Motion, parse_gpmf

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def record(key: bytes, kind: bytes, size: int, count: int, data: bytes) -> bytes:
    return struct.pack(">4scBH", key, kind, size, count) + data + bytes(-len(data) % 4)


def nested(key: bytes, *records: bytes) -> bytes:
    data = b"".join(records)
    return record(key, b"\0", 1, len(data), data)


def sensors(fix: int = 3) -> bytes:
    acceleration = record(b"ACCL", b"s", 6, 2, np.array([[981, 0, 0], [981, 100, 0]], ">i2").tobytes())
    position = record(b"GPS5", b"l", 20, 1, np.array([1, 2, 3, 1300, 1400], ">i4").tobytes())
    return nested(
        b"DEVC",
        nested(b"STRM", record(b"SCAL", b"s", 2, 1, b"\x00\x64"), acceleration),
        nested(
            b"STRM",
            record(b"GPSF", b"L", 4, 1, struct.pack(">I", fix)),
            record(b"SCAL", b"l", 4, 5, np.array([1, 1, 1, 1000, 1000], ">i4").tobytes()),
            position,
        ),
    )


def test_acceleration_and_speed_are_read_in_their_units() -> None:
    motion = parse_gpmf(sensors())

    assert motion is not None
    assert motion.acceleration.tolist() == [[9.81, 0, 0], [9.81, 1, 0]]
    assert motion.speed.tolist() == [1.3]
    assert motion.rotation.shape == (0, 3)


def test_a_speed_without_a_satellite_fix_is_none() -> None:
    motion = parse_gpmf(sensors(fix=0))

    assert motion is not None
    assert motion.speed.size == 0


def test_a_scale_that_does_not_fit_is_passed_over() -> None:
    scale = record(b"SCAL", b"s", 2, 2, b"\x00\x01\x00\x01")
    assert parse_gpmf(nested(b"STRM", scale, record(b"ACCL", b"s", 6, 1, bytes(6)))) is None


@given(st.binary(max_size=200), st.integers(0, 300))
def test_damaged_telemetry_is_passed_over(junk: bytes, cut: int) -> None:
    for payload in (junk, sensors()[:cut], sensors()[:cut] + junk):
        assert isinstance(parse_gpmf(payload), Motion | None)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_a_camera_s_own_sensors_come_with_its_pictures() -> None:
    with open_source(str(CORPUS / "gopro_maxhero.mp4")) as source:
        motions = [frame.motion for frame in source if frame.motion]

    assert 9 <= len(motions) <= 12
    assert np.median(np.concatenate([motion.speed for motion in motions])) == pytest.approx(1.2, abs=0.2)
