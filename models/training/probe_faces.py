"""Make the faces of people who do not exist: `python -m facewarden.models.training.probe_faces FOLDER --write FILE`.

Photographs that are in the public domain are aligned by their landmarks, warped to one mean shape, and their main
components learned (Turk and Pentland, Eigenfaces, 1991); shape apart from texture (Blanz and Vetter, 1999). Random
coefficients make faces that none of the photographs shows. No randomness beyond a fixed seed.
"""

# numpy's stubs give up on what solving gives.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

import csv
from pathlib import Path
from typing import Annotated

import cv2
import msgspec
import numpy as np
import typer

from ...bench.tools.command import run
from ...detector.errors import InputError
from ...detector.identity.model import Array
from ...detector.identity.probes import PEOPLE, SIDE

_FREE = "CC0"
_COMPONENTS, _SPREAD, _SHAPE_SPREAD, _SEED = 60, 1.2, 1.2, 0
_EYES, _YAW, _SLACK, _ENLARGED = 28, 6, 9, 1.6  # px apart, px off the middle, px off the template, times
_ALIKE = 0.93
# Where ArcFace puts eyes, nose and the corners of the mouth in 112x112 (Deng et al., 2019), in our larger square.
_TEMPLATE = np.array([[38.3, 51.7], [73.5, 51.5], [56.0, 71.7], [41.5, 92.4], [70.7, 92.2]], np.float32) + 16
_SWAPPED = [1, 0, 2, 4, 3]
_GRID: Array = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), -1).astype(np.float32)


class Face(msgspec.Struct):
    landmarks: list[list[float]] | None
    score: float | None


class Picture(msgspec.Struct):
    file: str
    faces: list[Face]


def read_faces(folder: Path) -> list[tuple[Array, Array]]:
    """Aligned faces, float32 grey [144, 144], and their landmarks, [5, 2]; no picture twice."""
    with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as rows:
        free = {row["file"] for row in csv.DictReader(rows, delimiter="\t") if row["licence"].startswith(_FREE)}
    found: list[tuple[Array, Array]] = []
    for line in (folder / "labels.jsonl").read_bytes().splitlines():
        picture = msgspec.json.decode(line, type=Picture)
        if picture.file in free:
            found += _aligned(folder / "images" / picture.file, picture.faces)
    return _distinct(found)


def _aligned(path: Path, faces: list[Face]) -> list[tuple[Array, Array]]:
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise InputError(f"{path}: cannot be read as a picture")
    found: list[tuple[Array, Array]] = []
    for face in faces:
        points = np.array(face.landmarks or [], np.float32)
        if len(points) == 5 and (face.score or 1) > 0.8 and np.linalg.norm(points[0] - points[1]) >= _EYES:
            found += _align(image, points)
    return found


def _align(image: Array, points: Array) -> list[tuple[Array, Array]]:
    matrix = np.asarray(cv2.estimateAffinePartial2D(points, _TEMPLATE, ransacReprojThreshold=1e9)[0])
    moved = points @ matrix[:, :2].T + matrix[:, 2]
    scale = float(np.sqrt(np.linalg.det(matrix[:, :2])))
    turned = abs(moved[2, 0] - moved[:2, 0].mean()) > _YAW
    if turned or np.abs(moved - _TEMPLATE).max() > _SLACK or scale > _ENLARGED:
        return []
    smooth = cv2.GaussianBlur(image, (0, 0), 0.4 / scale) if scale < 0.5 else image
    face = cv2.warpAffine(smooth, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return [(face.astype(np.float32), moved)]


def _distinct(faces: list[tuple[Array, Array]]) -> list[tuple[Array, Array]]:
    kept: list[tuple[Array, Array]] = []
    seen: list[Array] = []
    for face, points in faces:
        small = cv2.resize(face, (16, 16), interpolation=cv2.INTER_AREA).ravel()
        small = (small - small.mean()) / (np.linalg.norm(small - small.mean()) + 1e-6)
        if all(small @ other < _ALIKE for other in seen):
            kept.append((face, points))
            seen.append(small)
    return kept


def make_faces(faces: list[tuple[Array, Array]], count: int = PEOPLE) -> list[Array]:
    """Faces of people who do not exist: uint8, [144, 144] each."""
    mirrored = [(face[:, ::-1], _mirror(points)) for face, points in faces]
    shapes = np.stack([points for _, points in faces + mirrored])
    mean_shape = shapes.mean(0)
    textures = np.stack([_equalise(_warp(face, points, mean_shape)) for face, points in faces + mirrored])
    mean = textures.mean(0)
    basis = _components((textures - mean).reshape(len(textures), -1) * _falloff().ravel(), _COMPONENTS)
    shape_basis = _components((shapes - mean_shape).reshape(len(shapes), -1), 6)
    random = np.random.default_rng(_SEED)
    made: list[Array] = []
    for _ in range(count):
        texture = mean + (random.standard_normal(len(basis)) * _SPREAD @ basis).reshape(SIDE, SIDE)
        shape = mean_shape + (random.standard_normal(len(shape_basis)) * _SHAPE_SPREAD @ shape_basis).reshape(5, 2)
        made.append(np.clip(np.round(_warp(texture, mean_shape, shape)), 0, 255).astype(np.uint8))
    return made


def _mirror(points: Array) -> Array:
    return points[_SWAPPED] * [-1, 1] + [SIDE - 1, 0]


def _warp(face: Array, points: Array, to: Array) -> Array:
    """The face with its landmarks moved; a sum of Gaussians carries the rest along (Arad et al., 1994)."""
    width = 2 * 30.0**2
    kernel = np.exp(-((to[:, None] - to[None]) ** 2).sum(-1) / width) + 1e-3 * np.eye(len(to))
    weights = np.linalg.solve(kernel, points - to)
    near = np.exp(-((_GRID[:, :, None] - to) ** 2).sum(-1) / width)
    maps = np.asarray(_GRID + near @ weights, np.float32)
    source = np.ascontiguousarray(face, np.float32)
    return cv2.remap(source, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _equalise(face: Array) -> Array:
    """One exposure for all: mean 128, deviation 45 within the face."""
    inside = np.hypot((_GRID[..., 0] - 72) / 40, (_GRID[..., 1] - 76) / 52) < 1
    return (face - face[inside].mean()) * (45 / face[inside].std()) + 128


def _falloff() -> Array:
    distance = np.hypot((_GRID[..., 0] - 72) / 56, (_GRID[..., 1] - 76) / 66)
    return np.exp(-(np.maximum(0, distance - 1) ** 2) / 0.045)


def _components(rows: Array, count: int) -> Array:
    """The main components, each as long as it varies."""
    _, lengths, directions = np.linalg.svd(rows, full_matrices=False)
    return (lengths[:count] / np.sqrt(len(rows)))[:, None] * directions[:count]


def main(
    folder: Annotated[Path, typer.Argument(help="Labelled pictures: INDEX.tsv, labels.jsonl, images.")],
    write: Annotated[Path, typer.Option("--write", help="Where the faces go, for example models/probe_faces.png.")],
) -> None:
    """Make the probe faces out of the pictures whose licence begins with CC0."""
    faces = read_faces(folder)
    if len(faces) < _COMPONENTS:
        raise InputError(f"{folder}: {len(faces)} usable faces with licence {_FREE}; at least {_COMPONENTS} are needed")
    cv2.imwrite(str(write), np.hstack(make_faces(faces)))
    typer.echo(f"{write}: {PEOPLE} faces out of {len(faces)} photographs")


if __name__ == "__main__":
    run(main)
