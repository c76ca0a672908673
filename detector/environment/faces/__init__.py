"""Where faces are in a picture, with eyes, nose and mouth: one interface, two detectors and a scripted one."""

from .face import Face, FaceDetector
from .load import load_detector
from .scripted import ScriptedFaces

__all__ = ["Face", "FaceDetector", "ScriptedFaces", "load_detector"]
