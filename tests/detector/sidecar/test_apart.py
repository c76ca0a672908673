"""Sources that a process of their own looks at: what it sees decides here, and where it ends nothing is believed."""

import json
import os
import signal
import time
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.services import SITE, Running, running, wait_for

from facewarden.detector.recording.replay import Replay
from facewarden.detector.sidecar.apart import apart
from facewarden.detector.sidecar.apart.apart import Apart
from facewarden.detector.sidecar.apart.messages import Told
from facewarden.detector.sight.seen import Seen

pytestmark = pytest.mark.slow
SCRIPTED = partial(Apart, reader="facewarden.detector.sidecar.scripted:Scripted")
# Declared to stand in a controlled place, and agreed to: what is seen of it closes the gate.
SCENES = (
    SITE.replace("rtsp://user:hunter2@127.0.0.1:1/street", "synthetic:body?seconds=4&fps=15&size=320x180")
    .replace("rtsp://127.0.0.1:1/desk", "push:")
    .replace('mount = "body"', 'mount = "wall"\nenvironment = "controlled"')
    .replace('consent = "none"', 'consent = "valid"\nsubject_involvement = "active"\npurpose = "access_control"')
)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("apart")


@pytest.fixture(scope="module")
def found(record: Path) -> Generator[Running]:
    (record / "site.toml").write_text(SCENES + "\n[serve]\nkeep_looks = true\n")
    with running(record / "site.toml", SCRIPTED, record=record / "record") as service:
        wait_for(lambda: state_of(service, "street") == "live", 60)
        yield service


def source_of(service: Running, name: str) -> dict[str, Any]:
    return service.http.get(f"/v1/sources/{name}").json()


def state_of(service: Running, name: str) -> str:
    return source_of(service, name)["state"]


def events_of(record: Path) -> list[str]:
    lines = (record / "record" / "events.jsonl").read_text().splitlines()
    return [text for line in lines if isinstance(text := json.loads(line).get("text"), str)]


def test_what_it_sees_decides_here(found: Running) -> None:
    wait_for(lambda: found.ask()["decision"]["effect"] == "prohibited", 60)

    wait_for(lambda: source_of(found, "street")["mobility"]["value"] == "mobile")
    source = source_of(found, "street")
    assert source["coverage"]["analysed"] > 0
    assert source["cost_ms"]["mean"] > 0
    assert found.cameras.pid not in (None, os.getpid())
    assert "street" not in found.service.guard.watches  # nothing of it is looked at in this process


def test_what_it_shows_is_here_while_a_program_asks_for_it(found: Running) -> None:
    shown = found.service.guard.shown
    wait_for(lambda: len(shown.want().get("street", NONE).views) >= 2, 60)

    recent = shown.want()["street"]
    ages = [one.at for one in recent.views]
    assert recent.views[-1].luma.shape == (180, 320)
    assert ages == sorted(set(ages))
    assert np.ptp(recent.views[-1].luma) > 50


def test_an_address_that_changes_begins_anew_and_the_rest_goes_on(found: Running) -> None:
    before, url = found.cameras.pid, "synthetic:fixed?seconds=4&fps=15&size=320x180"
    found.cameras.set({"street": url, "desk": "push:"})
    assert found.service.guard.known("street").last == Seen("street")
    wait_for(lambda: found.service.guard.known("street").last.at is not None, 60)
    found.look()

    assert found.cameras.pid == before
    assert {status.name for status in found.cameras.statuses()} == {"street", "desk"}
    assert found.cameras.pushed("desk") is not None


@pytest.mark.parametrize("harm", [signal.SIGKILL, signal.SIGSTOP])
def test_where_it_ends_or_hangs_nothing_is_believed_until_another_looks(
    found: Running, record: Path, harm: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "_LONGEST_S", 4.0)
    wait_for(lambda: state_of(found, "street") == "live", 60)
    before = found.cameras.pid
    os.kill(before, harm)
    began = time.monotonic()
    wait_for(lambda: "street" in found.service.gate.unseen, 30)
    assert time.monotonic() - began < 25
    assert found.ask()["opens"] is False

    wait_for(lambda: state_of(found, "street") == "live", 60)
    assert found.cameras.pid != before
    wait_for(lambda: any("is begun again" in text for text in events_of(record)), 30)


def test_one_that_cannot_look_is_begun_again_and_said_so(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(SCENES)
    nobody: Callable[..., Apart] = partial(Apart, reader="facewarden.detector.sidecar.scripted:Nobody")
    with running(site, nobody, record=tmp_path / "record") as service:
        wait_for(lambda: "street" in service.service.gate.unseen and source_of(service, "street").get("problem"), 60)
        assert "is begun again" in source_of(service, "street")["problem"]
        assert service.ask()["opens"] is False


def test_what_is_told_of_a_source_that_is_gone_by_then_changes_nothing(found: Running) -> None:
    found.cameras._take(Told(found.cameras._number, (Seen("gone", "fixed"),)), {})

    assert "gone" not in found.service.guard.afar
    assert "gone" not in found.service.gate.unseen


def test_its_session_can_be_gone_through_again(found: Running, record: Path) -> None:
    """The last, for the service ends here: all that was done to it above is in the recording."""
    wait_for(lambda: source_of(found, "street")["coverage"]["analysed"] > 5, 60)
    found.ask()
    found.stop()
    [recording] = (record / "record").glob("*.mcap")
    replayed = Replay(recording).run()

    assert replayed.from_looks
    assert replayed.pictures > 5
    assert replayed.calls > 0
    assert (replayed.lost, replayed.differences) == (0, 0)


class _None:
    views = ()


NONE = _None()
