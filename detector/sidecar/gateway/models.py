"""What the models of an inference server do: found out at the first use of each, and kept until they may be others."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from msgspec.structs import replace

from ...errors import ModelError
from ...identity import identify, identify_runnable
from ...identity.answer import Identity
from ...identity.model import Run, Slot, Unrunnable
from ..workers import Workers
from .asking import Described, Server, TensorMeta, Unasked
from .limits import FRESH_S, IDENTIFIED_S, NAMED, UNDER_WAY

_KEPT: Final = 1024
# At once, of one server, about models that are new; and as many about those that it has told of before.
_ASKED_AT_ONCE: Final = 2
_FILES: Final = (".onnx", ".tflite", ".xml", ".pt", ".pth", ".plan", ".engine", ".pb")
_PICTURES: Final = 4  # axes
_ANOTHER: Final = "another model was loaded while it was looked at; ask again"
_RECOGNISERS: Final = frozenset({"identification", "verification", "categorisation", "gallery_building"})


class Found(NamedTuple):
    """What a model does.

    Attributes:
        task: a value of the fact `task`, `other` where it recognises no faces; None where that is not known.
        why: how we know, or why we do not.
        blind: whether nobody says what it takes, so that it could not be run: a request that shows it would help.
    """

    task: str | None
    why: str
    blind: bool = False


# A model, its version, and what a request gives it where the server does not say what it takes.
_Key: TypeAlias = tuple[str, str, tuple[TensorMeta, ...]]


class _Kept(NamedTuple):
    found: Found
    described: Described
    at: float


class Models:
    """The models of one upstream; of the loop's thread.

    Args:
        server: asked about them.
        folder: where their files are; None where that cannot be read here.
        tasks: what the site says that models do, by name.
        note: told what was found, and of what.
    """

    def __init__(
        self, server: Server, folder: Path | None, tasks: Mapping[str, str], note: Callable[[str], None]
    ) -> None:
        self._server, self._folder, self._tasks, self._note = server, folder, tasks, note
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._under_way: dict[_Key, asyncio.Task[Found]] = {}
        self._asking: set[asyncio.Task[Found]] = set()  # of new models, also where nobody wants to know any more
        # Names that clients invent, at a server that hangs, keep no model waiting that is known.
        self._new, self._again = (Workers(_ASKED_AT_ONCE, f"facewarden-models-{what}") for what in ("new", "again"))
        self._generation = 0

    async def find(self, model: str, version: str, shown: tuple[TensorMeta, ...] = ()) -> Found:
        """What a model does; waits for it a while, where that has to be found out first. Never raises.

        Args:
            model, version: its name; an empty version is the server's choice.
            shown: what a request gives it. Counts where the server does not say what the model takes, and the answer
                is then one on requests of this shape alone.
        """
        key = model, version, tuple(map(_of_any_batch, shown))
        if _size(key) > NAMED:
            return Found(None, "its name, or what it takes, is too long")
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() - kept.at < FRESH_S:
            return kept.found
        task = self._under_way.get(key) or self._begin(key, kept)
        if task is None:
            return Found(None, "too many models are being found out; ask again")
        try:
            async with asyncio.timeout(IDENTIFIED_S):
                return await asyncio.shield(task)
        except TimeoutError:
            return Found(None, "what it does is being found out; ask again")

    def forget(self) -> None:
        """Others may stand under the names from here on."""
        self._generation += 1
        self._kept.clear()
        self._under_way = {}

    def _begin(self, key: _Key, kept: _Kept | None) -> "asyncio.Task[Found] | None":
        """Find it out; None where there is no room for one more."""
        if kept is None and len(self._asking) >= UNDER_WAY:
            return None
        task = self._under_way[key] = asyncio.ensure_future(self._find(key, kept))
        task.add_done_callback(lambda _: self._under_way.pop(key) if self._under_way.get(key) is task else None)
        if kept is None:
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        return task

    async def _find(self, key: _Key, kept: _Kept | None) -> Found:
        generation, workers = self._generation, self._new if kept is None else self._again
        try:
            found, described = await workers.do(partial(self._asked, key, kept, generation))
        except Unasked as error:
            return Found(None, str(error))
        except Exception as error:  # noqa: BLE001 - whatever a server says, nothing is opened by it
            return Found(None, f"it cannot be identified ({type(error).__name__}: {error})"[:300])
        if generation != self._generation:
            return Found(None, _ANOTHER)
        self._keep(key, _Kept(found, described, time.monotonic()))
        return found

    def _asked(self, key: _Key, kept: _Kept | None, generation: int) -> tuple[Found, Described]:
        """What a model does, and what the server says of it: as before, where it says the same."""
        if generation != self._generation:  # it had to wait for its turn
            raise Unasked(_ANOTHER)
        described = self._server.describe(*key[:2])
        described = described if described.inputs else replace(described, inputs=key[2])
        if kept is not None and described == kept.described:
            return kept.found, described
        return self._identify(*key[:2], described), described

    def _keep(self, key: _Key, kept: _Kept) -> None:
        if key not in self._kept or self._kept[key].found != kept.found:
            self._note(f"{key[0]}{'/' if key[1] else ''}{key[1]}: {kept.found.task or 'unknown'} ({kept.found.why})")
        self._kept[key] = kept
        self._kept.move_to_end(key)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def _identify(self, model: str, version: str, described: Described) -> Found:
        """Its files first, then what it does."""
        identities = [*self._files(model, version)]
        if not identities or any(one.recogniser is None for one in identities):
            identities += self._behaviour(model, version, described)
        declared = self._tasks.get(model)
        if any(one.recogniser for one in identities):
            first = next(one for one in identities if one.recogniser)
            return Found(declared if declared in _RECOGNISERS else "identification", _why(first))
        if identities and identities[-1].recogniser is False:
            return Found("other", _why(identities[-1]))
        why = "as the site says" if declared else "what it does cannot be told: say it in `tasks`"
        return Found(declared, why, blind=not described.inputs)

    def _behaviour(self, model: str, version: str, described: Described) -> list[Identity]:
        inputs, outputs = ([meta.slot for meta in side] for side in (described.inputs, described.outputs))
        if not inputs or any(slot.dtype == "other" for slot in inputs):  # text, pictures as files: there is no telling
            return []
        with self._server.running(model, version, described) as run:
            return [identify_runnable(run, inputs, outputs or _given(run, inputs), model, brief=True)]

    def _files(self, model: str, version: str) -> Iterator[Identity]:
        for path in files_of(self._folder, model, version):
            try:
                yield identify(path)
            except ModelError:
                continue


def files_of(folder: Path | None, model: str, version: str) -> list[Path]:
    """The files of a model in a repository: `MODEL/VERSION/...` as Triton and OpenVINO Model Server have them, of the
    highest version where none is asked for; else those of `MODEL/`."""
    if folder is None or model in ("", ".", "..") or "/" in model or "\0" in model:
        return []
    home = folder / model
    if not home.is_dir():
        return []
    versions = sorted((one for one in home.iterdir() if one.name.isdigit()), key=lambda one: int(one.name))
    chosen = [one for one in versions if one.name == version] if version else versions[-1:]
    place = chosen[0] if chosen else home
    return sorted(path for path in place.rglob("*") if path.is_file() and path.suffix.lower() in _FILES)


def _given(run: Run, inputs: list[Slot]) -> list[Slot]:
    """What a model gives that does not say so: run once, on nothing to see."""
    sides = [[side or _side(axis) for axis, side in enumerate(slot.shape)] for slot in inputs]
    arrays = [np.zeros(shape, slot.dtype) for shape, slot in zip(sides, inputs, strict=True)]
    try:
        return [Slot(np.shape(given), np.asarray(given).dtype.name) for given in run(arrays)]
    except Unrunnable:
        return []


def _side(axis: int) -> int:
    """Of what is free: one picture, of a face's usual size."""
    return 112 if axis > 1 else 1


def _of_any_batch(tensor: TensorMeta) -> TensorMeta:
    """Pictures come one at a time or several."""
    return replace(tensor, shape=(-1, *tensor.shape[1:])) if len(tensor.shape) == _PICTURES else tensor


def _size(key: _Key) -> int:
    """Bytes that it takes to keep it, roughly: clients choose them."""
    model, version, shown = key
    return len(model) + len(version) + sum(64 + len(one.name) + 8 * len(one.shape) for one in shown)


def _why(identity: Identity) -> str:
    reasons = [reason.detail for reason in identity.evidence if reason.signal in ("hash", "weights", "behaviour")]
    return f"{identity.function}: {reasons[-1] if reasons else 'by its shapes'}"[:300]
