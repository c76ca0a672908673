import os
from pathlib import Path
from typing import cast
from urllib.parse import quote

import av
import cv2
import numpy as np
import pytest
from av.stream import Disposition
from av.video.stream import VideoStream
from helpers.clips import encode, picture

from facewarden.streams.errors import EmptySource, NoVideo, SourceNotFound, TruncatedSource, UnreadableSource
from facewarden.streams.frame import Frame
from facewarden.streams.images import ImageFolder
from facewarden.streams.source import open_source
from facewarden.streams.video import VideoFile

LAYOUTS = [
    ("h264.mp4", {}),
    ("h264.mov", {}),
    ("h264.mkv", {}),
    ("mpeg4.avi", {"codec": "mpeg4"}),
    ("h264.ts", {}),
    ("vp9.webm", {"codec": "libvpx-vp9"}),
    ("raw.h264", {}),
    ("paletted.gif", {"codec": "gif", "pix_fmt": "rgb8"}),
    ("full_range.mkv", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}),
    ("grey.mkv", {"codec": "ffv1", "pix_fmt": "gray"}),
    ("nv12.mkv", {"codec": "rawvideo", "pix_fmt": "nv12"}),
    ("422.mkv", {"pix_fmt": "yuv422p"}),
    ("bgr.avi", {"codec": "rawvideo", "pix_fmt": "bgr24"}),
    ("odd.mkv", {"codec": "ffv1", "pix_fmt": "yuv444p", "size": (63, 47)}),
    ("ten_bit.mkv", {"codec": "ffv1", "pix_fmt": "yuv420p10le"}),
]


def frames(path: Path | str) -> list[Frame]:
    with open_source(str(path)) as source:
        return list(source)


@pytest.mark.parametrize(("name", "options"), LAYOUTS, ids=[name for name, _ in LAYOUTS])
def test_every_container_and_layout_gives_all_its_pictures_in_luma_and_colour(
    tmp_path: Path, name: str, options: dict[str, str]
) -> None:
    read = frames(encode(tmp_path / name, **options))  # pyright: ignore[reportArgumentType]
    width, height = read[0].size

    assert len(read) == 12
    assert [frame.media_time for frame in read] == pytest.approx([n / 25 for n in range(12)], abs=0.011)
    for frame in read:
        luma = frame.luma
        assert (luma.shape, luma.dtype) == ((height, width), np.uint8)
        assert luma[: height // 2 - 8, : width // 2 - 8].mean() > luma[height // 2 + 8 :, width // 2 + 8 :].mean() + 60
        assert frame.bgr().shape == (height, width, 3)


def test_a_decoded_luma_plane_is_handed_out_without_a_copy(tmp_path: Path) -> None:
    with VideoFile(encode(tmp_path / "clip.mp4")) as source:
        frame = next(iter(source))
        assert not frame.luma.flags.owndata
        assert np.shares_memory(frame.luma, frame.luma)


@pytest.mark.parametrize(("rotation", "corner"), [(90, (0, 1)), (180, (1, 1)), (270, (1, 0))])
def test_rotation_in_the_file_is_applied_to_every_view(tmp_path: Path, rotation: int, corner: tuple[int, int]) -> None:
    """The bright corner, stored top left, is where a player would show it: 90 degrees clockwise is top right."""
    frame = frames(encode(tmp_path / "turned.mp4", rotation=rotation))[0]

    for view in (frame.luma, frame.bgr()[:, :, 1], frame.thumbnail(64)):
        height, width = view.shape
        quarters = view[: height // 2 * 2, : width // 2 * 2].reshape(2, height // 2, 2, width // 2).mean(axis=(1, 3))
        assert np.unravel_index(quarters.argmax(), (2, 2)) == corner


def test_a_stream_without_time_stamps_takes_the_rate_it_is_given(tmp_path: Path) -> None:
    path = encode(tmp_path / "raw.h264")

    with open_source(str(path), assume_fps=10) as source:
        assert [frame.media_time for frame in source][-1] == pytest.approx(1.1)


def test_the_name_is_the_file_s_stem_unless_given(tmp_path: Path) -> None:
    path = encode(tmp_path / "unit-17.mp4", pictures=1)

    assert VideoFile(path).name == "unit-17"
    assert VideoFile(path, "x").name == "x"


@pytest.mark.parametrize("faststart", [False, True])
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi"])
def test_a_file_cut_short_gives_what_it_holds_and_then_says_so(tmp_path: Path, suffix: str, faststart: bool) -> None:
    options = {"movflags": "faststart"} if faststart and suffix == "mp4" else {}
    path = encode(tmp_path / f"whole.{suffix}", pictures=100, options=options)
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    read: list[Frame] = []

    with pytest.raises(TruncatedSource, match="cut short"), open_source(str(cut)) as source:
        read.extend(source)

    needs_its_index = suffix == "mp4" and not faststart
    assert bool(read) is not needs_its_index


def test_a_whole_file_is_not_taken_for_a_cut_one(tmp_path: Path) -> None:
    for suffix in ("mp4", "mkv", "avi", "ts", "webm"):
        path = encode(tmp_path / f"whole.{suffix}", codec="libvpx-vp9" if suffix == "webm" else "libx264", pictures=40)
        assert len(frames(path)) == 40


def test_damage_in_the_middle_is_counted_and_passed_over(tmp_path: Path) -> None:
    path = encode(tmp_path / "clip.webm", codec="libvpx-vp9", pictures=30)
    with av.open(str(path)) as container:
        packet = list(container.demux())[20]
        start, size = path.read_bytes().index(bytes(packet)), packet.size
    damaged = bytearray(path.read_bytes())
    damaged[start : start + size] = bytes(size)
    path.write_bytes(damaged)

    with open_source(str(path)) as source:
        read = list(source)
        assert source.counters.unreadable >= 1
        assert len(read) + source.counters.unreadable == 30


def audio_only(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_what_is_no_video_is_refused_with_one_line_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    written(tmp_path / "folder" / "notes.txt", b"no picture")
    cases = {
        tmp_path / "gone.mp4": SourceNotFound,
        written(tmp_path / "empty.mp4", b""): EmptySource,
        written(tmp_path / "text.mp4", b"this is a text\n" * 100): UnreadableSource,
        audio_only(tmp_path / "sound.mp4"): NoVideo,
        tmp_path / "folder": EmptySource,
    }
    for path, error in cases.items():
        with pytest.raises(error) as raised:
            open_source(str(path))
        assert str(path) in str(raised.value)
        assert "\n" not in str(raised.value)


def test_a_title_that_is_no_text_does_not_keep_the_pictures_from_being_read(tmp_path: Path) -> None:
    path = tmp_path / "titled.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "a title of some length"
        stream = cast(VideoStream, container.add_stream("libx264", rate=25))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(1), format="rgb24")))
        container.mux(stream.encode())
    path.write_bytes(path.read_bytes().replace(b"a title", b"\xf9 title"))

    assert len(list(open_source(str(path)))) == 1


