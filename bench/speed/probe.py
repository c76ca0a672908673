# pyright: basic, reportMissingImports=false, reportArgumentType=false
"""The stages of the product, each as work that can be done again and again.

It is a module of this package, and also a script that runs alone with another version of facewarden on the path:
`python probe.py PICTURES` does what it is asked on standard input, `python probe.py` prints how much memory a picture
leaves behind. So it asks for public names alone, by their whole
names, and leaves out a stage that a version does not have.
"""

import atexit
import gc
import json
import sys
import tracemalloc
from collections.abc import Callable
from functools import cache
from itertools import combinations
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import mkdtemp
from time import thread_time_ns
from typing import Any, Final

import cv2
import numpy as np

Work = Callable[[], object]
RATE: Final = 30
SIZES: Final = {"720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160)}
# Processor time of a sample: many short ones in turns say more than a few long ones, of which one meets a neighbour.
SAMPLE_NS: Final = 4_000_000
_SCENES: Final = ("body", "fixed", "crowd")
_SEED, _PICTURES, _BEGINNING = 1, 20, 120
_FILLING, _BLOCKS, _BLOCK = 2400, 12, 150


def footage(size: tuple[int, int], layout: str, scene: str = "body") -> list[Any]:
    """Pictures of a rendered camera, uint8: luma, shape (h, w), or BGR, shape (h, w, 3). Small ones, enlarged."""
    colour = [cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR) for picture in rendered(scene)]
    return colour if layout == "bgr" else [cv2.cvtColor(one, cv2.COLOR_BGR2GRAY) for one in colour]


@cache
def rendered(scene: str) -> Any:
    """BGR, uint8, shape (n, 360, 640, 3)."""
    from facewarden.streams.synthetic import SyntheticSource

    frames = SyntheticSource(scene, seed=_SEED, seconds=_PICTURES / RATE, fps=RATE, size=(640, 360), layout="bgr")
    return np.stack([frame.bgr() for frame in frames])


def save_pictures(path: Path) -> None:
    """Render what `serve` hands over: both versions are then given the same, whatever each would have rendered."""
    np.savez(path, **{scene: rendered(scene) for scene in _SCENES})


def to_and_fro(index: int, count: int) -> int:
    """0, 1, ... count - 1, count - 2, ... 0, 1, ...: motion without a cut."""
    within = index % max(1, 2 * count - 2)
    return min(within, 2 * count - 2 - within)


class Handed:
    """Hands pictures of some sources over to a guard, one after the other, as a host does."""

    def __init__(self, pictures: list[Any], layout: str, sources: int = 1, guard: Any = None) -> None:
        from facewarden.detector import Guard
        from facewarden.streams.push import PushSource

        self._pictures, self._layout = pictures, layout
        self._guard = guard or Guard(live=False)
        self._sources = [PushSource(f"bench-{number}", step=1 / RATE) for number in range(sources)]
        self.handed = 0

    def __call__(self) -> None:
        turn, source = divmod(self.handed, len(self._sources))
        picture = self._pictures[to_and_fro(turn, len(self._pictures))]
        self._guard.observe(self._sources[source].frame(picture, turn / RATE, self._layout))
        self.handed += 1


def _frame(size: str, layout: str) -> Work:
    handed = Handed(footage(SIZES[size], layout), layout)
    for _ in range(_BEGINNING):  # the first seconds of a source cost more, and are not what is compared
        handed()
    return handed


def _luma() -> Work:
    from facewarden.streams.push import PushSource

    source, pictures = PushSource("bench"), footage(SIZES["1080p"], "bgr")
    turns = _Counter()
    return lambda: source.frame(pictures[turns() % len(pictures)], turns.now / RATE, "bgr").thumbnail(320)


def _mobility() -> Work:
    from facewarden.detector.mobility import MobilityEstimator

    pictures, estimator, turns = footage((320, 180), "gray"), MobilityEstimator(), _Counter()
    return lambda: estimator.update(pictures[to_and_fro(turns(), len(pictures))], turns.now / 10)


def _environment() -> Work:
    from facewarden.detector.environment import EnvironmentEstimator
    from facewarden.streams.push import PushSource

    pictures, estimator, turns = footage((320, 180), "gray", "fixed"), EnvironmentEstimator(), _Counter()
    source = PushSource("bench")

    def work() -> None:
        picture = pictures[to_and_fro(turns(), len(pictures))]
        estimator.update(picture, source.frame(picture, turns.now / 10, "gray"), "fixed")

    return work


def _faces() -> Work:
    from facewarden.detector.environment import load_detector

    detector, (picture, *_) = load_detector(), footage((320, 180), "gray", "crowd")
    return lambda: detector.detect(picture)


def _keep() -> Work:
    from facewarden.detector.calls.attribution import Recent
    from facewarden.streams.push import PushSource

    source, pictures, recent, turns = PushSource("bench"), footage(SIZES["1080p"], "gray"), Recent(), _Counter()
    return lambda: recent.add(source.frame(pictures[turns() % len(pictures)], turns.now / RATE, "gray"))


