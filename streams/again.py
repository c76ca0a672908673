"""Pictures that come once more: a playlist that stands still begins with the same segments at each connection."""

import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from av.packet import Packet

# Key pictures that are remembered: those of some minutes, and of one where each picture is a key picture.
_KEPT = 2048


@dataclass(slots=True)
class Again:
    """Knows the key pictures of a stream's connections, by their stamp and their bytes."""

    _known: deque[tuple[int | None, int]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _old: bool = False

    def begin(self) -> None:
        """A connection begins: what comes may have come before."""
        self._old = bool(self._known)

    def is_old(self, packet: "Packet[Any]") -> bool:
        """Whether a packet came on an earlier connection: those up to the first key picture that is new."""
        if packet.is_keyframe:
            key = packet.pts, zlib.crc32(packet)
            self._old = self._old and key in self._known
            self._known.append(key)
        return self._old
