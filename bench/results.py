"""RESULTS.md: every figure that is published, with the command and the machine it comes from."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import cv2
import typer

from ..detector.audit.tables import ProgressWatcher
from ..detector.release import release
from ..models.training.mobility import held_out
from .material.corpus import Clip, read_corpus
from .speed import calls, costs, policy
from .speed.cedar import has_cedar
from .tools.command import EstimatorName, Folder, ModelFolder
from .tools.markdown import join, table
from .truth import accuracy, attribution, environment, identification, peers, phases, replays, sweeps
from .truth.accuracy import EstimatorFor, load_estimator
from .truth.faces import compare as face_comparison

_CPU_INFO = Path("/proc/cpuinfo")
_ACCURACY_NOTE = """\
Each clip is judged with trees learned without the clips of its repository. Only the trees are held out: what is
measured, the ramps that turn it into evidence, and the thresholds of a verdict were chosen with all of these clips in
sight. Expect less on others."""


def main(
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", help="Where the results go.")] = Path(__file__).parent / "RESULTS.md",
    estimator: EstimatorName = None,
    faces: Annotated[Path | None, typer.Option("--faces", help="Labelled faces, for one more section.")] = None,
    models: ModelFolder = None,
) -> None:
    """Measure accuracy, peers, sweeps and cost, and write them down with where they come from.

    Each clip is judged with trees learned without the clips of its repository, unless --estimator says otherwise.
    """
    clips = read_corpus(folder)
    started = datetime.now(UTC)
    body = measure(clips, load_estimator(estimator) or held_out.left_out(clips), faces and faces / "images")
    if models:
        body = join(body, "## Identification of models", identification.measure(identification.read_models(models)))
    if faces:
        body = join(body, "## Faces", face_comparison.measure(faces, models))
    minutes = (datetime.now(UTC) - started).total_seconds() / 60
    out.write_text(join("# Results", _head(clips, started, minutes), body), encoding="utf-8")


def measure(clips: Sequence[Clip], estimator_for: EstimatorFor | None = None, photos: Path | None = None) -> str:
    """All sections that need clips or nothing. Cost comes first, while no other work has heated or filled anything."""
    footage = costs.render()
    cost = costs.report(footage)
    with ProgressWatcher() as watcher:
        rows = accuracy.measure(list(clips), watcher, estimator_for)
        places = environment.measure(clips, watcher)
    return join(
        "## Accuracy",
        _ACCURACY_NOTE,
        accuracy.report(rows),
        "### From other pictures",
        phases.report(phases.measure(clips, estimator_for)),
        *(("## Environment", environment.report(places)) if places else ()),
        "## Attribution by content",
        attribution.measure(clips, photos=photos),
        "## Live sessions, gone through again",
        replays.report(replays.measure(clips)),
        "## Peers",
        peers.measure(clips, footage, estimator_for),
        "## Sweeps",
        sweeps.measure(),
        "## Policy",
        policy.measure(),
        "## Cost",
        cost,
        "## Calls",
        calls.report(),
    )


def _head(clips: Sequence[Clip], started: datetime, minutes: float) -> str:
    return join(
        "```sh\npython -m facewarden.bench FOLDER [--faces FACES] [--models MODELS]\n```",
        f"FOLDER held {len(clips)} labelled clips. They are other people's and not ours to pass on; INDEX.tsv names "
        "the repository, commit and path of each.",
        table(("what", "which"), [*machine().items(), ("date", f"{started:%Y-%m-%d}"), ("took", f"{minutes:.0f} min")]),
    )


def machine() -> dict[str, str]:
    """What the figures depend on besides the code."""
    norfair = version("norfair") if peers.has_norfair() else "not installed"
    return {
        "CPU": f"{_cpu_model()}, {os.cpu_count()} cores, OpenCV on one thread",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "OpenCV": cv2.__version__,
        "numpy": version("numpy"),
        "PyAV": version("av"),
        "ONNX Runtime": version("onnxruntime"),
        "norfair": norfair,
        "cedarpy": version("cedarpy") if has_cedar() else "not installed",
        "facewarden": release(),
    }


def _cpu_model() -> str:
    lines = _CPU_INFO.read_text(encoding="utf-8").splitlines() if _CPU_INFO.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
