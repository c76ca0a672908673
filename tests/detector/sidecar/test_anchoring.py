"""A service whose record others vouch for, at an interval."""

from pathlib import Path

import pytest
from helpers.outside import NAME, Witness
from helpers.services import CALL, SITE, Running, running, wait_for

from facewarden.bench.truth.evidence.flaws import make
from facewarden.detector.errors import FactError, InputError
from facewarden.detector.ledger.trust import read_policy
from facewarden.detector.ledger.verify import verify
from facewarden.detector.records import Event, read_entries
from facewarden.detector.sidecar.anchoring import Anchorer
from facewarden.detector.sidecar.serve import Service
from facewarden.detector.sidecar.settings import Options
from facewarden.detector.site.serving import Anchoring

# An interval of a third of a second.
ANCHORED = SITE + '\n[serve.anchor]\nhours = 1e-4\npolicy = "witnesses.txt"\n'


def kept(tmp_path: Path, witness: Witness, url: str) -> Path:
    """A record that was begun before, and beside it who is to vouch for it."""
    record = tmp_path / "record"
    make(record, 5)
    log = (record / "ledger" / "keys.txt").read_text().splitlines()[0]
    (tmp_path / "witnesses.txt").write_text(f"log {log}\nwitness w1 {witness.verifier} {url}\nquorum w1\n")
    return record


def told(record: Path) -> list[str]:
    return [
        entry.text
        for entry in read_entries(record / "events.jsonl")
        if isinstance(entry, Event) and entry.kind == "anchor"
    ]


def test_a_witness_vouches_for_the_record_while_the_service_runs(tmp_path: Path) -> None:
    witness, site = Witness(), tmp_path / "site.toml"
    site.write_text(ANCHORED)
    with witness.serving() as url:
        record = kept(tmp_path, witness, url)
        with running(site, record=record):
            wait_for(lambda: any("has seen the first" in text for text in told(record)), 60)

    found = verify(record, policy=read_policy(tmp_path / "witnesses.txt"))
    assert (found.holds, {anchor.by for anchor in found.anchors}) == (True, {NAME})
    assert found.quorum


def test_one_that_cannot_be_reached_is_told_of_and_no_answer_waits_for_it(tmp_path: Path) -> None:
    record, site = kept(tmp_path, Witness(), "http://127.0.0.1:1"), tmp_path / "site.toml"
    site.write_text(ANCHORED)
    with running(site, record=record) as service:
        wait_for(lambda: any("could not be asked" in text for text in told(record)), 60)
        assert answered(service)
    assert verify(record).holds


def answered(service: Running) -> bool:
    return service.http.post("/v1/authorize", json=CALL).status_code == 200


def test_where_there_is_no_head_yet_that_is_told(tmp_path: Path) -> None:
    kept(tmp_path, Witness(), "http://127.0.0.1:1")
    found: list[tuple[str, str]] = []
    said = Anchoring(policy=str(tmp_path / "witnesses.txt"))
    Anchorer(tmp_path / "another", said, lambda kind, text: found.append((kind, text))).ask()
    assert [kind for kind, _ in found] == ["anchor"]
    assert "there is nothing to vouch for" in found[0][1]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("policy = 'not-there.txt'", "not-there.txt: cannot be read"),
        ("hours = 2.0", "serve.anchor: says nobody to ask"),
    ],
)
def test_what_cannot_work_is_told_at_the_start(tmp_path: Path, said: str, told: str) -> None:
    site = tmp_path / "site.toml"
    site.write_text(f"{SITE}\n[serve.anchor]\n{said}\n")
    with pytest.raises((FactError, InputError), match=told):
        Service(Options(site=site, record=tmp_path / "record", listen=(f"unix:{tmp_path / 's'}",)))


def test_without_a_record_there_is_nothing_to_vouch_for(tmp_path: Path) -> None:
    kept(tmp_path, Witness(), "http://127.0.0.1:1")
    site = tmp_path / "site.toml"
    site.write_text(ANCHORED)
    with pytest.raises(InputError, match="--record DIR"):
        Service(Options(site=site, listen=(f"unix:{tmp_path / 's'}",)))
