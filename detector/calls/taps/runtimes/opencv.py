"""OpenCV: its face recogniser and detector, and the nets of `cv2.dnn`.

Its objects are C++ ones that take neither attributes nor weak references; see `Holders` for what that means.
"""

from collections.abc import Iterable
from functools import partial
from types import ModuleType
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np

from ..arguments import Look, content_of, first, name_of
from ..handle import Handle
from ..interface import DETECTION, EXTRACTION, VERIFICATION, Gate
from ..patch import Function, Patches
from ..tap import Tap
from .onnx_runtime import IDENTITY

_FACES = {"FaceRecognizerSF": EXTRACTION, "FaceDetectorYN": DETECTION}
# Of OpenCV's contributed module `face`, where it is built in.
_CONTRIBUTED = ("LBPHFaceRecognizer", "EigenFaceRecognizer", "FisherFaceRecognizer", "BasicFaceRecognizer")
_RUNS = ("predict", "classify", "detect", "estimate", "segment")


class OpenCVTap(Tap):
    """`FaceRecognizerSF`, `FaceDetectorYN`, `dnn.Net` and the models built on it, and the recognisers of `face`.

    `alignCrop` runs no model and is left alone. The nets of OpenCV's own face classes are inside them, and seen as
    these.
    """

    runtime = "opencv"
    modules = ("cv2",)

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self._blobs: WeakKeyDictionary[Handle, dict[object, object]] = WeakKeyDictionary()

    def patch(self, module: Any, patches: Patches) -> None:
        self._watch_faces(module, patches)
        if hasattr(module, "dnn"):
            self._watch_nets(module.dnn, patches)

    def prove(self) -> bool:
        return super().prove() and self._sees_a_net()

    def adopt(self, holder: object) -> Handle:
        self.early += 1
        kind = type(holder).__name__
        task = EXTRACTION if kind in _CONTRIBUTED else _FACES.get(kind)
        return self.gate.opened(self.runtime, kind, task=task)

    def _watch_faces(self, cv2: Any, patches: Patches) -> None:
        recogniser, detector = getattr(cv2, "FaceRecognizerSF", None), getattr(cv2, "FaceDetectorYN", None)
        for kind, task in _FACES.items():
            opened = partial(self._opened, task=task)
            self.watch_opening(patches, getattr(cv2, kind, None), "create", opened)
            self.watch_opening(patches, cv2, f"{kind}_create", opened)
        self.watch_calls(patches, recogniser, "feature", Look(first))
        self.watch_operation(patches, recogniser, "match", VERIFICATION, Look())
        self.watch_calls(patches, detector, "detect", Look(first))
        contributed = getattr(getattr(cv2, "face", None), "FaceRecognizer", None)
        for name in ("predict", "predict_label", "predict_collect"):
            self.watch_calls(patches, contributed, name, Look(first, outputs=None))

    def _watch_nets(self, dnn: ModuleType, patches: Patches) -> None:
        for name in (name for name in dir(dnn) if name.startswith("readNet")):
            self.watch_opening(patches, dnn, name, self._opened)
        net = vars(dnn)["Net"]
        patches.wrap(net, "setInput", self._feeding)
        for name in ("forward", "forwardAsync", "forwardAndRetrieve"):
            self.watch_calls(patches, net, name, Look(self._fed))
        for kind in _kinds_of(dnn, "Model"):
            self.watch_opening(patches, kind, "__init__", self._opened_on)
            for name in set(_RUNS) & vars(kind).keys():
                self.watch_calls(patches, kind, name, Look(first))

    def _opened(self, holder: object, *args: object, task: str | None = None, **kwargs: object) -> None:
        content = content_of(args, kwargs)
        self.remember(holder, self.gate.opened(self.runtime, name_of(content), content, task=task))

    def _opened_on(self, _: None, holder: object, *args: object, **kwargs: Any) -> None:
        net = next((one for one in (*args, *kwargs.values()) if type(one) is self.module.dnn.Net), None)
        if net is None:
            self._opened(holder, *args, **kwargs)
        else:
            self.remember(holder, self.model_of(net))

    def _feeding(self, original: Function) -> Function:
        def set_input(net: object, *args: Any, **kwargs: Any) -> object:
            result = original(net, *args, **kwargs)
            if self.armed and (model := self.model_of(net)).watched:
                _note(self._blobs.setdefault(model, {}), *args, **kwargs)
            return result

        return set_input

    def _fed(self, net: object, *_: object, **__: object) -> Iterable[object]:
        return self._blobs.get(self.model_of(net), {}).values()

    def _sees_a_net(self) -> bool:
        net = self.module.dnn.readNetFromONNX(np.frombuffer(IDENTITY, np.uint8))
        net.setInput(np.zeros((1, 1), np.float32))
        net.forward()
        return self.model_of(net).counted == 1


def _note(blobs: dict[object, object], blob: object, name: object = "", *_: object, **__: object) -> None:
    blobs[name] = np.array(cast(Any, blob)) if isinstance(blob, np.ndarray) else blob  # OpenCV copies it too


def _kinds_of(module: ModuleType, name: str) -> list[type]:
    base: Any = getattr(module, name, ())
    kinds: Iterable[Any] = vars(module).values()
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, base)]
