"""What this process says of itself, now."""

import os
import platform
import sys
from time import time

from ..calls.wall import moment
from .entry import Ended, Event, Started


def event(kind: str, text: str) -> Event:
    """Something that happened; see `EVENTS` for its kinds."""
    return Event(kind, None, text, time=moment(time()), pid=os.getpid())


def started() -> Started:
    """It is watched from here on."""
    version, executable = platform.python_version(), sys.executable
    text = f"Python {version}, {executable}"
    return Started(pid=os.getpid(), time=moment(time()), python=version, executable=executable, text=text)


def ended() -> Ended:
    """It is no longer watched."""
    return Ended(pid=os.getpid(), time=moment(time()))
