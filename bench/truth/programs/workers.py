"""Ten thousand calls in the workers of a server or of a queue, one of which a signal ends in the middle.

python -m facewarden.bench.truth.programs.workers CAMERA OTHER MODEL gunicorn|uvicorn|celery
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import Any

from .app import BATCHES, noted, settings
from .common import MODEL, Count

WORKERS = 4
_APP, _JOBS = "facewarden.bench.truth.programs.app", "facewarden.bench.truth.programs.jobs"
_SECONDS = 120.0


def commands(port: int) -> dict[str, list[str]]:
    """What starts each."""
    address, workers = f"127.0.0.1:{port}", str(WORKERS)
    return {
        "gunicorn": ["gunicorn", "--workers", workers, "--bind", address, "--log-level", "error", f"{_APP}:wsgi"],
        "uvicorn": ["uvicorn", "--workers", workers, "--port", str(port), "--log-level", "error", f"{_APP}:asgi"],
        "celery": ["celery", "--quiet", "-A", _JOBS, "worker", "--concurrency", workers, "--loglevel", "ERROR"],
    }


def until(holds: Callable[[], bool]) -> None:
    """Wait for it; not for ever."""
    end = time.monotonic() + _SECONDS
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


def ask(port: int) -> bool:
    """One request; whether it was answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def serve(command: list[str], port: int, folder: str) -> None:
    """Requests until all batches are made; half way a worker is told to end, which its server replaces."""
    server = subprocess.Popen([sys.executable, "-m", *command])  # noqa: S603 - a server of ours
    until(lambda: ask(port))
    while len(noted(folder)) < BATCHES // 2:
        ask(port)
    os.kill(noted(folder)[-1][0], signal.SIGTERM)
    while len(noted(folder)) < BATCHES:
        ask(port)
    server.terminate()
    server.wait()


def work_off(command: list[str], folder: str) -> None:
    """Jobs of a queue; half way the whole of the workers is told to end, and begun again."""
    jobs: Any = import_module(_JOBS).app
    for _ in range(BATCHES):
        jobs.send_task("batch")
    for part in (BATCHES // 2, BATCHES):
        workers = subprocess.Popen([sys.executable, "-m", *command])  # noqa: S603 - as above
        until(lambda part=part: len(noted(folder)) >= part)
        workers.terminate()
        workers.wait()


def main(kind: str) -> None:
    with socket.socket() as free, TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        os.environ.update(settings(MODEL, folder))
        command = commands(port)[kind]
        if kind == "celery":
            work_off(command, folder)
        else:
            serve(command, port, folder)
        count = Count()
        for _, made, refused in noted(folder):
            count.add(made, refused)
        count.tell()


if __name__ == "__main__":
    main(sys.argv[4])
