"""What budgets are held against."""

from collections.abc import Callable

import pytest

from .measure import SLOWEST, budgets, machine


@pytest.fixture
def slower() -> Callable[[], float]:
    """How many times slower this machine is than the one that the budgets name, before or after: they grow as much."""
    before = machine(budgets().controls).slower

    def at_worst() -> float:
        here = max(before, machine(budgets().controls).slower)
        if here > SLOWEST:
            pytest.skip(f"this machine says nothing of it: {here:.1f} times slower than ours")
        return here

    return at_worst
