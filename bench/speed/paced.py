"""Questions at a steady rate, whatever becomes of those before: an answer's time counts from when its question was due,
so that an answer that keeps others waiting counts for all of them (no coordinated omission)."""

import asyncio
import time
from typing import NamedTuple

import numpy as np

# Connections by which is asked; a question waits for the first that is free.
_CONNECTIONS = 16


class Late(NamedTuple):
    """Milliseconds from when a question was due to its answer.

    Attributes:
        p50, p99, p999, most: percentiles, and the longest.
        share: of the answers, those within 5 ms.
    """

    answers: int
    p50: float
    p99: float
    p999: float
    most: float
    share: float


def ask_steadily(port: int, request: bytes, rate: float, seconds: float) -> Late:
    """Send a request of HTTP/1.1 to this machine so many times a second."""
    return asyncio.run(_asked(port, request, rate, seconds))


async def _asked(port: int, request: bytes, rate: float, seconds: float) -> Late:
    due = asyncio.Queue[float | None]()
    took: list[float] = []
    asking = [asyncio.create_task(_ask(port, request, due, took)) for _ in range(_CONNECTIONS)]
    began = time.perf_counter()
    for number in range(round(rate * seconds)):
        at = began + number / rate
        if (early := at - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        due.put_nowait(at)
    for _ in asking:
        due.put_nowait(None)
    await asyncio.gather(*asking)
    late = np.array(took) * 1000
    p50, p99, p999 = np.percentile(late, (50, 99, 99.9))
    return Late(len(took), float(p50), float(p99), float(p999), float(late.max()), float((late <= 5).mean()))


async def _ask(port: int, request: bytes, due: "asyncio.Queue[float | None]", took: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (at := await due.get()) is not None:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        took.append(time.perf_counter() - at)
    writer.close()
