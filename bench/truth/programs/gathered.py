"""A thread gathers faces over two seconds, and another recognises them when they are all there."""

import queue
import threading

import numpy as np
from numpy.typing import NDArray

from .common import CAMERA, Count, chosen, every, face, session

Faces = NDArray[np.float32]
batches: queue.Queue[list[Faces] | None] = queue.Queue()


def read() -> None:
    batches.put([face(picture) for picture in chosen(every(CAMERA))])
    batches.put(None)


recognise, count = session(), Count()
threading.Thread(target=read, daemon=True).start()
while (faces := batches.get()) is not None:
    for one in faces:
        count.call(lambda one=one: recognise(one))
count.tell()
