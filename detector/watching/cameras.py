"""The cameras whose pictures a program reads itself, under the names that its site gives them."""

from collections.abc import Iterable, Mapping
from itertools import chain, count
from threading import Lock

from msgspec.structs import replace

from ...streams.address import exists, local_path, parse_source
from ...streams.frame import Frame, Pixels
from ...streams.push import PushSource
from ..calls import Call
from ..calls.attribution import Attribution, Reading, Recent, attribute
from ..guard import Guard


class Cameras:
    """Hands the pictures that a program reads to the guard.

    Args:
        guard: who looks at them.
        names: source name by URL, where the last part of the URL will not do.
    """

    def __init__(self, guard: Guard, names: Mapping[str, str]) -> None:
        self._guard = guard
        self._names = {_place(url): name for url, name in names.items()}
        self._sources: dict[str, PushSource] = {}
        self._recents: dict[str, Recent] = {}
        self._reading = Reading()
        self._opening = Lock()

    def picture(self, url: str, pixels: Pixels, at: float) -> Frame:
        """Take in a picture that was read from `url`, time-stamped `at` seconds on any base."""
        source = self._sources.get(url) or self._source(url)
        frame = source.stamp(pixels, at)
        self._reading.read(source.name)
        self._guard.observe(frame)
        self._recents[source.name].add(frame)
        return frame

    def attribute(self, call: Call, pictures: Iterable[object]) -> Attribution | None:
        """Whose picture is in a call that is given `pictures`; None where that is not known."""
        found = attribute(call.source, pictures, self._guard.declared, self._reading, self._recents)
        if found is None or found.at is not None:
            return found
        recent = self._recents.get(found.source)
        return replace(found, at=recent.views[-1].at) if recent and recent.views else found

    def _source(self, url: str) -> PushSource:
        with self._opening:
            name = self._names.get(_place(url)) or self._own_name(parse_source(url)[0])
            self._recents.setdefault(name, Recent())
            return self._sources.setdefault(url, PushSource(name))

    def _own_name(self, stem: str) -> str:
        """The stem, numbered where another camera has it: two cameras must never be taken for one."""
        taken = {source.name for source in self._sources.values()} | set(self._names.values())
        names = chain([stem], (f"{stem}-{number}" for number in count(2)))
        return next(name for name in names if name not in taken)


def _place(url: str) -> str:
    """What a URL means, however the program writes it."""
    path = local_path(url)
    return str(path.resolve()) if path and exists(path) else url
