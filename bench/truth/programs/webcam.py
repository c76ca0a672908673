"""A loop: read, recognise."""

from .common import CAMERA, Count, chosen, every, face, session

recognise, count = session(), Count()
for picture in chosen(every(CAMERA)):
    count.call(lambda picture=picture: recognise(face(picture)))
count.tell()
