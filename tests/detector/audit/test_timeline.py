from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from facewarden.detector.audit import Answer, Replay, timeline
from facewarden.detector.audit.timeline import Timeline, Tracer
from facewarden.detector.guard import Guard
from facewarden.detector.naming import name_sources
from facewarden.detector.sight.state import SourceState
from facewarden.streams.frame import Frame, PlanarPixels

BODY = "unit=synthetic:body?seed=17&seconds=6"


class Nobody:
    def begin(self, source: str, length: float | None) -> None: ...

    def at(self, media_time: float) -> None: ...

    def done(self, answer: object) -> None: ...

    def interrupted(self) -> None: ...


def picture(at: float) -> Frame:
    return Frame(source="desk", index=0, pixels=PlanarPixels(np.zeros((2, 2), np.uint8)), media_time=at, received_at=at)


def traced(source: str) -> Timeline:
    (answer,) = Replay(Guard(live=False), Nobody(), traced=True).run(name_sources([source]))
    assert isinstance(answer, Answer)
    assert answer.timeline
    return answer.timeline


def test_the_spans_of_a_source_follow_each_other_from_its_beginning_to_its_end() -> None:
    spans = traced(BODY).spans

    assert spans[0].since == 0.0
    assert all(first.until == second.since for first, second in pairwise(spans))
    assert [spans[0].camera, spans[-1].camera] == ["unknown", "mobile"]


def test_a_walking_camera_is_seen_to_move_and_its_light_is_told() -> None:
    samples = traced(BODY).samples

    assert [sample.at for sample in samples] == sorted(sample.at for sample in samples)
    assert max(sample.moves for sample in samples) > 0.9
    assert all(0 < (sample.light or 0) < 255 for sample in samples[2:])


def test_a_gap_is_told_with_its_ends() -> None:
    tracer = Tracer(SourceState("desk"))
    for at in (0.0, 0.5, 7.25, 7.5):
        tracer.see(picture(at))

    assert [(gap.since, gap.until) for gap in tracer.timeline().gaps] == [(0.5, 7.25)]


def test_a_long_recording_takes_no_more_room_than_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "_MOST", 50)
    tracer = Tracer(SourceState("desk"))
    for second in range(2000):
        tracer.see(picture(float(second)))
    samples = tracer.timeline().samples

    assert 20 < len(samples) <= 50
    assert samples[0].at == 0.0
    assert samples[-1].at > 1900


def test_a_classification_has_no_time_line(clip: Path) -> None:
    (answer,) = Replay(Guard(live=False), Nobody()).run(name_sources([str(clip)]))

    assert isinstance(answer, Answer)
    assert answer.timeline is None
