"""The good models that cases are made from: recognisers of a zoo, and of families that it lacks, taught here."""

# torch's stubs leave much open.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ....detector.identity.model import Array
from ...material import networks
from ...material.mixtures import Mixtures, mixtures

_PICTURES, _ROUNDS, _FEW_ROUNDS = 800, 10, 2
_WIDTH = 512


class Base(msgspec.Struct, frozen=True):
    """A model that takes one aligned face.

    Attributes:
        name: of the set of weights.
        onnx: the file.
        module: the same for PyTorch; None for files of a zoo.
    """

    name: str
    onnx: bytes
    module: Any = None


class School:
    """Teaches small networks; the pictures and a teacher's answers are made once.

    Args:
        teacher: a published recogniser, ONNX, of aligned faces in 112x112, -1 to 1.
    """

    def __init__(self, teacher: bytes) -> None:
        self._taken: Mixtures = mixtures(_PICTURES)
        self._teacher = teacher

    def recognisers(self) -> Iterable[Base]:
        """One of each family, taught to answer as the teacher does, in another basis."""
        templates: Array = self._templates()
        turned: Array = templates @ _basis(templates.shape[1], _WIDTH)
        for name, make in networks.FAMILIES.items():
            wanted = turned if make is networks.inception else (turned * _WIDTH**0.5).astype(np.float32)
            module = networks.taught(make, self._taken.pictures, wanted, _ROUNDS)
            yield Base(name, networks.as_onnx(module), module)

    def strangers(self) -> Iterable[tuple[str, Base]]:
        """What they do, and networks of the same families that do it: none recognises faces."""
        pictures, poses = self._taken
        small = pictures[:, ::2, ::2].astype(np.float32).reshape(len(pictures), -1) / 127.5 - 1
        generic = (small @ np.random.default_rng(3).standard_normal((small.shape[1], _WIDTH)) / 24).astype(np.float32)
        jobs: dict[str, Array] = {
            "how a head is turned (9 numbers)": poses,
            "how sharp a face is": poses[:, 6:7],
            "where light comes from": poses[:, 7:],
            "what the picture looks like (512)": generic,
        }
        for job, wanted in jobs.items():
            for name, make in networks.FAMILIES.items():
                if make is networks.inception and wanted is not generic:
                    continue  # it says nothing but directions
                module = networks.taught(make, pictures, wanted, _FEW_ROUNDS)
                yield job, Base(name, networks.as_onnx(module), module)
        whole = pictures[:, None].astype(np.float32) / 127.5 - 1
        module = networks.taught(networks.autoencoder, pictures, whole, _FEW_ROUNDS)
        yield "the picture again, through 64 numbers", Base("autoencoder", networks.as_onnx(module), module)

    def untaught(self) -> Iterable[tuple[str, Base]]:
        """Networks of the same families and shapes that have learned nothing."""
        for seed, (name, make) in enumerate(networks.FAMILIES.items()):
            for width in (128, _WIDTH):
                module = networks.fresh(make, width, seed)
                yield f"nothing (random weights, {width})", Base(name, networks.as_onnx(module), module)

    def others(self) -> Iterable[tuple[str, Base]]:
        """Networks that take no face, or give none."""
        for job, made in (
            ("a larger picture", networks.upscaler), ("who speaks (sound)", networks.speaker),
            ("what a sentence says", networks.sentence),
        ):  # fmt: skip
            module, example = made()
            yield job, Base(made.__name__, networks.as_onnx(module.eval(), example))

    def _templates(self) -> Array:
        runtime: Any = import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1
        session = runtime.InferenceSession(self._teacher, options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        rows: list[Array] = [session.run(None, {name: _one(picture)})[0][0] for picture in self._taken.pictures]
        vectors = np.stack(rows)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _one(picture: Array) -> Array:
    return np.repeat(picture[None, None].astype(np.float32) / 127.5 - 1, 3, 1)


def _basis(size: int, width: int) -> Array:
    """Rows at right angles, so that angles stay as they are."""
    return np.linalg.qr(np.random.default_rng(9).standard_normal((width, size)))[0].T.astype(np.float32)


def read(name: str, path: Path) -> Base:
    """A file of a zoo."""
    return Base(name, path.read_bytes())
