"""Crops are mirrored before they are recognised, as those are that augment their pictures."""

from .common import CAMERA, Count, chosen, every, face, session

recognise, count = session(), Count()
for picture in chosen(every(CAMERA)):
    count.call(lambda picture=picture: recognise(face(picture, mirrored=True)))
count.tell()
