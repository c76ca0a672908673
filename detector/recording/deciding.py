"""The calls of a recording, decided again."""

from collections.abc import Sequence

from msgspec.structs import replace

from ..judge import Judge, Judgement, strictest
from ..policy import Pack, load_packs
from ..policy.decision import PackIdentity
from ..sight.seen import Shown
from ..site.terms import packs_of
from ..site.unclaimed import unclaimed, unclaimed_call
from .messages import Ruled, Session, Sighted


class Bench:
    """Decides by what a session was judged by, or by other packs, or as of another day.

    Args:
        session: what it was judged by.
        packs: names of others to apply.
        date: the day to judge all calls by, YYYY-MM-DD.

    Attributes:
        packs: what is applied.

    Raises:
        PackError: a pack cannot be loaded.
        FactError: the date is none.
    """

    def __init__(self, session: Session, packs: Sequence[str] | None = None, date: str | None = None) -> None:
        self.packs = _packs(session) if packs is None else load_packs(packs)
        self._date = date
        self._judge = Judge(session.site, self.packs, date=date or session.date)
        self._blind = Judge(unclaimed(session.site), self.packs, date=date or session.date)

    def decide(self, ruled: Ruled) -> Judgement:
        """Decide on a call by what was seen then."""
        call = replace(ruled.call, made_at=None) if self._date else ruled.call
        ruled = replace(ruled, call=call)
        return strictest(self._by(ruled, sighted) for sighted in ruled.sighted)

    def _by(self, ruled: Ruled, sighted: Sighted) -> Judgement:
        shown = Shown(*sighted.shown)
        if sighted.blind:
            return self._blind.judge_one(unclaimed_call(ruled.call), sighted.source, shown, ruled.today)
        return self._judge.judge_one(ruled.call, sighted.source, shown, ruled.today)


def identities(packs: Sequence[Pack]) -> tuple[PackIdentity, ...]:
    """Which packs these are."""
    return tuple(PackIdentity(pack.name, pack.version, pack.sha256, pack.off) for pack in packs)


def _packs(session: Session) -> tuple[Pack, ...]:
    """Those of the site; where the session had others, those of their names."""
    packs = packs_of(replace(session.site, pins={}))
    if identities(packs) == session.packs:
        return packs
    off = {rule for pack in session.packs for rule in pack.off}
    return load_packs([pack.name for pack in session.packs], off)
