"""Pictures that the host reads from files, one by one."""

import os
import sys
from time import monotonic
from typing import Any, cast

from ...aside import is_aside
from ..patch import Function, Patches
from ..tap import Tap

# Of each module the functions that read a file.
_READS = {
    "cv2": ("imread",),
    "PIL.Image": ("open",),
    "_dlib_pybind11": ("load_rgb_image", "load_grayscale_image"),
    "numpy": ("fromfile",),
}


class FilesTap(Tap):
    """What OpenCV, Pillow, dlib and numpy (for `imdecode`) read: which file; of OpenCV's the picture too."""

    runtime = "picture-files"
    modules = tuple(_READS)

    def patch(self, module: Any, patches: Patches) -> None:
        for owner in (module, sys.modules.get("dlib")) if module.__name__ == "_dlib_pybind11" else (module,):
            for name in _READS[module.__name__]:
                if hasattr(owner, name):
                    told = self._show if name == "imread" else self._tell
                    patches.wrap(owner, name, lambda original, told=told: self._opening(original, told))

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
