"""Frigate's face messages as calls: what it publishes on MQTT at `frigate/tracked_object_update` after each attempt."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from ..errors import CallLogError
from ..plain import UNREADABLE_JSON
from .call import Call

_TOPIC: Final = "tracked_object_update"


class Message(msgspec.Struct, frozen=True):
    """One of them, of `type: face`.

    Attributes:
        camera: Frigate's name of it.
        timestamp: of the picture, POSIX seconds.
        id: of the tracked object.
        name: whom it took the face for; None where nobody.
        score: how sure of that.
    """

    camera: str
    timestamp: float
    id: str
    type: str = ""
    name: str | None = None
    score: float | None = None


def calls_from_frigate(lines: Iterable[bytes], where: str, begin: float | None = None) -> Iterator[Call]:
    """The calls that Frigate made, one for each attempt to recognise a face.

    Each line is a message as it was published, or `{"topic": ..., "payload": ...}` around it; messages of other kinds
    are passed over. Whom it recognised is left out: the attempt is what counts.

    Args:
        lines: JSON, one message each.
        where: where they stand, for errors.
        begin: POSIX time of the recording's first picture, for the media time of calls; None leaves that unknown.

    Raises:
        CallLogError: a line is no message; names the line and what was expected.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            message = _message(msgspec.json.decode(line, type=dict[str, Any]))
        except UNREADABLE_JSON as error:
            raise CallLogError(f"{where}:{number}: {error}") from error
        if message is not None:
            yield _call(message, begin)


def _message(value: dict[str, Any]) -> Message | None:
    if "payload" in value:
        if not str(value.get("topic", _TOPIC)).endswith(_TOPIC):
            return None
        payload = value["payload"]
        text = payload if isinstance(payload, str) else msgspec.json.encode(payload)
        value = msgspec.json.decode(text, type=dict[str, Any])
    return msgspec.convert(value, Message) if value.get("type") == "face" else None


def _call(message: Message, begin: float | None) -> Call:
    return Call(
        source=message.camera,
        at=None if begin is None else round(message.timestamp - begin, 6),
        service="local",
        task="identification",
        model="frigate face recognition",
        runtime="frigate",
        id=f"{message.id}@{message.timestamp:.6f}",
        made_at=message.timestamp,
    )
