"""Sets of facts, for property tests: the values at which the rules of the microsoft pack turn."""

from hypothesis import strategies as st

from facewarden.detector.facts import CHOICES, FLAGS, Value

_VALUES: dict[str, tuple[Value, ...]] = {
    **CHOICES,
    **dict.fromkeys(FLAGS, (True, False)),
    "service": ("azure_openai", "azure_face", "local"),
    "task": ("identification", "verification", "speech"),
    "operator": ("us_police", "non_us_le", "private"),
    "date": ("2026-11-22",),
}
_KEPT = ("service", "task", "operator", "date")

fact_sets = st.fixed_dictionaries(
    {name: st.sampled_from(_VALUES[name]) for name in _KEPT},
    optional={name: st.sampled_from(values) for name, values in _VALUES.items() if name not in _KEPT},
)
