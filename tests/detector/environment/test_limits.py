import msgspec

from facewarden.detector.environment.limits import Limit, Limits, shipped_limits


def test_every_threshold_stands_in_one_file_with_its_unit_and_source() -> None:
    limits = msgspec.structs.asdict(shipped_limits())

    assert limits.keys() == {field.name for field in msgspec.structs.fields(Limits)}
    assert all(isinstance(limit, Limit) and limit.unit and len(limit.source) > 10 for limit in limits.values())


def test_the_numbers_that_microsoft_and_the_standard_give_are_theirs() -> None:
    limits = shipped_limits()
    assert (limits.yaw.value, limits.pitch.value, limits.face_width.value) == (35, 35, 36)
    assert 100 * (1 - limits.second_face.value) == 70
