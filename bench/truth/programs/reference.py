"""The recogniser in onnx's reference evaluator."""

from typing import Any

import onnx.reference

from .common import CAMERA, MODEL, Count, chosen, every, face

evaluator: Any = onnx.reference.ReferenceEvaluator(MODEL)
count = Count()
for picture in chosen(every(CAMERA)):
    count.call(lambda picture=picture: evaluator.run(None, {"in": face(picture)}))
count.tell()
