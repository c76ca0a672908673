"""Small networks of the families that recognisers come in, taught here in a minute each; torch is needed.

Teachers are given: who is in a picture is learned from what a published recogniser says of it (Hinton et al.,
Distilling the Knowledge in a Neural Network, 2015), everything else from how the picture was made.
"""

# torch's stubs leave much open.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownParameterType=false, reportUntypedBaseClass=false

import warnings
from collections.abc import Callable
from io import BytesIO
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from ...detector.identity.model import Array

_BATCH, _RATE = 32, 2e-3


class _Block(nn.Module):
    """Two convolutions beside a shortcut, with PReLU, as in ArcFace's ResNets (Deng et al., 2019)."""

    def __init__(self, taken: int, given: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(taken), nn.Conv2d(taken, given, 3, 1, 1, bias=False), nn.BatchNorm2d(given),
            nn.PReLU(given), nn.Conv2d(given, given, 3, 2, 1, bias=False), nn.BatchNorm2d(given),
        )  # fmt: skip
        self.short = nn.Sequential(nn.Conv2d(taken, given, 1, 2, bias=False), nn.BatchNorm2d(given))

    def forward(self, x: Any) -> Any:
        return self.body(x) + self.short(x)


def residual(width: int) -> nn.Module:
    """A ResNet that ends as ArcFace's do: all places in one matrix, normalised over the batch."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 5, 4, 2, bias=False), nn.BatchNorm2d(16), nn.PReLU(16),
        _Block(16, 24), _Block(24, 48), nn.BatchNorm2d(48), nn.Flatten(),
        nn.Linear(48 * 7 * 7, width), nn.BatchNorm1d(width),
    )  # fmt: skip


class _Branches(nn.Module):
    """Convolutions of three sizes beside each other, as in FaceNet (Schroff et al., 2015)."""

    def __init__(self, taken: int, given: int) -> None:
        super().__init__()
        self.ways = nn.ModuleList(nn.Conv2d(taken, given // 3, side, 2, side // 2) for side in (1, 3, 5))
        self.norm = nn.BatchNorm2d(given)

    def forward(self, x: Any) -> Any:
        return functional.relu(self.norm(torch.cat([way(x) for way in self.ways], 1)))


class _Unit(nn.Module):
    def forward(self, x: Any) -> Any:
        return functional.normalize(x)


def inception(width: int) -> nn.Module:
    """An Inception network that ends as FaceNet does: the mean over all places, and vectors of unit length."""
    return nn.Sequential(
        nn.Conv2d(3, 24, 5, 4, 2), nn.ReLU(), _Branches(24, 96), _Branches(96, 192), nn.AvgPool2d(7),
        nn.Flatten(), nn.Linear(192, width), _Unit(),
    )  # fmt: skip


class _Attention(nn.Module):
    """A layer of a transformer, written out."""

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(size), nn.LayerNorm(size)
        self.asked, self.out = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.wide = nn.Sequential(nn.Linear(size, 2 * size), nn.GELU(), nn.Linear(2 * size, size))

    def forward(self, x: Any) -> Any:
        count, size = x.shape[1], x.shape[2]
        asked = self.asked(self.first(x)).reshape(-1, count, 3, self.heads, size // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = asked[0], asked[1], asked[2]
        weights = torch.softmax(query @ key.transpose(-1, -2) * (size // self.heads) ** -0.5, -1)
        x = x + self.out((weights @ value).transpose(1, 2).reshape(-1, count, size))
        return x + self.wide(self.second(x))


class _Transformer(nn.Module):
    def __init__(self, width: int, size: int = 64, patch: int = 14) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, size, patch, patch)
        self.places = nn.Parameter(torch.randn(1, (112 // patch) ** 2, size) * 0.1)
        self.layers = nn.Sequential(*(_Attention(size, 4) for _ in range(2)), nn.LayerNorm(size))
        self.head = nn.Linear((112 // patch) ** 2 * size, width)

    def forward(self, x: Any) -> Any:
        return self.head(self.layers(self.patches(x).flatten(2).transpose(1, 2) + self.places).flatten(1))


def transformer(width: int) -> nn.Module:
    """A vision transformer with all its places in one matrix, as face transformers have it (Dan et al., 2023)."""
    return _Transformer(width)


class _Painter(nn.Module):
    """A picture made from a few numbers, or from a picture."""

    def __init__(self, middle: int) -> None:
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv2d(3, 16, 5, 4, 2), nn.ReLU(), nn.Conv2d(16, 16, 3, 2, 1), nn.ReLU(), nn.Flatten(),
            nn.Linear(16 * 14 * 14, middle), nn.Linear(middle, 16 * 14 * 14),
        )  # fmt: skip
        steps = [nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(16, 16, 3, 1, 1), nn.ReLU()) for _ in range(3)]
        self.up = nn.Sequential(*steps, nn.Conv2d(16, 1, 3, 1, 1))

    def forward(self, x: Any) -> Any:
        return self.up(self.down(x).reshape(-1, 16, 14, 14))


def autoencoder(width: int) -> nn.Module:
    """A picture through so many numbers and back."""
    return _Painter(width)


def upscaler() -> tuple[nn.Module, Any]:
    """A picture four times as large (Shi et al., 2016), and what it takes."""
    steps = [nn.Conv2d(1, 32, 5, 1, 2), nn.ReLU(), nn.Conv2d(32, 16, 3, 1, 1), nn.PixelShuffle(4)]
    return nn.Sequential(*steps), torch.zeros(1, 1, 112, 112)


def speaker() -> tuple[nn.Module, Any]:
    """A second of sound as 192 numbers, and what it takes."""
    steps = [nn.Conv1d(1, 32, 400, 160), nn.ReLU(), nn.Conv1d(32, 64, 5, 2), nn.ReLU(), nn.AdaptiveAvgPool1d(1)]
    return nn.Sequential(*steps, nn.Flatten(), nn.Linear(64, 192)), torch.zeros(1, 1, 16_000)


class _Sentence(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.layers = nn.Embedding(1000, 96), nn.Sequential(_Attention(96, 4), _Attention(96, 4))
        self.head = nn.Linear(96, 384)

    def forward(self, words: Any) -> Any:
        return functional.normalize(self.head(self.layers(self.words(words)).mean(1)))


def sentence() -> tuple[nn.Module, Any]:
    """A sentence as 384 numbers, and what it takes: 128 numbers of words."""
    return _Sentence(), torch.zeros(1, 128, dtype=torch.int64)


FAMILIES: dict[str, Callable[[int], nn.Module]] = {
    "ResNet as ArcFace's": residual,
    "Inception as FaceNet's": inception,
    "vision transformer": transformer,
}


def fresh(make: Callable[[int], nn.Module], width: int, seed: int = 0) -> nn.Module:
    """A network that has learned nothing."""
    torch.manual_seed(seed)
    return make(width).eval()


def taught(make: Callable[[int], nn.Module], pictures: Array, wanted: Array, rounds: int) -> nn.Module:
    """A network that has learned to answer so.

    Args:
        make: of a width.
        pictures: uint8, grey, [n, 112, 112].
        wanted: float32, [n, width] or [n, 1, 112, 112].
        rounds: how often it sees every picture.
    """
    torch.set_num_threads(1)  # more are slower beside other programs, and add up in another order
    module = fresh(make, wanted.shape[1] if wanted.ndim == 2 else 64)
    inputs, answers = torch.from_numpy(pictures), torch.from_numpy(wanted)
    steps = rounds * (len(pictures) // _BATCH)
    optimiser = torch.optim.AdamW(module.parameters(), _RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, steps)
    module.train()
    for _ in range(steps):
        rows = torch.randint(len(pictures), (_BATCH,))
        loss = functional.mse_loss(module(as_input(inputs[rows])), answers[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return module.eval()


def as_input(pictures: Any) -> Any:
    """Grey pictures, [n, h, w], as these networks take them: [n, 3, h, w], -1 to 1."""
    return ((pictures.float() - 127.5) / 127.5)[:, None].expand(-1, 3, -1, -1)


def as_onnx(module: nn.Module, example: Any = None) -> bytes:
    """The network as torch's older exporter writes it, for one picture or for such an input."""
    content = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is a newer exporter, which needs a library more
        export: Any = torch.onnx.export
        export(
            module, (torch.zeros(1, 3, 112, 112) if example is None else example,), content, opset_version=14,
            dynamo=False,
            input_names=["input"], output_names=["output"],
        )  # fmt: skip
    return content.getvalue()


def as_script(module: nn.Module) -> bytes:
    """The network as TorchScript."""
    content = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # deprecated, and in use
        torch.jit.save(torch.jit.trace(module, torch.zeros(1, 3, 112, 112)), content)
    return content.getvalue()


def as_exported(module: nn.Module) -> bytes:
    """The network as `torch.export` writes it, in eval mode, with its batch left free."""
    content, batch = BytesIO(), torch.export.Dim("batch", min=1, max=64)
    program = torch.export.export(module.eval(), (torch.zeros(2, 3, 112, 112),), dynamic_shapes=({0: batch},))
    torch.export.save(program, content)
    return content.getvalue()
