"""Pictures are read in a pool of threads, pass a queue of asyncio, and are recognised in another pool."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from .common import CAMERA, Count, Picture, chosen, every, face, session

recognise, count = session(), Count()


def look(picture: Picture) -> None:
    count.call(lambda: recognise(face(picture)))


async def read(pictures: "asyncio.Queue[Picture | None]") -> None:
    camera = chosen(every(CAMERA))
    while (picture := await asyncio.to_thread(next, camera, None)) is not None:
        await pictures.put(picture)
    await pictures.put(None)


async def main() -> None:
    pictures: asyncio.Queue[Picture | None] = asyncio.Queue(4)
    reading = asyncio.create_task(read(pictures))
    with ThreadPoolExecutor(3) as pool:
        while (picture := await pictures.get()) is not None:
            await asyncio.get_running_loop().run_in_executor(pool, look, picture)
    await reading


asyncio.run(main())
count.tell()
