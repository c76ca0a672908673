from typing import Any

import msgspec
import pytest

from facewarden.detector.belief import Belief, EnvironmentBelief, Faces, MobilityBelief


@pytest.mark.parametrize("kind", [Belief, MobilityBelief, EnvironmentBelief])
def test_a_belief_begins_with_nothing(kind: type[Belief]) -> None:
    belief = kind()
    assert (belief.value, belief.confidence, belief.decided_at, belief.evidence) == ("unknown", 0.0, None, {})


@pytest.mark.parametrize("belief", [Belief(), MobilityBelief(), EnvironmentBelief(), Faces()])
def test_a_belief_cannot_be_changed_by_whoever_holds_it(belief: msgspec.Struct) -> None:
    with pytest.raises(AttributeError):
        setattr(belief, belief.__struct_fields__[0], "other")


def test_two_beliefs_never_share_their_evidence() -> None:
    assert Belief().evidence is not Belief().evidence


def test_faces_that_no_one_looked_for_are_not_assessed() -> None:
    assert Faces() == Faces(assessed=False, max_in_frame=0, frames_with=0)


def test_a_camera_begins_on_an_unknown_mount() -> None:
    assert MobilityBelief().mount == "unknown"


@pytest.mark.parametrize(
    ("value", "mount", "words"),
    [
        ("unknown", "unknown", "unknown"),
        ("fixed", "fixed", "fixed (0.99)"),
        ("mobile", "unknown", "mobile (0.99)"),
        ("mobile", "dash", "mobile (0.99), likely dash (0.70)"),
    ],
)
def test_two_claims_have_a_number_each(value: Any, mount: Any, words: str) -> None:
    belief = MobilityBelief(value=value, confidence=0.99, mount=mount, mount_confidence=0.7)
    assert belief.in_words == words
