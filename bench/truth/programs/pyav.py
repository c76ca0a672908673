"""The camera is read through PyAV."""

from collections.abc import Iterator
from typing import Any

import av

from .common import CAMERA, Count, Picture, chosen, face, session


def read() -> Iterator[Picture]:
    container: Any = av.open(CAMERA)
    return (frame.to_ndarray(format="bgr24") for frame in container.decode(video=0))


recognise, count = session(), Count()
for picture in chosen(read()):
    count.call(lambda picture=picture: recognise(face(picture)))
count.tell()
