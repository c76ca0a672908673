from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from facewarden.detector import InputError
from facewarden.detector.audit.pictures import Pictures
from facewarden.streams.frame import Frame, Image
from facewarden.streams.push import PushSource


def shown(luma: Image, *times: float, source: str = "desk") -> list[Frame]:
    host = PushSource(source)
    return [host.frame(luma, time, "gray") for time in times]


def test_a_calls_picture_is_the_one_of_its_moment_and_small(tmp_path: Path) -> None:
    pictures = Pictures(tmp_path, [(1.0, 0)])
    host = PushSource("desk")
    for brightness, time in ((0, 0.0), (50, 0.5), (100, 1.0), (150, 1.5)):
        pictures.see(host.frame(np.full((720, 1280), brightness, np.uint8), time, "gray"))

    kept = cv2.imread(str(tmp_path / pictures.names[0]), cv2.IMREAD_UNCHANGED)
    assert kept is not None
    assert kept.shape == (180, 320)
    assert abs(float(kept.mean()) - 100) < 2


def test_nobody_can_be_recognised_in_it(tmp_path: Path, portrait: Callable[..., Any]) -> None:
    luma = portrait().luma
    pictures = Pictures(tmp_path, [(0.0, 0)])
    pictures.see(shown(luma, 0.0)[0])

    kept = cv2.imread(str(tmp_path / pictures.names[0]), cv2.IMREAD_GRAYSCALE)
    assert kept is not None
    eyes = slice(75, 95), slice(135, 185)
    assert cv2.Laplacian(kept[eyes], cv2.CV_32F).std() < 0.3 * cv2.Laplacian(luma[eyes], cv2.CV_32F).std()
    assert np.abs(kept[:, :40].astype(int) - luma[:, :40]).mean() < 4  # all else is as it was


def test_calls_within_a_second_share_a_picture(tmp_path: Path) -> None:
    pictures = Pictures(tmp_path, [(2.0, 0), (0.0, 1), (0.5, 2), (9.0, 5)])
    for frame in shown(np.zeros((36, 64), np.uint8), 0.0, 0.5, 1.0, 1.5, 2.0):
        pictures.see(frame)

    assert pictures.names == {0: "call-1.jpg", 1: "call-2.jpg", 2: "call-2.jpg"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["call-1.jpg", "call-2.jpg"]


def test_a_picture_that_cannot_be_kept_is_one_clear_line(tmp_path: Path) -> None:
    pictures = Pictures(tmp_path / "gone", [(0.0, 0)])
    with pytest.raises(InputError, match=r"call-1\.jpg: cannot be written \(No such file"):
        pictures.see(shown(np.zeros((36, 64), np.uint8), 0.0)[0])
