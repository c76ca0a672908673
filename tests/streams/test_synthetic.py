"""The rendered scenes: deterministic, and moving as their poses say."""

import math
from dataclasses import astuple
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import pytest

from facewarden.streams.errors import UnsupportedSource
from facewarden.streams.source import open_source
from facewarden.streams.synthetic.source import SCENES, SyntheticSource

SMALL = (320, 180)
MOBILE = {"body", "dash", "handheld", "drone"}


@cache
def luma(scene, count=None, **options):
    """The first pictures of a scene, as a list of luma planes."""
    frames = iter(SyntheticSource(scene, **{"size": SMALL, "seconds": 10.0, "fps": 10.0, **options}))
    return [frame.luma for _, frame in zip(range(count or 100_000), frames, strict=False)]


def change(a, b):
    """Absolute difference of two pictures in grey levels, noise smoothed away."""
    a, b = (cv2.GaussianBlur(image, (0, 0), 2).astype(np.float32) for image in (a, b))
    return np.abs(a - b)


def tracks(a, b, count=400):
    """Corners of `a` and where Lucas-Kanade finds them in `b`, checked by tracking back: two arrays of (n, 2)."""
    corners = cv2.goodFeaturesToTrack(a, count, 0.01, 5)
    ahead, found, _ = cv2.calcOpticalFlowPyrLK(a, b, corners, corners.copy())
    back, returned, _ = cv2.calcOpticalFlowPyrLK(b, a, ahead, ahead.copy())
    good = (found & returned).ravel().astype(bool) & (np.abs(back - corners).max(axis=(1, 2)) < 0.5)
    assert good.mean() > 0.5
    return corners[good, 0], ahead[good, 0]


def camera(pose, width=640, height=360):
    """From directions in the world to pixels: the matrix of the pose's rotation and focal length."""
    yaw, pitch, roll = (
        cv2.Rodrigues(np.array(axis))[0] for axis in ((0, pose.yaw, 0), (pose.pitch, 0, 0), (0, 0, pose.roll))
    )
    focal = pose.zoom * width
    inner = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]])
    return inner @ (yaw @ pitch @ roll).T


def homography_inliers(a, b):
    """The share of tracks between two pictures that one homography explains to within a pixel."""
    start, end = tracks(a, b)
    _, mask = cv2.findHomography(start, end, cv2.RANSAC, 1.0)
    return float(mask.mean())


def shift(a, b):
    """By how many pixels (right, down) the picture has moved."""
    window = cv2.createHanningWindow(a.shape[::-1], cv2.CV_32F)
    return cv2.phaseCorrelate(a.astype(np.float32), b.astype(np.float32), window)[0]


@pytest.mark.parametrize("scene", SCENES)
def test_the_same_arguments_give_the_same_bytes(scene):
    source = SyntheticSource(scene, seed=3, size=SMALL, seconds=0.1)
    first, again = list(source), list(source)
    other = list(SyntheticSource(scene, seed=3, size=SMALL, seconds=0.1))
    assert len(first) == 3
    for frames in (again, other):
        assert [frame.luma.tobytes() for frame in frames] == [frame.luma.tobytes() for frame in first]


@pytest.mark.parametrize("scene", SCENES)
def test_another_seed_gives_another_world(scene):
    one, two = (luma(scene, 1, **options)[0] for options in ({}, {"seed": 1}))
    assert change(one, two).mean() > 3


def test_a_picture_does_not_depend_on_those_before_it():
    slow, fast = (luma("body", fps=fps, seconds=1.0, clock=True) for fps in (5.0, 10.0))
    assert np.abs(slow[1].astype(int) - fast[2]).mean() < 3


@pytest.mark.parametrize("scene", SCENES)
def test_the_truth_says_which_cameras_are_mobile_by_mount(scene):
    assert SyntheticSource(scene).mobile == (scene in MOBILE)


@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_can_be_tracked(scene):
    a, b = luma(scene, 2, fps=30.0, size=(640, 360))
    start, _ = tracks(a, b)
    assert len(start) > 100


@pytest.mark.parametrize("scene", SCENES)
def test_pictures_have_contrast_and_are_not_saturated(scene):
    picture = luma(scene, 1)[0]
    assert picture.std() > 20
    assert np.isin(picture, (0, 255)).mean() < 0.05


def test_frames_carry_name_index_and_clocks():
    frames = list(SyntheticSource("fixed", name="door", fps=12.5, seconds=0.8, size=(96, 64)))
    assert [frame.index for frame in frames] == list(range(10))
    assert [frame.media_time for frame in frames] == [index / 12.5 for index in range(10)]
    assert {frame.source for frame in frames} == {"door"}
    assert {frame.size for frame in frames} == {(96, 64)}
    received = [frame.received_at for frame in frames]
    assert received == sorted(received)


def test_a_frame_stays_as_it_is_when_the_next_ones_are_drawn():
    frames = iter(SyntheticSource("dash", size=SMALL, seconds=0.2, clock=True))
    kept = next(frames)
    before = kept.luma.copy()
    list(frames)
    assert np.array_equal(kept.luma, before)


