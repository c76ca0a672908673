"""Having everybody who is named vouch for a head."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ..errors import FacewardenError, InputError
from .anchors import cosigned, stamped
from .note import NoteError
from .trust import read_policy


def asked(ledger: Path, policy: Path | None, authority: str | None) -> Iterator[tuple[str, str | None]]:
    """Ask the witnesses of a policy and an authority in turn: who, and why nothing came of it, None where it did.

    Args:
        ledger: its folder.
        policy: the file of it; only those witnesses that it gives an address of are asked.
        authority: the address of one.

    Raises:
        InputError: the policy cannot be read, or gives no address of a witness.
    """
    for who, ask in (*_witnesses(ledger, policy), *_authority(ledger, authority)):
        try:
            ask()
        except (FacewardenError, NoteError, OSError) as error:
            yield who, str(error)
        else:
            yield who, None


def _witnesses(ledger: Path, policy: Path | None) -> list[tuple[str, Callable[[], object]]]:
    if policy is None:
        return []
    reachable = [witness for witness in read_policy(policy).witnesses.values() if witness.url]
    if not reachable:
        raise InputError(f"{policy}: gives no address of a witness: witness NAME KEY URL")
    return [(witness.name, partial(cosigned, ledger, witness)) for witness in reachable]


def _authority(ledger: Path, url: str | None) -> list[tuple[str, Callable[[], object]]]:
    return [] if url is None else [(url, partial(stamped, ledger, url))]
