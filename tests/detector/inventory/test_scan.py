"""What `scan` and `identify` promise on the command line, over folders and images made here."""

import gzip
import io
import json
import os
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import onnx
import pytest
from jsonschema import Draft4Validator
from onnx import helper

Command = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="session")
def harmless() -> bytes:
    inputs = [helper.make_tensor_value_info("in", onnx.TensorProto.FLOAT, [1, 3, 32, 32])]
    outputs = [helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, [1, 3, 1, 1])]
    graph = helper.make_graph([helper.make_node("GlobalAveragePool", ["in"], ["out"])], "g", inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9).SerializeToString()


@pytest.fixture(scope="session")
def undecided() -> bytes:
    return b"GGUF\x03\0\0\0" + bytes(64)


@pytest.fixture
def tree(tmp_path: Path, harmless: bytes) -> Path:
    """A folder with a model under an innocent name, and files that are none."""
    folder = tmp_path / "tree"
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "logo.png").write_bytes(harmless)
    (folder / "arcface.onnx").write_text("not a model, whatever it is called")
    (folder / "empty").touch()
    return folder


def packed(**files: bytes) -> bytes:
    with io.BytesIO() as content:
        with tarfile.open(fileobj=content, mode="w") as archive:
            for name, data in files.items():
                member = tarfile.TarInfo(name.replace("__", "/"))
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        return content.getvalue()


