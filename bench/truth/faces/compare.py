"""Our face detector beside the YuNets of a folder, in one run: accuracy by face size, and time."""

import math
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import cast

import cv2

from ....detector.environment.faces import FaceDetector
from ....detector.environment.faces.closeup import CloseUp
from ....detector.environment.faces.face import LONGEST
from ....detector.environment.faces.letterbox import shrunk
from ....detector.environment.faces.load import known_networks, shipped_points
from ....detector.environment.faces.network import SHIPPED, THRESHOLD, Network, NetworkFaces
from ....detector.environment.faces.yunet import THRESHOLD as YUNET_THRESHOLD
from ....detector.environment.faces.yunet import YunetFaces
from ....detector.environment.limits import shipped_limits
from ....streams.frame import Image
from ...speed import costs
from ...tools.markdown import join, table
from .labels import Picture, read_pictures
from .scoring import COUNTED, OVERLAP, Tally

OURS = "facewarden"
_BANDS = (8.0, 16.0, 24.0, 32.0, 48.0, 96.0, math.inf)
_LOWEST, _PRECISION, _TIMED, _TURN = 0.1, 0.9, 600, 30
_WIDE = (320, 180)
_NOTE = """\
The {pictures} pictures of the part `val` ({faces} labelled faces, {counted} of them {least:.0f} px and more on the
longer side), as luma with 320 px on the longest side, for everyone. A detection is right from an overlap of {overlap}
on; what lies in a box marked uncertain is neither right nor wrong. Recall, precision and landmarks count faces of
{least:.0f} px and more; "any size" all that was found. Landmarks: the mean distance of the five points, in eye
distances, median over the faces found. "At precision {precision:.0%}" is the recall at the threshold that gives just
that, whatever the threshold in use; of the three for ours, the
higher two are those from which on an environment counts a face, and is borne out by one. The labels are by YuNet
itself, at three sizes up to 1280 px, and by persons."""
_COST_NOTE = """\
{frames} pictures of 320x180 from the same part, in one process and one thread, in turns (ABBA), from luma to the list
of faces."""


def yunets(folder: Path | None) -> dict[str, Path]:
    """The networks of a folder that we know, by file name."""
    files = sorted(folder.glob("*.onnx")) if folder else []
    return {file.name: file for file in files if sha256(file.read_bytes()).hexdigest() in known_networks()}


def measure(folder: Path, models: Path | None = None, ours: Path | None = None, labels: Path | None = None) -> str:
    """Accuracy and time of everyone, in Markdown.

    Args:
        folder: labelled pictures.
        models: where YuNets may lie.
        ours: a network of ours to judge in the place of the one that ships.
        labels: other labels of the same pictures.
    """
    pictures = list(read_pictures(folder, "val", labels))
    network = Network(ours.read_bytes() if ours else SHIPPED.read_bytes(), str(ours or "models/faces.onnx"))
    others = yunets(models)
    eager: dict[str, FaceDetector] = {OURS: CloseUp(NetworkFaces(network, _LOWEST), shipped_points())}
    eager |= {name: YunetFaces(path.read_bytes(), name, _LOWEST) for name, path in others.items()}
    tallies = {name: judge(detector, pictures) for name, detector in eager.items()}
    usual: dict[str, FaceDetector] = {OURS: CloseUp(NetworkFaces(network), shipped_points())}
    usual |= {name: YunetFaces(path.read_bytes(), name) for name, path in others.items()}
    return join(report(tallies, len(pictures)), "### What finding faces costs", _cost_report(usual, pictures))


def judge(detector: FaceDetector, pictures: Iterable[Picture]) -> Tally:
    """Show a detector the pictures, at 320 px."""
    tally = Tally()
    for picture in pictures:
        scale = min(1.0, LONGEST / max(picture.luma.shape))
        tally.add(detector.detect(shrunk(picture.luma)), picture.labels, scale)
    return tally


def report(tallies: Mapping[str, Tally], pictures: int) -> str:
    """Everyone in one table, then by size of face."""
    known = next(iter(tallies.values())).known
    counted = sum(one.size >= COUNTED for one in known)
    numbers = {"pictures": pictures, "faces": len(known), "counted": counted, "least": COUNTED}
    header = ("", "threshold", "recall", "precision", "precision, any size", f"recall at precision {_PRECISION:.0%}")
    return join(
        _NOTE.format(**numbers, overlap=OVERLAP, precision=_PRECISION),
        table((*header, "landmarks"), [_line(*one, at) for one in tallies.items() for at in _thresholds(one[0])]),
        "### By size of face",
        table(("", "px", "labelled", "recall", "precision", "landmarks"), _band_lines(tallies)),
    )


def _threshold(name: str) -> float:
    return THRESHOLD if name == OURS else YUNET_THRESHOLD


def _thresholds(name: str) -> tuple[float, ...]:
    """That in use, and for ours those from which on an environment counts a face and is borne out by it."""
    limits = shipped_limits()
    return (THRESHOLD, limits.face_counts, limits.face_sure) if name == OURS else (YUNET_THRESHOLD,)


def _line(name: str, tally: Tally, at: float) -> tuple[str, ...]:
    rates = (tally.recall(at), tally.precision(at), tally.precision(at, low=0), tally.recall_at(_PRECISION)[0])
    return name, f"{at:.2f}", *map(_percent, (*rates, tally.error(at)))


def _band_lines(tallies: Mapping[str, Tally]) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    for low, high in pairwise(_BANDS):
        for name, tally in tallies.items():
            at, size = _threshold(name), f"{low:.0f} to {high:.0f}" if high < math.inf else f"{low:.0f} and more"
            count = sum(low <= one.size < high for one in tally.known)
            rates = (tally.recall(at, low, high), tally.precision(at, low, high), tally.error(at, low, high))
            lines.append((name, size, str(count), *map(_percent, rates)))
    return lines


def _percent(share: float) -> str:
    return "" if math.isnan(share) else f"{100 * share:.1f} %"


def _cost_report(detectors: Mapping[str, FaceDetector], pictures: Sequence[Picture]) -> str:
    views = [_wide(picture.luma) for picture in pictures]
    measured = costs.interleaved({name: _looking(one, views) for name, one in detectors.items()}, _TIMED, turn=_TURN)
    unit = measured[OURS].mean
    lines = [
        (name, f"{cost.mean:.2f}", f"{cost.mean / unit:.1f}", f"{cost.p50:.2f}", f"{cost.p99:.2f}")
        for name, cost in measured.items()
    ]
    return join(_COST_NOTE.format(frames=_TIMED), table(("", "mean, ms", "times ours", "p50, ms", "p99, ms"), lines))


def _looking(detector: FaceDetector, views: Sequence[Image]) -> costs.Contestant:
    def look(index: int) -> None:
        detector.detect(views[index % len(views)])

    return look


def _wide(luma: Image) -> Image:
    """The middle of a picture, as 320x180."""
    height, width = luma.shape
    rows, columns = min(height, width * 9 // 16), min(width, height * 16 // 9)
    top, left = (height - rows) // 2, (width - columns) // 2
    middle = luma[top : top + rows, left : left + columns]
    return cast(Image, cv2.resize(middle, _WIDE, interpolation=cv2.INTER_AREA))
