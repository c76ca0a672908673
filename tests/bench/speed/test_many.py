"""Many live sources, few of them and not for long."""

import pytest

from facewarden.bench.speed import many


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "_PICTURES", 25)


def test_every_source_that_is_pushed_in_real_time_is_looked_at() -> None:
    found = many.measure(sources=4, seconds=3.0, neighbours=0)

    assert found.right + found.undecided <= 4
    assert found.analysed + found.dropped > 0
    assert found.fewest > 0
    assert found.cores > 0


def test_the_report_has_a_line_for_each_number_of_neighbours() -> None:
    assert many.report(2, 1.0, [0, 1]).count("of 2") == 2
