"""What is this model? The answers, kept by content."""

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import file_digest, sha256, sha384
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import msgspec

from ...streams.errors import printable
from ..errors import ModelError
from . import kept
from .answer import Evidence, Identity
from .known import Knowledge, Published, shipped
from .layout import tells_places
from .model import Array, Layer, Run, Slot, Unrunnable
from .opening import LARGEST, READERS, kind_of, open_model
from .sandbox import Limits, examine_apart
from .verdict import Verdict, examine

_KEPT = 1024  # answers
_SMALL, _MOSTLY = 1 << 26, 8  # bytes from which a file is asked for holes, and how many times what is there
_NEVER_HERE = ("torchscript", "torch_state", "pt2")  # formats of which the files hold code, or pickles


class _Cache:
    """Verdicts by content; two threads that ask for the same at once may both work it out, to the same end."""

    def __init__(self) -> None:
        self._verdicts: OrderedDict[str, Verdict] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str, make: Callable[[], Verdict]) -> Verdict:
        with self._lock:
            kept = self._verdicts.get(key)
        if kept is None:
            kept = make()
            with self._lock:
                self._verdicts[key] = kept
                if len(self._verdicts) > _KEPT:
                    self._verdicts.popitem(last=False)
        return kept


_cache = _Cache()


def identify(
    path: str | Path,
    known: Knowledge | None = None,
    *,
    here: bool = False,
    limits: Limits | None = None,
    cached: bool = False,
) -> Identity:
    """Say what a model file is; files that belong to it are looked for beside it, and nowhere else.

    It is looked at in a process that can write no file and reach no network, and that has limits of time and memory.

    Args:
        path: the file; of an OpenVINO model the .xml.
        known: published models to compare with; what ships where None.
        here: look at it in this process, which is about to run it anyway. PyTorch's files never are: they hold code.
        limits: what it may take there; the usual where None.
        cached: take an answer that is kept on disk for its content, and keep the one that is found (see `kept`).

    Raises:
        ModelError: it cannot be read, or is no model file.
    """
    path, shown = Path(path), printable(str(path))
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may never end
            raise ModelError(f"{shown}: no regular file")
        if reason := _why_closed(path.stat()):
            return _by_hash(path, reason, known or shipped())
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise ModelError(f"{shown}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    return _identify(content, str(path), path, known, _Way(here, limits, cached))


def identify_bytes(
    content: bytes,
    name: str,
    known: Knowledge | None = None,
    *,
    here: bool = False,
    limits: Limits | None = None,
    cached: bool = False,
) -> Identity:
    """Say what a model is of which the content is at hand; nothing beside it is looked for.

    Args:
        content: the whole file.
        name: what to call it in the answer; decides nothing.
        known: published models to compare with; what ships where None.
        here: as for `identify`.
        limits: as for `identify`.
        cached: as for `identify`.

    Raises:
        ModelError: it is no model file.
    """
    return _identify(content, name, None, known, _Way(here, limits, cached))


def identify_runnable(
    run: Run, inputs: Sequence[Slot], outputs: Sequence[Slot], name: str, *, brief: bool = False
) -> Identity:
    """Say what a model is that is open already, by running it.

    Args:
        run: takes one array for each input and gives one for each output. It is called up to a hundred times and must
            not change what the model remembers; what it raises counts as "cannot be run".
        inputs: shape and element type of each; a free axis is None.
        outputs: the same of each output, as far as known; what `run` gives beyond these counts as inside.
        name: what to call it in the answer; decides nothing.
        brief: run it a few times only, where its outputs tell of places in a large picture; for what is slow to run.
    """
    brief = brief and tells_places(inputs, outputs)
    return _identity(name, "", examine(_Open(run, inputs, outputs), shipped(), brief=brief))


class _Way(NamedTuple):
    """How a file is looked at: see `identify`."""

    here: bool
    limits: Limits | None
    cached: bool


class _Open:
    """A model that is open already; see `Model`."""

    format = "runnable"
    notes: tuple[str, ...] = ()

    def __init__(self, run: Run, inputs: Sequence[Slot], outputs: Sequence[Slot]) -> None:
        self._run = run
        self.inputs = tuple(inputs)
        self.outputs = tuple(Layer("", slot) for slot in outputs)

    def weights(self) -> tuple[Array, ...]:
        return ()

    def runner(self, inputs: Sequence[Slot]) -> Run:  # noqa: ARG002 - it takes what it takes
        def guarded(arrays: list[Array]) -> Sequence[object]:
            try:
                return self._run(arrays)
            except Exception as error:
                raise Unrunnable(f"it cannot be run: {error}"[:200]) from error

        return guarded


def _identify(content: bytes, name: str, path: Path | None, known: Knowledge | None, way: _Way) -> Identity:
    digest = sha256(content).hexdigest()
    if known is not None:
        return _identity(name, digest, _work_out(content, digest, path, known, way))
    # A file whose weights lie beside it is more than its content.
    key = f"{digest} {path.resolve().parent if path else ''}"
    return _identity(name, digest, _cache.get(key, lambda: _recalled(content, digest, path, way)))


def _recalled(content: bytes, digest: str, path: Path | None, way: _Way) -> Verdict:
    """What is kept of it on disk, if that is asked for; else what is worked out."""
    recalled = kept.kept(digest) if way.cached else None
    if recalled is not None:
        return recalled
    verdict = _work_out(content, digest, path, None, way)
    if way.cached and kept.lasting(verdict, content):
        kept.keep(digest, verdict)
    return verdict


def _why_closed(about: os.stat_result) -> str | None:
    """Why a file of which this is known is not read; None where it is."""
    if about.st_size > LARGEST:
        return f"larger than {LARGEST / 1e9:.0f} GB"
    stored = getattr(about, "st_blocks", about.st_size) * 512
    if about.st_size > _SMALL and stored * _MOSTLY < about.st_size:
        return "nearly all of it holes"
    return None


def _by_hash(path: Path, why: str, known: Knowledge) -> Identity:
    with path.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    reason = Evidence("format", f"{why}, which is not opened; only its hash was looked up")
    unknown = Verdict(None, "unknown", None, 0.0, (reason,))
    return _identity(str(path), digest, _published(known.hashes.get(digest)) or unknown)


def _published(published: Published | None) -> Verdict | None:
    if published is None:
        return None
    evidence = Evidence("hash", f"published as {published.family or 'a model'} ({published.function})")
    recogniser = published.function == "face_recogniser"
    return Verdict(recogniser, published.function, published.family or None, 1.0, (evidence,))


def _work_out(content: bytes, digest: str, path: Path | None, given: Knowledge | None, way: _Way) -> Verdict:
    known = given or shipped()
    published = _published(known.hashes.get(digest) or known.hashes.get(sha384(content).hexdigest()))
    if published:
        return published
    kind = kind_of(content, path)
    if kind not in READERS or (way.here and kind not in _NEVER_HERE):
        return examine(open_model(content, path), known)
    return examine_apart(content, kind, path, given, way.limits)


def _identity(name: str, digest: str, verdict: Verdict) -> Identity:
    return Identity(printable(name), digest, **msgspec.structs.asdict(verdict))
