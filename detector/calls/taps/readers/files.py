"""Pictures that the host reads from files, one by one: OpenCV's `imread`, and Pillow."""

import os
from time import monotonic
from types import ModuleType
from typing import Any, cast

from ...aside import is_aside
from ..patch import Function, Patches
from ..tap import Tap


class FilesTap(Tap):
    """`cv2.imread` and `PIL.Image.open`: which file; of OpenCV's the picture too."""

    runtime = "picture-files"
    modules = ("cv2", "PIL.Image")

    def patch(self, module: ModuleType, patches: Patches) -> None:
        if module.__name__ == "cv2":
            patches.wrap(module, "imread", lambda original: self._opening(original, self._show))
        else:
            patches.wrap(module, "open", lambda original: self._opening(original, self._tell))

    def _opening(self, original: Function, told: Any) -> Function:
        def opening(file: Any, *args: object, **kwargs: object) -> object:
            picture = original(file, *args, **kwargs)
            if self.armed and not is_aside() and isinstance(file, str | bytes | os.PathLike):
                told(os.fsdecode(cast(Any, file)), picture)
            return picture

        return opening

    def _tell(self, path: str, _: object) -> None:
        self.gate.read(path)

    def _show(self, path: str, picture: Any) -> None:
        from .....streams.frame import PackedPixels, PlanarPixels

        self.gate.read(path)
        if getattr(picture, "dtype", None) == "uint8" and picture.ndim in (2, 3):
            pixels = PlanarPixels(picture) if picture.ndim == 2 else PackedPixels(picture[:, :, :3], "bgr")
            self.gate.still(path, pixels, monotonic())
