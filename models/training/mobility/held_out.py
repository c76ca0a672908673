"""What the bench judges a clip with: an estimator that learned nothing from the clip's repository."""

from collections.abc import Callable, Iterable

from ....bench.material.corpus import Clip
from ....detector.belief import Mount
from ....detector.mobility import MobilityEstimator
from ....detector.mobility.head import Head, Learned
from ....detector.mobility.mount import MountGuess
from .examples import seen


def left_out(clips: Iterable[Clip]) -> Callable[[str], MobilityEstimator]:
    """What makes an estimator for a clip of a repository: with trees learned without that repository."""
    from . import learn  # scikit-learn is there where trees are learned, and a clip can be counted without it

    parts = list(learn.left_out(seen(list(clips))))
    return lambda repo: _estimator(next(trees for repos, trees in parts if repo in repos))


def _estimator(trees: Learned) -> MobilityEstimator:
    mounts: dict[Mount, Head] = {mount: Head(some) for mount, some in trees.mounts.items()}
    return MobilityEstimator(head=Head(trees.mobile), mounts=MountGuess(mounts), doubt=Head(trees.doubt))
