"""Three-valued rules, kept as data with their citations, and the one pure function that decides."""

from .decision import Decision, Effect, ProhibitedInference, RuleOutcome, decide
from .pack import Pack, Rule, load_pack, load_packs

__all__ = [
    "Decision",
    "Effect",
    "Pack",
    "ProhibitedInference",
    "Rule",
    "RuleOutcome",
    "decide",
    "load_pack",
    "load_packs",
]
