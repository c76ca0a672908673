"""The gate of a program whose cameras and policy are in a service beside it: its taps report, and the service decides.

A call that cannot be asked about is held: a service that is lost opens nothing.
"""

import http.client
import os
import threading
from collections.abc import Iterable
from time import time

import msgspec

from ...streams.frame import Pixels
from ..calls import Call, write_call
from ..calls.aside import aside
from ..calls.attribution import Declared, Reading
from ..calls.attribution.asked import CallQuestion, CallReply, as_views
from ..errors import FacewardenError
from ..policy import held
from ..records import Judged, Recorder
from ..secret import read_secret
from ..unix_http import UnixConnection
from .models import ModelGate, Refusal

# Seconds that an answer may take. It comes from memory: a service that takes longer is as good as lost.
_TIMEOUT_S = 1.0
PATH = "/v1/ask"
_HEADERS = {"Content-Type": "application/json"}


class NoAnswer(FacewardenError):
    """The service gave no answer."""

    kind = "no_answer"


class Line:
    """Asks a service over its Unix socket, each thread on a connection of its own.

    Args:
        path: the socket.
        token_file: the file that holds the token which the service asks for; read for each connection.
    """

    def __init__(self, path: str, token_file: str | None = None) -> None:
        self._path, self._token_file = path, token_file
        self._here = threading.local()

    def ask(self, body: bytes) -> CallReply:
        """The service's answer to a question.

        Raises:
            NoAnswer: there is none, or none that can be understood.
        """
        try:
            with aside():
                return msgspec.json.decode(self._answer(body), type=CallReply)
        except (OSError, http.client.HTTPException, msgspec.DecodeError) as error:
            self._drop()
            raise NoAnswer(f"unix:{self._path} does not answer ({error or type(error).__name__})") from error

    def _answer(self, body: bytes) -> bytes:
        kept = self._kept()
        try:
            return self._sent(kept or self._new(), body)
        except (ConnectionError, http.client.HTTPException):
            self._drop()
            if kept is None:
                raise
            return self._sent(self._new(), body)  # it was closed while nobody asked

    def _sent(self, connection: UnixConnection, body: bytes) -> bytes:
        connection.request("POST", PATH, body, self._here.headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != http.client.OK:
            self._drop()
            raise NoAnswer(f"unix:{self._path} answers with status {answer.status}: {_detail(content)}")
        return content

    def _kept(self) -> UnixConnection | None:
        """The connection of this thread; one that was made before a fork is the parent's."""
        pid, connection = getattr(self._here, "kept", (0, None))
        return connection if pid == os.getpid() else None

    def _new(self) -> UnixConnection:
        connection = UnixConnection(self._path, _TIMEOUT_S)
        token = {"X-Facewarden-Token": read_secret(self._token_file)} if self._token_file else {}
        self._here.headers = {**_HEADERS, **token}
        self._here.kept = os.getpid(), connection
        return connection

    def _drop(self) -> None:
        connection = self._kept()
        self._here.__dict__.clear()
        if connection is not None:
            connection.close()


class AskingGate(ModelGate):
    """What the taps of a program report to (see `Gate`), where a service decides.

    Args:
        path: the Unix socket of the service.
        names: source name by the URL that the program reads, where the service knows it by another.
        recorder: keeps what models were found, and the calls that the service could not be asked about.
        token_file: holds the token that the service asks for.
        observe: refuse nothing.
    """

    def __init__(
        self, path: str, names: dict[str, str], recorder: Recorder, token_file: str | None = None, *,
        observe: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(recorder, "local")
        self._line, self._names, self._observe = Line(path, token_file), names, observe
        self._declared, self._shown, self._read = Declared(), Reading(), Reading()
        self._closed: str | None = None
        self._lost = False
        self._greet()

    def close(self, reason: str | None) -> None:
        self._closed = reason

    def refusal(self, call: Call, pictures: Iterable[object], baggage: str) -> Refusal | None:
        try:
            reply = self._line.ask(msgspec.json.encode(self._question(call, pictures, baggage)))
        except Exception as error:  # noqa: BLE001 - whatever failed, the call is held
            return self._held(call, str(error) if isinstance(error, NoAnswer) else f"{type(error).__name__}: {error}")
        if self._lost:
            self._lost = False
            self._recorder.event("failure", "the service answers again")
        return None if reply.refused is None else Refusal(reply.refused)

    def picture(self, url: str, pixels: Pixels, at: float, reader: object = None) -> None:
        for other in self.beside:
            other.picture(url, pixels, at, reader)
        self._shown.read(self._names.get(url, url))

    def read(self, url: str) -> None:
        for other in self.beside:
            other.read(url)
        self._read.read(self._names.get(url, url))

    def still(self, path: str, pixels: Pixels, at: float) -> None:
        for other in self.beside:
            other.still(path, pixels, at)
        self._read.read(self._names.get(path, path))

    def _question(self, call: Call, pictures: Iterable[object], baggage: str) -> CallQuestion:
        said = None if call.source else self._declared.source(baggage)
        named = msgspec.structs.replace(call, own={**call.own, "pid": os.getpid()})
        return CallQuestion(
            msgspec.Raw(write_call(named)),
            said,
            self._shown.recent(),
            self._read.recent(),
            () if call.source or said else as_views(pictures),
            self._closed,
            self._observe,
        )

    def _held(self, call: Call, why: str) -> Refusal | None:
        """The service has no record of a call that it was not asked about: it is kept here."""
        if not self._lost:
            self._lost = True
            self._recorder.event("failure", f"calls are held, for the service cannot be asked: {why}")
        decision = held(why)
        self._recorder.call(Judged(time(), call, None, decision, not self._observe))
        return None if self._observe else Refusal(decision)

    def _greet(self) -> None:
        """Say that calls will come: from now on the service keeps what its sources show, to find pictures in."""
        try:
            self._line.ask(b"{}")
        except FacewardenError as error:
            self._lost = True
            self._recorder.event("failure", f"calls are held, for the service cannot be asked: {error}")


def _detail(content: bytes) -> str:
    return content[:200].decode("utf-8", "replace")
