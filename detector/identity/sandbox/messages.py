"""What goes to the process that looks at files, and what comes back: MessagePack, never pickles."""

import struct
from socket import socket

import msgspec

from ..known import Knowledge
from ..verdict import Verdict

_LENGTH = struct.Struct("<Q")
_LONGEST = 1 << 28  # bytes of a message; contents go beside it


class Task(msgspec.Struct, frozen=True):
    """A file to look at; its content follows.

    Attributes:
        size: of the content, bytes.
        path: where it lies, as the system writes it; None where only the content is known.
        known: published models to compare with; what ships where None.
        seconds: processor time that it may take.
        memory: that the process may write to, bytes.
    """

    size: int
    path: bytes | None
    known: Knowledge | None
    seconds: int
    memory: int


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of it; one of the three is given.

    Attributes:
        verdict: what the model is.
        error: why the file is no model.
        reason: why it could not be looked at.
    """

    verdict: Verdict | None = None
    error: str | None = None
    reason: str | None = None


def send(link: socket, message: msgspec.Struct) -> None:
    """Send a message; raises OSError where nobody is there."""
    encoded = msgspec.msgpack.encode(message)
    link.sendall(_LENGTH.pack(len(encoded)) + encoded)


def receive(link: socket) -> bytes:
    """The next message, not decoded.

    Raises:
        EOFError: the other side has gone, or sends what is no message.
        OSError: the link is broken, or its time is up.
    """
    length: int = _LENGTH.unpack(receive_content(link, _LENGTH.size))[0]
    if length > _LONGEST:
        raise EOFError
    return receive_content(link, length)


def receive_content(link: socket, size: int) -> bytes:
    """So many bytes; raises as `receive`."""
    content = bytearray(size)
    view = memoryview(content)
    while view:
        got = link.recv_into(view)
        if not got:
            raise EOFError
        view = view[got:]
    return bytes(content)
