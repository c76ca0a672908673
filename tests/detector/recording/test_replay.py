"""Live sessions under a load that makes them shed, gone through again."""

import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace as replace_frame
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.recordings import SCENES, session
from msgspec.structs import replace

from facewarden.detector import Call, Guard, Site
from facewarden.detector.clock import ManualClock
from facewarden.detector.errors import RecordError
from facewarden.detector.recording import Recording
from facewarden.detector.recording.messages import Message, Picture, Ruled, read, write
from facewarden.detector.recording.reading import read_messages
from facewarden.detector.recording.replay import Replay
from facewarden.detector.recording.replayed import first_difference
from facewarden.detector.sight.state import STALE_S
from facewarden.streams.frame import PlanarPixels
from facewarden.streams.recording import Recorded, RecordingReader, RecordingWriter
from facewarden.streams.source import open_source

SITE = Site(operator={"operator": "non_us_le"}, cameras={"desk": {"mount": "wall"}})


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Guard]:
    recording, guard = session(tmp_path_factory.mktemp("session"), site=SITE, silent=STALE_S + 1)
    assert recording.close()
    return recording.path, guard


def changed(path: Path, out: Path, schema: str, **keys: Any) -> Path:
    """The same recording, in which the last message of a kind says something else."""
    messages = list(RecordingReader(path))
    last = max(number for number, message in enumerate(messages) if message.schema == schema)
    fields = json.loads(messages[last].data) | keys
    messages[last] = Recorded(*messages[last][:3], json.dumps(fields).encode())
    writer = RecordingWriter(out)
    for message in messages:
        writer.write(message, b"{}")
    writer.close()
    return out


def test_a_session_that_shed_is_the_same_again_bit_for_bit(recorded: tuple[Path, Guard]) -> None:
    path, guard = recorded
    found = Replay(path).run()
    assert found.first is None
    assert found.from_looks
    for covered in found.coverage:
        live = guard.watch(covered.source).coverage()
        assert (covered.frames, covered.analysed, covered.in_part) == (live.frames, live.analysed, live.in_part)
        assert (covered.skipped, covered.dropped) == (live.skipped, live.dropped)
    assert sum(covered.dropped for covered in found.coverage) > 0
    assert found.pictures == 240
    assert found.calls > 8


def test_what_was_looked_at_between_black_bars_is_the_same_again(tmp_path: Path) -> None:
    clock = ManualClock(100.0)
    recording = Recording(tmp_path, clock=clock)
    guard = Guard(clock=clock, recording=recording)
    for frame in open_source("synthetic:dash?seconds=3&size=320x180", "unit"):
        clock.seconds = 100.0 + frame.media_time
        film = np.pad(frame.luma, ((0, 0), (80, 80)), constant_values=16)
        picture = film if frame.media_time < 2 else np.pad(frame.luma, ((0, 0), (80, 80)), "edge")
        guard.observe(replace_frame(frame, pixels=PlanarPixels(picture), received_at=clock.seconds))
    recording.close()
    found = Replay(recording.path).run()

    assert found.first is None
    assert {told.message.size for told in read_messages(recording.path) if isinstance(told.message, Picture)} == {
        (316, 180),
        (480, 180),
    }


def test_what_is_decided_on_a_camera_that_fell_silent_is_the_same_again(recorded: tuple[Path, Guard]) -> None:
    calls = [told.message for told in read_messages(recorded[0]) if isinstance(told.message, Ruled)]
    last = calls[-1].sighted[0]
    assert last.seen is not None
    assert calls[-1].now > (last.seen.stands_until or 0)
    assert Replay(recorded[0]).run().same


def test_every_message_is_read_as_it_was_written(recorded: tuple[Path, Guard]) -> None:
    for told in read_messages(recorded[0]):
        assert read(str(told.message.__struct_config__.tag), write(told.message)) == told.message


def test_only_what_was_looked_at_has_a_look_and_its_hash(recorded: tuple[Path, Guard]) -> None:
    for told in read_messages(recorded[0]):
        if isinstance(told.message, Picture):
            assert (told.look is None) == (told.message.look is None)
            assert told.message.look or told.message.fate in ("skipped", "dropped")


@pytest.mark.parametrize(
    ("schema", "keys", "told"),
    [
        ("facewarden.picture/1", {"received_at": 1.0}, "picture 119 of desk: seen.received_at was 103.9"),
        ("facewarden.ruled/1", {"known": {}}, ': known.operator was nothing, and is now "non_us_le"'),
        ("facewarden.measured/1", {"at": 0.5}, ": at was 0.5, and is now "),
        ("facewarden.session/1", {"site": {"facts": {"country": "FR"}}}, "call 0: decision.unknown was"),
    ],
)
def test_the_first_difference_is_named(
    recorded: tuple[Path, Guard], tmp_path: Path, schema: str, keys: dict[str, Any], told: str
) -> None:
    found = Replay(changed(recorded[0], tmp_path / "a.mcap", schema, **keys)).run()
    assert not found.same
    assert told in str(found.first)


def test_what_no_picture_has_shown_is_found_in_a_call(recorded: tuple[Path, Guard], tmp_path: Path) -> None:
    calls = [message.data for message in RecordingReader(recorded[0]) if message.schema == "facewarden.ruled/1"]
    sighted = json.loads(calls[-1])["sighted"]
    sighted[0]["seen"] |= {"camera": "fixed", "stands_until": 1e9, "received_at": 1.0}
    sighted[0]["shown"] = ["fixed", "unknown"]
    found = Replay(changed(recorded[0], tmp_path / "a.mcap", "facewarden.ruled/1", sighted=sighted)).run()
    assert not found.same


