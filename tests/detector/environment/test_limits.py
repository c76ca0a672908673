import tomllib
from pathlib import Path

import msgspec
import pytest

import facewarden.detector.environment.limits as shipped
from facewarden.detector.environment.limits import read_limits, shipped_limits

FILE = Path(shipped.__file__).with_name("thresholds.toml")


def test_every_threshold_says_what_it_is_measured_in_and_where_it_comes_from() -> None:
    for name, limit in tomllib.loads(FILE.read_text()).items():
        assert len(limit["unit"]) > 5, name
        assert limit["source"].startswith(("ours", "Microsoft", "ISO", "NIST", "ITU", "the face detector", "python")), (
            name
        )


@pytest.mark.parametrize("change", [("[turned]", "[turnt]"), ("unit", "units"), ("value = 17.0", 'value = "17"')])
def test_a_threshold_that_is_missing_misspelt_or_no_number_is_refused(change: tuple[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read_limits(FILE.read_text().replace(*change).encode())


def test_the_numbers_that_microsoft_and_the_standard_give_are_theirs() -> None:
    limits = shipped_limits()
    assert limits.face_width == 36
    assert 100 * (1 - limits.second_face) == 70
