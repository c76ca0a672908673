"""What the service is told, and what it does not let itself be told."""

import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from facewarden.detector.errors import InputError
from facewarden.detector.sidecar.listening import close, listen
from facewarden.detector.sidecar.settings import Options, settle
from facewarden.detector.site import Site
from facewarden.detector.site.address import Address, parse_address
from facewarden.detector.site.serving import MediaMtx, MediaMtxUser, Serving, SourceEntry


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:7070", Address("127.0.0.1", 7070)),
        ("[::1]:80", Address("::1", 80)),
        ("localhost:0", Address("localhost", 0)),
        ("unix:/run/fw.sock", Address(path="/run/fw.sock")),
    ],
)
def test_an_address_is_read_and_written(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert str(address) == text


@pytest.mark.parametrize("text", ["", "unix:", "7070", ":7070", "host:", "host:x", "host:70000", "host:-1", "host:²"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no address"):
        parse_address(text)


@pytest.mark.parametrize("address", ["0.0.0.0:7070", "[::]:7070", "192.0.2.1:7070", "example.com:7070"])
@pytest.mark.parametrize("door", ["listen", "grpc"])
def test_an_address_that_others_reach_needs_a_token_or_certificates(tmp_path: Path, address: str, door: str) -> None:
    told: dict[str, Any] = {door: (address,) if door == "listen" else address}
    options = Options(site=tmp_path / "site.toml", **told)
    with pytest.raises(InputError, match="--token-file"):
        settle(options, Site())

    (tmp_path / "token").write_text("0123456789abcdef")
    settle(Options(site=options.site, token_file=tmp_path / "token", listen=options.listen), Site())


@pytest.mark.parametrize("token", ["", "\n", "short", "with spaces in it, though long", "a" * 20 + "é"])
def test_a_token_that_could_be_guessed_or_not_sent_is_refused(tmp_path: Path, token: str) -> None:
    (tmp_path / "token").write_text(token)
    with pytest.raises(InputError):
        settle(Options(site=tmp_path / "site.toml", token_file=tmp_path / "token"), Site())


def test_a_token_for_two_roles_is_none(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text("the-same-token-twice")
    with pytest.raises(InputError, match="the same token"):
        settle(Options(site=tmp_path / "site.toml"), Site(serve=Serving(token_file="one", push_token_file="two")))


def test_the_command_line_prevails_over_the_file_whose_paths_are_relative_to_it(tmp_path: Path) -> None:
    site = Site(
        sources={"a": SourceEntry("rtsp://host/one"), "b": SourceEntry("rtsp://host/two", path="three")},
        serve=Serving(listen=("127.0.0.1:1",), record="kept"),
        mediamtx=MediaMtx(users={"x": MediaMtxUser(password_file="x.txt")}),
    )
    (tmp_path / "x.txt").write_text("secret\n")
    settings = settle(Options(site=tmp_path / "site.toml", listen=("127.0.0.1:2",), sources={"a": "here.mp4"}), site)

    assert settings.listen == (Address("127.0.0.1", 2),)
    assert settings.record == tmp_path / "kept"
    assert settings.sources == {"a": "here.mp4", "b": "rtsp://host/two"}
    assert settings.paths == {"one": "a", "three": "b"}
    assert settings.passwords == {"x": "secret"}


@pytest.mark.parametrize("given", [{"tls_cert": "x"}, {"tls_key": "x"}, {"client_ca": "x"}])
def test_half_a_certificate_is_refused(given: dict[str, str]) -> None:
    told: dict[str, Any] = {key: Path(value) for key, value in given.items()}
    with pytest.raises(InputError, match="--tls-cert"):
        settle(Options(site=Path("site.toml"), **told), Site())


def test_a_socket_is_for_its_owner_and_group_and_goes_with_the_service(tmp_path: Path) -> None:
    path = tmp_path / "fw.sock"
    held = listen([Address(path=str(path))])
    held[0].listen()

    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    with pytest.raises(InputError, match="another process listens"):
        listen([Address(path=str(path))])
    close(held, [Address(path=str(path))])
    assert not path.exists()


def test_a_socket_that_was_left_behind_is_taken_over_and_a_file_is_not(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "left.sock"))
    left_behind = [Address(path=str(tmp_path / "left.sock"))]
    close(listen(left_behind), left_behind)
    (tmp_path / "file").write_text("mine")

    with pytest.raises(InputError, match="something else"):
        listen([Address(path=str(tmp_path / "file"))])
    assert (tmp_path / "file").read_text() == "mine"


def test_of_several_addresses_none_is_held_where_one_cannot_be(tmp_path: Path) -> None:
    (taken,) = listen([Address("127.0.0.1", 0)])
    taken.listen()
    port = taken.getsockname()[1]
    with pytest.raises(InputError, match="cannot be listened on"):
        listen([Address(path=str(tmp_path / "fw.sock")), Address("127.0.0.1", port)])

    assert not (tmp_path / "fw.sock").exists()
    close([taken], [])
