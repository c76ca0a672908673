"""RESULTS.md: every figure that is published, section by section, each with the command and the machine it comes from.

A section that is measured again takes the place of the one before; what other commands have made stays.
"""

import os
import platform
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import cv2
import typer

from ..detector.audit.tables import ProgressWatcher
from ..detector.errors import InputError
from ..detector.release import release
from ..models.training.mobility import held_out
from .material.corpus import Clip, read_corpus
from .speed import calls, costs, overload, planted, policy
from .speed.cedar import has_cedar
from .tools.command import EstimatorName, Folders, ModelFolder
from .tools.markdown import join
from .truth import accuracy, attribution, environment, identification, peers, phases, replays, sweeps
from .truth.accuracy import EstimatorFor, load_estimator
from .truth.faces import compare as face_comparison

_CPU_INFO = Path("/proc/cpuinfo")
_OUT: Final = Path(__file__).parent / "RESULTS.md"
_HEAD: Final = """\
# Results

Each section says which command made it, when, and on which machine. CLIPS are folders of labelled clips, FACES of
labelled pictures, MODELS of labelled model files: other people's, and not ours to pass on; their INDEX.tsv names the
repository, commit and path of each. KEPT is what training keeps of clips, WITNESSES are networks that have each not
seen a sixth of them (`facewarden.models.training.mobility`)."""
_ACCURACY_NOTE: Final = """\
Each clip is judged with trees learned without the clips of its repository. Only the trees are held out: what is
measured, the ramps that turn it into evidence, and the thresholds of a verdict were chosen with all of these clips in
sight. Expect less on others."""


class Material:
    """What sections are measured on; each part is read, made or learned when it is first asked for.

    Attributes:
        faces, models: folders; None where there is none.
    """

    def __init__(
        self,
        folders: Iterable[Path],
        learned: Callable[[Sequence[Clip]], EstimatorFor],
        faces: Path | None,
        models: Path | None,
    ) -> None:
        self._folders, self._learned, self.faces, self.models = tuple(folders), learned, faces, models

    @cached_property
    def clips(self) -> Sequence[Clip]:
        """The labelled clips."""
        return [clip for folder in self._folders for clip in read_corpus(folder)]

    @cached_property
    def estimator_for(self) -> EstimatorFor:
        """What judges a clip: learned without its repository, unless told otherwise."""
        return self._learned(self.clips)

    @cached_property
    def footage(self) -> costs.Footage:
        """Rendered pictures."""
        return costs.render()


@dataclass(frozen=True)
class Section:
    """A part of the results.

    Attributes:
        title: what it is called.
        measure: gives its text.
        needs: the folder that it needs beside the clips. uses: one that it makes use of where it is given.
        learned: whether clips are judged by what was learned without their repository.
        only: whether it takes so long that it has to be asked for.
    """

    title: str
    measure: Callable[[Material], str]
    needs: str | None = None
    uses: str | None = None
    learned: bool = False
    only: bool = False


def _accuracy(of: Material) -> str:
    with ProgressWatcher() as watcher:
        return join(_ACCURACY_NOTE, accuracy.report(accuracy.measure(list(of.clips), watcher, of.estimator_for)))


def _environment(of: Material) -> str:
    with ProgressWatcher() as watcher:
        return environment.report(environment.measure(of.clips, watcher))


# Cost comes first, while no other work has heated or filled anything.
SECTIONS: Final[dict[str, Section]] = {
    "cost": Section("Cost", lambda of: costs.report(of.footage)),
    "calls": Section("Calls", lambda _: calls.report()),
    "policy": Section("Policy", lambda _: policy.measure()),
    "accuracy": Section("Accuracy", _accuracy, learned=True),
    "phases": Section(
        "Accuracy from other pictures",
        lambda of: phases.report(phases.measure(of.clips, of.estimator_for)),
        learned=True,
    ),
    "environment": Section("Environment", _environment),
    "attribution": Section(
        "Attribution by content",
        lambda of: attribution.measure(of.clips, photos=of.faces and of.faces / "images"),
        uses="faces",
    ),
    "replays": Section(
        "Live sessions, gone through again", lambda of: replays.report(replays.measure(of.clips))
    ),
    "peers": Section("Peers", lambda of: peers.measure(of.clips, of.footage, of.estimator_for), learned=True),
    "sweeps": Section("Sweeps", lambda _: sweeps.measure()),
    "models": Section(
        "Identification of models",
        lambda of: identification.measure(identification.read_models(_given(of.models))),
        needs="models",
    ),
    "faces": Section("Faces", lambda of: face_comparison.measure(_given(of.faces), of.models), needs="faces"),
    "overload": Section("Overload", lambda _: overload.report(8, 10.0), only=True),
    "planted": Section("Planted slow-downs", lambda _: planted.report(), only=True),
}  # fmt: skip