def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(UnreadableSource, match="neither a regular file nor a folder"):
        open_source(str(tmp_path / "pipe.mp4"))


def test_a_codec_that_no_decoder_knows_and_pictures_that_are_all_damaged_are_errors(tmp_path: Path) -> None:
    whole = encode(tmp_path / "whole.mp4").read_bytes()
    unknown = written(tmp_path / "unknown.mp4", whole.replace(b"avc1", b"zzzz"))
    start = whole.index(b"mdat") + 4
    zeroed = written(tmp_path / "zeroed.mp4", whole[:start] + bytes(2000) + whole[start + 2000 :])

    for path in (unknown, zeroed):
        with pytest.raises(UnreadableSource), open_source(str(path)) as source:
            list(source)


def test_cover_art_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        sound, cover = container.add_stream("aac", rate=48000), container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"  # pyright: ignore
        cover.disposition = Disposition.attached_pic.value  # pyright: ignore
        art = av.VideoFrame.from_ndarray(picture(0), format="rgb24").reformat(format="yuvj420p")
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        samples.sample_rate = 48000
        container.mux([*cover.encode(art), *cover.encode(None)])  # pyright: ignore
        container.mux([*sound.encode(samples), *sound.encode(None)])  # pyright: ignore

    with pytest.raises(NoVideo):
        open_source(str(path))


def test_a_name_may_hold_a_colon_and_a_url_what_it_must_escape(tmp_path: Path) -> None:
    path = encode(tmp_path / "2024-05-01T12:30:00 gate.mp4", pictures=3)

    assert len(frames(path)) == 3
    assert len(frames(f"file://{quote(str(path))}")) == 3


def test_images_that_are_gone_folders_or_claim_too_much_are_counted(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), picture(1))
    (tmp_path / "2.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "3.png").mkdir()
    huge = bytearray((tmp_path / "1.png").read_bytes())
    huge[16:24] = (100_000).to_bytes(4, "big") * 2
    written(tmp_path / "²4.png", bytes(huge))

    with ImageFolder(tmp_path) as source:
        assert len(list(source)) == 1
        assert source.counters.unreadable == 3


def test_a_folder_of_images_is_read_in_natural_order_whatever_the_sizes(tmp_path: Path) -> None:
    for position in (10, 2, 1):
        cv2.imwrite(str(tmp_path / f"{position}.png"), picture(position, (32 + position, 32)))
    written(tmp_path / "3.png", b"broken")

    with ImageFolder(tmp_path, assume_fps=10) as source:
        read = list(source)

    assert [frame.size[0] for frame in read] == [33, 34, 42]
    assert [frame.media_time for frame in read] == [0.0, 0.1, 0.3]
    assert source.counters.unreadable == 1


def test_a_second_video_stream_is_told_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("mpeg4", rate=25) for _ in range(2)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for stream in streams:
            for _ in range(5):
                blank = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="bgr24")
                container.mux(stream.encode(blank))
            container.mux(stream.encode(None))
    with VideoFile(path) as source:
        assert len(list(source)) == 5
        assert source.counters.left_out == ["it has 2 video streams; only the first is read"]
