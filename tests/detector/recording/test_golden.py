"""Recordings as they were written once are read for ever: a file for each version of what is in them."""

from collections import Counter
from pathlib import Path

import msgspec
import pytest
from helpers.later import widened

from facewarden.detector.recording.messages import TOPICS, Message, name_of, read
from facewarden.detector.recording.reading import read_messages
from facewarden.detector.recording.replay import Replay
from facewarden.streams.recording import RecordingReader

GOLDEN = sorted((Path(__file__).parents[2] / "golden" / "recording").glob("*/session.mcap"))
earlier = pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)


def kinds(path: Path) -> Counter[str]:
    return Counter(name_of(told.message) for told in read_messages(path))


@earlier
def test_a_recording_of_an_earlier_version_is_read_whole(path: Path) -> None:
    reader = RecordingReader(path)
    ours = Counter(message.schema for message in reader if message.schema.startswith("facewarden."))
    assert reader.torn is None
    assert kinds(path) == ours
    assert any(told.look is not None for told in read_messages(path))


@earlier
def test_a_recording_of_an_earlier_version_is_gone_through_again(path: Path) -> None:
    found, told = Replay(path).run(), kinds(path)
    assert (found.pictures, found.calls) == (told["facewarden.picture/1"], told["facewarden.ruled/1"])
    assert [covered.source for covered in found.coverage] == ["unit", "desk"]
    assert sum(covered.dropped for covered in found.coverage) > 0


@pytest.mark.parametrize("kind", TOPICS)
def test_every_kind_of_message_as_it_is_written_today_is_kept(kind: type[Message]) -> None:
    """A kind whose version is counted up asks for one more file beside the others."""
    assert any(str(kind.__struct_config__.tag) in kinds(path) for path in GOLDEN)


@earlier
def test_a_message_to_which_a_later_version_adds_keys_is_read_as_before(path: Path) -> None:
    for message in RecordingReader(path):
        later = msgspec.json.encode(widened(msgspec.json.decode(message.data)))
        assert read(message.schema, later) == read(message.schema, message.data)
