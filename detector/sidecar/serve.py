"""The service: it starts, ticks, drains and stops."""

import asyncio
import contextlib
import gc
import re
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from ..errors import FacewardenError, MissingLibrary, SiteError
from ..ledger import open_record
from ..recording import Recording
from ..records import Recorder, Tee
from ..records.entry import Event
from ..records.here import ended, started
from ..records.here import terms as say_terms
from ..site import Site, load_site
from . import listening, logs
from .anchoring import anchorer_of
from .apart.apart import Apart
from .app import Pages, make_app
from .doors.ask import Asking
from .doors.mediamtx import MediaMtxDoor
from .events import Hub
from .gate import Gate
from .gateway.all import Gateways
from .health import Sources, Watchman
from .journal import Journal
from .kicks import Kicker
from .metrics import Metrics
from .onvif.watch import OnvifWatch
from .picture import Picture
from .pushing import Pushing
from .server import Server, signals
from .settings import Options, Settings, settle
from .shown import ShowingGuard
from .telemetry import Telemetry
from .terms import Terms

if TYPE_CHECKING:
    import grpc

# Seconds that requests which are under way have to end in, and that streams have.
_DRAIN_S: Final = 5
# Seconds for which a thread may hold on to the interpreter while an answer waits: analysis runs on others.
_SWITCH_S: Final = 0.0005
STOPPED: Final = 0
# Makes what reads the sources, of what looks at their pictures and of who is told what happens to them.
MakeSources: TypeAlias = Callable[[ShowingGuard, Callable[[Event], None]], Sources]


