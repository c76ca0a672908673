"""Second witnesses: two small networks, asked by turns, that see how the picture moves and what it shows.

What the trees are asked by is measured on corners and blocks; what stands over a view (a frame, captions, drops) spoils
those. A network sees the looks of the last three seconds and their differences (early fusion as in K. Simonyan and
A. Zisserman, Two-Stream Convolutional Networks for Action Recognition in Videos, NIPS 2014), learned with overlays,
weather and camera motions laid over real clips; `facewarden.models.training.mobility.witness` makes them. What they say
is one of the things that the trees are asked by, bounded there, and never enough alone. Two that learned from other
mixtures of the same clips err at other places (L. Hansen and P. Salamon, Neural Network Ensembles, PAMI 12, 1990); by
turns they cost what one does.
"""

from collections import deque
from functools import cache
from importlib.resources import files
from typing import Final, cast

import cv2
import numpy as np

from ... import models
from ...streams.frame import Image
from ..errors import ModelError
from ..networks import opened
from .view import Floats, reduced

# Seconds that the looks shown to the network lie back.
AGES: Final = (0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
# Pixels of a look: width, height, whatever the shape of the picture.
SIZE: Final = (96, 64)
# A look this much earlier, seconds, is taken for one of the age asked for.
_NEAR: Final = 0.05
# Pixels of the box whose mean is taken away, and grey levels that are 1.
_LIGHT: Final = 9
_SCALE: Final = 64.0
_SHIPPED: Final = ("witness.onnx", "witness_second.onnx")


class Witness:
    """The network, ready to be asked on one thread; may be shared by threads.

    Args:
        content: an ONNX file with the input `looks`, shape (1, len(AGES), height, width), float32, and one output,
            shape (1,): log-odds above 0 for a mobile camera.
        where: names the file in errors.

    Raises:
        ModelError: the file is no such network.
    """

    def __init__(self, content: bytes, where: str) -> None:
        self._session = opened(content, where)
        shapes = [(one.name, list(one.shape)) for one in self._session.get_inputs()]
        if shapes != [("looks", [1, len(AGES), SIZE[1], SIZE[0]])]:
            raise ModelError(f"{where}: is no witness of ours; expected the input looks, and it has {shapes}")

    def log_odds(self, looks: Floats) -> float:
        """What it makes of the looks, shape (len(AGES), height, width), as `Looks.stacked` gives them."""
        return float(cast("list[Floats]", self._session.run(None, {"looks": looks[None]}))[0][0])


class Looks:
    """The looks of the last three seconds, each 96x64 without its light: 33 at most, 0.8 MB."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, Floats]] = deque()

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return bool(self._looks)

    def add(self, picture: Image, time: float) -> None:
        """Take in a picture, luma, shape (h, w), uint8, at media time `time`, seconds."""
        self._looks.append((time, detail(picture)))
        while time - self._looks[0][0] > AGES[-1] + _NEAR:
            self._looks.popleft()

    def clear(self) -> None:
        """Begin again."""
        self._looks.clear()

    def stacked(self) -> Floats:
        """Looks of the ages wanted, the oldest there is for those that are older, shape (len(AGES), height, width)."""
        now = self._looks[-1][0]
        times = np.array([time for time, _ in self._looks])
        chosen = np.searchsorted(times, now - np.array(AGES) + _NEAR, side="right") - 1
        return np.array([self._looks[place][1] for place in np.maximum(chosen, 0).tolist()])


def detail(picture: Image) -> Floats:
    """A picture as the network sees it: small, less its local mean, shape (height, width), float32."""
    small = cv2.resize(reduced(picture), SIZE, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(_SCALE)
    return cast(Floats, small - cv2.boxFilter(small, -1, (_LIGHT, _LIGHT)))


@cache
def shipped_witnesses() -> tuple[Witness, ...]:
    """The networks in `models/`, in the order in which they are asked, see models/witness.md."""
    return tuple(Witness(files(models).joinpath(name).read_bytes(), name) for name in _SHIPPED)
