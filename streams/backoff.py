"""How long to wait before a connection is tried again."""

import random
from typing import Final

FIRST_S: Final = 0.5
LONGEST_S: Final = 5.0
# A stream that lasted so long was a good one: the next trouble is a new one.
_HEALTHY_S: Final = 10.0


class Backoff:
    """Twice as long each time, up to `LONGEST_S`; less by up to half, so that many sources do not come at once.

    Args:
        seed: of the part that is left to chance, such as the source's name.
    """

    def __init__(self, seed: str) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._next = FIRST_S

    def wait(self, lasted: float) -> float:
        """Seconds to wait, after a connection that brought pictures for `lasted` seconds."""
        if lasted >= _HEALTHY_S:
            self._next = FIRST_S
        waiting, self._next = self._next, min(LONGEST_S, 2 * self._next)
        return waiting * self._chance.uniform(0.5, 1.0)
