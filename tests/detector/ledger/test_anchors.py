"""Heads that somebody outside has seen."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.outside import HAS_OPENSSL, NAME, Authority, Witness

from facewarden.bench.truth.evidence.flaws import make
from facewarden.detector.ledger.changes import rotate
from facewarden.detector.ledger.note import NoteError, read_checkpoint, read_note
from facewarden.detector.ledger.proof import proven
from facewarden.detector.ledger.public_keys import ML_DSA_COSIGNATURE, read_verifier
from facewarden.detector.ledger.trust import read_policy
from facewarden.detector.ledger.verify import verify

Facewarden = Callable[..., Any]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    make(tmp_path / "record", 300)
    return tmp_path / "record"


def keys(record: Path) -> list[str]:
    return (record / "ledger" / "keys.txt").read_text().splitlines()


def policy(record: Path, witness: Witness, url: str = "", quorum: str = "w1") -> Path:
    lines = [f"log {keys(record)[0]}", f"witness w1 {witness.verifier} {url}", f"quorum {quorum}"]
    path = record.parent / "policy"
    path.write_text("# whom we trust\n\n" + "\n".join(lines) + "\n")
    return path


def test_a_witness_cosigns_the_head_and_then_what_continues_it(record: Path, facewarden: Facewarden) -> None:
    witness = Witness()
    with witness.serving() as url:
        file = policy(record, witness, url)
        assert facewarden("ledger", "anchor", record, "--policy", file).returncode == 0
        make(record, 30)
        assert facewarden("ledger", "anchor", record, "--policy", file).returncode == 0

    found = verify(record, policy=read_policy(file))
    assert (found.holds, found.entries, found.quorum) == (True, 330, 330)
    assert [(anchor.entries, anchor.by, anchor.checked) for anchor in found.anchors] == [
        (300, NAME, True),
        (330, NAME, True),
    ]
    assert witness.asked == [0, 300]


def test_a_witness_that_has_seen_more_than_we_remember_is_told_from_there(record: Path, facewarden: Facewarden) -> None:
    witness = Witness()
    with witness.serving() as url:
        file = policy(record, witness, url)
        facewarden("ledger", "anchor", record, "--policy", file)
        make(record, 30)
        (record / "ledger" / "anchor" / "300").unlink()
        assert facewarden("ledger", "anchor", record, "--policy", file).returncode == 0
    assert witness.asked == [0, 0, 300]


def test_a_ledger_that_was_begun_anew_gets_no_cosignature(record: Path, facewarden: Facewarden) -> None:
    witness = Witness()
    witness.seen = 300, bytes(32)
    make(record, 30)
    with witness.serving() as url:
        ended = facewarden("ledger", "anchor", record, "--policy", policy(record, witness, url))
    assert ended.returncode == 2
    assert "refuses: 422 the proof does not hold" in ended.stderr


def test_without_the_quorum_a_ledger_does_not_hold(record: Path, facewarden: Facewarden) -> None:
    ended = facewarden("ledger", "verify", record, "--policy", policy(record, Witness()))
    assert ended.returncode == 4
    assert "anchor: does not hold\n  anchor: no head was seen by the quorum that is asked for (w1)" in ended.stdout
    assert facewarden("ledger", "verify", record, "--policy", policy(record, Witness(), quorum="none")).returncode == 0


def test_who_cannot_be_reached_is_named_and_nothing_is_lost(record: Path, facewarden: Facewarden) -> None:
    file = policy(record, Witness(), "http://127.0.0.1:9")
    ended = facewarden("ledger", "anchor", record, "--policy", file)
    assert (ended.returncode, ended.stderr.startswith("w1: http://127.0.0.1:9/add-checkpoint cannot be reached")) == (
        2,
        True,
    )
    assert verify(record).holds


def test_every_flipped_bit_of_an_anchor_is_found(record: Path, facewarden: Facewarden) -> None:
    witness = Witness()
    with witness.serving() as url:
        file = policy(record, witness, url)
        facewarden("ledger", "anchor", record, "--policy", file)
    path, trusted = record / "ledger" / "anchor" / "300", read_policy(file)
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 8
        path.write_bytes(flipped)
        assert "anchor/300" in {fault.place for fault in verify(record, policy=trusted).faults} or (
            not verify(record, policy=trusted).holds  # the name of the witness: nobody known has cosigned it
        )


def test_a_proof_carries_the_cosignatures(record: Path, facewarden: Facewarden) -> None:
    witness = Witness()
    with witness.serving() as url:
        facewarden("ledger", "anchor", record, "--policy", policy(record, witness, url))
    make(record, 30)

    early = facewarden("ledger", "prove", record, "7").stdout
    late = facewarden("ledger", "prove", record, "310").stdout
    assert (NAME in early, NAME in late) == (True, False)
    assert proven(early, [read_verifier(keys(record)[0])])[0] == 7
    assert proven(early, [witness.verifier])[0] == 7


@pytest.mark.skipif(not HAS_OPENSSL, reason="there is no openssl, which stamps")
def test_an_authority_stamps_the_head(record: Path, tmp_path: Path, facewarden: Facewarden) -> None:
    pytest.importorskip("rfc3161_client")
    (tmp_path / "ca").mkdir()
    (tmp_path / "other").mkdir()
    authority = Authority(tmp_path / "ca")
    with authority.serving() as url:
        assert facewarden("ledger", "anchor", record, "--authority", url).returncode == 0
    trusted = facewarden("ledger", "verify", record, "--authorities", authority.certificate).stdout
    assert "anchor: holds\n  the first 300 entries: a time stamp, 20" in trusted
    assert "(not checked)" in facewarden("ledger", "verify", record).stdout
    other = Authority(tmp_path / "other").certificate
    ended = facewarden("ledger", "verify", record, "--authorities", other)
    assert (ended.returncode, "none of the authorities that are trusted" in ended.stdout) == (4, True)


@pytest.mark.skipif(not HAS_OPENSSL, reason="there is no openssl, which stamps")
def test_a_stamp_can_be_fetched_by_hand(record: Path, tmp_path: Path, facewarden: Facewarden) -> None:
    pytest.importorskip("rfc3161_client")
    (tmp_path / "ca").mkdir()
    authority, question, answer = Authority(tmp_path / "ca"), tmp_path / "head.tsq", tmp_path / "head.tsr"
    assert facewarden("ledger", "anchor", record, "--request", question).returncode == 0
    make(record, 30)
    answer.write_bytes(authority.stamp(question.read_bytes()))

    assert "the first 300 entries" in facewarden("ledger", "anchor", record, "--response", answer).stdout
    assert verify(record).holds
    (record / "ledger" / "anchor" / "300.tsr").write_bytes(answer.read_bytes()[:-3])
    assert [fault.place for fault in verify(record).faults] == ["anchor/300.tsr"]


def test_the_head_is_printed_to_be_kept_elsewhere(record: Path, tmp_path: Path, facewarden: Facewarden) -> None:
    (tmp_path / "head").write_text(facewarden("ledger", "anchor", record).stdout)
    make(record, 30)
    assert facewarden("ledger", "verify", record, "--since", tmp_path / "head").returncode == 0


def test_heads_are_cosigned_with_ml_dsa_where_that_was_asked_for(record: Path) -> None:
    mldsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.mldsa")
    rotate(record / "ledger", record / "keys", post_quantum=True)
    make(record, 30)

    note = read_note((record / "ledger" / "checkpoint").read_bytes())
    head, key = read_checkpoint(note.text), read_verifier(keys(record)[-1])
    stamp, signature = note.signatures[1].content[:8], note.signatures[1].content[8:]
    name = head.origin.encode()
    whole = bytes(8) + head.size.to_bytes(8, "big") + head.root
    message = b"".join((b"subtree/v1\n\0", bytes([len(name)]), name, stamp, bytes([len(name)]), name, whole))
    mldsa.MLDSA44PublicKey.from_public_bytes(key.key).verify(signature, message)
    assert (key.kind, len(signature), verify(record).holds) == (ML_DSA_COSIGNATURE, 2420, True)
    assert len(verify(record).signed_by) == 2


def test_a_damaged_cosignature_of_ml_dsa_is_found(record: Path) -> None:
    pytest.importorskip("cryptography.hazmat.primitives.asymmetric.mldsa")
    rotate(record / "ledger", record / "keys", post_quantum=True)
    path = record / "ledger" / "checkpoint"
    lines = path.read_text().split("\n")
    content = bytearray(base64.b64decode(lines[5].split(" ")[2]))
    content[1000] ^= 1
    lines[5] = " ".join((*lines[5].split(" ")[:2], base64.b64encode(content).decode()))
    path.write_text("\n".join(lines))
    assert [fault.part for fault in verify(record).faults] == ["signature"]


GOOD = "log {log}\nwitness a {a}\nwitness b {b}\nwitness c {c}\n"


@pytest.mark.parametrize(
    ("lines", "signed", "met"),
    [
        ("quorum none", "", True),
        ("quorum a", "a", True),
        ("quorum a", "b", False),
        ("group g 2 a b c\nquorum g", "ac", True),
        ("group g 2 a b c\nquorum g", "c", False),
        ("group g any a b\ngroup h all g c\nquorum h", "bc", True),
        ("group g any a b\ngroup h all g c\nquorum h", "ab", False),
    ],
)
def test_a_quorum_is_what_the_policy_says(tmp_path: Path, lines: str, signed: str, met: bool) -> None:
    witnesses = {name: Witness().verifier for name in "abc"}
    (tmp_path / "policy").write_text(GOOD.format(log=a_log(), **witnesses) + f"\t{lines}\n")
    assert read_policy(tmp_path / "policy").is_met({witnesses[name] for name in signed}) is met


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("", "has no one line for the quorum"),
        ("quorum none\nquorum a", "has no one line for the quorum"),
        ("quorum d", "d is no witness and no group of a line before"),
        ("group g 3 a b\nquorum g", "of 2 members it asks for 3"),
        ("group g any a\ngroup h any a\nquorum h", "a is in a group already"),
        ("group a any b\nquorum a", "a is taken already"),
        ("witness d {a}\nquorum d", "stands twice"),
        ("witness d {log}\nquorum d", "is not one of a witness"),
        ("wittness d\nquorum a", "is no line of a policy"),
    ],
)
def test_a_policy_that_is_none_is_told_where(tmp_path: Path, lines: str, told: str) -> None:
    from facewarden.detector.errors import InputError

    words = {"log": a_log(), **{name: str(Witness().verifier) for name in "abc"}}
    (tmp_path / "policy").write_text((GOOD + lines).format(**words))
    with pytest.raises(InputError, match=told):
        read_policy(tmp_path / "policy")


def a_log() -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from facewarden.detector.ledger.public_keys import verifier

    return str(verifier("log.example", Ed25519PrivateKey.generate()))


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AQ==", "a b+00000000+AAAA"])
def test_what_is_no_key_is_told(text: str) -> None:
    with pytest.raises(NoteError):
        read_verifier(text)
