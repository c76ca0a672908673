"""What an output is pooled to before it is compared."""

import numpy as np
import pytest

from facewarden.detector.identity.views import is_map, views


def pooled(*shape: int) -> list[tuple[str, int]]:
    return [(view, len(vector)) for view, vector in views(np.zeros(shape, np.float32))]


def test_a_vector_is_taken_as_it_is() -> None:
    assert pooled(1, 512) == pooled(1, 512, 1, 1) == []


def test_tokens_are_taken_together_and_by_the_first() -> None:
    assert pooled(1, 197, 768) == [
        ("mean, channels last", 768),
        ("mean, channels first", 197),
        ("first token", 768),
    ]


def test_maps_are_taken_together_whichever_way_they_lie() -> None:
    assert pooled(1, 512, 7, 7) == [("mean, channels first", 512)]
    assert pooled(1, 7, 7, 512) == [("mean, channels last", 512)]


@pytest.mark.parametrize("shape", [(1, 4096), (1, 64, 64), (1, 512, 7, 7), (1, 7, 7, 512)])
def test_much_of_every_place_may_be_what_a_template_is_made_from(shape: tuple[int, ...]) -> None:
    assert is_map(np.zeros(shape, np.float32))


@pytest.mark.parametrize("shape", [(1, 512), (1, 4200, 4), (1, 3, 64, 64), (1, 1, 112, 112), (1, 8400, 85), ()])
def test_vectors_and_boxes_and_pictures_are_not(shape: tuple[int, ...]) -> None:
    assert not is_map(np.zeros(shape, np.float32))
