from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnxruntime
import pytest

from facewarden.detector import Guard, ProhibitedInference, Site
from facewarden.detector.calls import Call
from facewarden.detector.calls.aside import aside
from facewarden.detector.calls.attribution import Attribution
from facewarden.detector.enforcement import Enforcement
from facewarden.detector.records import Decided, Event, JsonLines, Looked, Recorder, Tee, Verdict, read_entries
from facewarden.detector.watching.cameras import Cameras
from facewarden.detector.watching.gate import CallGate
from facewarden.streams.frame import Frame, PackedPixels, Pixels
from facewarden.streams.synthetic import SyntheticSource

STREET = {
    "operator": "us_police",
    "on_behalf_of": "nobody",
    "service": "azure_openai",
    "date": "2026-01-02",
    "consent": "valid",
    "surveillance": False,
    "limited_access_approved": True,
}
PICTURE = PackedPixels(np.zeros((48, 64, 3), np.uint8), "bgr")

Made = Callable[..., CallGate]


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(JsonLines(tmp_path))


@pytest.fixture
def gate_of(recorder: Recorder) -> Made:
    def make(facts: dict[str, object] = STREET, kind: type[Cameras] = Cameras, **enforcement: object) -> CallGate:
        guard = Guard(Site(facts=facts, enforcement=msgspec.convert(enforcement, Enforcement)), record=recorder)
        return CallGate(guard, kind(guard, {}), recorder)

    return make


def calls(recorder: Recorder, folder: Path) -> list[Decided]:
    recorder.close()
    return [entry for entry in read_entries(folder / "calls.jsonl") if isinstance(entry, Decided)]


def failures(recorder: Recorder, folder: Path) -> list[str]:
    recorder.close()
    events = (entry for entry in read_entries(folder / "events.jsonl") if isinstance(entry, Event))
    return [event.text for event in events if event.kind == "failure"]


def test_a_prohibited_call_is_refused_and_recorded(gate_of: Made, recorder: Recorder, tmp_path: Path) -> None:
    gate = gate_of()
    model = gate.opened("dlib", "face_recognition_model_v1", task="identification")
    with pytest.raises(ProhibitedInference, match="MS-AOAI-1") as refusal:
        gate.admit(model)

    assert refusal.value.decision.effect == "prohibited"
    (record,) = calls(recorder, tmp_path)
    assert (record.runtime, record.effect, record.refused) == ("dlib", "prohibited", True)


def test_an_allowed_call_is_recorded_and_let_through(gate_of: Made, recorder: Recorder, tmp_path: Path) -> None:
    gate = gate_of({**STREET, "operator": "private"})
    gate.admit(gate.opened("dlib", "face_recognition_model_v1", task="identification"))
    assert [record.refused for record in calls(recorder, tmp_path)] == [False]


@pytest.mark.parametrize(("task", "watched"), [("identification", True), ("verification", True), ("detection", False)])
def test_what_makes_no_template_is_not_watched(gate_of: Made, task: str, watched: bool) -> None:
    assert gate_of().opened("opencv", "FaceDetectorYN", task=task).watched is watched


def test_who_only_observes_refuses_nothing_but_records_all(gate_of: Made, recorder: Recorder, tmp_path: Path) -> None:
    gate = gate_of(mode="observe")
    gate.admit(gate.opened("dlib", "face_recognition_model_v1", task="identification"))
    (record,) = calls(recorder, tmp_path)
    assert (record.effect, record.refused) == ("prohibited", False)


def test_the_models_of_a_program_are_local_unless_its_site_says_whom_they_serve(
    gate_of: Made, recorder: Recorder, tmp_path: Path
) -> None:
    gate = gate_of({name: value for name, value in STREET.items() if name != "service"})
    gate.admit(gate.opened("dlib", "face_recognition_model_v1", task="identification"))
    assert calls(recorder, tmp_path)[0].service == "local"


def test_a_request_under_a_judged_call_is_not_judged_again(gate_of: Made, recorder: Recorder, tmp_path: Path) -> None:
    gate = gate_of()
    with aside():
        gate.request(Call(service="azure_openai"))
        assert not gate.opened("onnxruntime", "probe").watched
    assert calls(recorder, tmp_path) == []


