"""The process that looks at sources: it reads them, judges nothing, and tells what it has seen."""

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from itertools import count
from multiprocessing.connection import Connection
from typing import Final, Protocol, TypeVar

from ....streams.frame import Frame
from ...calls.attribution.recent import Shown, Thumb
from ...environment import load_detector
from ...recording.hearing import Heard, SourceHearing
from ...records.entry import Event
from ...sight.seen import Seen
from ...sight.sight import Sight
from ...sight.state import SourceState
from .. import logs
from ..cameras import CameraStatus
from ..shown import Showing
from .messages import Orders, Pictures, Setup, Standing, Told, encode, kept, plane, read_orders, read_setup

PERIOD_S: Final = 0.05
# In so many turns it is told once how each source stands.
_TURNS: Final = 5
# Of the latest events of a source so many are told.
_LISTED: Final = 20
# What waits to be told to the recording; more is lost, and said to be.
_MOST: Final = 4000
# Seconds for which what is shown is kept on after it was last wanted, and that the readers have to end in.
_WANTED_S: Final = 5.0
_CLOSE_S: Final = 3.0
# Whoever asks goes first where cores are short.
_NICE: Final = 5


T = TypeVar("T")


class Reader(Protocol):
    """What reads sources, by name: `Cameras`, or `Scripted`."""

    def set(self, addresses: Mapping[str, str]) -> None: ...

    def status(self, name: str) -> CameraStatus: ...

    def close(self, timeout: float) -> None: ...


def look(file: int) -> None:
    """Look at sources until told to end, or until nobody listens."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # meant for the service, which tells when to end
        signal.signal(number, signal.SIG_IGN)
    os.nice(_NICE)
    logs.begin()
    with Connection(file) as connection:
        looking = Looking(read_setup(connection.recv_bytes()))
        try:
            while _heed(connection, looking):
                connection.send_bytes(encode(looking.told()))
        except (EOFError, OSError):
            pass  # the service is no more
        finally:
            looking.close()


def _heed(connection: Connection, looking: "Looking") -> bool:
    """Follow what is told within a turn; whether to go on."""
    until = time.monotonic() + PERIOD_S
    while connection.poll(max(0.0, until - time.monotonic())):
        orders = read_orders(connection.recv_bytes())
        if orders.end:
            return False
        looking.follow(orders)
    return True


class Eyes:
    """What a reader shows its pictures to.

    Args:
        setup: how to look.
        hear: takes what is heard for the recording.
    """

    def __init__(self, setup: Setup, hear: Callable[[Heard], None]) -> None:
        tape = _Tape(hear) if setup.records else None
        self.sight = Sight(find_faces=partial(load_detector, setup.faces), seed=setup.seed, tape=tape)
        self.shown = Showing()

    def watch(self, source: str) -> SourceState:
        """See `Sight.begin`."""
        return self.sight.begin(source)

    def observe(self, frame: Frame) -> None:
        """Take in the next frame of its source."""
        self.sight.observe(frame)
        self.shown.add(frame)

    def forget(self, source: str) -> None:
        """The source is gone."""
        self.sight.forget(source)
        self.shown.forget(source)


class _Tape:
    """Listens to all sources."""

    def __init__(self, hear: Callable[[Heard], None]) -> None:
        self._hear, self._runs = hear, count()

    def source(self, name: str) -> SourceHearing:
        return SourceHearing(name, next(self._runs), self._hear)


class Looking:
    """The sources, and what of them was not yet told.

    Args:
        setup: how to look.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup, self._heard, self._lost = setup, deque[Heard](), 0
        self._events, self._seen = deque[Event](), dict[str, Seen]()
        self._given = dict[str, tuple[tuple[object, ...], tuple[object, ...]]]()
        self._turn, self._orders, self._names = 0, 0, tuple[str, ...]()
        self._eyes = Eyes(setup, self._hear)
        module, _, name = setup.reader.partition(":")
        self._reader: Reader = getattr(import_module(module), name)(self._eyes, self._events.append)

    def follow(self, orders: Orders) -> None:
        """Do as is told."""
        self._orders = orders.number
        if orders.addresses is not None:
            self._reader.set(orders.addresses)
            self._names = tuple(orders.addresses)
            self._seen = {name: seen for name, seen in self._seen.items() if name in orders.addresses}
        for name, calls in orders.asked.items():
            if (state := self._eyes.sight.sources.get(name)) is not None:
                state.expect_call(calls)
        if orders.show:
            self._eyes.shown.want(_WANTED_S)

    def told(self) -> Told:
        """What has come since this was asked last."""
        self._turn += 1
        sources = self._eyes.sight.sources
        heard = tuple(kept(one, self._setup.keeps_looks) for one in _taken(self._heard))
        seen = tuple(self._new(tuple(sources.items())))
        lost, self._lost = self._lost, 0
        events, shown, standing = tuple(_taken(self._events)), dict(self._shown()), tuple(self._standing())
        return Told(self._orders, seen, events, heard, lost, shown, standing)

    def close(self) -> None:
        """End the reading."""
        self._reader.close(_CLOSE_S)

    def _hear(self, heard: Heard) -> None:
        if len(self._heard) < _MOST:
            self._heard.append(heard)
        else:
            self._lost += 1

    def _new(self, sources: tuple[tuple[str, SourceState], ...]) -> Iterator[Seen]:
        for name, state in sources:
            seen = state.last
            if seen is not self._seen.get(name):
                self._seen[name] = seen
                yield seen

    def _standing(self) -> Iterator[Standing]:
        """Of a part of the sources: each waits for a picture that is being looked at."""
        for name in self._names[self._turn % _TURNS :: _TURNS]:
            status, state = self._reader.status(name), self._eyes.watch(name)
            events = tuple(list(state.events)[-_LISTED:])
            yield Standing(status, *state.beliefs, state.faces, state.coverage(), state.cost_ms, events)

    def _shown(self) -> Iterator[tuple[str, Pictures]]:
        recents = self._eyes.shown.kept()
        self._given = {name: given for name, given in self._given.items() if name in recents}
        for name, recent in recents.items():
            views, thumbs = recent.views, recent.thumbs
            given = self._given.get(name, ((), ()))
            if views is not given[0] or thumbs is not given[1]:
                yield name, _pictures(views, thumbs, *given)
                self._given[name] = views, thumbs


def _pictures(
    views: tuple[Shown, ...], thumbs: tuple[Thumb, ...], views_told: tuple[object, ...], thumbs_told: tuple[object, ...]
) -> Pictures:
    """What a source has shown beside those that were told."""
    return Pictures(
        tuple(plane(one.at, one.luma) for one in views if not any(one is told for told in views_told)),
        tuple(plane(one.at, one.luma) for one in thumbs if not any(one is told for told in thumbs_told)),
        len(views),
        len(thumbs),
    )


def _taken(waiting: deque[T]) -> Iterator[T]:
    while waiting:
        yield waiting.popleft()