def test_no_seconds_give_no_frames():
    assert list(SyntheticSource("body", seconds=0.0)) == []


def test_closing_ends_the_iteration():
    with SyntheticSource("fixed", size=SMALL) as source:
        frames = iter(source)
        next(frames)
    assert list(frames) == []


def test_colour_has_the_brightness_of_grey():
    grey = luma("ptz", 1)[0]
    frame = next(iter(SyntheticSource("ptz", size=SMALL, layout="bgr")))
    assert frame.bgr().shape == (180, 320, 3)
    assert frame.bgr().dtype == np.uint8
    assert np.ptp(frame.bgr().astype(int), axis=2).mean() > 5
    assert np.median(change(frame.luma, grey)) < 2


def test_a_fixed_camera_keeps_its_background():
    pictures = luma("fixed", fps=1.0)
    later = [np.median(change(pictures[0], picture)) for picture in pictures[1:]]
    assert max(later) < 2


def test_people_walk_past_a_fixed_camera():
    pictures = luma("fixed", seconds=20.0, fps=4.0)
    moving = [float((change(a, b) > 8).mean()) for a, b in pairwise(pictures)]
    assert max(moving) > 0.003
    assert max(moving) < 0.1


def test_a_body_camera_does_not_keep_its_background():
    pictures = luma("body", fps=1.0)
    assert np.median([np.median(change(pictures[0], picture)) for picture in pictures[1:]]) > 4


def test_a_walker_stops_to_talk_and_goes_on():
    source = SyntheticSource("body")
    z = [source.pose(t / 10).z for t in range(101)]
    speed = np.diff(z) * 10
    assert speed[:35] == pytest.approx(1.4)
    assert speed[50:65] == pytest.approx(0.0)
    assert speed[90:] == pytest.approx(1.4)
    steps = [source.pose(t / 10).y for t in range(50, 65)]
    assert 0 < np.ptp(steps) < 0.01


def test_a_walker_bobs_at_the_frequency_of_steps():
    source = SyntheticSource("body", seconds=60.0)
    y = np.array([source.pose(t / 50).y for t in range(1000)])
    spectrum = np.abs(np.fft.rfft(y - y.mean()))
    assert np.fft.rfftfreq(1000, 1 / 50)[spectrum.argmax()] == pytest.approx(1.8, abs=0.05)


@pytest.mark.parametrize("scene", ["body", "dash", "drone"])
def test_travel_shows_parallax_that_no_homography_explains(scene):
    pictures = luma(scene, 6, size=(640, 360))
    assert homography_inliers(pictures[0], pictures[1 if scene == "dash" else 5]) < 0.75


@pytest.mark.parametrize(("dwell", "turning"), [(10, 21), (40, 50)])
def test_panning_and_zooming_is_explained_by_the_homography_of_a_rotation(dwell, turning):
    pictures = luma("ptz", size=(640, 360))
    before, after = (SyntheticSource("ptz").pose(index / 10) for index in (dwell, turning))
    homography = camera(after) @ np.linalg.inv(camera(before))
    everywhere = np.full((360, 640), 255, np.uint8)
    predicted, known = (cv2.warpPerspective(image, homography, (640, 360)) for image in (pictures[dwell], everywhere))
    inside = cv2.erode(known, np.ones((15, 15))) > 0
    assert inside.mean() > 0.3
    assert np.median(change(predicted, pictures[turning])[inside]) < 3
    assert np.median(change(pictures[dwell], pictures[turning])[inside]) > 6


def test_a_turning_camera_comes_back_to_its_preset():
    pictures = luma("ptz")
    source = SyntheticSource("ptz")
    assert astuple(source.pose(9.5)) == pytest.approx(astuple(source.pose(0.5)))

    def likeness(a, b):
        return np.corrcoef(a.ravel(), b.ravel())[0, 1]

    assert likeness(pictures[5], pictures[95]) > 0.95
    assert likeness(pictures[5], pictures[40]) < 0.8


def test_a_pole_sways_and_stays_within_half_a_percent_of_the_width():
    pictures = luma("pole", size=(640, 360), fps=3.0)
    poses = [SyntheticSource("pole").pose(index / 3) for index in range(30)]
    travel = np.array([shift(pictures[0], picture) for picture in pictures])
    expected = [-(pose.yaw - poses[0].yaw) * pose.zoom * 640 for pose in poses]
    assert max(abs(pose.yaw * pose.zoom) for pose in poses) < 0.005
    assert np.ptp(travel[:, 0]) > 0.001 * 640
    assert np.corrcoef(travel[:, 0], expected)[0, 1] > 0.95
    assert np.abs(travel[:, 0] - expected).max() < 0.4


@pytest.mark.parametrize("index", [18, 22])
def test_the_pose_predicts_where_the_picture_goes(index):
    options = {"size": (640, 360), "seconds": 10.0, "fps": 10.0}
    source = SyntheticSource("ptz", **options)
    pictures = luma("ptz", index + 2, **options)
    before, after = source.pose(index / 10), source.pose((index + 1) / 10)
    moved = np.median(np.diff(tracks(pictures[index], pictures[index + 1]), axis=0)[0], axis=0)
    focal = before.zoom * 640
    assert after.yaw > before.yaw
    assert moved[0] == pytest.approx(-focal * (after.yaw - before.yaw), rel=0.15, abs=0.3)
    assert moved[1] == pytest.approx(focal * (after.pitch - before.pitch), rel=0.2, abs=0.5)


