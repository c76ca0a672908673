"""Random bytes for every parser: no traceback, no hang, no flood: python tests/fuzz.py [KIND INPUTS [FIRST]].

Each input is a good file with some bytes changed, cut or doubled, or noise alone; its number makes it, so that it can
be made again.
"""

import faulthandler
import io
import os
import resource
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

SECONDS, MIB = 20, 1024
_UNTIL_THE_END = ExitStack()
KINDS = ("toml", "json", "video", "tar", "http")

SITE = b"""packs = ["microsoft"]
[operator]
operator = "private"
country = "CA"
[places.hall]
public_space = true
[cameras.cam]
place = "hall"
mount = "wall"
[authorisations.one]
from = 2026-01-01
facts = { warrant = true }
"""
CALL = b'{"source": "cam", "at": 0.5, "service": "local", "task": "identification", "facts": {"timing": "recorded"}}\n'
ASKED = b'{"source": "street", "service": "azure_openai", "task": "identification", "facts": {"consent": "none"}}'
DOORS = [
    *(b"POST " + door for door in (b"/v1/authorize", b"/access/v1/evaluation", b"/v1/mediamtx/auth", b"/v1/ask")),
    b"GET /v1/check?source=street&service=azure_openai&task=identification",
    b"POST /beta/litellm_basic_guardrail_api",
]


def changed(good: bytes, drawn: Random) -> bytes:
    """The good file with a few changes; one in ten is noise alone."""
    if drawn.random() < 0.1:
        return drawn.randbytes(drawn.randrange(200))
    bad = bytearray(good)
    for _ in range(drawn.randint(1, 8)):
        start = drawn.randrange(len(bad) + 1)
        stop = min(len(bad), start + drawn.choice((1, 1, 2, 8, 64)))
        bad[start:stop] = drawn.choice((b"", drawn.randbytes(stop - start), bytes(bad[start:stop]) * 2, b"\0\xff[{\"'"))
    return bytes(bad)


def seeds(kind: str, folder: Path) -> list[bytes]:
    """Good files of a kind."""
    if kind == "toml":
        from facewarden.detector.policy.pack import skeleton

        return [SITE, skeleton("own").encode()]
    if kind == "json":
        return [CALL * 3, b'{"operator": "private", "country": "CA"}\n']
    if kind == "http":
        return [b"%b HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (line, len(ASKED), ASKED) for line in DOORS]
    if kind == "video":
        from helpers.clips import encode

        return [encode(folder / name, pictures=4).read_bytes() for name in ("a.mp4", "b.mkv", "c.ts", "d.avi")]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in ("a.onnx", "b.txt"):
            entry = tarfile.TarInfo(name)
            entry.size = 100
            tar.addfile(entry, io.BytesIO(bytes(100)))
    return [packed.getvalue()]


def parsers(kind: str) -> list[Callable[[Path], object]]:
    """What reads a file of a kind, to its end."""
    from facewarden.detector.calls.log import read_calls
    from facewarden.detector.inventory.scan import scan
    from facewarden.detector.policy.lines import read_facts, read_lines
    from facewarden.detector.policy.pack import load_pack
    from facewarden.detector.site import load_site
    from facewarden.streams.source import open_source

    def watch(path: Path) -> None:
        with open_source(str(path), "cam") as source:
            for _ in source:
                pass

    if kind == "http":
        return [_service()]
    return {
        "toml": [load_site, lambda path: load_pack(str(path))],
        "json": [read_calls, lambda path: list(read_facts(read_lines(path)))],
        "video": [watch],
        "tar": [lambda path: list(scan(path))],
    }[kind]


def _service() -> Callable[[Path], object]:
    """Sends a file to a service as it is: no answer is a failure of its own, and the gate stays closed."""
    from helpers.services import SITE, running

    site = Path(tempfile.mkdtemp()) / "site.toml"
    site.write_text(SITE)
    service = _UNTIL_THE_END.enter_context(running(site))

    def send(path: Path) -> None:
        host, _, port = service.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as connection, suppress(ConnectionError):
            connection.sendall(path.read_bytes())
            connection.shutdown(socket.SHUT_WR)
            first = connection.recv(100)
            assert not first.startswith((b"HTTP/1.1 500", b"HTTP/1.1 503")), first
        assert service.ask()["opens"] is False

    return send


def fuzz(kind: str, inputs: int, first: int = 0) -> None:
    """Read the inputs, one after the other; ends the process where one is not answered as it should be."""
    from facewarden.detector.errors import FacewardenError

    faulthandler.enable()
    signal.signal(signal.SIGALRM, lambda *_: os._exit(3))
    with tempfile.TemporaryDirectory() as name:
        ending = {"video": "mp4", "json": "jsonl"}.get(kind, kind)
        path, good = Path(name) / f"x.{ending}", seeds(kind, Path(name))
        readers = parsers(kind)
        for number in range(first, first + inputs):
            drawn = Random(f"{kind} {number}")
            path.write_bytes(changed(drawn.choice(good), drawn))
            print(number, flush=True)
            for parse in readers:
                signal.alarm(SECONDS)
                with suppress(FacewardenError):
                    parse(path)
                signal.alarm(0)
            if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > MIB * 1024:
                os._exit(4)


def main(words: Sequence[str]) -> int:
    """Fuzz a kind in a process of its own, and say which input it was that ended it."""
    kinds, inputs = (words[:1], int(words[1])) if words else (KINDS, 10_000)
    worst = 0
    for kind in kinds:
        first = words[2:] or ["0"]
        child = subprocess.run([sys.executable, __file__, "--child", kind, str(inputs), *first], capture_output=True)
        last = (child.stdout.splitlines() or [b"-"])[-1].decode()
        problem = {0: "", 3: f"hangs for {SECONDS} s", 4: f"more than {MIB} MiB"}.get(child.returncode, "breaks")
        print(f"{kind}: {inputs} inputs" if not problem else f"{kind}: input {last} {problem}", flush=True)
        sys.stderr.write(child.stderr.decode(errors="replace")[-2000:] if problem else "")
        worst |= bool(problem)
    return worst


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parent)
    if sys.argv[1:2] == ["--child"]:
        fuzz(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        sys.exit(main(sys.argv[1:]))
