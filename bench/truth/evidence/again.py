"""Clips shown live to a guard that has too little time, recorded, and gone through again."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from ....detector.admission import Admission
from ....detector.audit.past_records import audit_record
from ....detector.audit.redeciding import Redecision
from ....detector.budget import Allowance
from ....detector.calls import Call
from ....detector.calls.attribution.attribution import Attribution
from ....detector.clock import Clock, ManualClock
from ....detector.enforcement import Enforcement
from ....detector.errors import InputError
from ....detector.guard import Guard
from ....detector.ledger.sink import open_record
from ....detector.recording import Recording
from ....detector.recording.coverage import Covered
from ....detector.recording.replayed import Replayed
from ....detector.records import Recorder
from ....detector.sight.state import STALE_S
from ....streams.frame import Frame
from ....streams.source import open_source

_BEGAN: Final = 1_790_000_000.0
# Pictures from a call to the next; of a camera whose pictures come late, the most milliseconds.
_EVERY, _LATE_MS = 17, 80
# Messages of a recording that may wait: pictures come here as fast as they are decoded, and not as they were taken.
_WAITING: Final = 1_000_000


class Load(NamedTuple):
    """What a session may cost, milliseconds of processor time a second: of its source, and of the process."""

    own: float
    all: float


class Session(NamedTuple):
    """A clip, shown live and gone through again.

    Attributes:
        name: of the clip.
        replayed: what came of its recording.
        known: whether the ledger knows the recording, by its hash.
        decided: calls of the ledger that were decided again, of which `otherwise` came out otherwise.
        holds: whether the ledger does.
        camera: what was believed of it in the end.
    """

    name: str
    replayed: Replayed
    known: bool
    decided: int
    otherwise: int
    holds: bool
    camera: str

    @property
    def same(self) -> bool:
        """Whether all of it came out the same, and its ledger proves it."""
        return self.replayed.same and not self.replayed.lost and self.known and self.holds and not self.otherwise

    @property
    def covered(self) -> Covered:
        """What became of its pictures."""
        return self.replayed.coverage[0]


def live_and_again(name: str, url: str, folder: Path, load: Load, seconds: float) -> Session:
    """Show the first seconds of a clip to a live guard, with calls on it and on no known source, and after it has long
    been silent; then go through the recording again, and audit the ledger of it.

    Raises:
        SourceError: it cannot be read.
    """
    path, camera = _live(name, url, folder, load, seconds)
    replayed, lines, _ = audit_record(str(path), None, None)
    redecided, _, _ = audit_record(str(folder), None, None)
    if not isinstance(replayed, Replayed) or not isinstance(redecided, Redecision):
        raise InputError(f"{path}: no recording with a ledger")
    known = any("as entry" in line for line in lines)
    return Session(name, replayed, known, redecided.calls, len(redecided.otherwise), not redecided.faults, camera)


def _live(name: str, url: str, folder: Path, load: Load, seconds: float) -> tuple[Path, str]:
    """A session; gives its recording, and what was believed of the camera."""
    clock = ManualClock(1000.0, _BEGAN)
    recording, recorder = _opened(folder, clock)
    guard = Guard(clock=clock, recording=recording, budget_ms=load.own, allowance=Allowance(load.all))
    admission = Admission(_whose, guard.judge_on, Enforcement(), recorder)
    with closing(recorder), closing(recording), open_source(url, name) as source:
        for number, frame in enumerate(_arriving(source, clock, seconds)):
            guard.observe(frame)
            if number % _EVERY == _EVERY // 2:
                admission.admit(Call(source=(name, None)[number % 2]))
        clock.advance(STALE_S + 1)
        admission.admit(Call(source=name, service="azure_openai"))
        recording.close()
    return recording.path, guard.watch(name).last.camera


def _opened(folder: Path, clock: Clock) -> tuple[Recording, Recorder]:
    recorder = Recorder(open_record(folder))
    told = partial(recorder.event, "recording")
    return Recording(folder, keep_looks=True, clock=clock, most=_WAITING, told=told), recorder


def _whose(call: Call, pictures: Iterable[object], baggage: str = "") -> Attribution | None:  # noqa: ARG001
    return None if call.source is None else Attribution(call.source, "call", 1.0)


def _arriving(frames: Iterable[Frame], clock: ManualClock, seconds: float) -> Iterator[Frame]:
    """Pictures as a network delivers them: late, and some in a bunch; the clock has come to each."""
    random, began = np.random.default_rng(14), clock.seconds
    for frame in frames:
        if frame.media_time >= seconds:
            return
        due = began + frame.media_time + random.random() * _LATE_MS / 1000
        clock.advance(max(0.0, due - clock.seconds))
        yield replace(frame, received_at=clock.seconds)
