"""Threads for what takes long beside the loop, for which nobody waits when the service ends."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Final, TypeVar

T = TypeVar("T")
# Bytes of a request.
_LONG: Final = 128 << 10


class Workers:
    """So many threads at most, each made for one piece of work; of one loop's thread.

    An executor's are waited for at the end of the process, however long a server takes that one of them asks.

    Args:
        most: threads at once; what comes beyond them waits.
        name: of the threads.
    """

    def __init__(self, most: int, name: str) -> None:
        self._free, self._name = asyncio.Semaphore(most), name

    async def do(self, work: Callable[[], T]) -> T:
        """The outcome of some work, or what it raises. Work that has begun goes on where nobody awaits it any more."""
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[T] = loop.create_future()

        def tell(put: Callable[[], None]) -> None:
            self._free.release()
            if not outcome.done():
                put()

        def run() -> None:
            put = _done(work, outcome)
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(tell, put)

        try:
            Thread(target=run, name=self._name, daemon=True).start()
        except RuntimeError:  # the system gives no more threads
            self._free.release()
            raise
        return await outcome


class Readers:
    """Threads that read the texts of requests. Long ones come one after another: several would leave the interpreter to
    nobody else; and short ones are read beside them."""

    def __init__(self) -> None:
        self._short, self._long = (Workers(most, "facewarden-reading") for most in (2, 1))

    async def read(self, size: int, work: Callable[[], T]) -> T:
        """What comes of reading a request of so many bytes; see `Workers.do`."""
        return await (self._long if size > _LONG else self._short).do(work)


def _done(work: Callable[[], T], outcome: "asyncio.Future[T]") -> Callable[[], None]:
    """Do it; gives what tells how it went."""
    try:
        found = work()
    except BaseException as error:  # noqa: BLE001 - raised to whoever awaits it, who else waits for ever
        told = isinstance(error, Exception) and not isinstance(error, StopIteration)  # which no future takes
        failed = error if told else RuntimeError(repr(error))
        return lambda: outcome.set_exception(failed)
    return lambda: outcome.set_result(found)
