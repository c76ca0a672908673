"""Three-valued rules, kept as data with their citations, and the one pure function that decides."""

from .decision import Decision, Obligation, ProhibitedInference, RuleOutcome, held
from .engine import Policy, decide
from .pack import Pack, load_pack, load_packs
from .rule import Effect, Rule

__all__ = [
    "Decision",
    "Effect",
    "Obligation",
    "Pack",
    "Policy",
    "ProhibitedInference",
    "Rule",
    "RuleOutcome",
    "decide",
    "held",
    "load_pack",
    "load_packs",
]
