"""The table of watched programs; what each program shows is the bench's own matter."""

from pathlib import Path

import pytest

from facewarden.bench.truth.programs.__main__ import PROGRAMS, Bench

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("programs"))


@pytest.mark.parametrize("program", ["preview", "terminated"])
def test_a_program_is_refused_on_the_one_camera_and_goes_on_on_the_other(bench: Bench, program: str) -> None:
    ran, twin = bench.run(program, "body"), bench.run(program, "desk")

    assert (ran.status, twin.status) == (PROGRAMS[program], PROGRAMS[program])
    assert ran.refused == ran.made == len(ran.record) == 10
    assert (twin.refused, len(twin.record)) == (0, 10)


def test_all_calls_of_workers_that_a_signal_ends_are_on_record(bench: Bench) -> None:
    ran = bench.run("many", "desk", "fork")
    assert len(ran.record) == ran.made == 10_000


def test_each_program_is_there() -> None:
    folder = Path(__file__).parents[3] / "bench" / "truth" / "programs"
    assert all((folder / f"{program.split()[0]}.py").exists() for program in PROGRAMS)