def test_without_looks_calls_are_decided_again_by_what_was_seen(tmp_path: Path) -> None:
    recording, _ = session(tmp_path, {"desk": SCENES["desk"]}, keep_looks=False, site=SITE)
    recording.close()
    assert not any(message.schema.startswith("foxglove.Comp") for message in RecordingReader(recording.path))
    found = Replay(recording.path).run()
    assert found.same
    assert not found.from_looks
    assert (found.pictures, found.measures) == (0, 0)
    assert found.calls


def test_other_packs_and_other_days_change_what_is_decided(recorded: tuple[Path, Guard]) -> None:
    assert not Replay(recorded[0], packs=["microsoft"]).run().redecided
    other = Replay(recorded[0], packs=["us-states"]).run()
    assert other.same
    assert {pack.name for pack in other.packs} == {"us-states"}
    assert all(call.then != call.now for call in other.redecided)


def test_a_source_that_is_forgotten_begins_anew(tmp_path: Path) -> None:
    recording, guard = session(tmp_path, {"unit": "synthetic:dash?seconds=1&size=320x180"})
    guard.forget("unit")
    pictures = [one for one in read_open(recording) if isinstance(one, Picture)]
    assert {picture.run for picture in pictures} == {0}
    assert Replay(recording.path).run().same
    assert guard.watch("unit").last.at is None
    recording.close()


def read_open(recording: Recording) -> list[Message]:
    """What is on the disk, once all that was heard is."""
    for _ in range(100):
        found = [told.message for told in read_messages(recording.path)] if recording.path.stat().st_size > 99 else []
        if Counter(type(one) for one in found)[Picture] == 30:
            return found
        time.sleep(0.1)
    raise AssertionError("it was not written within ten seconds")


def test_what_cannot_be_written_in_time_is_told(tmp_path: Path) -> None:
    recording = Recording(tmp_path, most=3, clock=ManualClock(1.0, 1e9))
    guard = Guard(SITE, clock=ManualClock(1.0, 1e9), recording=recording)
    for _ in range(50):
        guard.judge(Call(source="desk"))
    recording.close()
    found = Replay(recording.path).run()
    assert found.lost > 0
    assert found.calls + found.lost >= 40


def test_a_recording_that_fails_says_so_and_calls_are_decided_on(tmp_path: Path) -> None:
    told: list[str] = []
    recording = Recording(tmp_path, told=told.append, clock=ManualClock(1.0, 1e9))
    guard = Guard(SITE, recording=recording)
    recording._parts._writer.close()  # pyright: ignore[reportPrivateUsage] - as a disk that is gone
    assert guard.judge(Call(source="desk")).decision.effect
    assert recording.close() is None
    assert len(told) == 1
    assert "cannot be written" in told[0]


def test_no_recording_of_a_session_is_told(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.mcap")
    writer.write(Recorded("/a", "other/1", 1, b"{}"), b"{}")
    writer.close()
    with pytest.raises(RecordError, match="no recording of a session"):
        Replay(tmp_path / "a.mcap").run()


def test_the_first_difference_of_two_values_lies_as_deep_as_it_can() -> None:
    assert first_difference({"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}}) == ("b.c", "2", "3")
    assert first_difference([1], [2]) == ("all of it", "[1]", "[2]")
    assert first_difference({"a": None}, {}) == ("a", "null", "nothing")


def test_a_session_that_had_no_time_for_its_first_pictures_is_the_same_again(tmp_path: Path) -> None:
    scenes = {name: f"synthetic:{name}?seconds=1&size=320x180" for name in ("dash", "fixed")}
    recording, _ = session(tmp_path, scenes, site=SITE, budget_ms=0.001)
    recording.close()
    pictures = [told.message for told in read_messages(recording.path) if isinstance(told.message, Picture)]
    assert any(picture.seen.looked_until is None for picture in pictures)
    assert Replay(recording.path).run().first is None


PROGRAM = """
import sys, time
from pathlib import Path
from helpers.recordings import session
recording, guard = session(Path(sys.argv[1]), {"unit": "synthetic:dash?seconds=2&size=320x180"})
print(recording.path, flush=True)
time.sleep(60)
"""


@pytest.mark.slow
def test_a_session_that_was_killed_is_read_and_the_same_up_to_there(tmp_path: Path) -> None:
    path = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE, cwd=path, text=True
    ) as program:
        assert program.stdout is not None
        name = program.stdout.readline().strip()
        time.sleep(1.5)
        program.kill()
    found = Replay(Path(name)).run()
    assert found.torn
    assert found.same
    assert found.pictures == 60
    assert found.calls > 4


def test_what_a_later_version_added_is_passed_over() -> None:
    given = {"source": "a", "run": 0, "number": 0, "index": 0, "media_time": 0.5, "received_at": 1.5, "size": [4, 3]}
    line = json.dumps(given | {"seen": {"source": "a"}, "new": 1}).encode()
    picture = read("facewarden.picture/1", line)
    assert isinstance(picture, Picture)
    assert replace(picture, number=1).fate == "skipped"
    assert read("facewarden.picture/2", line) is None
