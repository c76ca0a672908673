"""Whose picture is it, by content: `python -m facewarden.bench.truth.attribution FOLDER [--photos PHOTOS]`."""

import copy
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import thread_time
from typing import Annotated, Any, NamedTuple, TypeAlias, cast

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from ...detector.calls.attribution import Recent, match
from ...detector.environment.faces import Face, load_detector
from ...detector.errors import FacewardenError
from ...streams.frame import Image
from ...streams.source import open_source
from ..material.corpus import Clip, read_corpus
from ..tools.command import Detector, Folder, Out, deliver, run
from ..tools.markdown import join, table

Photos = Annotated[Path | None, typer.Option("--photos", help="Photographs (*.jpg) that are of no clip.")]
Picture: TypeAlias = NDArray[Any]
"""Colour, shape (height, width, 3), uint8, blue first."""
Prepared: TypeAlias = "tuple[str, object]"
"""What a host does with a picture before a call, in words, and the result of it."""

_MOMENTS, _APART, _FIRST = 5, 1.1, 1.2
# Seconds that a host takes from the picture to the call; the source shows more meanwhile.
_LAGS = (0.0, 0.1, 0.2, 0.4)
_CROWDS = (2, 4, 8)
_LARGE, _SMALL = 60, 30
_SEED = 0
# Where ArcFace wants eyes, nose and corners of the mouth in 112x112 pixels (insightface, arcface_torch).
_ALIGNED = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
_NOTE = """\
Each clip is a source; of its pictures one is prepared as hosts do, and matched against what {crowds} sources have shown
by then, 0 to 0.4 s later, clips of the same repository before others: they show the same place and people. A
stranger's picture is none of theirs: a clip that is not among them (of another repository){photos}. Faces are
those that the detector finds; aligned ones are brought to 112x112 by five points, boxes are resized without regard to
their shape."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A picture that a host took from a clip, its faces, and what the clip had shown when the call was made."""

    clip: Clip
    picture: Picture
    faces: Sequence[Face]
    recent: Recent


class Trial(NamedTuple):
    """One call: what was prepared, how many sources there were, whether it was of one of them, and the answer."""

    what: str
    crowd: int
    stranger: bool
    outcome: str
    ms: float


# --- the pictures -----------------------------------------------------------------------------------------------------


def moments(clip: Clip, find_faces: Callable[[Picture], Sequence[Face]]) -> Iterator[Moment]:
    """A few moments of a clip; none of one that cannot be read."""
    recent, taken, due = Recent(), 0, _FIRST
    waiting: list[tuple[float, Picture]] = []
    for frame in _frames(clip):
        recent.add(frame)
        if frame.media_time >= due and taken < _MOMENTS:
            waiting.append((frame.media_time + _LAGS[taken % len(_LAGS)], frame.bgr().copy()))
            due, taken = due + _APART, taken + 1
        while waiting and frame.media_time >= waiting[0][0]:
            picture = waiting.pop(0)[1]
            assert recent.newest  # looked at now, while the picture is there
            yield Moment(clip, picture, find_faces(picture), copy.copy(recent))
        if taken == _MOMENTS and not waiting:
            return


def _frames(clip: Clip) -> Iterator[Any]:
    try:
        yield from open_source(str(clip.path), clip.name)
    except FacewardenError as problem:
        typer.echo(f"facewarden: {problem}", err=True)


def face_finder(model: Path | None) -> Callable[[Picture], Sequence[Face]]:
    """Finds the three largest faces, of at least `_SMALL` pixels, the largest first."""
    detector = load_detector(model)

    def find(picture: Picture) -> Sequence[Face]:
        found = detector.detect(cast(Image, cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)))
        return sorted((face for face in found if face.box[2] >= _SMALL), key=lambda face: -face.box[2])[:3]

    return find


def _photos(folder: Path | None, find_faces: Callable[[Picture], Sequence[Face]], most: int = 250) -> Iterator[Moment]:
    files = sorted(folder.rglob("*.jpg")) if folder else []
    random.Random(_SEED).shuffle(files)  # noqa: S311 - to draw examples
    for file in islice(files, most):
        picture: Any = cv2.imread(str(file))
        if picture is not None:
            yield Moment(Clip(name=file.name, path=file, label="", repo=""), picture, find_faces(picture), Recent())


# --- what hosts do with them ------------------------------------------------------------------------------------------


def prepared(moment: Moment) -> Iterator[Prepared]:
    """Every preparation of a picture and of its faces."""
    picture = moment.picture
    yield "whole, letterboxed to 640x640, NCHW, RGB, 0 to 1", _nchw(_letterboxed(picture, 640)[..., ::-1] / 255)
    yield "whole, squeezed to 320x320, NHWC, BGR, -1 to 1", cv2.resize(picture, (320, 320))[np.newaxis] / 127.5 - 1
    yield "whole, 8 bit", picture
    yield "whole, JPEG", _jpeg(picture)
    for face in moment.faces:
        size = f"face of {_LARGE} px and more" if face.box[2] >= _LARGE else f"face of {_SMALL} to {_LARGE} px"
        yield f"{size}, aligned", _nchw((aligned(picture, face)[..., ::-1] - 127.5) / 127.5)
        yield f"{size}, box, squeezed", _box(picture, face, 1.0, 160)[np.newaxis] / 255
        yield f"{size}, box, letterboxed", _nchw(_letterboxed(_face(picture, face, 1.0), 112)) / 127.5 - 1
        yield f"{size}, box with half as much around it", _nchw(_box(picture, face, 1.5, 224)).astype(np.float16)
        yield f"{size}, box with as much around it, JPEG", _jpeg(_box(picture, face, 2.0, 256))


