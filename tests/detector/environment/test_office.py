"""A camera in an office that is declared controlled: when its calls pass, and what holds them again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.rooms import FacesAt, crowded, face, frames, office
from msgspec.structs import replace as replaced

from facewarden.detector import Call, Guard, InputError, Site, load_site
from facewarden.detector.audit.past import Past
from facewarden.detector.belief import EnvironmentBelief
from facewarden.detector.environment import BLIND
from facewarden.detector.environment.faces import Face
from facewarden.detector.judge import Judge, Judgement
from facewarden.detector.sight.state import STALE_S
from facewarden.streams.frame import Image
from facewarden.streams.synthetic import SyntheticSource

SITE = Site(
    operator={"operator": "non_us_le", "on_behalf_of": "nobody"},
    facts={
        "timing": "real_time",
        "consent": "valid",
        "surveillance": False,
        "limited_access_approved": True,
        "date": "2026-11-22",
    },
    places={"office": {"environment": "controlled"}},
    cameras={"cam": {"place": "office"}},
)
CALL = Call(source="cam", service="azure_openai", task="identification")
HAPPENS = 6.0
MOMENTS = (3.9, 5.0, 6.0, 11.9, 15.9, 17.0, 18.0, 500.0)
Pictures = Callable[[float], Image]
Script = Callable[[float], list[Face]]


def one_person(at: float) -> list[Face]:
    return [face(135 + np.sin(at), 50)]


def effects(picture: Pictures, script: Script = one_person, seconds: float = 10.0, site: Site = SITE) -> list[str]:
    """The effect of a call after each picture, ten a second."""
    detector = FacesAt(script)
    guard = Guard(site, live=False, find_faces=lambda: detector)
    found: list[str] = []
    for frame in frames(seconds, picture, detector):
        guard.observe(frame)
        found.append(guard.authorise(CALL).effect)
    return found


def belief(picture: Pictures, script: Script = one_person, seconds: float = 6.0) -> EnvironmentBelief:
    detector = FacesAt(script)
    guard = Guard(live=False, find_faces=lambda: detector)
    for frame in frames(seconds, picture, detector):
        guard.observe(frame)
    return guard.watch("cam").beliefs[1]


def test_a_hold_turns_to_allow_within_ten_seconds_of_ordinary_pictures_and_stays() -> None:
    found = effects(office)

    assert found[0] == "hold"
    assert "allow" in found[:20]
    assert set(found[found.index("allow") :]) == {"allow"}


def confirmed(picture: Pictures, script: Script = one_person, seconds: float = 15.0) -> list[bool]:
    """Whether the place is consistent with a controlled one after each picture, ten a second."""
    detector = FacesAt(script)
    watch = Guard(live=False, find_faces=lambda: detector).watch("cam")
    found: list[bool] = []
    for frame in frames(seconds, picture, detector):
        watch.observe(frame)
        found.append(watch.beliefs[1].consistent_with_controlled)
    return found


def dark_later(at: float) -> Image:
    return office(at, light=1.0 if at < HAPPENS else 0.06)


def dimmed_later(at: float) -> Image:
    return office(at, light=1.0 if at < HAPPENS else 0.7)


def crowded_later(at: float) -> Image:
    return office(at) if at < HAPPENS else crowded(office(at), at)


def carried_later(at: float) -> Image:
    return office(at, shift=max(0, int((at - HAPPENS) * 80)) % 320)


def joined_later(at: float) -> list[Face]:
    return one_person(at) + ([face(40), face(230)] if at >= HAPPENS else [])


def flickering_later(at: float) -> Image:
    return office(at, light=1.0 if at < HAPPENS else 0.85 + 0.15 * float(np.sin(23 * at)))


def grown_later(at: float) -> list[Face]:
    """They come closer, slowly, until nothing is left to be seen beside them."""
    width = 40 * float(np.exp(0.2 * min(8.0, max(0.0, at - HAPPENS))))
    return [face(155 + np.sin(at) - width / 2, 75 - width / 2, width)]


def covered_later(at: float) -> Image:
    """A lens that is covered slowly, with the grey of the room's mean."""
    covered = min(1.0, max(0.0, (at - HAPPENS) / 8))
    return (office(at) * (1 - covered) + 110 * covered).astype(np.uint8)


