"""Having everybody who is named vouch for a head."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from ..errors import FacewardenError, InputError
from .anchors import cosigned, stamped
from .note import NoteError
from .stamps import request
from .trust import read_policy

Ask = Callable[[], object]


def askable(ledger: Path, policy: Path | None, authority: str | None) -> tuple[tuple[str, Ask], ...]:
    """The witnesses of a policy and an authority: who, and what asks them.

    Args:
        ledger: its folder.
        policy: the file of it; only those witnesses that it gives an address of are asked.
        authority: the address of one.

    Raises:
        InputError: the policy cannot be read, or gives no address of a witness; or an authority cannot be asked.
    """
    return (*_witnesses(ledger, policy), *_authority(ledger, authority))


def asked(whom: Iterable[tuple[str, Ask]]) -> Iterator[tuple[str, str | None]]:
    """Ask them in turn: who, and why nothing came of it, None where it did."""
    for who, ask in whom:
        try:
            ask()
        except (FacewardenError, NoteError, OSError) as error:
            yield who, str(error)
        else:
            yield who, None


def _witnesses(ledger: Path, policy: Path | None) -> list[tuple[str, Ask]]:
    if policy is None:
        return []
    reachable = [witness for witness in read_policy(policy).witnesses.values() if witness.url]
    if not reachable:
        raise InputError(f"{policy}: gives no address of a witness: witness NAME KEY URL")
    return [(witness.name, partial(cosigned, ledger, witness)) for witness in reachable]


def _authority(ledger: Path, url: str | None) -> list[tuple[str, Ask]]:
    if url is None:
        return []
    request(url)  # where the library is not installed, that is told at once
    return [(url, partial(stamped, ledger, url))]
