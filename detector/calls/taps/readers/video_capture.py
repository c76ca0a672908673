"""OpenCV's `VideoCapture`: the pictures that the host reads itself, so that its cameras need not be handed to us."""

from dataclasses import dataclass
from time import monotonic
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ...aside import is_aside
from ..patch import Function, Patches
from ..tap import Tap

if TYPE_CHECKING:
    from .....streams.frame import Pixels

# Captures that are remembered at once; OpenCV's objects cannot tell us when they go.
_OPEN = 1000


@dataclass(slots=True)
class _Capture:
    url: str
    recorded: bool


class VideoCaptureTap(Tap):
    """`cv2.VideoCapture`: what was opened, and each picture that `read` or `retrieve` gives."""

    runtime = "opencv-video"
    modules = ("cv2",)

    def patch(self, module: ModuleType, patches: Patches) -> None:
        self._captures: dict[int, _Capture] = {}
        self._seen = 0
        for name in ("__init__", "open"):
            patches.wrap(module.VideoCapture, name, self._opening)
        for name in ("read", "retrieve"):
            patches.wrap(module.VideoCapture, name, self._reading)

    def prove(self) -> bool:
        before = self._seen
        self.module.VideoCapture().read()
        return self._seen > before

    def _opening(self, original: Function) -> Function:
        def opening(capture: Any, *args: object, **kwargs: object) -> object:
            result = original(capture, *args, **kwargs)
            if self.armed and (args or kwargs):
                self._remember(capture, args[0] if args else kwargs.get("filename", kwargs.get("index")))
            return result

        return opening

    def _reading(self, original: Function) -> Function:
        def reading(capture: Any, *args: object, **kwargs: object) -> object:
            result: Any = original(capture, *args, **kwargs)
            if self.armed:
                self._seen += 1
                if result[0]:
                    self._show(capture, result[1])
            return result

        return reading

    def _remember(self, capture: Any, what: object) -> _Capture:
        url = f"device-{what}" if isinstance(what, int) else str(what or "camera")
        recorded = capture.get(self.module.CAP_PROP_FRAME_COUNT) > 0
        while len(self._captures) >= _OPEN:
            self._captures.pop(next(iter(self._captures)))
        found = self._captures[id(capture)] = _Capture(url, recorded)
        return found

    def _show(self, capture: Any, picture: Any) -> None:
        found = self._captures.get(id(capture)) or self._remember(capture, None)
        pixels = _as_pixels(picture)
        if pixels is not None and not is_aside():
            at = capture.get(self.module.CAP_PROP_POS_MSEC) / 1000 if found.recorded else monotonic()
            self.gate.picture(found.url, pixels, at, id(capture))


def _as_pixels(picture: Any) -> "Pixels | None":
    from .....streams.frame import PackedPixels, PlanarPixels

    if getattr(picture, "dtype", None) != "uint8" or picture.ndim not in (2, 3):
        return None  # such as a UMat, which lies on a device
    if picture.ndim == 2:
        return PlanarPixels(picture)
    return PackedPixels(picture, "bgr") if picture.shape[2] == 3 else None
