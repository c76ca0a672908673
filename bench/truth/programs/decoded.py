"""The camera's file is read through decord."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from .common import CAMERA, Count, Picture, chosen, face, session


def read() -> Iterator[Picture]:
    video: Any = import_module("decord").VideoReader(CAMERA, num_threads=1)
    return (video[number].asnumpy()[:, :, ::-1] for number in range(len(video)))


recognise, count = session(), Count()
for picture in chosen(read()):
    count.call(lambda picture=picture: recognise(face(picture)))
count.tell()
