"""Results say of each section where its figures come from, and nothing of this machine's folders."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from facewarden.bench import results
from facewarden.bench.material.corpus import Clip
from facewarden.bench.speed import costs
from facewarden.bench.tools import markdown
from facewarden.detector.errors import InputError


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    (tmp_path / "INDEX.tsv").write_text("name\tfile\tmobility\trepo\none\tgone.mp4\tbody\ta/a\n")
    return tmp_path


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is measured but how many clips there are, and which folder of models was given."""
    sections = {
        "accuracy": results.Section("Accuracy", lambda of: f"{len(of.clips)} clip", learned=True),
        "models": results.Section("Models", lambda of: str(of.models), needs="models"),
        "long": results.Section("Long", lambda _: "hours", only=True),
    }
    monkeypatch.setattr(results, "SECTIONS", sections)


@pytest.mark.usefixtures("measured")
def test_a_section_names_command_machine_and_date_and_no_folder_of_this_machine(clips: Path) -> None:
    out = clips / "RESULTS.md"
    results.main([clips], out)
    text = out.read_text()

    assert "python -m facewarden.bench CLIPS... --only accuracy --kept KEPT --networks WITNESSES" in text
    assert f"{datetime.now(UTC):%Y-%m-%d}" in text
    assert all(f"; {what} " in text for what in ("Python", "OpenCV", "numpy", "onnxruntime"))
    assert text.endswith("1 clip\n")
    assert str(clips) not in text


@pytest.mark.usefixtures("measured")
def test_a_section_made_anew_takes_its_place_and_the_others_stay(clips: Path) -> None:
    out = clips / "RESULTS.md"
    out.write_text("# Old\n\n## Live\n\nby hand\n\n## Accuracy\n\nold\n\n## Last\n\n### Part\n\nstays\n")
    results.main([clips], out)
    text = out.read_text()

    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Results", "## Live", "## Accuracy", "## Last", "### Part",
    ]  # fmt: skip
    assert "by hand" in text
    assert "stays" in text
    assert "old" not in text.split("## Accuracy")[1]


@pytest.mark.usefixtures("measured")
def test_what_takes_long_is_made_where_it_is_asked_for(clips: Path) -> None:
    out = clips / "RESULTS.md"
    results.main([clips], out, only=["long"])

    assert out.read_text().endswith("hours\n")


@pytest.mark.usefixtures("measured")
def test_models_are_one_more_section_where_a_folder_of_them_is_given(clips: Path) -> None:
    out = clips / "RESULTS.md"
    results.main([clips], out, models=Path("nets"))

    assert out.read_text().endswith("\n\nnets\n")


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    ("only", "said"), [("wrong", "there are accuracy, models, long"), ("models", "needs --models")]
)
def test_a_section_that_is_not_there_or_lacks_its_folder_is_said(clips: Path, only: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        results.main([clips], clips / "RESULTS.md", only=[only])


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
