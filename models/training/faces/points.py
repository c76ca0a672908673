# pyright: basic, reportMissingImports=false
"""Train the network for close-ups.

    python -m facewarden.models.training.faces.points FACES --labels LABELS --write FILE

FACES is a folder of labelled pictures, LABELS what `teacher.py` made of its labels. Needs torch: `pip install
torch==2.13.0`. One thread and one seed: the same machine makes the same file.
"""

import time
from pathlib import Path
from typing import Annotated, NamedTuple

import cv2
import numpy as np
import torch
import typer
from torch import Tensor, nn

from ....bench.tools.command import FaceFolder, run
from ....bench.truth.faces.labels import read_pictures
from ....detector.environment.faces.closeup import MIRRORED, SIDE, close_up, placed
from ....streams.frame import Image
from .samples import Array, Samples

_CHANNELS = (1, 12, 24, 32, 40, 48)
_STRIDES = (2, 2, 2, 1, 2)
_BATCH, _RATE, _DECAY = 128, 3e-3, 1e-3
_SIDES, _SMALLEST = (96, 160, 224), 14.0
# How far the detector is thought to be off: in sizes of the face, degrees, and the logarithm of the size.
_OFF, _SLANTED, _RESIZED = 0.05, 6.0, 0.08
_OPSET = 17


class PointNet(nn.Module):
    """Close-ups of 0 to 255, shape (n, 1, 48, 48) -> points from their middle, in pixels, shape (n, 5, 2)."""

    def __init__(self) -> None:
        super().__init__()
        sizes = zip(_CHANNELS[:-1], _CHANNELS[1:], _STRIDES, strict=True)
        layers = [(nn.Conv2d(inside, outside, 3, stride, 1), nn.ReLU()) for inside, outside, stride in sizes]
        self.body = nn.Sequential(*(part for layer in layers for part in layer))
        self.head = nn.Linear(_CHANNELS[-1] * (SIDE // 16) ** 2, 10)

    def forward(self, luma: Tensor) -> Tensor:
        light = luma.float()
        light = light - light.mean((2, 3), keepdim=True)
        light = light / (light.square().mean((2, 3), keepdim=True).sqrt() + 4)
        return (self.head(self.body(light).flatten(1)) * (SIDE / 8)).unflatten(1, (5, 2))


class CloseUps(NamedTuple):
    """What is learned from: close-ups (n, 1, 48, 48), uint8; points (n, 5, 2) from their middles."""

    luma: Tensor
    points: Tensor


def drawn(samples: Samples, count: int, seed: int) -> CloseUps:
    """So many close-ups of faces in samples, as if found a little beside where they are."""
    rng = np.random.default_rng(seed)
    pictures: list[Image] = []
    truths: list[Array] = []
    while len(pictures) < count:
        sample = samples.draw(int(rng.choice(_SIDES)))
        for box, points in zip(sample.boxes, sample.points, strict=True):
            if max(box[2:]) >= _SMALLEST and np.isfinite(points).all():
                matrix = _beside(max(box[2:]), points, rng)
                pictures.append(close_up(sample.luma, matrix))
                truths.append(points @ matrix[:, :2].T + matrix[:, 2])
    return CloseUps(
        torch.from_numpy(np.stack(pictures[:count])[:, None]), torch.from_numpy(np.stack(truths[:count])).float()
    )


def _beside(size: float, points: Array, rng: np.random.Generator) -> Array:
    matrix = placed(size * np.exp(rng.normal(0, _RESIZED)), points)
    angle = np.deg2rad(rng.normal(0, _SLANTED))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ matrix
    matrix[:, 2] += rng.normal(0, _OFF, 2) * SIDE
    return matrix


def learn(close_ups: CloseUps, rounds: int, seed: int) -> PointNet:
    """A network that has seen all close-ups so many times, each time as they are or mirrored."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)
    net = PointNet().to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    batches = -(-len(close_ups.luma) // _BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=rounds * batches)
    began = time.monotonic()
    for turn in range(rounds):
        far = 0.0
        for chosen in torch.randperm(len(close_ups.luma)).split(_BATCH):
            far += _step(net, optimiser, *_maybe_mirrored(close_ups.luma[chosen], close_ups.points[chosen]))
            schedule.step()
        typer.echo(f"{turn + 1}/{rounds} {far / batches:.3f} px off, {time.monotonic() - began:.0f} s", err=True)
    return net


def _maybe_mirrored(luma: Tensor, points: Tensor) -> CloseUps:
    mirror = torch.rand(len(luma)) < 0.5
    other = points[:, MIRRORED] * torch.tensor((-1.0, 1.0))
    return CloseUps(
        torch.where(mirror[:, None, None, None], luma.flip(3), luma), torch.where(mirror[:, None, None], other, points)
    )


def _step(net: PointNet, optimiser: torch.optim.Optimizer, luma: Tensor, points: Tensor) -> float:
    apart = (net(luma) - points).square().sum(-1).add(0.01).sqrt().mean()
    optimiser.zero_grad()
    apart.backward()
    optimiser.step()
    return float(apart.detach())


def export(net: PointNet, path: Path) -> None:
    """Write the network as ONNX: uint8 in, any number of close-ups."""
    example = torch.zeros(2, 1, SIDE, SIDE, dtype=torch.uint8)
    torch.onnx.export(
        net.eval(),
        (example,),
        str(path),
        input_names=["luma"],
        output_names=["points"],
        dynamic_axes={"luma": {0: "faces"}, "points": {0: "faces"}},
        opset_version=_OPSET,
        dynamo=False,
    )


def main(
    folder: FaceFolder,
    labels: Annotated[Path, typer.Option("--labels", help="Better landmarks, as the teacher wrote them.")],
    write: Annotated[Path, typer.Option("--write", help="Where the network goes, for example models/points.onnx.")],
    count: Annotated[int, typer.Option(help="Close-ups to learn from.")] = 80_000,
    rounds: Annotated[int, typer.Option(help="How often each is seen.")] = 16,
    seed: Annotated[int, typer.Option(help="Of the weights and the samples.")] = 1,
) -> None:
    """Train the network that looks at faces close up and write it."""
    cv2.setRNGSeed(seed)
    samples = Samples(read_pictures(folder, "train", labels), seed)
    export(learn(drawn(samples, count, seed), rounds, seed), write)


if __name__ == "__main__":
    run(main)
