"""Answers on disk: by content, whole or not at all, and never of what was only in the way today."""

from pathlib import Path

import pytest

from facewarden.detector.identity import identify, identify_bytes, kept
from facewarden.detector.identity.answer import Evidence
from facewarden.detector.identity.verdict import Verdict


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "facewarden" / "models"


def verdict(detail: str = "a reason") -> Verdict:
    return Verdict(None, "unknown", None, 0.0, (Evidence("behaviour", detail),))


def test_an_answer_comes_back_as_it_was(folder: Path) -> None:
    kept.keep("aa", verdict())

    assert kept.kept("aa") == verdict()
    assert kept.kept("bb") is None
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["aa.json"]


def test_a_broken_answer_is_none(folder: Path) -> None:
    kept.keep("aa", verdict())
    next(folder.rglob("aa.json")).write_bytes(b'{"recogniser": tr')

    assert kept.kept("aa") is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    kept.keep("aa", verdict())

    assert kept.kept("aa") is None


def test_what_rests_on_other_files_or_on_this_machine_is_not_kept() -> None:
    assert kept.lasting(verdict(), b"content")
    assert not kept.lasting(verdict("not tried: takes more than 12 s of processor time"), b"content")
    assert not kept.lasting(verdict(), b"...location...weights.bin")
    assert not kept.lasting(verdict(), b'{"format": "graph-model", "weightsManifest": []}')
    assert not kept.lasting(verdict(), b'<net name="x">')
    assert not kept.lasting(verdict(), b"7767517\n1 1\n")
    assert not kept.lasting(verdict(), b"program(1.0)\n{ @model_path/weights/weight.bin }")
    assert kept.lasting(verdict(), b"program(1.0)\n{ all of it }")


def test_only_who_asks_for_it_leaves_anything_on_disk(folder: Path, recogniser: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_bytes(recogniser)
    identify(path)

    assert not folder.exists()


def test_a_second_look_takes_the_answer_of_the_first(folder: Path, recogniser: bytes) -> None:
    content = recogniser + b"\x12\x01x"  # a producer's name: content that no other test has
    first = identify_bytes(content, "x", cached=True)
    (file,) = folder.rglob("*.json")

    assert file.stem == first.sha256
    assert kept.kept(first.sha256)
