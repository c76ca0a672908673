"""The benchmark of identification, and what makes the files that ship, over a small folder made here."""

from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from helpers.networks import network, recogniser  # noqa: F401 - fixtures

from facewarden.bench.truth import identification
from facewarden.detector.errors import InputError
from facewarden.detector.identity.known import Weights
from facewarden.detector.identity.probes import PEOPLE, SIDE, stored_faces
from facewarden.models.training import known_models, probe_faces


@pytest.fixture
def models(tmp_path: Path, recogniser: bytes) -> Path:  # noqa: F811 - the fixture
    (tmp_path / "a.onnx").write_bytes(recogniser)
    (tmp_path / "b.bin").write_bytes(b"GGUF" + bytes(40))
    (tmp_path / "INDEX.tsv").write_text(
        "name\tfile\ttrue_function\tnote\n"
        "one\ta.onnx\tface_recogniser\tsmall | weights W1 of this test\n"
        "two\tb.bin\tother\t\n"
        "three\tgone.onnx\tclassifier\t\n"
    )
    (tmp_path / "KNOWN.tsv").write_text(
        "sha256\tbytes\tfile name\tfunction\tfamily\tlicence\tsource\n"
        f"sha384:{'AB' * 48}\t12\tx.onnx\tface_detector\tYuNet\tMIT\there\n"
        f"{'cd' * 32}\t13\ty.onnx\tface_recogniser\tSFace\tMIT\there\n"
    )
    return tmp_path


def test_the_report_counts_answers_by_truth_and_names_every_file(models: Path) -> None:
    report = identification.measure(identification.read_models(models))

    assert "| face_recogniser | 1 | 0 | 0 | 0 |" in report
    assert "| classifier | 0 | 0 | 0 | 1 |" in report
    assert "| other | 0 | 0 | 1 | 0 |" in report
    assert "| W1 | 1 | 1 | 0 |" in report
    assert "| gallery of 16, softmax | 1 | 1 | 0 | 0 |" in report
    assert "| score, not compared | 1 | 0 | 1 | 0 |" in report


def test_a_folder_without_an_index_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"INDEX\.tsv"):
        identification.read_models(tmp_path)


def test_hashes_are_kept_sorted_with_function_and_family(models: Path) -> None:
    assert known_models.read_hashes(models / "KNOWN.tsv") == [
        "\t".join(("ab" * 48, "12", "face_detector", "YuNet")),
        "\t".join(("cd" * 32, "13", "face_recogniser", "SFace")),
    ]


def test_what_ships_of_known_weights_is_unit_vectors_and_quantiles() -> None:
    path = Path(known_models.__file__).parents[1] / "known_weights.json"
    known = msgspec.json.decode(path.read_bytes(), type=list[Weights])

    assert len({one.family for one in known}) == len(known) > 0
    for one in known:
        assert np.linalg.norm(np.array(one.behaviour.vectors), axis=1) == pytest.approx(1, abs=0.02)
        assert all(0 <= value <= 1 for each in one.prints for value in each.quantiles)


def test_faces_made_twice_are_the_same_and_show_no_one_who_was_given() -> None:
    template = probe_faces._TEMPLATE  # pyright: ignore[reportPrivateUsage]
    random = np.random.default_rng(0)
    given = [
        (
            np.clip(face + random.normal(0, 20, face.shape), 0, 255).astype(np.float32),
            template + random.normal(0, 1, (5, 2)),
        )
        for face in stored_faces()
        for _ in range(8)
    ]
    made, again = probe_faces.make_faces(given), probe_faces.make_faces(given)

    assert len(made) == PEOPLE
    assert all((one == other).all() for one, other in zip(made, again, strict=True))
    assert all(one.shape == (SIDE, SIDE) and one.dtype == np.uint8 for one in made)
    assert max(np.corrcoef(one.ravel(), face.ravel())[0, 1] for one in made for face, _ in given) < 0.98


def test_pictures_whose_licence_does_not_begin_with_cc0_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    points = (probe_faces._TEMPLATE).tolist()  # pyright: ignore[reportPrivateUsage]
    for name, face in zip(("free", "other"), stored_faces(), strict=False):
        cv2.imwrite(str(tmp_path / "images" / f"{name}.png"), face)
    (tmp_path / "INDEX.tsv").write_text("file\tlicence\nfree.png\tCC0 1.0\nother.png\tall rights reserved\n")
    label = {"faces": [{"landmarks": points, "score": 0.9}]}
    lines = [msgspec.json.encode({"file": f"{name}.png", **label}) for name in ("free", "other")]
    (tmp_path / "labels.jsonl").write_bytes(b"\n".join(lines))

    ((face, landmarks),) = probe_faces.read_faces(tmp_path)
    assert (face.shape, landmarks.shape) == ((SIDE, SIDE), (5, 2))
