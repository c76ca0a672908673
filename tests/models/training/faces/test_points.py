"""The training of the network for close-ups, on a drawn face and a few steps; it needs torch."""

from pathlib import Path

import numpy as np
import pytest

from facewarden.bench.truth.faces.labels import Label, Labelled, Picture
from facewarden.detector.environment.faces.closeup import SIDE, PointNetwork
from facewarden.models.training.faces.samples import Samples

torch = pytest.importorskip("torch", reason="torch is installed for training only")
# The exporter that torch would rather have used needs packages beyond torch.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

FIVE = ((70.0, 60.0), (110.0, 60.0), (90.0, 80.0), (75.0, 100.0), (105.0, 100.0))


def samples() -> Samples:
    """Of a face whose eyes are bright, and of an empty picture."""
    luma = np.full((160, 180), 100, np.uint8)
    for x, y in FIVE[:2]:
        luma[int(y) - 8 : int(y) + 8, int(x) - 8 : int(x) + 8] = 255
    face = Label((50, 30, 80, 95), FIVE)
    return Samples(
        [Picture(image, Labelled("one", labels), "open") for image, labels in ((luma, (face,)), (luma // 4, ()))], 3
    )


def test_close_ups_show_the_points_where_they_say() -> None:
    from facewarden.models.training.faces.points import drawn

    close_ups = drawn(samples(), 40, seed=1)
    places = (close_ups.points[:, :2] + SIDE / 2).long().clamp(0, SIDE - 1)
    brighter = [
        float(luma[0, y, x]) > float(luma.float().mean())
        for luma, eyes in zip(close_ups.luma, places, strict=True)
        for x, y in eyes.tolist()
    ]

    assert close_ups.luma.shape == (40, 1, SIDE, SIDE)
    assert close_ups.points.shape == (40, 5, 2)
    assert np.mean(brighter) > 0.6  # some wear dark glasses


def test_what_is_trained_comes_nearer_and_the_product_runs_it(tmp_path: Path) -> None:
    from facewarden.models.training.faces.points import drawn, export, learn

    close_ups = drawn(samples(), 256, seed=1)
    export(learn(close_ups, 8, seed=1), tmp_path / "points.onnx")
    said = PointNetwork((tmp_path / "points.onnx").read_bytes(), "points.onnx")(close_ups.luma.numpy())
    truth = close_ups.points.numpy()

    assert np.abs(said - truth).mean() < 0.7 * np.abs(truth).mean()


def test_the_same_seed_makes_the_same_file(tmp_path: Path) -> None:
    from facewarden.models.training.faces.points import drawn, export, learn

    for name in "ab":
        export(learn(drawn(samples(), 20, seed=2), 1, seed=2), tmp_path / name)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
