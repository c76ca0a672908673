"""Proxies that others wrote, on this machine, before a stand-in for an inference server: each asks a service first.

A request under `/identify/` goes on as identification, one under `/speak/` as speech; both on the source `street`.
"""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

TASKS: Final = {"identify": "identification", "speak": "speech"}


class Ports(NamedTuple):
    """Where everything is."""

    proxy: int
    service: int
    grpc: int
    inference: int


def nginx(folder: Path, ports: Ports) -> list[str]:
    """`auth_request`: the body of a refusal does not reach the client, so that the reason goes by a header."""
    places = "".join(
        f"""
    location = /ask-{name} {{
      internal;
      proxy_pass http://127.0.0.1:{ports.service}/v1/check?source=street&service=azure_openai&task={task};
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header X-Original-URI $request_uri;
    }}
    location /{name}/ {{
      auth_request /ask-{name};
      auth_request_set $reason $upstream_http_x_facewarden_reason;
      error_page 403 = @refused;
      proxy_pass http://127.0.0.1:{ports.inference};
    }}"""
        for name, task in TASKS.items()
    )
    return [
        "nginx", "-p", str(folder), "-e", "stderr", "-c", _written(folder / "nginx.conf", f"""
daemon off; pid nginx.pid; worker_processes 1; error_log stderr;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  server {{
    listen 127.0.0.1:{ports.proxy};
    {places}
    location @refused {{ default_type text/plain; return 403 "$reason"; }}
  }}
}}
"""),
    ]  # fmt: skip


def caddy(folder: Path, ports: Ports) -> list[str]:
    """`forward_auth`: status, headers and body of a refusal are the client's answer."""
    places = "".join(
        f"""
  handle /{name}/* {{
    forward_auth 127.0.0.1:{ports.service} {{
      uri /v1/check?source=street&service=azure_openai&task={task}
    }}
    reverse_proxy 127.0.0.1:{ports.inference}
  }}"""
        for name, task in TASKS.items()
    )
    text = (
        f"{{\n  admin off\n  auto_https off\n  persist_config off\n}}\nhttp://127.0.0.1:{ports.proxy} {{{places}\n}}\n"
    )
    return ["caddy", "run", "--adapter", "caddyfile", "--config", _written(folder / "Caddyfile", text)]


def envoy_http(folder: Path, ports: Ports) -> list[str]:
    """`ext_authz` over HTTP: it asks at a prefix and the client's own path; the task is said by headers alone."""

    def asking(task: str) -> dict[str, Any]:
        said = {"x-facewarden-source": "street", "x-facewarden-service": "azure_openai", "x-facewarden-task": task}
        return {
            "http_service": {
                "server_uri": {"uri": "http://facewarden", "cluster": "facewarden", "timeout": "1s"},
                "path_prefix": "/v1/check",
                "authorization_request": {
                    "headers_to_add": [{"key": key, "value": value} for key, value in said.items()]
                },
            }
        }

    return _envoy(folder, ports, asking, ports.service)


def envoy_grpc(folder: Path, ports: Ports) -> list[str]:
    """`ext_authz` over gRPC: source and task stand in the context extensions of a route."""

    def asking(_: str) -> dict[str, Any]:
        return {"grpc_service": {"envoy_grpc": {"cluster_name": "facewarden"}, "timeout": "1s"}}

    return _envoy(folder, ports, asking, ports.grpc, grpc=True)


PROXIES: Final[dict[str, Callable[[Path, Ports], list[str]]]] = {
    "nginx": nginx,
    "caddy": caddy,
    "envoy-http": envoy_http,
    "envoy-grpc": envoy_grpc,
}


@contextmanager
def proxying(name: str, folder: Path, service: int, grpc: int, inference: int) -> Generator[str]:
    """A proxy that runs; gives its URL. `FileNotFoundError` where it is not installed."""
    ports = Ports(_free(), service, grpc, inference)
    words = PROXIES[name](folder, ports)
    beside = Path(sys.executable).with_name(words[0])  # a wheel's
    program = str(beside) if beside.exists() else shutil.which(words[0])
    if program is None:
        raise FileNotFoundError(words[0])
    with (folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen([program, *words[1:]], cwd=folder, stdout=log, stderr=log)
    try:
        _wait(ports.proxy, process, folder / "proxy.log")
        yield f"http://127.0.0.1:{ports.proxy}"
    finally:
        process.terminate()
        process.wait(20)


def _envoy(
    folder: Path, ports: Ports, asking: Callable[[str], dict[str, Any]], asked: int, grpc: bool = False
) -> list[str]:
    kind = "type.googleapis.com/envoy.extensions.filters."
    manager = kind + "network.http_connection_manager.v3.HttpConnectionManager"

    def route(name: str, task: str) -> dict[str, Any]:
        found: dict[str, Any] = {"match": {"prefix": f"/{name}/"}, "route": {"cluster": "inference"}}
        if grpc:
            said = {"source": "street", "service": "azure_openai", "task": task, "consumer": "test"}
            per_route = {"@type": kind + "http.ext_authz.v3.ExtAuthzPerRoute"}
            found["typed_per_filter_config"] = {"ask": {**per_route, "check_settings": {"context_extensions": said}}}
        return found

    def chain(name: str, task: str) -> dict[str, Any]:
        """A filter chain whose authorisation says that task; by HTTP each task needs one of its own."""
        ask = {"@type": kind + "http.ext_authz.v3.ExtAuthz", "transport_api_version": "V3", **asking(task)}
        filters = [
            {"name": "ask", "typed_config": ask},
            {"name": "router", "typed_config": {"@type": kind + "http.router.v3.Router"}},
        ]
        routes = [route(*one) for one in TASKS.items()] if grpc else [route(name, task)]
        hosts = [{"name": "all", "domains": ["*"], "routes": routes}]
        typed = {
            "@type": manager,
            "stat_prefix": "x",
            "http_filters": filters,
            "route_config": {"virtual_hosts": hosts},
        }
        return {"filters": [{"name": "http", "typed_config": typed}]}

    def cluster(name: str, port: int, http2: bool = False) -> dict[str, Any]:
        at = {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}}
        found: dict[str, Any] = {
            "name": name, "type": "STATIC", "connect_timeout": "1s",
            "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": at}]}]},
        }  # fmt: skip
        if http2:
            options = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
            found["typed_extension_protocol_options"] = {
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                    "@type": options, "explicit_http_config": {"http2_protocol_options": {}},
                }
            }  # fmt: skip
        return found

    def listener(name: str, task: str, port: int) -> dict[str, Any]:
        address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
        return {"name": name, "address": address, "filter_chains": [chain(name, task)]}

    tasks = [("identify", "identification")] if grpc else list(TASKS.items())
    listeners = [listener(name, task, ports.proxy + place) for place, (name, task) in enumerate(tasks)]
    clusters = [cluster("facewarden", asked, grpc), cluster("inference", ports.inference)]
    config = {"static_resources": {"listeners": listeners, "clusters": clusters}}
    path = _written(folder / "envoy.json", json.dumps(config))
    return ["envoy", "-c", path, "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"]


def _written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def _free() -> int:
    """A port that is free, and the next one as well."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    import time

    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"the proxy does not listen: {log.read_text()}")
