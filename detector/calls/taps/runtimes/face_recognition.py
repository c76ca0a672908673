"""The package face_recognition: what its functions do by their names, whatever they run below."""

from collections.abc import Iterable
from typing import Any

from ..arguments import Look
from ..interface import EXTRACTION
from ..patch import Function, Patches
from ..tap import Tap

_COMPARES = ("compare_faces", "face_distance")


# Encodings that are remembered.
_MOST = 10_000


class FaceRecognitionTap(Tap):
    """`face_encodings`, which extracts templates, and `compare_faces` and `face_distance`, which hold one against many,
    where it was not extracted by a call that has been judged.

    dlib's own call below `face_encodings` is judged with it, and not again. For no faces nothing is extracted.
    """

    runtime = "face_recognition"
    modules = ("face_recognition",)

    def patch(self, module: Any, patches: Patches) -> None:
        self._extracted: dict[bytes, None] = {}
        for owner in (module, module.api):
            patches.wrap(owner, "face_encodings", self._noting)
            self.watch_operation(patches, owner, "face_encodings", EXTRACTION, Look(_picture, covers=True), _of_nobody)
            for name in _COMPARES:
                self.watch_operation(patches, owner, name, EXTRACTION, Look(covers=True), self._is_judged)

    def _noting(self, original: Function) -> Function:
        def encodings(*args: object, **kwargs: object) -> object:
            found = original(*args, **kwargs)
            if self.armed:  # whoever looks away: what is below a call that was judged is looked away from
                self._note(found)
            return found

        return encodings

    def _note(self, found: Any) -> None:
        while len(self._extracted) + len(found) > _MOST and self._extracted:
            self._extracted.pop(next(iter(self._extracted)), None)
        self._extracted.update((one.tobytes(), None) for one in found)

    def _is_judged(self, _: object, face: Any, *__: object, **___: object) -> bool:
        return face.tobytes() in self._extracted


def _of_nobody(_: object, known_face_locations: Any = None, *__: object, **___: object) -> bool:
    return known_face_locations is not None and not len(known_face_locations)


def _picture(face_image: object, *_: object, **__: object) -> Iterable[object]:
    return (face_image,)
