"""The package face_recognition: what its functions do by their names, whatever they run below."""

from collections.abc import Iterable
from typing import Any

from ..arguments import Look
from ..interface import EXTRACTION
from ..patch import Patches
from ..tap import Tap

_COMPARES = ("compare_faces", "face_distance")


class FaceRecognitionTap(Tap):
    """`face_encodings`, which extracts templates, and `compare_faces` and `face_distance`, which hold one against many.

    dlib's own call below `face_encodings` is judged with it, and not again.
    """

    runtime = "face_recognition"
    modules = ("face_recognition",)

    def patch(self, module: Any, patches: Patches) -> None:
        for owner in (module, module.api):
            self.watch_operation(patches, owner, "face_encodings", EXTRACTION, Look(_picture, covers=True))
            for name in _COMPARES:
                self.watch_operation(patches, owner, name, EXTRACTION, Look(covers=True))


def _picture(face_image: object, *_: object, **__: object) -> Iterable[object]:
    return (face_image,)
