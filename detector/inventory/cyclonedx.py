"""The inventory as a CycloneDX ML-BOM (ECMA-424), through its own library.

The library has no model cards yet, so what is found stands in properties `facewarden:...` of each component.
"""

# The library's classes take their arguments in a way that type checkers do not see.
# pyright: reportCallIssue=false

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from uuid import NAMESPACE_URL, uuid5

from ..errors import MissingLibrary
from ..release import release
from .scan import Entry

try:
    from cyclonedx.model import HashAlgorithm, HashType, Property
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion
except ImportError as error:
    raise MissingLibrary("CycloneDX needs its library: pip install 'facewarden[sbom]'") from error


def to_cyclonedx(entries: Sequence[Entry]) -> str:
    """A bill of materials, JSON of CycloneDX 1.6: a component for each model; only its date differs from run to run."""
    components = [_component(place, entry) for place, entry in enumerate(entries) if entry.identity]
    bom = Bom(
        components=components,
        serial_number=uuid5(NAMESPACE_URL, "\n".join(f"{entry.path} {_digest(entry)}" for entry in entries)),
        metadata=BomMetaData(properties=[Property(name="facewarden:version", value=release())]),
    )
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2) + "\n"


def _component(place: int, entry: Entry) -> Component:
    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=f"model-{place}",
        name=PurePosixPath(entry.path).name,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=_digest(entry))],
        properties=[Property(name=f"facewarden:{name}", value=value) for name, value in _facts(entry)],
    )


def _facts(entry: Entry) -> Iterator[tuple[str, str]]:
    identity = entry.identity
    assert identity is not None  # noqa: S101 - only called with one
    yield "path", entry.path
    yield "format", entry.format
    yield "recogniser", {True: "true", False: "false", None: "unknown"}[identity.recogniser]
    yield "function", identity.function
    yield "confidence", f"{identity.confidence:g}"
    if identity.family:
        yield "family", identity.family
    for number, one in enumerate(identity.evidence):
        yield f"evidence:{number}:{one.signal}", one.detail


def _digest(entry: Entry) -> str:
    return entry.identity.sha256 if entry.identity else ""
