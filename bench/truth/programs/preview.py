"""The main thread shows one camera and recognises the pictures of another, which a thread has read for it."""

import queue
import threading

from .common import CAMERA, OTHER, Count, Picture, chosen, every, face, session

pictures: queue.Queue[Picture | None] = queue.Queue(4)


def read() -> None:
    for picture in chosen(every(CAMERA)):
        pictures.put(picture)
    pictures.put(None)


recognise, count, preview = session(), Count(), every(OTHER)
threading.Thread(target=read, daemon=True).start()
while (picture := pictures.get()) is not None:
    next(preview)
    count.call(lambda picture=picture: recognise(face(picture)))
count.tell()
