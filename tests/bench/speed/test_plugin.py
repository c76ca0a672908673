"""The fixture that others' tests hold their own stages with, as pytest finds it by itself."""

import pytest

pytest_plugins = ["pytester"]

USE = """

def test_of_theirs(facewarden_budget):
    found = facewarden_budget({work}, {limits}, seconds=0.05)
    assert found.cost.samples > 0
"""
SPIN = "lambda: [number * number for number in range(20_000)]"


@pytest.mark.parametrize(
    ("work", "limits", "outcome"),
    [
        ("lambda: None", "mean_ms=5.0, p99_ms=100.0", {"passed": 1}),
        ("lambda: None", "stage='frame 1080p luma'", {"passed": 1}),
        (SPIN, "mean_ms=0.0001", {"failed": 1}),
        ("lambda: None", "stage='frame 1081p'", {"failed": 1}),
        ("lambda: None", "mean_ms=None", {"failed": 1}),
    ],
)
def test_a_piece_of_work_is_held_against_its_limits(
    pytester: pytest.Pytester, work: str, limits: str, outcome: dict[str, int]
) -> None:
    pytester.makepyfile(USE.format(work=work, limits=limits))
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(**outcome)


def test_what_went_beyond_is_said_in_one_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(USE.format(work=SPIN, limits="mean_ms=0.0001"))
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["work: mean * ms, allowed *"])
