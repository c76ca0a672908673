# pyright: basic, reportMissingImports=false
"""The clips as stacks of looks are drawn from: small pictures ten a second, and how mobile cameras moved."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor

from .....bench.material.corpus import TRUTHS, Clip
from .....bench.material.transforms import read, thinned
from .....bench.material.transforms import seen as as_seen
from .....bench.material.transforms.paths import follow
from .....detector.mobility.cut import CutFinder
from .....detector.mobility.view import reduced
from ..learn import folds
from .network import MOUNTS

# Pixels of a picture that looks are cut out of: width, height.
STORED: Final = (128, 80)
SECONDS: Final = 20.0
# Looks of which a clip has to have more, and what a doubtful label counts.
_FEWEST, _DOUBTFUL = 5, 0.3
# How often a picture of no clip is drawn, for each clip that is; it belongs to no part.
_ALONE, _NO_PART = 0.2, -2
# How much less a clip counts among many of its repository, and the share of mobile ones: motion is laid on the others.
_CROWDED, _MOBILE = 0.7, 0.42


class Clips(NamedTuple):
    """All clips one after the other, on one device.

    Attributes:
        pictures: shape (n, 80, 128), uint8. begun: of each picture the first since the last cut.
        poses: how the content went since the first picture (`follow`), shape (n, 4), float32; 0 for fixed cameras.
        start, count: where a clip is. mobile, mount, sure, fold: its truth, its place in `MOUNTS`, what its label
            counts, the part of the repositories that it is in. chance: of being drawn.
    """

    pictures: Tensor
    begun: Tensor
    poses: Tensor
    start: Tensor
    count: Tensor
    mobile: Tensor
    mount: Tensor
    sure: Tensor
    fold: Tensor
    chance: Tensor


class _Read(NamedTuple):
    clip: Clip
    pictures: list[np.ndarray]
    begun: list[int]
    poses: np.ndarray


def gathered(clips: Sequence[Clip], device: str) -> Clips:
    """Read the clips; one with too few pictures is left out."""
    parts = folds([clip.repo for clip in clips])
    some = [one for one in map(_read, clips) if len(one.pictures) > _FEWEST]
    counts = [len(one.pictures) for one in some]
    starts = np.cumsum([0, *counts[:-1]])
    begun = np.concatenate([np.array(one.begun) + start for one, start in zip(some, starts, strict=True)])
    truths = [TRUTHS[one.clip.label] for one in some]
    columns = (
        np.concatenate([np.array(one.pictures) for one in some]),
        begun,
        np.concatenate([one.poses for one in some]).astype(np.float32),
        starts,
        np.array(counts),
        np.array([truth == "mobile" for truth, _ in truths]),
        np.array([MOUNTS.index(mount) for _, mount in truths]),
        np.array([_DOUBTFUL if one.clip.doubtful else 1.0 for one in some], np.float32),
        np.array([next(n for n, part in enumerate(parts) if one.clip.repo in part) for one in some]),
        _chances([one.clip for one in some]),
    )
    return Clips(*(torch.from_numpy(column).to(device) for column in columns))


def with_pictures(clips: Clips, pictures: np.ndarray) -> Clips:
    """The clips, and pictures of no clip, shape (n, 80, 128), uint8: one of them may stand, or be moved by a hand."""
    count, begin = len(pictures), len(clips.pictures)
    place = np.arange(begin, begin + count)
    columns = (
        pictures,
        place,
        np.zeros((count, 4), np.float32),
        place,
        np.ones(count, np.int64),
        np.zeros(count, bool),
        np.full(count, -1),
        np.ones(count, np.float32),
        np.full(count, _NO_PART),
        np.full(count, _ALONE / count),
    )
    added = (torch.from_numpy(column).to(some.device) for column, some in zip(columns, clips, strict=True))
    return Clips(*(torch.cat(pair) for pair in zip(clips, added, strict=True)))


def stills(folder: Path) -> np.ndarray:
    """The pictures of a folder as `Clips` has them, by name; what is no picture is left out."""
    read = (cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in sorted(folder.iterdir()))
    return np.array([cv2.resize(one, STORED, interpolation=cv2.INTER_AREA) for one in read if one is not None])


def _read(clip: Clip) -> _Read:
    cuts, pictures, begun, times = CutFinder(), [], [], []
    for time, shot in thinned(read(clip, SECONDS, side=320)):
        picture, _ = as_seen(time, shot)
        begun.append(len(pictures) if cuts.update(picture) or not begun else begun[-1])
        pictures.append(cv2.resize(reduced(picture), STORED, interpolation=cv2.INTER_AREA))
        times.append(time)
    path = follow(zip(times, pictures, strict=True)) if TRUTHS[clip.label][0] == "mobile" else None
    return _Read(clip, pictures, begun, path.poses if path else np.zeros((len(pictures), 4)))


def _chances(clips: Sequence[Clip]) -> np.ndarray:
    repos = [clip.repo for clip in clips]
    chance = np.array([repos.count(repo) ** -_CROWDED for repo in repos])
    mobile = np.array([TRUTHS[clip.label][0] == "mobile" for clip in clips])
    for which, share in ((mobile, _MOBILE), (~mobile, 1 - _MOBILE)):
        chance[which] *= share / chance[which].sum()
    return chance
