"""Networks as their authors define them in PyTorch, narrow ones, to hold against what is put together."""

# torch's stubs take a module's attributes for tensors.
# pyright: basic, reportMissingImports=false, reportCallIssue=false, reportArgumentType=false, reportIndexIssue=false

from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional as f

NARROW = (8, 8, 12, 16, 20)  # channels of the stem and of four stages


def conv(wide: int, out: int, side: int = 3, stride: int = 1, **more: Any) -> nn.Conv2d:
    return nn.Conv2d(wide, out, side, stride, more.pop("pad", side // 2), bias=more.pop("bias", False), **more)


class Squeezed(nn.Module):
    def __init__(self, wide: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = conv(wide, 2, 1), conv(2, wide, 1)

    def forward(self, x: Any) -> Any:
        return x * torch.sigmoid(self.fc2(torch.relu(self.fc1(f.adaptive_avg_pool2d(x, 1)))))


class ArcBlock(nn.Module):
    def __init__(self, wide: int, out: int, stride: int, se: bool = False) -> None:
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(wide), conv(wide, out)
        self.bn2, self.prelu, self.conv2 = nn.BatchNorm2d(out), nn.PReLU(out), conv(out, out, stride=stride)
        self.bn3, self.stride = nn.BatchNorm2d(out), stride
        self.se = Squeezed(out) if se else None
        if stride != 1 or wide != out:
            self.downsample = nn.Sequential(conv(wide, out, 1, stride), nn.BatchNorm2d(out))
        else:
            self.downsample = None

    def forward(self, x: Any) -> Any:
        out = self.bn3(self.conv2(self.prelu(self.bn2(self.conv1(self.bn1(x))))))
        out = self.se(out) if self.se else out
        return out + (self.downsample(x) if self.downsample else x)


class IResNet(nn.Module):
    def __init__(self, side: int = 7, **more: Any) -> None:
        super().__init__()
        stem, *stages = NARROW
        self.conv1, self.bn1, self.prelu = conv(3, stem), nn.BatchNorm2d(stem), nn.PReLU(stem)
        for place, (wide, out) in enumerate(zip(NARROW[:-1], stages, strict=True), 1):
            blocks = [ArcBlock(wide, out, 2, **more), ArcBlock(out, out, 1, **more)]
            setattr(self, f"layer{place}", nn.Sequential(*blocks))
        self.bn2, self.fc = nn.BatchNorm2d(stages[-1]), nn.Linear(stages[-1] * side * side, 16)
        self.features = nn.BatchNorm1d(16)

    def forward(self, x: Any) -> Any:
        x = self.prelu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.features(self.fc(self.bn2(x).flatten(1)))


class IRBlock(nn.Module):
    """As InsightFace_Pytorch has it (`ir`), as AdaFace has it, or as AdaFace's deepest have it (`narrow`)."""

    def __init__(self, wide: int, out: int, stride: int, kind: str) -> None:
        super().__init__()
        self.shortcut_layer = (
            nn.MaxPool2d(1, stride) if wide == out else nn.Sequential(conv(wide, out, 1, stride), nn.BatchNorm2d(out))
        )
        less = max(out // 4, 2)
        layers: list[nn.Module] = {
            "ir": [conv(wide, out), nn.PReLU(out), conv(out, out, stride=stride)],
            "adaface": [conv(wide, out), nn.BatchNorm2d(out), nn.PReLU(out), conv(out, out, stride=stride)],
            "narrow": [
                conv(wide, less, 1), nn.BatchNorm2d(less), nn.PReLU(less), conv(less, less), nn.BatchNorm2d(less),
                nn.PReLU(less), conv(less, out, 1, stride),
            ],
        }[kind.removesuffix("+se")]  # fmt: skip
        gate = [Squeezed(out)] if kind.endswith("+se") else []
        self.res_layer = nn.Sequential(nn.BatchNorm2d(wide), *layers, nn.BatchNorm2d(out), *gate)

    def forward(self, x: Any) -> Any:
        return self.shortcut_layer(x) + self.res_layer(x)


class IR(nn.Module):
    def __init__(self, kind: str) -> None:
        super().__init__()
        stem, *stages = NARROW
        self.input_layer = nn.Sequential(conv(3, stem), nn.BatchNorm2d(stem), nn.PReLU(stem))
        pairs = zip(NARROW[:-1], stages, strict=True)
        self.body = nn.Sequential(
            *(block for wide, out in pairs for block in (IRBlock(wide, out, 2, kind), IRBlock(out, out, 1, kind)))
        )
        last = nn.BatchNorm1d(16, affine=kind == "ir")
        self.output_layer = nn.Sequential(
            nn.BatchNorm2d(stages[-1]), nn.Dropout(), nn.Flatten(), nn.Linear(stages[-1] * 49, 16), last
        )

    def forward(self, x: Any) -> Any:
        return self.output_layer(self.body(self.input_layer(x)))


class Unit(nn.Module):
    def __init__(self, wide: int, out: int, side: int = 1, stride: int = 1, *, act: bool = True, **more: Any) -> None:
        super().__init__()
        self.conv = conv(wide, out, side, stride, **more)
        self.bn = nn.BatchNorm2d(out)
        if act:
            self.prelu = nn.PReLU(out)

    def forward(self, x: Any) -> Any:
        x = self.bn(self.conv(x))
        return self.prelu(x) if hasattr(self, "prelu") else x


class DepthWise(nn.Module):
    def __init__(self, wide: int, out: int, groups: int, stride: int = 2, residual: bool = False) -> None:
        super().__init__()
        self.conv, self.conv_dw = Unit(wide, groups), Unit(groups, groups, 3, stride, groups=groups)
        self.project, self.residual = Unit(groups, out, act=False), residual

    def forward(self, x: Any) -> Any:
        out = self.project(self.conv_dw(self.conv(x)))
        return x + out if self.residual else out


class Residual(nn.Module):
    def __init__(self, wide: int, count: int, groups: int) -> None:
        super().__init__()
        self.model = nn.Sequential(*(DepthWise(wide, wide, groups, 1, residual=True) for _ in range(count)))

    def forward(self, x: Any) -> Any:
        return self.model(x)


class MobileFaceNet(nn.Module):
    """As InsightFace_Pytorch has it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2_dw = Unit(3, 8, 3, 2), Unit(8, 8, 3, groups=8)
        self.conv_23, self.conv_3 = DepthWise(8, 8, 16), Residual(8, 2, 16)
        self.conv_34, self.conv_4 = DepthWise(8, 12, 24), Residual(12, 3, 24)
        self.conv_45, self.conv_5 = DepthWise(12, 12, 24), Residual(12, 1, 24)
        self.conv_6_sep, self.conv_6_dw = Unit(12, 32), Unit(32, 32, 7, pad=0, groups=32, act=False)
        self.linear, self.bn = nn.Linear(32, 16, bias=False), nn.BatchNorm1d(16)

    def forward(self, x: Any) -> Any:
        for name in (
            "conv1",
            "conv2_dw",
            "conv_23",
            "conv_3",
            "conv_34",
            "conv_4",
            "conv_45",
            "conv_5",
            "conv_6_sep",
            "conv_6_dw",
        ):
            x = getattr(self, name)(x)
        return self.bn(self.linear(x.flatten(1)))


class Layers(nn.Module):
    """What arcface_torch wraps everything in."""

    def __init__(self, *layers: nn.Module, residual: bool = False) -> None:
        super().__init__()
        self.layers, self.residual = nn.Sequential(*layers), residual

    def forward(self, x: Any) -> Any:
        return x + self.layers(x) if self.residual else self.layers(x)


def arc_unit(wide: int, out: int, side: int = 1, stride: int = 1, groups: int = 1) -> Layers:
    return Layers(conv(wide, out, side, stride, groups=groups), nn.BatchNorm2d(out), nn.PReLU(out))


def arc_depthwise(wide: int, out: int, groups: int, stride: int = 2, residual: bool = False) -> Layers:
    last = Layers(conv(groups, out, 1), nn.BatchNorm2d(out))
    return Layers(arc_unit(wide, groups), arc_unit(groups, groups, 3, stride, groups), last, residual=residual)


class ArcMobileFaceNet(nn.Module):
    """As arcface_torch has it."""

    def __init__(self) -> None:
        super().__init__()

        def residual(wide: int, count: int, groups: int) -> Layers:
            return Layers(*(arc_depthwise(wide, wide, groups, 1, residual=True) for _ in range(count)))

        self.layers = nn.ModuleList([
            arc_unit(3, 8, 3, 2), arc_unit(8, 8, 3, 1, 8), arc_depthwise(8, 8, 16), residual(8, 3, 16),
            arc_depthwise(8, 12, 24), residual(12, 2, 24), arc_depthwise(12, 12, 24), residual(12, 1, 24),
        ])  # fmt: skip
        self.conv_sep = arc_unit(12, 32)
        gdc = Layers(conv(32, 32, 7, pad=0, groups=32), nn.BatchNorm2d(32))
        self.features = Layers(gdc, nn.Flatten(), nn.Linear(32, 16, bias=False), nn.BatchNorm1d(16))

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return self.features(self.conv_sep(x))


def low_unit(wide: int, out: int, side: int = 3, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(conv(wide, out, side, stride, groups=groups), nn.BatchNorm2d(out), nn.ReLU6())


class Inverted(nn.Module):
    def __init__(self, wide: int, out: int, stride: int, times: int) -> None:
        super().__init__()
        inner = wide * times
        first = [low_unit(wide, inner, 1)] if times > 1 else []
        self.conv = nn.Sequential(
            *first, low_unit(inner, inner, 3, stride, inner), conv(inner, out, 1), nn.BatchNorm2d(out)
        )
        self.same = stride == 1 and wide == out

    def forward(self, x: Any) -> Any:
        return x + self.conv(x) if self.same else self.conv(x)


class MobileNetV2(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        stages = ((1, 4, 1, 1), (2, 6, 2, 2), (2, 8, 3, 2), (2, 8, 4, 2), (2, 12, 3, 1), (2, 12, 3, 2), (2, 16, 1, 1))
        layers: list[nn.Module] = [low_unit(3, 8, 3, 2)]
        wide = 8
        for times, out, count, stride in stages:
            layers += [Inverted(wide if n == 0 else out, out, stride if n == 0 else 1, times) for n in range(count)]
            wide = out
        self.features = nn.Sequential(*layers, low_unit(16, 32, 1))
        self.classifier = nn.Sequential(nn.Dropout(), nn.Linear(32, 10))

    def forward(self, x: Any) -> Any:
        return self.classifier(self.features(x).mean((2, 3)))

    def in_rows(self) -> "MobileNetV2":
        """The same with the layers of each block in one row, as it was written first; it ends without its head."""
        for block in self.features:
            if isinstance(block, Inverted):
                parts = (list(part) if isinstance(part, nn.Sequential) else [part] for part in block.conv)
                block.conv = nn.Sequential(*(layer for part in parts for layer in part))
        self.classifier = nn.Sequential()
        return self


class DepthSeparable(nn.Module):
    def __init__(self, wide: int) -> None:
        super().__init__()
        self.depthwise, self.bn1 = conv(wide, wide, groups=wide), nn.BatchNorm2d(wide)
        self.pointwise, self.bn2 = conv(wide, wide, 1), nn.BatchNorm2d(wide)

    def forward(self, x: Any) -> Any:
        return torch.relu(self.bn2(self.pointwise(torch.relu(self.bn1(self.depthwise(x))))))


class Global(nn.Module):
    def __init__(self, wide: int) -> None:
        super().__init__()
        self.depthwise, self.bn = conv(wide, wide, 7, pad=0, groups=wide), nn.BatchNorm2d(wide)

    def forward(self, x: Any) -> Any:
        return self.bn(self.depthwise(x))


class FoamliuMobileFaceNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.dw_conv = low_unit(3, 8, 3, 2), DepthSeparable(8)
        stages = ((2, 8, 5, 2), (4, 12, 1, 2), (2, 12, 6, 1), (4, 12, 1, 2), (2, 12, 2, 1))
        layers: list[nn.Module] = []
        wide = 8
        for times, out, count, stride in stages:
            layers += [Inverted(wide if n == 0 else out, out, stride if n == 0 else 1, times) for n in range(count)]
            wide = out
        self.features = nn.Sequential(*layers)
        self.conv2, self.gdconv = low_unit(12, 24, 1), Global(24)
        self.conv3, self.bn = conv(24, 16, 1, bias=True), nn.BatchNorm1d(16)

    def forward(self, x: Any) -> Any:
        x = self.conv3(self.gdconv(self.conv2(self.features(self.dw_conv(self.conv1(x))))))
        return self.bn(x.flatten(1))


class Basic(nn.Module):
    def __init__(self, wide: int, out: int, stride: int, late: bool | None) -> None:
        super().__init__()
        if late is None:
            self.conv1, self.conv2 = conv(wide, out, stride=stride), conv(out, out)
        else:
            self.conv1 = conv(wide, out // 2, 1, 1 if late else stride)
            self.conv2 = conv(out // 2, out // 2, 3, stride if late else 1)
            self.conv3, self.bn3 = conv(out // 2, out, 1), nn.BatchNorm2d(out)
        self.bn1, self.bn2 = nn.BatchNorm2d(self.conv1.out_channels), nn.BatchNorm2d(self.conv2.out_channels)
        if stride != 1 or wide != out:
            self.downsample = nn.Sequential(conv(wide, out, 1, stride), nn.BatchNorm2d(out))

    def forward(self, x: Any) -> Any:
        out = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        if hasattr(self, "conv3"):
            out = self.bn3(self.conv3(torch.relu(out)))
        return torch.relu(out + (self.downsample(x) if hasattr(self, "downsample") else x))


class ResNet(nn.Module):
    """torchvision's; bottlenecks that are narrowed in their second convolution (`late`) or in their first."""

    def __init__(self, late: bool | None = None, side: int = 7) -> None:
        super().__init__()
        stem, *stages = NARROW
        self.conv1, self.bn1 = conv(3, stem, side, 2 if side > 3 else 1), nn.BatchNorm2d(stem)
        for place, (wide, out) in enumerate(zip(NARROW[:-1], stages, strict=True), 1):
            blocks = [Basic(wide, out, 1 + (place > 1), late), Basic(out, out, 1, late)]
            setattr(self, f"layer{place}", nn.Sequential(*blocks))
        self.fc = nn.Linear(stages[-1], 10)

    def forward(self, x: Any) -> Any:
        x = torch.relu(self.bn1(self.conv1(x)))
        x = f.max_pool2d(x, 3, 2, 1) if self.conv1.kernel_size[0] > 3 else x
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


class GreyBlock(nn.Module):
    def __init__(self, wide: int, out: int, stride: int) -> None:
        super().__init__()
        self.bn0, self.conv1, self.bn1 = nn.BatchNorm2d(wide), conv(wide, wide), nn.BatchNorm2d(wide)
        self.prelu, self.conv2, self.bn2 = nn.PReLU(), conv(wide, out, stride=stride), nn.BatchNorm2d(out)
        self.se = nn.Module()
        self.se.fc = nn.Sequential(nn.Linear(out, 2), nn.PReLU(), nn.Linear(2, out), nn.Sigmoid())
        if stride != 1 or wide != out:
            self.downsample = nn.Sequential(conv(wide, out, 1, stride), nn.BatchNorm2d(out))

    def forward(self, x: Any) -> Any:
        out = self.bn2(self.conv2(self.prelu(self.bn1(self.conv1(self.bn0(x))))))
        out = out * self.se.fc(out.mean((2, 3)))[..., None, None]
        return self.prelu(out + (self.downsample(x) if hasattr(self, "downsample") else x))


class GreyResNet(nn.Module):
    """arcface-pytorch's, which takes grey pictures of 128x128."""

    def __init__(self) -> None:
        super().__init__()
        stem, *stages = NARROW
        self.conv1, self.bn1, self.prelu = conv(1, stem), nn.BatchNorm2d(stem), nn.PReLU()
        for place, (wide, out) in enumerate(zip(NARROW[:-1], stages, strict=True), 1):
            setattr(self, f"layer{place}", nn.Sequential(GreyBlock(wide, out, 1 + (place > 1)), GreyBlock(out, out, 1)))
        self.bn4, self.fc5, self.bn5 = nn.BatchNorm2d(stages[-1]), nn.Linear(stages[-1] * 64, 16), nn.BatchNorm1d(16)

    def forward(self, x: Any) -> Any:
        x = f.max_pool2d(self.prelu(self.bn1(self.conv1(x))), 2)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.bn5(self.fc5(self.bn4(x).flatten(1)))


class SphereFace(nn.Module):
    STAGES = ((1, 1), (2, 2), (3, 4), (4, 1))

    def __init__(self) -> None:
        super().__init__()
        wide = 3
        for (stage, blocks), out in zip(self.STAGES, NARROW[1:], strict=True):
            for at in range(1, 2 * blocks + 2):
                setattr(self, f"conv{stage}_{at}", conv(wide, out, stride=2 if at == 1 else 1, bias=True))
                setattr(self, f"relu{stage}_{at}", nn.PReLU(out))
                wide = out
        self.fc5, self.fc6 = nn.Linear(wide * 7 * 6, 16), nn.Linear(16, 30, bias=False)

    def forward(self, x: Any) -> Any:
        def through(stage: int, at: int, x: Any) -> Any:
            return getattr(self, f"relu{stage}_{at}")(getattr(self, f"conv{stage}_{at}")(x))

        for stage, blocks in self.STAGES:
            x = through(stage, 1, x)
            for at in range(2, 2 * blocks + 2, 2):
                x = x + through(stage, at + 1, through(stage, at, x))
        return self.fc5(x.flatten(1))


class Mfm(nn.Module):
    def __init__(self, wide: int, out: int, side: int = 3, flat: bool = False) -> None:
        super().__init__()
        self.filter = nn.Linear(wide, 2 * out) if flat else conv(wide, 2 * out, side, bias=True)

    def forward(self, x: Any) -> Any:
        return torch.maximum(*self.filter(x).chunk(2, 1))


class Group(nn.Module):
    def __init__(self, wide: int, out: int) -> None:
        super().__init__()
        self.conv_a, self.conv = Mfm(wide, wide, 1), Mfm(wide, out)

    def forward(self, x: Any) -> Any:
        return self.conv(self.conv_a(x))


class MfmBlock(nn.Module):
    def __init__(self, wide: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = Mfm(wide, wide), Mfm(wide, wide)

    def forward(self, x: Any) -> Any:
        return x + self.conv2(self.conv1(x))


class LightCNN9(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        pool = nn.MaxPool2d(2, 2, ceil_mode=True)
        self.features = nn.Sequential(
            Mfm(1, 6, 5), pool, Group(6, 8), pool, Group(8, 8), pool, Group(8, 6), Group(6, 6), pool
        )
        self.fc1, self.fc2 = Mfm(8 * 8 * 6, 16, flat=True), nn.Linear(16, 30)

    def forward(self, x: Any) -> Any:
        return self.fc1(self.features(x).flatten(1))


class LightCNN29(nn.Module):
    def __init__(self, second: bool = False) -> None:
        super().__init__()
        self.conv1, self.second = Mfm(1, 4, 5), second
        for place, (wide, out) in enumerate(((4, 6), (6, 8), (8, 6), (6, 6)), 1):
            setattr(self, f"block{place}", nn.Sequential(*(MfmBlock(wide) for _ in range(place))))
            setattr(self, f"group{place}", Group(wide, out))
        self.fc = nn.Linear(8 * 8 * 6, 16) if second else Mfm(8 * 8 * 6, 16, flat=True)
        self.fc2 = nn.Linear(16, 30)

    def pool(self, x: Any) -> Any:
        return f.max_pool2d(x, 2) + f.avg_pool2d(x, 2) if self.second else f.max_pool2d(x, 2)

    def forward(self, x: Any) -> Any:
        x = self.pool(self.conv1(x))
        x = self.pool(self.group1(self.block1(x)))
        x = self.pool(self.group2(self.block2(x)))
        x = self.group4(self.block4(self.group3(self.block3(x))))
        return self.fc(self.pool(x).flatten(1))


class FaceUnit(nn.Module):
    def __init__(self, wide: int, out: int, side: int | tuple[int, int], stride: int = 1, pad: bool = True) -> None:
        super().__init__()
        sides = (side, side) if isinstance(side, int) else side
        pads = tuple(one // 2 if pad else 0 for one in sides)
        self.conv, self.bn = nn.Conv2d(wide, out, sides, stride, pads, bias=False), nn.BatchNorm2d(out, eps=1e-3)

    def forward(self, x: Any) -> Any:
        return torch.relu(self.bn(self.conv(x)))


class FaceBlock(nn.Module):
    def __init__(self, wide: int, sides: Any, scale: float, last: bool = False) -> None:
        super().__init__()
        for place, way in enumerate(sides):
            units = [FaceUnit(wide if n == 0 else 4, 4, side) for n, side in enumerate(way)]
            setattr(self, f"branch{place}", units[0] if len(units) == 1 else nn.Sequential(*units))
        self.conv2d, self.scale, self.last = nn.Conv2d(4 * len(sides), wide, 1), scale, last

    def forward(self, x: Any) -> Any:
        ways = [module(x) for name, module in self.named_children() if name.startswith("branch")]
        x = x + self.scale * self.conv2d(torch.cat(ways, 1))
        return x if self.last else torch.relu(x)


class Mixed(nn.Module):
    def __init__(self, wide: int, sides: tuple[tuple[int, ...], ...]) -> None:
        super().__init__()
        for place, way in enumerate(sides):
            units = [
                FaceUnit(wide if n == 0 else 6, 6, side, 1 + last, not last)
                for n, side in enumerate(way)
                for last in [n == len(way) - 1]
            ]
            setattr(self, f"branch{place}", units[0] if len(units) == 1 else nn.Sequential(*units))

    def forward(self, x: Any) -> Any:
        return torch.cat([*(module(x) for module in self.children()), f.max_pool2d(x, 3, 2)], 1)


class FaceNet(nn.Module):
    """As facenet-pytorch has it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv2d_1a, self.conv2d_2a = FaceUnit(3, 4, 3, 2, pad=False), FaceUnit(4, 4, 3, pad=False)
        self.conv2d_2b, self.conv2d_3b = FaceUnit(4, 6, 3), FaceUnit(6, 6, 1)
        self.conv2d_4a, self.conv2d_4b = FaceUnit(6, 8, 3, pad=False), FaceUnit(8, 8, 3, 2, pad=False)
        across = ((1,), (1, (1, 7), (7, 1)))
        narrow = ((1,), (1, (1, 3), (3, 1)))
        self.repeat_1 = nn.Sequential(*(FaceBlock(8, ((1,), (1, 3), (1, 3, 3)), 0.17) for _ in range(2)))
        self.mixed_6a = Mixed(8, ((3,), (1, 3, 3)))
        self.repeat_2 = nn.Sequential(*(FaceBlock(20, across, 0.10) for _ in range(2)))
        self.mixed_7a = Mixed(20, ((1, 3), (1, 3), (1, 3, 3)))
        self.repeat_3 = nn.Sequential(*(FaceBlock(38, narrow, 0.20) for _ in range(2)))
        self.block8 = FaceBlock(38, narrow, 1.0, last=True)
        self.last_linear, self.last_bn = nn.Linear(38, 16, bias=False), nn.BatchNorm1d(16, eps=1e-3)
        self.logits = nn.Linear(16, 30)

    def forward(self, x: Any) -> Any:
        x = f.max_pool2d(self.conv2d_2b(self.conv2d_2a(self.conv2d_1a(x))), 3, 2)
        x = self.repeat_1(self.conv2d_4b(self.conv2d_4a(self.conv2d_3b(x))))
        x = self.block8(self.repeat_3(self.mixed_7a(self.repeat_2(self.mixed_6a(x)))))
        return self.last_bn(self.last_linear(x.mean((2, 3))))


class DeepFaceBlock(nn.Module):
    def __init__(self, wide: int, out: int, stride: int) -> None:
        super().__init__()
        if stride > 1:
            self.conv_0, self.bn_0 = conv(wide, out, 1, stride), nn.BatchNorm2d(out, eps=2e-5)
        self.bn_1, self.conv_1 = nn.BatchNorm2d(wide, eps=2e-5), conv(wide, out)
        self.bn_2, self.prelu_1 = nn.BatchNorm2d(out, eps=2e-5), nn.PReLU(out)
        self.conv_2, self.bn_3 = conv(out, out, stride=stride), nn.BatchNorm2d(out, eps=2e-5)
        self.stride = stride

    def forward(self, x: Any) -> Any:
        out = self.bn_3(self.conv_2(self.prelu_1(self.bn_2(self.conv_1(self.bn_1(x))))))
        return out + (self.bn_0(self.conv_0(x)) if self.stride > 1 else x)


class DeepFaceBody(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1_conv, self.conv1_bn = conv(3, NARROW[0]), nn.BatchNorm2d(NARROW[0], eps=2e-5)
        self.conv1_prelu = nn.PReLU(NARROW[0])
        for place, (wide, out) in enumerate(pairwise(NARROW), 2):
            setattr(self, f"conv{place}", nn.Sequential(DeepFaceBlock(wide, out, 2), DeepFaceBlock(out, out, 1)))

    def forward(self, x: Any) -> Any:
        x = self.conv1_prelu(self.conv1_bn(self.conv1_conv(x)))
        return self.conv5(self.conv4(self.conv3(self.conv2(x))))


class DeepFaceArcFace(nn.Module):
    """As DeepFace has it."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone, self.bn = DeepFaceBody(), nn.BatchNorm2d(NARROW[-1], eps=2e-5)
        self.dense, self.embedding = nn.Linear(NARROW[-1] * 49, 16), nn.BatchNorm1d(16, eps=2e-5)

    def forward(self, x: Any) -> Any:
        return self.embedding(self.dense(self.bn(self.backbone(x)).flatten(1)))


class VGG(nn.Module):
    """VGG-Face: its matrices are convolutions over all places, or matrices."""

    def __init__(self, matrices: bool) -> None:
        super().__init__()
        wide, self.names = 3, []
        for stage, (count, out) in enumerate(zip((2, 2, 3, 3, 3), (4, 4, 6, 6, 8), strict=True), 1):
            for at in range(1, count + 1):
                setattr(self, f"conv{stage}_{at}", conv(wide, out, bias=True))
                self.names.append((f"conv{stage}_{at}", at == count))
                wide = out
        self.fc6: Any = nn.Linear(8 * 49, 24) if matrices else nn.Conv2d(8, 24, 7)
        self.fc7, self.fc8 = (nn.Linear(24, 24), nn.Linear(24, 30)) if matrices else (conv(24, 24, 1), conv(24, 30, 1))
        self.matrices = matrices

    def forward(self, x: Any) -> Any:
        for name, last in self.names:
            x = torch.relu(getattr(self, name)(x))
            x = f.max_pool2d(x, 2) if last else x
        x = torch.relu(self.fc6(x.flatten(1) if self.matrices else x))
        return self.fc8(torch.relu(self.fc7(x))).flatten(1)


def settled(net: nn.Module) -> nn.Module:
    """With numbers as training leaves them: none zero or one in its normalisations."""
    torch.manual_seed(0)
    with torch.no_grad():
        for name, one in net.state_dict().items():
            if one.is_floating_point() and one.ndim == 1:
                one.uniform_(0.5, 1.5) if name.endswith(("running_var", "weight")) else one.uniform_(-0.5, 0.5)
    return net.eval()


class PNet(nn.Module):
    """MTCNN's three networks, as facenet-pytorch has them; what they give is joined."""

    def __init__(self, wide: tuple[int, ...] = (3, 6, 5, 8), sides: tuple[int, ...] = (3, 3, 3)) -> None:
        super().__init__()
        for place, (taken, out, side) in enumerate(zip(wide[:-1], wide[1:], sides, strict=True), 1):
            setattr(self, f"conv{place}", nn.Conv2d(taken, out, side))
            setattr(self, f"prelu{place}", nn.PReLU(out))
        self.pools, self.heads = {1: 2}, ()
        if type(self) is PNet:
            self.conv4_1, self.conv4_2, self.heads = nn.Conv2d(8, 2, 1), nn.Conv2d(8, 4, 1), ("conv4_1", "conv4_2")
        self.count = len(sides)

    def body(self, x: Any) -> Any:
        for place in range(1, self.count + 1):
            x = getattr(self, f"prelu{place}")(getattr(self, f"conv{place}")(x))
            x = f.max_pool2d(x, self.pools[place], 2, ceil_mode=True) if place in self.pools else x
        return x

    def forward(self, x: Any) -> Any:
        x = self.body(x)
        return torch.cat([getattr(self, head)(x) for head in self.heads], 1)


class RNet(PNet):
    def __init__(self) -> None:
        super().__init__((3, 6, 5, 8), (3, 3, 2))
        self.dense4, self.prelu4 = nn.Linear(8 * 9, 12), nn.PReLU(12)
        self.dense5_1, self.dense5_2 = nn.Linear(12, 2), nn.Linear(12, 4)
        self.pools, self.heads = {1: 3, 2: 3}, ("dense5_1", "dense5_2")

    def body(self, x: Any) -> Any:
        return self.prelu4(self.dense4(super().body(x).permute(0, 3, 2, 1).flatten(1)))


class ONet(PNet):
    def __init__(self) -> None:
        super().__init__((3, 6, 5, 8, 7), (3, 3, 3, 2))
        self.dense5, self.prelu5 = nn.Linear(7 * 9, 12), nn.PReLU(12)
        self.dense6_1, self.dense6_2, self.dense6_3 = nn.Linear(12, 2), nn.Linear(12, 4), nn.Linear(12, 10)
        self.pools, self.heads = {1: 3, 2: 3, 3: 2}, ("dense6_1", "dense6_2", "dense6_3")

    def body(self, x: Any) -> Any:
        return self.prelu5(self.dense5(super().body(x).permute(0, 3, 2, 1).flatten(1)))