def test_a_hand_trembles_and_drifts_but_goes_nowhere():
    source = SyntheticSource("handheld", seconds=30.0)
    poses = np.array([astuple(source.pose(t / 100)) for t in range(3000)])
    assert np.ptp(poses[:, :3], axis=0).max() < 0.3
    yaw = np.abs(np.fft.rfft(poses[:, 3] - poses[:, 3].mean()))
    hertz = np.fft.rfftfreq(3000, 0.01)
    assert 8 <= hertz[hertz > 3][yaw[hertz > 3].argmax()] <= 12


def test_a_bonnet_stays_in_the_picture_while_the_road_does_not():
    pictures = luma("dash")
    hood, road = (slice(168, 180), slice(60, 260)), (slice(60, 140), slice(None))
    changes = [change(pictures[0], picture) for picture in pictures[10::10]]
    assert max(np.median(picture[hood]) for picture in changes) < 4
    assert np.median([np.median(picture[road]) for picture in changes]) > 6


def test_others_cross_while_a_car_waits_at_the_light():
    source = SyntheticSource("dash", seconds=10.0)
    waiting = [index for index in range(100) if source.pose(index / 10 + 0.1).z - source.pose(index / 10).z < 1e-6]
    assert 20 <= len(waiting) <= 60
    pictures = luma("dash")
    moving = [float((change(pictures[index], pictures[index + 1]) > 10).mean()) for index in waiting[:-1]]
    assert max(moving) > 0.03


def test_a_crowd_leaves_little_background():
    pictures = np.array(luma("crowd", fps=3.0), np.int16)
    still = (np.abs(pictures - np.median(pictures, axis=0)) < 12).mean(axis=0) > 0.9
    assert 0.02 < still.mean() < 0.5


def test_long_drives_do_not_run_out_of_world():
    source = SyntheticSource("dash", seconds=60.0, fps=0.05, size=SMALL)
    pictures = [frame.luma for frame in source]
    assert len(pictures) == 3
    assert all(picture[40:150].std() > 25 for picture in pictures)


def test_the_clock_changes_only_its_own_corner():
    plain, timed = (luma("body", seconds=1.5, fps=2.0, clock=clock) for clock in (False, True))
    corner = (slice(0, 13), slice(0, 145))
    for a, b in zip(plain, timed, strict=True):
        assert b[corner].max() > 150
        outside = a != b
        outside[corner] = False
        assert not outside.any()
    assert np.array_equal(timed[0][corner], timed[1][corner])
    assert not np.array_equal(timed[1][corner], timed[2][corner])


def test_a_url_sets_every_option():
    url = "synthetic:drone?seed=7&seconds=0.5&fps=10&size=128x72&clock=1&layout=bgr"
    named = list(SyntheticSource.from_url(url, "unit-9"))
    direct = list(
        SyntheticSource("drone", name="unit-9", seed=7, seconds=0.5, fps=10, size=(128, 72), clock=True, layout="bgr")
    )
    assert len(named) == 5
    assert all(np.array_equal(a.bgr(), b.bgr()) for a, b in zip(named, direct, strict=True))
    assert named[0].source == "unit-9"


def test_the_front_door_opens_scenes():
    assert isinstance(open_source("synthetic:body?seconds=1"), SyntheticSource)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("synthetic:moon", "known are body, dash"),
        ("synthetic:", "known are body, dash"),
        ("synthetic:body?speed=1", "known are seed, seconds"),
        ("synthetic:body?seed=one", "whole number"),
        ("synthetic:body?seed=-1", "below 0"),
        ("synthetic:body?seed=1&seed=2", "twice"),
        ("synthetic:body?seconds=-1", "seconds=-1"),
        ("synthetic:body?seconds=nan", "seconds=nan"),
        ("synthetic:body?fps=0", "fps=0"),
        ("synthetic:body?fps=fast", "a number"),
        ("synthetic:body?size=640", "WIDTHxHEIGHT"),
        ("synthetic:body?size=8x8", "64..4096"),
        ("synthetic:body?clock=yes", "0 or 1"),
        ("synthetic:body?layout=nv12", "known are gray, bgr"),
        ("synthetic://body", "synthetic:SCENE"),
        ("video:body", "synthetic:SCENE"),
    ],
)
def test_bad_urls_are_refused_in_one_line(url, told):
    with pytest.raises(UnsupportedSource) as refusal:
        SyntheticSource.from_url(url)
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_poses_are_smooth():
    for scene in SCENES:
        source = SyntheticSource(scene, seconds=10.0)
        poses = np.array([astuple(source.pose(t / 100)) for t in range(1001)])
        assert np.abs(np.diff(poses, axis=0)).max() < 12.1 / 100 + 1e-3
        assert math.isfinite(poses.sum())
