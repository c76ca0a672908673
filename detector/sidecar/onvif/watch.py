"""Looks after the cameras that are asked by ONVIF: on a thread and a loop of its own, for it waits and reads XML."""

import asyncio
import threading
from collections.abc import Mapping
from time import monotonic, time
from typing import Final

from msgspec.structs import replace

from ...calls import Call
from ...calls.attribution import Attribution
from ...calls.wall import moment
from ...records.entry import Event
from ..gate import Gate
from ..journal import Journal
from .analytics import Analytic, OnvifAnswer, Recognition
from .camera import Access, Camera, connected

# Seconds from one look at a camera's rules to the next, and until one that failed is asked again.
LOOK_S: Final = 60.0
AGAIN_S: Final = 15.0
# Where it has just recognised somebody, its rules are looked at again sooner.
_SOON_S: Final = 5.0
_ENDING_S: Final = 5.0


class _Watched:
    """One camera: what it does by itself is told, judged and, where the site allows it, ended.

    Attributes:
        answer: what is known.
    """

    def __init__(self, name: str, access: Access, gate: Gate, journal: Journal) -> None:
        self.name, self.access = name, access
        self._gate, self._journal = gate, journal
        self.answer = OnvifAnswer()
        self._looked = 0.0
        self._due = 0.0
        self._heard = ""

    async def tend(self) -> None:
        """Go on until cancelled."""
        while True:
            try:
                async with connected(self.access) as camera:
                    await self._look(camera)
                    await self._listen(camera)
            except Exception as error:  # noqa: BLE001 - whatever a camera says, it is asked again, and so are the others
                self._failed(f"{type(error).__name__}: {error}"[:300])
            await asyncio.sleep(AGAIN_S)

    async def _listen(self, camera: Camera) -> None:
        lost = asyncio.Event()
        await camera.listen(lost.set)
        while not lost.is_set():
            for one in await camera.heard():
                self._recognised(one)
            if monotonic() >= self._due:
                await self._look(camera)
        raise ConnectionError("it keeps what it has to tell no longer")

    async def _look(self, camera: Camera) -> None:
        found = await camera.analytics()
        if self._may_remove() and (rules := [one for one in found if one.recognises and one.kind == "rule"]):
            for rule in rules:
                await self._remove(camera, rule)
            found = await camera.analytics()
        self._looked = monotonic()
        self._due = self._looked + LOOK_S
        self._know(found, await camera.able())

    async def _remove(self, camera: Camera, rule: Analytic) -> None:
        await camera.remove(rule)
        self.answer = replace(self.answer, removed=self.answer.removed + 1)
        self._tell(f"its rule {rule} recognised faces, which is prohibited, and was removed")

    def _may_remove(self) -> bool:
        """Whether rules are to go: not where a fact is missing, for nobody puts them back."""
        if not self.access.remove_rules:
            return False
        decision = self._gate.peek(self._call())
        return decision.effect == "prohibited" and self._gate.terms.site.enforcement.refuses(decision)

    def _know(self, found: tuple[Analytic, ...], able: bool) -> None:
        rules, modules = (tuple(str(one) for one in found if one.kind == kind) for kind in ("rule", "module"))
        by = [str(one) for one in found if one.recognises] or [self._heard] * bool(self._heard)
        before, self._heard = self.answer, ""
        self.answer = replace(
            before, recognises=bool(by), able=able or bool(by), rules=rules, modules=modules, problem=None
        )
        if bool(by) != bool(before.recognises):
            text = (
                f"it recognises faces by itself: {', '.join(by)}" if by else "it no longer recognises faces by itself"
            )
            self._tell(text)
        if before.problem is not None:
            self._tell("it answers by ONVIF again")

    def _recognised(self, one: Recognition) -> None:
        """It is done: the call is judged and put on record, and nobody was kept from it."""
        own = {"topic": one.topic, "camera_time": one.time, "likelihood": one.likelihood}
        call = replace(self._call(one.rule), own={key: value for key, value in own.items() if value})
        self._gate.ask_for(call, lambda: Attribution(self.name, "call", 1.0), observe=True)
        self._heard, self._due = f"it says so by {one.topic}", min(self._due, self._looked + _SOON_S)
        if self.answer.recognises is not True:
            self._tell(f"it recognises faces by itself: {self._heard}")
        self.answer = replace(self.answer, recognises=True, able=True, recognitions=self.answer.recognitions + 1)

    def _call(self, rule: str = "") -> Call:
        return Call(source=self.name, service="local", model=rule or None, runtime="onvif")

    def _failed(self, why: str) -> None:
        if self.answer.problem is None:
            self._tell(f"it cannot be asked by ONVIF what it recognises itself: {why}")
        self.answer = replace(self.answer, problem=why)

    def _tell(self, text: str) -> None:
        self._journal.note(Event("analytics", None, text, self.name, moment(time())))


class OnvifWatch:
    """All of them. Every method may be called from any thread.

    Args:
        gate: judges what they recognise.
        journal: is told what they do by themselves.
    """

    def __init__(self, gate: Gate, journal: Journal) -> None:
        self._gate, self._journal = gate, journal
        self._watched: dict[str, tuple[_Watched, asyncio.Task[None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def answer(self, name: str) -> OnvifAnswer | None:
        """What is known of a source; None where it is not asked."""
        found = self._watched.get(name)
        return None if found is None else found[0].answer

    def set(self, accesses: Mapping[str, Access]) -> None:
        """Ask these, by the name of their source; what does not change goes on."""
        if accesses and self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=_run, args=(self._loop,), name="facewarden-onvif", daemon=True)
            self._thread.start()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._set, self._loop, dict(accesses))

    def stop(self) -> None:
        """End."""
        if self._loop is not None and self._thread is not None:
            asyncio.run_coroutine_threadsafe(self._end(self._loop), self._loop)
            self._thread.join(_ENDING_S)

    def _set(self, loop: asyncio.AbstractEventLoop, accesses: Mapping[str, Access]) -> None:
        for name, (watched, task) in [*self._watched.items()]:
            if accesses.get(name) != watched.access:
                task.cancel()
                del self._watched[name]
        for name in accesses.keys() - self._watched.keys():
            watched = _Watched(name, accesses[name], self._gate, self._journal)
            task = loop.create_task(watched.tend())
            self._watched[name] = watched, task
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        loop.stop()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.close()
