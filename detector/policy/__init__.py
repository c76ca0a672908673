"""Three-valued rules, kept as data with their citations, and the one pure function that decides."""

from .decision import Decision, Effect, ProhibitedInference, RuleOutcome, decide, held
from .pack import Pack, Rule, load_pack, load_packs

__all__ = [
    "Decision",
    "Effect",
    "Pack",
    "ProhibitedInference",
    "Rule",
    "RuleOutcome",
    "decide",
    "held",
    "load_pack",
    "load_packs",
]
