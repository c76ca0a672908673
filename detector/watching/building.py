"""From how to watch to the gate that does."""

from typing import TYPE_CHECKING

from ..errors import InputError
from ..records import Recorder
from .board import Board

if TYPE_CHECKING:
    from ..site import Site
    from .models import ModelGate
    from .plan import Plan


def site_of(plan: "Plan", recorder: Recorder) -> tuple["Site", str]:
    """What is declared, and why it cannot be read, if so. The plan's maker has read it; where it can be read no more
    every call is held."""
    try:
        return plan.as_site(), ""
    except InputError as error:
        recorder.event("failure", f"what is declared cannot be read: {error}")
        return plan.nothing_declared(), str(error)


def gate_of(plan: "Plan", site: "Site", recorder: Recorder) -> "ModelGate":
    """The gate of a plan: one that decides, or that asks a service."""
    if plan.ask:
        from .asking import AskingGate

        return AskingGate(plan.ask, plan.sources, recorder, plan.token_file, observe=plan.observe)
    from ..guard import Guard
    from .cameras import Cameras
    from .gate import CallGate
    from .sharing import Others, Telling

    board = _board(plan, recorder)
    others, telling = (None, None) if board is None else (Others(board), Telling(board))
    guard = Guard(site, others=others and others.seen, record=recorder)
    cameras = Cameras(guard, plan.sources, others=others, telling=telling)
    return CallGate(guard, cameras, recorder)


def _board(plan: "Plan", recorder: Recorder) -> Board | None:
    """Where the processes of a watch show each other what they read; one that has lost it goes on alone."""
    try:
        return Board(plan.board) if plan.board else None
    except InputError as error:
        recorder.event("process", str(error))
        return None
