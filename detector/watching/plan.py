"""How to watch a program: said once, and handed on to its processes in their environment.

Every Python process of a watched program imports this module, so that what reads a site is loaded when it is needed.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..errors import InputError
from .board import make_board

if TYPE_CHECKING:
    from ..site import Site

STARTUP = Path(__file__).parent / "startup"
VARIABLE = "FACEWARDEN_WATCH"


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How to watch; goes to child processes in their environment.

    Attributes:
        site: the site file; without one nothing is declared.
        packs: policy packs, instead of those that the site names.
        sources: source name by the URL, file or device that the program reads.
        record: the folder for `calls.jsonl`, `events.jsonl` and the ledger of both; None keeps nothing.
        observe: refuse nothing, whatever the site says.
        hold: do not start a Python that cannot be watched.
        ask: the Unix socket of the service that decides, in place of all that is declared here.
        token_file: the file that holds the token which that service asks for.
        board: where the processes of the watch show each other what they read (see `board`).
        outer: how it is watched besides, by whoever started it: the strictest decision of all counts.
    """

    site: str | None = None
    packs: tuple[str, ...] = ()
    sources: dict[str, str] = {}
    record: str | None = None
    observe: bool = False
    hold: bool = False
    ask: str | None = None
    token_file: str | None = None
    board: str | None = None
    outer: "Plan | None" = None

    @property
    def all(self) -> "tuple[Plan, ...]":
        """This plan, and those around it."""
        return (self, *(self.outer.all if self.outer else ()))

    @property
    def said(self) -> "Plan":
        """What somebody said of it, less what was made of that."""
        return msgspec.structs.replace(self, board=None, outer=None)

    def as_site(self) -> "Site":
        """What is declared; raises `InputError` where the site file or a pack is wrong."""
        from ..site import Site, load_site
        from ..site.terms import packs_of

        site = load_site(self.site) if self.site else Site()
        site = self._applied(msgspec.structs.replace(site, packs=self.packs or site.packs))
        packs = packs_of(site)
        site.enforcement.check(rule.id for pack in packs for rule in pack.rules)
        return site

    def checked(self) -> "Plan":
        """The plan, with what the site says of how to watch; raises `InputError` as `as_site` does."""
        enforcement = self.as_site().enforcement
        return msgspec.structs.replace(self, hold=enforcement.uncovered == "hold" and enforcement.mode == "enforce")

    def with_board(self) -> "Plan":
        """The plan, with a board that lasts as long as this process."""
        return msgspec.structs.replace(self, board=make_board())

    def nothing_declared(self) -> "Site":
        """What takes the place of a site that cannot be read."""
        from ..site import Site

        return self._applied(Site())

    def check_files(self) -> None:
        """Raise `InputError` where a file that is named cannot be opened."""
        for path in filter(None, (self.site, *(pack for pack in self.packs if pack.endswith(".toml")))):
            try:
                open(path, "rb").close()  # noqa: PTH123 - as the hook that calls this, without pathlib
            except OSError as error:
                raise InputError(f"{path}: cannot be read ({error.strerror})") from error

    def _applied(self, site: "Site") -> "Site":
        enforcement = msgspec.structs.replace(site.enforcement, mode="observe") if self.observe else site.enforcement
        return msgspec.structs.replace(site, enforcement=enforcement)

    def environment(self) -> dict[str, str]:
        """What a Python process needs in its environment to watch itself from its first line."""
        paths = [str(STARTUP), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        return {
            VARIABLE: msgspec.json.encode(self).decode(),
            "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        }


def plan(
    site: str | Path | None,
    *,
    packs: Sequence[str] = (),
    sources: Mapping[str, str] | None = None,
    record: str | Path | None = None,
    observe: bool = False,
    ask: str | None = None,
    token_file: str | Path | None = None,
) -> Plan:
    """A plan whose paths hold wherever a child process stands.

    Args:
        site, packs, sources, record, observe: as for `watch`.
        ask: `unix:PATH` of the service that decides.
        token_file: the file that holds the token which it asks for.

    Raises:
        InputError: `ask` is no such address, or a site or packs are given as well, which are the service's to know; or
            no token can be read, or nobody is asked with it.
    """
    whole = tuple(str(Path(pack).absolute()) if pack.endswith(".toml") else pack for pack in packs)
    path = None if ask is None else _socket(ask)
    if ask is not None and (site is not None or packs):
        raise InputError(f"--ask {ask}: the service has the site and its packs; give --site and --pack to it")
    if token_file is not None:
        _check_token(token_file, ask)
    made = Plan(_absolute(site), whole, dict(sources or {}), _absolute(record), observe, ask=path)
    return msgspec.structs.replace(made, token_file=_absolute(token_file))


def _check_token(token_file: str | Path, ask: str | None) -> None:
    from ..secret import read_secret

    if ask is None:
        raise InputError("--token-file: nobody is asked with it; give --ask unix:PATH as well")
    read_secret(token_file)


def told() -> Plan | None:
    """How this process was told to be watched by its environment; None where it was not.

    Raises:
        InputError: the environment is wrong.
    """
    text = os.environ.get(VARIABLE)
    try:
        return None if text is None else msgspec.json.decode(text, type=Plan)
    except msgspec.DecodeError as error:
        raise InputError(f"{VARIABLE}: {error}") from error


def _socket(address: str) -> str:
    kind, _, path = address.partition(":")
    if kind != "unix" or not path:
        raise InputError(f"--ask {address}: expected unix:PATH, where facewarden serve listens")
    return str(Path(path).absolute())


def _absolute(path: str | Path | None) -> str | None:
    return None if path is None else str(Path(path).absolute())
