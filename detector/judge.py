"""Judgements: what is declared, what a call brings and what was seen, put before the policy."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from .calls import Call
from .facts import Settled, Value, check_fact, with_seen
from .policy import Decision, Pack, decide
from .sight.seen import NOTHING, Shown
from .site import Site
from .site.terms import packs_of

# Tasks that a recogniser may be taken to do.
_RECOGNITION = frozenset({"identification", "verification"})
_MONTH = re.compile(r"(\d{4})\.(0?[1-9]|1[0-2])\b")
# Judgements that are kept.
_REMEMBERED = 1000


class Judgement(NamedTuple):
    """A decision, and the facts it was made by. Shared by all calls of a kind, and nobody can change it."""

    facts: Settled
    decision: Decision


class Judge:
    """Decides on calls by a site, its packs and what was seen. Pure: the same arguments give the same judgement.

    Args:
        site: what is declared.
        packs: what to apply; by default the site's.
        date: the day to judge by where neither site nor call says, YYYY-MM-DD.

    Attributes:
        site, packs, date: these.

    Raises:
        FactError: `date` is none.
        PackError: a pack of the site's cannot be loaded, or there is none: without rules every call would be allowed.
    """

    def __init__(self, site: Site, packs: Sequence[Pack] | None = None, *, date: str | None = None) -> None:
        self.site = site
        self.packs = packs_of(site) if packs is None else tuple(packs)
        self.date = None if date is None else str(check_fact("date", date))
        self._first_day = max((_first_day(pack.version) for pack in self.packs), default="")
        self._judged = lru_cache(_REMEMBERED)(self._judge_anew)
        decide({}, self.packs)  # packs without a rule are told of at once, and not at the first call

    def judge(self, call: Call, source: str | None, shown: Mapping[str, Shown], today: str) -> Judgement:
        """Decide on a call, and say by which facts.

        A call that no source is known for is judged by every source that is watched or declared, and the strictest
        decision counts.

        Args:
            call: the call.
            source: whose picture it sees; None where that is not known.
            shown: what was seen of each source.
            today: the day to judge by where nothing else names one.

        Raises:
            FactError: the call brings a fact that is none.
        """
        names = self.names(source, shown)
        return strictest(self.judge_one(call, name, shown.get(name or "", NOTHING), today) for name in names)

    def names(self, source: str | None, shown: Iterable[str]) -> Sequence[str | None]:
        """The sources that a call is judged by, of those that were seen or declared; None where there is none."""
        return [source] if source else list(dict.fromkeys([*shown, *self.site.cameras])) or [None]

    def judge_one(self, call: Call, source: str | None, shown: Shown, today: str) -> Judgement:
        """As `judge`, by one source and what was seen of it."""
        day, origin = self._day(call, today)
        return self._judged(source, self._brought(call, source), day, origin, shown)

    def _brought(self, call: Call, source: str | None) -> tuple[tuple[str, Value], ...]:
        """What the call brings. What is done with the pictures of an input the site knows better than the model."""
        given = self.site.inputs.get(source or "")
        if given is None or given.task is None or call.task not in _RECOGNITION:
            return call.brought
        return tuple({**dict(call.brought), "task": given.task}.items())

    def _day(self, call: Call, today: str) -> tuple[Value | None, str]:
        """The day, and who says so. A clock that is behind the packs goes wrong: nobody knows the day then."""
        if call.day:
            return call.day, "call"
        if self.date:
            return self.date, "declared"
        return (today if today >= self._first_day else None), "clock"

    def _judge_anew(
        self, source: str | None, brought: tuple[tuple[str, Value], ...], day: Value | None, origin: str, shown: Shown
    ) -> Judgement:
        """All that a judgement rests on is an argument, so that equal ones can be remembered."""
        facts = self.site.declared(source, dict(brought), day)
        for name, value in brought:
            facts.put(name, value, "call")
        if "date" not in facts.facts and day is not None:
            facts.put("date", day, origin)
        settled = with_seen(facts, *shown).settled()
        return Judgement(settled, decide(settled.facts, self.packs))


def _first_day(version: str) -> str:
    """The first day on which a pack of a version such as 2026.11.1 can have been: that of its month; empty where its
    version names none."""
    found = _MONTH.match(version)
    return f"{found[1]}-{int(found[2]):02d}-01" if found else ""


def strictest(judgements: Iterable[Judgement]) -> Judgement:
    """Of several judgements of one call the one that counts; of equally strict ones the first."""
    return max(judgements, key=lambda judgement: judgement.decision.strictness)
