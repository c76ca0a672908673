"""A thread reads the camera, another recognises what it is handed."""

import queue
import threading

from .common import CAMERA, Count, Picture, chosen, every, face, session

pictures: queue.Queue[Picture | None] = queue.Queue(4)


def read() -> None:
    for picture in chosen(every(CAMERA)):
        pictures.put(picture)
    pictures.put(None)


recognise, count = session(), Count()
threading.Thread(target=read, daemon=True).start()
while (picture := pictures.get()) is not None:
    count.call(lambda picture=picture: recognise(face(picture)))
count.tell()
