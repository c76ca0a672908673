"""What a file may take while it is looked at."""

import msgspec

_SECONDS, _SECONDS_A_MEGABYTE, _SMALL = 14.0, 0.5, 16e6
_MEMORY, _MEMORY_A_BYTE = 2 << 30, 4
_START = 3.0  # seconds by the wall for the process to start
_WALL = 1.2  # times the processor time, for what sleeps


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
        usual = _SECONDS + _SECONDS_A_MEGABYTE * max(size - _SMALL, 0) / 1e6
        return max(1, round(self.seconds if self.seconds is not None else usual))

    def wall_for(self, size: int) -> float:
        """Seconds by the wall for a file of so many bytes, those not counted in which it waits for a processor."""
        return _START + _WALL * self.seconds_for(size)

    def memory_for(self, size: int) -> int:
        """For a file of so many bytes."""
        return self.memory if self.memory is not None else _MEMORY + _MEMORY_A_BYTE * size
