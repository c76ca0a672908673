"""What the gateway adds to a call of 300 KB: the same calls with and without it, in turns, to a server that answers at
once; `python -m facewarden.bench.speed.gateway`. `--beside 4`: while four others make such calls, twenty a second."""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from ...detector.console import show
from .gate import spent

SITE: Final = """
packs = ["microsoft"]
[upstreams.quick]
kind = "oip"
url = "http://127.0.0.1:{port}"
listen = "127.0.0.1:{gateway}"
tasks = {{ quick = "other" }}
"""
HEAD: Final = b'{"inputs":[{"name":"in","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":307200}}]}'
BODY: Final = HEAD + bytes(300 << 10)
PATH: Final = "/v2/models/quick/infer"
METADATA: Final = b'{"name":"quick","inputs":[{"name":"in","datatype":"BYTES","shape":[1]}],"outputs":[]}'


_WARM: Final = 50
_PAUSE_S: Final = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--beside", type=int, default=0, help="other clients, of twenty calls a second each")
    parser.add_argument("--server", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--client", type=int, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.server:
        asyncio.run(_serve(told.server))
    elif told.client:
        _call_on(told.client)
    else:
        _compare(told.calls, told.beside)


def _compare(calls: int, beside: int) -> None:
    port, gateway, own = 28010, 28011, 28012
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site.toml"
        site.write_text(SITE.format(port=port, gateway=gateway))
        python = [sys.executable, "-m"]
        server = subprocess.Popen([*python, "facewarden.bench.speed.gateway", "--server", str(port)])  # noqa: S603 - our own
        command = ["facewarden", "serve", "--site", str(site), "--listen", f"127.0.0.1:{own}"]
        service = subprocess.Popen([*python, *command], stderr=subprocess.DEVNULL)  # noqa: S603 - our own
        others: list[subprocess.Popen[bytes]] = []
        try:
            wait_for(f"http://127.0.0.1:{own}/healthz")
            other = [*python, "facewarden.bench.speed.gateway", "--client", str(gateway)]
            others += [subprocess.Popen(other) for _ in range(beside)]  # noqa: S603 - our own
            before = spent(service.pid)
            clients = (HTTPConnection("127.0.0.1", one) for one in (port, gateway))
            direct, through = in_turns([partial(_call, client) for client in clients], calls)
            took = spent(service.pid) - before
        finally:
            for process in (*others, service, server):
                process.terminate()
                process.wait()
    tell("direct", direct)
    tell("through the gateway", through)
    tell("added, call by call", [b - a for a, b in zip(direct, through, strict=True)])
    if not beside:
        tell_spent(took, calls)
    tell_fastest(through, direct)


def in_turns(asks: Sequence[Callable[[], None]], calls: int) -> list[list[float]]:
    """Seconds that each takes, call by call in turns, so that whatever else the machine does falls on all of them."""
    times: list[list[float]] = [[] for _ in asks]
    for number in range(calls + _WARM):
        for ask, taken in zip(asks, times, strict=True):
            began = time.perf_counter()
            ask()
            if number >= _WARM:
                taken.append(time.perf_counter() - began)
    return times


def tell(name: str, times: Sequence[float]) -> None:
    """A line."""
    show(f"{name:22} median {1e3 * median(times):6.2f} ms   p99 {1e3 * quantiles(times, n=100)[98]:6.2f} ms")


def tell_fastest(slower: Sequence[float], faster: Sequence[float]) -> None:
    """What is added where nothing else was in the way."""
    place = len(faster) // 20
    show(f"{'at the fastest twentieth':22} {1e3 * (sorted(slower)[place] - sorted(faster)[place]):.2f} ms")


def tell_spent(seconds: float, calls: int) -> None:
    """A line on the processor time of the service."""
    show(f"{'processor time of ours':22} {1e3 * seconds / (calls + _WARM):.2f} ms a call")


def _call(client: HTTPConnection) -> None:
    client.request("POST", PATH, BODY, {"Inference-Header-Content-Length": str(len(HEAD))})
    answer = client.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{answer.status}: the gateway does not let it through")


def _call_on(port: int) -> None:
    client = HTTPConnection("127.0.0.1", port)
    while True:
        _call(client)
        time.sleep(_PAUSE_S)


def wait_for(url: str) -> None:
    """Until it answers."""
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - our own
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"{url} does not answer")


async def _serve(port: int) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", port, limit=1 << 20)
    await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
            await reader.readexactly(length)
            body = METADATA if b"/models/quick " in head else b'{"name":"quick","version":"1","outputs":[]}'
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


if __name__ == "__main__":
    main()
