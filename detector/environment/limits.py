"""The thresholds, from the one file in which they stand with their sources."""

from functools import cache
from importlib.resources import files

import msgspec


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A threshold, what it is measured in, and where it comes from."""

    value: float
    unit: str
    source: str


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The thresholds; `thresholds.toml` has the unit and the source of each."""

    face_counts: Limit
    bystander_counts: Limit
    face_sure: Limit
    face_width: Limit
    face_seen: Limit
    yaw: Limit
    pitch: Limit
    second_face: Limit
    face_contrast: Limit
    side_light: Limit
    background_uniformity: Limit
    recommended_width: Limit
    recommended_eyes: Limit
    recommended_pose: Limit
    recommended_illumination: Limit
    dwell: Limit
    face_speed: Limit
    face_growth: Limit
    background: Limit
    alive: Limit
    frozen: Limit
    movers: Limit
    light_level: Limit
    light_direction: Limit
    light_drift: Limit
    flicker: Limit
    darkness: Limit
    spread: Limit
    pose_variation: Limit
    size_variation: Limit
    clear: Limit
    clear_unknown: Limit
    clear_again: Limit
    withdraws: Limit
    withdraws_share: Limit
    blind: Limit
    alone: Limit
    lasts: Limit
    lasts_share: Limit
    causes: Limit
    said_for: Limit
    sure: Limit


@cache
def shipped_limits() -> Limits:
    """Those in `thresholds.toml`."""
    return msgspec.toml.decode(files(__package__ or "").joinpath("thresholds.toml").read_bytes(), type=Limits)
