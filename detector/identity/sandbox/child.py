"""The process that looks at files: it is started by `sandbox.py`, and ends with it, or when nothing more comes."""

import os
import sys
from io import BytesIO
from pathlib import Path
from socket import socket

import cv2
import msgspec

from ....streams.errors import printable
from ...errors import ModelError
from ..formats import format_of
from ..known import shipped
from ..opening import open_model
from ..verdict import examine
from .confine import allow, confine
from .messages import Answer, Task, receive, receive_content, send

IDLE = 60.0  # seconds without a task until it ends
_WRITERS = ("torchscript",)  # formats whose files may hold code that writes


def main() -> None:
    """Answer tasks from the socket whose number is the last argument, until it closes."""
    link = socket(fileno=int(sys.argv[-1]))
    link.settimeout(IDLE)
    cv2.setNumThreads(1)
    held = confine()
    try:
        while True:
            task = msgspec.msgpack.decode(receive(link), type=Task)
            send(link, _answer(task, receive_content(link, task.size), held))
    except (EOFError, OSError):
        return


def _answer(task: Task, content: bytes, held: bool) -> Answer:
    allow(task.seconds, task.memory)
    try:
        if not held and format_of(BytesIO(content), len(content)) in _WRITERS:
            return Answer(reason="this system cannot keep what is in it from writing files, so it is not loaded")
        path = Path(os.fsdecode(task.path)) if task.path is not None else None
        model = open_model(content, path)
        del content  # of a large model nothing is held twice
        return Answer(verdict=examine(model, task.known or shipped()))
    except ModelError as error:
        return Answer(error=printable(str(error)))
    except MemoryError:
        return Answer(reason=f"takes more than {task.memory / 1e9:.0f} GB of memory")
    except Exception as error:  # noqa: BLE001 - of a hostile file any, and the next one has to be answered
        return Answer(reason=printable(f"cannot be looked at ({type(error).__name__}: {error})"[:200]))


if __name__ == "__main__":
    main()
