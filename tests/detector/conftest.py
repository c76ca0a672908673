"""What the tests of the detector share: the command line in this process, small real files, the corpus."""

# PyAV's stubs leave the type of a packet's stream open.
# pyright: reportUnknownMemberType=false

import json
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO, TextIOWrapper
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import av
import numpy as np
import pytest
from helpers.networks import network, nothing_known, recogniser, zoo  # noqa: F401 - fixtures
from helpers.portraits import portrait  # noqa: F401 - likewise
from hypothesis import settings

from facewarden.detector.cli import main

ROOT = Path(__file__).parents[2]
RATE = 25

# Two cores that others use as well: time says nothing about an example here.
settings.register_profile("facewarden", deadline=None)
settings.load_profile("facewarden")


@pytest.fixture
def facewarden(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Any]:
    """The command, run in this process: words and `stdin` in, exit status and both streams out; with a cache folder of
    its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))

    def run(*words: str | Path, stdin: bytes = b"") -> CompletedProcess[str]:
        monkeypatch.setattr("sys.argv", ["facewarden", *map(str, words)])
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(stdin)))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return CompletedProcess([*map(str, words)], int(ended.value.code or 0), out, err)

    return run


@pytest.fixture
def write_calls(tmp_path: Path) -> Callable[..., Path]:
    """Writes a call log, a line for each mapping, and gives its path."""

    def write(*calls: dict[str, object]) -> Path:
        path = tmp_path / "calls.jsonl"
        path.write_text("".join(json.dumps(call) + "\n" for call in calls))
        return path

    return write


@pytest.fixture
def write_site(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a site file and gives its path."""

    def write(text: str) -> Path:
        path = tmp_path / "site.toml"
        path.write_text(text)
        return path

    return write


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good video: two seconds, 25 pictures a second."""
    return _encode(tmp_path_factory.mktemp("clips") / "clip.mp4")


@pytest.fixture(scope="session")
def bad_sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A source for each way to be unreadable, as a whole or in part."""
    folder = tmp_path_factory.mktemp("bad")
    paths = {
        name: folder / f"{name}.mp4" for name in ("missing", "empty", "text", "audio", "no_index", "cut", "too_long")
    }
    paths["empty"].touch()
    paths["text"].write_text("This is no video, whatever its name says.\n" * 50)
    _encode_sound(paths["audio"])
    _cut(_encode(paths["no_index"]), 0.8)
    _cut(_encode(paths["cut"], {"movflags": "faststart"}), 0.6)
    paths["too_long"] = folder / ("x" * 300 + ".mp4")
    paths["no_images"] = folder / "no_images"
    paths["no_images"].mkdir()
    (paths["no_images"] / "notes.txt").write_text("no picture")
    return paths


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The corpus beside the checkout; the test is skipped where there is none."""
    folder = ROOT.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("no ../shared/corpus beside this checkout")
    return folder


def _encode(path: Path, options: dict[str, str] | None = None) -> Path:
    texture = np.random.default_rng(7).integers(0, 256, (64, 160, 3), np.uint8)
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for position in range(2 * RATE):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(texture[:, position : position + 96]))
            frame.pts, frame.time_base = position, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _encode_sound(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
        silence.rate, silence.pts = 8000, 0
        container.mux(stream.encode(silence))
        container.mux(stream.encode(None))


def _cut(path: Path, share: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
