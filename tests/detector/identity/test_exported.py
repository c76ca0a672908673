"""What torch.export writes; skipped where torch is not installed."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from facewarden.detector.errors import ModelError
from facewarden.detector.identity import Identity, identify
from facewarden.detector.identity.known import Knowledge

STEPS = "model/models/model.json"


@pytest.fixture(scope="module")
def exported(recogniser: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch")
    (stored,) = onnx.load_model_from_string(recogniser).graph.initializer
    matrix = numpy_helper.to_array(stored)
    linear = torch.nn.Linear(*matrix.shape, bias=False)
    linear.weight.data = torch.from_numpy(matrix.T.copy())
    network = torch.nn.Sequential(
        torch.nn.AvgPool2d(4), torch.nn.Flatten(), linear, torch.nn.BatchNorm1d(matrix.shape[1])
    )
    path = tmp_path_factory.mktemp("exported") / "model.pt2"
    torch.export.save(torch.export.export(network.eval(), (torch.zeros(1, 3, 112, 112),)), path)
    return path


def details(answer: Identity) -> str:
    return "\n".join(one.detail for one in answer.evidence)


def changed(path: Path, to: Path, changes: dict[str, Any]) -> Path:
    """The archive again, with other texts where there is a change for one, by the end of its name."""
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(to, "w") as target:
        for name in archive.namelist():
            change = next((change for end, change in changes.items() if name.endswith(end)), None)
            content = archive.read(name)
            target.writestr(name, json.dumps(change(json.loads(content))) if change else content)
    return to


def test_a_recogniser_is_found(exported: Path, nothing_known: Knowledge) -> None:
    answer = identify(exported, nothing_known)

    assert answer.recogniser is True, details(answer)
    assert "pt2: takes 1x3x112x112 float32" in details(answer)


def test_what_holds_another_program_is_not_called_none(tmp_path: Path, nothing_known: Knowledge) -> None:
    torch = pytest.importorskip("torch")
    one, two = tmp_path / "one.pt2", tmp_path / "two.pt2"
    colours = torch.nn.Sequential(torch.nn.AvgPool2d(112), torch.nn.Flatten())
    torch.export.save(torch.export.export(colours, (torch.zeros(1, 3, 112, 112),)), one)
    with zipfile.ZipFile(changed(one, two, {}), "a") as archive:
        archive.writestr(f"{archive.namelist()[0].partition('/')[0]}/models/embed.json", "{}")

    assert identify(one, nothing_known).recogniser is False
    answer = identify(two, nothing_known)
    assert answer.recogniser is None
    assert "it holds embed.json besides, which is not tried" in details(answer)


def test_an_array_that_every_run_fills_again_is_what_it_was_after_each(
    recogniser: bytes, tmp_path: Path, nothing_known: Knowledge
) -> None:
    torch = pytest.importorskip("torch")
    (stored,) = onnx.load_model_from_string(recogniser).graph.initializer
    matrix = torch.from_numpy(numpy_helper.to_array(stored).copy())

    class Reused(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("matrix", matrix)
            self.register_buffer("given", torch.zeros(1, matrix.shape[1]))

        def forward(self, x: Any) -> Any:
            return self.given.copy_(torch.nn.functional.avg_pool2d(x, 4).flatten(1) @ self.matrix)

    torch.export.save(torch.export.export(Reused(), (torch.zeros(1, 3, 112, 112),)), tmp_path / "model.pt2")
    answer = identify(tmp_path / "model.pt2", nothing_known)

    assert answer.recogniser is True, details(answer)


@pytest.mark.parametrize(
    "target",
    [
        "torch.ops.aten.from_file.default",
        "torch.ops.aten.__class__.__init__",
        "torch.ops.c10d.send.default",
        "builtins.exec",
        "_operator.call",
    ],
)
def test_a_step_that_does_more_than_calculate_is_not_done(
    target: str, exported: Path, tmp_path: Path, nothing_known: Knowledge
) -> None:
    def change(program: Any) -> Any:
        program["graph_module"]["graph"]["nodes"][0]["target"] = target
        return program

    answer = identify(changed(exported, tmp_path / "model.pt2", {"model.json": change}), nothing_known)

    assert answer.recogniser is None
    assert f"it has a step {target}, which is not run here" in details(answer)


def test_words_of_the_file_reach_no_terminal_as_they_are(
    exported: Path, tmp_path: Path, nothing_known: Knowledge
) -> None:
    def change(program: Any) -> Any:
        program["graph_module"]["signature"]["input_specs"][-1]["user_input"]["arg"] = {"\x1b[2J\n" * 1000: 1}
        return program

    told = details(identify(changed(exported, tmp_path / "model.pt2", {"model.json": change}), nothing_known))
    assert "takes or gives something else" in told
    assert "\x1b" not in told
    assert len(told) < 2000


def test_pickled_weights_stay_pickled(exported: Path, tmp_path: Path, nothing_known: Knowledge) -> None:
    def change(weights: Any) -> Any:
        next(iter(weights["config"].values()))["use_pickle"] = True
        return weights

    answer = identify(changed(exported, tmp_path / "model.pt2", {"weights_config.json": change}), nothing_known)

    assert answer.recogniser is None
    assert "no pickle is opened" in details(answer)


def test_weights_that_are_not_there_are_an_error(exported: Path, tmp_path: Path, nothing_known: Knowledge) -> None:
    def change(weights: Any) -> Any:
        for one in weights["config"].values():
            one["tensor_meta"]["sizes"] = [{"as_int": 1 << 40} for _ in one["tensor_meta"]["sizes"]]
        return weights

    hostile = changed(exported, tmp_path / "model.pt2", {"weights_config.json": change})
    with pytest.raises(ModelError, match="no exported program"):
        identify(hostile, nothing_known)


def test_what_it_gives_is_what_torch_gives(exported: Path) -> None:
    torch = pytest.importorskip("torch")
    from facewarden.detector.identity.runtimes.pytorch.export_file import ExportModel

    picture = np.random.default_rng(4).standard_normal((1, 3, 112, 112)).astype(np.float32)
    model = ExportModel(exported.read_bytes(), None, None)
    given = model.runner(model.inputs)([picture])[0]

    np.testing.assert_array_equal(given, torch.export.load(exported).module()(torch.from_numpy(picture)).detach())
