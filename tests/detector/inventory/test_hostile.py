"""Files made to do harm, all in one folder with honest ones: a line each, the honest found, nothing written."""

import sys
from pathlib import Path

import pytest

from facewarden.bench.material.hostile import HOSTILE, Write
from facewarden.detector.identity import Limits
from facewarden.detector.inventory import Choice, Entry, scan

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="confined by Linux alone")

# What takes its whole time limit, or long to make; `python -m facewarden.bench.truth.hostile` tries these as well.
_LONG = {
    *("endless loop", "2^29 inlined functions", "graphs in graphs", "100,000 tensors in one place"),
    *("zip bomb, nested", "tar bomb", "300,000 files in a tar", "300,000 files in a zip", "1.9 GB of holes"),
}
# Of what has no answer as a model the reason.
_SAID = {
    "second input of 60000x60000": "takes inputs of 14.4 GB",
    "batch of 50,000": "takes inputs of 7.5 GB",
    "10,000 outputs": "it has 10000 outputs",
    "30 tensors in one sparse file": "larger than 1 GiB",
    "weights outside its folder": "outside its folder",
    "weights in a pipe": "is missing",
    "sparse file in a tar": "unpacks to more than",
    "arrays of 10^15 numbers": "memory",
    "pipe": "no regular file",
    "socket": "no regular file",
    "device": "a link",
    "links in circles": "a link",
}
_SAID_OF_TORCH = {
    "TorchScript that writes": "reads or writes files",
    "the same, names in other case": "reads or writes files",
    "the same, hidden": "aten::save",
    "TorchScript that grows": "cannot be run",
    "pickle that runs": "nothing of it is run",
    "tensors larger than their file": "larger than what is stored",
    "state file, cut": "broken archive",
    "state file, flipped": "a broken file of PyTorch",
    "TorchScript, cut": "broken archive",
}


def made(files: dict[str, Write], folder: Path, honest: bytes) -> dict[str, Path]:
    """A folder for each below `folder`, and an honest file before, between and behind them."""
    places = {name: folder / f"{number:02}" for number, name in enumerate(files)}
    for name, place in places.items():
        place.mkdir()
        files[name](place)
        (place / "z.honest").write_bytes(honest)
    return places


def looked_at(folder: Path) -> list[Entry]:
    before = set(folder.rglob("*"))
    entries = list(scan(folder, Choice(limits=Limits(seconds=5))))
    assert set(folder.rglob("*")) == before
    return entries


def said(entries: list[Entry], place: Path) -> str:
    """Of all that is no honest file."""
    theirs = [entry for entry in entries if Path(entry.path).is_relative_to(place) and "honest" not in entry.path]
    told = [one.detail for entry in theirs if entry.identity for one in entry.identity.evidence]
    assert all(entry.identity is None or entry.identity.recogniser is None for entry in theirs)
    return " ".join([*told, *(str(entry.error or entry.skipped) for entry in theirs if entry.identity is None)])


def check(files: dict[str, Write], reasons: dict[str, str], folder: Path, honest: bytes) -> None:
    places = made(files, folder, honest)
    entries = looked_at(folder)
    wrong = {name: said(entries, places[name]) for name in reasons if reasons[name] not in said(entries, places[name])}
    neighbours = [entry.identity.recogniser for entry in entries if entry.identity and "honest" in entry.path]

    assert not wrong
    assert all(said(entries, place) for place in places.values())
    assert neighbours == [True] * len(places)


@pytest.mark.slow
def test_graphs_archives_and_what_is_no_file_do_no_harm(tmp_path: Path, recogniser: bytes) -> None:
    check({name: HOSTILE[name] for name in HOSTILE if name not in _LONG}, _SAID, tmp_path, recogniser)


@pytest.mark.slow
def test_nor_do_files_of_pytorch(tmp_path: Path, recogniser: bytes) -> None:
    pytest.importorskip("torch")
    from facewarden.bench.material.hostile_torch import HOSTILE_TORCH

    chosen = {name: write for name, write in HOSTILE_TORCH.items() if name in _SAID_OF_TORCH}
    check(chosen, _SAID_OF_TORCH, tmp_path, recogniser)
