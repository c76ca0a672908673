"""What a request at an inference server wants: to run a model, to load one, or nothing that concerns us."""

import re
from typing import Final, Literal, NamedTuple
from urllib.parse import unquote

import msgspec

from ...plain import UNREADABLE_JSON

# Open Inference Protocol with Triton's extensions, and TensorFlow Serving's, which OpenVINO Model Server speaks too.
_RUN: Final = re.compile(
    r"/v2/models/(?P<model>[^/]+)(?:/versions/(?P<version>[^/]+))?/(?:infer|infer_stream|generate|generate_stream|explain)"
    r"|/v1/models/(?P<model1>[^/:]+)(?:/(?:versions|labels)/(?P<version1>[^/:]+))?:(?:predict|classify|regress|explain)"
)
# Other names for other models from here on.
_LOAD: Final = re.compile(r"/v2/repository(?:/[^/]+)?/models/[^/]+/(?:load|unload)|/v1/config/reload")
# Posted, and no inference: what is there, how it is traced and logged, memory that is shared.
_QUIET: Final = re.compile(
    r"/v2/repository(?:/[^/]+)?/index|/v2/(?:models/[^/]+/)?trace/setting|/v2/logging|/v1/shutdown"
    r"|/v2/(?:system|cuda)sharedmemory(?:/region/[^/]+)?/(?:register|unregister)"
)
_HARMLESS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Want(NamedTuple):
    """What a request wants.

    Attributes:
        kind: `run` a model, `load` one, `nothing` that concerns us, or `unknown`.
        model, version: of what is run; the version is empty where the server chooses.
        has_head: whether the body begins with a head of the Open Inference Protocol.
    """

    kind: Literal["run", "load", "nothing", "unknown"]
    model: str = ""
    version: str = ""
    has_head: bool = True


def want(method: str, path: str) -> Want:
    """What a request to an inference server wants; its path is plain."""
    if method in _HARMLESS:
        return Want("nothing")
    if found := _RUN.fullmatch(path):
        model, version = (found[key] or found[f"{key}1"] or "" for key in ("model", "version"))
        return Want("run", unquote(model), unquote(version), path.endswith(("/infer", "/infer_stream", "/explain")))
    if _LOAD.fullmatch(path):
        return Want("load")
    return Want("nothing" if _QUIET.fullmatch(path) else "unknown")


class Tensor(msgspec.Struct, frozen=True):
    """A tensor, less what is in it."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    parameters: dict[str, object] = {}

    def __str__(self) -> str:
        return f"{self.datatype}[{','.join(map(str, self.shape))}]"


class Head(msgspec.Struct, frozen=True):
    """The JSON head of a request; tensors that stand in it are passed over."""

    inputs: tuple[Tensor, ...]
    id: str = ""

    @property
    def shared(self) -> bool:
        """Whether its tensors lie in memory that the client shares with the server: no picture is in the request."""
        return any("shared_memory_region" in tensor.parameters for tensor in self.inputs)


def read_head(content: bytes) -> Head:
    """The head that a body begins with, or is.

    Raises:
        ValueError: it is none.
    """
    try:
        return msgspec.json.decode(content, type=Head)
    except UNREADABLE_JSON as error:
        raise ValueError(f"its head is no JSON of the Open Inference Protocol: {error}"[:300]) from error
