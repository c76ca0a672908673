"""Pillow cuts and resizes the faces."""

from typing import Any

import numpy as np
from PIL import Image

from .common import CAMERA, Count, chosen, every, session

recognise, count = session(), Count()
for picture in chosen(every(CAMERA)):
    cut = Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1])).crop((240, 100, 400, 260))
    pixels: Any = np.asarray(cut.resize((112, 112), Image.Resampling.BILINEAR), np.float32)
    batch = np.ascontiguousarray(((pixels - 127.5) / 128).transpose(2, 0, 1)[np.newaxis])
    count.call(lambda batch=batch: recognise(batch))
count.tell()
