"""What the commands that replay recordings share."""

from ..exits import BAD_INPUT, OK, VIOLATION


def use_one_thread() -> None:
    """Pictures as small as those analysed are done before other threads are awake; a host program keeps its own."""
    import cv2

    cv2.setNumThreads(1)


def status_of(unread: int, violations: int = 0) -> int:
    """The exit status, by how many sources could not be read and how many violations there are."""
    if unread:
        return BAD_INPUT
    return VIOLATION if violations else OK
