from facewarden.detector.records import Entry, Event, Tee
from facewarden.detector.records.sink import Due, made


class Kept:
    """A sink that keeps entries in a list."""

    def __init__(self, failed: str | None = None) -> None:
        self.failed, self.entries, self.closed = failed, list[Entry](), False

    def put(self, entry: Due) -> None:
        self.entries.append(made(entry))

    def close(self) -> None:
        self.closed = True


def test_every_sink_is_given_every_entry() -> None:
    sinks = Kept(), Kept()
    tee, entry = Tee(*sinks), Event("tap", None, "on")
    tee.put(entry)
    tee.put(lambda: entry)
    tee.close()

    assert [(sink.entries, sink.closed) for sink in sinks] == [([entry, entry], True)] * 2


def test_several_sinks_fail_where_one_of_them_does() -> None:
    assert Tee(Kept(), Kept()).failed is None
    assert Tee(Kept(), Kept("the disk is full")).failed == "the disk is full"


def test_no_sink_at_all_keeps_nothing_and_never_fails() -> None:
    tee = Tee()
    tee.put(Event("tap", None, "on"))
    tee.close()
    assert tee.failed is None