def aligned(picture: Picture, face: Face) -> Picture:
    """A face brought to 112x112 by a similarity of its five points."""
    turn: Any = cv2.estimateAffinePartial2D(face.landmarks, _ALIGNED, method=cv2.LMEDS)[0]
    return cv2.warpAffine(picture, turn, (112, 112))


def _box(picture: Picture, face: Face, share: float, side: int) -> Picture:
    return cv2.resize(_face(picture, face, share), (side, side))


def _face(picture: Picture, face: Face, share: float) -> Picture:
    x, y, width, height = face.box
    reach, middle = np.array([width, height]) * share / 2, np.array([x + width / 2, y + height / 2])
    left, top = np.maximum(middle - reach, 0).astype(int)
    right, bottom = (middle + reach).astype(int)
    return picture[top:bottom, left:right]


def _letterboxed(picture: Picture, side: int) -> Picture:
    scale = side / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale)[:side, :side]
    below, beside = side - small.shape[0], side - small.shape[1]
    grey = (114, 114, 114)
    return cv2.copyMakeBorder(
        small, below // 2, below - below // 2, beside // 2, beside - beside // 2, cv2.BORDER_CONSTANT, value=grey
    )


def _nchw(picture: NDArray[Any]) -> NDArray[np.float32]:
    return picture.astype(np.float32).transpose(2, 0, 1)[np.newaxis]


def _jpeg(picture: Picture) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


# --- the trials -------------------------------------------------------------------------------------------------------


def trials(clips: Sequence[Sequence[Moment]], photos: Iterable[Moment]) -> Iterator[Trial]:
    """Every preparation of every moment, among each crowd; then as a stranger's."""
    rng = random.Random(_SEED)  # noqa: S311 - to draw examples
    for some in clips:
        for moment in some:
            for crowd in _CROWDS:
                others = _crowd(rng, moment, clips, crowd - 1)
                yield from _judged(moment, {**others, moment.clip.name: moment.recent}, crowd)
            yield from _judged(moment, _crowd(rng, moment, clips, 4, apart=True), 4, stranger=True)
    for photo in photos:
        yield from _judged(photo, _crowd(rng, photo, clips, 4), 4, stranger=True)


def _crowd(
    rng: random.Random, moment: Moment, clips: Sequence[Sequence[Moment]], size: int, *, apart: bool = False
) -> dict[str, Recent]:
    """Other sources at a moment of theirs: first those of the same repository, or none of them."""
    repo = moment.clip.repo
    others = [some for some in clips if some and some[0].clip.name != moment.clip.name]
    others = [some for some in others if not (apart and some[0].clip.repo == repo)]
    order = sorted(rng.sample(others, len(others)), key=lambda some: some[0].clip.repo != repo)
    return {some[0].clip.name: rng.choice(some).recent for some in order[:size]}


def _judged(moment: Moment, recents: dict[str, Recent], crowd: int, *, stranger: bool = False) -> Iterator[Trial]:
    for what, tensor in prepared(moment):
        started = thread_time()
        found = match([tensor], recents)
        ms = (thread_time() - started) * 1e3
        outcome = "none" if found is None else "right" if found.source == moment.clip.name else "wrong"
        yield Trial(what, crowd, stranger, outcome, ms)


# --- the report -------------------------------------------------------------------------------------------------------


def report(results: Sequence[Trial], photos: int) -> str:
    """Recall, wrong answers, strangers taken in, and time; by preparation, then by crowd."""
    own = [trial for trial in results if not trial.stranger]
    kinds = list(dict.fromkeys(trial.what for trial in own))
    rows = [_row(kind, [trial for trial in results if trial.what == kind]) for kind in kinds]
    crowds = [_row(f"{n} sources", [trial for trial in own if trial.crowd == n]) for n in _CROWDS]
    note = _NOTE.format(crowds=", ".join(map(str, _CROWDS)), photos=f",\nor one of {photos} photographs" * bool(photos))
    header = ("", "calls", "right", "wrong, of answers", "strangers", "taken in", "p50, ms", "p95, ms")
    return join(note, table(header, [*rows, *crowds, _row("all", results)]))


def _row(name: str, some: Sequence[Trial]) -> tuple[str | int, ...]:
    own, strangers = ([trial for trial in some if trial.stranger is one] for one in (False, True))
    outcomes = [trial.outcome for trial in own]
    answers = len(own) - outcomes.count("none")
    taken = sum(trial.outcome != "none" for trial in strangers)
    p50, p95 = np.percentile([trial.ms for trial in some] or [0.0], (50, 95))
    shares = _share(outcomes.count("right"), len(own)), _share(outcomes.count("wrong"), answers)
    return name, len(own), *shares, len(strangers), _share(taken, len(strangers)), f"{p50:.1f}", f"{p95:.1f}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else ""


def measure(clips: Sequence[Clip], detector: Path | None = None, photos: Path | None = None) -> str:
    """All of it, in Markdown."""
    find_faces = face_finder(detector)
    with typer.progressbar(clips, label="attribution", file=typer.get_text_stream("stderr")) as some:
        shown = [list(moments(clip, find_faces)) for clip in some]
    strangers = list(_photos(photos, find_faces))
    return report(list(trials(shown, strangers)), len(strangers))


def main(
    folder: Folder,
    detector: Detector = None,
    photos: Photos = None,
    out: Out = None,
) -> None:
    """Match pictures of a folder of clips against the clips, and say how often the answer is right."""
    deliver(join("# Attribution by content", measure(read_corpus(folder), detector, photos)), out)


if __name__ == "__main__":
    run(main)
