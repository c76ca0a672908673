"""What goes through the gateway is unchanged, and who hangs, cuts or trickles harms nobody else."""

import asyncio
import resource
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, cast

import h11
import httpx
import pytest
from helpers.services import wait_for

from facewarden.bench.tools.sender import free_port
from facewarden.detector.sidecar.gateway import incoming, pool
from facewarden.detector.sidecar.gateway.incoming import Incoming, Wire

from .conftest import Front, Fronted

Answer = Callable[[socket.socket, bytes], None]


class Scripted:
    """A server of HTTP by hand: it reads a request's head, and does what it is told to.

    Attributes:
        answer: what it does with a connection, given the head that came.
        heads: those that came.
    """

    def __init__(self) -> None:
        self.answer: Answer = lambda connection, _: connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        self.heads: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            self.heads.append(head)
            self.answer(connection, head)

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def scripted() -> Generator[Scripted]:
    server = Scripted()
    yield server
    server.close()


@pytest.fixture
def fronted(front: Front, scripted: Scripted) -> Fronted:
    return front(own=f'url = "{scripted.url}/below"\nkind = "openai"\nhost = "client"\npasses = ["/plain"]')


def talk(url: str, sent: bytes, *, whole: bool = True) -> bytes:
    """Send bytes, and give all that comes back until the end."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(sent)
        if whole:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return received


def test_status_reason_headers_bytes_and_trailers_come_back_as_they_are(fronted: Fronted, scripted: Scripted) -> None:
    scripted.answer = lambda connection, _: connection.sendall(
        b"HTTP/1.1 299 Quite Fine\r\nX-MiXed: Case\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
        b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\n\x00\xff\r\r\n0\r\nX-Sum: 7\r\n\r\n"
    )
    answer = talk(fronted.url("own"), b"GET /plain/x?y=%20 HTTP/1.1\r\nHost: me\r\nX-OdD: KEPT\r\n\r\n")

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 299 Quite Fine\r\nX-MiXed: Case\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n")
    assert body == b"3\r\n\x00\xff\r\r\n0\r\nX-Sum: 7\r\n\r\n"
    assert scripted.heads[0].startswith(b"GET /below/plain/x?y=%20 HTTP/1.1\r\nHost: me\r\nX-OdD: KEPT\r\n\r\n")


def test_a_request_of_http_1_0_that_names_no_host_goes_on_with_the_servers(
    fronted: Fronted, scripted: Scripted
) -> None:
    answer = talk(fronted.url("own"), b"GET /plain HTTP/1.0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 204 ")
    assert b"\r\nHost: " + scripted.url.removeprefix("http://").encode() in scripted.heads[0]


def test_what_is_streamed_comes_piece_by_piece(fronted: Fronted, scripted: Scripted) -> None:
    more = threading.Event()

    def slowly(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        more.wait(10)
        connection.sendall(b"6\r\nsecond\r\n0\r\n\r\n")

    scripted.answer = slowly
    with httpx.stream("GET", fronted.url("own") + "/plain", timeout=20) as answer:
        pieces = answer.iter_raw()
        assert next(pieces) == b"first"
        more.set()
        assert b"".join(pieces) == b"second"


def test_an_answer_that_is_cut_is_cut_here_too(fronted: Fronted, scripted: Scripted) -> None:
    scripted.answer = lambda connection, _: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal")
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(fronted.url("own") + "/plain", timeout=20)


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n"])
def test_a_server_that_says_nothing_sensible_is_told_of(fronted: Fronted, scripted: Scripted, said: bytes) -> None:
    scripted.answer = lambda connection, _: connection.sendall(said)
    answer = httpx.get(fronted.url("own") + "/plain", timeout=20)

    assert answer.status_code == 502
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_server_that_is_not_there_is_told_of(front: Front) -> None:
    fronted = front(own='url = "http://127.0.0.1:9"\nkind = "openai"')
    assert httpx.get(fronted.url("own") + "/v1/models", timeout=20).status_code == 502


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"POST /plain HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /plain HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /plain HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200000 + b"\r\n\r\n",
        b"GET /plain HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70000 + b"\r\n\r\n",
        b"GET /plain HTTP/1.1\r\n Host: a\r\n\r\n",
    ],
)
def test_what_is_no_request_is_told_so_and_never_arrives(fronted: Fronted, scripted: Scripted, sent: bytes) -> None:
    answer = talk(fronted.url("own"), sent)

    assert answer[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 431", b"HTTP/1.1 501", b"HTTP/1.1 505"), answer[:200]
    assert scripted.heads == []


def test_a_client_that_trickles_or_hangs_is_given_up_and_harms_nobody(
    fronted: Fronted, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "HEAD_S", 0.3)
    host, _, port = fronted.url("own").removeprefix("http://").partition(":")
    hanging = [socket.create_connection((host, int(port)), timeout=20) for _ in range(50)]
    for one in hanging:
        one.sendall(b"GET /plain HTTP/1.1\r\nHo")
    assert httpx.get(fronted.url("own") + "/plain", timeout=20).status_code == 204
    for one in hanging:
        with one:
            assert one.recv(100) == b""
    assert len(scripted.heads) == 1


def test_a_client_that_goes_away_in_the_middle_leaves_nothing_behind(fronted: Fronted, scripted: Scripted) -> None:
    ended: list[bytes] = []

    def read_on(connection: socket.socket, head: bytes) -> None:
        while piece := connection.recv(65536):
            head += piece
        ended.append(head)

    scripted.answer = read_on
    head = b"POST /plain HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
    assert b" 200 " not in talk(fronted.url("own"), head + b"x" * 1000)
    until = time.monotonic() + 10
    while not ended and time.monotonic() < until:
        time.sleep(0.02)
    assert len(ended) == 1
    assert len(ended[0]) < 5000


def test_a_server_that_takes_nothing_is_let_go(
    fronted: Fronted, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "SERVER_S", 0.2)
    given_up, ended = threading.Event(), threading.Event()
    taken: list[int] = []

    def too_late(connection: socket.socket, _: bytes) -> None:
        given_up.wait(20)
        with suppress(ConnectionError):
            while piece := connection.recv(1 << 20):
                taken.append(len(piece))
        ended.set()

    scripted.answer = too_late
    head = b"POST /plain HTTP/1.1\r\nHost: a\r\nContent-Length: 90000000\r\n\r\n"
    with suppress(ConnectionError):
        talk(fronted.url("own"), head + bytes(80_000_000), whole=False)
    given_up.set()

    assert ended.wait(20)  # the server's connection has an end
    assert sum(taken) < 70_000_000


def test_a_client_that_does_not_take_the_end_of_its_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "CLIENT_S", 0.2)
    ended = threading.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = incoming.of_client(reader, writer)
        writer.write(bytes(50_000_000))
        await wire.close()
        ended.set()

    async def ask() -> None:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            with socket.create_connection(server.sockets[0].getsockname()):
                await asyncio.to_thread(ended.wait, 10)

    asyncio.run(ask())
    assert ended.is_set()


def test_an_early_answer_does_not_wait_for_the_body(fronted: Fronted, scripted: Scripted) -> None:
    scripted.answer = lambda connection, _: (
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"),
        time.sleep(0.5),
    )[-1]
    head = b"POST /plain HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
    assert talk(fronted.url("own"), head + b"x" * 1000, whole=False).startswith(b"HTTP/1.1 413 Too Large\r\n")


@pytest.mark.slow
def test_two_hundred_megabytes_go_through_without_being_kept(fronted: Fronted, scripted: Scripted) -> None:
    size, got = 200 << 20, [0]

    def count(connection: socket.socket, head: bytes) -> None:
        got[0] = len(head.partition(b"\r\n\r\n")[2])
        while got[0] < size:
            got[0] += len(connection.recv(1 << 20))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    scripted.answer = count
    before = _resident()
    pieces = (bytes(1 << 20) for _ in range(200))
    answer = httpx.post(
        fronted.url("own") + "/plain", content=pieces, headers={"Content-Length": str(size)}, timeout=120
    )

    assert (answer.status_code, got[0]) == (200, size)
    assert _resident() - before < 80 << 20  # of this whole process, in which others run


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.slow
def test_a_thousand_calls_are_under_way_at_once(front: Front) -> None:
    """Each is held at the server until all are there; the thousand and first passes as the others do."""
    most = 1000
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, _descriptors()), _descriptors()))
    if _descriptors() < 4 * most + 500:
        pytest.skip(f"{most} connections take more descriptors than {_descriptors()}")
    port = free_port()
    fronted = front(own=f'url = "http://127.0.0.1:{port}"\nkind = "openai"\npasses = ["/plain"]')
    host, _, at = fronted.url("own").removeprefix("http://").partition(":")

    assert asyncio.run(_ask_at_once(host, int(at), port, most)) == [b"HTTP/1.1 200 OK"] * (most + 1)


def _descriptors() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


async def _ask_at_once(host: str, port: int, server: int, count: int) -> list[bytes]:
    async def ask() -> bytes:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"POST /plain HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n" + bytes(300))
        answer = await asyncio.wait_for(reader.readline(), 200)
        writer.close()
        await writer.wait_closed()
        return answer.rstrip()

    served = await asyncio.start_server(_Holding(count).answer, "127.0.0.1", server, backlog=count)
    with closing(served):  # and not `async with`, which waits for the connections that the gateway keeps
        return [*await asyncio.gather(*(ask() for _ in range(count))), await ask()]


class _Holding:
    """A server that answers nobody until so many ask."""

    def __init__(self, count: int) -> None:
        self._count, self._asked, self._all = count, 0, asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, OSError), closing(writer):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(300 if b"length: 300" in head.lower() else 0)
                self._asked += 1
                if self._asked >= self._count:
                    self._all.set()
                await self._all.wait()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def test_connections_are_used_again(fronted: Fronted, scripted: Scripted) -> None:
    def twice(connection: socket.socket, head: bytes) -> None:  # noqa: ARG001 - of whichever request
        for _ in range(2):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            if not connection.recv(65536):
                return
            scripted.heads.append(b"again")

    scripted.answer = twice
    with httpx.Client(timeout=20) as client:
        assert [client.get(fronted.url("own") + "/plain").text for _ in range(2)] == ["ok", "ok"]
    assert scripted.heads[1] == b"again"


def test_a_connection_that_is_kept_and_not_used_is_ended(
    fronted: Fronted, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "KEPT_S", 0.1)
    more: list[bytes] = []

    def once(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        connection.settimeout(20)
        more.append(connection.recv(100))

    scripted.answer = once
    assert httpx.get(fronted.url("own") + "/plain", timeout=20).status_code == 204
    wait_for(lambda: more == [b""])


def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(fronted: Fronted, scripted: Scripted) -> None:
    def take(connection: socket.socket, head: bytes) -> None:
        while not head.endswith(b"abc"):
            head += connection.recv(100)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    scripted.answer = take
    host, _, port = fronted.url("own").removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"POST /plain HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"abc")
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")


def close_kept(scripted: Scripted, body: int = 0) -> None:
    """Have a server close each connection once the second request of it has come, without an answer."""

    def once(connection: socket.socket, head: bytes) -> None:
        while len(head.partition(b"\r\n\r\n")[2]) < body:
            head += connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        scripted.heads.append(connection.recv(65536))

    scripted.answer = once


def test_a_request_that_a_kept_connection_swallows_is_sent_once_more(fronted: Fronted, scripted: Scripted) -> None:
    close_kept(scripted)
    with httpx.Client(timeout=20) as client:
        assert [client.get(fronted.url("own") + "/plain").text for _ in range(4)] == ["ok"] * 4


def test_what_may_not_be_done_twice_is_sent_once_and_what_a_client_or_the_protocol_lets_be_twice(
    fronted: Fronted, front: Front, scripted: Scripted
) -> None:
    close_kept(scripted, body=1000)
    plain = fronted.url("own") + "/plain"
    models = front(own=f'url = "{scripted.url}"\nkind = "oip"\npasses = ["/plain", "/v2/models/a/"]').url("own")
    with httpx.Client(timeout=20) as client:

        def post(url: str, headers: dict[str, str]) -> list[int]:
            return [client.post(url, content=bytes(1000), headers=headers).status_code for _ in range(2)]

        assert post(plain, {}) == [200, 502]
        assert post(plain, {"Idempotency-Key": "7"}) == [200, 200]
        assert post(models + "/v2/models/a/infer", {}) == [200, 200]
        assert post(models + "/plain", {}) == [502, 200]  # on the connection that was kept, and on a fresh one


def test_a_body_that_comes_byte_by_byte_is_kept_at_the_cost_of_each_once() -> None:
    left, looked = 30_000, 0

    class Piece(bytearray):
        def __len__(self) -> int:
            nonlocal looked
            looked += 1
            return super().__len__()

    class Bytewise(Wire):
        async def event(self, patience: float | None = None) -> Any:  # noqa: ARG002
            nonlocal left
            left -= 1
            return h11.Data(data=cast(bytes, Piece(b"x"))) if left >= 0 else h11.EndOfMessage()

    async def read() -> None:
        wire = Bytewise(asyncio.StreamReader(), cast(Any, None), h11.SERVER, 1)
        request = Incoming(wire, h11.Request(method="POST", target="/", headers=[("Host", "a")]))
        request.keep()
        async for _ in request.body():
            pass

    asyncio.run(read())
    assert looked <= 4 * 30_000
