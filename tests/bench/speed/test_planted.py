"""What is planted is planted where the stage is; whether it is found is the bench's own matter."""

from functools import reduce
from importlib import import_module

import pytest

from facewarden.bench.speed import probe
from facewarden.bench.speed.planted import LEAK, PLANTS, Plant


def test_every_stage_is_made_slower_once() -> None:
    assert PLANTS.keys() == probe.STAGES.keys()


@pytest.mark.parametrize("plant", [*PLANTS.values(), LEAK], ids=[*PLANTS, "leak"])
def test_what_a_plant_changes_is_there(plant: Plant) -> None:
    module = import_module("facewarden." + plant.module.removesuffix(".py").replace("/", "."))

    assert callable(reduce(getattr, plant.what.split("."), module))
