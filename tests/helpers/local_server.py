"""A service on this machine, which answers as the real ones do and keeps what has arrived."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

CHAT = {
    "id": "1", "object": "chat.completion", "created": 0, "model": "gpt-4o",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Nobody."}}],
}  # fmt: skip
MESSAGE = {
    "id": "1", "type": "message", "role": "assistant", "model": "claude", "stop_reason": "end_turn",
    "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
    "content": [{"type": "text", "text": "Nobody."}],
}  # fmt: skip
RESPONSE = {
    "id": "1", "object": "response", "created_at": 0, "model": "gpt-4o", "output": [], "parallel_tool_calls": False,
    "tool_choice": "none", "tools": [],
}  # fmt: skip


class Arrived(NamedTuple):
    path: str
    body: bytes


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # connections that may wait: five, the default, are few where many come at once


class LocalServer:
    """Answers every request.

    Attributes:
        arrived: what has come, in order.
        status: what to answer with.
        seconds: how long to think about it.
        redirects: paths, and where to send those who ask for them.
    """

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.status = 200
        self.seconds = 0.0
        self.redirects: dict[str, str] = {}
        ours = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # an answer's body would wait 40 ms for the receipt of its head

            def do_POST(self) -> None:
                body = self._body()
                ours.arrived.append(Arrived(self.path, body))
                time.sleep(ours.seconds)
                self._answer(json.loads(body) if body.startswith(b"{") else {})

            do_GET = do_PUT = do_POST  # noqa: N815

            def _body(self) -> bytes:
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length", 0)))
                chunks = b""
                while size := int(self.rfile.readline(), 16):
                    chunks += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return chunks

            def _answer(self, asked: dict[str, Any]) -> None:
                path = self.path.partition("?")[0]
                kind, answer = _answer_to(path, bool(asked.get("stream")))
                self.send_response(307 if path in ours.redirects else ours.status)
                if path in ours.redirects:
                    self.send_header("Location", ours.redirects[path])
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "LocalServer":
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _answer_to(path: str, stream: bool) -> tuple[str, bytes]:
    if stream:
        chunk = {**CHAT, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "No"}}]}
        return "text/event-stream", f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode()
    endings = {"completions": CHAT, "messages": MESSAGE, "responses": RESPONSE, "/": {"FaceMatches": []}}
    endings |= {name: [] for name in ("detect", "identify", "findsimilars")}
    answer = next((answer for ending, answer in endings.items() if path.endswith(ending)), {"result": []})
    return "application/x-amz-json-1.1" if path == "/" else "application/json", json.dumps(answer).encode()
