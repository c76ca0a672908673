"""Mobile or fixed: pictures in, belief out."""

import math
from collections.abc import Sequence
from itertools import cycle
from typing import Final

import msgspec

from ...streams.frame import Image
from ...streams.telemetry import Motion
from ..belief import MobilityBelief
from .cut import CutFinder
from .evidence import NO_EVIDENCE, Evidence, weigh
from .head import OF_WITNESS, Head, Window, shipped_doubt, shipped_head
from .measures import Measures
from .meter import TICK, Meter
from .mount import MountGuess
from .sensors import travels
from .signal import Signal, SignalFinder
from .stills import REMEMBERED_S, Stills
from .stirring import Stirring
from .tally import Tally, Verdict, shipped_rates
from .view import Matrix
from .witness import Looks, Witness, shipped_witnesses

# Seconds after a verdict before half as many pictures will do, and a quarter.
_FULL_RATE: Final = 3.0
_HALF_RATE: Final = 5.0
# Seconds after a verdict in which the witness is still heard.
_HEARD: Final = 10.0
# Seconds of the same picture to the last bit in which no camera is called fixed.
_SAME: Final = 0.5
# Seconds that the scene from before a supposed motion has to stand again until that is withdrawn, the ticks that are
# asked meanwhile, and the log-odds and the doubt that they have to give at most.
_AGAIN: Final = 20.0
_LATELY: Final = 10
_STANDS, _UNDOUBTED = -1.0, 0.75
# Ticks in which a camera that stood until then is heard again as if it had just begun.
RECENT: Final = 3


