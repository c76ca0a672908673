# pyright: basic, reportMissingImports=false
"""Stacks of looks drawn from clips, with what may befall a view laid over them: all on the device that learns."""

import math
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from .....detector.mobility.witness import AGES, SIZE
from . import masks, motion
from .clips import Clips

_WIDTH, _HEIGHT = SIZE
_SHAPE: Final = 1.6  # a picture's width by its height
# Looks of history that a stack has: early ticks of a scene, and late ones.
_HISTORIES: Final = (5, 8, 12, 20, 32, 32, 32)
# Masks of each sort, and how often one lies over a stack, and a second.
_MASKS: Final = 3600
_MOVING, _STANDING = (0.3, 0.15), (0.42, 0.12)
# How often something goes by before a picture that is alone, a clip is shown backwards, at another speed, beside
# another one of its truth and part, or as its negative; and how far that speed is from its own, as a logarithm.
_LIVELY, _BACKWARDS, _PACED, _BESIDE, _NEGATIVE = 0.7, 0.3, 0.3, 0.3, 0.1
_PACE: Final = 0.6


class Batch(NamedTuple):
    """Looks (n, len(AGES), height, width), 0..255; whether mobile; what each counts; mount, -1 for none; its part."""

    looks: Tensor
    mobile: Tensor
    weight: Tensor
    mount: Tensor
    fold: Tensor


