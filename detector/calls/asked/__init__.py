"""What the text of a chat asks about the people in a picture."""

from .questions import asked_task, asks

__all__ = ["asked_task", "asks"]
