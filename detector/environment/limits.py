"""The thresholds, from the one file in which they stand with their sources."""

from functools import cache
from importlib.resources import files

import msgspec


class _Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A threshold, what it is measured in, and where it comes from."""

    value: float
    unit: str
    source: str


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The thresholds; `thresholds.toml` has the unit and the source of each."""

    face_counts: float
    bystander_counts: float
    face_sure: float
    face_width: float
    face_seen: float
    turned: float
    second_face: float
    face_contrast: float
    side_light: float
    background_uniformity: float
    recommended_width: float
    recommended_eyes: float
    recommended_pose: float
    recommended_illumination: float
    dwell: float
    face_speed: float
    face_growth: float
    background: float
    plane: float
    framed: float
    frozen: float
    movers: float
    light_level: float
    light_jump: float
    light_direction: float
    light_drift: float
    flicker: float
    darkness: float
    spread: float
    pose_variation: float
    size_variation: float
    clear: float
    clear_unknown: float
    clear_again: float
    withdraws: float
    withdraws_share: float
    blind: float
    alone: float
    lasts: float
    lasts_share: float
    causes: float
    said_for: float
    sure: float


def read_limits(content: bytes) -> Limits:
    """Those of a file like `thresholds.toml`.

    Raises:
        msgspec.ValidationError: one is missing, unknown, no number, or without its unit or source.
    """
    told = msgspec.toml.decode(content, type=dict[str, _Limit])
    return msgspec.convert({name: limit.value for name, limit in told.items()}, Limits)


@cache
def shipped_limits() -> Limits:
    """Those in `thresholds.toml`."""
    return read_limits(files(__package__ or "").joinpath("thresholds.toml").read_bytes())