def frozen_later(at: float) -> Image:
    return office(min(at, HAPPENS))


def clouded_later(at: float) -> Image:
    """Daylight that goes by a third within half a minute."""
    return office(at, light=float(np.exp(-max(0.0, at - HAPPENS) / 75)))


def stared_at_later(at: float) -> list[Face]:
    return one_person(at) + [face(x)._replace(score=0.55) for x in ((40, 230) if at >= HAPPENS else ())]


@pytest.mark.parametrize(
    ("picture", "script"),
    [
        pytest.param(dark_later, lambda at: one_person(at) if at < HAPPENS else [], id="the light is switched off"),
        pytest.param(dark_later, one_person, id="the light is switched off and the face is still found"),
        pytest.param(dimmed_later, one_person, id="a third of the light goes"),
        pytest.param(flickering_later, one_person, id="the light flickers like a fire"),
        pytest.param(crowded_later, one_person, id="a crowd enters with its back to the camera"),
        pytest.param(office, joined_later, id="two others come close and look"),
        pytest.param(office, stared_at_later, id="two others stand by, hardly seen"),
        pytest.param(frozen_later, one_person, id="the picture freezes"),
        pytest.param(carried_later, one_person, id="the camera is carried away"),
        pytest.param(carried_later, lambda at: one_person(at) if at < HAPPENS else [], id="it is carried off alone"),
    ],
)
def test_an_allow_is_withdrawn_within_two_seconds_when(picture: Pictures, script: Script) -> None:
    found = effects(picture, script, HAPPENS + 3)
    before, after = found[: int(10 * HAPPENS)], found[int(10 * (HAPPENS + 2)) :]

    assert before[-1] == "allow"
    assert "allow" not in after


@pytest.mark.parametrize(
    ("picture", "script", "within"),
    [
        pytest.param(office, grown_later, 10, id="somebody comes so close that nothing else is seen"),
        pytest.param(covered_later, one_person, 9, id="the lens is covered slowly"),
        pytest.param(clouded_later, one_person, 30, id="clouds come up"),
    ],
)
def test_a_place_is_no_longer_confirmed_when_slowly(picture: Pictures, script: Script, within: float) -> None:
    found = confirmed(picture, script, HAPPENS + within + 5)

    assert found[int(10 * HAPPENS) - 1]
    assert not any(found[int(10 * (HAPPENS + within)) :])


def test_a_photograph_before_a_camera_that_is_no_more_than_noisy_is_never_confirmed() -> None:
    rng, still = np.random.default_rng(0), office(0).astype(float)

    def photograph(_: float) -> Image:
        return np.clip(still + rng.normal(0, 2, still.shape), 0, 255).astype(np.uint8)

    assert not any(confirmed(photograph))


def test_one_picture_again_and_again_is_never_confirmed() -> None:
    assert not any(confirmed(lambda _: office(0)))


def test_a_slow_source_whose_pictures_are_repeated_is_confirmed() -> None:
    assert any(confirmed(lambda at: office(int(at * 3) / 3)))


def test_what_was_withdrawn_comes_back_when_all_is_as_it_was() -> None:
    def off_for_a_second(at: float) -> Image:
        return office(at, light=0.06 if 4 <= at < 5 else 1.0)

    found = effects(off_for_a_second, seconds=20)

    assert found[39] == "allow"
    assert "allow" not in found[50:60]
    assert found[-1] == "allow"


