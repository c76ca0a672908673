"""An audit from a script: replay, judge, and count by rule what ran and should not have.

Run: python examples/audit.py
"""

from collections import Counter

from facewarden.detector import Call, Guard, Site
from facewarden.detector.audit import audit
from facewarden.detector.audit.past import Past
from facewarden.detector.judge import Judge
from facewarden.streams.synthetic import SyntheticSource

SITE = Site(
    operator={"operator": "us_police", "on_behalf_of": "nobody", "country": "US", "region": "US-OR"},
    packs=("microsoft", "us-states"),
)


def main() -> None:
    """Two calls, of which one is face recognition."""
    guard = Guard(SITE, live=False)
    for frame in SyntheticSource("body", seconds=4, name="unit-17"):
        guard.observe(frame)
    calls = [
        Call("unit-17", at=float(at), service="azure_openai", task=task, id=task)
        for at, task in enumerate(("text", "identification"), 1)
    ]
    shown = {name: source.history for name, source in guard.watches.items()}
    report = audit(Past(Judge(SITE), shown, "2026-11-26"), [], calls)
    print(f"{report.summary.calls} calls, {report.summary.violations} violations")
    print(Counter(rule for call in report.calls for rule in call.decision.deciding))


if __name__ == "__main__":
    main()