class Service:
    """`facewarden serve`.

    Args:
        options: what the command line says.
        make_cameras: makes what reads the sources.

    Attributes:
        settings: what it was told.
        grpc_port: where Envoy asks; None where it does not.
        gate, guard, watchman, gateways: its parts.

    Raises:
        InputError: it was told something wrong, or cannot listen or write where it should.
    """

    def __init__(self, options: Options, make_cameras: MakeSources = Apart) -> None:
        self._text = _text_of(options.site)
        site = load_site(options.site)
        self.options, self.settings = options, settle(options, site)
        self._begun, self._faces = self.settings, site.faces
        terms = Terms(site)
        self._tls = self.settings.tls()
        self.grpc_port: int | None = None
        self._held = self.settings.listen
        self._sockets = listening.listen(self._held)
        try:
            self._build(site, terms, make_cameras)
        except BaseException:
            listening.close(self._sockets, self._held)
            raise

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it listens: ports that were left to the system have a number by now."""
        return tuple(
            f"unix:{name}" if isinstance(name, str) else f"{name[0]}:{name[1]}"
            for name in (one.getsockname() for one in self._sockets)
        )

    def run(self) -> int:
        """Serve until told to stop by SIGTERM or SIGINT; SIGHUP reads the site file again. Gives the exit status."""
        logs.begin()
        quicken()
        return asyncio.run(self.serve())

    async def serve(self) -> int:
        """The same, in a loop that is there already."""
        self._server = Server(self._app, self._tls, _DRAIN_S, self._say_where)
        self._reloading = asyncio.Lock()
        with signals(self.stop, self._hang_up):
            self._start()
            rpc = await self._start_grpc()
            await self.gateways.start(self._tls)
            kicking = asyncio.create_task(self._kicker.run())
            try:
                await self._server.serve(self._sockets)
            finally:
                kicking.cancel()
                await self.gateways.stop(_DRAIN_S)
                if rpc is not None:
                    await rpc.stop(_DRAIN_S)
                await asyncio.to_thread(self._end)
        return STOPPED

    def stop(self) -> None:
        """Answer what was asked, and end; told a second time, end at once. From the loop's thread."""
        if self._server.should_exit:
            self._server.force_exit = True
        self.watchman.ending = True
        self._hub.close()
        self._server.should_exit = True

    async def reload(self) -> None:
        """Read the site file again: streams that it does not change go on; a wrong one changes nothing.

        Raises:
            FacewardenError: it is wrong.
        """
        async with self._reloading:
            try:
                site, terms, settings, text = await asyncio.to_thread(self._read)
            except FacewardenError as error:
                self.watchman.reload = str(error)
                self._metrics.reloads.labels("refused").inc()
                self.journal.event("reload", f"the site file is wrong, and changes nothing: {error}")
                raise
            await asyncio.to_thread(self._apply, site, terms, settings)
            self._text = text

    def _build(self, site: Site, terms: Terms, make_cameras: MakeSources) -> None:
        settings = self.settings
        recorder = Recorder(open_record(settings.record) if settings.record else Tee())
        self._hub, self._metrics = Hub(), Metrics(self._picture)
        self.recording = self._record(settings)
        self._telemetry = telemetry = Telemetry(settings.otlp) if settings.otlp else None
        self.journal = Journal(recorder, self._metrics, self._hub, logs.log_entry, self.recording, telemetry)
        self._anchorer = anchorer_of(settings.record, settings.anchor, self.journal.event)
        seed = secrets.randbits(32)  # nobody foresees which pictures are looked at; a recording keeps it
        self.guard = ShowingGuard(site, terms.judge.packs, recording=self.recording, seed=seed)
        self.gate = Gate(self.guard, terms, self.journal)
        self.cameras = make_cameras(self.guard, self.journal.note)
        self._onvif = OnvifWatch(self.gate, self.journal)
        self.watchman = Watchman(
            self.guard, self.cameras, self.gate, self.journal, lambda: self.settings, self._onvif.answer
        )
        self._mediamtx = MediaMtxDoor(site.mediamtx, settings.passwords, settings.paths, self._metrics)
        self._kicker = Kicker(
            self._mediamtx, self.gate, lambda: self.gate.terms.site.mediamtx.api, self._metrics, logs.LOGGER.warning
        )
        self.gateways = Gateways(settings, self.gate, self._metrics, self.journal)
        asking = Asking(self.guard.shown, lambda: self.settings)
        pages = Pages(self._picture, self.reload)
        self._app = make_app(
            self.gate,
            self._mediamtx,
            asking,
            pages,
            self._metrics,
            self._hub,
            self.journal,
            Pushing(self.cameras.pushed),
            lambda: self.settings.tokens,
            telemetry and telemetry.heard,
        )

    def _picture(self) -> Picture:
        return self.watchman.picture

    def _say_where(self) -> None:
        logs.LOGGER.info("listening on %s", ", ".join(self.addresses))
        for name, address in self.gateways.addresses.items():
            logs.LOGGER.info("in front of %s at %s", name, address)

    def _start(self) -> None:
        self.journal.put(started())
        self._put_terms(self.gate.terms)
        self.cameras.set(self.settings.sources)
        self._onvif.set(self.settings.onvif)
        self.watchman.start()
        if self._anchorer is not None:
            self._anchorer.start()
        if self._telemetry is not None:
            self._telemetry.offer(self._metrics.registry)

    async def _start_grpc(self) -> "grpc.aio.Server | None":
        if self.settings.grpc is None:
            return None
        try:
            from .doors.envoy_grpc import serve
        except ImportError as error:
            raise MissingLibrary("--grpc needs grpcio; pip install 'facewarden[grpc]'") from error
        server, self.grpc_port = serve(self.gate, self.settings)
        await server.start()
        return server

    def _end(self) -> None:
        self.watchman.stop()
        if self._anchorer is not None:
            self._anchorer.stop()
        self._onvif.stop()
        self.cameras.close(_DRAIN_S)
        if self.recording is not None:
            self.recording.close()
        self.journal.put(ended())
        self.journal.close()
        listening.close(self._sockets, self._held)
        logs.LOGGER.info("stopped")

    def _record(self, settings: Settings) -> Recording | None:
        """The hash of each file of it goes on record, so that nobody can change one unseen."""
        if settings.record is None:
            return None
        return Recording(
            settings.record,
            keep_looks=settings.keep_looks,
            limits=settings.limits,
            told=lambda text: self.journal.event("recording", text),
        )

    def _hang_up(self) -> None:
        self._told = asyncio.ensure_future(self._reload_quietly())

    async def _reload_quietly(self) -> None:
        with contextlib.suppress(FacewardenError):  # which the log tells already
            await self.reload()

    def _read(self) -> tuple[Site, Terms, Settings, bytes]:
        text, path = _text_of(self.options.site), self.options.site
        site = load_site(path)
        if text != _text_of(path):
            raise SiteError(f"{path}: it was written while it was read; try again")
        if site == Site() != self.gate.terms.site:
            said = "nothing stands in it, as in a file that is just being written; a restart takes it as it is"
            raise SiteError(f"{path}: {said}")
        if site != self.gate.terms.site and _is_cut(text, self._text):
            said = "it breaks off within a table of what it was, as a file that is just being written"
            raise SiteError(f"{path}: {said}; if that is meant, put a comment at its end, or restart")
        return site, Terms(site), settle(self.options, site), text

    def _apply(self, site: Site, terms: Terms, settings: Settings) -> None:
        old = self.settings.sources
        gone = old.keys() - settings.sources.keys()
        later = [key for key in _FIXED if getattr(settings, key) != getattr(self._begun, key)]
        later += ["faces"] if site.faces != self._faces else []
        new = settings.sources.keys() - old.keys()
        self.watchman.leave(name for name, url in old.items() if settings.sources.get(name) != url)
        self.gate.tell({**self.gate.unseen, **dict.fromkeys(new, "no picture has come yet")})
        self.settings = settings
        self.gate.change(terms)
        self._mediamtx.change(site.mediamtx, settings.passwords, settings.paths)
        self.cameras.set(settings.sources)
        self._onvif.set(settings.onvif)
        for name in gone:
            self.guard.forget(name)
        self.watchman.reload = f"{', '.join(later)}: takes a restart" if later else None
        self.watchman.look()
        self._metrics.reloads.labels("done").inc()
        self._put_terms(terms)
        self.journal.event("reload", f"the site file was read again{f'; {self.watchman.reload}' if later else ''}")

    def _put_terms(self, terms: Terms) -> None:
        self.journal.put(say_terms(terms.site, terms.judge.packs))


# Where a table begins, and the remarks before it.
_TABLE: Final = re.compile(rb"(?:\s++|#.*+)*+\[")


def _text_of(path: Path) -> bytes:
    """What a file says; nothing where it cannot be read, which whoever reads it for what it means tells."""
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return b""


def _is_cut(text: bytes, before: bytes) -> bool:
    """Whether it is the beginning of what was there before, and what is gone is not whole tables."""
    return text != before and before.startswith(text) and not _TABLE.match(before[len(text) :])


# What a running service cannot change.
_FIXED: Final = (
    "listen", "grpc", "record", "keep_looks", "limits", "tls_cert", "tls_key", "client_ca", "upstreams", "otlp",
    "anchor",
)  # fmt: skip


def quicken() -> None:
    """Have this process answer in time: whatever it has made so far is not looked through for garbage again."""
    sys.setswitchinterval(_SWITCH_S)
    gc.collect()
    gc.freeze()


def serve(options: Options) -> int:
    """Serve until told to stop; gives the exit status.

    Raises:
        InputError: it was told something wrong, or cannot listen or write where it should.
    """
    return Service(options).run()


__all__ = ["Options", "Service", "serve"]