@pytest.mark.parametrize(
    "script",
    [lambda _: [], lambda at: [face(-40 + 60 * (at % 5))], lambda _: [face()._replace(score=0.7)]],
    ids=["nobody", "somebody who walks by", "a pattern on the wall that is nearly a face"],
)
def test_an_office_without_anybody_who_came_to_be_recognised_is_never_confirmed(script: Script) -> None:
    assert set(effects(office, script)) == {"hold"}


def test_an_undeclared_office_never_becomes_controlled() -> None:
    undeclared = Site(operator=SITE.operator, facts=SITE.facts)

    assert belief(office).consistent_with_controlled
    assert set(effects(office, site=undeclared)) == {"hold"}


def test_a_place_that_was_confirmed_is_held_after_half_a_minute_without_anybody() -> None:
    found = effects(office, lambda at: one_person(at) if at < 3 else [], seconds=9)
    assert found[-1] == "allow"  # the next visitor need not wait

    detector = FacesAt(lambda at: one_person(at) if at < 3 else [])
    guard = Guard(live=False, find_faces=lambda: detector)
    for frame in frames(36, office, detector):
        guard.observe(frame)
    assert not guard.watch("cam").beliefs[1].consistent_with_controlled


def test_a_guard_that_was_shown_nothing_holds() -> None:
    judged = Guard(SITE).judge(CALL)

    assert (judged.decision.effect, "environment" in judged.facts.facts) == ("hold", False)
    assert judged.facts.unconfirmed == ("environment: declared controlled, not confirmed by what is seen",)


@pytest.mark.parametrize("silent", [STALE_S + 1, BLIND + 0.1, 0.0])
def test_a_live_camera_that_went_silent_is_no_longer_confirmed(silent: float) -> None:
    detector = FacesAt(one_person)
    guard = Guard(SITE, budget_ms=1e6, find_faces=lambda: detector)
    for frame in frames(4, office, detector):
        guard.observe(replace(frame, received_at=frame.received_at - silent))

    assert guard.authorise(CALL).effect == ("hold" if silent else "allow")


def test_a_live_camera_whose_pictures_are_passed_over_is_no_longer_confirmed() -> None:
    """Such as one whose time stamps stand still."""
    detector = FacesAt(one_person)
    guard = Guard(SITE, budget_ms=1e6, find_faces=lambda: detector)
    handed = list(frames(4, office, detector))
    for frame in handed:
        detector.now = frame.media_time
        guard.observe(replace(frame, received_at=frame.received_at - BLIND - 1))
    guard.observe(replace(handed[-1], received_at=handed[-1].received_at))

    assert guard.authorise(CALL).effect == "hold"


def test_a_moment_after_the_last_picture_or_in_a_gap_is_not_confirmed() -> None:
    detector = FacesAt(one_person)
    guard = Guard(SITE, live=False, find_faces=lambda: detector)
    for frame in frames(16, office, detector):
        if not 4 < frame.media_time < 12:
            guard.observe(frame)
    confirmed = [at for at in MOMENTS if "environment" in guard.judge(CALL, at).facts.facts]

    assert confirmed == [3.9, 5.0, 15.9, 17.0]


def looked_back(guard: Guard, at: float) -> Judgement:
    """A call on `cam`, by what is known by now of its moment."""
    history = guard.watch("cam").history
    return Past(Judge(guard.site), {"cam": history}, "2026-11-26").now(replaced(CALL, at=at))


@pytest.fixture(scope="module")
def crowded_for_a_while() -> Guard:
    """It has seen 20 s of an office, four of them crowded."""
    detector = FacesAt(one_person)
    guard = Guard(SITE, live=False, find_faces=lambda: detector)
    for frame in frames(20, lambda now: crowded(office(now), now) if 6 <= now < 10 else office(now), detector):
        guard.observe(frame)
    return guard


@pytest.mark.parametrize(("at", "confirmed"), [(0.3, True), (3.0, True), (8.0, False), (14.0, True)])
def test_looking_back_a_call_is_judged_by_the_environment_of_its_moment(
    crowded_for_a_while: Guard, at: float, confirmed: bool
) -> None:
    facts = looked_back(crowded_for_a_while, at).facts.facts
    assert (facts["camera"], "environment" in facts) == ("fixed", confirmed)


