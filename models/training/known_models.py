"""Make what is known of published models: `python -m facewarden.models.training.known_models FOLDER`.

FOLDER holds KNOWN.tsv (hashes of published files, with what each does), INDEX.tsv and model files. No content of a file
is kept: hashes, sizes, statistics of weights, and numbers that recognisers answer to faces of people who do not exist.
"""

import csv
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ...bench.tools.command import run
from ...detector.identity.known import Behaviour, Weights, reference_vectors
from ...detector.identity.model import Model, Unrunnable
from ...detector.identity.opening import open_model
from ...detector.identity.probing import Finding, probe
from ...detector.identity.weights import fingerprint, shared

_SAME = 0.9  # share of weights from which two files hold the same set
_MODELS = Path(__file__).parents[1]


def read_hashes(path: Path) -> list[str]:
    """The lines of known_models.tsv: hash, bytes, function, family; sorted."""
    with path.open(encoding="utf-8", newline="") as rows:
        lines = {
            "\t".join((row["sha256"].removeprefix("sha384:").lower(), row["bytes"], row["function"], row["family"]))
            for row in csv.DictReader(rows, delimiter="\t")
        }
    return sorted(lines)


def read_weights(folder: Path) -> list[Weights]:
    """Each set of weights among the recognisers of the folder once."""
    with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as rows:
        named = [row for row in csv.DictReader(rows, delimiter="\t") if row["true_function"] == "face_recogniser"]
    found: list[Weights] = []
    for row in named:
        path = folder / row["file"].split(",")[0]
        model = open_model(path.read_bytes(), path)
        prints = fingerprint(model.weights())
        finding = _answers(model)
        if finding and prints and all(shared(prints, known.prints) < _SAME for known in found):
            vectors = tuple(tuple(round(float(x), 3) for x in one) for one in reference_vectors(finding.vectors))
            found.append(Weights("face_recogniser", row["name"], prints, Behaviour(str(finding.attempt), vectors)))
    return found


def _answers(model: Model) -> Finding | None:
    try:
        return probe(model.runner, model.inputs, len(model.outputs)).output
    except Unrunnable:
        return None


def main(
    folder: Annotated[Path, typer.Argument(help="KNOWN.tsv, INDEX.tsv and model files.")],
    write: Annotated[Path, typer.Option("--write", help="Folder for the two files.")] = _MODELS,
) -> None:
    """Write known_models.tsv and known_weights.json."""
    hashes = read_hashes(folder / "KNOWN.tsv")
    (write / "known_models.tsv").write_text("hash\tbytes\tfunction\tfamily\n" + "\n".join(hashes) + "\n")
    weights = read_weights(folder)
    (write / "known_weights.json").write_bytes(msgspec.json.encode(weights) + b"\n")
    typer.echo(f"{len(hashes)} hashes; weights of {', '.join(one.family for one in weights)}")


if __name__ == "__main__":
    run(main)
