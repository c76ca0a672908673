"""Which source a call is on, and how that is known."""

from typing import Literal

import msgspec

How = Literal["call", "block", "baggage", "environment", "thread", "content"]


_WHY: dict[How, str] = {
    "call": "the call says so",
    "block": "the block that it is made in says so",
    "baggage": "baggage says so",
    "environment": "the environment says so",
    "thread": "the code that makes it has read no other source lately",
    "content": "it was found among what that has shown",
}


class Attribution(msgspec.Struct, frozen=True):
    """The source whose picture is in a call.

    Attributes:
        source: its name.
        how: `call`: the call names it; `block`: it is made in a `with guard.source(name)` block; `baggage`: a baggage
            header says so, its own or that of the request being served; `environment`: `FACEWARDEN_SOURCE` does;
            `thread`: the thread or task has read that source and no others but these; `content`: the picture was found
            among those that the source has shown. In this order: the first that says anything counts.
        confidence: from 0 to 1.
        at: media time of the picture, seconds, where it is known.
        others: where the call is on pictures of several sources, or may be on several, the other ones: it may be made
            where it may be made on each.
    """

    source: str
    how: How
    confidence: float
    at: float | None = None
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As a sentence."""
        beside = f" (beside {', '.join(self.others)})" if self.others else ""
        return f"The picture is {self.source}'s{beside}: {_WHY[self.how]}."
