"""What becomes of every second."""

from facewarden.streams.backoff import LONGEST_S, Backoff
from facewarden.streams.seconds import Seconds


def test_every_second_is_in_one_count() -> None:
    seconds = Seconds(100.0)
    seconds.because("timed_out", 100.5)
    seconds.mark("skipped", 103.2)
    seconds.mark("seen", 103.4)
    seconds.mark("dropped", 103.5)
    seconds.mark("skipped", 104.1)
    assert seconds.counts(106.0) == {"seen": 1, "dropped": 0, "unreadable": 0, "skipped": 1}
    assert seconds.absent(106.0) == {"timed_out": 4}


def test_waiting_grows_to_a_limit_and_begins_anew_after_a_good_stream() -> None:
    backoff = Backoff("cam")
    waits = [backoff.wait(0.0) for _ in range(8)]
    assert waits[0] <= 0.5
    assert all(LONGEST_S / 2 <= wait <= LONGEST_S for wait in waits[4:])
    assert backoff.wait(60.0) <= 0.5
