"""What this process says of itself, now."""

import os
import platform
import sys
from collections.abc import Iterable
from time import time
from typing import TYPE_CHECKING

import msgspec

from ..belief import EnvironmentBelief, MobilityBelief
from ..calls.wall import moment
from ..release import release
from .entry import Ended, Event, Looked, Started, Terms, Verdict

if TYPE_CHECKING:
    from ..policy import Pack
    from ..site import Site


def event(kind: str, text: str) -> Event:
    """Something that happened; see `EVENTS` for its kinds."""
    return Event(kind, None, text, time=moment(time()), pid=os.getpid())


def verdict(source: str, at: float, mobility: MobilityBelief, environment: EnvironmentBelief) -> Verdict:
    """What is believed of a source has changed, with the picture of that media time."""
    return Verdict(
        source=source, at=at, mobility=mobility, environment=environment, time=moment(time()), pid=os.getpid()
    )


def started(forked: bool = False) -> Started:
    """It is watched from here on; also where it was forked from one that is."""
    version, executable = platform.python_version(), sys.executable
    text = f"forked from {os.getppid()}" if forked else f"Python {version}, {executable}"
    return Started(pid=os.getpid(), time=moment(time()), python=version, executable=executable, text=text)


def ended(text: str = "") -> Ended:
    """It is no longer watched; why, in words."""
    return Ended(pid=os.getpid(), time=moment(time()), text=text)


def looked(source: str, seconds: dict[str, float], pictures: dict[str, int]) -> Looked:
    """What became of a source, since the last such entry."""
    return Looked(source=source, seconds=seconds, pictures=pictures, time=moment(time()), pid=os.getpid())


def terms(site: "Site", packs: "Iterable[Pack]") -> Terms:
    """By what it watches and rules from here on."""
    from hashlib import sha256  # programs under watch load this module, and most have nothing to hash

    packs = tuple(packs)
    return Terms(
        release=release(),
        site=sha256(msgspec.json.encode(site, order="deterministic")).hexdigest(),
        packs={pack.name: pack.sha256 for pack in packs},
        off=tuple(rule for pack in packs for rule in pack.off),
        mode=site.enforcement.mode,
        time=moment(time()),
        pid=os.getpid(),
    )
