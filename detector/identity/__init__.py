"""What a model is, from the model itself: hashes, graph, weights, and what it does with faces it cannot know."""

from .answer import Evidence, Identity
from .identifier import identify, identify_bytes, identify_runnable
from .model import Slot
from .passive import Passive
from .sandbox import Limits

__all__ = ["Evidence", "Identity", "Limits", "Passive", "Slot", "identify", "identify_bytes", "identify_runnable"]