def _find() -> Work:
    from facewarden.detector.calls.attribution import Recent, match
    from facewarden.streams.push import PushSource

    pictures, recent = footage((640, 360), "gray"), Recent()
    source = PushSource("bench")
    for number, picture in enumerate(pictures):
        recent.add(source.frame(picture, number / RATE, "gray"))
    given = cv2.resize(footage((640, 360), "bgr")[-2], (320, 320)).astype(np.float32) / 255
    return lambda: match([given], {"bench": recent})


def _decide(remembered: bool) -> Work:
    from facewarden.detector.facts import check_facts
    from facewarden.detector.policy import Policy, load_packs
    from facewarden.detector.policy.cases import shipped_vectors
    from facewarden.detector.policy.pack import shipped_packs

    policy, turns = Policy(load_packs(shipped_packs())), _Counter()
    facts = [check_facts(vector.facts) for vector in shipped_vectors()]
    work, given = (policy, facts) if remembered else (policy.judge, [tuple(one.items()) for one in facts])
    for one in given:  # the first time costs more, and is not what is compared
        work(one)
    return lambda: work(given[turns() % len(given)])


def _call() -> Work:
    from facewarden.detector import Call, Guard

    guard, call = Guard(live=True), Call(source="cam", service="azure_openai", task="identification")
    return lambda: guard.authorise(call)


def _admission() -> Work:
    from facewarden.detector import Call, Guard
    from facewarden.detector.admission import Admission
    from facewarden.detector.enforcement import Enforcement
    from facewarden.detector.records import JsonLines, Recorder

    guard = Guard(live=True)
    folder = mkdtemp(prefix="facewarden-bench-")
    atexit.register(rmtree, folder, ignore_errors=True)
    recorder = Recorder(JsonLines(Path(folder)))
    admission, call = (
        Admission(lambda *_: None, guard.judge_on, Enforcement(), recorder),
        Call(source="cam", service="azure_openai", task="identification"),
    )
    return lambda: admission.admit(call)


def _registers() -> Work:
    """A control that lives in the registers: nothing that is measured here can change it."""

    def work() -> int:
        total = 0
        for number in range(20_000):
            total = (total * 31 + number) & 0xFFFF
        return total

    return work


def _memory() -> Work:
    """A control that lives in memory."""
    data = np.ones(8_000_000, np.float32)
    return data.sum


class _Counter:
    def __init__(self) -> None:
        self.now = -1

    def __call__(self) -> int:
        self.now += 1
        return self.now


CONTROLS: Final[dict[str, Callable[[], Work]]] = {"registers": _registers, "memory": _memory}
STAGES: Final[dict[str, Callable[[], Work]]] = {
    "frame 1080p luma": lambda: _frame("1080p", "gray"),
    "frame 1080p bgr": lambda: _frame("1080p", "bgr"),
    "luma": _luma,
    "mobility": _mobility,
    "environment": _environment,
    "faces": _faces,
    "attribution keep": _keep,
    "attribution find": _find,
    "decide anew": lambda: _decide(False),
    "decide remembered": lambda: _decide(True),
    "call": _call,
    "admission": _admission,
}


def sample(work: Work, least_ns: int = SAMPLE_NS) -> float:
    """Nanoseconds of this thread's processor time that the work takes, once, over at least so many."""
    done, started = 0, thread_time_ns()
    while True:
        work()
        done += 1
        if done & (done - 1) == 0 or done % 64 == 0:  # the clock is asked seldom where the work is short
            spent = thread_time_ns() - started
            if spent >= least_ns:
                return spent / done


def timed(work: Work, times: int) -> int:
    """Nanoseconds of this thread's processor time that the work takes, done so many times."""
    started = thread_time_ns()
    for _ in range(times):
        work()
    return thread_time_ns() - started


def growth() -> float:
    """Bytes of Python's and NumPy's memory that a picture leaves behind in a guard, by the middle one of many slopes.

    Only after 80 s of pictures: what a source remembers of the last minute is filled first, and then turns over.
    """
    tracemalloc.start()
    handed = Handed(footage((320, 180), "gray"), "gray")
    timed(handed, _FILLING)
    kept: list[int] = []
    for _ in range(_BLOCKS):
        timed(handed, _BLOCK)
        gc.collect()
        kept.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    slopes = [(kept[later] - kept[one]) / (later - one) for one, later in combinations(range(_BLOCKS), 2)]
    return median(slopes) / _BLOCK


def serve(pictures: str) -> None:
    """Answer each line on standard input, `TIMES STAGE`, by the nanoseconds of it; null where this version lacks it."""
    globals().update(rendered=np.load(pictures).__getitem__, footage=cache(footage))
    cv2.setNumThreads(1)
    made: dict[str, Work] = {}
    for line in sys.stdin:
        times, name = line.rstrip("\n").split(" ", 1)
        try:
            if name not in made:
                made[name] = {**CONTROLS, **STAGES}[name]()
                gc.freeze()  # what stays is not looked through again in the middle of a sample
            spent = timed(made[name], int(times))
        except (ImportError, AttributeError, TypeError):
            spent = None
        print(json.dumps(spent), flush=True)  # noqa: T201 - it is the answer


if __name__ == "__main__":
    if sys.argv[1:]:
        serve(sys.argv[1])
    else:
        print(growth())  # noqa: T201 - likewise
