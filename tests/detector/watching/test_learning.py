"""A model that nobody can identify, run on the pictures of a camera: whatever runs it, it is found by what it does."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from helpers.recognisers import WAYS, Way
from helpers.runtimes import is_here
from numpy.typing import NDArray

from facewarden.detector import Guard, Site
from facewarden.detector.calls.taps import Taps
from facewarden.detector.identity import Passive
from facewarden.detector.identity.probes import stored_faces
from facewarden.detector.records import JsonLines, Recorder
from facewarden.detector.records.entry import Event
from facewarden.detector.watching.cameras import Cameras
from facewarden.detector.watching.gate import CallGate
from facewarden.detector.watching.learning import learn
from facewarden.detector.watching.models import OpenModel

OBSERVE = msgspec.convert({"enforcement": {"mode": "observe"}}, Site)


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    chosen = WAYS[request.param]
    if not is_here(chosen.needs):
        pytest.skip(f"{chosen.needs.partition('.')[0]} is not installed here: make taps")
    return chosen


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[OpenModel]:
    """The models that a program opens while none of them can be identified."""
    models: list[OpenModel] = []
    monkeypatch.setattr(CallGate, "_identify", lambda *_: None)
    original = CallGate.opened

    def noting(*args: object, **kwargs: object) -> object:
        model = original(*args, **kwargs)  # type: ignore[arg-type]
        if isinstance(model, OpenModel):
            models.append(model)
        return model

    monkeypatch.setattr(CallGate, "opened", noting)
    return models


@pytest.fixture
def taps(way: Way, tmp_path: Path) -> Iterator[Taps]:
    guard = Guard(OBSERVE)
    recorder = Recorder(JsonLines(tmp_path))
    taps = Taps(CallGate(guard, Cameras(guard, {}), recorder), [way.tap])
    taps.install()
    yield taps
    taps.remove()
    recorder.close()


def frames() -> Iterator[NDArray[np.float32]]:
    """Eight people before a camera, six frames each, with the noise and the light of a camera."""
    random = np.random.default_rng(3)
    for face in stored_faces():
        crop = (face[16:128, 16:128].astype(np.float32) - 127.5) / 127.5
        for _ in range(6):
            frame = crop[None, None].repeat(3, 1) * random.uniform(0.95, 1.05) + random.normal(
                0, 0.02, (1, 3, 112, 112)
            )
            yield frame.astype(np.float32)


@pytest.mark.usefixtures("taps")
def test_a_recogniser_is_learned_from_its_own_traffic(
    way: Way, opened: list[OpenModel], recogniser: bytes, tmp_path: Path
) -> None:
    run = way.open(tmp_path, recogniser)
    for frame in frames():
        run(frame)

    model = opened[-1]
    assert (model.learning, model.call.task) == (False, "identification")


def test_what_was_learned_is_an_event_and_the_next_call_is_a_recognition(tmp_path: Path) -> None:
    guard, recorder = Guard(OBSERVE), Recorder(JsonLines(tmp_path))
    gate = CallGate(guard, Cameras(guard, {}), recorder)
    model = gate.opened("x", "model", b"no model at all")
    people = np.linalg.qr(np.random.default_rng(0).normal(size=(32, 8)))[0].T
    for index, frame in enumerate(frames()):
        gate.answered(model, [frame], [people[index // 6][None]])
    gate.admit(model)
    recorder.close()
    events = [msgspec.json.decode(line, type=Event) for line in (tmp_path / "events.jsonl").read_bytes().splitlines()]

    assert any("face_recogniser by the program's own pictures" in event.text for event in events)
    assert b'"task":"identification"' in (tmp_path / "calls.jsonl").read_bytes()


def test_of_several_inputs_and_outputs_those_that_can_be_pictures_and_vectors_are_taken() -> None:
    passive = Passive()
    people = np.linalg.qr(np.random.default_rng(0).normal(size=(32, 8)))[0].T
    found = None
    for index, frame in enumerate(frames()):
        vectors = people[index // 6][None]
        found = learn(passive, ["a name", np.zeros(3), frame], [np.zeros(1), np.array(["label"]), None, vectors])

    assert found
    assert learn(Passive(), [], [np.ones((1, 128))]) is None
