"""Faces that bear no place out, laid over clips of places that are not controlled.

A person of one clip is shown in another, as a trick or as chance would: on a telephone that is held up, as a photograph
that trembles, as a poster under light that flickers, as somebody who walks by. `python -m
facewarden.bench.truth.environment FOLDER... --tricks` replays them.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias, cast
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from ...detector.environment import FaceDetector
from ...streams.errors import SourceError
from ...streams.frame import Frame, Image, PlanarPixels
from ...streams.source import open_source
from .corpus import Clip

Floats: TypeAlias = NDArray[np.floating]

# Pictures a second and seconds that are composed, and pixels of their longest side.
_RATE, _SECONDS, _SIDE = 10.0, 10.0, 480
# What is shown of a person, in widths and heights of the face: beside it, above it, below its chin.
_BESIDE, _ABOVE, _BELOW = 0.8, 0.6, 0.9
# Its height in the place, of the picture's; a telephone's rim, of its width.
_TALL, _RIM = 0.5, 0.06
_BLACK, _WHITE = 12, 235


class Person(NamedTuple):
    """A person's pictures, ten a second, cut out round the head: shape (n, h, w), uint8; `still` is the first."""

    pictures: Image

    def at(self, time: float) -> Image:
        """The picture of that second; they run forth and back."""
        count = len(self.pictures)
        turn = int(time * _RATE) % max(1, 2 * count - 2)
        return self.pictures[min(turn, 2 * count - 2 - turn)] if count > 1 else self.pictures[0]

    @property
    def still(self) -> Image:
        return self.pictures[0]


Trick: TypeAlias = Callable[[Image, Person, float, "Hand"], Image]
"""From a picture of the place, a person, a time and a hand to what is seen then."""


class Hand:
    """Where a thing is held, and how that trembles: the same for the same seed.

    Args:
        seed: of the place and the trembling.
    """

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.across, self.down = float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.45, 0.6))
        self._steps = rng.normal(0, 1, (int(_RATE * _SECONDS) + 2, 2))
        self._gains = rng.uniform(-1, 1, len(self._steps))

    def jitter(self, time: float, pixels: float) -> Floats:
        """A place that has nothing to do with the last, within so many pixels, shape (2,)."""
        return pixels * np.clip(self._steps[self._number(time)], -1, 1)

    def sway(self, time: float, pixels: float) -> Floats:
        """A place that is near the last: a hand does not stand, shape (2,)."""
        so_far = self._steps[: self._number(time) + 1]
        weights = 0.85 ** np.arange(len(so_far))[::-1]
        return pixels * (weights[:, None] * so_far).sum(axis=0) / 2

    def flicker(self, time: float) -> float:
        """-1..1."""
        return float(self._gains[self._number(time)])

    def _number(self, time: float) -> int:
        return min(len(self._steps) - 1, int(time * _RATE))


def telephone(place: Image, person: Person, time: float, hand: Hand) -> Image:
    """A talking head on a telephone that is held up."""
    return _laid(place, _framed(person.at(time), _BLACK), hand, hand.sway(time, 1.0))


def photograph(place: Image, person: Person, time: float, hand: Hand) -> Image:
    """A photograph that trembles by a pixel."""
    return _laid(place, _framed(person.still, _WHITE), hand, hand.jitter(time, 1.0))


def cut_out(place: Image, person: Person, time: float, hand: Hand) -> Image:
    """The same, cut out along the head, in front of whatever is behind."""
    return _laid(place, person.still, hand, hand.jitter(time, 1.0), _matte(person.still.shape))


def poster(place: Image, person: Person, time: float, hand: Hand) -> Image:
    """A poster, in light that flickers."""
    light = 1 + 0.15 * hand.flicker(time)
    return _laid(place, cast(Image, cv2.convertScaleAbs(person.still, alpha=light)), hand, np.zeros(2))


def passer_by(place: Image, person: Person, time: float, hand: Hand) -> Image:
    """One who walks past, alone, in eight seconds."""
    shift = ((time / 8.0) % 1.0 - 0.5) * place.shape[1]
    bob = 2.0 * np.sin(2 * np.pi * 1.8 * time)
    return _laid(place, person.at(time), hand, np.array([shift, bob]), _matte(person.still.shape))


TRICKS: Final[dict[str, Trick]] = {
    "telephone": telephone,
    "photograph": photograph,
    "cut-out": cut_out,
    "poster": poster,
    "passer-by": passer_by,
}


