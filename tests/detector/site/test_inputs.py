"""Pictures that come from no camera: files below a folder, for a purpose that the site declares."""

from contextvars import Context
from pathlib import Path

import cv2
import numpy as np
import pytest

from facewarden.detector import Guard, load_site
from facewarden.detector.calls import Call
from facewarden.detector.calls.attribution.declared import Request, begin_job
from facewarden.detector.errors import SiteError
from facewarden.detector.watching.cameras import Cameras
from facewarden.streams.frame import PackedPixels
from facewarden.streams.synthetic import SyntheticSource

SITE = """
packs = ["microsoft"]
operator = {operator = "us_police", on_behalf_of = "nobody", country = "US"}
facts = {service = "azure_openai", consent = "valid", surveillance = false, limited_access_approved = true}
[cameras.body]
mount = "body"
[inputs.staff]
folder = "known"
task = "gallery_building"
facts = {camera = "fixed", environment = "controlled"}
"""
PIXELS = PackedPixels(np.zeros((48, 64, 3), np.uint8), "bgr")


@pytest.fixture
def cameras(tmp_path: Path) -> Cameras:
    (tmp_path / "site.toml").write_text(SITE)
    (tmp_path / "known" / "anna").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "known" / "anna" / "1.png"), PIXELS.array)
    return Cameras(Guard(load_site(tmp_path / "site.toml")), {"rtsp://cam": "body"})


def source(cameras: Cameras) -> str | None:
    found = cameras.attribute(Call(), ())
    return found and found.source


def test_what_is_read_below_its_folder_is_its_own(cameras: Cameras, tmp_path: Path) -> None:
    cameras.read(str(tmp_path / "elsewhere.png"))
    assert source(cameras) is None
    cameras.read(str(tmp_path / "known" / "anna" / "1.png"))
    assert source(cameras) == "staff"
    cameras.picture("rtsp://cam", PIXELS, 0.0)
    found = cameras.attribute(Call(), ())
    assert found is not None
    assert (found.source, found.others) == ("body", ("staff",))


def test_its_task_stands_for_the_recogniser_s(cameras: Cameras) -> None:
    guard = cameras._guard
    assert guard.judge(Call(service="azure_openai"), source="staff").facts.facts["task"] == "gallery_building"
    assert guard.judge(Call(service="azure_openai"), source="body").facts.facts["task"] == "identification"
    assert (
        guard.judge(Call(service="azure_openai", task="detection"), source="staff").facts.facts["task"] == "detection"
    )


UPLOADS = """
packs = ["microsoft"]
operator = {operator = "non_us_le", on_behalf_of = "nobody", country = "DE"}
[facts]
service = "azure_openai"
timing = "real_time"
consent = "valid"
surveillance = false
limited_access_approved = true
[places.street]
environment = "uncontrolled"
public_space = true
[cameras.body]
place = "street"
mount = "body"
[inputs.enrolment]
route = "/enrol"
task = "gallery_building"
facts = {camera = "fixed", environment = "controlled", public_space = false}
[inputs.kiosk]
route = "/enrol/kiosk"
header = "X-Device: kiosk-3"
"""


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (Request("/enrol"), "enrolment"),
        (Request("/enrol/anna"), "enrolment"),
        (Request("/enrolment"), None),
        (Request("/"), None),
        (Request("/enrol/kiosk"), "enrolment"),
        (Request("/enrol/kiosk", {"x-device": "kiosk-3"}), "kiosk"),
        (Request("/enrol/kiosk", {"x-device": "kiosk-4"}), "enrolment"),
    ],
)
def test_what_a_request_brings_is_its_route_s(tmp_path: Path, request_: Request, name: str | None) -> None:
    (tmp_path / "site.toml").write_text(UPLOADS)
    cameras = Cameras(Guard(load_site(tmp_path / "site.toml")), {})

    def serve() -> str | None:
        begin_job(request_)
        return source(cameras)

    assert Context().run(serve) == name
    assert source(cameras) is None


def test_a_picture_that_a_camera_has_just_shown_is_that_camera_s_whatever_brings_it(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(UPLOADS)
    cameras = Cameras(Guard(load_site(tmp_path / "site.toml")), {"rtsp://cam": "body"})
    frames = [*SyntheticSource("body", seconds=1, fps=15, layout="bgr", seed=3)]

    def upload() -> str | None:
        begin_job(Request("/enrol"))
        found = cameras.attribute(Call(service="azure_openai"), [frames[-1].bgr()])
        return found and found.source

    def read() -> None:
        for frame in frames:
            cameras.picture("rtsp://cam", PackedPixels(frame.bgr(), "bgr"), frame.media_time)

    assert Context().run(upload) == "enrolment"
    Context().run(read)
    assert Context().run(upload) == "body"


def test_a_refusal_says_whose_picture_it_was_or_why_nobody_s(cameras: Cameras, tmp_path: Path) -> None:
    assert "no camera has been read here" in cameras.whose(None)
    cameras.read(str(tmp_path / "known" / "anna" / "1.png"))
    assert cameras.whose(cameras.attribute(Call(), ())).startswith("The picture is staff's: ")
    cameras.picture("rtsp://cam", PIXELS, 0.0)
    assert "none of body has surely shown it" in cameras.whose(None)
    assert "body and staff" in cameras.whose(None)


def test_a_file_of_a_folder_that_is_a_camera_s_is_its_picture(tmp_path: Path) -> None:
    cameras = Cameras(Guard(), {str(tmp_path): "body"})
    assert cameras.folder_of(str(tmp_path / "a" / "1.png")) == str(tmp_path)
    assert cameras.folder_of("/nowhere/1.png") is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('[inputs.body]\nfolder = "x"', "inputs.body: a camera"),
        ('[inputs.x]\ntask = "gallery"', "gallery_building"),
        ('[inputs.x]\nroute = "enrol"', "inputs.x.route"),
        ('[inputs.x]\ntask = "analysis"', "inputs.x: expected a folder, a route or a header"),
        ('[inputs.x]\nplace = "moon"', "inputs.x.place"),
        ('[inputs.x]\nfolders = "x"', "folder"),
        ("[inputs.x]\nfacts = {camara = 1}", "camera"),
    ],
)
def test_what_it_must_not_say_is_named(tmp_path: Path, given: str, said: str) -> None:
    (tmp_path / "site.toml").write_text(f'[cameras.body]\nmount = "body"\n{given}')
    with pytest.raises(SiteError, match=said):
        load_site(tmp_path / "site.toml")
