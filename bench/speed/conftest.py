"""What budgets are held against."""

import pytest

from .measure import SLOWEST, budgets, machine


@pytest.fixture
def slower() -> float:
    """How many times slower this machine is just now than the one that the budgets name: they grow as much."""
    here = machine(budgets().controls).slower
    if here > SLOWEST:
        pytest.skip(f"this machine says nothing of it: {here:.1f} times slower than ours")
    return here
