"""What is told of live sources."""

from facewarden.detector.sidecar.cameras import Losses


def test_of_tries_that_fail_in_one_way_the_first_is_told_and_then_how_many() -> None:
    losses = Losses()
    told = [losses.text("no answer", float(second)) for second in range(0, 610, 5)]

    assert [text for text in told if text is not None] == [
        "the stream was lost: no answer",
        "the stream was lost: no answer (tries that failed since: 59)",
        "the stream was lost: no answer (tries that failed since: 59)",
    ]
    assert losses.text("refused", 610.0) == "the stream was lost: refused (tries that failed since: 1)"
    assert losses.text(None, 611.0) == "the stream is back"
    assert losses.text("no answer", 612.0) == "the stream was lost: no answer"
