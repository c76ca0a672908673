"""One thread serves WSGI: a snapshot of another camera for one request, and a face of what the next one brings."""

import io
from collections.abc import Iterable
from typing import Any
from wsgiref.handlers import SimpleHandler

import cv2
import numpy as np

from .common import CAMERA, OTHER, Count, chosen, every, face, session

recognise, count = session(), Count()
snapshot = every(OTHER)


def serve(_: object, start: Any) -> Iterable[bytes]:
    next(snapshot)
    start("200 OK", [])
    return []


def search(environ: Any, start: Any) -> Iterable[bytes]:
    encoded = np.frombuffer(environ["wsgi.input"].read(), np.uint8)
    picture: Any = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    count.call(lambda: recognise(face(picture)))
    start("200 OK", [])
    return []


def request(app: Any, body: bytes = b"") -> None:
    SimpleHandler(io.BytesIO(body), io.BytesIO(), io.StringIO(), {}).run(app)


for picture in chosen(every(CAMERA)):
    request(serve)
    request(search, cv2.imencode(".jpg", picture)[1].tobytes())
count.tell()
