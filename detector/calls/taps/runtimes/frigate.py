"""Frigate's own face processor, which has camera, picture and call in one place (Frigate 0.16 and later)."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

from ....policy import ProhibitedInference
from ...aside import is_aside
from ...attribution.baggage import KEY
from ...attribution.declared import Request, as_a_job, blocks
from ..arguments import Look
from ..interface import EXTRACTION
from ..patch import Function, Patches
from ..tap import Tap

_PROCESSOR: Final = "frigate.data_processing.real_time.face"
# Where its recognisers are: up to 0.18, and after.
_RECOGNISERS: Final = ("frigate.data_processing.common.face.model", "frigate.data_processing.common.face.recognizer")


class FrigateTap(Tap):
    """`FaceRealTimeProcessor.process_frame`, which says the camera, and `classify` of its recognisers: the call.

    What is refused ends as it does on a camera on which Frigate's face recognition is off: its thread, which serves all
    cameras, would not outlive an exception. What is asked of it by its API belongs to no camera; where that is refused,
    Frigate answers that it did not succeed.
    """

    runtime = "frigate"
    modules = (_PROCESSOR, *_RECOGNISERS)

    def patch(self, module: Any, patches: Patches) -> None:
        if module.__name__ in _RECOGNISERS:
            for owner in (module.FaceNetRecognizer, module.ArcFaceRecognizer):
                self.watch_operation(patches, owner, "classify", EXTRACTION, Look(_face, covers=True))
        else:
            patches.wrap(module.FaceRealTimeProcessor, "process_frame", self._processing)
            patches.wrap(module.FaceRealTimeProcessor, "handle_request", self._answering)

    def _processing(self, original: Function) -> Function:
        def process(processor: object, obj_data: Any, *args: object, **kwargs: object) -> object:
            if not self.armed or is_aside():
                return original(processor, obj_data, *args, **kwargs)
            headers = {"baggage": f"{KEY}={quote(str(obj_data['camera']))}"}
            with as_a_job(blocks(), Request("", headers)), suppress(ProhibitedInference):
                return original(processor, obj_data, *args, **kwargs)
            return None

        return process

    def _answering(self, original: Function) -> Function:
        def answer(*args: object, **kwargs: object) -> object:
            try:
                return original(*args, **kwargs)
            except ProhibitedInference as refused:
                return {"success": False, "message": str(refused)}

        return answer


def _face(_: object, face_image: object, *__: object, **___: object) -> Iterable[object]:
    return (face_image,)