def objects(result: CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


# --- what is found ----------------------------------------------------------------------------------------------------


def test_a_model_is_found_by_content_and_a_file_that_is_none_is_not(facewarden: Command, tree: Path) -> None:
    result = facewarden("scan", tree, "--format", "json")
    (entry,) = objects(result)

    assert result.returncode == 0
    assert str(entry["path"]).endswith("logo.png")
    assert (entry["format"], entry["recogniser"], len(str(entry["sha256"]))) == ("onnx", False, 64)


def test_a_recogniser_in_a_folder_fails_a_build(facewarden: Command, tree: Path, recogniser: bytes) -> None:
    (tree / "assets" / "blob").write_bytes(recogniser)
    result = facewarden("scan", tree)

    assert result.returncode == 3
    assert "2 models, 1 that recognise faces" in result.stdout


def test_an_undecided_model_fails_a_build_only_where_asked(facewarden: Command, tree: Path, undecided: bytes) -> None:
    (tree / "weights").write_bytes(undecided)

    assert (facewarden("scan", tree).returncode, facewarden("scan", tree, "--strict").returncode) == (0, 3)


def test_a_recogniser_in_a_layer_of_a_saved_image_is_found(
    facewarden: Command, tmp_path: Path, recogniser: bytes
) -> None:
    layer = gzip.compress(packed(srv__model=recogniser, etc__hosts=b"127.0.0.1 localhost"))
    (tmp_path / "image.tar").write_bytes(packed(blobs__sha256__aa=layer, blobs__sha256__bb=packed(x=b"y")))
    result = facewarden("scan", tmp_path / "image.tar", "--format", "json")
    (entry,) = objects(result)

    assert (result.returncode, entry["recogniser"]) == (3, True)
    assert str(entry["path"]).endswith("image.tar!/blobs/sha256/aa!/srv/model")


def test_a_link_out_of_the_tree_is_not_followed(
    facewarden: Command, tree: Path, tmp_path: Path, recogniser: bytes
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "model.onnx").write_bytes(recogniser)
    (tree / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    (tree / "model.onnx").symlink_to(tmp_path / "outside" / "model.onnx")

    assert facewarden("scan", tree).returncode == 0


# --- what cannot be read ----------------------------------------------------------------------------------------------


def test_a_broken_archive_is_an_error_and_the_rest_is_done(facewarden: Command, tree: Path, recogniser: bytes) -> None:
    (tree / "image.tar").write_bytes(packed(a=recogniser)[:2000])
    (tree / "zz").write_bytes(recogniser)
    result = facewarden("scan", tree, "--format", "json")

    assert result.returncode == 2
    assert [("error" in entry, entry.get("recogniser")) for entry in objects(result)] == [
        (True, None),
        (False, True),
        (False, False),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="no permissions of this kind")
def test_a_layer_that_is_packed_too_deep_is_an_error(facewarden: Command, tmp_path: Path, recogniser: bytes) -> None:
    content = recogniser
    for _ in range(9):
        content = packed(inner=content)
    (tmp_path / "deep.tar").write_bytes(content)
    result = facewarden("scan", tmp_path / "deep.tar")

    assert result.returncode == 2
    assert "too deep" in " ".join(result.stdout.split())


def test_a_folder_that_is_not_there_is_one_line(facewarden: Command, tmp_path: Path) -> None:
    result = facewarden("scan", tmp_path / "missing")

    assert (result.returncode, result.stderr.count("\n")) == (2, 1)


# --- formats ----------------------------------------------------------------------------------------------------------


def test_sarif_holds_what_its_schema_demands(
    facewarden: Command, tree: Path, recogniser: bytes, undecided: bytes
) -> None:
    (tree / "a model").write_bytes(recogniser)
    (tree / "weights").write_bytes(undecided)
    (tree / "broken.tar").write_bytes(packed(a=recogniser)[:2000])
    log = json.loads(facewarden("scan", tree, "--format", "sarif").stdout)
    schema = json.loads((Path(__file__).parents[2] / "golden" / "sarif-2.1.0.json").read_text())
    Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER).validate(log)
    (run,) = log["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}

    assert log["version"] == "2.1.0"
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [
        ("face-recogniser", "error"),
        ("undecided-model", "warning"),
    ]
    assert all(one["ruleId"] in rules and one["message"]["text"] for one in run["results"])
    assert all(" " not in uri for one in run["results"] for uri in [uri_of(one)])
    assert run["invocations"][0]["executionSuccessful"] is False
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 1


def test_cyclonedx_holds_a_component_for_each_model(facewarden: Command, tree: Path, recogniser: bytes) -> None:
    pytest.importorskip("cyclonedx")
    (tree / "model").write_bytes(recogniser)
    text = facewarden("scan", tree, "--format", "cyclonedx").stdout
    bom = json.loads(text)
    found = {one["name"]: {each["name"]: each["value"] for each in one["properties"]} for one in bom["components"]}

    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    assert {one["type"] for one in bom["components"]} == {"machine-learning-model"}
    assert {name: facts["facewarden:recogniser"] for name, facts in found.items()} == {
        "logo.png": "false",
        "model": "true",
    }
    assert undated(facewarden("scan", tree, "--format", "cyclonedx").stdout) == undated(text)


def test_each_model_of_a_bill_of_materials_has_a_card_that_the_schema_takes(
    facewarden: Command, tree: Path, recogniser: bytes, undecided: bytes
) -> None:
    pytest.importorskip("cyclonedx")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    (tree / "model").write_bytes(recogniser)
    (tree / "weights").write_bytes(undecided)
    text = facewarden("scan", tree, "--format", "cyclonedx").stdout
    cards = {one["name"]: one["modelCard"] for one in json.loads(text)["components"]}

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert cards["model"]["modelParameters"] == {
        "task": "face_recogniser",
        "inputs": [{"format": "1x3x112x112 float32"}],
        "outputs": [{"format": "1x32 MatMul"}],
    }
    assert "biometric" in cards["model"]["considerations"]["ethicalConsiderations"][0]["name"]
    assert "considerations" not in cards["logo.png"]
    assert "not told" in cards["weights"]["considerations"]["technicalLimitations"][0]


def test_an_inventory_goes_to_a_file_where_asked(facewarden: Command, tree: Path, tmp_path: Path) -> None:
    result = facewarden("scan", tree, "--format", "json", "--out", tmp_path / "models.jsonl")

    assert (result.returncode, result.stdout) == (0, "")
    assert json.loads((tmp_path / "models.jsonl").read_text())["format"] == "onnx"


# --- identify ---------------------------------------------------------------------------------------------------------


def test_identify_answers_each_file_in_turn_and_says_which_it_could_not_read(
    facewarden: Command, tree: Path, tmp_path: Path, recogniser: bytes
) -> None:
    (tmp_path / "a.onnx").write_bytes(recogniser)
    result = facewarden("identify", "--json", tree / "empty", tmp_path / "a.onnx")
    error, answer = objects(result)

    assert result.returncode == 2
    assert error["error"]["kind"] == "model"  # type: ignore[index]
    assert answer.keys() == {"path", "sha256", "recogniser", "function", "family", "confidence", "evidence"}
    assert answer["function"] == "face_recogniser"


def test_identify_shows_its_evidence_to_a_person(facewarden: Command, tmp_path: Path, recogniser: bytes) -> None:
    (tmp_path / "a.onnx").write_bytes(recogniser)
    result = facewarden("identify", tmp_path / "a.onnx")

    assert "recognises faces: yes" in result.stdout
    assert "behaviour: output 0" in result.stdout


@pytest.mark.parametrize("command", ["identify", "scan"])
def test_help_shows_an_example(facewarden: Command, command: str) -> None:
    assert "Example: " in facewarden(command, "--help").stdout


def undated(text: str) -> list[str]:
    return [line for line in text.splitlines() if "timestamp" not in line]


def uri_of(result: dict[str, list[dict[str, dict[str, dict[str, str]]]]]) -> str:
    return result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


@pytest.mark.skipif(sys.platform != "linux", reason="a file's name may be any bytes there")
@pytest.mark.parametrize("form", ["json", "cyclonedx"])
def test_names_that_are_no_text_are_shown_with_question_marks(
    form: str, harmless: bytes, tmp_path: Path, facewarden: Command
) -> None:
    if form == "cyclonedx":
        pytest.importorskip("cyclonedx")
    place = tmp_path / os.fsdecode(b"caf\xe9")
    place.mkdir()
    (place / os.fsdecode(b"\xff.onnx")).write_bytes(harmless)
    done = facewarden("scan", str(tmp_path), "--format", form)

    assert done.returncode == 0, done.stderr
    assert "?.onnx" in done.stdout


def test_what_is_no_regular_file_is_one_line_and_is_not_waited_for(
    harmless: bytes, tmp_path: Path, facewarden: Command
) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    (tmp_path / "model.onnx").write_bytes(harmless)
    done = facewarden("identify", str(tmp_path / "pipe.onnx"), "/dev/zero", str(tmp_path / "model.onnx"), "--json")

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 2
    assert [line.get("error", {}).get("message", "").rpartition(": ")[2] for line in lines[:2]] == [
        "no regular file"
    ] * 2
    assert lines[2]["recogniser"] is False
