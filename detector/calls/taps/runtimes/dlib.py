"""dlib: its face recognition model."""

from pathlib import Path
from typing import Any

from ..arguments import Look, first, name_of
from ..handle import Handle
from ..interface import EXTRACTION
from ..patch import Patches
from ..tap import Tap


class DlibTap(Tap):
    """`face_recognition_model_v1.compute_face_descriptor`, for a picture or many."""

    runtime = "dlib"
    modules = ("_dlib_pybind11",)

    def patch(self, module: Any, patches: Patches) -> None:
        recogniser = module.face_recognition_model_v1
        self.watch_opening(patches, recogniser, "__init__", self._opened)
        self.watch_calls(patches, recogniser, "compute_face_descriptor", Look(first))

    def adopt(self, holder: Any) -> Handle:
        self.early += 1
        return self.gate.opened(self.runtime, type(holder).__name__, task=EXTRACTION)

    def _opened(self, _: None, holder: object, path: str) -> None:
        self.remember(holder, self.gate.opened(self.runtime, name_of(Path(path)), Path(path), task=EXTRACTION))
