"""The main process reads; faces are recognised in workers that are spawned, by a method that its caller names.

python -m facewarden.bench.truth.programs.spawned CAMERA OTHER MODEL [spawn|forkserver]
"""

import multiprocessing
import sys
from typing import Any

from .common import CAMERA, Count, Picture, chosen, every, face, session

_kept: list[Any] = []


def work(picture: Picture) -> tuple[int, int]:
    """One call; gives how many were made and refused."""
    if not _kept:
        _kept.append(session())
    count = Count()
    count.call(lambda: _kept[0](face(picture)))
    return count.made, count.refused


def main(method: str = "spawn") -> None:
    context: Any = multiprocessing.get_context(method)
    count = Count()
    with context.Pool(2) as workers:
        for made in workers.map(work, [*chosen(every(CAMERA))], chunksize=1):
            count.add(*made)
        workers.close()
        workers.join()
    count.tell()


if __name__ == "__main__":
    main(*sys.argv[4:5])
