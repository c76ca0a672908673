"""A service of `facewarden serve` on this machine, in a thread, whose cameras say what a test wants."""

import asyncio
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
from msgspec.structs import replace

from facewarden.detector.guard import Guard
from facewarden.detector.records import Event
from facewarden.detector.sidecar.cameras import CameraStatus
from facewarden.detector.sidecar.health import Sources
from facewarden.detector.sidecar.serve import Service
from facewarden.detector.sidecar.settings import Options
from facewarden.detector.sidecar.shown import ShowingGuard
from facewarden.detector.sight.seen import Seen
from facewarden.streams.pushed import PushedFeed

# Foreign police, live, without consent: identification is prohibited, speech is nothing to these rules.
SITE = """
packs = ["microsoft"]

[operator]
operator = "non_us_le"
on_behalf_of = "nobody"
country = "CA"

[facts]
timing = "real_time"
consent = "none"
surveillance = false
limited_access_approved = true

[cameras.street]
mount = "body"

[sources.street]
url = "rtsp://user:hunter2@127.0.0.1:1/street"

[sources.desk]
url = "rtsp://127.0.0.1:1/desk"
"""
_HOUSE_RULE = """
name = "house"
version = "1"
title = "The house rule"
silence = "The house rule is silent."

[[rules]]
id = "HOUSE-1"
title = "No identification"
effect = "prohibited"
from = 2020-01-01
certainty = "P"

[rules.citation]
text = "The house rule"
url = "https://example.org/rule"

[rules.when]
task = """
# Nobody may identify anybody, whatever runs there; what nobody knows is held.
HOUSE = _HOUSE_RULE + '["identification", "verification", "gallery_building", "emotion"]\n'
RULED = SITE.replace('packs = ["microsoft"]', 'packs = ["house.toml"]')
# One client alone may identify.
DESK = _HOUSE_RULE + '["identification"]\n[rules.unless]\nclient = ["booking"]\n'
DESK_SITE = SITE.replace('packs = ["microsoft"]', 'packs = ["desk.toml"]')
CALL = {"source": "street", "service": "azure_openai", "task": "identification"}


class Told:
    """Cameras that stand as they are told to; every one is live unless it is told otherwise.

    Attributes:
        addresses: what is set now.
        opened: every address that was set anew, in order.
    """

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.addresses: dict[str, str] = {}
        self.opened: list[str] = []
        self.told: dict[str, CameraStatus] = {}
        self.closed = False

    def set(self, addresses: Mapping[str, str]) -> None:
        self.opened += [url for name, url in addresses.items() if self.addresses.get(name) != url]
        self.addresses = dict(addresses)

    def statuses(self) -> tuple[CameraStatus, ...]:
        live = CameraStatus(name="", state="live", last_picture=0.04)
        return tuple(self.told.get(name, replace(live, name=name)) for name in self.addresses)

    def pushed(self, name: str) -> PushedFeed | None:  # noqa: ARG002 - nobody pushes to these
        return None

    def close(self, timeout: float = 0.0) -> None:  # noqa: ARG002 - there is nothing to wait for
        self.closed = True

    def tell(self, name: str, **status: Any) -> None:
        self.told[name] = CameraStatus(**{"name": name, "state": "live", "last_picture": 0.04, **status})

    def show(self, name: str, camera: Any, environment: Any = "unknown") -> None:
        """What is seen of it from here on."""
        now = time.monotonic()
        self.guard.watch(name).last = Seen(name, camera, environment, 12.0, now, now + 1000, now + 1000)


class Running:
    """A service that runs.

    Attributes:
        service: its parts.
        cameras: what it reads.
        url: where it answers.
        http: asks there.
        status: its exit status, once it has ended.
    """

    def __init__(self, service: Service, cameras: Any) -> None:
        self.service, self.cameras = service, cameras
        self.url = f"http://{service.addresses[0]}"
        self.http = httpx.Client(base_url=self.url, timeout=10)
        self.status: int | None = None
        self._left = False
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        wait_for(lambda: self.http.get("/healthz").status_code == 200)

    def leave(self) -> None:
        """Have it end; nobody waits for that yet."""
        self.http.close()
        if self._thread.is_alive() and not self._left:
            self._left = True
            self._loop.call_soon_threadsafe(self.service.stop)

    def stop(self) -> None:
        self.leave()
        self._thread.join(15)
        assert not self._thread.is_alive()

    def connections(self) -> int:
        """Descriptors of this process that are its ends of connections, or where it listens; others may have more."""
        port, held = f":{int(self.url.rpartition(':')[2]):04X}", set[str]()
        for one in Path("/proc/self/fd").iterdir():
            with suppress(OSError):  # it is gone by now
                held.add(str(one.readlink()))
        rows = (row.split() for row in Path("/proc/self/net/tcp").read_text().splitlines()[1:])
        return sum(row[1].endswith(port) and f"socket:[{row[9]}]" in held for row in rows)

    def ask(self, **call: Any) -> dict[str, Any]:
        answer = self.http.post("/v1/authorize", json={**CALL, **call})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self) -> None:
        """Have the watchman make his picture now."""
        self.service.watchman.look()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            self.status = runner.run(self.service.serve())


@contextmanager
def running(
    site: Path, make: Callable[[ShowingGuard, Callable[[Event], None]], Sources] | None = None, **options: Any
) -> Generator[Running]:
    """A service for a site file, on a port of its own; its cameras are `Told` unless something else makes them."""
    made: list[Sources] = []

    def make_cameras(guard: ShowingGuard, note: Callable[[Event], None]) -> Sources:
        made.append(make(guard, note) if make else Told(guard))
        return made[0]

    service = Service(Options(**{"site": site, "listen": ("127.0.0.1:0",), **options}), make_cameras)
    found = Running(service, made[0])
    found.start()
    try:
        yield found
    finally:
        found.stop()


def wait_for(condition: Callable[[], Any], seconds: float = 15.0) -> None:
    """Until it is so; fails where it does not come about."""
    until = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except (httpx.TransportError, OSError):
            pass  # not there yet
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.02)
