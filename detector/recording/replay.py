"""A recording, gone through again: whether the same comes of it, or where it first differs."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from ...streams.frame import Image
from ...streams.recording import RecordingReader, digest_of
from ..environment import FaceDetector, load_detector
from ..errors import RecordError
from ..policy import Decision
from ..sight.seen import Seen
from .again import SourceAgain
from .coverage import Coverages
from .deciding import Bench, identities
from .messages import Lost, Measured, Message, Picture, Ruled, Session, write
from .parts import parts_until
from .reading import told
from .replayed import Difference, Redecided, Replayed, as_json, first_difference


class Replay:
    """Goes through a recording.

    Args:
        path: of the file; those of the session before it are beside it.
        packs: names of packs to decide by, in place of the session's.
        date: the day to decide by, YYYY-MM-DD.
        find_faces: makes what finds faces; by default what the session's site says.
    """

    def __init__(
        self,
        path: Path,
        packs: Sequence[str] | None = None,
        date: str | None = None,
        find_faces: Callable[[], FaceDetector] | None = None,
    ) -> None:
        self._path, self._packs, self._date, self._find_faces = path, packs, date, find_faces
        self._parts, self._missing = parts_until(path)
        self._digests: dict[str, str] = {}
        self._session: Session | None = None
        self._bench: Bench | None = None
        self._sources: dict[tuple[str, int], SourceAgain] = {}
        self._measured: dict[str, Measured | None] = {}
        self._seen: dict[str, dict[bytes, None]] = {}
        self._unseen: list[tuple[Ruled, Seen]] = []
        self._coverages = Coverages()
        self._counts = {Picture: 0, Measured: 0, Ruled: 0}
        self._attributed = 0
        self._lost = self._differences = 0
        self._first: Difference | None = None
        self._redecided: list[Redecided] = []

    def run(self) -> Replayed:
        """Go through all of it.

        Raises:
            SourceError: the file cannot be read, or was damaged.
            RecordError: it is no recording of a session.
            PackError: a pack cannot be loaded.
        """
        torn = [torn for path in self._parts if (torn := self._read(path))]
        if self._session is None or self._bench is None:
            raise RecordError(f"{self._path}: no recording of a session")
        for ruled, seen in self._unseen:
            self._check_seen(ruled, seen)
        return Replayed(
            recording=self._path.name,
            sha256=self._digests.pop(self._path.name),
            before=self._digests,
            missing=self._missing and self._missing.name,
            torn=torn[0] if torn else None,
            lost=self._lost,
            from_looks=self._is_anew,
            coverage=self._coverages.answer(),
            pictures=self._counts[Picture],
            measures=self._counts[Measured],
            calls=self._counts[Ruled],
            attributed=self._attributed,
            software=self._session.software,
            packs=identities(self._bench.packs),
            first=self._first,
            differences=self._differences,
            redecided=tuple(self._redecided),
        )

    def _read(self, path: Path) -> str | None:
        """Go through a file; gives why it ends before its end, where it does."""
        reader = RecordingReader(path)
        for message, at, look in told(reader):
            if self._lost:
                break
            self._take(message, at, look)
        self._digests[path.name] = digest_of(path)
        return reader.torn

    @property
    def _is_anew(self) -> bool:
        return self._missing is None and self._session is not None and self._session.keeps_looks

    def _take(self, message: Message, at: int, look: Image | None) -> None:
        match message:
            case Session():
                self._session, self._bench = message, Bench(message, self._packs, self._date)
                if message.after and self._digests:
                    before, digest = [*self._digests.items()][-1]
                    self._differ(f"what goes on from {before}", "its sha256", message.after, digest)
            case Picture():
                self._coverages.add(message, at)
                if self._is_anew:
                    self._picture(message, look)
            case Measured():
                self._measure(message)
            case Ruled():
                self._call(message)
            case Lost():
                self._lost = message.count

    def _picture(self, picture: Picture, look: Image | None) -> None:
        self._counts[Picture] += 1
        heard = self._source(picture).take(picture, look)
        now = heard.with_digest()
        self._measured[picture.source] = heard.measured
        self._seen.setdefault(picture.source, {})[msgspec.json.encode(now.seen)] = None
        self._compare(f"picture {picture.number} of {picture.source}", picture, now)

    def _measure(self, measured: Measured) -> None:
        now = self._measured.get(measured.source)
        if self._is_anew:
            self._counts[Measured] += 1
            self._compare(f"measures after picture {measured.number} of {measured.source}", measured, now)

    def _source(self, picture: Picture) -> SourceAgain:
        key = picture.source, picture.run
        if key not in self._sources:
            self._sources[key] = SourceAgain(
                *key, self._find_faces or self._finder(), self._session.seed if self._session else 0
            )
        return self._sources[key]

    def _finder(self) -> Callable[[], FaceDetector]:
        detector = load_detector(self._session.site.faces if self._session else None)
        return lambda: detector

    def _call(self, ruled: Ruled) -> None:
        if self._session is None or self._bench is None:
            raise RecordError(f"{self._path}: a call stands before the session that it was made in")
        self._counts[Ruled] += 1
        self._attributed += [sighted.source is not None for sighted in ruled.sighted] == [True]
        for sighted in ruled.sighted:
            if sighted.seen is not None:
                shown = sighted.seen.on(ruled.now)
                if sighted.blind and sighted.shown == (unheld := sighted.seen.lasting):
                    shown = unheld
                self._differ(f"call {ruled.number}", f"shown of {sighted.source}", list(sighted.shown), list(shown))
                if self._is_anew:
                    self._unseen.append((ruled, sighted.seen))
        facts, decision = self._bench.decide(ruled)
        if self._packs is None and self._date is None:
            now = msgspec.structs.replace(
                ruled, decision=decision, known=dict(facts.facts), origins=dict(facts.origins)
            )
            self._compare(f"call {ruled.number}", ruled, now)
        elif decision.effect != ruled.decision.effect:
            self._redecided.append(_redecided(ruled, decision))

    def _check_seen(self, ruled: Ruled, seen: Seen) -> None:
        """Whether what a call was judged by was seen at any picture, or is what is seen before the first."""
        known = self._seen.get(seen.source, {})
        if seen != Seen(seen.source) and msgspec.json.encode(seen) not in known:
            now = next((text for text in known if msgspec.json.decode(text).get("at") == seen.at), b"null")
            self._note(Difference(f"call {ruled.number}", "seen", msgspec.json.encode(seen).decode(), now.decode()))

    # --- differences --------------------------------------------------------------------------------------------------

    def _compare(self, place: str, then: Message, now: Message | None) -> None:
        before, after = _plain(then), _plain(now)
        if before != after:
            self._note(Difference(place, *first_difference(before, after)))

    def _differ(self, place: str, what: str, then: object, now: object) -> None:
        if then != now:
            self._note(Difference(place, what, as_json(then), as_json(now)))

    def _note(self, difference: Difference) -> None:
        self._first = self._first or difference
        self._differences += 1


def _plain(message: Message | None) -> object:
    """What a message is in JSON, where 1 and 1.0 are the same."""
    return None if message is None else msgspec.json.decode(write(message))


def _redecided(ruled: Ruled, decision: Decision) -> Redecided:
    sources = [sighted.source for sighted in ruled.sighted]
    source = sources[0] if len(sources) == 1 else None
    return Redecided(ruled.number, source, ruled.decision.effect, decision.effect, decision.deciding)
