import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from facewarden.bench.truth.faces.labels import read_pictures
from facewarden.detector.errors import InputError

FACE = {"box": [1, 2, 30, 40], "landmarks": None, "score": None, "origin": "gt", "yunet_box": [4, 5, 20, 25]}
LABELS = {"file": "one.png", "width": 64, "height": 48, "faces": [FACE], "uncertain": [], "note": "hard negative"}


def folder(path: Path, labels: dict[str, object] | None = None, split: str = "train", picture: bool = True) -> Path:
    (path / "images").mkdir()
    (path / "INDEX.tsv").write_text(f"file\tsplit\tlicence_class\none.png\t{split}\topen\n")
    (path / "labels.jsonl").write_text(json.dumps(labels or LABELS) + "\n")
    if picture:
        cv2.imwrite(str(path / "images" / "one.png"), np.full((48, 64, 3), 90, np.uint8))
    return path


def test_a_picture_comes_as_luma_with_its_faces_and_its_licence_class(tmp_path: Path) -> None:
    (picture,) = read_pictures(folder(tmp_path), "train")

    assert picture.luma.shape == (48, 64)
    assert picture.labels.faces[0].face == (4, 5, 20, 25)
    assert picture.licence_class == "open"


def test_only_the_part_that_was_asked_for_is_read(tmp_path: Path) -> None:
    assert list(read_pictures(folder(tmp_path, split="val"), "train")) == []


def test_a_folder_without_labels_a_broken_line_and_a_lost_picture_are_one_line_each(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a folder of labelled faces"):
        list(read_pictures(tmp_path, "train"))

    given = folder(tmp_path, picture=False)
    with pytest.raises(InputError, match=r"one\.png: cannot be read"):
        list(read_pictures(given, "train"))
    (given / "labels.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match=r"labels\.jsonl: .*`file`"):
        list(read_pictures(given, "train"))
