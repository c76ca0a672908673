"""A folder of labelled clips: INDEX.tsv, and the truth that its labels stand for."""

import csv
from pathlib import Path
from typing import Literal

import msgspec

from ...detector.belief import Mount
from ...detector.errors import InputError

Truth = Literal["mobile", "fixed"]

# By mount, not by motion: a camera that pans, or shakes on its pole, stays where it is; a helmet is on a body.
TRUTHS: dict[str, tuple[Truth, Mount]] = {
    "body": ("mobile", "body"),
    "helmet": ("mobile", "body"),
    "dash": ("mobile", "dash"),
    "handheld": ("mobile", "handheld"),
    "drone": ("mobile", "drone"),
    "vehicle-other": ("mobile", "vehicle"),
    "fixed": ("fixed", "fixed"),
    "fixed-shaky": ("fixed", "fixed"),
    "ptz": ("fixed", "ptz"),
}


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """One clip of the corpus.

    Attributes:
        name: unique in its corpus.
        path: the file.
        label: the corpus's word for the mount, one of `TRUTHS`.
        repo: the repository it was published in; clips of one repository resemble each other.
        environment: `controlled`, or how it is not; empty where the corpus does not say.
        faces: `none`, `few` or `many`; empty where the corpus does not say.
        doubtful: whoever labelled it was not sure.
    """

    name: str
    path: Path
    label: str
    repo: str
    environment: str = ""
    faces: str = ""
    doubtful: bool = False


def read_corpus(folder: Path) -> list[Clip]:
    """The clips that `folder`/INDEX.tsv lists, in its order.

    Raises:
        InputError: there is no index, or a line of it has a label that is none of `TRUTHS`, or lacks a column.
    """
    index = folder / "INDEX.tsv"
    if not index.is_file():
        raise InputError(f"{folder}: no INDEX.tsv (columns name, file, mobility, repo, tab-separated) in this folder")
    with index.open(newline="", encoding="utf-8") as file:
        lines = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [_clip(folder, line, number) for number, line in enumerate(lines, 2)]


def _clip(folder: Path, line: dict[str, str], number: int) -> Clip:
    try:
        clip = Clip(
            name=line["name"],
            path=folder / line["file"],
            label=line["mobility"],
            repo=line["repo"],
            environment=line.get("environment") or "",
            faces=line.get("faces") or "",
            doubtful="doubtful" in (line.get("note") or "").lower(),
        )
    except KeyError as missing:
        raise InputError(f"{folder / 'INDEX.tsv'}:{number}: no column {missing}") from None
    if clip.label not in TRUTHS:
        raise InputError(f"{folder / 'INDEX.tsv'}:{number}: mobility '{clip.label}' is none of {', '.join(TRUTHS)}")
    return clip
