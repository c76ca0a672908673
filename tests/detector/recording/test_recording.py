"""What becomes of what is heard."""

from pathlib import Path

from facewarden.detector import Call, Guard, Site
from facewarden.detector.recording import Recording
from facewarden.streams.recording import RecordingReader


def test_every_call_is_recorded_and_of_closed_calls_alike_viewers_are_told_of_the_first(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    guard = Guard(Site(packs=("microsoft",), operator={"operator": "non_us_le"}), recording=recording)
    for source in ["street", "yard"] * 10:
        assert not guard.authorise(Call(source=source, service="azure_openai", task="identification")).opens
    recording.close()
    topics = [one.topic for one in RecordingReader(recording.path)]

    assert topics.count("/calls") == 20
    assert 2 <= topics.count("/events") <= 4  # where all are written at once, or at two times
