"""In the way of Frigate: a process writes I420 pictures into shared memory, another cuts faces out and pads them."""

import multiprocessing
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import cv2
import numpy as np

from .common import CAMERA, Count, Picture, chosen, every, prepared, session

_PICTURES = 10


def capture(name: str, ready: Any, taken: Any) -> None:
    memory: Any = SharedMemory(name)
    for picture in chosen(every(CAMERA)):
        planes: Any = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
        memory.buf[: planes.nbytes] = planes.tobytes()
        ready.put(planes.shape)
        taken.get()
    memory.close()


def recognise(name: str, ready: Any, taken: Any, done: Any) -> None:
    memory: Any = SharedMemory(name)
    run, count = session(), Count()
    for _ in range(_PICTURES):
        shape = ready.get()
        planes = np.frombuffer(bytes(memory.buf[: shape[0] * shape[1]]), np.uint8).reshape(shape)
        picture: Any = cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420)
        count.call(lambda picture=picture: run(prepared(padded(picture[110:250, 270:370]))))
        taken.put(None)
    memory.close()
    done.put((count.made, count.refused))


def padded(face: Picture) -> Picture:
    """In the middle of a black square, in its own shape."""
    small = cv2.resize(face, (80, 112), interpolation=cv2.INTER_CUBIC)
    return cv2.copyMakeBorder(small, 0, 0, 16, 16, cv2.BORDER_CONSTANT)  # pyright: ignore[reportReturnType]


def main() -> None:
    context = multiprocessing.get_context("forkserver")
    ready, taken, done = context.Queue(), context.Queue(), context.Queue()
    memory = SharedMemory(create=True, size=1 << 20)
    workers = [
        context.Process(target=capture, args=(memory.name, ready, taken)),
        context.Process(target=recognise, args=(memory.name, ready, taken, done)),
    ]
    for worker in workers:
        worker.start()
    count = Count()
    count.add(*done.get())
    for worker in workers:
        worker.join()
    memory.close()
    memory.unlink()
    count.tell()


if __name__ == "__main__":
    main()
