"""The inventory as a CycloneDX ML-BOM (ECMA-424), through its own library.

The library has no model cards yet, so these are put into what it writes; all that is found stands in properties
`facewarden:...` of each component besides.
"""

# The library's classes take their arguments in a way that type checkers do not see.
# pyright: reportCallIssue=false

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from ..errors import MissingLibrary
from ..identity import Identity
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


_TAKES = re.compile(r"\w+: takes (.+); gives (.*)")  # as evidence of the graph has it
_RECOGNISES = "It turns a face into a template, by which people are recognised: biometric identification."
_MITIGATION = "Declare its use; facewarden refuses calls that a policy prohibits."


def to_cyclonedx(entries: Sequence[Entry]) -> str:
    """A bill of materials, JSON of CycloneDX 1.6: a component for each model; only its date differs from run to run."""
    components = [_component(place, entry) for place, entry in enumerate(entries) if entry.identity]
    bom = Bom(
        components=components,
        serial_number=uuid5(NAMESPACE_URL, "\n".join(f"{entry.path} {_digest(entry)}" for entry in entries)),
        metadata=BomMetaData(properties=[Property(name="facewarden:version", value=release())]),
    )
    plain = msgspec.json.decode(make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string())
    cards = {f"model-{place}": model_card(entry.identity) for place, entry in enumerate(entries) if entry.identity}
    for component in plain.get("components", []):
        component["modelCard"] = cards[component["bom-ref"]]
    return msgspec.json.format(msgspec.json.encode(plain), indent=2).decode() + "\n"


def model_card(identity: Identity) -> dict[str, Any]:
    """What CycloneDX asks of a model (`modelCard` of its schema 1.6), as far as the file itself tells it."""
    shapes = [hit for one in identity.evidence if one.signal == "graph" and (hit := _TAKES.match(one.detail))]
    takes, gives = (shapes[0][side].split(", ") if shapes else [] for side in (1, 2))
    parameters: dict[str, Any] = {"task": identity.function} | _slots(inputs=takes, outputs=gives)
    if identity.family:
        parameters["architectureFamily"] = identity.family
    card: dict[str, Any] = {"modelParameters": parameters}
    if identity.recogniser:
        concern = {"name": _RECOGNISES, "mitigationStrategy": _MITIGATION}
        card["considerations"] = {"useCases": ["recognition of faces"], "ethicalConsiderations": [concern]}
    elif identity.recogniser is None:
        reasons = [one.detail for one in identity.evidence[-1:]]
        card["considerations"] = {"technicalLimitations": ["not told whether it recognises faces", *reasons]}
    return card


def _slots(**sides: list[str]) -> dict[str, Any]:
    return {name: [{"format": one} for one in side] for name, side in sides.items() if side}


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
