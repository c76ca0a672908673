"""PyAV: the pictures that the host decodes itself."""

from contextlib import suppress
from time import monotonic
from types import ModuleType
from typing import Any

from ...aside import is_aside
from ..patch import Function, Patches
from ..tap import Tap


class PyAvTap(Tap):
    """`Packet.decode`, through which `InputContainer.decode` goes as well. `CodecContext.decode` alone, which knows of
    no file, is not seen."""

    runtime = "pyav-video"
    modules = ("av",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        self._seen = 0
        patches.wrap(module.Packet, "decode", self._decoding)

    def prove(self) -> bool:
        before = self._seen
        with suppress(Exception):  # a packet of no stream cannot be decoded; that it came to us is enough
            self.module.Packet(b"").decode()
        return self._seen > before

    def _decoding(self, original: Function) -> Function:
        def decoding(packet: Any, *args: object, **kwargs: object) -> object:
            self._seen += 1
            frames: Any = original(packet, *args, **kwargs)
            if self.armed and not is_aside() and packet.stream is not None and packet.stream.type == "video":
                for frame in frames:
                    self._show(packet.stream.container, frame)
            return frames

        return decoding

    def _show(self, container: Any, frame: Any) -> None:
        from .....streams.video import DecodedPixels

        at = frame.time if frame.time is not None and container.duration else monotonic()
        self.gate.picture(str(container.name), DecodedPixels(frame), at, id(container))