def test_a_lost_tap_holds_every_watched_call(gate_of: Made) -> None:
    gate = gate_of({**STREET, "operator": "private"})
    gate.admission.closed = "a tap is lost (onnxruntime)"
    with pytest.raises(ProhibitedInference, match="a tap is lost") as refusal:
        gate.request(Call(service="azure_openai"))
    assert refusal.value.decision.effect == "hold"


class Full(Tee):
    """A sink for which there is no room."""

    @property
    def failed(self) -> str:
        return "No space left on device"


def test_a_record_that_cannot_be_written_holds_every_watched_call() -> None:
    guard = Guard(Site(facts={**STREET, "operator": "private"}))
    gate = CallGate(guard, Cameras(guard, {}), Recorder(Full()))
    with pytest.raises(ProhibitedInference, match="No space left"):
        gate.request(Call(service="azure_openai"))


class Broken(Cameras):
    """Cameras of which nothing works."""

    def attribute(self, call: Call, pictures: Iterable[object], baggage: str = "") -> Attribution | None:  # noqa: ARG002
        raise OSError("of the test")

    def picture(self, url: str, pixels: Pixels, at: float, reader: object = None) -> Frame:  # noqa: ARG002
        raise OSError("of the test")


def test_a_failure_of_ours_holds_the_call(gate_of: Made, recorder: Recorder, tmp_path: Path) -> None:
    gate = gate_of({**STREET, "operator": "private"}, Broken)
    with pytest.raises(ProhibitedInference, match="facewarden itself failed"):
        gate.request(Call(service="azure_openai"))
    assert failures(recorder, tmp_path) == ["a call could not be judged: OSError: of the test"]


def test_a_picture_that_cannot_be_looked_at_never_troubles_the_program(
    gate_of: Made, recorder: Recorder, tmp_path: Path
) -> None:
    gate_of(kind=Broken).picture("rtsp://user:secret@10.0.0.7/lobby", PICTURE, 0.0)
    assert failures(recorder, tmp_path) == [
        "a picture of rtsp://***@10.0.0.7/lobby could not be looked at: OSError: of the test"
    ]


def test_a_model_that_cannot_be_identified_is_watched_with_its_task_unknown(
    gate_of: Made, recorder: Recorder, tmp_path: Path
) -> None:
    gate = gate_of()
    model = gate.opened("onnxruntime", "model.onnx", b"no model at all")
    assert model.watched
    with pytest.raises(ProhibitedInference, match="task") as refusal:
        gate.admit(model)
    assert refusal.value.decision.effect == "hold"
    with pytest.raises(ProhibitedInference):
        gate.admit(model, [np.zeros((1, 3, 112, 112), np.float32)])
    assert calls(recorder, tmp_path)[0].task is None


