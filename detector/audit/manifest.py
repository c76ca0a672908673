"""What an audit covered, in one number that anybody can work out again."""

from collections.abc import Iterable
from hashlib import sha256

from .replay import Answer
from .unit import Played


def digest(played: Iterable[Played]) -> str:
    """sha256, hexadecimal, over a line a source, in the order of the report: its name, contents and seconds.

    The contents are the sha256 of each of its files, in the order of their paths, joined by commas; the seconds of
    media time that were watched have three decimals; tabs part the three, and a newline ends them. Two reports with one
    digest have covered the same, and each source once.
    """
    whole = sha256()
    for one in played:
        seconds = one.answer.coverage.seconds if isinstance(one.answer, Answer) else 0.0
        whole.update(f"{one.answer.source}\t{','.join(one.contents.values())}\t{seconds:.3f}\n".encode())
    return whole.hexdigest()
