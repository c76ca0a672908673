"""How often models that nobody has seen are told right: `python -m facewarden.bench.truth.models ZOO`.

ZOO holds model files and INDEX.tsv, which says what each does. Needs torch, to teach the families that a zoo lacks, and
OpenVINO.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ...tools.command import Out, deliver, run
from ...tools.markdown import join
from ..identification import Model, read_models
from .asking import ask
from .bases import Base, School, read
from .case import Answer, Case
from .cases import of_recognisers, of_scores, of_strangers, of_zoo
from .report import report


def all_cases(zoo: Path, more: Iterable[Path], taught: bool) -> Iterator[Case]:
    """Those of the zoo and of the other folders, and of what is taught."""
    models = read_models(zoo)
    recognisers = _one_of_each(models)
    strangers: list[tuple[str, Base]] = []
    if taught:
        school = School(recognisers[0].onnx)
        recognisers += school.recognisers()
        strangers = [*school.untaught(), *school.others(), *school.strangers()]
    yield from of_recognisers(recognisers)
    yield from of_scores(recognisers)
    yield from of_strangers(strangers)
    yield from of_zoo(models)
    yield from of_zoo(chain.from_iterable(map(read_models, more)))


def _one_of_each(models: Iterable[Model]) -> list[Base]:
    """The first ONNX file of each set of weights that recognises faces."""
    found: dict[str, Base] = {}
    for model in models:
        if model.truth == "face_recogniser" and model.path.suffix == ".onnx":
            found.setdefault(model.weights, read(f"{model.name} ({model.weights})", model.path))
    return list(found.values())


def main(
    zoo: Annotated[Path, typer.Argument(help="Labelled models: the files, and INDEX.tsv.", show_default=False)],
    more: Annotated[
        list[Path] | None, typer.Option(help="Another such folder; its files are asked as they are.")
    ] = None,
    taught: Annotated[
        bool, typer.Option(help="Teach networks of the families that the zoo lacks; takes a while.")
    ] = True,
    only: Annotated[str, typer.Option(help="Only kinds with this in their name.")] = "",
    out: Out = None,
    json: Annotated[
        Path | None, typer.Option("--json", help="Write the answers there, one a line, as they come.")
    ] = None,
) -> None:
    """Make recognisers in many forms and what looks like one, ask about each, and count."""
    chosen = [case for case in all_cases(zoo, more or [], taught) if only in case.kind]
    answers: list[Answer] = []
    with typer.progressbar(chosen, label="models", file=typer.get_text_stream("stderr")) as watched:
        for case in watched:
            answers.append(ask(case))
            if json:
                json.write_bytes(b"\n".join(map(msgspec.json.encode, answers)))
    deliver(join("## Models that nobody has seen", report(answers)), out)


if __name__ == "__main__":
    run(main)
