import numpy as np
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays

from facewarden.detector.calls.identity import Passive
from facewarden.detector.calls.identity.model import Array
from facewarden.detector.calls.identity.probes import stored_faces


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
