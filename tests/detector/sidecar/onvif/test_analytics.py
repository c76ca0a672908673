"""Which rules, modules and messages of cameras are of recognised faces."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from facewarden.detector.errors import MissingLibrary
from facewarden.detector.sidecar.onvif.analytics import Recognition, plain, recognising, recognition_in
from facewarden.detector.sidecar.onvif.camera import Access, library


def message(topic: str, **said: Any) -> Any:
    return SimpleNamespace(
        Topic=SimpleNamespace(_value_1=topic), Message=SimpleNamespace(_value_1=SimpleNamespace(**said))
    )


@pytest.mark.parametrize(
    "name", ["tt:FaceRecognition", "acme:FaceIdentification", "FaceCompare", "hik:faceMatch", "acme:RecognizedFace"]
)  # fmt: skip
def test_what_is_called_a_recogniser_is_one(name: str) -> None:
    assert recognising(name)


@pytest.mark.parametrize("name", ["tt:FaceDetector", "tt:LicensePlateRecognition", "tt:LineDetector", "tt:Face", ""])
def test_what_finds_or_counts_is_none(name: str) -> None:
    assert not recognising(name)


def test_a_type_that_tells_of_recognised_faces_is_one() -> None:
    assert recognising("acme:Vip", ["tns1:RuleEngine/acme:Motion", "tns1:RuleEngine/tns1:Recognition/tns1:Face"])


def test_names_are_read_without_their_spaces() -> None:
    assert plain("tns1:RuleEngine/tns1:Recognition/Face/.") == "RuleEngine/Recognition/Face"


def test_a_message_says_which_rule_and_how_likely_and_never_whom() -> None:
    item = SimpleNamespace
    source = item(SimpleItem=[item(Name="VideoSource", Value="v0"), item(Name="Rule", Value="watch")])
    data = item(SimpleItem=[item(Name="EnrollmentID", Value="p-12"), item(Name="Likelihood", Value=0.9)])
    said = message("tns1:RuleEngine/Recognition/Face", Source=source, Data=data, UtcTime="2026-11-26 09:00:00+00:00")

    assert recognition_in(said) == Recognition(
        "RuleEngine/Recognition/Face", "watch", "2026-11-26 09:00:00+00:00", "0.9"
    )


@pytest.mark.parametrize(
    "said",
    [
        message("tns1:RuleEngine/Recognition/LicensePlate"),
        message("tns1:RuleEngine/Recognition/Face", PropertyOperation="Initialized"),
        message("tns1:RuleEngine/FaceDetector/Face"),
        SimpleNamespace(Topic=None, Message=None),
    ],
)
def test_what_tells_of_no_recognised_face_is_none(said: Any) -> None:
    assert recognition_in(said) is None


def test_without_its_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onvif", None)
    with pytest.raises(MissingLibrary, match=r"facewarden\[onvif\]"):
        library()


def test_a_password_is_not_shown() -> None:
    access = Access("https", "[::1]", 443, "admin", "hunter2")

    assert "hunter2" not in repr(access)
    assert access.here("http://192.0.2.7:8080/onvif/events?id=1") == "https://[::1]:443/onvif/events?id=1"
