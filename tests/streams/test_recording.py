from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcap.reader import make_reader

from facewarden.streams.errors import SourceNotFound, UnreadableSource
from facewarden.streams.recording import Recorded, RecordingReader, RecordingWriter, digest_of

SCHEMA = b'{"type":"object"}'
topics = st.text("abc/_", min_size=1, max_size=8)
messages = st.lists(
    st.builds(Recorded, topics, st.sampled_from(["one/1", "two/1"]), st.integers(0, 2**63), st.binary(max_size=200)),
    min_size=1,
    max_size=20,
    unique_by=lambda message: message.topic,
)


def written(path: Path, *given: Recorded) -> str:
    writer = RecordingWriter(path)
    for message in given:
        writer.write(message, SCHEMA)
        writer.flush()
    return writer.close()


def some(count: int) -> list[Recorded]:
    return [Recorded("/topic", "one/1", number, b'{"n":%d}' % number) for number in range(count)]


@given(messages)
def test_what_is_read_is_what_was_written(tmp_path_factory: pytest.TempPathFactory, given: list[Recorded]) -> None:
    path = tmp_path_factory.mktemp("recording") / "a.mcap"
    written(path, *given)
    reader = RecordingReader(path)
    assert list(reader) == given
    assert reader.torn is None


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    assert written(tmp_path / "a.mcap", *some(5)) == digest_of(tmp_path / "a.mcap")


def test_others_find_its_messages_by_its_index(tmp_path: Path) -> None:
    written(tmp_path / "a.mcap", *some(5))
    with (tmp_path / "a.mcap").open("rb") as file:
        summary = make_reader(file).get_summary()
        assert summary is not None
        assert summary.statistics is not None
        assert summary.statistics.message_count == 5
        file.seek(0)
        assert [message.data for _, _, message in make_reader(file).iter_messages()] == [one.data for one in some(5)]


def test_a_file_that_was_cut_off_anywhere_is_read_up_to_there(tmp_path: Path) -> None:
    written(tmp_path / "a.mcap", *some(3))
    text, cut = (tmp_path / "a.mcap").read_bytes(), tmp_path / "cut.mcap"
    most = 0
    for length in range(len(text) - 8, 0, -7):
        cut.write_bytes(text[:length])
        reader = RecordingReader(cut)
        try:
            found = list(reader)
        except UnreadableSource:
            assert most > 0  # cut off before the first message
            continue
        assert found == some(3)[: len(found)]
        assert reader.torn
        most = max(most, len(found))
    assert most == 3


def test_a_flipped_bit_in_a_message_is_found(tmp_path: Path) -> None:
    written(tmp_path / "a.mcap", *some(3))
    text = bytearray((tmp_path / "a.mcap").read_bytes())
    text[text.index(b'{"n":1}') + 5] ^= 1
    (tmp_path / "a.mcap").write_bytes(text)
    with pytest.raises(UnreadableSource, match="damaged after message 1"):
        list(RecordingReader(tmp_path / "a.mcap"))


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mcap").write_bytes(b"no recording at all")
    with pytest.raises(UnreadableSource, match="no recording"):
        list(RecordingReader(tmp_path / "a.mcap"))
    with pytest.raises(SourceNotFound):
        list(RecordingReader(tmp_path / "b.mcap"))


def test_no_recording_is_written_over(tmp_path: Path) -> None:
    written(tmp_path / "a.mcap", *some(1))
    with pytest.raises(FileExistsError):
        RecordingWriter(tmp_path / "a.mcap")


def test_what_was_flushed_is_there_before_the_end(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.mcap")
    writer.write(some(1)[0], SCHEMA)
    writer.flush()
    assert list(RecordingReader(tmp_path / "a.mcap")) == some(1)
    writer.close()


def test_messages_that_are_alike_take_little_room(tmp_path: Path) -> None:
    alike = [
        Recorded("/topic", "one/1", number, b'{"n":%d,"text":"%b"}' % (number, b"said " * 50)) for number in range(3000)
    ]
    writer = RecordingWriter(tmp_path / "a.mcap")
    for message in alike:
        writer.write(message, SCHEMA)
    writer.close()

    assert (tmp_path / "a.mcap").stat().st_size < sum(len(message.data) for message in alike) / 5
    assert list(RecordingReader(tmp_path / "a.mcap")) == alike
