"""One contract for every kind of source."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.clips import encode, picture

from facewarden.streams.address import parse_source, redacted
from facewarden.streams.errors import FacewardenError, SourceError, UnsupportedSource
from facewarden.streams.push import PushSource
from facewarden.streams.source import Source, open_source


def video(folder: Path) -> Source:
    return open_source(str(encode(folder / "clip.mp4")), "camera")


def images(folder: Path) -> Source:
    for position in range(12):
        cv2.imwrite(str(folder / f"{position}.png"), picture(position))
    return open_source(str(folder), "camera")


def pushed(_: Path) -> Source:
    source = PushSource("camera", depth=12)
    for position in range(12):
        source.push(picture(position), at=position / 25, layout="rgb")
    source.close()
    return source


def rendered(_: Path) -> Source:
    return open_source("synthetic:fixed?seconds=0.48&fps=25&size=96x72", "camera")


@pytest.fixture(params=[video, images, pushed, rendered], ids=lambda make: make.__name__)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    make: Callable[[Path], Source] = request.param
    return make(tmp_path)


def test_a_source_gives_its_frames_in_order_under_its_name(source: Source) -> None:
    with source:
        frames = list(source)

    assert [frame.index for frame in frames] == list(range(12))
    assert {frame.source for frame in frames} == {"camera"}
    assert [frame.media_time for frame in frames] == pytest.approx([n / 25 for n in range(12)])
    assert sorted(frame.received_at for frame in frames) == [frame.received_at for frame in frames]


def test_every_frame_has_luma_colour_and_a_thumbnail(source: Source) -> None:
    with source:
        for frame in source:
            width, height = frame.size
            assert (frame.luma.shape, frame.luma.dtype) == ((height, width), np.uint8)
            assert frame.bgr().shape == (height, width, 3)
            assert frame.thumbnail(32).shape == (24, 32)
            assert frame.thumbnail(32).flags.c_contiguous


def test_frames_stay_good_after_the_source_has_gone_on(source: Source) -> None:
    with source:
        kept = [(frame, frame.luma.copy()) for frame in source]

    assert all(np.array_equal(frame.luma, then) for frame, then in kept)


def test_a_source_can_be_closed_early_and_twice(source: Source) -> None:
    next(iter(source))
    source.close()
    source.close()


@pytest.mark.parametrize(
    ("text", "name", "url"),
    [
        ("clips/unit-17.mp4", "unit-17", "clips/unit-17.mp4"),
        ("lobby=clips/3.mkv", "lobby", "clips/3.mkv"),
        ("synthetic:body?seed=1", "body", "synthetic:body?seed=1"),
        ("a=synthetic:body?seed=1", "a", "synthetic:body?seed=1"),
        ("rtsp://u:p@cam/live?x=1", "live", "rtsp://u:p@cam/live?x=1"),
    ],
)
def test_a_name_is_split_from_its_url(text: str, name: str, url: str) -> None:
    assert parse_source(text) == (name, url)


def test_a_file_with_an_equals_sign_in_its_name_is_left_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("take=2.mp4").touch()

    assert parse_source("take=2.mp4") == ("take=2", "take=2.mp4")


def test_a_scheme_that_is_not_read_is_refused_and_its_credentials_are_not_shown() -> None:
    with pytest.raises(UnsupportedSource) as raised:
        open_source("gopher://admin:secret@camera/live")

    assert "secret" not in str(raised.value)
    assert redacted("rtsp://admin:secret@camera/live") == "rtsp://***@camera/live"
    assert redacted("rtsp://admin:se[cret@camera/live") == "rtsp://***@camera/live"


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://me:p@secret@host/1",
        "rtsp://me:pa/secret@host/1",
        "rtsp://me:secret@h",
        "rtsp://secret@h/1",
        "rtsp://me:pa[secret@h",
        "rtsp://me:12?secret@h/1",
        "rtsp://me:12#secret",
        "rtsp://me:secret",
        "rtsp://me:secret/1",
        "rtsp://me:secret%40h/1",
        "rtsp://me%3Asecret%40h/1",
        "rtsp://me:pa\nsecret@h/1",
        "rtsp://me:secret\uff20h/1",
        "rtsp:/me:secret@h/1",
        "me:secret@h/1",
        "unit 17=rtsp://h/1?token=secret",
        "h/1?token=secret",
        "https://host/a.mp4?token=secret",
        "https://ho[st/a.mp4?secret",
        "https://host/a.mp4#timeout=3&token=secret",
        "shm:me:secret@h",
        "me:secret%40h",
        "rtsp://h:554/user=me&password=secret&channel=1&stream=0.sdp",
        "rtsp://h:554/user=me_password=secret_channel=1_stream=0.sdp?real_stream",
        "http://h/live;token=secret/1",
        "http://h/live%3Ftoken%3Dsecret#timeout=3",
    ],
)
def test_neither_a_name_nor_what_is_shown_or_refused_holds_a_secret(url: str) -> None:
    shown = redacted(url) + parse_source(url)[0]
    try:
        open_source(url).close()
    except SourceError as error:
        shown += str(error)

    assert "secret" not in shown


@pytest.mark.parametrize(
    "url", ["clips/a@b.mp4", "take#2.mp4", "why?.mp4", "synthetic:body?seed=1", "rtsp://h/1#stream=1"]
)
def test_what_holds_no_secret_is_shown_as_it_is(url: str) -> None:
    assert redacted(url) == url


@pytest.mark.parametrize(
    ("url", "loaded", "not_loaded"),
    [
        ("there.mp4", "facewarden.streams.video", "facewarden.streams.synthetic"),
        ("synthetic:fixed?seconds=1", "facewarden.streams.synthetic", "facewarden.streams.video"),
    ],
)
def test_what_one_kind_of_source_needs_is_loaded_for_that_kind_alone(
    url: str, loaded: str, not_loaded: str, tmp_path: Path
) -> None:
    encode(tmp_path / "there.mp4", pictures=2)
    code = (
        "import sys; from facewarden.streams.source import open_source; open_source(sys.argv[1]).close(); "
        "print(*(name in sys.modules for name in sys.argv[2:]))"
    )
    command = [sys.executable, "-c", code, url, loaded, not_loaded]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True", "False"]


def test_what_is_no_address_at_all_is_a_file_that_is_not_there() -> None:
    with pytest.raises(SourceError):
        open_source("//[x")


def test_every_error_of_a_source_is_one_of_ours_and_has_a_word_of_its_own() -> None:
    kinds = [error.kind for error in (SourceError, *SourceError.__subclasses__())]

    assert issubclass(SourceError, FacewardenError)
    assert len(set(kinds)) == len(kinds)
