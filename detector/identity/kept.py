"""Answers kept on disk by content, so that the same file costs its hash alone the next time, in whichever program.

They lie in the user's cache folder, under a name made of all that an answer depends on besides the file: our own code,
the probes, what is known of published models, and the runtimes. Whatever cannot be read or written there is as good as
absent.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from ... import models
from .formats import format_of
from .opening import IN_PARTS
from .verdict import Verdict

_RUNTIMES = ("numpy", "opencv-python", "onnx", "onnxruntime", "ai-edge-litert", "openvino", "torch")
_DATA = ("probe_faces.png", "known_models.tsv", "known_weights.json")


def kept(digest: str) -> Verdict | None:
    """The answer for content of this SHA-256; None where there is none."""
    with suppress(OSError, RuntimeError, msgspec.MsgspecError):  # RuntimeError: nobody's home is known
        return msgspec.json.decode((_folder() / f"{digest}.json").read_bytes(), type=Verdict)
    return None


def keep(digest: str, verdict: Verdict) -> None:
    """Keep an answer; whoever reads meanwhile sees all of it or none."""
    with suppress(OSError, RuntimeError):
        _folder().mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=_folder(), delete=False) as target:
            target.write(msgspec.json.encode(verdict))
        os.replace(target.name, _folder() / f"{digest}.json")  # noqa: PTH105 - one step, on every system


def lasting(verdict: Verdict, content: bytes) -> bool:
    """Whether an answer would be the same tomorrow: it rests on the content alone, and nothing was in the way."""
    kind = format_of(BytesIO(content), len(content))
    alone = kind not in IN_PARTS or (
        kind == "coreml" and b"@model_path/" not in content
    )  # where a program's weights lie
    return (
        alone and b"location" not in content and not any(one.detail.startswith("not tried") for one in verdict.evidence)
    )


def _folder() -> Path:
    place = os.environ.get("XDG_CACHE_HOME")
    return (Path(place) if place else Path.home() / ".cache") / "facewarden" / "models" / _version()


@cache
def _version() -> str:
    digest = sha256()
    for part in _parts():
        digest.update(part)
    return digest.hexdigest()[:16]


def _parts() -> Iterator[bytes]:
    yield from (path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.py")))
    yield from (files(models).joinpath(name).read_bytes() for name in _DATA)
    for name in _RUNTIMES:
        try:
            yield f"{name} {version(name)}".encode()
        except PackageNotFoundError:
            yield name.encode()
