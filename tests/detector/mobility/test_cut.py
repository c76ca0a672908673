import numpy as np

from facewarden.detector.mobility.cut import CutFinder


def scene(seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8), np.uint8)
    return np.kron(coarse, np.ones((30, 40), np.uint8)).astype(np.uint8)


def test_another_scene_is_a_cut_and_motion_and_light_are_none() -> None:
    finder = CutFinder()
    moving = [finder.update(np.roll(scene(1), 3 * step, axis=1)) for step in range(10)]
    lit = [finder.update((scene(1) * (0.6 + 0.04 * step)).astype(np.uint8)) for step in range(10)]

    assert not any(moving[1:] + lit[1:])
    assert finder.update(scene(2))


def test_a_picture_of_another_size_begins_something_new() -> None:
    finder = CutFinder()
    finder.update(scene(1))

    assert finder.update(scene(1)[:90])
