from collections.abc import Iterator

import pytest

from facewarden.detector.errors import (
    CallLogError,
    FactError,
    InputError,
    MissingLibrary,
    PackError,
    SiteError,
)
from facewarden.detector.policy import ProhibitedInference, decide, load_packs
from facewarden.streams.errors import FacewardenError


def descendants(kind: type[FacewardenError]) -> Iterator[type[FacewardenError]]:
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


@pytest.mark.parametrize("kind", [FactError, SiteError, CallLogError, PackError])
def test_what_a_person_wrote_wrong_is_an_input_error(kind: type[InputError]) -> None:
    assert issubclass(kind, InputError)


@pytest.mark.parametrize("kind", [InputError, MissingLibrary, ProhibitedInference])
def test_every_error_is_one_of_ours(kind: type[FacewardenError]) -> None:
    assert issubclass(kind, FacewardenError)


def test_every_error_has_a_word_of_its_own() -> None:
    kinds = [kind.kind for kind in descendants(FacewardenError)]
    assert len(set(kinds)) == len(kinds)


def test_an_error_in_json_is_its_kind_and_its_text() -> None:
    assert SiteError("site.toml: no").as_json() == {"kind": "site", "message": "site.toml: no"}


def test_a_prohibited_call_says_by_what_and_carries_the_decision() -> None:
    decision = decide(
        {"service": "azure_openai", "task": "verification", "operator": "us_police", "date": "2026-11-22"},
        load_packs(["microsoft"]),
    )
    error = ProhibitedInference(decision)

    assert str(error).startswith("this inference call is closed by policy: Prohibited by MS-AOAI-1 (")
    assert error.decision is decision
