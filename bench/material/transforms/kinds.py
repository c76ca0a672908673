"""Every kind of transformation, and what may be answered to each."""

from typing import Final, Literal, TypeAlias

import msgspec

from ..corpus import Truth
from . import borders, drawn, drops, moving, sensor, timing, twins
from .encoding import squeezed
from .insets import boxed, shrunk, still_within, within_still
from .pictures import Transform, chained, each

Verdict: TypeAlias = Literal["mobile", "fixed", "unknown"]


class Expected(msgspec.Struct, frozen=True):
    """What may be answered.

    Attributes:
        best: what is true of what is shown; `unknown` where that shows nothing of a camera.
        accepted: what is no error.
    """

    best: Verdict
    accepted: frozenset[Verdict]


MOBILE: Final = Expected("mobile", frozenset(("mobile", "unknown")))
FIXED: Final = Expected("fixed", frozenset(("fixed", "unknown")))
NOTHING: Final = Expected("unknown", frozenset(("unknown",)))
PARKED: Final = Expected("unknown", frozenset(("mobile", "unknown")))


class Kind(msgspec.Struct, frozen=True):
    """A kind of transformation.

    Attributes:
        name: unique.
        transform: what it does.
        over_mobile: what may be answered when it is laid over a mobile clip; None where it is not laid over such.
        over_fixed: the same for a fixed clip.
        dense: it needs every picture, also those that are passed over.
    """

    name: str
    transform: Transform
    over_mobile: Expected | None = MOBILE
    over_fixed: Expected | None = FIXED
    dense: bool = False

    def expected(self, truth: Truth) -> Expected | None:
        """What may be answered when it is laid over a clip of that truth."""
        return self.over_mobile if truth == "mobile" else self.over_fixed


_ALL: Final = (
    Kind("plain", chained()),
    # Something stands over the view.
    Kind("windscreen", each(borders.windscreen)),
    Kind("cabin", each(borders.cabin)),
    Kind("hood-20", borders.hood(0.2)),
    Kind("hood-40", borders.hood(0.4)),
    Kind("banner-40", borders.banner(0.4)),
    Kind("display", each(drawn.display)),
    Kind("mesh", each(drawn.mesh)),
    Kind("captions", each(drawn.captions)),
    Kind("raindrops", each(drops.raindrops)),
    Kind("dirt", each(drawn.hazed)),
    Kind("raindrops-night", chained(each(drops.raindrops), each(sensor.night))),
    Kind("still-within", still_within(0.55)),
    # Still around moving: a screen on a wall shows the same, so that nobody can say that the camera is fixed.
    Kind("within-still", within_still(0.55)),
    # Black bars: an upright film on a wide screen, a wide one on an old one, and a small one on any.
    Kind("pillarbox", boxed(9 / 16, 16 / 9)),
    Kind("letterbox", boxed(2.35, 4 / 3)),
    Kind("windowbox", shrunk(0.6)),
    # What is sent.
    Kind("20-kbit", squeezed(20_000), dense=True),
    Kind("copies-1s", timing.held(1.0), dense=True),
    Kind("copies-1.5s-300-kbit", chained(timing.held(1.5), squeezed(300_000)), dense=True),
    Kind("still-each-0.1s", timing.still_at_every_tenth, dense=True),
    Kind("stood-then-drives", timing.parked(15, 20, drives=True), over_fixed=None),
    Kind("only-stood", timing.parked(25, 25, drives=False), over_mobile=PARKED, over_fixed=None),
    Kind("rate-8", timing.at_rate(8)),
    Kind("rate-4", timing.at_rate(4)),
    Kind("rate-2", timing.at_rate(2)),
    Kind("rate-1", timing.at_rate(1)),
    Kind("time-lapse", timing.time_lapse, over_mobile=None),
    # The sensor.
    Kind("mirrored", each(sensor.mirrored)),
    Kind("turned", each(sensor.turned)),
    Kind("dimmed", each(sensor.dimmed)),
    Kind("night", each(sensor.night)),
    Kind("infrared", each(sensor.infrared)),
    Kind("noise-alone", each(sensor.static), NOTHING, NOTHING),
    Kind("test-card", each(sensor.test_card), NOTHING, NOTHING),
    Kind("blank", each(sensor.blank), NOTHING, NOTHING),
    # Much moves.
    Kind("rain", each(moving.rain)),
    Kind("snow", each(moving.snow)),
    Kind("leaves", each(moving.leaves)),
    Kind("crowd", each(moving.crowd)),
    Kind("sitter", each(moving.sitter)),
    # The camera's motion is another.
    Kind("unmoved", twins.unmoved, over_mobile=None),
    Kind("pan", twins.pan, over_mobile=None),
    Kind("zoom", twins.zoom, over_mobile=None),
    Kind("sway", twins.sway, over_mobile=None),
    Kind("hand", twins.hand, over_mobile=None, over_fixed=MOBILE),
    Kind("travel", twins.travel, over_mobile=None, over_fixed=MOBILE),
    Kind("drift", twins.drift, over_mobile=None, over_fixed=MOBILE),
    Kind("stabilised", twins.stabilised, over_fixed=None),
)
KINDS: Final = {kind.name: kind for kind in _ALL}
