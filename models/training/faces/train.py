# pyright: basic, reportMissingImports=false
"""Train the face detector.

    python -m facewarden.models.training.faces.train FACES --start YUNET --write models/faces.onnx

FACES is a folder of labelled pictures (`labels.py`), of which the part `train` is used; YUNET is the published network
to start from. Needs torch, which nothing else here does: `pip install torch==2.13.0`. One thread and one seed: the same
machine makes the same file.
"""

import time
from collections.abc import Iterator
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import torch
import typer

from ....bench.command import FaceFolder, run
from ....bench.faces.labels import read_pictures
from ....detector.environment.faces.load import known_networks
from ....detector.errors import ModelError
from .loss import Truth, loss
from .net import Net, export, started
from .samples import Array, Sample, Samples

_BATCH, _RATE, _DECAY, _MEMORY = 16, 1e-4, 1e-3, 0.999
# The rate rises, stays and falls with the root of the steps, whatever their number: a longer training begins as a
# shorter one does.
_RISEN, _FALLS = 200, 1000
# Small samples are cheap and full of faces, large ones have room for large faces and much that is none.
_SIDES, _SHARES = (128, 160, 224), (0.4, 0.4, 0.2)
_SAID, _SAVED = 100, 500
_START = next(digest for digest, one in known_networks().items() if one.name == "yunet_n_320_320.onnx")


def learn(net: Net, samples: Samples, steps: int, seed: int) -> Iterator[Net]:
    """A network after every few hundred of so many batches; its weights are a running mean over the last (Polyak)."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    start, mean = deepcopy(net), deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=_DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, _share_of_rate)
    sides = np.random.default_rng(seed)
    started, sum_of_losses = time.monotonic(), 0.0
    for step in range(1, steps + 1):
        side = int(sides.choice(_SIDES, p=_SHARES))
        sum_of_losses += _step(net, optimiser, [samples.draw(side) for _ in range(_BATCH)])
        schedule.step()
        _remember(mean, net, min(_MEMORY, step / (step + 10)))
        if step % _SAID == 0:
            typer.echo(f"{step}/{steps} loss {sum_of_losses / _SAID:.3f} {time.monotonic() - started:.0f} s", err=True)
            sum_of_losses = 0.0
        if step % _SAVED == 0 or step == steps:
            yield _halfway(start, mean)


def _share_of_rate(step: int) -> float:
    return min((step + 1) / _RISEN, 1.0, (_FALLS / (step + 1)) ** 0.5)


def _step(net: Net, optimiser: torch.optim.Optimizer, batch: list[Sample]) -> float:
    luma = torch.from_numpy(np.stack([sample.luma for sample in batch])[:, None]).float()
    value = loss(net(luma.contiguous(memory_format=torch.channels_last)), _truth(batch))
    optimiser.zero_grad()
    value.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
    optimiser.step()
    return float(value.detach())


@torch.no_grad()
def _halfway(start: Net, end: Net) -> Net:
    """What fine-tuning gains on the new pictures, kept apart from what it forgets (WiSE-FT: Wortsman et al. 2022)."""
    between = deepcopy(end)
    for weight, before in zip(between.parameters(), start.parameters(), strict=True):
        weight.lerp_(before, 0.5)
    return between


@torch.no_grad()
def _remember(mean: Net, net: Net, memory: float) -> None:
    for kept, new in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
        kept.copy_(new if not kept.dtype.is_floating_point else kept.lerp(new, 1 - memory))


def _truth(batch: list[Sample]) -> Truth:
    boxes, points = (np.concatenate(parts) for parts in zip(*((one.boxes, one.points) for one in batch), strict=True))
    ignored = [torch.from_numpy(_corners(sample.ignored)) for sample in batch]
    counts = [len(sample.boxes) for sample in batch]
    return Truth(torch.from_numpy(_corners(boxes)), torch.from_numpy(points), counts, ignored)


def _corners(boxes: Array) -> Array:
    return np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])


def main(
    folder: FaceFolder,
    start: Annotated[Path, typer.Option("--start", help="The YuNet to start from: yunet_n_320_320.onnx.")],
    write: Annotated[Path, typer.Option("--write", help="Where the network goes, for example models/faces.onnx.")],
    steps: Annotated[int, typer.Option(help="Batches of 16 to learn from.")] = 4000,
    seed: Annotated[int, typer.Option(help="Of the weights and the samples.")] = 1,
    licences: Annotated[
        str, typer.Option(help="Classes of INDEX.tsv to learn from, comma-separated.")
    ] = "open,unstated",
) -> None:
    """Train the face detector and write it."""
    cv2.setRNGSeed(seed)
    classes = licences.split(",")
    pictures = [picture for picture in read_pictures(folder, "train") if picture.licence_class in classes]
    typer.echo(f"{len(pictures)} pictures", err=True)
    for net in learn(started(_known(start)), Samples(pictures, seed), steps, seed):
        export(net, write)


def _known(path: Path) -> Path:
    if not path.is_file() or sha256(path.read_bytes()).hexdigest() != _START:
        raise ModelError(f"{path}: is not yunet_n_320_320.onnx (models/faces.toml says where that is published)")
    return path


if __name__ == "__main__":
    run(main)
