# pyright: basic, reportMissingImports=false
"""What the network is told it did wrong.

Which cells answer for a face is decided by how well they already do (task alignment: TOOD, Feng et al. 2021); the score
learns how well its cell does beside the best one, the box its generalised overlap (Rezatofighi et al. 2019), the points
their distance in face sizes.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from .net import STRIDES

_TOP, _SHARPNESS = 9, 4.0
_BOXES, _POINTS = 2.0, 6.0
_LEAST, _MOST = 1.5, 12.0  # of a face's size in cells of a stride
_WING = 0.04


class Truth(NamedTuple):
    """Labels of a batch: boxes (faces, 4) as corners, points (faces, 5, 2), faces per picture; ignored (n, 4) each."""

    boxes: Tensor
    points: Tensor
    counts: list[int]
    ignored: list[Tensor]


class Answers(NamedTuple):
    """All cells of a batch: centres (c, 2) and strides (c,) in pixels; logits (n, c), corners (n, c, 4), points."""

    centres: Tensor
    strides: Tensor
    logits: Tensor
    boxes: Tensor
    points: Tensor


def answers(maps: tuple[Tensor, ...]) -> Answers:
    """Decode the three maps; the product's decoder does the same for the few cells that it keeps."""
    centres = torch.cat([_centres(grid, stride) for grid, stride in zip(maps, STRIDES, strict=True)])
    strides = torch.cat([torch.full((grid[0, 0].numel(),), float(s)) for grid, s in zip(maps, STRIDES, strict=True)])
    flat = torch.cat([grid.flatten(2) for grid in maps], dim=2).transpose(1, 2)
    middle = centres + flat[..., 1:3] * strides[:, None]
    half = flat[..., 3:5].clamp(-4, 4).exp() * strides[:, None] / 2
    points = centres[:, None] + flat[..., 5:].unflatten(-1, (5, 2)) * strides[:, None, None]
    return Answers(centres, strides, flat[..., 0], torch.cat([middle - half, middle + half], -1), points)


def _centres(grid: Tensor, stride: int) -> Tensor:
    rows, columns = torch.meshgrid(torch.arange(grid.shape[2]), torch.arange(grid.shape[3]), indexing="ij")
    return (torch.stack([columns, rows], -1).reshape(-1, 2) + 0.5) * stride


def loss(maps: tuple[Tensor, ...], truth: Truth) -> Tensor:
    """One number for a batch."""
    said = answers(maps)
    with torch.no_grad():
        owner, target = _assigned(said, truth)
    answering = target > 0
    owner, weight = owner[answering], target[answering]
    boxes = ((1 - _generalised(said.boxes[answering], truth.boxes[owner])) * weight).sum()
    points = (_point_loss(said.points[answering], truth.points[owner], truth.boxes[owner]) * weight).sum()
    return (_score_loss(said, target, truth) + _BOXES * boxes + _POINTS * points) / target.sum().clamp(min=1)


def _assigned(said: Answers, truth: Truth) -> tuple[Tensor, Tensor]:
    """For each cell of each picture, the face it answers for and the score it should give (0: none), both (n, c)."""
    owner, target = torch.zeros(said.logits.shape, dtype=torch.long), torch.zeros(said.logits.shape)
    first = 0
    for picture, count in enumerate(truth.counts):
        if count:
            boxes = truth.boxes[first : first + count]
            which, target[picture] = _best(boxes, said, picture)
            owner[picture] = which + first
        first += count
    return owner, target


def _best(boxes: Tensor, said: Answers, picture: int) -> tuple[Tensor, Tensor]:
    overlap = _overlap(boxes[:, None], said.boxes[picture]) * _eligible(boxes, said)
    metric = said.logits[picture].sigmoid().sqrt() * overlap**_SHARPNESS
    chosen = torch.zeros_like(metric).scatter_(-1, metric.topk(_TOP, dim=-1).indices, 1.0) * (metric > 0)
    metric, overlap = metric * chosen, overlap * chosen
    scaled = metric / metric.amax(-1, keepdim=True).clamp(min=1e-12)
    which = overlap.argmax(0)
    return which, scaled.gather(0, which[None])[0]


def _eligible(boxes: Tensor, said: Answers) -> Tensor:
    """Which cells (g, c) may answer for which face: inside it, or next to its middle, and of a fitting stride."""
    middle, size = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    reach = torch.maximum(size[:, None] / 2, said.strides[:, None] * 0.75)
    near = ((said.centres - middle[:, None]).abs() < reach).all(-1)
    cells = size.amax(-1)[:, None] / said.strides
    return near & ((cells < _MOST) | (said.strides == STRIDES[-1])) & ((cells > _LEAST) | (said.strides == STRIDES[0]))


def _score_loss(said: Answers, target: Tensor, truth: Truth) -> Tensor:
    silent = torch.stack([_within(said.centres, ignored) for ignored in truth.ignored]) & (target == 0)
    loss = functional.binary_cross_entropy_with_logits(said.logits, target, reduction="none")
    return (loss * ~silent).sum()


def _within(centres: Tensor, boxes: Tensor) -> Tensor:
    return ((centres[:, None] > boxes[:, :2]) & (centres[:, None] < boxes[:, 2:])).all(-1).any(-1)


def _point_loss(points: Tensor, truth: Tensor, box: Tensor) -> Tensor:
    size = (box[:, 2:] - box[:, :2]).prod(-1).sqrt()[:, None, None]
    far = torch.where(truth.isnan(), 0.0, (points - truth.nan_to_num()) / size)
    return functional.smooth_l1_loss(far, torch.zeros_like(far), beta=_WING, reduction="none").mean((1, 2))


def _overlap(one: Tensor, other: Tensor) -> Tensor:
    both = _area(torch.maximum(one[..., :2], other[..., :2]), torch.minimum(one[..., 2:], other[..., 2:]))
    return both / (_area(one[..., :2], one[..., 2:]) + _area(other[..., :2], other[..., 2:]) - both).clamp(min=1e-6)


def _generalised(one: Tensor, other: Tensor) -> Tensor:
    both = _area(torch.maximum(one[..., :2], other[..., :2]), torch.minimum(one[..., 2:], other[..., 2:]))
    around = _area(torch.minimum(one[..., :2], other[..., :2]), torch.maximum(one[..., 2:], other[..., 2:]))
    either = _area(one[..., :2], one[..., 2:]) + _area(other[..., :2], other[..., 2:]) - both
    return both / either.clamp(min=1e-6) - (around - either) / around.clamp(min=1e-6)


def _area(low: Tensor, high: Tensor) -> Tensor:
    return (high - low).clamp(min=0).prod(-1)
