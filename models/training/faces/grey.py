# pyright: basic, reportMissingImports=false
"""Make the face detector: `python -m facewarden.models.training.faces.grey YUNET --write models/faces.onnx`.

YuNet-n (Wu et al. 2023) on one channel and with one score, of pictures of any size: its weights as they were published.
Needs torch, which only the training does.

Units of a pointwise and a depthwise convolution at strides 8, 16 and 32, joined from coarse to fine, and a head for
each stride, without anchors. Batch normalisation is folded into the weights that it starts from, and stays so.
"""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import onnx
import torch
import typer
from onnx import numpy_helper
from torch import Tensor, nn

from ....bench.tools.command import run
from ....detector.environment.faces.load import known_networks
from ....detector.errors import ModelError

STRIDES = (8, 16, 32)
_ROWS = 16  # score, centre, log size, five points, the other score
_OPSET = 17
# Where in ours the rows of YuNet's four heads go, in the order of its file: class, box, object, points.
_HEADS = ((15, 1), (1, 4), (0, 1), (5, 10))
# YuNet counts centres and points from a cell's corner, we from its middle.
_PLACES = [1, 2, *range(5, 15)]
# Logarithms of scores: neither 0 nor 1 has log-odds.
_LEAST, _MOST = -30.0, -1e-6
_START = next(digest for digest, one in known_networks().items() if one.name == "yunet_n_320_320.onnx")


class Unit(nn.Sequential):
    """Across the channels, then along the picture."""

    def __init__(self, inside: int, outside: int, last: bool = False) -> None:
        layers = [nn.Conv2d(inside, outside, 1), nn.Conv2d(outside, outside, 3, padding=1, groups=outside)]
        super().__init__(*layers, *([] if last else [nn.ReLU(inplace=True)]))


class Net(nn.Module):
    """Luma of 0 to 255, shape (n, 1, h, w), h and w multiples of 32 -> three maps (n, 15, h/stride, w/stride)."""

    def __init__(self) -> None:
        super().__init__()
        stem = [nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(inplace=True), Unit(16, 16), nn.MaxPool2d(2)]
        early = [Unit(16, 16), Unit(16, 64), Unit(64, 64), Unit(64, 64), nn.MaxPool2d(2)]
        self.fine = nn.Sequential(*stem, *early, Unit(64, 64), Unit(64, 64))
        self.middle = nn.Sequential(nn.MaxPool2d(2), Unit(64, 64), Unit(64, 64))
        self.coarse = nn.Sequential(nn.MaxPool2d(2), Unit(64, 64), Unit(64, 64))
        self.joined = nn.ModuleList([Unit(64, 64) for _ in STRIDES])  # coarse to fine
        self.common = nn.ModuleList([Unit(64, 64) for _ in STRIDES])
        self.heads = nn.ModuleList([Unit(64, _ROWS, last=True) for _ in STRIDES])

    def forward(self, luma: Tensor) -> tuple[Tensor, ...]:
        fine = self.fine(luma.float())
        middle = self.middle(fine)
        coarse = self.joined[0](self.coarse(middle))
        middle = self.joined[1](_doubled(coarse) + middle)
        fine = self.joined[2](_doubled(middle) + fine)
        levels = zip((fine, middle, coarse), self.common, self.heads, strict=True)
        return tuple(_one_score(head(common(level))) for level, common, head in levels)


def _one_score(rows: Tensor) -> Tensor:
    """The log-odds of the geometric mean of both scores, as YuNet's own decoder takes it, and all but the scores."""
    log = nn.functional.logsigmoid(rows[:, ::15]).mean(1, keepdim=True).clamp(_LEAST, _MOST)
    return torch.cat([log - torch.log(1 - log.exp()), rows[:, 1:15]], dim=1)


def _doubled(picture: Tensor) -> Tensor:
    return nn.functional.interpolate(picture, scale_factor=2.0, mode="nearest")


def started(path: Path) -> Net:
    """The network with the weights of `yunet_n_320_320.onnx`, the three colours of its first layer added up.

    Raises:
        ModelError: the file is another.
    """
    if not path.is_file() or sha256(path.read_bytes()).hexdigest() != _START:
        raise ModelError(f"{path}: is not yunet_n_320_320.onnx (models/faces.toml says where that is published)")
    graph = onnx.load(str(path)).graph
    weights = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    convolutions = [[weights[name] for name in node.input[1:]] for node in graph.node if node.op_type == "Conv"]
    convolutions[0][0] = convolutions[0][0].sum(1, keepdim=True)
    net = Net()
    ours = [layer for layer in net.modules() if isinstance(layer, nn.Conv2d)]
    body = len(ours) - 2 * len(STRIDES)
    with torch.no_grad():
        for layer, (weight, bias) in zip(ours[:body], convolutions, strict=False):
            _set(layer, slice(None), weight, bias)
        theirs = iter(convolutions[body:])
        for first, count in _HEADS:
            for layer, (weight, bias) in zip(ours[body:], [next(theirs) for _ in ours[body:]], strict=True):
                _set(layer, slice(first, first + count), weight, bias)
        for head in ours[body + 1 :: 2]:
            head.get_parameter("bias")[_PLACES] -= 0.5
    return net


def _set(layer: nn.Conv2d, rows: slice, weight: Tensor, bias: Tensor) -> None:
    layer.weight[rows] = weight
    layer.get_parameter("bias")[rows] = bias


def export(net: Net, path: Path) -> None:
    """Write the network as ONNX: uint8 in, height and width free."""
    example = torch.zeros(1, 1, 192, 320, dtype=torch.uint8)
    names = [f"stride_{stride}" for stride in STRIDES]
    axes = {"luma": {2: "height", 3: "width"}} | {name: {2: f"h_{name}", 3: f"w_{name}"} for name in names}
    torch.onnx.export(
        net.eval(),
        (example,),
        str(path),
        input_names=["luma"],
        output_names=names,
        dynamic_axes=axes,
        opset_version=_OPSET,
        dynamo=False,
    )


def main(
    yunet: Annotated[Path, typer.Argument(help="yunet_n_320_320.onnx, as published.", show_default=False)],
    write: Annotated[Path, typer.Option("--write", help="Where the network goes, for example models/faces.onnx.")],
) -> None:
    """Make the face detector out of YuNet-n and write it."""
    export(started(yunet), write)


if __name__ == "__main__":
    run(main)
