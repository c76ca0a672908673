"""The cameras whose pictures a program reads itself, under the names that its site gives them."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, count
from threading import get_ident

from msgspec.structs import replace

from ...streams.address import exists, local_path, parse_source
from ...streams.frame import Frame, Pixels
from ...streams.push import PushSource
from ..calls import Call
from ..calls.attribution import Attribution, Reading, Recent, Showing, attribute
from ..calls.attribution.declared import served
from ..clock import Clock, SystemClock
from ..guard import Guard
from ..locks import Lock
from .sharing import Others, Telling

# A reader that has been silent for so long has ended, and another of the same camera takes its place.
_ENDED_S = 2.0


@dataclass(slots=True)
class _Camera:
    """One URL. Of several readers one alone is looked at: each has a clock of its own, and all show the same."""

    source: PushSource
    recent: Recent
    lock: Lock = field(default_factory=Lock)
    reader: object = None
    thread: int = 0
    heard: float | None = None

    def takes(self, reader: object, thread: int, now: float) -> bool:
        """Whether a picture is of the reader that is looked at; if so it was heard of at `now`."""
        known = thread == self.thread or (reader is not None and reader == self.reader)
        if self.heard is not None and not known and now - self.heard < _ENDED_S:
            return False
        self.reader, self.thread, self.heard = reader, thread, now
        return True


class Cameras:
    """Hands the pictures that a program reads to the guard. Pictures may come from any thread.

    Args:
        guard: who looks at them.
        names: source name by URL, where the last part of the URL will not do.
        clock: tells whether a reader has ended.
        others: what other processes of the watch show; None where there is no way to know.
        telling: shows them what is read here.
    """

    def __init__(
        self,
        guard: Guard,
        names: Mapping[str, str],
        clock: Clock | None = None,
        *,
        others: Others | None = None,
        telling: Telling | None = None,
    ) -> None:
        self._others, self._telling, self._process = others, telling, os.getpid()
        self._guard, self._clock = guard, clock or SystemClock()
        self._names = {_place(url): name for url, name in names.items()}
        inputs = guard.site.inputs
        self._folders = {_place(one.folder): name for name, one in inputs.items() if one.folder is not None}
        self._routed = {name: one for name, one in inputs.items() if one.route is not None or one.header is not None}
        self._cameras: dict[str, _Camera] = {}
        self._recents: dict[str, Recent] = {}
        self._reading = Reading(self._clock)
        self._opening = Lock()

    def picture(self, url: str, pixels: Pixels, at: float, reader: object = None) -> Frame | None:
        """Take in a picture that was read from `url`, time-stamped `at` seconds on any base.

        Args:
            url: where it is from.
            pixels: the picture.
            at: its stamp, on the reader's own clock.
            reader: which of several readers of that URL it is; where it is not known, the thread stands for it.

        Returns:
            the frame that was looked at; None where another reader brings the pictures of that camera already.
        """
        if self._others is not None:
            self._begin_anew_if_forked()
        camera = self._cameras.get(url) or self._open(url)
        name = camera.source.name
        self._reading.read(name)
        with camera.lock:
            frame = camera.source.stamp(pixels, at) if self._takes(camera, reader) else None
        if frame is None:
            self._guard.watch(name).pass_over()
            return None
        self._guard.observe(frame)
        camera.recent.add(frame)
        if self._telling is not None:
            self._telling.tell(camera.recent, self._guard.watch(name).last)
        return frame

    def read(self, url: str) -> None:
        """The running thread has read from `url`: a camera, or what the site declares as an input."""
        name = self._names.get(_place(url)) or self._within(self._names, url) or self._within(self._folders, url)
        if name is not None:
            self._reading.read(name)

    def folder_of(self, path: str) -> str | None:
        """The folder that is said to hold a camera's pictures, and that a file lies in; None where none is."""
        return next((folder for folder in _above(path) if folder in self._names), None)

    def attribute(self, call: Call, pictures: Iterable[object], baggage: str = "") -> Attribution | None:
        """Whose picture is in a call that is given `pictures`; None where that is not known."""
        if self._routed:
            self._read_request()
        found = attribute(
            call.source,
            pictures,
            self._guard.declared,
            self._reading,
            self._shown,
            baggage,
            partial(self._disputed, call),
        )
        if found is None or found.at is not None:
            return found
        recent = self._recents.get(found.source)
        return replace(found, at=recent.views[-1].at) if recent and recent.views else found

    def whose(self, found: Attribution | None) -> str:
        """Whose picture a call that is refused was taken to be on, and why; or why nobody's."""
        if found is not None:
            return str(found)
        shown, read = ", ".join(sorted(self._shown())), " and ".join(self._reading.recent())
        why = f"none of {shown} has surely shown it lately" if shown else "no camera has been read here"
        but = f", and it does not look like what was read last, {read}" if read else ""
        return (
            f"Whose picture it is nobody knows ({why}{but}): it was judged by every source, and the strictest counts."
        )

    def _read_request(self) -> None:
        """What a request brings whose path or headers the site knows has been read by who serves it."""
        request = served()
        brought = [(len(one.route or ""), name) for name, one in self._routed.items() if one.served(*request)]
        if brought:
            self._reading.read(max(brought)[1])

    def _shown(self) -> Mapping[str, Showing]:
        if self._others is None:
            return self._recents
        self._begin_anew_if_forked()
        return self._others.with_own(self._recents)

    def _begin_anew_if_forked(self) -> None:
        """What its parent has read is the parent's to show."""
        if self._process != os.getpid():
            self._process, self._recents, self._cameras = os.getpid(), {}, {}

    def _within(self, folders: Mapping[str, str], url: str) -> str | None:
        return next((folders[folder] for folder in _above(url) if folder in folders), None)

    def _disputed(self, call: Call) -> bool:
        """Whether the call may run on some of the sources that there are, and not on others."""
        names = {*self._shown(), *self._guard.site.cameras, *self._guard.site.inputs}
        return len({self._guard.judge_on(call, name).decision.opens for name in names}) > 1

    def _takes(self, camera: _Camera, reader: object) -> bool:
        return camera.takes(reader, get_ident(), self._clock.now())

    def _open(self, url: str) -> _Camera:
        with self._opening:
            name = self._names.get(_place(url)) or self._own_name(parse_source(url)[0])
            recent = self._recents.setdefault(name, Recent())
            return self._cameras.setdefault(url, _Camera(PushSource(name, now=self._clock.now), recent))

    def _own_name(self, stem: str) -> str:
        """The stem, numbered where another camera has it: two cameras must never be taken for one."""
        taken = {camera.source.name for camera in self._cameras.values()} | set(self._names.values())
        names = chain([stem], (f"{stem}-{number}" for number in count(2)))
        return next(name for name in names if name not in taken)


def _above(url: str) -> list[str]:
    """The folders that a file lies in, the nearest first."""
    path = local_path(url)
    return [str(folder) for folder in path.resolve().parents] if path else []


def _place(url: str) -> str:
    """What a URL means, however the program writes it."""
    path = local_path(url)
    return str(path.resolve()) if path and exists(path) else url
