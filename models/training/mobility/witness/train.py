# pyright: basic, reportMissingImports=false
"""Learn a witness: `python -m facewarden.models.training.mobility.witness.train FOLDER... --write FOLDER`; the second
one, from other mixtures, with `--pictures FOLDER --name witness_second`.

One network without each part of the repositories, and one from all, at the same time from the same stacks. Needs
PyTorch (`pip install torch==2.13.0`), and a GPU for any use: eleven million stacks and
seven networks are minutes there.
"""

import math
from pathlib import Path
from typing import Annotated, Final

import cv2
import torch
import typer
from torch import Tensor, nn
from torch.nn import functional

from .....bench.material.corpus import read_corpus
from ..learn import FOLDS
from .augment import Augmented, Batch
from .clips import gathered, stills, with_pictures
from .network import Network, write

# AdamW (I. Loshchilov and F. Hutter, Decoupled Weight Decay Regularization, ICLR 2019), its rate down a cosine.
_RATE, _DECAY, _WARM = 3e-3, 0.05, 100
# What the mount counts beside the truth, and how sure of a label a network may get.
_MOUNT, _SOFT = 0.15, 0.97
# Of a batch, what each network learns from: as many each time, or the libraries choose their kernels anew.
_USED: Final = 0.74
# How slowly the mean of the weights follows them.
_SLOW: Final = 0.998


class Learner:
    """A network that learns without a part of the repositories, and the moving mean of its weights.

    Args:
        without: the part, None for none. device: where.
    """

    def __init__(self, without: int | None, device: str) -> None:
        self._without = without
        self._network = Network().to(device=device, memory_format=torch.channels_last)  # pyright: ignore
        self._optimizer = torch.optim.AdamW(self._network.parameters(), lr=_RATE, weight_decay=_DECAY)
        self._mean = {name: value.clone() for name, value in self._network.state_dict().items()}
        self._device = device

    def learn(self, batch: Batch, looks: Tensor, step: int, rate: float) -> float:
        """Take a step, and give the loss."""
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        some = torch.nonzero((batch.fold != (-1 if self._without is None else self._without)) & (batch.weight > 0))[
            :, 0
        ]
        some = some[torch.arange(int(_USED * len(looks)), device=some.device) % len(some)]
        self._network.train()
        with torch.autocast(self._device, torch.bfloat16, enabled=self._device == "cuda"):
            mobile, mount = self._network.both(looks[some].contiguous(memory_format=torch.channels_last))
        loss = _loss(mobile.float(), mount.float(), batch, some)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._optimizer.step()
        self._follow(min(_SLOW, 1 - 10 / (step + 11)))
        return float(loss.detach()) if step % 100 == 0 else math.nan

    @torch.no_grad()
    def _follow(self, slow: float) -> None:
        for name, value in self._network.state_dict().items():
            if value.dtype.is_floating_point:
                self._mean[name].lerp_(value, 1 - slow)

    def averaged(self) -> Network:
        """The network of the mean weights."""
        network = Network()
        network.load_state_dict({name: value.cpu() for name, value in self._mean.items()})
        return network.eval()


def _loss(mobile: Tensor, mount: Tensor, batch: Batch, some: Tensor) -> Tensor:
    truth, weight = batch.mobile[some] * _SOFT + (1 - _SOFT) / 2, batch.weight[some]
    wrong = functional.binary_cross_entropy_with_logits(mobile, truth, reduction="none")
    return (wrong * weight).sum() / weight.sum() + _MOUNT * functional.cross_entropy(
        mount, batch.mount[some], ignore_index=-1
    )


def without_light(looks: Tensor) -> Tensor:
    """As `detector.mobility.witness.detail` gives them."""
    looks = looks / 64
    return looks - functional.avg_pool2d(functional.pad(looks, (4, 4, 4, 4), mode="reflect"), 9, 1)


def learned(augmented: Augmented, device: str, steps: int, stacks: int) -> list[Learner]:
    """One learner without each part, and the last from all."""
    learners = [Learner(part, device) for part in (*range(FOLDS), None)]
    for step in range(steps):
        rate = _RATE * min(1.0, (step + 1) / _WARM) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        with torch.no_grad():
            batch = augmented.draw(stacks)
            looks = without_light(batch.looks)
        losses = [learner.learn(batch, looks, step, rate) for learner in learners]
        if step % 100 == 0:
            typer.echo(f"{step} of {steps}: {' '.join(f'{loss:.3f}' for loss in losses)}", err=True)
    return learners


def main(
    folders: Annotated[list[Path], typer.Argument(help="Labelled clips.", show_default=False)],
    to: Annotated[Path, typer.Option("--write", help="Folder that the networks go to.", show_default=False)],
    pictures: Annotated[
        Path | None, typer.Option(help="Folder of pictures of no clip: mixes clips, too.", show_default=False)
    ] = None,
    name: Annotated[str, typer.Option(help="What the networks' files begin with.")] = "witness",
    steps: int = 5400,
    stacks: Annotated[int, typer.Option(help="In a batch.")] = 2048,
    masks: Annotated[int, typer.Option(help="Of each sort to draw from.")] = 3600,
    seed: int = 0,
) -> None:
    """Learn a witness from labelled clips."""
    cv2.setNumThreads(1)
    torch.manual_seed(seed)
    torch.backends.cudnn.benchmark = True
    device = "cuda" if torch.cuda.is_available() else "cpu"
    clips = gathered([clip for folder in folders for clip in read_corpus(folder)], device)
    if pictures:
        clips = with_pictures(clips, stills(pictures))
    *parts, whole = learned(Augmented(clips, masks, mixed=pictures is not None), device, steps, stacks)
    to.mkdir(parents=True, exist_ok=True)
    write(whole.averaged(), to / f"{name}.onnx")
    for part, learner in enumerate(parts):
        write(learner.averaged(), to / f"{name}-{part}.onnx")


if __name__ == "__main__":
    typer.run(main)
