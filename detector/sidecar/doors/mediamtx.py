"""`POST /v1/mediamtx/auth`: MediaMTX asks who may do what (`authMethod: http`), and every path of it waits meanwhile.

A user that the site names a consumer may read a path if the call that it makes of the pictures may be made. MediaMTX
asks only when a session begins, so that sessions are ended through its control API where a verdict turns: by `Kicker`,
in the background, because the API answers to nobody while an authentication is under way.

The contract: https://mediamtx.org/docs/features/authentication, and `internal/auth` of its source.
"""

import hmac
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
from starlette.responses import Response

from ...calls import Call
from ...clock import Clock, SystemClock
from ...errors import CallLogError
from ...plain import UNREADABLE_JSON
from ...site.serving import MediaMtx, MediaMtxUser
from ..gate import Answer, Gate
from ..metrics import Metrics
from .door import Asked, told

# A session asks twice or more when it begins (RTSP: DESCRIBE, then SETUP); within so many seconds that is one.
_ONE_S: Final = 10.0
# Sessions that are remembered, to be ended; the oldest are forgotten.
_MOST: Final = 4096


class Question(msgspec.Struct, frozen=True):
    """What MediaMTX asks."""

    action: str
    ip: str = ""
    user: str = ""
    password: str = ""
    token: str = ""
    path: str = ""
    protocol: str = ""
    id: str | None = None
    query: str = ""


class Session(NamedTuple):
    """One that a consumer was let into."""

    id: str
    protocol: str
    call: Call


class MediaMtxDoor:
    """Answers MediaMTX, and knows which sessions it let in.

    Args:
        mediamtx: whom it may serve.
        passwords: of its users that have one.
        paths: source by path.
        metrics: counts sessions.
        clock: tells what is one session's second question.
    """

    def __init__(
        self,
        mediamtx: MediaMtx,
        passwords: Mapping[str, str],
        paths: Mapping[str, str],
        metrics: Metrics,
        clock: Clock | None = None,
    ) -> None:
        self._metrics, self._clock = metrics, clock or SystemClock()
        self._asked: OrderedDict[tuple[str, ...], tuple[float, Answer]] = OrderedDict()
        self.sessions: OrderedDict[str, Session] = OrderedDict()
        self.change(mediamtx, passwords, paths)

    def change(self, mediamtx: MediaMtx, passwords: Mapping[str, str], paths: Mapping[str, str]) -> None:
        """Answer by these from here on."""
        self._site = (mediamtx, passwords, paths)
        self._asked.clear()

    def __call__(self, asked: Asked) -> Response:
        """Answer; any status of 200 to 299 lets the user do it.

        Raises:
            CallLogError: the body is no question.
        """
        try:
            question = msgspec.json.decode(asked.body, type=Question)
        except UNREADABLE_JSON as error:
            raise CallLogError(f"body: {error}") from error
        mediamtx, passwords, _ = self._site
        user = mediamtx.users.get(question.user)
        if user is None:
            return self._other(question, mediamtx)
        if not _knows(question.password or question.token, passwords.get(question.user)):
            return _denied(401, "another password")
        if user.task is None or question.action not in ("read", "playback"):
            may = question.action in user.actions
            return _allowed() if may else _denied(403, f"{question.user} may not {question.action}")
        return self._consume(asked.gate, question, user)

    def _other(self, question: Question, mediamtx: MediaMtx) -> Response:
        if not question.user:
            return _denied(401, "credentials are needed")  # which MediaMTX then asks the client for
        if mediamtx.others == "allow" and question.action not in ("read", "playback"):
            return _allowed()
        return _denied(403, f"the site file names no user {question.user!r}")

    def _consume(self, gate: Gate, question: Question, user: MediaMtxUser) -> Response:
        source = self._site[2].get(question.path, question.path)
        call = Call(
            source=source,
            service=user.service,
            task=user.task,
            runtime="mediamtx",
            own={"user": question.user, "ip": question.ip, "protocol": question.protocol},
        ).of_client(question.user)
        answer = self._once(gate, question, call)
        if not answer.opens:
            return Response(answer.reason, 403, told(answer), "text/plain")
        if question.id:
            self._remember(Session(question.id, question.protocol, call))
        return Response(status_code=200, headers=told(answer))

    def _once(self, gate: Gate, question: Question, call: Call) -> Answer:
        """The gate's answer; a session that asks again is not put on record again while the answer is the same."""
        key = (question.user, question.ip, question.path, question.protocol, question.query)
        asked_at, before = self._asked.get(key, (-_ONE_S, None))
        now = self._clock.now()
        if before is not None and now - asked_at < _ONE_S and gate.peek(call) == before.ruling.decision:
            return before
        answer = gate.ask(call)
        self._metrics.sessions.labels("let in" if answer.opens else "denied").inc()
        self._asked[key] = (now, answer)
        self._asked.move_to_end(key)
        if len(self._asked) > _MOST:
            self._asked.popitem(last=False)
        return answer

    def _remember(self, session: Session) -> None:
        self.sessions[session.id] = session
        if len(self.sessions) > _MOST:
            self.sessions.popitem(last=False)


def _knows(given: str, password: str | None) -> bool:
    return password is None or hmac.compare_digest(given.encode(), password.encode())


def _allowed() -> Response:
    return Response(status_code=200)


def _denied(status: int, why: str) -> Response:
    """MediaMTX writes the body to its log."""
    return Response(f"facewarden: {why}", status, media_type="text/plain")
