"""The examples of `deploy/`: run where their programs are installed, else at least read."""

import json
import runpy
import shutil
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from helpers.local_server import LocalServer
from helpers.services import SITE, Running, running, wait_for

from facewarden.detector.site import load_site

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
PROXIES: Final = {
    "nginx": ["nginx", "-e", "stderr", "-g", "daemon off;", "-p", ".", "-c", "nginx.conf"],
    "caddy": ["caddy", "run", "--config", "Caddyfile"],
    "haproxy": ["haproxy", "-f", "haproxy.cfg"],
    "envoy": ["envoy", "-c", "envoy.yaml", "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"],
}


def program(name: str) -> str:
    beside = Path(sys.executable).with_name(name)  # a wheel's
    found = str(beside) if beside.exists() else shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin:/bin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def proxying(name: str, folder: Path, service: str, grpc: int | None, inference: str) -> Generator[str]:
    """The example as it stands, but for its ports; gives the proxy's URL."""
    command, port = [program(PROXIES[name][0]), *PROXIES[name][1:]], free_port()
    ports = {
        "127.0.0.1:7070": service, "port_value: 7071": f"port_value: {grpc}",
        "127.0.0.1:8000": inference, "port_value: 8000": f"port_value: {inference.rpartition(':')[2]}",
        "127.0.0.1:8080": f"127.0.0.1:{port}", "port_value: 8080": f"port_value: {port}",
        "/tmp/facewarden-nginx.pid": str(folder / "pid"),
    }  # fmt: skip
    for example in ("nginx.conf", "Caddyfile", "haproxy.cfg", "facewarden.lua", "envoy.yaml"):
        text = (DEPLOY / example).read_text()
        for there, here in ports.items():
            text = text.replace(there, here)
        (folder / example).write_text(text)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        wait_for(lambda: httpx.get(f"http://127.0.0.1:{port}/nothing").status_code, 30)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def service() -> Generator[Running]:
    with running(DEPLOY / "site.toml", listen=("127.0.0.1:0",), grpc="127.0.0.1:0") as found:
        yield found


@pytest.fixture(params=list(PROXIES), scope="module")
def behind(
    request: pytest.FixtureRequest, service: Running, tmp_path_factory: pytest.TempPathFactory
) -> Generator[tuple[str, LocalServer]]:
    name: str = request.param
    with LocalServer() as inference:
        there = service.service.addresses[0], service.service.grpc_port
        where = inference.url.removeprefix("http://").replace("localhost", "127.0.0.1")
        with proxying(name, tmp_path_factory.mktemp(name), *there, where) as url:
            yield url, inference


@pytest.mark.slow
def test_a_prohibited_call_never_arrives_and_its_caller_is_told_why(behind: tuple[str, LocalServer]) -> None:
    url, inference = behind
    refused = httpx.post(f"{url}/street/faces/v2/models/arcface/infer", content=b"a picture")

    assert refused.status_code == 403
    assert "EU-5" in refused.text
    assert inference.arrived == []


@pytest.mark.slow
def test_a_call_that_may_run_arrives_whole(behind: tuple[str, LocalServer]) -> None:
    url, inference = behind
    answer = httpx.post(f"{url}/desk/faces/v2/models/arcface/infer", content=b"a picture")

    assert answer.status_code == 200
    assert inference.arrived[-1].body == b"a picture"


@pytest.mark.slow
def test_what_no_rule_names_does_not_pass(behind: tuple[str, LocalServer]) -> None:
    assert httpx.get(f"{behind[0]}/v2/models/arcface/infer").status_code == 404


def test_the_site_of_the_examples_is_one() -> None:
    assert load_site(DEPLOY / "site.toml").cameras["street"]


@pytest.mark.parametrize(("check", "example"), [("config", "prometheus.yml"), ("rules", "alerts.yml")])
def test_prometheus_takes_what_it_is_to_read(check: str, example: str) -> None:
    done = subprocess.run(
        [program("promtool"), "check", check, str(DEPLOY / example)], capture_output=True, check=False
    )

    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


@pytest.mark.parametrize("example", ["kubernetes.yaml", "compose.yaml"])
def test_a_container_has_no_root_no_capabilities_and_nothing_to_write_to(example: str) -> None:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML: make docs brings it")
    text: dict[str, Any] = yaml.safe_load((DEPLOY / example).read_text())
    if example == "compose.yaml":
        container = text["services"]["facewarden"]
        assert (container["read_only"], container["cap_drop"]) == (True, ["ALL"])
        return
    (container,) = text["spec"]["initContainers"]
    assert container["restartPolicy"] == "Always"
    assert all(container[probe]["timeoutSeconds"] >= 5 for probe in ("startupProbe", "livenessProbe"))
    assert text["spec"]["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize(("status", "lives"), [(0, True), (1, True), (2, False)])
def test_a_pod_that_is_not_ready_is_not_started_anew(tmp_path: Path, status: int, lives: bool) -> None:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML: make docs brings it")
    text: dict[str, Any] = yaml.safe_load((DEPLOY / "kubernetes.yaml").read_text())
    shell, flag, line = text["spec"]["initContainers"][0]["livenessProbe"]["exec"]["command"]
    program = tmp_path / "facewarden"
    program.write_text(f"#!/bin/sh\nexit {status}\n")
    program.chmod(0o755)
    done = subprocess.run([shell, flag, line.replace("/opt/facewarden/bin/facewarden", str(program))], check=False)

    assert (done.returncode == 0) == lives


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "facewarden.service"
    unit.write_text((DEPLOY / unit.name).read_text().replace("/opt/facewarden/bin/facewarden", sys.executable))
    done = subprocess.run([program("systemd-analyze"), "verify", str(unit)], capture_output=True, check=False)
    if "Failed to" in done.stderr.decode() and "bus" in done.stderr.decode():
        pytest.skip("systemd does not run here")

    assert done.returncode == 0, done.stderr.decode()


def test_frigates_face_recognition_is_switched_off_where_it_may_not_run(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(SITE)
    switch = runpy.run_path(str(DEPLOY / "frigate.py"))
    with running(site) as service, LocalServer() as frigate:
        switch["look"](service.url, frigate.url, {"porch": "street"})
        switch["look"]("http://127.0.0.1:9", frigate.url, {"porch": "street"})

    told = [json.loads(one.body) for one in frigate.arrived]
    assert [one.path for one in frigate.arrived] == ["/api/config/set"] * 2
    assert told[0]["config_data"] == {
        "cameras": {"porch": {"face_recognition": {"enabled": True}}}
    }  # no rule on it here
    assert told[1]["config_data"] == {"cameras": {"porch": {"face_recognition": {"enabled": False}}}}
    assert told[1]["update_topic"] == "config/cameras/porch/face_recognition"
