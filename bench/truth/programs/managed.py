"""A thread puts pictures into a manager's dictionary, and forked workers take them from there."""

import multiprocessing
import threading
from typing import Any

from .common import CAMERA, Count, chosen, every, face, session

_WORKERS = 2


def work(pictures: Any, numbers: Any, done: Any) -> None:
    recognise, count = session(), Count()
    while (number := numbers.get()) is not None:
        picture = pictures[number]
        count.call(lambda picture=picture: recognise(face(picture)))
    done.put((count.made, count.refused))


def read(pictures: Any, numbers: Any) -> None:
    for number, picture in enumerate(chosen(every(CAMERA))):
        pictures[number] = picture
        numbers.put(number)
    for _ in range(_WORKERS):
        numbers.put(None)


def main() -> None:
    context = multiprocessing.get_context("fork")
    with context.Manager() as manager:
        pictures, numbers, done = manager.dict(), context.Queue(3), context.Queue()
        workers = [context.Process(target=work, args=(pictures, numbers, done)) for _ in range(_WORKERS)]
        for worker in workers:
            worker.start()
        threading.Thread(target=read, args=(pictures, numbers), daemon=True).start()
        count = Count()
        for _ in workers:
            count.add(*done.get())
        for worker in workers:
            worker.join()
    count.tell()


if __name__ == "__main__":
    main()
