"""The detector is YuNet-n, for every place of a grey picture; torch is needed, which is installed for training only."""

# pyright: reportMissingImports=false

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facewarden.detector.environment.faces.network import SHIPPED, Network
from facewarden.detector.errors import ModelError

pytest.importorskip("torch", reason="torch is installed for training only")
# The exporter that torch would rather have used needs packages beyond torch.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

YUNET = Path(__file__).parents[5] / "shared" / "zoo" / "yunet_n_320.onnx"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    from facewarden.models.training.faces.grey import export, started

    if not YUNET.exists():
        pytest.skip("no ../shared/zoo beside this checkout")
    export(started(YUNET), tmp_path / "faces.onnx")
    return tmp_path / "faces.onnx"


def test_score_box_and_points_are_yunets_counted_from_the_middle_of_a_cell(made: Path) -> None:
    grey = np.random.default_rng(0).integers(0, 256, (1, 1, 320, 320), dtype=np.uint8)
    session: Any = import_module("onnxruntime").InferenceSession(str(YUNET), providers=["CPUExecutionProvider"])
    outputs = [output.name for output in session.get_outputs()]
    theirs = dict(zip(outputs, session.run(None, {"input": grey.repeat(3, 1).astype(np.float32)}), strict=True))
    for stride, ours in zip((8, 16, 32), Network(made.read_bytes(), "made")(grey), strict=True):
        cells = ours[0].reshape(15, -1).T
        score = np.sqrt(np.clip(theirs[f"obj_{stride}"][0, :, 0] * theirs[f"cls_{stride}"][0, :, 0], 0, 1))
        assert np.allclose(np.exp(-np.logaddexp(0, -cells[:, 0])), score, atol=1e-3)
        assert np.allclose(cells[:, 1:5] + (0.5, 0.5, 0, 0), theirs[f"bbox_{stride}"][0], atol=1e-3)
        assert np.allclose(cells[:, 5:] + 0.5, theirs[f"kps_{stride}"][0], atol=1e-3)


def test_what_ships_is_what_is_made(made: Path) -> None:
    assert made.read_bytes() == SHIPPED.read_bytes()


def test_a_network_that_is_not_the_published_one_is_refused(tmp_path: Path) -> None:
    from facewarden.models.training.faces.grey import started

    (tmp_path / "other.onnx").write_bytes(b"another")
    with pytest.raises(ModelError, match=r"is not yunet_n_320_320\.onnx"):
        started(tmp_path / "other.onnx")
