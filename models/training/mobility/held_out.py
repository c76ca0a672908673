"""What the bench judges a clip with: an estimator that learned nothing from the clip's repository."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ....bench.material.corpus import Clip
from ....detector.belief import Mount
from ....detector.mobility import MobilityEstimator
from ....detector.mobility.head import Head, Learned
from ....detector.mobility.mount import MountGuess
from ....detector.mobility.witness import Witness
from .examples import WitnessesFor, load, seen


def left_out(
    clips: Iterable[Clip], networks: Path | None = None, kept: Path | None = None
) -> Callable[[str], MobilityEstimator]:
    """What makes an estimator for a clip of a repository: with trees, and a witness, learned without that repository.

    Args:
        clips: labelled.
        networks: folder of witnesses; without one nothing is heard of any: the one that ships knows the clips.
        kept: what `train measure` kept of these clips; without it they are all looked at again, which takes hours.
    """
    from . import learn  # scikit-learn is there where trees are learned, and a clip can be counted without it

    clips = list(clips)
    heard = networks and witnesses(clips, networks)
    parts = list(learn.left_out(load(kept) if kept else seen(clips, witnesses_for=heard)))
    return lambda repo: _estimator(
        next(trees for repos, trees in parts if repo in repos), heard(repo) if heard else [Silent()]
    )


def witnesses(clips: Iterable[Clip], folder: Path) -> WitnessesFor:
    """The witnesses that `facewarden.models.training.mobility.witness.train` wrote, each for what it was made without:
    `witness-0.onnx` to `witness-5.onnx`, and others asked in their turn, `NAME-0.onnx` to `NAME-5.onnx`, by name.

    Raises:
        OSError: one cannot be read.
        ModelError: one is no witness.
    """
    from .learn import folds

    parts = folds([clip.repo for clip in clips])
    read = [[_read(file) for file in sorted(folder.glob(f"*-{part}.onnx"))] for part in range(len(parts))]
    if not all(read):
        raise FileNotFoundError(f"{folder}: has no witnesses; give the folder that their training has written")
    return lambda repo: next(some for repos, some in zip(parts, read, strict=True) if repo in repos)


def _read(file: Path) -> Witness:
    return Witness(file.read_bytes(), file.name)


class Silent(Witness):
    """Says nothing for or against."""

    def __init__(self) -> None:
        pass

    def log_odds(self, looks: object) -> float:  # noqa: ARG002
        return 0.0


def _estimator(trees: Learned, some: Sequence[Witness]) -> MobilityEstimator:
    mounts: dict[Mount, Head] = {mount: Head(some) for mount, some in trees.mounts.items()}
    return MobilityEstimator(
        head=Head(trees.mobile), mounts=MountGuess(mounts), doubt=Head(trees.doubt), witnesses=some
    )
