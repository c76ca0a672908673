"""The unit of work of an audit: one source, replayed whole, whose result is one file."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import file_digest, sha256
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import msgspec

from ...streams.address import exists, local_path
from ...streams.segments import SCHEME, segments_at
from ..guard import Guard
from ..release import release
from ..sight.history import History
from ..site import Site
from .pictures import Pictures
from .replay import Answer, Replay, Unread, Watcher
from .sparing import Span

# What a line of a playlist names: in a tag, or by itself.
_NAMED: Final = re.compile(r'^#EXT[^\n]*URI="([^"\n]+)"|^([^#\n]+)$', re.MULTILINE)


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A source to replay, and how. A plain value: it can cross a pipe, or go to another machine.

    Attributes:
        name, url: the source.
        max_seconds, assume_fps: see `Replay`.
        faces: the face detector's file, where the site has one of its own.
        moments: of its calls, media time in seconds and the call's number, where pictures of them are wanted.
        pictures: the folder that those go to.
        spans: of media time that its calls need to be looked at in full; None is all of it, see `Sparing`.
    """

    name: str
    url: str
    max_seconds: float | None = None
    assume_fps: float | None = None
    faces: str | None = None
    moments: tuple[tuple[float, int], ...] = ()
    pictures: str | None = None
    spans: tuple[Span, ...] | None = None


class Played(msgspec.Struct, frozen=True):
    """What a source gave.

    Attributes:
        answer: what was found of it.
        history: what it has shown, for its calls to be judged by.
        contents: sha256 of each file that was read, by its path.
        pictures: the file of a call's moment, by the call's number.
    """

    answer: Answer | Unread
    history: History
    contents: dict[str, str]
    pictures: dict[int, str] = {}


def play(unit: Unit, watcher: Watcher) -> Played:
    """Replay a source from its first picture to its last. The same unit gives the same result on every machine."""
    guard = Guard(Site(faces=unit.faces), live=False)
    pictures = Pictures(Path(unit.pictures), unit.moments) if unit.pictures else None
    replay = Replay(guard, watcher, unit.max_seconds, unit.assume_fps, pictures, traced=True, spans=unit.spans)
    (answer,) = replay.run({unit.name: unit.url})
    if isinstance(answer, Answer):
        answer = msgspec.structs.replace(answer, cost_ms=None)  # never the same twice
    return Played(answer, guard.watch(unit.name).history, contents(unit.url), dict(pictures.names) if pictures else {})


def play_into(unit: Unit, folder: Path, watcher: Watcher) -> Played:
    """As `play`, unless the folder has the result of the same unit over the same content already; and put it there."""
    path = folder / f"{_key(unit)}.json"
    found = _read(path, unit)
    if found is None:
        written = msgspec.json.encode(play(unit, watcher))
        aside = path.with_suffix(f".{os.urandom(8).hex()}.part")  # in two containers two processes have one number
        aside.write_bytes(written)
        aside.replace(path)
        found = msgspec.json.decode(written, type=Played)  # as it will be read: a whole number may come back a fraction
    else:
        watcher.done(found.answer)
    return found


def contents(url: str) -> dict[str, str]:
    """The sha256 of each file that a source is made of, by its path; none for what is no file, or cannot be read."""
    return dict(_digests(url))


def _digests(url: str) -> Iterator[tuple[str, str]]:
    for one in _files(url):
        with suppress(OSError):
            if one.is_file():
                with one.open("rb") as file:
                    yield str(one), file_digest(file, "sha256").hexdigest()


def _files(url: str) -> list[Path]:
    path = local_path(url)
    if path is None or not exists(path):
        return [segment.path for segment in segments_at(url)] if url.startswith(f"{SCHEME}:") else []
    return sorted(path.iterdir()) if path.is_dir() else [path, *_pulled_in(path)]


def _pulled_in(path: Path) -> list[Path]:
    """The files beside it that a playlist (HLS, RFC 8216) names; none of what is no playlist."""
    if path.suffix.lower() not in (".m3u8", ".m3u"):
        return []
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return []
    named = dict.fromkeys(tag or line.strip() for tag, line in _NAMED.findall(text))
    return [file for name in named if (file := path.parent / unquote(name)).suffix and exists(file)]


def _key(unit: Unit) -> str:
    """By content and settings, so that a file that moved is known again, and one that changed is not."""
    settings = msgspec.structs.replace(unit, url="" if local_path(unit.url) else unit.url)
    faces = contents(unit.faces) if unit.faces else {}
    read = contents(unit.url)
    clocks = [Path(path).name for path in read] if len(read) > 1 else []  # names of segments tell when they begin
    parts = [settings, list(read.values()), clocks, list(faces.values()), release(), _models()]
    return sha256(msgspec.json.encode(parts)).hexdigest()


@cache
def _models() -> str:
    """What ships of learned models, by content."""
    shipped = sorted(files("facewarden.models").iterdir(), key=lambda file: file.name)
    return sha256(b"".join(sha256(file.read_bytes()).digest() for file in shipped if file.is_file())).hexdigest()


def _read(path: Path, unit: Unit) -> Played | None:
    """The result that lies there; None where there is none, it is torn, or its pictures are gone."""
    try:
        played = msgspec.json.decode(path.read_bytes(), type=Played)
    except (OSError, msgspec.DecodeError):
        return None
    there = all((Path(unit.pictures or "") / name).is_file() for name in played.pictures.values())
    return played if there else None
