"""Live sources that need no camera: a scene, rendered once and shown again and again at its own pace.

For tests and benchmarks of the service, and for whoever wants to see it at work.
"""

import threading
from collections.abc import Callable, Mapping
from functools import cache
from itertools import chain, cycle

from ...streams.frame import Frame
from ...streams.leaving import WORK_S, leaves
from ...streams.push import PushSource
from ...streams.pushed import PushedFeed
from ...streams.source import open_source
from ..clock import Clock, SystemClock
from ..records.entry import Event
from .cameras import CameraStatus, Eyes, State

_RATE = 15.0
# Seconds without a picture after which a source is stale.
_STALE_S = 2.0


class Scripted:
    """What `Cameras` is, with a script in place of a network. Every method may be called from any thread.

    Args:
        guard: looks at the pictures.
        note: told of what happens to a source.
        rate: pictures a second.
        clock: tells how old a picture is.

    Attributes:
        frozen: names of sources that show nothing more, until they are taken out again.
    """

    def __init__(
        self, guard: Eyes, note: Callable[[Event], None], rate: float = _RATE, clock: Clock | None = None
    ) -> None:
        self._guard, self._note, self._rate = guard, note, rate
        self._clock = clock or SystemClock()
        self.frozen: set[str] = set()
        self._scenes: dict[str, _Scene] = {}

    def set(self, addresses: Mapping[str, str]) -> None:
        """Show these scenes, by name; those that go on are left alone."""
        for name, scene in tuple(self._scenes.items()):
            if addresses.get(name) != scene.url:
                self._scenes.pop(name).close()
        for name in addresses.keys() - self._scenes.keys():
            scene = self._scenes[name] = _Scene(name, addresses[name])
            scene.start(self._show)

    def status(self, name: str) -> CameraStatus:
        """How it stands with a source; raises `KeyError` where none has that name."""
        shown_at = self._scenes[name].shown_at
        age = None if shown_at is None else self._clock.now() - shown_at
        state: State = "connecting" if age is None else "stale" if age > _STALE_S else "live"
        return CameraStatus(name=name, state=state, last_picture=age)

    def statuses(self) -> tuple[CameraStatus, ...]:
        """The same of all."""
        return tuple(map(self.status, tuple(self._scenes)))

    def pushed(self, name: str) -> PushedFeed | None:  # noqa: ARG002 - nobody pushes to a scene
        """See `Cameras.pushed`."""
        return None

    def close(self, timeout: float = 0.0) -> None:  # noqa: ARG002 - the threads end by themselves
        """Show nothing more."""
        self.set({})

    def _show(self, scene: "_Scene") -> None:
        frames = _rendered(scene.url)
        pictures = PushSource(scene.name)
        for index, frame in enumerate(cycle(chain(frames, reversed(frames)))):  # there and back, without a cut
            if scene.ended.wait(1 / self._rate):
                return
            if scene.name not in self.frozen:
                scene.shown_at = self._clock.now()
                self._guard.observe(pictures.stamp(frame.pixels, index / self._rate))


class _Scene:
    def __init__(self, name: str, url: str) -> None:
        self.name, self.url = name, url
        self.ended = threading.Event()
        self.shown_at: float | None = None
        self._thread: threading.Thread | None = None

    def start(self, show: "Callable[[_Scene], None]") -> None:
        self._thread = threading.Thread(target=show, args=(self,), name=f"facewarden-{self.name}", daemon=True)
        leaves(self, WORK_S)
        self._thread.start()

    def close(self) -> None:
        self.ended.set()

    def join(self, timeout: float) -> bool:
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()


@cache
def _rendered(url: str) -> tuple[Frame, ...]:
    with open_source(url) as source:
        return tuple(source)
