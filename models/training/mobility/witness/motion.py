# pyright: basic, reportMissingImports=false
"""How motion of a camera is laid over clips: right, down (widths), turn, log of the zoom; shape (n, looks, 4)."""

import math
from typing import Final

import torch
from torch import Tensor

from .clips import Clips

# What is done to a clip: nothing, a hand's motion, a trembling stand, a turning one, a stabiliser, held still.
NONE, HAND, SWAY, TURN, STEADY, HELD = range(6)
# Of fixed clips, of pictures alone, and of mobile clips, up to which share that is.
_FIXED: Final = ((HAND, 0.30), (SWAY, 0.46), (TURN, 0.54))
_ALONE: Final = ((HAND, 0.50), (SWAY, 0.62), (TURN, 0.70))
_MOBILE: Final = ((STEADY, 0.15), (HELD, 0.34))
# Steps of a tenth of a second that a drawn walk has, and picture widths that anything goes at most.
_STEPS: Final = 28
_REACH, _MARGIN = 0.22, 0.15
# Picture widths below which a hand's motion shows too little to be learned from.
FAINT: Final = 0.0012


def kinds(mobile: Tensor, alone: Tensor) -> Tensor:
    """What is done to each clip, of which some are one picture."""
    drawn = torch.rand(mobile.shape, device=mobile.device)
    kind = torch.zeros(mobile.shape, dtype=torch.long, device=mobile.device)
    for which, shares in ((~mobile & ~alone, _FIXED), (alone, _ALONE), (mobile, _MOBILE)):
        least = 0.0
        for name, most in shares:
            kind[which & (drawn >= least) & (drawn < most)] = name
            least = most
    return kind


def hand(clips: Clips, ages: Tensor) -> Tensor:
    """A hand's: half of them real ways of mobile clips, the others walks and straight ways."""
    count, device = len(ages), ages.device
    real = _real(clips, ages) * torch.randn(count, 1, 1, device=device).sign() * _spread(count, 0.5, device)
    way = torch.where(torch.rand(count, 1, 1, device=device) < 0.5, real, _walk(ages))
    far = way[..., :2].abs().amax((1, 2), keepdim=True).clamp(min=1e-6)
    return way * torch.clamp(_REACH / far, max=1)


def _spread(count: int, deviation: float, device: torch.device) -> Tensor:
    return torch.exp(torch.randn(count, 1, 1, device=device) * deviation)


def _real(clips: Clips, ages: Tensor) -> Tensor:
    which = torch.nonzero(clips.mobile)[:, 0]
    which = which[torch.randint(0, len(which), (len(ages),), device=ages.device)]
    begin = (torch.rand(len(ages), device=ages.device) * (clips.count[which] - 33).clamp(min=1)).long()
    back = (ages.amax(1, keepdim=True) - ages).mul(10).round().long()
    at = clips.start[which, None] + torch.minimum(begin[:, None] + back, clips.count[which, None] - 1)
    return clips.poses[at] - clips.poses[at[:, :1]]


def _walk(ages: Tensor) -> Tensor:
    count, device = len(ages), ages.device
    steps = torch.randn(count, _STEPS + 6, 4, device=device) * torch.tensor([1, 1, 0.5, 0.25], device=device)
    apart = torch.arange(7, device=device)[None] - 3.0
    smooth = torch.softmax(-((apart / (torch.rand(count, 1, device=device) * 3 + 0.3)) ** 2), 1)
    walk = torch.einsum("nsck,nk->nsc", torch.cumsum(steps, 1).unfold(1, 7, 1), smooth)
    speed = torch.randn(count, 1, 4, device=device) * torch.tensor([1, 1, 0.2, 0.2], device=device)
    straight = torch.arange(_STEPS, device=device)[None, :, None] * speed * torch.rand(count, 1, 1, device=device)
    on = torch.rand(2, count, 1, 1, device=device)
    size = 0.0008 * torch.exp(torch.rand(count, 1, 1, device=device) * math.log(40))
    way = (walk * (on[0] < 0.8) + straight * (on[1] < 0.5)) * size
    at = (_STEPS - 1 - (ages * 10).long()).clamp(0, _STEPS - 1)
    way = torch.gather(way, 1, at[..., None].expand(-1, -1, 4))
    return way - way[:, :1]


def sway(ages: Tensor) -> Tensor:
    """A pole's, in the wind: to and fro, and some noise."""
    count, device = len(ages), ages.device
    phase = torch.rand(count, 1, 4, device=device) * math.tau
    turn = math.tau * torch.exp(torch.rand(count, 1, 4, device=device) * 3 - 1.5) * -ages[..., None]
    size = _spread(count, 0.8, device) * math.exp(-5.6) * torch.tensor([1, 0.6, 0.3, 0.05], device=device)
    noise = torch.randn(*ages.shape, 4, device=device) * (torch.rand(count, 1, 1, device=device) < 0.5)
    way = size * (torch.sin(turn + phase) + 0.5 * torch.sin(2.3 * turn + 2 * phase) + 0.4 * noise)
    return way - way[:, :1]


def turned(ages: Tensor) -> Tensor:
    """A stand's that turns or zooms evenly for a while."""
    count, device = len(ages), ages.device
    speed = torch.randn(count, 1, 4, device=device) * torch.tensor([0.04, 0.012, 0, 0.04], device=device)
    speed = speed * (torch.rand(count, 1, 4, device=device) < 0.6)
    first = -4 * torch.rand(count, 1, 1, device=device)
    last = first + 4 * torch.rand(count, 1, 1, device=device)
    way = speed * torch.minimum(torch.maximum(-ages[..., None], first), last)
    return way - way[:, :1]


def steadied(clips: Clips, at: Tensor, ages: Tensor) -> Tensor:
    """What takes a mobile clip's own motion out but for an even part, as far as a margin allows."""
    own = clips.poses[at]
    since = (ages.mean(1, keepdim=True) - ages) / (ages.amax(1, keepdim=True) + 1e-3)
    even = own.mean(1, keepdim=True) + (own[:, :1] - own[:, -1:]) * since[..., None]
    rest = own - even
    return torch.cat((rest[..., :2].clamp(-_MARGIN, _MARGIN), rest[..., 2:]), -1)
