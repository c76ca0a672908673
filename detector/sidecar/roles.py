"""Who may do what: to ask, to push pictures, to manage. A token each: who asks is not to decide what is seen."""

import hmac
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

import msgspec
from starlette.types import Scope

from ..errors import InputError

Role: TypeAlias = Literal["ask", "push", "manage"]
# The key of `[serve]` that names each one's file.
FILES: Final[dict[Role, str]] = {"ask": "token_file", "push": "push_token_file", "manage": "manage_token_file"}


class Tokens(msgspec.Struct, frozen=True):
    """A token for each role. Where asking needs one, what has none of its own is done by nobody.

    Attributes:
        ask: lets ask, and see what there is to see; None lets everybody.
        push: lets push pictures.
        manage: lets have the site file read again.

    Raises:
        InputError: two roles have the same token.
    """

    ask: str | None = None
    push: str | None = None
    manage: str | None = None

    def __post_init__(self) -> None:
        known = [token for token in (self.ask, self.push, self.manage) if token is not None]
        if len(set(known)) < len(known):
            raise InputError(
                f"{', '.join(FILES.values())}: two hold the same token, and each is to open one door alone"
            )

    def of(self, role: Role) -> str | None:
        """The token of a role; None where it has none."""
        return getattr(self, role)

    def closed(self, role: Role) -> bool:
        """Whether nobody may: asking needs a token, and this has none of its own."""
        return self.ask is not None and self.of(role) is None

    def knows(self, role: Role, given: Iterable[str]) -> bool:
        """Whether one of these is the token of that role, or none is needed; how long it takes tells nothing of it."""
        token = self.of(role)
        if token is None:
            return self.ask is None
        return any(_same(one, token) for one in given)


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def role_of(scope: Scope) -> Role:
    """What a request wants to do: whatever puts, brings pictures."""
    if scope["method"] == "PUT":
        return "push"
    return "manage" if scope["path"] == "/v1/reload" else "ask"
