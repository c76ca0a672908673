"""In the way of OpenVINO's demo: several requests of one model, started one by one, the faces warped in place."""

from importlib import import_module
from typing import Any

import cv2
import numpy as np

from .common import CAMERA, MODEL, Count, Picture, chosen, every, prepared

openvino: Any = import_module("openvino")
compiled: Any = openvino.Core().compile_model(MODEL, "CPU")
requests = [compiled.create_infer_request() for _ in range(4)]
count = Count()


def faces(picture: Picture) -> list[Picture]:
    """Two, each turned a little the other way."""
    found: list[Picture] = []
    for left, turn in ((100, 8.0), (180, -8.0)):
        part = np.ascontiguousarray(picture[100:260, left : left + 140])
        matrix = cv2.getRotationMatrix2D((70.0, 80.0), turn, 1.0)
        cv2.warpAffine(part, matrix, part.shape[1::-1], part, flags=cv2.WARP_INVERSE_MAP)
        found.append(cv2.resize(part, (112, 112)))  # pyright: ignore[reportArgumentType]
    return found


for picture in chosen(every(CAMERA)):
    started: list[Any] = []
    for request, part in zip(requests, faces(picture), strict=False):
        if count.call(lambda request=request, part=part: request.start_async({"in": prepared(part)})):
            started.append(request)
    for request in started:
        request.wait()
count.tell()
