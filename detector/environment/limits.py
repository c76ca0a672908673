"""The thresholds, from the one file in which they stand with their sources."""

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
    face_sure: Limit
    face_width: Limit
    face_seen: Limit
    yaw: Limit
    pitch: Limit
    second_face: Limit
    dynamic_range: Limit
    dwell: Limit
    face_speed: Limit
    face_growth: Limit
    background: Limit
    movers: Limit
    light_level: Limit
    light_direction: Limit
    flicker: Limit
    darkness: Limit
    pose_variation: Limit
    size_variation: Limit


def shipped_limits() -> Limits:
    """Those in `thresholds.toml`."""
    return msgspec.toml.decode(files(__package__ or "").joinpath("thresholds.toml").read_bytes(), type=Limits)
