"""`facewarden serve` as a program: started, signalled, stopped."""

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers.services import CALL, DESK, DESK_SITE, SITE, wait_for

from facewarden.detector.records import Event, Looked, Terms, read_entries

pytestmark = pytest.mark.slow

# A scene of two seconds: the camera has ended before the first question, and what was seen of it stays.
SCENES = SITE.replace("rtsp://user:hunter2@127.0.0.1:1/street", "synthetic:body?seconds=2&size=160x96").replace(
    "rtsp://127.0.0.1:1/desk", "synthetic:fixed?seconds=2&size=160x96"
)


class Program:
    """The service, in a process of its own, behind a Unix socket."""

    def __init__(self, folder: Path) -> None:
        self.site, self.socket, self.log = folder / "site.toml", folder / "fw.sock", folder / "log.jsonl"
        self.record = folder / "r"
        self.site.write_text(SCENES)
        command = [sys.executable, "-m", "facewarden", "serve", "--site", str(self.site), "--record", str(self.record)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*command, "--listen", f"unix:{self.socket}"], stderr=log)
        self.http = httpx.Client(transport=httpx.HTTPTransport(uds=str(self.socket)), base_url="http://facewarden")

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def says(self, text: str) -> bool:
        return any(text in line["text"] for line in self.lines())


@pytest.fixture
def program(tmp_path: Path) -> Generator[Program]:
    found = Program(tmp_path)
    try:
        wait_for(lambda: found.says("listening"), 60)
        wait_for(lambda: found.http.get("/readyz").status_code == 200)
        yield found
    finally:
        found.http.close()
        found.process.kill()
        found.process.wait()


def test_it_runs_until_told_to_stop_reads_its_site_again_and_logs_in_json(program: Program) -> None:
    wait_for(lambda: all(source["state"] != "connecting" for source in program.http.get("/v1/sources").json()), 60)
    program.site.write_text(SCENES.replace("[sources.desk]", "[sources.lobby]"))
    program.process.send_signal(signal.SIGHUP)
    wait_for(lambda: program.says("read again"))
    assert [source["source"] for source in program.http.get("/v1/sources").json()] == ["street", "lobby"]

    program.site.write_text("packs = []")
    program.process.send_signal(signal.SIGHUP)
    wait_for(lambda: program.says("changes nothing"))
    assert program.http.get("/v1/sources/lobby").status_code == 200

    with program.http.stream("GET", "/v1/events") as stream:
        lines = stream.iter_lines()
        next(lines)
        program.process.send_signal(signal.SIGTERM)
        for _ in lines:  # it ends, and is not broken off, which would raise
            pass
    assert program.process.wait(30) == 0
    assert not program.socket.exists()
    assert all({"time", "level", "text"} <= line.keys() for line in program.lines())
    assert program.lines()[-1]["text"] == "stopped"

    entries = [*read_entries(program.record / "events.jsonl")]
    reloads = [entry.text for entry in entries if isinstance(entry, Event) and entry.kind == "reload"]
    assert [text.partition(",")[0] for text in reloads] == ["the site file was read again", "the site file is wrong"]
    assert len({entry.site for entry in entries if isinstance(entry, Terms)}) == 2
    looked = {entry.source for entry in entries if isinstance(entry, Looked) and entry.pictures["analysed"]}
    assert looked >= {"street", "desk"}


def test_a_mobile_camera_closes_the_gate_without_anybody_having_declared_it(tmp_path: Path) -> None:
    from functools import partial

    from helpers.services import running

    from facewarden.detector.sidecar.scripted import Scripted

    site = tmp_path / "site.toml"
    site.write_text(
        SITE.replace('mount = "body"', "public_space = true")
        .replace("rtsp://user:hunter2@127.0.0.1:1/street", "synthetic:body?seconds=2&fps=15&size=320x180")
        .replace("rtsp://127.0.0.1:1/desk", "synthetic:fixed?seconds=2&fps=15&size=320x180")
        .replace('consent = "none"', 'consent = "valid"')
    )
    with running(site, partial(Scripted, rate=15.0)) as found:
        assert found.ask()["decision"]["effect"] == "hold"
        wait_for(lambda: found.ask()["decision"]["effect"] == "prohibited", 20)
        wait_for(lambda: found.http.get("/v1/sources/street").json()["mobility"]["value"] == "mobile")
        found.cameras.frozen.add("desk")
        wait_for(lambda: found.http.get("/v1/sources/desk").json()["state"] == "stale")
        assert found.ask(source="street")["decision"]["effect"] == "prohibited"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--listen", "0.0.0.0:7070"], "--token-file"),
        (["--listen", "nowhere"], "no address"),
        (["--token-file", "none-such"], "cannot be read"),
        (["--tls-cert", "x"], "--tls-key"),
        (["--record", "/proc/nothing"], "cannot be written"),
    ],
)
def test_what_it_may_not_be_told_is_status_2_and_one_line(
    facewarden: Callable[..., Any], site: Path, options: list[str], said: str
) -> None:
    done = facewarden("serve", "--site", site, *options)

    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_certificates_are_asked_for_and_name_the_client_whatever_it_says(site: Path, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    site.write_text(DESK_SITE)
    (site.parent / "desk.toml").write_text(DESK.replace("booking", "client"))
    for name in ("server", "client"):
        _certify(tmp_path, name)
    options = [
        f"--tls-cert={tmp_path}/server.pem",
        f"--tls-key={tmp_path}/server.key",
        f"--client-ca={tmp_path}/client.pem",
    ]
    command = [sys.executable, "-m", "facewarden", "serve", f"--site={site}", "--listen=127.0.0.1:0", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        told = next(found for line in process.stderr if (found := re.search(r"listening on 127.0.0.1:(\d+)", line)))
        service = f"https://localhost:{told[1]}"
        url = f"{service}/healthz"
        known = _context(tmp_path)
        known.load_cert_chain(tmp_path / "client.pem", tmp_path / "client.key")
        assert httpx.get(url, verify=known).status_code == 200
        call = {**CALL, "facts": {"client": "somebody else"}}
        assert httpx.post(f"{service}/v1/authorize", json=call, verify=known).json()["opens"]
        with pytest.raises(httpx.TransportError):
            httpx.get(url, verify=_context(tmp_path))
    finally:
        process.terminate()
        process.stderr.close()
        assert process.wait(30) == 0


def _context(folder: Path) -> Any:
    import ssl

    return ssl.create_default_context(cafile=folder / "server.pem")


def _certify(folder: Path, name: str) -> None:
    made = ["-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem", "-subj", f"/CN={name}"]
    extra = ["-addext", "subjectAltName=DNS:localhost", "-days", "2", "-nodes", "-newkey", "rsa:2048"]
    subprocess.run(["openssl", "req", "-x509", *made, *extra], check=True, capture_output=True)


def test_the_first_signal_is_told_to_the_service_alone_so_that_requests_under_way_are_answered() -> None:
    from facewarden.detector.sidecar.server import Server

    async def app(_scope: object, _receive: object, _send: object) -> None: ...

    before = signal.getsignal(signal.SIGTERM)
    with Server(app, None, 1, lambda: None).capture_signals():
        assert signal.getsignal(signal.SIGTERM) is before
