"""PyAV: the pictures that the host decodes itself."""

import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from types import ModuleType
from typing import Any

from ...aside import is_aside
from ..patch import Function, Patches
from ..tap import Tap


class _Depth(threading.local):
    inside = False


class PyAvTap(Tap):
    """`Packet.decode`, through which `InputContainer.decode` goes as well, and `CodecContext.decode` of a packet that
    knows its stream."""

    runtime = "pyav-video"
    modules = ("av",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        self._seen, self._depth = 0, _Depth()
        patches.wrap(module.Packet, "decode", lambda original: self._decoding(original, _itself))
        with suppress(TypeError):  # built so that nothing of it can be replaced
            patches.wrap(module.CodecContext, "decode", lambda original: self._decoding(original, _packet))

    def prove(self) -> bool:
        before = self._seen
        with suppress(Exception):  # a packet of no stream cannot be decoded; that it came to us is enough
            self.module.Packet(b"").decode()
        return self._seen > before

    def _decoding(self, original: Function, packet_of: Callable[..., Any]) -> Function:
        def decoding(*args: object, **kwargs: object) -> object:
            self._seen += 1
            if self._depth.inside or not self.armed or is_aside():
                return original(*args, **kwargs)
            self._depth.inside = True
            try:
                frames: Any = original(*args, **kwargs)
            finally:
                self._depth.inside = False
            stream = getattr(packet_of(*args, **kwargs), "stream", None)
            if stream is not None and stream.type == "video":
                for frame in frames:
                    self._show(stream.container, frame)
            return frames

        return decoding

    def _show(self, container: Any, frame: Any) -> None:
        from .....streams.video import DecodedPixels

        at = frame.time if frame.time is not None and container.duration else monotonic()
        self.gate.picture(str(container.name), DecodedPixels(frame), at, id(container))


def _itself(packet: object, *_: object, **__: object) -> object:
    return packet


def _packet(_: object, packet: object = None) -> object:
    return packet