class Augmented:
    """Draws batches from the clips.

    Args:
        clips: on the device that all is done on.
        masks_each: how many masks of each sort there are to draw from.
        mixed: whether clips are also shown beside one another, backwards, at another speed and as their negative.
    """

    def __init__(self, clips: Clips, masks_each: int = _MASKS, *, mixed: bool = True) -> None:
        self._mixed = float(mixed)
        self._clips, self._device = clips, clips.pictures.device
        standing, moving = (masks.drawn(sort, masks_each, 1) for sort in (masks.STANDING, masks.MOVING))
        self._standing, self._moving = (torch.from_numpy(some).to(self._device) for some in (standing, moving))

    def draw(self, count: int) -> Batch:
        """So many stacks."""
        clips, which = self._clips, torch.multinomial(self._clips.chance, count, replacement=True)
        at, ages = self._times(which)
        alone = clips.count[which] == 1
        kind = motion.kinds(clips.mobile[which], alone)
        held, same = kind == motion.HELD, ages[:, 1:] == ages[:, :-1]
        at = torch.where(held[:, None], at[:, :1], at)
        kind = torch.where(held & (self._share(count) < 0.25), motion.HAND, kind)
        way, faint = self._way(kind, at, ages)
        lively = held | (alone & (self._share(count) < _LIVELY))
        looks = self._before(self._seen(self._pictures(at, which, held), way, kind), ages, lively)
        looks = self._sensed(self._over(looks), same)
        by_hand = kind == motion.HAND
        mobile = (clips.mobile[which] & ~held) | by_hand
        weight = clips.sure[which] * torch.where(by_hand | held, 0.8, torch.where(kind == motion.TURN, 0.5, 1.0))
        mount = torch.where(by_hand | held, -1, clips.mount[which])
        return Batch(looks, mobile.float(), weight * ~(by_hand & faint), mount, clips.fold[which])

    def _share(self, *shape: int) -> Tensor:
        return torch.rand(*shape, device=self._device)

    def _normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, device=self._device)

    def _some(self, count: int, share: float) -> Tensor:
        return torch.nonzero(self._share(count) < share)[:, 0]

    def _times(self, which: Tensor) -> tuple[Tensor, Tensor]:
        """The picture of each look, shape (n, len(AGES)), none from before a cut, and how old each passes for, seconds:
        at times at a lower rate, at another speed, or backwards."""
        clips, count = self._clips, len(which)
        last = clips.count[which] - 1
        now = torch.minimum((self._share(count) * (last - 4).clamp(min=1)).long() + 5, last) + clips.start[which]
        history = torch.tensor(_HISTORIES, device=self._device)[torch.randint(0, len(_HISTORIES), (count,))]
        first = torch.maximum(clips.begun[now], now - history)
        apart = torch.where(self._share(count) < 0.12, torch.randint(2, 5, (count,), device=self._device), 1)[:, None]
        pace = torch.where(
            self._share(count) < _PACED * self._mixed, torch.exp(_PACE * (2 * self._share(count) - 1)), 1.0
        )[:, None]
        ages = (torch.tensor(AGES, device=self._device) * 10 * pace).round()
        ages = torch.ceil(ages / apart) * apart
        ages = ages + ((self._share(*ages.shape) < 0.1) & (ages > 0))
        at = torch.maximum(now[:, None] - ages.long(), first[:, None])
        ages = torch.where(last[:, None] == 0, torch.minimum(ages, history[:, None]), now[:, None] - at) * 0.1
        backwards = (self._share(count) < _BACKWARDS * self._mixed)[:, None]
        return torch.where(backwards, at[:, -1:] + now[:, None] - at, at), ages

    def _way(self, kind: Tensor, at: Tensor, ages: Tensor) -> tuple[Tensor, Tensor]:
        """How the view goes, and where a hand's motion is too faint."""
        by_hand, way = motion.hand(self._clips, ages), torch.zeros(*ages.shape, 4, device=self._device)
        ways = {
            motion.HAND: -by_hand,
            motion.SWAY: motion.sway(ages),
            motion.TURN: motion.turned(ages),
            motion.STEADY: motion.steadied(self._clips, at, ages),
        }
        for one, its in ways.items():
            way = torch.where((kind == one)[:, None, None], its, way)
        return way, by_hand[..., :2].abs().amax((1, 2)) < motion.FAINT

    def _grid(self) -> tuple[Tensor, Tensor]:
        y = torch.linspace(-1 + 1 / _HEIGHT, 1 - 1 / _HEIGHT, _HEIGHT, device=self._device)
        x = torch.linspace(-1 + 1 / _WIDTH, 1 - 1 / _WIDTH, _WIDTH, device=self._device)
        return y[:, None].expand(-1, _WIDTH), x[None].expand(_HEIGHT, -1)

    def _pictures(self, at: Tensor, which: Tensor, held: Tensor) -> Tensor:
        """The pictures, shape (n, looks, 80, 128); some beside those of another clip of the same truth and part, with a
        soft border between them: what is shown is another scene then, and the truth the same."""
        clips = self._clips
        pictures = clips.pictures[at].float()
        on = torch.nonzero((self._share(len(at)) < _BESIDE * self._mixed) & (clips.count[which] > 1) & ~held)[:, 0]
        other = self._others(which[on])
        last = clips.count[other] - 1
        now = (torch.minimum((self._share(len(on)) * last).long() + 5, last) + clips.start[other])[:, None]
        beside = torch.maximum(now - (at[on] - at[on, :1]).abs(), clips.begun[now])
        alpha = (6 * self._lumps(len(on), *pictures.shape[-2:])).sigmoid()
        pictures[on] = torch.lerp(pictures[on], clips.pictures[beside].float(), alpha)
        return pictures

    def _others(self, which: Tensor) -> Tensor:
        """For each clip one of its truth and part, drawn."""
        clips = self._clips
        sort = clips.fold * 2 + clips.mobile
        alike = (sort[which][:, None] == sort[None]) * clips.chance[None]
        return torch.multinomial(alike, 1)[:, 0]

    def _lumps(self, count: int, height: int, width: int) -> Tensor:
        coarse = self._normal(count, 1, 6, 9)
        return functional.interpolate(coarse, (height, width), mode="bicubic", align_corners=False)

    def _seen(self, pictures: Tensor, way: Tensor, kind: Tensor) -> Tensor:
        """A part of each picture, mirrored at times, that goes the way; half of the hands' with near and far."""
        count, looks = pictures.shape[:2]
        x, y = self._part(count, kind)
        near = self._nearness(count, (kind == motion.HAND) & (self._share(count) < 0.5))
        right, down, turn, zoom = (way[..., axis][:, :, None, None] for axis in range(4))
        cos, sin, scale, y = torch.cos(turn), torch.sin(turn), torch.exp(zoom), y / _SHAPE
        across = scale * (cos * x - sin * y) + 2 * right * near
        along = (scale * (sin * x + cos * y) + 2 * down * near) * _SHAPE
        grid = torch.stack((across, along), -1).reshape(count * looks, _HEIGHT, _WIDTH, 2)
        seen = functional.grid_sample(
            pictures.flatten(0, 1)[:, None], grid, padding_mode="reflection", align_corners=False
        )
        return seen.reshape(count, looks, _HEIGHT, _WIDTH)

    def _part(self, count: int, kind: Tensor) -> tuple[Tensor, Tensor]:
        size = torch.where(self._share(count) < 0.3, 1.0, 1 / (1 + 0.6 * self._share(count)))
        inner = torch.minimum(size, 1 / (1.15 + 0.35 * self._share(count)))
        size = torch.where(kind > 0, inner, size)
        shape = torch.exp(0.08 * self._normal(count))
        wide, high = (size * shape).clamp(max=1), (size / shape).clamp(max=1)
        y, x = self._grid()
        parts = []
        for plane, extent, mirrored in ((x, wide, 0.5), (y, high, 0.04)):
            flip = torch.where(self._share(count) < mirrored, -1.0, 1.0)
            middle = (self._share(count) * 2 - 1) * (1 - extent)
            parts.append((plane * (extent * flip)[:, None, None] + middle[:, None, None])[:, None])
        return parts[0], parts[1]

    def _nearness(self, count: int, uneven: Tensor) -> Tensor:
        lumps = self._lumps(count, _HEIGHT, _WIDTH)
        y, _ = self._grid()
        ground = 0.8 * self._share(count, 1, 1, 1) * ((y + 1) / 2) ** 2
        near = (0.6 + ground + 0.25 * self._share(count, 1, 1, 1) * lumps).clamp(min=0.1)
        return torch.where(uneven[:, None, None, None], near, 1.0)

    def _stills(self, count: int) -> Tensor:
        """Stills of real places in another light, or one grey, shape (n, height, width)."""
        at = torch.randint(0, len(self._clips.pictures), (count,), device=self._device)
        still = functional.interpolate(self._clips.pictures[at].float()[:, None], (_HEIGHT, _WIDTH), mode="area")[:, 0]
        contrast, light, grey = 0.9 * self._share(3, count, 1, 1)
        still = (still - still.mean((1, 2), keepdim=True)) * (0.5 + contrast) + 30 + 155 * light
        return torch.where(self._share(count, 1, 1) < 0.3, 280 * grey, still).clamp(0, 255)

    def _before(self, looks: Tensor, ages: Tensor, lively: Tensor) -> Tensor:
        """What moves before the view: things that go by or to and fro, rain and snow."""
        for turn, share in enumerate(_MOVING):
            on = torch.nonzero((self._share(len(looks)) < share) | (lively & (turn == 0)))[:, 0]
            if len(on):
                looks[on] = self._passed(looks[on], ages[on])
        on = self._some(len(looks), 0.07)
        if len(on):
            flakes = (self._share(*looks[on].shape) < 0.04 * self._share(len(on), 1, 1, 1)).float()
            long = 5 if self._share(1).item() < 0.5 else 3
            fallen = long * functional.avg_pool2d(flakes, (long, 1), 1, padding=(long // 2, 0))
            looks[on] = looks[on] + fallen * (140 * self._share(len(on), 1, 1, 1) + 20)
        return looks

    def _passed(self, looks: Tensor, ages: Tensor) -> Tensor:
        count, times = len(looks), -ages[..., None]
        speed = self._normal(count, 1, 2) * torch.tensor([0.35, 0.06], device=self._device)
        swing = torch.exp(self._normal(count, 1, 2) * 0.8 - 3.5)
        swing = swing * torch.sin(
            4.4 * torch.exp(self._normal(count, 1, 2) * 0.6) * times + 6 * self._share(count, 1, 2)
        )
        goes = self._share(count, 1, 1) < 0.5
        way = torch.where(goes, speed * times + 0.3 * swing, swing * (1 + 2 * self._share(count, 1, 1)))
        rough = torch.exp(self._normal(count, 1, 1) * 0.6 - 4) * (self._share(count, 1, 1) < 0.4)
        way = way + rough * self._normal(*way.shape)
        mask = self._moving[torch.randint(0, len(self._moving), (count,), device=self._device)].float() / 255
        layer = torch.stack((self._stills(count), mask), 1)[:, None].expand(-1, looks.shape[1], -1, -1, -1)
        y, x = self._grid()
        grid = torch.stack((x, y), -1)[None] - 2 * way.reshape(-1, 1, 1, 2)
        moved = functional.grid_sample(layer.flatten(0, 1), grid, padding_mode="reflection", align_corners=False)
        moved = moved.reshape(*looks.shape[:2], 2, _HEIGHT, _WIDTH)
        return looks + moved[:, :, 1] * (moved[:, :, 0] - looks)

    def _over(self, looks: Tensor) -> Tensor:
        """What stands over the view; a fifth shows the view itself, turned over and blurred, as drops do."""
        for share in _STANDING:
            on = self._some(len(looks), share)
            count = len(on)
            if not count:
                continue
            alpha = self._standing[torch.randint(0, len(self._standing), (count,), device=self._device)].float() / 255
            alpha = torch.where(self._share(count, 1, 1) < 0.5, alpha.flip(2), alpha)
            alpha = alpha * torch.where(self._share(count, 1, 1) < 0.7, 1.0, 0.5 + 0.5 * self._share(count, 1, 1))
            grain = 25 * self._share(count, 1, 1, 1) * (self._share(count, 1, 1, 1) < 0.5)
            layer = self._stills(count)[:, None] + grain * self._normal(count, 1, _HEIGHT, _WIDTH)
            lens = functional.avg_pool2d(looks[on], 5, 1, padding=2).flip((2, 3)) * (
                0.6 + 0.8 * self._share(count, 1, 1, 1)
            )
            layer = torch.where(self._share(count, 1, 1, 1) < 0.2, lens, layer)
            looks[on] = looks[on] + alpha[:, None] * (layer - looks[on])
        return looks

    def _sensed(self, looks: Tensor, same: Tensor) -> Tensor:
        """Light, blur, noise, and blocks that a codec leaves as they were."""
        count = len(looks)
        shape = count, 1, 1, 1
        looks = torch.where(self._share(*shape) < _NEGATIVE * self._mixed, 255 - looks, looks)
        looks = (looks.clamp(0, 255) / 255) ** torch.exp(0.35 * self._normal(*shape))
        dark = self._share(*shape) < 0.12
        gain = torch.where(dark, 0.1 + 0.3 * self._share(*shape), torch.exp(0.25 * self._normal(*shape)))
        looks = looks * gain + 0.08 * self._normal(*shape) * (self._share(*shape) < 0.5)
        flicker = torch.exp(self._normal(*shape) - 3.5) * (self._share(*shape) < 0.25)
        looks = 255 * looks * (1 + flicker * self._normal(*looks.shape[:2], 1, 1))
        on = self._some(count, 0.25)
        looks[on] = functional.avg_pool2d(functional.pad(looks[on], (1, 1, 1, 1), mode="replicate"), 3, 1)
        on = self._some(count, 0.06)
        if len(on):
            coarse = functional.avg_pool2d(looks[on], 4)
            looks[on] = functional.interpolate(coarse, (_HEIGHT, _WIDTH), mode="bilinear", align_corners=False)
        looks = looks + self._noise(looks, same)
        on = self._some(count, 0.15)
        if len(on):
            looks[on] = self._left(looks[on])
        return looks.clamp(0, 255).round()

    def _noise(self, looks: Tensor, same: Tensor) -> Tensor:
        """A sensor's, the same where a look stands for an older one."""
        shape, noise = (len(looks), 1, 1, 1), self._normal(*looks.shape)
        for place in range(1, looks.shape[1]):
            noise[:, place] = torch.where(same[:, place - 1, None, None], noise[:, place - 1], noise[:, place])
        little = 0.25 * torch.exp(self._share(*shape) * math.log(30)) * (self._share(*shape) < 0.7)
        return noise * torch.where(self._share(*shape) < 0.08, 4 + 14 * self._share(*shape), little)

    def _left(self, looks: Tensor) -> Tensor:
        limit = torch.exp(1.6 * self._share(len(looks), 1, 1, 1) + 0.2)
        kept = [looks[:, -1]]
        for place in range(looks.shape[1] - 2, -1, -1):
            change = functional.avg_pool2d((looks[:, place] - kept[-1])[:, None].abs(), 8)
            left = functional.interpolate((change < limit).float(), (_HEIGHT, _WIDTH), mode="nearest")[:, 0]
            kept.append(left * kept[-1] + (1 - left) * looks[:, place])
        return torch.stack(kept[::-1], 1)
