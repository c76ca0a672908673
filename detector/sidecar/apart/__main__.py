"""The process that looks at sources; `apart.py` starts it, with the number of a socket that it is told things by."""

import sys

from .looking import look

look(int(sys.argv[1]))
