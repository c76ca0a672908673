"""What people ship models in: each is opened, what cannot be is said, and nothing packed takes more than it may."""

import bz2
import gzip
import io
import json
import lzma
import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from facewarden.detector.inventory import Choice, Entry, scan
from facewarden.detector.inventory.excused import Allowed, counts, read_allowed, read_baseline


def zipped(files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    with io.BytesIO() as content:
        with zipfile.ZipFile(content, "w", how) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return content.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    with io.BytesIO() as content:
        with tarfile.open(fileobj=content, mode="w") as archive:
            for name, data in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        return content.getvalue()


def recognisers(entries: list[Entry]) -> list[str]:
    return [entry.path for entry in entries if entry.identity and entry.identity.recogniser]


@pytest.mark.parametrize(
    "name", ["app.apk", "app.ipa", "lib.jar", "lib.aar", "package-1-py3-none-any.whl", "models.zip"]
)
def test_a_recogniser_in_a_package_is_found_with_its_path_inside(name: str, tmp_path: Path, recogniser: bytes) -> None:
    (tmp_path / name).write_bytes(zipped({"assets/x.bin": recogniser, "classes.dex": b"dex\n035"}))

    assert recognisers(list(scan(tmp_path))) == [f"{tmp_path / name}!/assets/x.bin"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_single_compressed_file_is_opened(pack: object, tmp_path: Path, recogniser: bytes) -> None:
    (tmp_path / "model").write_bytes(pack(recogniser))  # type: ignore[operator]

    assert recognisers(list(scan(tmp_path))) == [str(tmp_path / "model")]


def test_a_layer_compressed_with_zstandard_is_opened(tmp_path: Path, recogniser: bytes) -> None:
    zstandard = pytest.importorskip("zstandard")
    layer = zstandard.ZstdCompressor().compress(tarred({"srv/model": recogniser}))
    (tmp_path / "blob").write_bytes(layer)

    assert recognisers(list(scan(tmp_path))) == [f"{tmp_path / 'blob'}!/srv/model"]


def test_a_file_that_a_later_layer_hides_ships_all_the_same(tmp_path: Path, recogniser: bytes) -> None:
    layers = {"a/layer.tar": tarred({"srv/model": recogniser}), "b/layer.tar": tarred({"srv/.wh.model": b""})}
    (tmp_path / "image.tar").write_bytes(tarred(layers))
    found, hidden = scan(tmp_path)

    assert found.identity
    assert (found.identity.recogniser, hidden.meant, "layer below" in str(hidden.skipped)) == (True, True, True)


def test_weights_beside_a_model_in_an_archive_are_found_under_any_name(tmp_path: Path, recogniser: bytes) -> None:
    proto = onnx.load_model_from_string(recogniser)
    data = b""
    for tensor in proto.graph.initializer:
        raw = numpy_helper.to_array(tensor).tobytes()
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", "parts/w"), ("offset", str(len(data))), ("length", str(len(raw)))):
            tensor.external_data.add(key=key, value=value)
        data += raw
    (tmp_path / "a.zip").write_bytes(zipped({"m/model": proto.SerializeToString(), "m/parts/w": data}))

    assert recognisers(list(scan(tmp_path))) == [f"{tmp_path / 'a.zip'}!/m/model"]


def test_weights_without_a_graph_are_looked_at_and_undecided(tmp_path: Path) -> None:
    kernels = {f"k{number}": np.random.default_rng(number).random((8, 8, 3, 3), np.float32) for number in range(4)}
    np.savez(tmp_path / "weights.npz", **kernels)  # type: ignore[arg-type]
    np.savez(tmp_path / "table.npz", measured=np.zeros((9, 2)))
    (entry,) = scan(tmp_path)

    assert entry.identity
    assert (entry.format, entry.identity.recogniser) == ("npz", None)
    assert "weights and no graph" in entry.identity.evidence[-1].detail


def test_what_is_not_looked_at_is_told_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(b"\x80\x04K\x01.")
    (tmp_path / "b.mnn").write_bytes(b"\1" * 64)
    (tmp_path / "c.onnx").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 9\n")
    (tmp_path / "d.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(64))
    (tmp_path / "e.txt").write_text("no model")
    reasons = [(Path(entry.path).name, str(entry.skipped).split(",")[0].split(":")[0]) for entry in scan(tmp_path)]

    assert reasons == [
        ("a.pkl", "a pickle"),
        ("b.mnn", "named as a model (.mnn)"),
        ("c.onnx", "a pointer of Git LFS"),
        ("d.7z", "a 7-Zip archive"),
    ]


def test_bombs_are_one_line_each_and_the_honest_neighbour_is_found(tmp_path: Path, recogniser: bytes) -> None:
    nothing = bytes(1 << 27)
    (tmp_path / "a.gz").write_bytes(gzip.compress(nothing, 9))
    (tmp_path / "b.zip").write_bytes(zipped({"big": nothing}))
    (tmp_path / "c.bin").write_bytes(recogniser)
    os.mkfifo(tmp_path / "d.onnx")
    bomb, other, found, pipe = scan(tmp_path)

    assert "unpacks to more than" in str(bomb.error)
    assert "unpacks to more than" in str(other.error)
    assert found.identity
    assert (found.identity.recogniser, pipe.skipped) == (True, "no regular file")


def test_patterns_choose_what_is_looked_at(tmp_path: Path, recogniser: bytes) -> None:
    for name in ("a.onnx", "b.bin"):
        (tmp_path / name).write_bytes(recogniser)

    assert len(recognisers(list(scan(tmp_path, Choice(include=("*.onnx",)))))) == 1
    assert len(recognisers(list(scan(tmp_path, Choice(exclude=("*.onnx",)))))) == 1


def test_what_no_pattern_takes_is_not_unpacked_and_archives_in_it_are(tmp_path: Path, recogniser: bytes) -> None:
    bomb = bytes(1 << 27)
    files = {"big.bin": bomb, "inner.zip": zipped({"m.onnx": recogniser, "n.bin": bomb})}
    (tmp_path / "a.zip").write_bytes(zipped(files))
    taken = list(scan(tmp_path, Choice(include=("*.onnx",))))

    assert recognisers(taken) == [f"{tmp_path / 'a.zip'}!/inner.zip!/m.onnx"]
    assert [entry.skipped for entry in taken if not entry.identity] == ["left out by a pattern"] * 2


def test_nothing_is_looked_at_in_an_archive_that_is_left_out(tmp_path: Path, recogniser: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"m.onnx": recogniser}))
    (left,) = scan(tmp_path, Choice(exclude=("*.zip",)))

    assert (left.path, left.skipped, left.meant) == (str(tmp_path / "a.zip"), "left out by a pattern", True)


def test_a_model_that_somebody_answers_for_counts_again_when_that_has_ended(tmp_path: Path, recogniser: bytes) -> None:
    from datetime import date

    (tmp_path / "model").write_bytes(recogniser)
    (entry,) = scan(tmp_path)
    assert entry.identity
    listed = tmp_path / "allow.toml"
    listed.write_text(f'[[allow]]\nsha256 = "{entry.identity.sha256}"\nreason = "our desk"\nuntil = 2026-12-31\n')
    allowed = read_allowed(listed)

    assert not counts(entry, allowed, frozenset(), date(2026, 12, 31))
    assert counts(entry, allowed, frozenset(), date(2027, 1, 1))
    assert not counts(entry, [Allowed("ours", path="*/model")], frozenset(), date(2027, 1, 1))


def test_what_was_there_before_does_not_count(tmp_path: Path, recogniser: bytes) -> None:
    from datetime import date

    (tmp_path / "model").write_bytes(recogniser)
    (entry,) = scan(tmp_path)
    assert entry.identity
    old = tmp_path / "old.json"
    old.write_text(json.dumps({"path": "x", "sha256": entry.identity.sha256, "recogniser": True}) + "\n")

    assert counts(entry, [], frozenset(), date(2026, 1, 1))
    assert not counts(entry, [], read_baseline(old), date(2026, 1, 1))
