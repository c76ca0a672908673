"""The detector that a site gets: ours, or the YuNet that it has put in."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import msgspec

from .... import models
from ...errors import ModelError
from . import network, yunet
from .closeup import SHIPPED_POINTS, CloseUp, PointNetwork
from .face import FaceDetector
from .network import SHIPPED, Network, NetworkFaces
from .yunet import YunetFaces

_KNOWN = files(models).joinpath("faces.toml")


class KnownNetwork(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A published network, by the SHA-256 of its file.

    Attributes:
        sha256: in hexadecimal.
        name: what its publishers call it.
        source: where it was published.
        licence: as stated there.
    """

    sha256: str
    name: str
    source: str
    licence: str


def load_detector(
    path: str | Path | None = None, *, unknown: bool = False, threshold: float | None = None
) -> FaceDetector:
    """A detector of your own: it is not to be shared by threads; the networks behind the shipped one are.

    Args:
        path: a YuNet as ONNX; by default what ships.
        unknown: take a file that is none of those in models/faces.toml.
        threshold: 0..1, the least score of what counts; by default what the network's card says.

    Raises:
        ModelError: the file cannot be read, is none of those that are known, or is no YuNet.
    """
    if path is None:
        found = NetworkFaces(_shipped(), network.THRESHOLD if threshold is None else threshold)
        return CloseUp(found, shipped_points())
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from error
    digest = sha256(content).hexdigest()
    if not unknown and digest not in known_networks():
        raise ModelError(
            f"{path}: SHA-256 {digest} is no YuNet that we know (models/faces.toml); allow it by name, "
            "or take one of those"
        )
    return YunetFaces(content, str(path), yunet.THRESHOLD if threshold is None else threshold)


@cache
def known_networks() -> dict[str, KnownNetwork]:
    """The networks that may be put in, by SHA-256."""
    known = msgspec.toml.decode(_KNOWN.read_bytes(), type=dict[str, list[KnownNetwork]])
    return {network.sha256: network for network in known["yunet"]}


@cache
def _shipped() -> Network:
    return Network(SHIPPED.read_bytes(), "models/faces.onnx")


@cache
def shipped_points() -> PointNetwork:
    """The network for close-ups that ships."""
    return PointNetwork(SHIPPED_POINTS.read_bytes(), "models/points.onnx")
