"""Signs against a controlled place: measures held against their thresholds."""

from math import hypot
from typing import Final, Literal, TypeAlias

from .limits import Limits
from .ofiq import Quality
from .scene import Scene
from .subject import Subject

Sign: TypeAlias = Literal[
    "camera",
    "carried",
    "background",
    "movers",
    "light",
    "dark",
    "frozen",
    "people",
    "passing",
    "turned",
    "small",
    "unsure",
    "face_light",
    "face_background",
    "still",
    "framed",
    "variety",
]
"""camera: it is mobile. carried: it may well be, and is called neither. background, movers: what lies beside the person
moves. light: its level, direction or flicker, or it creeps or jumps. dark: nothing can be seen. frozen: it is one
picture again and again. people: more than one face. passing: the face does not stay. variety: faces differ widely in
pose and size. turned: the face looks elsewhere. small, unsure: it is too small, or hardly one. face_light: little of
it is left, or of one side. face_background: what is about it is not plain. still: it changes by no more than a plane
that is moved and lit, as a photograph does. framed: straight edges close round it, as those of a screen, a
photograph or a shelf do."""

# Those of one person at one moment: such a face bears no place out, and speaks against none.
OF_THE_FACE: Final[frozenset[Sign]] = frozenset(
    {"turned", "small", "unsure", "face_light", "face_background", "still", "framed"}
)

# Those that are of the place, in groups of one cause each. Two causes that last make a place one that is not
# controlled (NIST, "wild": *wide variations* in pose, illumination, resolution).
CAUSES: Final[tuple[frozenset[Sign], ...]] = (
    frozenset({"camera"}),
    frozenset({"background"}),
    frozenset({"movers", "people", "passing"}),
    frozenset({"light"}),
    frozenset({"variety"}),
)


def scene_signs(scene: Scene, camera: str, limits: Limits, carried: bool = False) -> set[Sign]:
    """Those of the scene and of the camera, `mobile | fixed | unknown`; what could not be told is no sign.

    Args:
        scene: what a picture shows.
        camera: what is believed of it.
        limits: the thresholds.
        carried: whether a camera that is called neither may well be mobile.
    """
    signs: set[Sign] = set()
    if camera == "mobile":
        signs.add("camera")
    if carried:
        signs.add("carried")
    if _above(scene.background, limits.background):
        signs.add("background")
    if _above(scene.movers, limits.movers):
        signs.add("movers")
    light = (limits.light_level, limits.light_jump, limits.light_direction, limits.light_drift, limits.flicker)
    measured = (scene.light_level, scene.light_jump, scene.light_direction, scene.light_drift, scene.flicker)
    if any(map(_above, measured, light)):
        signs.add("light")
    if scene.brightness < limits.darkness or scene.spread < limits.spread:
        signs.add("dark")
    if scene.frozen > limits.frozen:
        signs.add("frozen")
    return signs


def face_signs(subject: Subject, quality: Quality, variety: tuple[float, float] | None, limits: Limits) -> set[Sign]:
    """Those of the people; no face is no sign."""
    signs: set[Sign] = set()
    if _above(subject.second, limits.second_face):
        signs.add("people")
    if _above(subject.speed, limits.face_speed) or _above(subject.growth, limits.face_growth):
        signs.add("passing")
    if subject.pose is not None and hypot(subject.pose.yaw, subject.pose.pitch) > limits.turned:
        signs.add("turned")
    if _below(subject.width, limits.face_width) or _below(subject.seen, limits.face_seen):
        signs.add("small")
    if _below(subject.score, limits.face_sure):
        signs.add("unsure")
    if _below(subject.unexplained, limits.plane):
        signs.add("still")
    if _above(subject.framed, limits.framed):
        signs.add("framed")
    if _below(quality.contrast, limits.face_contrast) or _above(quality.side_light, limits.side_light):
        signs.add("face_light")
    if _below(quality.background_uniformity, limits.background_uniformity):
        signs.add("face_background")
    if variety and variety[0] > limits.pose_variation and variety[1] > limits.size_variation:
        signs.add("variety")
    return signs


def below_recommended(subject: Subject, quality: Quality, limits: Limits) -> int | None:
    """How many of the recommendations a face falls short of; of no face, None. They inform, and decide nothing."""
    if subject.width is None:
        return None
    turned = max(subject.pose.yaw, subject.pose.pitch) if subject.pose else None
    return sum(
        (
            _below(subject.width, limits.recommended_width),
            _below(subject.eyes, limits.recommended_eyes),
            _above(turned, limits.recommended_pose),
            _below(quality.illumination_uniformity, limits.recommended_illumination),
        )
    )


def _above(value: float | None, limit: float) -> bool:
    return value is not None and value > limit


def _below(value: float | None, limit: float) -> bool:
    return value is not None and value < limit
