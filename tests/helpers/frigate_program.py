"""A program with a face processor of Frigate's name and shape: `frigate_program.py FOLDER PLACE RECOGNISER CAMERA...`.

It lays the modules down in the folder, the recognisers at the place where some releases have them, imports them, and
has a face on each camera recognised, twice; then one is asked about by its API. Prints what each attempt came to.
"""

import json
import sys
from pathlib import Path

MODEL = """
from abc import ABC, abstractmethod

import cv2
import numpy as np
import onnxruntime


class FaceRecognizer(ABC):
    def __init__(self, config):
        self.session = onnxruntime.InferenceSession(config["model"], providers=["CPUExecutionProvider"])

    @abstractmethod
    def classify(self, face_image): ...


class FaceNetRecognizer(FaceRecognizer):
    def classify(self, face_image):
        batch = cv2.resize(face_image, (112, 112)).transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1
        self.session.run(None, {self.session.get_inputs()[0].name: batch})
        return "somebody", 0.9


class ArcFaceRecognizer(FaceNetRecognizer):
    def classify(self, face_image):
        return super().classify(face_image)
"""
PROCESSOR = """
import cv2
import numpy as np

from ..common.face.PLACE import ArcFaceRecognizer, FaceNetRecognizer


class FaceRealTimeProcessor:
    def __init__(self, config):
        made = FaceNetRecognizer if config["size"] == "small" else ArcFaceRecognizer
        self.recognizer, self.found = made(config), []

    def process_frame(self, obj_data, frame):
        if obj_data.get("label") != "person":
            return
        left, top, right, bottom = obj_data["box"]
        face = cv2.cvtColor(frame, cv2.COLOR_YUV2BGR_I420)[top:bottom, left:right]
        self.found.append((obj_data["camera"], self.recognizer.classify(face)))

    def handle_request(self, topic, request_data):
        label, score = self.recognizer.classify(np.full((160, 160, 3), 90, np.uint8))
        return {"success": True, "score": score, "face_name": label}
"""


def lay_down(folder: Path, place: str) -> None:
    """Write the package into a folder."""
    modules = {f"common.face.{place}": MODEL, "real_time.face": PROCESSOR.replace("PLACE", place)}
    for name, text in modules.items():
        path = folder.joinpath("frigate", "data_processing", *name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def main(folder: str, place: str, recogniser: str, *cameras: str) -> None:
    lay_down(Path(folder), place)
    sys.path.insert(0, folder)
    import numpy as np
    from frigate.data_processing.real_time.face import FaceRealTimeProcessor  # type: ignore[import-not-found]

    frame = np.random.default_rng(1).integers(0, 256, (360, 320), np.uint8)
    answers = []
    for size in ("small", "large"):
        processor = FaceRealTimeProcessor({"model": recogniser, "size": size})
        for camera in cameras:
            seen = {"camera": camera, "id": "1", "label": "person", "box": (40, 40, 200, 200), "frame_time": 1.0}
            processor.process_frame(seen, frame)
            processor.process_frame({**seen, "label": "dog"}, frame)
        answers.append([camera for camera, _ in processor.found])
        answers.append(processor.handle_request("recognize_face", {})["success"])
    sys.stdout.write(json.dumps(answers) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