class MobilityEstimator:
    """Takes the pictures of one source in order and holds what they say of its mount.

    Memory is constant: views of the last four seconds and small pictures of the last half minute, below 4 MB. The same
    pictures give the same belief. What travelled once is mobile for good, unless it was what is before the camera that
    moved: then the scene from before stands again exactly, which no camera that was carried sees.

    Args:
        tally: what adds the evidence up; by default one with the rates that ship.
        head: what was learned; by default the trees that ship.
        mounts: the same of mounts.
        doubt: the same of views that move behind what stands over them.
        witnesses: the networks that are heard beside them, one at each tick by turns; by default those that ship. They
            are asked while the verdict is open or young: what they last said of a camera that stands goes on to count.

    Attributes:
        stirs: whether the last picture was glanced at, and shows that the camera may have moved.
    """

    def __init__(
        self,
        tally: Tally | None = None,
        head: Head | None = None,
        mounts: MountGuess | None = None,
        doubt: Head | None = None,
        witnesses: Sequence[Witness] | None = None,
    ) -> None:
        self._belief: MobilityBelief | None = MobilityBelief()
        self._tally = tally or Tally(shipped_rates())
        self._head, self._doubt = head or shipped_head(), doubt or shipped_doubt()
        self._witnesses = cycle(witnesses or shipped_witnesses())
        self._looks = Looks()
        self._window = Window()
        self._features: Matrix | None = None
        self._cuts, self._signals, self._stirring = CutFinder(), SignalFinder(), Stirring()
        self._stills = Stills()
        self._signal: Signal = "picture"
        self.stirs = False
        self._mount = mounts or MountGuess()
        self._meter: Meter | None = None
        self._again_since: float | None = None
        self._evidence = NO_EVIDENCE
        self._now = 0.0

    @property
    def belief(self) -> MobilityBelief:
        """The verdict so far. Its `evidence` is that of the last tick, the `log_odds` that all have come to, and what
        added most to the learned opinion.

        It is put together when it is asked for: who asks at every picture takes `value` and `decided_at`.
        """
        if self._belief is None:
            self._belief = self._put_together()
        return self._belief

    @property
    def value(self) -> Verdict:
        """As in `belief`."""
        return self._tally.value

    @property
    def decided_at(self) -> float | None:
        """As in `belief`."""
        return None if self._tally.decided_at is None else round(self._tally.decided_at, 3)

    @property
    def seems_mobile(self) -> bool:
        """Whether the witness, whose word alone is no verdict, says so of a camera that is called neither."""
        said = math.nan if self._features is None else float(self._features[OF_WITNESS[0]])
        return self._tally.value == "unknown" and said > 0

    @property
    def spacing(self) -> int:
        """How many times further apart than at first pictures may now be: 1, 2 or 4.

        Twice when the verdict is clear, and has been for a while; a mobile one is never given up, so later four times.
        """
        decided_at, mobile = self._tally.decided_at, self._tally.value == "mobile"
        since = 0.0 if decided_at is None else self._now - decided_at
        if since <= _FULL_RATE or not (mobile or self._tally.settled):
            return 1
        return 4 if mobile and since > _HALF_RATE else 2

    def update(self, thumbnail: Image, media_time: float, motion: Motion | None = None) -> None:
        """Take in one picture.

        Args:
            thumbnail: luma, shape (h, w), uint8, about 320 px on its longest side.
            media_time: seconds, not running backwards.
            motion: what the camera's own sensors measured since the last picture that brought such.
        """
        self._signal = self._signals.update(thumbnail, media_time)
        moved = self._tally.value != "mobile" and self._stirring.moved(thumbnail, media_time)
        cut = self._cuts.update(thumbnail)
        self._stills.update(self._cuts.change, media_time)
        if cut or moved or self._signal != "picture" or self._jumped:
            self.restart()
        if motion is not None and travels(motion):
            self._tally.shaken(media_time)
            self._belief = None
        self._now = media_time
        self.stirs = False
        if self._signal != "picture" or self._copied:
            return
        if self._listens:
            self._looks.add(thumbnail, media_time)
        else:
            self._looks.clear()
        self._meter = self._meter or Meter.of(thumbnail, media_time)
        measures = self._meter.update(thumbnail, media_time, self._tick)
        if measures is not None:
            zoomed = self._tally.value != "mobile" and self._meter.zoomed()
            self._learn(measures, weigh(measures), media_time, zoomed)
            self._reconsider(self._meter, media_time)

    def glance(self, thumbnail: Image, media_time: float) -> None:
        """Take in a picture before which others were left out, arguments as for `update`.

        Neither motion nor a cut can be told from it, and what is believed stands; `stirs` where a camera that stood may
        have moved, or shows no picture. Where it then does not stand in pictures that are taken in whole, it was cut.
        """
        self._meter, self._cuts, self._stills, self._now = None, CutFinder(), Stills(), media_time
        self._looks.clear()
        self._signal = self._signals.glance(thumbnail, media_time)
        moved = self._stirring.glance(thumbnail, media_time) or self._signal != "picture"
        self.stirs = moved and self._tally.value != "mobile"

    @property
    def _copied(self) -> bool:
        """Whether the last picture is one that was seen before, and would say once more that a camera stands."""
        return self._tally.value != "mobile" and (self._signals.copied or self._stills.copied)

    @property
    def _jumped(self) -> bool:
        """Whether all changed at once, and what seemed to stand until then may have been a still; not so where it has
        been called fixed for longer than one would be shown."""
        if not self._stills.jumped or self._tally.value == "mobile" or self._tally.log_odds >= 0:
            return False
        decided_at = self._tally.decided_at
        return decided_at is None or self._now - decided_at < REMEMBERED_S

    @property
    def _listens(self) -> bool:
        """Whether the witness is heard: no more of a mobile camera, nor of one that has clearly stood for long."""
        decided_at = self._tally.decided_at
        young = decided_at is None or self._now - decided_at <= _HEARD
        return self._tally.value != "mobile" and (young or not self._tally.settled)

    @property
    def _tick(self) -> float:
        """Seconds until the next tick: more for a mobile camera; one that stands may drive off."""
        return TICK * (self.spacing if self._tally.value == "mobile" else 1)

    def restart(self) -> None:
        """The next picture does not continue the last one: a cut, or another stream.

        What stood before it says nothing of what comes; that the camera is mobile stays true of the source.
        """
        self._meter = None
        self._window.clear()
        self._looks.clear()
        if self._tally.value != "mobile":
            self._tally.forget()
            self._belief = None

    def _learn(self, measures: Measures, evidence: Evidence, media_time: float, zoomed: bool) -> None:
        self._evidence = evidence
        self._mount.turned(evidence, zoomed=zoomed)
        self._window.add(measures, evidence, self._hear(), self._carried)
        self._features = features = self._window.features()
        opinion, stood = self._head.bounded(features), self._tally.value == "fixed"
        if self._tally.stood:
            opinion = max(opinion, self._head.bounded(self._window.lately(RECENT)))
        self._tally.weigh(evidence, media_time, opinion, self._doubts(features, opinion), zoomed=zoomed)
        if stood and self._tally.value == "unknown":
            self._window.keep(RECENT)
        self._belief = None

    def _hear(self) -> float:
        """What the witness whose turn it is says at this tick, where it is asked."""
        return next(self._witnesses).log_odds(self._looks.stacked()) if self._looks.any else math.nan

    @property
    def _carried(self) -> float:
        """What it has said in the mean of a camera that stands, and that it is asked of no more."""
        if self._features is None or self._tally.value == "mobile":
            return math.nan
        return float(self._features[OF_WITNESS[0]])

    def _reconsider(self, meter: Meter, media_time: float) -> None:
        """Withdraw that it is mobile where all stands, and has long stood, exactly as before it was called so."""
        if self._tally.value != "mobile":
            meter.remember()
        if self._tally.value != "mobile" or not self._stands_again(meter):
            self._again_since = None
            return
        self._again_since = media_time if self._again_since is None else self._again_since
        if media_time - self._again_since >= _AGAIN:
            self._tally.forget()
            self._window.keep(_LATELY)

    def _stands_again(self, meter: Meter) -> bool:
        if self._tally.sensed or self._signals.same_for > _SAME or not meter.stands_again():
            return False
        features = self._window.lately(_LATELY)
        return self._head.log_odds(features) < _STANDS and self._doubt.log_odds(features) < _UNDOUBTED

    def _doubts(self, features: Matrix, opinion: float) -> float:
        """How much there is against calling the camera fixed; not asked for where it will not be called so."""
        if self._signals.same_for > _SAME and self._tally.value != "fixed":
            return math.inf
        limits = self._tally.rates.limits
        open_ = self._tally.value != "mobile" and opinion + limits.stillness * limits.stood <= 0
        return self._doubt.log_odds(features) if open_ else -math.inf

    def _because(self) -> dict[str, float]:
        """What added most to the learned opinion, and what the witness said in the mean."""
        if self._features is None:
            return {}
        because, said = self._head.explain(self._features).because, float(self._features[OF_WITNESS[0]])
        return because if math.isnan(said) else {**because, "witness": said}

    def _put_together(self) -> MobilityBelief:
        tally = self._tally
        numbers = {**msgspec.structs.asdict(self._evidence), "log_odds": tally.log_odds, **self._because()}
        if tally.zoomed:
            numbers["zoomed"] = 1.0
        if self._signal != "picture":
            numbers = {f"no_signal:{self._signal}": 1.0, "log_odds": tally.log_odds}
        named = self._mount.named(tally.value, tally.confidence, self._features)
        return MobilityBelief(
            value=tally.value,
            mount=named.mount,
            mount_confidence=round(named.confidence, 4),
            confidence=round(tally.confidence, 4),
            decided_at=self.decided_at,
            evidence={name: round(number, 3) for name, number in numbers.items()},
        )
