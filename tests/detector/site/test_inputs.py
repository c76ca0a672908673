"""Pictures that come from no camera: files below a folder, for a purpose that the site declares."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from facewarden.detector import Guard, load_site
from facewarden.detector.calls import Call
from facewarden.detector.errors import SiteError
from facewarden.detector.watching.cameras import Cameras
from facewarden.streams.frame import PackedPixels

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
    assert source(cameras) is None


def test_its_task_stands_for_the_recogniser_s(cameras: Cameras) -> None:
    guard = cameras._guard
    assert guard.judge(Call(service="azure_openai"), source="staff").facts.facts["task"] == "gallery_building"
    assert guard.judge(Call(service="azure_openai"), source="body").facts.facts["task"] == "identification"
    assert (
        guard.judge(Call(service="azure_openai", task="detection"), source="staff").facts.facts["task"] == "detection"
    )


def test_a_file_of_a_folder_that_is_a_camera_s_is_its_picture(tmp_path: Path) -> None:
    cameras = Cameras(Guard(), {str(tmp_path): "body"})
    assert cameras.folder_of(str(tmp_path / "a" / "1.png")) == str(tmp_path)
    assert cameras.folder_of("/nowhere/1.png") is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('[inputs.body]\nfolder = "x"', "inputs.body: a camera"),
        ('[inputs.x]\ntask = "gallery"', "gallery_building"),
        ('[inputs.x]\nplace = "moon"', "inputs.x.place"),
        ('[inputs.x]\nfolders = "x"', "folder"),
        ("[inputs.x]\nfacts = {camara = 1}", "camera"),
    ],
)
def test_what_it_must_not_say_is_named(tmp_path: Path, given: str, said: str) -> None:
    (tmp_path / "site.toml").write_text(f'[cameras.body]\nmount = "body"\n{given}')
    with pytest.raises(SiteError, match=said):
        load_site(tmp_path / "site.toml")
