"""What a camera is mounted on: a mobile one by what was learned of such, a fixed one by how it turned."""

import math
from functools import cache
from typing import Final, NamedTuple

from ..belief import Mount
from .evidence import Evidence
from .head import Head, shipped_trees
from .tally import Verdict
from .view import Matrix

# Ticks of a motor's full motion before a fixed camera is one that turns: not a lorry that passes.
_TURNED: Final = 3.0
# How sure of a mount one has to be to name it: 85 in 100 are, on repositories left out.
_NAMED: Final = 0.6
# What divides the trees' log-odds, by the same: so few clips make them too sure.
_SURENESS: Final = 1.25


class Named(NamedTuple):
    """A mount and the chance that it is right, 0..1; `unknown` at 0 where nothing is sure enough."""

    mount: Mount
    confidence: float


NOT_NAMED: Final = Named("unknown", 0.0)


class MountGuess:
    """Body, dash, drone, handheld or vehicle, each by trees of its own; fixed, or ptz where it turned.

    Args:
        heads: what was learned of each mobile mount; by default the trees that ship.
    """

    def __init__(self, heads: dict[Mount, Head] | None = None) -> None:
        self._heads = heads or shipped_heads()
        self._turned = 0.0

    def turned(self, evidence: Evidence, *, zoomed: bool = False) -> None:
        """Take in a tick's evidence: all moved, and evenly about one axis, or it did nothing but zoom."""
        self._turned += 1.0 if zoomed else evidence.moves * evidence.pan

    def named(self, verdict: Verdict, confidence: float, features: Matrix | None) -> Named:
        """The likeliest mount under a verdict of that confidence, by the features that the trees ask for."""
        if verdict == "fixed":
            return Named("ptz" if self._turned >= _TURNED else "fixed", confidence)
        return self._mobile(features) if verdict == "mobile" and features is not None else NOT_NAMED

    def _mobile(self, features: Matrix) -> Named:
        chances: dict[Mount, float] = {
            mount: math.exp(head.log_odds(features) / _SURENESS) for mount, head in self._heads.items()
        }
        mount = max(self._heads, key=chances.__getitem__)
        chance = chances[mount] / sum(chances.values())
        return Named(mount, chance) if chance >= _NAMED else NOT_NAMED


@cache
def shipped_heads() -> dict[Mount, Head]:
    """What tells each mobile mount from the others."""
    return {mount: Head(trees) for mount, trees in shipped_trees().mounts.items()}
