"""What the gate of `facewarden serve` answers in a second, while it watches sources; asked by wrk.

Walls say little on a busy machine, so that the answers are also given for a second of processor time: everything that
the process with the doors spends while it is asked, less what it spends where nobody asks. wrk asks as fast as it is
answered; how late answers are at a steady rate is told besides, for the gate and for a page that asks nothing of it.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from ...detector.console import show
from .paced import ask_steadily

SITE: Final = """
packs = ["microsoft"]
operator = { operator = "non_us_le", on_behalf_of = "nobody", country = "CA" }
facts = { timing = "real_time", consent = "none", surveillance = false, limited_access_approved = true }
"""
SOURCE: Final = '[sources.camera-{0}]\nurl = "synthetic:{1}?seed={0}&seconds=6&fps=15&size=640x360"\n'
SCENES: Final = ("body", "fixed", "dash", "pole")
ASK: Final = """
local n = 0
request = function()
  n = n + 1
  local body = string.format('{"source":"camera-%d","service":"azure_openai","task":"identification"%s}', n % 8, SAID)
  return wrk.format("POST", "/v1/authorize", {["Content-Type"] = "application/json"}, body)
end
"""
READER: Final = "facewarden.detector.sidecar.scripted:Scripted"
CHECK: Final = 'wrk.path = "/v1/check?source=camera-1&service=azure_openai&task=identification"'
AUTHZEN: Final = """
wrk.method = "POST"
wrk.path = "/access/v1/evaluation"
wrk.body = '{"subject":{"type":"user","id":"desk"},"resource":{"type":"camera","id":"camera-1"},' ..
  '"action":{"name":"identification"},"context":{"service":"azure_openai"}}'
"""
SAYS: Final = {
    "authorize": ASK.replace("SAID", '""'),
    "authorize, each with an id": ASK.replace("SAID", "',\"id\":\"call-' .. n .. '\"'"),
    "check": CHECK,
    "AuthZEN": AUTHZEN,
    "nothing (/healthz), for comparison": 'wrk.path = "/healthz"',
}
CALL: Final = b'{"source":"camera-1","service":"azure_openai","task":"identification"}'
HEAD: Final = "POST /v1/authorize HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n"
STEADY: Final = {
    "authorize": HEAD.format(len(CALL)).encode() + CALL,
    "nothing (/healthz), for comparison": b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
}
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_SETTLED_S: Final = 8.0


def serve(folder: Path, sources: int, port: int, loop: str, record: bool, hold: float | None = None) -> None:
    """Run the service, on scenes; in a process of its own. A thread may hold the interpreter for so many seconds."""
    import asyncio

    from ...detector.sidecar import logs
    from ...detector.sidecar.apart.apart import Apart
    from ...detector.sidecar.serve import Service, quicken
    from ...detector.sidecar.settings import Options

    site = folder / "site.toml"
    tables = (SOURCE.format(number, SCENES[number % len(SCENES)]) for number in range(sources))
    site.write_text(SITE + "".join(tables))
    options = Options(site=site, listen=(f"127.0.0.1:{port}",), record=folder / "record" if record else None)
    service = Service(options, partial(Apart, reader=READER))
    logs.begin()
    quicken()
    if hold is not None:
        sys.setswitchinterval(hold)
    factory: Any = None
    if loop == "uvloop":
        factory = import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(service.serve())


def spent(pid: int) -> float:
    """Seconds of processor time that a process has spent."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def ask(port: int, script: str, seconds: float, connections: int) -> tuple[int, float, dict[str, str]]:
    """Answers, seconds, and latency by percentile."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(script)
        lua.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency", "-s", lua.name]
        url = f"http://127.0.0.1:{port}/"
        done = subprocess.run([*command, url], capture_output=True, text=True, check=True)  # noqa: S603 - ours

    text = done.stdout
    found = re.search(r"(\d+) requests in ([\d.]+)s", text)
    assert found is not None, text
    return int(found[1]), float(found[2]), dict(re.findall(r"^\s+(50|99)%\s+(\S+)", text, re.MULTILINE))


def measure(port: int, pid: int, seconds: float, connections: int, rate: float) -> None:
    """Print a line for each kind of question."""
    (eyes,) = (int(one) for path in Path(f"/proc/{pid}/task").glob("*/children") for one in path.read_text().split())
    before, looked, began = spent(pid), spent(eyes), time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - began
    watching, looking = (spent(pid) - before) / passed, (spent(eyes) - looked) / passed
    show(f"while nobody asks: {watching:.2f} of a core, and {looking:.2f} in the process of the sources")
    for name, script in SAYS.items():
        before = spent(pid)
        answers, took, latency = ask(port, script, seconds, connections)
        cost = spent(pid) - before - watching * took
        show(
            f"{name}: {answers / took:.0f} answers a second; {answers / cost:.0f} a second of processor time "
            f"({cost / answers * 1e6:.0f} us each); p50 {latency['50']}, p99 {latency['99']}"
        )
    for name, request in STEADY.items():
        late = ask_steadily(port, request, rate, seconds)
        show(
            f"{name}, {rate:.0f} a second: p50 {late.p50:.1f} ms, p99 {late.p99:.1f} ms, 99.9 % {late.p999:.1f} ms, "
            f"most {late.most:.1f} ms; {late.share:.1%} within 5 ms"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--rate", type=float, default=500.0, help="questions a second where they come steadily")
    parser.add_argument("--hold-ms", type=float, help="for which a thread may hold the interpreter; as shipped")
    parser.add_argument("--port", type=int, default=7079)
    parser.add_argument("--loop", choices=("asyncio", "uvloop"), default="asyncio")
    parser.add_argument("--no-record", action="store_true")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(
            options.serve,
            options.sources,
            options.port,
            options.loop,
            not options.no_record,
            None if options.hold_ms is None else options.hold_ms / 1000,
        )
        return
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed; on Debian: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "facewarden.bench.speed.gate", "--serve", folder, *sys.argv[1:]]
        service = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603 - ourselves
        try:
            wait(options.port)
            measure(options.port, service.pid, options.seconds, options.connections, options.rate)
        finally:
            service.terminate()
            service.wait()


def wait(port: int) -> None:
    """Until it decides, its scenes are drawn, and its sources have had time for their verdicts."""
    until = time.monotonic() + 300
    while not _all_live(port):
        assert time.monotonic() < until, "the service did not become ready"
        time.sleep(0.5)
    time.sleep(_SETTLED_S)


def _all_live(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/sources") as answer:
            return all(source["state"] == "live" for source in json.load(answer))
    except OSError:
        return False


if __name__ == "__main__":
    main()
