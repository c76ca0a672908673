"""Which detector a site gets, and which it is refused."""

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from facewarden.detector.environment.faces import load_detector
from facewarden.detector.environment.faces.closeup import SHIPPED_POINTS
from facewarden.detector.environment.faces.load import known_networks
from facewarden.detector.environment.faces.network import SHIPPED, Network
from facewarden.detector.errors import InputError, ModelError

# What a byte of a file is turned into must not matter to the runtime; this one lies in a name.
LARGEST = 500_000


def identity(path: Path) -> Path:
    """A network that is no detector of faces."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "identity", ends[:1], ends[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), str(path))
    return path


def test_the_networks_that_ship_are_small_even_together() -> None:
    assert len(SHIPPED.read_bytes()) + len(SHIPPED_POINTS.read_bytes()) <= LARGEST


def test_detectors_share_the_network_and_nothing_else(portrait) -> None:
    one, other = load_detector(), load_detector()
    (before,) = one.detect(portrait().luma)
    other.detect(np.zeros((180, 320), np.uint8))
    (after,) = one.detect(portrait().luma)

    assert before.box == after.box


def test_a_known_yunet_is_taken_by_path(zoo: Path) -> None:
    assert load_detector(str(zoo / "yunet_n_320.onnx")).name == "YuNet"


def test_a_file_that_is_not_known_is_refused_in_one_line_that_names_its_hash(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"SHA-256 [0-9a-f]{64} is no YuNet that we know") as raised:
        load_detector(identity(tmp_path / "other.onnx"))

    assert "\n" not in str(raised.value)
    assert isinstance(raised.value, InputError)


def test_a_yunet_that_is_not_known_is_taken_where_the_caller_says_so(zoo: Path, tmp_path: Path, portrait) -> None:
    changed = Path(shutil.copy(zoo / "yunet_n_320.onnx", tmp_path))
    changed.chmod(0o644)
    model = onnx.load(str(changed))
    model.producer_name = "somebody else"
    onnx.save(model, str(changed))

    with pytest.raises(ModelError):
        load_detector(changed)
    assert load_detector(changed, unknown=True).detect(portrait().luma)


@pytest.mark.parametrize("content", [b"", b"no network"])
def test_a_file_that_is_no_network_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"broken\.onnx: is no YuNet"):
        load_detector(tmp_path / "broken.onnx", unknown=True)
    with pytest.raises(ModelError, match="is no ONNX network"):
        Network(content, "broken.onnx")


def test_a_network_of_another_kind_is_one_line(tmp_path: Path) -> None:
    path = identity(tmp_path / "other.onnx")
    with pytest.raises(ModelError, match="is no YuNet"):
        load_detector(path, unknown=True)
    with pytest.raises(ModelError, match="is not a face network of ours"):
        Network(path.read_bytes(), "other.onnx")


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_detector(tmp_path / "gone.onnx")


def test_every_known_network_says_where_it_is_from_and_under_what_licence() -> None:
    known = known_networks()

    assert len(known) == 4
    assert all(len(digest) == 64 and one.source.startswith("https://") and one.licence for digest, one in known.items())
