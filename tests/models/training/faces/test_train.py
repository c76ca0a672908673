"""The training, on a few drawn pictures and a few steps; it needs torch, which is installed for training only."""

# pyright: reportMissingImports=false

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from facewarden.bench.faces.labels import Label, Labelled, Picture
from facewarden.detector.environment.faces.network import Network, NetworkFaces

if TYPE_CHECKING:
    from torch import Tensor

pytest.importorskip("torch", reason="torch is installed for training only")
# The exporter that torch would rather have used needs packages beyond torch.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

YUNET = Path(__file__).parents[5] / "shared" / "zoo" / "yunet_n_320.onnx"


def pictures() -> list[Picture]:
    """One with a face, one without."""
    luma = np.random.default_rng(0).integers(0, 256, (120, 160), dtype=np.uint8)
    face = Label((30, 20, 60, 70), ((45, 45), (75, 45), (60, 60), (48, 72), (72, 72)))
    return [Picture(luma, Labelled(name, labels), "open") for name, labels in (("with", (face,)), ("without", ()))]


@pytest.fixture
def trained(tmp_path: Path) -> Callable[[str], bytes]:
    """Trains a network, from nothing, for two small batches, and gives its file."""
    import torch

    from facewarden.models.training.faces import train
    from facewarden.models.training.faces.net import Net, export
    from facewarden.models.training.faces.samples import Samples

    def make(name: str) -> bytes:
        torch.manual_seed(1)
        for net in train.learn(Net(), Samples(pictures(), 7), steps=2, seed=7):
            export(net, tmp_path / name)
        return (tmp_path / name).read_bytes()

    return make


def test_what_is_trained_is_a_network_that_the_product_runs(trained: Callable[[str], bytes]) -> None:
    detector = NetworkFaces(Network(trained("one.onnx"), "one.onnx"), 0.01)

    assert isinstance(detector.detect(np.zeros((180, 320), np.uint8)), list)


def test_the_same_seed_makes_the_same_file(trained: Callable[[str], bytes]) -> None:
    assert trained("one.onnx") == trained("two.onnx")


def test_the_network_starts_as_the_yunet_that_it_is_made_from(tmp_path: Path) -> None:
    """On grey, for every place of a picture: the score, the box, and the points, counted from the middle of a cell."""
    from facewarden.models.training.faces.net import export, started

    if not YUNET.exists():
        pytest.skip("no ../shared/zoo beside this checkout")
    export(started(YUNET), tmp_path / "start.onnx")
    grey = np.random.default_rng(0).integers(0, 256, (1, 1, 320, 320), dtype=np.uint8)
    session: Any = import_module("onnxruntime").InferenceSession(str(YUNET), providers=["CPUExecutionProvider"])
    outputs = [output.name for output in session.get_outputs()]
    theirs = dict(zip(outputs, session.run(None, {"input": grey.repeat(3, 1).astype(np.float32)}), strict=True))
    for stride, ours in zip((8, 16, 32), Network((tmp_path / "start.onnx").read_bytes(), "start")(grey), strict=True):
        cells = ours[0].reshape(15, -1).T
        assert np.allclose(1 / (1 + np.exp(-cells[:, 0])), theirs[f"obj_{stride}"][0, :, 0], atol=1e-4)
        assert np.allclose(cells[:, 1:5] + (0.5, 0.5, 0, 0), theirs[f"bbox_{stride}"][0], atol=1e-3)
        assert np.allclose(cells[:, 5:] + 0.5, theirs[f"kps_{stride}"][0], atol=1e-3)


def test_the_loss_falls_when_the_answer_is_right() -> None:
    import torch

    from facewarden.models.training.faces.loss import Truth, loss

    truth = Truth(torch.tensor([[40.0, 40.0, 104.0, 104.0]]), torch.full((1, 5, 2), 72.0), [1], [torch.zeros(0, 4)])

    assert loss(_maps(right=True), truth) < 0.2 * loss(_maps(right=False), truth)


def test_where_labels_are_uncertain_nothing_is_learned() -> None:
    import torch

    from facewarden.models.training.faces.loss import Truth, loss

    nothing = torch.zeros(0, 4), torch.zeros(0, 5, 2), [0]
    everywhere = Truth(*nothing, [torch.tensor([[-1.0, -1.0, 200.0, 200.0]])])

    assert loss(_maps(right=True), everywhere) == 0
    assert loss(_maps(right=True), Truth(*nothing, [torch.zeros(0, 4)])) > 0


def _maps(right: bool) -> "tuple[Tensor, ...]":
    """Answers for a picture of 160 px in which the cells at stride 16 around (72, 72) see the face, or others do."""
    import torch

    maps = tuple(torch.zeros(1, 15, 160 // stride, 160 // stride) for stride in (8, 16, 32))
    for grid in maps:
        grid[0, 0] = -8.0
    place = 4 if right else 8  # the middle of cell 4 is 72
    maps[1][0, 0, place, place] = 8.0
    maps[1][0, 3:5] = float(np.log(4.0))  # 64 px
    return maps
