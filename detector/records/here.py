"""What this process says of itself, now."""

import os
import platform
import sys
from time import time

from ..belief import EnvironmentBelief, MobilityBelief
from ..calls.wall import moment
from .entry import Ended, Event, Started, Verdict


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
