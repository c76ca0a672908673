"""An audit leaves pictures undecoded where they would change nothing, and says so."""

from pathlib import Path

import pytest
from helpers.encoded import record
from msgspec.structs import replace

from facewarden.detector.audit import Answer, sparing
from facewarden.detector.audit.engines import Silent
from facewarden.detector.audit.sparing import Sparing, spans_of
from facewarden.detector.audit.unit import Played, Unit, play
from facewarden.detector.sight.state import SourceState


@pytest.fixture
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recording with a minute that is spared would take long: eight seconds before a call are looked at in full."""
    monkeypatch.setattr(sparing, "_BEFORE_S", 8.0)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A camera that stands for 60 s, a key picture a second."""
    return record(tmp_path_factory.mktemp("desk") / "desk.mp4", {"fixed": 60})


@pytest.fixture(scope="module")
def car(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A camera that stands for 32 s, and then another that drives."""
    return record(tmp_path_factory.mktemp("car") / "car.mp4", {"fixed": 32, "dash": 16})


def played(path: Path, *moments: float, full: bool = False) -> tuple[Played, Answer]:
    result = play(Unit(name="cam", url=str(path), spans=None if full else spans_of(moments)), Silent())
    assert isinstance(result.answer, Answer)
    return result, result.answer


@pytest.mark.slow
@pytest.mark.usefixtures("briefly")
def test_a_calm_recording_has_the_verdict_of_full_decoding_for_fewer_pictures(desk: Path) -> None:
    (_, few), (_, all_of_them) = played(desk), played(desk, full=True)

    assert few.mobility.value == all_of_them.mobility.value == "fixed"
    assert few.mobility.decided_at == all_of_them.mobility.decided_at
    assert few.coverage.analysed < 0.8 * all_of_them.coverage.analysed
    assert few.coverage.frames == all_of_them.coverage.frames
    assert few.coverage.seconds == pytest.approx(all_of_them.coverage.seconds, abs=0.1)
    assert few.timeline is not None
    assert few.timeline.gaps == ()


@pytest.mark.slow
@pytest.mark.usefixtures("briefly")
def test_about_a_call_every_picture_is_decoded(desk: Path) -> None:
    none, one = played(desk)[1], played(desk, 36.0)[1]

    assert one.coverage.analysed > none.coverage.analysed
    assert one.mobility.value == "fixed"


@pytest.mark.slow
@pytest.mark.usefixtures("briefly")
def test_what_drives_after_a_camera_that_stood_is_found_out(car: Path) -> None:
    (few, answer), (_, all_of_them) = played(car), played(car, full=True)

    assert answer.mobility.value == all_of_them.mobility.value == "mobile"
    assert answer.mobility.decided_at == pytest.approx(all_of_them.mobility.decided_at, abs=5.0)
    assert few.history.at(31.0).camera == "fixed"


@pytest.mark.slow
@pytest.mark.usefixtures("briefly")
def test_the_same_recording_gives_the_same_bytes(desk: Path) -> None:
    assert replace(played(desk)[0], contents={}) == replace(played(desk)[0], contents={})


def test_spans_of_calls_that_come_by_the_frame_are_one() -> None:
    assert spans_of([20.0, 10.0, 20.04]) == ((-56.0, 26.04),)
    assert spans_of([70.0, 200.0]) == ((4.0, 76.0), (134.0, 206.0))
    assert spans_of([]) == ()


def test_nothing_is_spared_while_the_camera_is_unknown() -> None:
    spares = Sparing(SourceState("cam"), 3600.0)

    assert not any(spares(float(second)) for second in range(100))
