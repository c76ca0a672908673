"""Inference servers that others wrote, each in the environment that `make inference` builds for it."""

import json
import os
import socket
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import onnxruntime
import pytest

from .inference import described
from .services import wait_for

ROOT = Path(__file__).parents[2]
_HERE = Path(__file__).parent / "served"
_START_S = 180.0


class Serving(NamedTuple):
    """A server that runs: where it answers by HTTP and by gRPC, and where its models lie."""

    url: str
    grpc: str
    folder: Path


@contextmanager
def serving(kind: str, models: Mapping[str, bytes], folder: Path) -> Generator[Serving]:
    """`mlserver` or `kserve` with ONNX models by name; the test is skipped where it is not here."""
    python = ROOT / "build" / kind / "bin" / "python"
    if not python.is_file():
        pytest.skip(f"{kind} is not here: make inference")
    http, rpc = _free_ports()
    words = {"mlserver": _mlserver, "kserve": _kserve}[kind](models, folder, http, rpc)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_HERE), "OMP_NUM_THREADS": "1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(python), *words], cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{http}", timeout=10) as client:
                wait_for(lambda: _ready(process, folder, client, models), _START_S)
            yield Serving(f"http://127.0.0.1:{http}", f"127.0.0.1:{rpc}", folder)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ready(process: "subprocess.Popen[bytes]", folder: Path, client: httpx.Client, models: Mapping[str, bytes]) -> bool:
    assert process.poll() is None, (folder / "log").read_text()[-2000:]
    return all(client.get(f"/v2/models/{name}/ready").status_code == 200 for name in models)


def _mlserver(models: Mapping[str, bytes], folder: Path, http: int, rpc: int) -> list[str]:
    about: dict[str, Any] = {"host": "127.0.0.1", "http_port": http, "grpc_port": rpc}
    (folder / "settings.json").write_text(
        json.dumps({**about, "metrics_endpoint": None, "parallel_workers": 0, "debug": False})
    )
    for name, content in models.items():
        home = folder / name
        home.mkdir()
        (home / "model.onnx").write_bytes(content)
        said = {} if name.startswith("quiet") else described(onnxruntime.InferenceSession(content))
        settings = {
            "name": name,
            "implementation": "mlserver_onnx.Onnx",
            "parameters": {"uri": str(home / "model.onnx")},
            **said,
        }
        (home / "model-settings.json").write_text(json.dumps(settings))
    return ["-c", "from mlserver.cli import main; main()", "start", "."]


def _kserve(models: Mapping[str, bytes], folder: Path, http: int, rpc: int) -> list[str]:
    for name, content in models.items():
        (folder / f"{name}.onnx").write_bytes(content)
    told = [f"{name}={folder / name}.onnx" for name in models]
    return [str(_HERE / "kserve_onnx.py"), str(http), str(rpc), *told]


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as another:
        one.bind(("127.0.0.1", 0))
        another.bind(("127.0.0.1", 0))
        return one.getsockname()[1], another.getsockname()[1]
