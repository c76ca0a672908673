"""What a file may take while it is looked at."""

import msgspec

_SECONDS, _SECONDS_A_MEGABYTE = 12.0, 0.5
_MEMORY, _MEMORY_A_BYTE = 2 << 30, 4


class Limits(msgspec.Struct, frozen=True):
    """The most that one file may take; what is None grows with the file.

    Attributes:
        seconds: of processor time.
        memory: bytes.
    """

    seconds: float | None = None
    memory: int | None = None

    def seconds_for(self, size: int) -> int:
        """For a file of so many bytes."""
        return max(1, round(self.seconds if self.seconds is not None else _SECONDS + _SECONDS_A_MEGABYTE * size / 1e6))

    def memory_for(self, size: int) -> int:
        """For a file of so many bytes."""
        return self.memory if self.memory is not None else _MEMORY + _MEMORY_A_BYTE * size
