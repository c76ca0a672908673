"""What a soak has found, as tables and as a picture."""

from xml.etree import ElementTree as ET

from facewarden.bench.speed.soak_report import Outcome, Sample, Soaked, drawn, told

SAMPLES = [
    Sample(1.0, 100.0, 12, 20, {"cam-0": "connecting", "cam-1": "seen"}),
    Sample(2.0, 101.0, 12, 20, {"cam-0": "seen", "cam-1": "seen"}),
    Sample(3.0, 101.5, 12, 20, {"cam-0": "seen", "cam-1": "timed_out"}),
    Sample(4.0, 101.5, 12, 20, {"cam-0": "", "cam-1": "timed_out"}),
]


def test_a_run_of_seconds_of_one_fate_is_one_bar() -> None:
    picture = ET.fromstring(drawn(SAMPLES))
    paths = picture.findall("{*}path")

    assert [path.findtext("{*}title") for path in paths] == [
        "cam-0: connecting",
        "cam-0: seen",
        "cam-1: seen",
        "cam-1: timed_out",
    ]
    assert [path.get("d", "").count("M") for path in paths] == [1, 1, 1, 1]


def test_what_was_late_or_never_is_told_and_every_second_stands_in_the_table() -> None:
    outcomes = [
        Outcome("cam-0", "frozen", 2.5, 3.0),
        Outcome("cam-1", "frozen", 6.0, None),
        Outcome("cam-1", "resized", 1.0, 0.0),
    ]
    counts = {"cam-0": {"seen": 3.0, "connecting": 1.0}, "cam-1": {"seen": 2.0, "timed_out": 2.0}}
    verdicts = {"cam-0": ("fixed", "fixed"), "cam-1": ("unknown", "mobile")}
    text = told(Soaked(4.0, outcomes, SAMPLES, counts, verdicts, 0.1))

    assert "| frozen | 2 | 1 | 4.25 | 6.00 | 1 | 3.00 | never |" in text
    assert "| cam-1 | 0 | 2 | 2 | 4 | 4.00 |" in text
    assert "1 of 2 cameras are taken for what they are" in text
