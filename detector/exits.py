"""What a command's exit status says."""

from typing import Final

OK: Final = 0
BAD_INPUT: Final = 2  # something that it was given could not be read, or was wrong
VIOLATION: Final = 3  # what was looked for was found
FAILS: Final = 4  # a ledger does not hold
BROKEN: Final = 5  # a budget
NOT_MEASURABLE: Final = 6  # this machine says nothing of us