def tricked(clips: Sequence[Clip], detector: FaceDetector) -> Iterator[tuple[Clip, Person]]:
    """Clips of places that nobody controls, by a camera that stands, each with a person from elsewhere."""
    people = _people(clips, detector)
    for place in filter(_is_a_street, clips):
        strangers = [person for repo, person in people if repo != place.repo]
        if strangers:
            yield place, strangers[_seed(place) % len(strangers)]


def composed(place: Clip, person: Person, trick: Trick) -> Iterator[Frame]:
    """A clip's pictures with a person in them, ten a second for ten seconds."""
    hand = Hand(_seed(place))
    for number, (time, luma) in enumerate(_pictures(place)):
        pixels = PlanarPixels(trick(luma, person, time, hand))
        yield Frame(source=place.name, index=number, pixels=pixels, media_time=time, received_at=time)


def person_of(clip: Clip, detector: FaceDetector) -> Person | None:
    """The person of a clip: what is round the largest face of its first picture that has one."""
    pictures = [luma for _, luma in _pictures(clip)]
    for number, luma in enumerate(pictures):
        if faces := detector.detect(luma):
            part = _round(max((face.box for face in faces), key=lambda box: box[2] * box[3]), luma)
            return Person(np.stack([one[part] for one in pictures[number:] if one.shape == luma.shape]))
    return None


def _people(clips: Sequence[Clip], detector: FaceDetector) -> list[tuple[str, Person]]:
    cooperative = [clip for clip in clips if clip.environment == "controlled" and clip.faces == "few"]
    found = [(clip.repo, person_of(clip, detector)) for clip in cooperative]
    return [(repo, person) for repo, person in found if person is not None]


def _is_a_street(clip: Clip) -> bool:
    return clip.label == "fixed" and clip.faces == "none" and clip.environment.endswith("uncontrolled")


def _seed(place: Clip) -> int:
    return crc32(place.name.encode())


def _round(face: tuple[float, ...], luma: Image) -> tuple[slice, slice]:
    x, y, width, height = face
    top, bottom = max(0, int(y - _ABOVE * height)), min(luma.shape[0], int(y + (1 + _BELOW) * height))
    left, right = max(0, int(x - _BESIDE * width)), min(luma.shape[1], int(x + (1 + _BESIDE) * width))
    return slice(top, bottom), slice(left, right)


def _pictures(clip: Clip) -> Iterator[tuple[float, Image]]:
    due = 0.0
    try:
        with open_source(str(clip.path), clip.name) as source:
            for frame in source:
                if frame.media_time > _SECONDS:
                    return
                if frame.media_time >= due - 1e-3:
                    due += 1 / _RATE
                    yield frame.media_time, frame.thumbnail(_SIDE)
    except SourceError:
        return


def _framed(picture: Image, tone: int) -> Image:
    rim = max(2, round(_RIM * picture.shape[1]))
    return cast(Image, cv2.copyMakeBorder(picture, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=(tone,)))


def _matte(shape: Sequence[int]) -> Floats:
    """1 in a head and its shoulders, 0 about them, shape (h, w)."""
    height, width = shape
    matte = np.zeros((height, width), np.float32)
    face = _BESIDE, _ABOVE
    total = 1 + 2 * face[0], 1 + face[1] + _BELOW
    middle = round(width / 2), round(height * (face[1] + 0.5) / total[1])
    cv2.ellipse(matte, middle, (round(0.75 * width / total[0]), round(0.8 * height / total[1])), 0, 0, 360, (1.0,), -1)
    cv2.ellipse(matte, (middle[0], height), (width // 2, round(0.75 * height / total[1])), 0, 0, 360, (1.0,), -1)
    return cast(Floats, cv2.GaussianBlur(matte, (0, 0), max(1.0, width / 60)))


def _laid(place: Image, thing: Image, hand: Hand, shift: Floats, matte: Floats | None = None) -> Image:
    """A thing in a place, moved by so many pixels of a picture of 320."""
    scale = _TALL * place.shape[0] / thing.shape[0]
    pixel = max(place.shape) / 320 if matte is None or abs(shift[0]) < 8 else 1.0
    corner = np.array([hand.across * place.shape[1], hand.down * place.shape[0]]) + shift * pixel
    corner -= np.array([thing.shape[1], thing.shape[0]]) * scale / 2
    matrix = np.array([[scale, 0, corner[0]], [0, scale, corner[1]]])
    if scale < 0.5:
        thing = cast(Image, cv2.blur(thing, (int(1 / scale),) * 2))
    size = place.shape[1], place.shape[0]
    whole = np.ones(thing.shape, np.float32) if matte is None else matte
    alpha = cv2.warpAffine(whole, matrix, size, flags=cv2.INTER_LINEAR)
    shown = cv2.warpAffine(thing, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return (alpha * shown + (1 - alpha) * place).astype(np.uint8)
