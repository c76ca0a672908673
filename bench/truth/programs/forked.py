"""The main process reads; each picture is recognised in a child that is forked for it and ends by `os._exit`."""

import os

from .common import CAMERA, Count, chosen, every, face, session

recognise, count = session(), Count()
for picture in chosen(every(CAMERA)):
    child = os.fork()
    if not child:
        os._exit(not count.call(lambda picture=picture: recognise(face(picture))))
    _, status = os.waitpid(child, 0)
    count.add(1, int(status != 0))
count.tell()