def main(
    folders: Folders,
    out: Annotated[Path, typer.Option("--out", help="Where the results are, and go.")] = _OUT,
    only: Annotated[
        list[str] | None, typer.Option("--only", help=f"A section: {', '.join(SECTIONS)}.", metavar="SECTION")
    ] = None,
    estimator: EstimatorName = None,
    faces: Annotated[Path | None, typer.Option("--faces", help="Labelled faces, for one more section.")] = None,
    models: ModelFolder = None,
    networks: Annotated[Path | None, typer.Option(help="Witnesses, each made without a sixth of the clips.")] = None,
    kept: Annotated[
        Path | None, typer.Option(help="What training's `measure` kept of these clips: saves hours.")
    ] = None,
) -> None:
    """Measure everything that is published, or some of it, and write it down with where it comes from.

    Each clip is judged with trees learned without the clips of its repository, unless --estimator says otherwise.
    """

    def learned(clips: Sequence[Clip]) -> EstimatorFor:
        return load_estimator(estimator) or held_out.left_out(clips, networks, kept)

    material = Material(folders, learned, faces, models)
    for name in _wanted(only, material):
        section, started = SECTIONS[name], datetime.now(UTC)
        body = section.measure(material)
        made = join(f"## {section.title}", _made(name, section, started), body)
        before = out.read_text(encoding="utf-8") if out.exists() else ""
        out.write_text(replaced(before, made), encoding="utf-8")


def replaced(text: str, section: str) -> str:
    """Results with a section in the place of the one of its title, or at the end.

    Args:
        text: results so far; empty where there are none.
        section: begins with `## ` and its title.
    """
    parts = re.split(r"(?m)^(?=## )", text)[1:]
    title = section.partition("\n")[0]
    titles = [part.partition("\n")[0] for part in parts]
    if title in titles:
        parts[titles.index(title)] = section
    else:
        parts.append(section)
    return join(_HEAD, *parts)


def _wanted(only: Sequence[str] | None, material: Material) -> Iterable[str]:
    if unknown := [name for name in only or () if name not in SECTIONS]:
        raise InputError(f"--only {unknown[0]}: is no section; there are {', '.join(SECTIONS)}")
    given = {None, *(name for name in ("faces", "models") if getattr(material, name))}
    for name, section in SECTIONS.items():
        if only and name in only and section.needs not in given:
            raise InputError(f"--only {name}: needs --{section.needs}")
        if name in only if only else section.needs in given and not section.only:
            yield name


def _given(folder: Path | None) -> Path:
    assert folder is not None, "asked for by the table of sections"
    return folder


def _made(name: str, section: Section, started: datetime) -> str:
    """By which command, when, and on what."""
    words = ["python -m facewarden.bench CLIPS... --only", name]
    words += ["--kept KEPT --networks WITNESSES"] if section.learned else []
    words += [f"--{folder} {folder.upper()}" for folder in (section.needs, section.uses) if folder]
    minutes = (datetime.now(UTC) - started).total_seconds() / 60
    return join(f"```sh\n{' '.join(words)}\n```", f"{'; '.join(machine())}; {started:%Y-%m-%d}, {minutes:.1f} min.")


def machine() -> list[str]:
    """What the figures depend on besides the code."""
    beside = [name for name, has in (("norfair", peers.has_norfair()), ("cedarpy", has_cedar())) if has]
    return [
        f"facewarden {release()}",
        f"{os.cpu_count()} cores of {_cpu_model()}, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
        f"OpenCV {cv2.__version__}",
        *(f"{name} {version(name)}" for name in ("numpy", "av", "onnxruntime", *beside)),
    ]


def _cpu_model() -> str:
    lines = _CPU_INFO.read_text(encoding="utf-8").splitlines() if _CPU_INFO.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
