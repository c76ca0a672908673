# pyright: basic, reportMissingImports=false
"""The witness's network in PyTorch, and as the file that ships."""

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from .....detector.mobility.witness import AGES, SIZE

# What it learns beside the truth, so that it sees more than two kinds.
MOUNTS: Final = ("body", "dash", "handheld", "drone", "vehicle", "fixed", "ptz")
_WIDTHS: Final = (24, 48, 64, 96)
_HIDDEN: Final = 48
_DROPPED: Final = 0.3
# Looks are brought to the same contrast together; beyond that many deviations all is the same.
_LEAST: Final = 4e-4
_MOST: Final = 4.0
# ONNX Runtime 1.17 knows both.
_OPSET, _IR = 13, 8
# Numbers from which on weights are kept in half precision.
_LARGE: Final = 64


class Network(nn.Module):
    """Looks without their light, shape (n, len(AGES), height, width), to log-odds above 0 for a mobile camera."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third, fourth = _WIDTHS
        self.early = nn.Sequential(_block(len(AGES), first, 2), _block(first, second, 2), _block(second, second))
        self.middle, self.again = _block(second, third, 2), _block(third, third)
        self.late = _block(third, fourth, 2)
        self.hidden, self.dropped = nn.Linear(2 * fourth, _HIDDEN), nn.Dropout(_DROPPED)
        self.mobile, self.mount = nn.Linear(_HIDDEN, 1), nn.Linear(_HIDDEN, len(MOUNTS))

    def forward(self, looks: Tensor) -> Tensor:
        return self.mobile(self._seen(looks))[:, 0]

    def both(self, looks: Tensor) -> tuple[Tensor, Tensor]:
        """The log-odds, and those of the mounts."""
        seen = self._seen(looks)
        return self.mobile(seen)[:, 0], self.mount(seen)

    def _seen(self, looks: Tensor) -> Tensor:
        contrast = (looks * looks).mean((1, 2, 3), keepdim=True)
        looks = torch.clamp(looks / (contrast + _LEAST).sqrt(), -_MOST, _MOST)
        maps = self.middle(self.early(torch.cat((looks[:, :1], looks[:, 1:] - looks[:, :1]), 1)))
        maps = self.late(maps + self.again(maps))
        return torch.relu(self.hidden(self.dropped(torch.cat((maps.mean((2, 3)), maps.amax((2, 3))), 1))))


def _block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


def write(network: Network, path: Path) -> None:
    """Write it as ONNX, its weights in half precision, for one stack of looks."""
    looks = torch.zeros(1, len(AGES), SIZE[1], SIZE[0])
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            torch.onnx.export(
                network.eval(),
                (looks,),
                whole,
                dynamo=False,
                opset_version=_OPSET,
                input_names=["looks"],
                output_names=["mobile"],
            )
        model = onnx.load(whole)
    model.ir_version = _IR
    path.write_bytes(_halved(model).SerializeToString())


def _halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same with a cast after each large weight: half the size, and computed as before."""
    graph = model.graph
    for weight in [one for one in graph.initializer if np.prod(one.dims) >= _LARGE]:
        half = numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), f"{weight.name}.half")
        graph.initializer.remove(weight)
        graph.initializer.append(half)
        graph.node.insert(0, helper.make_node("Cast", [half.name], [weight.name], to=TensorProto.FLOAT))
    onnx.checker.check_model(model)
    return model
