"""May a request go on to its upstream? What it asks for becomes a call, on which the gate of the service rules."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from msgspec.structs import replace

from ...calls import Call
from ...calls.services.twice import says_two_things
from ...site.upstreams import Upstream
from ..gate import Answer, Gate
from ..telemetry import of_trace
from ..workers import Readers
from .asking import OverHttp, Server, TensorMeta
from .clients import Known, who
from .incoming import Incoming
from .limits import INFERENCE_HEAD
from .looking import Room, Unreadable, plain
from .models import Models
from .plain import disguised, strange
from .services import KINDS, asked_of, call_of, looks_at_body, url_of
from .wants import Want, read_head, want

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Ruled(NamedTuple):
    """What becomes of a request.

    Attributes:
        answer: of the gate; None where the request is no call on a face.
        loads: whether other models may stand under the names of the server once it is done.
    """

    answer: Answer | None = None
    loads: bool = False


class Said(NamedTuple):
    """What a request says beside what it asks for.

    Attributes:
        source: the source that it names; empty where it names none.
        baggage: its header of that name.
        asked: what it asked for, in words.
        client: who asks.
        trace: its `traceparent`; empty where it names none.
    """

    source: str
    baggage: str
    asked: str
    client: Known
    trace: str = ""


class _Looked(NamedTuple):
    """What a request's head says.

    Attributes:
        shown: the tensors that it gives the model.
        own: what of that goes on record.
        problem: why it cannot be read; None where it can.
    """

    shown: tuple[TensorMeta, ...] = ()
    own: Mapping[str, object] = MappingProxyType({})
    problem: str | None = None


class Rules:
    """Rules on what is asked of one upstream.

    Args:
        name: of the upstream.
        upstream: what the site says of it.
        folder: of the site file.
        gate: rules on calls.
        note: told of models that were identified.
        forget: told where other models may stand under the names of the server from here on.
        server: asked about its models, where it speaks the Open Inference Protocol.

    Attributes:
        models: what they do.
        upstream: what the site says.
        forget: see above.
    """

    def __init__(
        self, name: str, upstream: Upstream, folder: Path, gate: Gate, note: Callable[[str], None],
        forget: Callable[[], None], server: Server | None = None,
    ) -> None:  # fmt: skip
        self.name, self.upstream, self.forget = name, upstream, forget
        self._gate, self._room = gate, Room()
        self._readers = Readers()
        models = None if upstream.models is None else folder / upstream.models
        self.models = Models(server or OverHttp(upstream.url), models, upstream.tasks, note)

    async def rule(self, request: Incoming) -> Ruled:
        """Rule on a request, of which no more is read than has to be.

        Raises:
            Cut, h11.RemoteProtocolError: its body does not come.
        """
        doubt = strange(request)
        if self._passes(request, doubt):
            return Ruled()
        if self.upstream.kind == "oip":
            return await self._inference(request, doubt)
        call, why = await self._service(request, doubt)
        return Ruled(None if call is None else self._ask(call, request, why))

    def rule_model(self, task: str | None, model: str, why: str, said: Said, own: Mapping[str, object]) -> Answer:
        """Rule on a run of a model.

        Args:
            task: what it does.
            model: its name.
            why: how that is known.
            said: by whoever asks.
            own: what else goes on record.
        """
        call = Call(service="local", task=task, model=model, runtime=self.upstream.kind, own={"why": why, **own})
        answer = self.ask(call, said)
        return answer if task else answer._replace(note=f"{answer.note} {why[:1].upper()}{why[1:]}.".lstrip())

    def ask(self, call: Call, said: Said) -> Answer:
        """Ask the gate."""
        source, baggage, asked, client, trace = said
        of_trace(trace)
        chosen = source or (None if "facewarden.source" in baggage else client.source or self.upstream.source)
        own = {**call.own, **client.own, "upstream": self.name, "request": asked[:500]}
        call = replace(call, source=chosen, runtime=self.upstream.kind, own=own).of_client(client.name)
        return self._gate.ask(call, baggage)

    def _passes(self, request: Incoming, doubt: str | None) -> bool:
        path = request.target.partition("?")[0]
        return doubt is None and any(map(path.startswith, self.upstream.passes))

    async def _inference(self, request: Incoming, doubt: str | None) -> Ruled:
        wanted = want(request.method, request.target.partition("?")[0])
        if doubt is not None and (request.method not in _SAFE or disguised(request)):
            return Ruled(self._inferred(request, None, "", doubt, {}))
        if wanted.kind == "load":
            return Ruled(loads=True)
        if wanted.kind == "nothing":
            return Ruled()
        if wanted.kind == "unknown":
            return Ruled(self._inferred(request, None, "", "no operation that is known", {}))
        found = await self.models.find(wanted.model, wanted.version)
        if found.task == "other" and not found.blind:
            return Ruled()
        looked = await self._looked_at(request, wanted)
        if found.blind and looked.shown:
            found = await self.models.find(wanted.model, wanted.version, looked.shown)
        if found.task == "other":
            return Ruled()
        task = None if looked.problem else found.task
        return Ruled(self._inferred(request, task, wanted.model, looked.problem or found.why, looked.own))

    def _inferred(self, request: Incoming, task: str | None, model: str, why: str, own: Mapping[str, object]) -> Answer:
        said = self._said(request, f"{request.method} {request.target}")
        return self.rule_model(task, model, why, said, own)

    async def _looked_at(self, request: Incoming, wanted: Want) -> "_Looked":
        try:
            head = read_head(await _head_of(request)) if wanted.has_head else None
        except _Raw:
            head = None
        except (Unreadable, ValueError) as error:
            return _Looked(problem=str(error))
        if head is None:
            return _Looked(own={"inputs": ["raw"]})
        own: dict[str, object] = {"inputs": [str(tensor) for tensor in head.inputs[:8]]}
        shown = tuple(TensorMeta(tensor.name, tensor.datatype, tensor.shape) for tensor in head.inputs)
        return _Looked(shown, {**own, "shared_memory": True} if head.shared else own)

    async def _service(self, request: Incoming, doubt: str | None) -> tuple[Call | None, str]:
        kind = self.upstream.kind
        unknown = Call(service=KINDS[kind].service, task=None, model=request.target.partition("?")[0][:200])
        if doubt is not None:
            return unknown, doubt
        url = url_of(kind, request.target, urlsplit(self.upstream.url).path.rstrip("/"))
        if not looks_at_body(request.method, url):
            return call_of(kind, asked_of(kind, request, url, None)), ""
        try:
            async with self._room.body(request) as body:
                # Texts take a while to read.
                return await self._readers.read(len(body), lambda: _understood(kind, request, url, body))
        except Unreadable as error:
            return unknown, str(error)

    def _ask(self, call: Call, request: Incoming, why: str) -> Answer:
        call = replace(call, own={**call.own, "why": why} if why else call.own)
        return self.ask(call, self._said(request, f"{request.method} {request.target.partition('?')[0]}"))

    def _said(self, request: Incoming, asked: str) -> Said:
        client = who(self.upstream, request.value, request.wire.writer.get_extra_info("peercert"))
        trace = request.value("traceparent")
        return Said(request.value("x-facewarden-source"), _baggage(request), asked, client, trace)


def _understood(kind: str, request: Incoming, url: str, body: bytes) -> tuple[Call | None, str]:
    asked = asked_of(kind, request, url, body)
    call = call_of(kind, asked)
    # What has an unknown task needs no second look, which takes long where a body holds millions of tables.
    if call is not None and call.task is not None and says_two_things(body, asked.json):
        return replace(call, task=None), "a key of its body comes twice"
    return call, ""


class _Raw(Exception):
    """A request without a head: one tensor, and nothing else."""


async def _head_of(request: Incoming) -> bytes:
    said = request.value("inference-header-content-length")
    if said == "0":
        raise _Raw
    if request.values("inference-header-content-length") and not (said.isascii() and said.isdigit()):
        raise Unreadable("the length of its head is no number")
    length = int(said[:10]) if said else 0
    if length > INFERENCE_HEAD:
        raise Unreadable("its head is too long")
    coding = request.value("content-encoding")
    if coding.strip().lower() in ("", "identity"):
        content = await request.peek(length or INFERENCE_HEAD)
        return _cut(content, length, request.whole)
    return await _unpacked(request, coding, length)


async def _unpacked(request: Incoming, coding: str, length: int) -> bytes:
    content = await request.peek(INFERENCE_HEAD)
    if not request.whole:
        raise Unreadable("it is compressed, and too long to be looked at")
    return _cut(plain(content, coding, 64 * INFERENCE_HEAD), length, whole=True)


def _cut(content: bytes, length: int, whole: bool) -> bytes:
    if length and len(content) < length:
        raise Unreadable("it ends before its head does")
    if not length and not whole:
        raise Unreadable("it has no head apart from its tensors, and is too long to be looked at")
    return content[:length] if length else content


def _baggage(request: Incoming) -> str:
    return ",".join(request.values("baggage"))
