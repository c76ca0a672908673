from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays

from facewarden.detector.identity import Passive
from facewarden.detector.identity.model import Array
from facewarden.detector.identity.probes import stored_faces


def traffic(seed: int = 0) -> list[tuple[int, Array]]:
    """Five people before a camera, eight frames each, with the noise and the light of a camera."""
    random = np.random.default_rng(seed)
    frames: list[tuple[int, Array]] = []
    for who, face in enumerate(stored_faces()[:5]):
        for _ in range(8):
            picture = face[None, None].repeat(3, 1) * random.uniform(0.9, 1.1) + random.normal(0, 3, (1, 3, 144, 144))
            frames.append((who, picture.astype(np.float32)))
    return frames


def test_like_pictures_with_like_vectors_and_unlike_ones_without_are_evidence() -> None:
    passive, random = Passive(), np.random.default_rng(1)
    templates = random.standard_normal((5, 128))
    for who, picture in traffic():
        passive.see(picture, templates[who][None] + random.normal(0, 0.2, (1, 128)))
    evidence = passive.evidence()

    assert evidence
    assert evidence.signal == "passive"


def test_a_network_that_says_the_same_of_all_is_no_recogniser() -> None:
    passive = Passive()
    for _, picture in traffic():
        passive.see(picture, np.ones((1, 128)) + picture.mean() / 1000)

    assert passive.evidence() is None


def test_a_network_that_follows_every_change_is_no_recogniser() -> None:
    passive, random = Passive(), np.random.default_rng(1)
    for _, picture in traffic():
        passive.see(picture, random.standard_normal((1, 128)))

    assert passive.evidence() is None


@pytest.mark.parametrize(
    ("name", "found"), [("mbf_rv1126", True), ("mobilenet_v1_025_128_conv", False), ("pfld_112", False)]
)
def test_the_traffic_of_a_model_of_the_zoo_tells_whether_it_is_a_recogniser(name: str, found: bool, zoo: Path) -> None:
    session, passive = onnxruntime.InferenceSession(zoo / f"{name}.onnx"), Passive()
    (taken,) = session.get_inputs()
    for _, picture in traffic():
        batch = cv2.resize(picture[0].transpose(1, 2, 0)[16:128, 16:128], (128, 128) if "128" in name else (112, 112))
        if taken.type == "tensor(uint8)":
            fed = np.clip(batch, 0, 255).astype(np.uint8)[None]
        else:
            fed = ((batch - 127.5) / 127.5).transpose(2, 0, 1)[None].astype(np.float32)
        (answer, *_) = session.run(None, {taken.name: fed})
        passive.see(fed, np.asarray(answer))

    assert (passive.evidence() is not None) is found


def test_a_single_picture_again_and_again_says_nothing() -> None:
    passive = Passive()
    _, picture = traffic()[0]
    for _ in range(100):
        passive.see(picture, np.ones((1, 128)))

    assert passive.evidence() is None


@given(
    arrays(np.float32, array_shapes(max_dims=4, max_side=6)), arrays(np.float32, array_shapes(max_dims=3, max_side=6))
)
def test_whatever_a_host_passes_is_taken(batch: Array, vectors: Array) -> None:
    passive = Passive()
    passive.see(batch, vectors)

    assert passive.evidence() is None
