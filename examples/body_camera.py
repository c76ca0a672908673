"""A program that would recognise faces on a body camera, and asks before each call.

Run: python examples/body_camera.py
"""

from facewarden.detector import Call, Guard, ProhibitedInference, Site
from facewarden.streams.synthetic import SyntheticSource

SITE = Site(
    operator={"operator": "non_us_le", "on_behalf_of": "nobody", "country": "CA"},
    facts={"timing": "real_time", "surveillance": False, "limited_access_approved": True, "consent": "valid"},
    places={"street": {"environment": "uncontrolled", "public_space": True}},
    cameras={"unit-17": {"place": "street"}},
)


def main() -> None:
    """Watch the camera; ask once a second."""
    guard, asked = Guard(SITE, live=False), -1
    for frame in SyntheticSource("body", seconds=6, name="unit-17"):
        guard.observe(frame)
        if int(frame.media_time) > asked:
            asked = int(frame.media_time)
            try:
                guard.require(Call("unit-17", service="azure_openai", task="identification"))
                print(f"{asked} s: may run")
            except ProhibitedInference as refused:
                print(f"{asked} s: {refused.decision.effect} by {', '.join(refused.decision.deciding)}")


if __name__ == "__main__":
    main()
