"""Real clips under what real cameras meet: overlays, glass, weather, poor links, and motion laid on or taken away."""

from .kinds import KINDS, Expected, Kind, Verdict
from .pictures import Material, Pictures, Shot, as_frame, looked_at, read, seen, thinned, to_and_fro
from .variants import Variant, gather, seed_of, variants

__all__ = [
    "KINDS",
    "Expected",
    "Kind",
    "Material",
    "Pictures",
    "Shot",
    "Variant",
    "Verdict",
    "as_frame",
    "gather",
    "looked_at",
    "read",
    "seed_of",
    "seen",
    "thinned",
    "to_and_fro",
    "variants",
]
