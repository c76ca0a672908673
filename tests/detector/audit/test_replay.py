from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from facewarden.detector.audit import Answer, Replay, Unread
from facewarden.detector.errors import InputError
from facewarden.detector.guard import Guard
from facewarden.detector.naming import name_sources


class Diary:
    """A watcher that writes down what it is told."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, float | None]] = []
        self.times: list[float] = []
        self.answers: list[Answer | Unread] = []

    def begin(self, source: str, length: float | None) -> None:
        self.begun.append((source, length))

    def at(self, media_time: float) -> None:
        self.times.append(media_time)

    def done(self, answer: Answer | Unread) -> None:
        self.answers.append(answer)

    def interrupted(self) -> None: ...


def replayed(*sources: str | Path, max_seconds: float | None = None, diary: Diary | None = None) -> Sequence[object]:
    replay = Replay(Guard(live=False), diary or Diary(), max_seconds)
    return replay.run(name_sources([str(source) for source in sources]))


# --- good sources -----------------------------------------------------------------------------------------------------


def test_a_recording_is_covered_to_its_end(clip: Path) -> None:
    (answer,) = replayed(clip)

    assert isinstance(answer, Answer)
    assert (answer.source, answer.url, answer.error) == ("clip", str(clip), None)
    assert (answer.coverage.frames, answer.coverage.seconds) == (50, pytest.approx(2.0, abs=0.05))
    assert answer.coverage.dropped == answer.coverage.unreadable == 0


def test_a_replay_stops_at_the_time_it_was_given(clip: Path) -> None:
    (answer,) = replayed(clip, max_seconds=1.0)

    assert isinstance(answer, Answer)
    assert (answer.coverage.frames, answer.coverage.seconds) == (25, pytest.approx(1.0, abs=0.05))


def test_a_watcher_is_told_of_the_beginning_each_picture_and_the_end(clip: Path) -> None:
    diary = Diary()
    answers = replayed(clip, diary=diary)

    assert diary.begun == [("clip", pytest.approx(2.0, abs=0.05))]
    assert diary.times == sorted(diary.times)
    assert len(diary.times) == 50
    assert diary.answers == answers


@pytest.mark.parametrize("scene", ["body", "dash", "handheld", "drone", "fixed", "ptz", "pole", "crowd"])
def test_every_rendered_scene_can_be_replayed(scene: str) -> None:
    (answer,) = replayed(f"synthetic:{scene}?seed=1&seconds=0.5&fps=10&size=160x96")

    assert isinstance(answer, Answer)
    assert (answer.source, answer.coverage.frames) == (scene, 5)


def test_two_replays_differ_in_their_cost_alone(clip: Path) -> None:
    one, other = (replayed(clip)[0], replayed(clip)[0])

    assert isinstance(one, Answer)
    assert isinstance(other, Answer)
    assert msgspec.structs.replace(one, cost_ms=None) == msgspec.structs.replace(other, cost_ms=None)


# --- bad sources ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        ("missing", "not_found"),
        ("too_long", "not_found"),
        ("empty", "empty"),
        ("text", "unreadable"),
        ("audio", "no_video"),
        ("no_images", "empty"),
        ("no_index", "truncated"),
    ],
)
def test_a_source_of_which_nothing_can_be_read_is_an_answer(bad_sources: dict[str, Path], bad: str, kind: str) -> None:
    (answer,) = replayed(bad_sources[bad])

    assert isinstance(answer, Unread)
    assert (answer.source, answer.error["kind"]) == (bad_sources[bad].stem, kind)
    assert answer.error["message"].startswith(f"{bad_sources[bad]}: ")
    assert "\n" not in answer.error["message"]


def test_of_a_file_that_is_cut_short_all_that_is_there_is_read(bad_sources: dict[str, Path]) -> None:
    (answer,) = replayed(bad_sources["cut"])

    assert isinstance(answer, Answer)
    assert answer.error is not None
    assert answer.error["kind"] == "truncated"
    assert 0 < answer.coverage.frames < 50


@pytest.mark.parametrize("bad", ["missing", "empty", "text", "audio", "no_images", "no_index", "cut"])
def test_a_bad_source_does_not_keep_the_others_from_being_read(
    bad_sources: dict[str, Path], clip: Path, bad: str
) -> None:
    before, _, after = replayed(f"before={clip}", bad_sources[bad], f"after={clip}")

    assert isinstance(before, Answer)
    assert isinstance(after, Answer)
    assert (before.coverage.frames, before.error) == (after.coverage.frames, None)


def test_an_unknown_scene_is_an_answer() -> None:
    (answer,) = replayed("synthetic:moon")

    assert isinstance(answer, Unread)
    assert answer.error["kind"] == "unsupported"


@pytest.mark.parametrize("url", ["rtsp://user:secret@camera/1", "https://user:secret@example.org/a.mp4"])
def test_an_address_that_is_not_read_keeps_its_password_to_itself(url: str) -> None:
    (answer,) = replayed(url)
    assert "secret" not in msgspec.json.encode(answer).decode()


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["patrol.mp4"], ["patrol"]),
        (["a/patrol.mp4", "b/lobby.mkv"], ["patrol", "lobby"]),
        (["unit-17=a/patrol.mp4", "desk=b/patrol.mp4"], ["unit-17", "desk"]),
        (["a/clip.mp4", "b/clip.mp4", "c/other.mp4"], ["a/clip.mp4", "b/clip.mp4", "other"]),
        (["a/clip.mp4", "clip=b/x.mp4"], ["a/clip.mp4", "clip"]),
        (
            ["synthetic:body?seed=1", "synthetic:body?seed=2", "synthetic:dash"],
            ["synthetic:body?seed=1", "synthetic:body?seed=2", "dash"],
        ),
    ],
)
def test_sources_are_called_by_their_name_their_stem_or_else_their_path(texts: list[str], names: list[str]) -> None:
    assert list(name_sources(texts)) == names


@pytest.mark.parametrize("texts", [["x=a.mp4", "x=b.mp4"], ["a/clip.mp4", "a/clip.mp4"]])
def test_a_name_given_twice_is_an_error_that_says_how_to_tell_them_apart(texts: list[str]) -> None:
    with pytest.raises(InputError, match=r"two sources are called '(x|a/clip\.mp4)'; tell them apart with NAME="):
        name_sources(texts)
