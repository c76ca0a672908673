"""What a recorder cut into files is one source again, by the clocks in their names."""

from itertools import islice
from pathlib import Path

import pytest
from helpers.clips import encode

from facewarden.streams.address import parse_source
from facewarden.streams.errors import EmptySource, TruncatedSource
from facewarden.streams.segments import Segment, Segments, find_segments, segments_at, segments_url
from facewarden.streams.source import open_source


@pytest.fixture
def mediamtx(tmp_path: Path) -> Path:
    """Two files of half a second that follow each other, and one 20 s after the second began."""
    folder = tmp_path / "site" / "gate"
    folder.mkdir(parents=True)
    for stem in ("10-00-00-000000", "10-00-00-500000", "10-00-20-500000"):
        encode(folder / f"2026-11-25_{stem}.mp4")
    return tmp_path


@pytest.fixture
def frigate(tmp_path: Path) -> Path:
    """Two cameras, one of them past midnight."""
    for name in ("2026-11-25/23/desk/59.59.mp4", "2026-11-25/23/yard/59.59.mp4", "2026-11-26/00/desk/00.00.mp4"):
        (tmp_path / name).parent.mkdir(parents=True)
        encode(tmp_path / name)
    return tmp_path


def test_the_files_of_a_mediamtx_path_follow_each_other_and_a_gap_is_said(mediamtx: Path) -> None:
    with open_source(segments_url(mediamtx, "site/gate"), "gate") as source:
        frames = list(source)

    assert [frame.index for frame in frames] == list(range(36))
    assert [frame.media_time for frame in frames[:24]] == pytest.approx([n / 25 for n in range(24)], abs=0.011)
    assert frames[24].media_time == pytest.approx(20.5)
    assert source.counters.discontinuities == ["at 20.500 s: nothing was recorded for 19.540 s"]
    assert [frame.index for frame in frames if frame.discontinuity] == [24]


def test_each_picture_has_the_wall_clock_at_which_it_was_taken(frigate: Path) -> None:
    with open_source(segments_url(frigate, "desk")) as source:
        frames = list(source)

    assert frames[0].captured_at == 1795651199.0  # 2026-11-25 23:59:59, UTC
    assert frames[12].captured_at == pytest.approx(1795651199.48)
    assert source.name == "desk"


def test_frigates_cameras_are_told_apart_and_go_on_past_midnight(frigate: Path) -> None:
    found = find_segments(frigate)

    assert {camera: len(segments) for camera, segments in found.items()} == {"desk": 2, "yard": 1}
    assert found["desk"][1].begins - found["desk"][0].begins == 1.0


def test_a_folder_with_one_cameras_recordings_is_a_source_under_any_name(mediamtx: Path) -> None:
    with open_source(str(mediamtx / "site/gate"), "north") as source:
        assert len(list(source)) == 36
    assert list(find_segments(mediamtx / "site/gate")) == ["gate"]


def test_a_file_that_cannot_be_read_is_passed_over_and_told_at_the_end(mediamtx: Path) -> None:
    broken = mediamtx / "site/gate/2026-11-25_10-00-00-500000.mp4"
    broken.write_bytes(b"x" * 100)
    with open_source(segments_url(mediamtx, "site/gate")) as source:
        frames = iter(source)
        assert len(list(islice(frames, 24))) == 24
        with pytest.raises(TruncatedSource, match=f"1 of 3 files could not be read to their end; the first: {broken}"):
            next(frames)


def test_files_whose_clocks_overlap_do_not_run_backwards(tmp_path: Path) -> None:
    long = encode(tmp_path / "long.mp4", pictures=75)
    source = Segments([Segment(100.0, long), Segment(101.0, long)], "cam")
    times = [frame.media_time for frame in source]

    assert times == sorted(times)
    assert source.counters.discontinuities == ["at 3.000 s: the recordings overlap (-2.000 s)"]


def test_of_segments_as_of_a_file_few_pictures_may_do(mediamtx: Path) -> None:
    asked: list[float] = []
    with open_source(segments_url(mediamtx, "site/gate")) as source:
        source.thrift = lambda moment: bool(asked.append(moment))
        assert len(list(source)) == 36
    assert asked == sorted(asked)
    assert asked[-1] == pytest.approx(20.9, abs=0.2)


def test_no_recordings_of_a_camera_are_no_source(mediamtx: Path) -> None:
    with pytest.raises(EmptySource, match="no recordings of this camera"):
        open_source(segments_url(mediamtx, "site/door"))


@pytest.mark.parametrize("name", ["2026-02-31_10-00-00-000000.mp4", "holiday.mp4", "2026-11-25_10-00-00-000000.txt"])
def test_what_is_named_otherwise_is_no_segment(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert find_segments(tmp_path) == {}


def test_the_address_of_segments_survives_a_command_line(tmp_path: Path) -> None:
    folder = tmp_path / "a b?c" / "yard#1"
    folder.mkdir(parents=True)
    (folder / "2026-11-25_10-00-00.mp4").touch()
    name, url = parse_source(f"yard={segments_url(tmp_path / 'a b?c', 'yard#1')}")

    assert name == "yard"
    assert [segment.path.name for segment in segments_at(url)] == ["2026-11-25_10-00-00.mp4"]