def shown(*shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


@pytest.mark.parametrize(
    "inputs",
    [
        [shown(1, 12).astype(np.int64)],
        [shown(1, 16000)],
        [shown(1, 12, 64)],
        [shown(2, 64, 28, 28)],
        [shown(1, 3, 127, 127), shown(1, 3, 255, 255)],
    ],
)
def test_a_call_of_an_unknown_model_without_a_picture_is_none(
    gate_of: Made, recorder: Recorder, tmp_path: Path, inputs: list[object]
) -> None:
    gate = gate_of()
    gate.admit(gate.opened("onnxruntime", "model.onnx", b"no model at all"), inputs)
    gate.admit(gate.opened("pytorch", "Net", run=lambda _: []), inputs)
    assert calls(recorder, tmp_path) == []


def test_what_a_model_does_is_tried_when_it_is_first_given_a_picture(gate_of: Made) -> None:
    shapes: list[tuple[int, ...]] = []

    def run(batch: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> list[np.ndarray]:
        shapes.append(batch.shape)
        return [batch]

    gate = gate_of()
    model = gate.opened("pytorch", "Net", run=run)
    assert (shapes, model.watched) == ([], True)
    gate.admit(model, [shown(1, 1, 32, 32)])
    assert set(shapes) == {(1, 1, 32, 32)}
    assert not model.watched


def test_a_recogniser_of_which_only_a_callable_is_known_is_found_by_what_it_gives(
    gate_of: Made, recorder: Recorder, tmp_path: Path, recogniser: bytes
) -> None:
    session = onnxruntime.InferenceSession(recogniser, providers=["CPUExecutionProvider"])
    gate = gate_of()
    model = gate.opened("pytorch", "Net", run=lambda batch: [np.asarray(session.run(None, {"in": batch})[0])])
    with pytest.raises(ProhibitedInference):
        gate.admit(model, [shown(1, 3, 112, 112)])
    gate.admit(model, [shown(1, 64, 28, 28)])  # of one of its layers

    assert [call.task for call in calls(recorder, tmp_path)] == ["identification"]


def test_a_recogniser_that_takes_a_list_of_pictures_is_found(gate_of: Made, recogniser: bytes) -> None:
    session = onnxruntime.InferenceSession(recogniser, providers=["CPUExecutionProvider"])

    def run(pictures: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> list[np.ndarray]:
        return [np.concatenate([np.asarray(session.run(None, {"in": one[np.newaxis]})[0]) for one in pictures])]

    gate = gate_of()
    model = gate.opened("pytorch", "Net", run=run)
    with pytest.raises(ProhibitedInference, match="Prohibited"):
        gate.admit(model, [shown(3, 112, 112)] * 2)
    assert model.watched


def test_zeros_that_warm_a_recogniser_up_are_no_call_until_it_is_shown_something(
    gate_of: Made, recorder: Recorder, tmp_path: Path
) -> None:
    gate, blank = gate_of(), np.zeros((1, 3, 112, 112), np.float32)
    model = gate.opened("onnxruntime", "model.onnx", task="identification")
    gate.admit(model, [blank])
    gate.admit(model, [blank, np.full((2, 2), 7)])
    assert calls(recorder, tmp_path) == []

    for inputs in ([shown(1, 3, 112, 112)], [blank]):
        with pytest.raises(ProhibitedInference):
            gate.admit(model, inputs)


def test_a_face_that_another_thread_shows_while_zeros_warm_a_recogniser_up_is_a_call_and_ends_the_warming(
    gate_of: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, looked = gate_of(), []
    model = gate.opened("onnxruntime", "model.onnx", task="identification")

    def shows_nobody(inputs: list[object]) -> bool:
        looked.append(inputs)
        if len(looked) == 1:
            with pytest.raises(ProhibitedInference):
                gate.admit(model, ["a face"])
            return True
        return False

    monkeypatch.setattr("facewarden.detector.watching.models.shows_nobody", shows_nobody)
    gate.admit(model, ["zeros"])
    with pytest.raises(ProhibitedInference):
        gate.admit(model, ["zeros"])
    assert len(looked) == 2


@pytest.mark.parametrize(
    "inputs",
    [
        [],
        [b"\xff\xd8\xff"],
        [np.full((3, 16, 16), np.nan)],
        [object()],
        [np.full(1, 0.5, np.float32)],
        [np.zeros((1, 3, 112, 112)), object()],
    ],
)
def test_what_cannot_be_seen_to_be_blank_is_a_call(gate_of: Made, inputs: list[object]) -> None:
    gate = gate_of()
    with pytest.raises(ProhibitedInference):
        gate.admit(gate.opened("onnxruntime", "model.onnx", task="identification"), inputs)


def test_what_is_believed_of_a_camera_is_on_record_when_it_changes(
    gate_of: Made, recorder: Recorder, tmp_path: Path
) -> None:
    gate = gate_of()
    for frame in SyntheticSource("body", seed=17, seconds=5, fps=10, size=(320, 180)):
        gate.picture("patrol", frame.pixels, frame.media_time)
    gate.end()
    recorder.close()
    entries = [*read_entries(tmp_path / "events.jsonl")]
    verdicts = [entry for entry in entries if isinstance(entry, Verdict)]

    assert [verdict.mobility.value for verdict in verdicts][:1] == ["mobile"]
    assert all(verdict.source == "patrol" for verdict in verdicts)
    assert len(verdicts) <= 2
    (looked,) = (entry for entry in entries if isinstance(entry, Looked))
    assert looked.source == "patrol"
    assert sum(looked.pictures[fate] for fate in ("analysed", "skipped", "dropped", "unreadable")) == 50
