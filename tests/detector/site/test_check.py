from collections.abc import Callable
from pathlib import Path

from facewarden.detector.policy import load_packs
from facewarden.detector.site import load_site
from facewarden.detector.site.check import SiteCheck, check_site

Write = Callable[[str], Path]

SITE = """
[operator]
operator = "non_us_le"
on_behalf_of = "nobody"
country = "CA"

[facts]
timing = "real_time"
surveillance = false
limited_access_approved = true

[places.street]
environment = "uncontrolled"

[places.desk]
environment = "controlled"

[cameras.unit-17]
place = "street"

[cameras.booking]
place = "desk"
mount = "desk"

[consents.guests]
facts = { consent = "valid" }
places = ["desk"]
until = 2026-12-31
"""


def checked(path: Path, day: str = "2026-11-22") -> SiteCheck:
    return check_site(load_site(path), load_packs(["microsoft"]), day)


def test_each_missing_fact_is_named_camera_by_camera_with_the_rules_that_wait_for_it(write_site: Write) -> None:
    check = checked(write_site(SITE))
    missing = {camera.camera: {one.fact: one.holds for one in camera.missing} for camera in check.cameras}

    assert missing["unit-17"] == {"camera": ("MS-AOAI-2", "MS-FACE-2"), "consent": ("MS-AOAI-4",)}
    assert missing["booking"] == {}
    assert check.contradictions == check.lapsed == ()


def test_what_every_call_brings_is_not_missing(write_site: Write) -> None:
    facts = {one.fact for camera in checked(write_site("")).cameras for one in camera.missing}

    assert not facts & {"service", "task", "date"}
    assert {"operator", "on_behalf_of", "limited_access_approved"} <= facts


def test_without_cameras_what_is_missing_is_missing_for_any_source(write_site: Write) -> None:
    assert [camera.camera for camera in checked(write_site("")).cameras] == [None]


def test_a_consent_that_ended_is_said_and_its_fact_missing(write_site: Write) -> None:
    check = checked(write_site(SITE), "2027-01-01")

    assert check.lapsed == ("consents.guests: ended on 2026-12-31",)
    assert [one.fact for one in check.cameras[1].missing] == ["consent"]


def test_a_grant_that_has_not_begun_is_said(write_site: Write) -> None:
    check = checked(write_site(SITE.replace("until = 2026-12-31", "from = 2026-12-01")))
    assert check.lapsed == ("consents.guests: holds from 2026-12-01 only",)


def test_a_camera_against_its_place_its_mount_or_a_consent_is_a_contradiction(write_site: Write) -> None:
    text = SITE.replace(
        'mount = "desk"', 'mount = "desk"\ncamera = "mobile"\nenvironment = "uncontrolled"\nconsent = "none"'
    )
    assert checked(write_site(text)).contradictions == (
        "cameras.booking.environment is uncontrolled, places.desk.environment is controlled",
        "cameras.booking.consent is none, consents.guests.consent is valid",
        "booking: camera: the declared mount and the declared camera disagree",
    )


def test_an_operator_in_the_wrong_country_is_a_contradiction(write_site: Write) -> None:
    assert checked(write_site(SITE.replace("CA", "US"))).contradictions == ("operator: non_us_le in US",)


def test_what_is_named_and_cannot_be_used_is_told(write_site: Write) -> None:
    check = checked(
        write_site("""
faces = "none.onnx"
[sources.gate]
url = "rtps://user:secret@host/gate"
[sources.hall]
url = "rtsp://host/hall#timeout=soon"
[sources.door]
url = "rtsp://host/door"
[sources.clip]
url = "later.mp4"
[inputs.staff]
folder = "nowhere"
""")
    )

    told = ["faces: ", "sources.gate.url: ", "sources.hall.url: ", "inputs.staff.folder: "]
    assert [word for line, word in zip(check.unusable, told, strict=True) if line.startswith(word)] == told
    assert "secret" not in "".join(check.unusable)
    assert check.notes == ("sources.clip.url: there is no later.mp4 here yet",)


def test_a_city_that_no_rule_knows_and_a_source_that_no_camera_has_the_name_of_are_noted(write_site: Write) -> None:
    text = """
    packs = ["us-states"]
    [operator]
    operator = "us_police"
    country = "US"
    region = "US-OR"
    city = "Portland, OR"
    [cameras.gate-1]
    mount = "body"
    [sources.gate1]
    url = "rtsp://127.0.0.1/gate"
    """
    check = check_site(load_site(write_site(text)), load_packs(["us-states"]), "2026-11-22")

    assert check.notes == (
        "The city 'Portland, OR' is not known; is it Portland? Then write it so.",
        "sources.gate1: there is no [cameras.gate1]; did you mean 'gate-1'?",
    )
    assert [one.camera for one in check.cameras if "city" in {fact.fact for fact in one.missing}] == ["gate-1", "gate1"]


def test_rules_that_there_are_not_and_addresses_that_are_none_are_told(write_site: Write) -> None:
    text = """
    [enforcement]
    observe = ["MS-1", "MS-2"]
    [serve]
    listen = ["here", "127.0.0.1:99999", "127.0.0.1:7070"]
    [sources]
    empty = { url = "" }
    nowhere = { url = "rtsp:///stream" }
    port = { url = "rtsp://host:99999/stream" }
    scene = { url = "synthetic:moon" }
    file = { url = "none.mp4" }
    door = { url = "udp://@:5000" }
    """
    told = [line.partition(": ")[0] for line in checked(write_site(text)).unusable]
    sources = [f"sources.{name}.url" for name in ("empty", "nowhere", "port", "scene")]
    assert told == [*sources, "enforcement", "enforcement", "serve.listen", "serve.listen"]