def test_looking_back_a_place_was_uncontrolled_already_while_that_was_being_found_out() -> None:
    guard = Guard(live=False)
    for frame in SyntheticSource("body", seed=17, seconds=8, fps=10, size=(320, 180), name="cam"):
        guard.observe(frame)
    found = guard.watch("cam").beliefs[1].decided_at

    assert found is not None
    assert found > 2
    assert "environment" not in guard.judge(CALL, 0.5).facts.facts
    assert looked_back(guard, 0.5).facts.facts["environment"] == "uncontrolled"


def test_a_detector_that_fails_holds_the_place_and_not_the_host() -> None:
    class Failing(FacesAt):
        def detect(self, luma: Image) -> list[Face]:
            if self.now >= 4:
                raise RuntimeError("out of memory")
            return super().detect(luma)

    detector = Failing(one_person)
    guard = Guard(SITE, live=False, find_faces=lambda: detector)
    effect: list[str] = []
    for frame in frames(8, office, detector):
        guard.observe(frame)
        effect.append(guard.authorise(CALL).effect)

    assert (effect[39], effect[-1]) == ("allow", "hold")
    assert guard.watch("cam").faces.shed > 3
    assert "faces could not be looked for (out of memory)" in guard.watch("cam").events[0].text


def test_faces_are_looked_for_more_often_while_calls_are_decided_on() -> None:
    def looks(asking: bool) -> int:
        detector = FacesAt(one_person)
        guard = Guard(SITE, live=False, find_faces=lambda: detector)
        for frame in frames(20, office, detector):
            guard.observe(frame)
            if asking:
                guard.authorise(CALL)
        return sum(at > 10 for at in detector.looks)

    assert looks(asking=True) > looks(asking=False)


def test_a_source_that_jumps_is_no_longer_confirmed() -> None:
    detector = FacesAt(one_person)
    guard = Guard(SITE, live=False, find_faces=lambda: detector)
    handed = list(frames(4, office, detector))
    for frame in handed:
        detector.now = frame.media_time
        guard.observe(frame)
    assert guard.authorise(CALL).effect == "allow"

    guard.observe(replace(handed[-1], discontinuity="time stamps jumped ahead"))
    assert guard.authorise(CALL).effect == "hold"


def test_an_environment_that_there_was_no_time_to_look_at_is_held() -> None:
    detector = FacesAt(one_person)
    guard = Guard(SITE, budget_ms=1e6, find_faces=lambda: detector)
    found: list[tuple[float, str]] = []
    for frame in frames(8, office, detector):
        if detector.now >= 4:
            guard.watch("cam")._budget._own._left = 0.1e6  # pyright: ignore[reportPrivateUsage]
        guard.observe(frame)
        found.append((detector.now, guard.authorise(CALL).effect))

    assert found[39][1] == "allow"
    assert {effect for at, effect in found if at > 4 + BLIND + 0.2} == {"hold"}


def test_the_same_pictures_give_the_same_belief() -> None:
    assert belief(crowded_later) == belief(crowded_later)


def test_a_confirmed_place_that_changes_is_an_event() -> None:
    detector = FacesAt(one_person)
    guard = Guard(live=False, find_faces=lambda: detector)
    for frame in frames(8, dark_later, detector):
        guard.observe(frame)

    (event,) = [event for event in guard.watch("cam").events if event.kind == "environment"]
    assert event.at is not None
    assert 6 <= event.at < 7


def test_a_site_s_own_face_detector_is_found_beside_its_file_and_checked_at_once(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('faces = "mine.onnx"\n')
    site = load_site(tmp_path / "site.toml")

    with pytest.raises(InputError, match=r"mine\.onnx"):
        Guard(site)
