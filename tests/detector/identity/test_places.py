"""What looks for things in large pictures is known after a few runs; what tells people apart is found all the same."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from facewarden.detector.identity import identify_runnable
from facewarden.detector.identity.layout import tells_places
from facewarden.detector.identity.model import Slot

Arrays = list[NDArray[Any]]
LARGE, SMALL = Slot((1, 3, 320, 320)), Slot((1, 3, 112, 112))


def slots(*shapes: tuple[int | None, ...]) -> list[Slot]:
    return [Slot(shape) for shape in shapes]


@pytest.mark.parametrize(
    ("picture", "outputs", "places"),
    [
        (LARGE, slots((1, 1600, 1), (1, 400, 4), (1, 100, 10)), True),  # YuNet
        (LARGE, slots((1, 4200, 4), (1, 4200, 2)), True),  # RetinaFace
        (LARGE, slots((3200, 1), (800, 4), (200, 10)), True),  # SCRFD
        (LARGE, slots((1, 20, 2100)), True),  # YOLOv8
        (LARGE, slots((1, 85, 20, 20)), True),
        (Slot((1, 240, 320, 3)), slots((1, 4420, 2), (1, 4420, 4)), True),  # UltraFace
        (LARGE, slots((1, 512)), False),
        (LARGE, slots((1, 128, 4)), False),
        (LARGE, slots((1, 1600, 1), (1, 512)), False),
        (LARGE, slots((1, 512, 40, 40)), False),  # a template for each place
        (LARGE, slots((1, None, 4)), False),
        (SMALL, slots((1, 196, 1)), False),
        (Slot((1, 3, None, None)), slots((1, 1600, 1)), False),
        (LARGE, [], False),
    ],
)
def test_its_outputs_tell_of_places_where_they_have_that_shape(
    picture: Slot, outputs: list[Slot], places: bool
) -> None:
    assert tells_places([picture], outputs) is places


def test_a_detector_is_known_after_a_few_runs() -> None:
    runs = 0

    def detector(arrays: Arrays) -> Sequence[Any]:
        nonlocal runs
        runs += 1
        grey = arrays[0].mean(1)[0]
        return [cv2.resize(grey, (40, 40)).reshape(1, 1600, 1), cv2.resize(grey, (20, 20)).reshape(1, 400, 1)]

    outputs = slots((1, 1600, 1), (1, 400, 1))
    assert identify_runnable(detector, [LARGE], outputs, "x", brief=True).recogniser is False
    assert runs < 20


def test_a_recogniser_that_gives_its_template_as_if_of_places_is_found(recogniser: bytes) -> None:
    session = ort.InferenceSession(recogniser, providers=["CPUExecutionProvider"])

    def hidden(arrays: Arrays) -> Sequence[Any]:
        picture = cv2.resize(arrays[0][0].transpose(1, 2, 0), (112, 112)).transpose(2, 0, 1)[np.newaxis]
        found = session.run(None, {session.get_inputs()[0].name: picture.astype(np.float32)})[0]
        template = np.ravel(np.asarray(found))
        return [np.resize(template, 1600).reshape(1, 1600, 1)]

    assert identify_runnable(hidden, [LARGE], slots((1, 1600, 1)), "x", brief=True).recogniser
