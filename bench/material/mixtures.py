"""Pictures of faces that nobody has, the probes' not among them: for small networks that are taught while measuring."""

# The probes' drawing is theirs alone, and is used here so that what is learned looks like what is asked.
# pyright: reportPrivateUsage=false

from typing import NamedTuple

import numpy as np

from ...detector.identity import probes
from ...detector.identity.model import Array


class Mixtures(NamedTuple):
    """Pictures, and how each was taken.

    Attributes:
        pictures: uint8, grey, [n, 112, 112].
        poses: float32, [n, 9], each about -1 to 1: turn, scale, shift (2), yaw, smile, blur, light (2).
    """

    pictures: Array
    poses: Array


def drawn_pose(random: np.random.Generator) -> probes.Pose:
    """One of the ways in which a face may be seen."""
    return probes.Pose(
        mirrored=bool(random.random() < 0.5),
        scale=random.uniform(0.92, 1.07),
        turn=random.uniform(-6, 6),
        shift=(random.uniform(-3, 3), random.uniform(-3, 3)),
        yaw=random.uniform(-4, 4),
        smile=random.uniform(-3, 3),
        blur=random.uniform(0, 1.3),
        light=(random.uniform(-0.7, 0.7), random.uniform(-0.4, 0.4), random.uniform(0.75, 1.15)),
    )


def mixtures(count: int, seed: int = 0) -> Mixtures:
    """So many pictures, each of another face: the eight that ship, mixed and exaggerated (Turk and Pentland, 1991)."""
    random = np.random.default_rng(seed)
    faces = np.stack(probes.stored_faces()).astype(np.float32)
    mean = faces.mean(0)
    pictures, poses = list[Array](), list[tuple[float, ...]]()
    for _ in range(count):
        shares = random.standard_normal(len(faces)) * 0.6
        face = np.clip(mean + np.tensordot(shares, faces - mean, 1), 0, 255).astype(np.uint8)
        pose = drawn_pose(random)
        pictures.append(probes._variant(face, pose, random)[probes.CROP, probes.CROP])
        poses.append(_numbers(pose))
    return Mixtures(np.stack(pictures), np.array(poses, np.float32))


def _numbers(pose: probes.Pose) -> tuple[float, ...]:
    across, down, _ = pose.light
    right, below = pose.shift
    return (
        pose.turn / 6, (pose.scale - 1) * 14, right / 3, below / 3, pose.yaw / 4, pose.smile / 3, pose.blur - 0.65,
        across / 0.7, down / 0.4,
    )  # fmt: skip
