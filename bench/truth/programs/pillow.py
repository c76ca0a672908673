"""Pillow cuts and resizes the faces."""

from importlib import import_module
from typing import Any

import numpy as np

from .common import CAMERA, Count, chosen, every, session

library: Any = import_module("PIL.Image")
recognise, count = session(), Count()
for picture in chosen(every(CAMERA)):
    cut = library.fromarray(np.ascontiguousarray(picture[:, :, ::-1])).crop((240, 100, 400, 260))
    pixels: Any = np.asarray(cut.resize((112, 112), library.Resampling.BILINEAR), np.float32)
    batch = np.ascontiguousarray(((pixels - 127.5) / 128).transpose(2, 0, 1)[np.newaxis])
    count.call(lambda batch=batch: recognise(batch))
count.tell()
