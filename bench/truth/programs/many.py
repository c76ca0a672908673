"""Ten thousand calls from four workers; half of the workers are ended by a signal when they have made theirs.

python -m facewarden.bench.truth.programs.many CAMERA OTHER MODEL fork|spawn
"""

import multiprocessing
import os
import signal
import sys
from typing import Any

import cv2
import numpy as np

from .common import MODEL, Count

WORKERS, CALLS = 4, 2500


def work(number: int, done: Any) -> None:
    """A fourth of the calls: two templates held against each other, which is the cheapest there is."""
    recogniser: Any = cv2.FaceRecognizerSF.create(MODEL, "")
    one = np.ones((1, 128), np.float32)
    count = Count()
    for _ in range(CALLS):
        count.call(lambda: recogniser.match(one, one))
    done.put((count.made, count.refused))
    done.close()
    done.join_thread()
    if number % 2:
        os.kill(os.getpid(), signal.SIGTERM)


def main(method: str) -> None:
    context: Any = multiprocessing.get_context(method)
    done = context.Queue()
    workers = [context.Process(target=work, args=(number, done)) for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    count = Count()
    for _ in workers:
        count.add(*done.get())
    for worker in workers:
        worker.join()
    count.tell()


if __name__ == "__main__":
    main(sys.argv[4])
