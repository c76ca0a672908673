"""Which changes to the core no test notices. Run: make mutants, or python tests/mutants.py [INPUTS EACH] [MODULE...]

Each change is tried against the tests of its module alone; a sample of them, the same every time.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[1]
CORE = {
    "detector/policy/condition.py": ["policy/test_condition.py", "policy/test_pack.py", "policy/test_bits.py"],
    "detector/policy/engine.py": ["policy/test_cases.py", "policy/test_decision.py", "policy/test_vectors.py"],
    "detector/policy/settling.py": ["policy/test_vectors.py", "test_same_everywhere.py"],
    "detector/facts.py": ["test_facts.py", "test_places.py", "policy/test_decision.py"],
    "detector/places.py": ["test_places.py"],
    "detector/admission.py": ["test_admission.py"],
    "detector/mobility/tally.py": ["mobility/test_tally.py"],
    "detector/enforcement.py": ["test_enforcement.py"],
}


def main(words: Sequence[str]) -> int:
    """Try a sample of changes; print each that survives; 1 where one does."""
    each, modules = int(words[0]) if words else 20, words[1:] or tuple(CORE)
    survived = 0
    for module in modules:
        every = [*changes(ROOT / module)]
        some = sorted(Random(module).sample(every, min(each, len(every))))
        alive = [where for number, where in some if _passes(module, number)]
        print(f"{module}: {len(some) - len(alive)} of {len(some)} killed, of {len(every)} changes", flush=True)
        for where in alive:
            print(f"  survives, {where}", flush=True)
        survived += len(alive)
    return bool(survived)


def _passes(module: str, number: int) -> bool:
    tests = [str(ROOT / "tests" / "detector" / one) for one in CORE[module]]
    words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "helpers.mutation", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "MUTANT": f"{ROOT / module}:{number}", "PYTHONPATH": str(ROOT / "tests")}
    try:
        return not subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, timeout=120).returncode
    except subprocess.TimeoutExpired:
        return False


if __name__ == "__main__":
    from helpers.mutation import changes

    sys.exit(main(sys.argv[1:]))
