"""A door that verifies who holds a badge, where the people of a site have consented: a fixed camera, one to one.

Run: python examples/door.py
"""

from facewarden.detector import Call, Guard, Site
from facewarden.streams.synthetic import SyntheticSource

SITE = Site(
    packs=("microsoft", "eu-ai-act"),
    operator={"operator": "private", "on_behalf_of": "nobody", "country": "DE"},
    facts={"timing": "real_time", "surveillance": False, "limited_access_approved": True, "consent": "valid"},
    cameras={"door": {"mount": "wall"}},
)


def main() -> None:
    """Watch the door for some seconds, then ask for one verification and one search."""
    guard = Guard(SITE, live=False)
    for frame in SyntheticSource("fixed", seconds=4, name="door"):
        guard.observe(frame)
    for task in ("verification", "emotion"):
        decision = guard.authorise(Call("door", service="azure_face", task=task))
        print(f"{task}: {decision.effect}: {decision.explanation}")


if __name__ == "__main__":
    main()
