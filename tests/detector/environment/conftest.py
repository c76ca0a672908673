import sys
from pathlib import Path

# The fixtures' helper is a module beside them; tests have no package of their own.
sys.path.insert(0, str(Path(__file__).parent))
