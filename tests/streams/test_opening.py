"""How a live address is opened."""

import pytest

from facewarden.streams.errors import UnsupportedSource
from facewarden.streams.opening import is_live, parse_live


@pytest.mark.parametrize(
    "url", ["rtsp://h/a", "rtmp://h/a", "srt://h:1", "http://h/a", "udp://0.0.0.0:5000", "/dev/video0"]
)
def test_a_stream_is_told_from_a_file(url: str) -> None:
    assert is_live(url)
    assert not is_live("patrol.mp4")


def test_rtsp_has_a_time_out_of_its_own_and_goes_over_tcp() -> None:
    assert parse_live("rtsp://h/a").options == {
        "rtsp_transport": "tcp",
        "timeout": "2500000",
        "analyzeduration": "1500000",
        "fpsprobesize": "3",
    }


def test_options_stand_behind_the_address_and_are_not_sent() -> None:
    opening = parse_live("rtsp://h/a?channel=1#transport=udp&timeout=4&stream=1")
    assert (opening.url, opening.timeout, opening.stream) == ("rtsp://h/a?channel=1", 4.0, 1)
    assert opening.options["rtsp_transport"] == "udp"


@pytest.mark.parametrize("options", ["speed=1", "timeout=x", "timeout=0", "transport=pigeon", "stream=first"])
def test_an_option_that_is_none_is_told_without_the_password(options: str) -> None:
    with pytest.raises(UnsupportedSource) as told:
        parse_live(f"rtsp://user:secret@h/a#{options}")
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("password", ["sec/ret", "sec#ret", "12#secret", "12#transport=secret"])
def test_a_password_that_breaks_its_address_is_not_told(password: str) -> None:
    with pytest.raises(UnsupportedSource, match="%23") as told:
        parse_live(f"rtsp://user:{password}@h:554/a")
    assert str(told.value).startswith("rtsp://***@h:554/a: ")
    assert not any(part in str(told.value).partition(": in ")[0] for part in ("sec", "ret", "12", "user:"))


def test_a_playlist_cannot_name_a_file_of_this_machine() -> None:
    assert "file" not in parse_live("https://h/live.m3u8").options["protocol_whitelist"].split(",")
