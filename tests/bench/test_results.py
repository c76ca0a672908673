"""The head of RESULTS.md says where the figures come from, and nothing of this machine's folders."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from facewarden.bench import results
from facewarden.bench.material.corpus import Clip
from facewarden.bench.speed import costs
from facewarden.bench.tools import markdown


def test_results_name_command_machine_and_date_and_no_folder_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "INDEX.tsv").write_text("name\tfile\tmobility\trepo\none\tgone.mp4\tbody\ta/a\n")
    monkeypatch.setattr(results, "measure", lambda clips, *_: f"{len(clips)} clip measured")  # pyright: ignore
    monkeypatch.setattr(results.held_out, "left_out", lambda _: None)  # pyright: ignore
    out = tmp_path / "RESULTS.md"
    results.main(tmp_path, out)
    text = out.read_text()

    assert "python -m facewarden.bench FOLDER" in text
    assert f"{datetime.now(UTC):%Y-%m-%d}" in text
    assert all(f"| {what} | " in text for what in ("CPU", "Python", "OpenCV", "numpy"))
    assert text.endswith("1 clip measured\n")
    assert str(tmp_path) not in text


def test_the_cost_table_has_both_layouts_and_the_way_to_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "FRAMES", 30)
    monkeypatch.setattr(costs, "FULL_HD", (160, 90))
    report = costs.report(costs.render())

    lines = [line.split(" | ")[0].removeprefix("| ") for line in report.splitlines() if line.startswith("| ")]
    assert lines[2:] == [name + part for name in ("luma", "BGR") for part in ("", ", on the way", ", mobility alone")]


def test_a_table_keeps_its_columns_whatever_its_cells_hold() -> None:
    assert markdown.table(("a", "b"), [("x|y", None), (1, 2.0)]).splitlines() == [
        "| a | b |",
        "| --- | --- |",
        "| x\\|y |  |",
        "| 1 | 2.00 |",
    ]


def test_a_clip_knows_its_file(tmp_path: Path) -> None:
    assert Clip(name="one", path=tmp_path / "one.mp4", label="body", repo="a/a").path.name == "one.mp4"


def test_faces_are_one_more_section_where_a_folder_of_them_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "INDEX.tsv").write_text("name\tfile\tmobility\trepo\n")
    monkeypatch.setattr(results, "measure", lambda *_: "all else")  # pyright: ignore
    monkeypatch.setattr(results.held_out, "left_out", lambda _: None)  # pyright: ignore
    monkeypatch.setattr(results.identification, "read_models", lambda _: [])
    monkeypatch.setattr(results.identification, "measure", lambda _: "models")
    monkeypatch.setattr(results.face_comparison, "measure", lambda *folders: str(folders))
    out = tmp_path / "RESULTS.md"
    results.main(tmp_path, out, faces=Path("faces"), models=Path("models"))

    assert out.read_text().endswith("\n\n## Faces\n\n(PosixPath('faces'), PosixPath('models'))\n")
