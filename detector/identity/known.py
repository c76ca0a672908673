"""What is known of models that others have published: hashes of files, and fingerprints of weights and of behaviour."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import msgspec
import numpy as np

from ... import models
from .answer import Function
from .model import Array
from .probing import Finding
from .weights import Print, shared

_HASHES, _PRINTS = "known_models.tsv", "known_weights.json"
_SAME_WEIGHTS, _SAME_BEHAVIOUR = 0.9, 0.7
_PICTURES = 4  # of the probe pictures, the first so many that show different people


class Published(msgspec.Struct, frozen=True):
    """A published file: what it does and what it is called."""

    function: Function
    family: str


class Behaviour(msgspec.Struct, frozen=True):
    """What weights answer to the first probe pictures, fed so: unit vectors, to three digits."""

    fed: str
    vectors: tuple[tuple[float, ...], ...]


class Weights(msgspec.Struct, frozen=True):
    """A known set of weights: what it does, its convolutions, its answers."""

    function: Function
    family: str
    prints: tuple[Print, ...]
    behaviour: Behaviour


class Knowledge(msgspec.Struct, frozen=True):
    """All of it; pass an empty one to identify a model by nothing but itself.

    Attributes:
        hashes: SHA-256 or SHA-384 of a file, hex, to what it is.
        weights: known sets of weights.
        sizes: of the files in `hashes`, bytes.
    """

    hashes: dict[str, Published] = {}
    weights: tuple[Weights, ...] = ()
    sizes: frozenset[int] = frozenset()

    @property
    def shapes(self) -> frozenset[tuple[int, ...]]:
        """Those of the convolutions of known weights."""
        return frozenset(one.shape for known in self.weights for one in known.prints)

    def same_weights(self, prints: Sequence[Print]) -> tuple[Weights, float] | None:
        """The known weights of which the prints hold most, and how much; None below nine tenths."""
        shares = [(shared(prints, known.prints), known) for known in self.weights]
        share, known = max(shares, key=lambda entry: entry[0], default=(0.0, None))
        return (known, share) if known and share >= _SAME_WEIGHTS else None

    def same_behaviour(self, finding: Finding) -> tuple[Weights, float] | None:
        """The known weights that answer alike, and the mean cosine; None below 0.7."""
        ours = reference_vectors(finding.vectors)
        for known in self.weights:
            theirs = np.array(known.behaviour.vectors)
            if known.behaviour.fed == str(finding.attempt) and theirs.shape == ours.shape:
                cosine = float((ours * theirs).sum(1).mean())
                if cosine >= _SAME_BEHAVIOUR:
                    return known, cosine
        return None


def reference_vectors(vectors: Array) -> Array:
    """Of the vectors for the probe pictures those that are kept for comparison, as unit vectors."""
    chosen = vectors[: 2 * _PICTURES : 2].astype(np.float64)
    return chosen / (np.linalg.norm(chosen, axis=1, keepdims=True) + 1e-9)


@cache
def shipped() -> Knowledge:
    """What ships; models/known_models.md and models/known_weights.md say where it comes from."""
    folder = files(models)
    rows = [line.split("\t") for line in folder.joinpath(_HASHES).read_text(encoding="utf-8").splitlines()[1:]]
    return Knowledge(
        hashes={
            digest: msgspec.convert({"function": function, "family": family}, Published)
            for digest, _, function, family in rows
        },
        weights=msgspec.json.decode(folder.joinpath(_PRINTS).read_bytes(), type=tuple[Weights, ...]),
        sizes=frozenset(int(size) for _, size, _, _ in rows if size),
    )
