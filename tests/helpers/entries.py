"""Entries of a record, of every kind, for property tests."""

from hypothesis import strategies as st

from facewarden.detector.belief import EnvironmentBelief, MobilityBelief
from facewarden.detector.calls.wall import END, moment
from facewarden.detector.facts import CHOICES, FLAGS
from facewarden.detector.records import Decided, Ended, Entry, Event, Heartbeat, Looked, Started, Terms, Verdict

numbers = st.floats(0, 1e9)
times = st.integers(0, END - 1).map(float).map(moment)
flags = st.dictionaries(st.sampled_from(sorted(FLAGS)), st.booleans())
# What JSON can hold: text without halves of characters, and whole numbers of 64 bits.
texts = st.text(st.characters(exclude_categories=["Cs"]))
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | texts,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(texts, part, max_size=3),
    max_leaves=5,
)
maybe = st.none() | texts
decided = st.builds(
    Decided,
    source=maybe,
    at=st.none() | numbers,
    service=st.none() | st.sampled_from(CHOICES["service"]),
    task=st.none() | st.sampled_from(CHOICES["task"]),
    time=times,
    effect=texts,
    model=maybe,
    runtime=maybe,
    facts=flags,
    id=maybe,
    attributed_by=maybe,
    attribution=st.none() | st.floats(0, 1),
    deciding=st.lists(texts).map(tuple),
    unknown=st.lists(texts).map(tuple),
    refused=st.booleans(),
    known=flags,
    origins=st.dictionaries(texts, texts, max_size=3),
    contradictions=st.lists(texts).map(tuple),
    packs=st.dictionaries(texts, texts, max_size=2),
    off=st.lists(texts).map(tuple),
    own=st.dictionaries(texts.map("x-{}".format), plain, max_size=3),
)
evidence = st.dictionaries(texts, st.floats(allow_nan=False, allow_infinity=False), max_size=3)
mobility = st.builds(
    MobilityBelief,
    value=st.sampled_from(["mobile", "fixed", "unknown"]),
    mount=st.sampled_from(["body", "dash", "ptz", "unknown"]),
    confidence=st.floats(0, 1),
    decided_at=st.none() | numbers,
    evidence=evidence,
)
environment = st.builds(
    EnvironmentBelief,
    value=st.sampled_from(["uncontrolled", "unknown"]),
    consistent_with_controlled=st.booleans(),
    confidence=st.floats(0, 1),
    decided_at=st.none() | numbers,
    evidence=evidence,
)
pids = st.integers(1, 2**31)
entries: st.SearchStrategy[Entry] = st.one_of(
    decided,
    st.builds(Event, texts, st.none() | numbers, texts, source=maybe, time=st.none() | times, pid=st.none() | pids),
    st.builds(Verdict, source=texts, at=numbers, mobility=mobility, environment=environment, time=times, pid=pids),
    st.builds(Started, pid=pids, time=times, python=texts, executable=texts, text=texts),
    st.builds(Ended, pid=pids, time=times, text=texts),
    st.builds(
        Terms,
        release=texts,
        site=texts,
        packs=st.dictionaries(texts, texts, max_size=2),
        off=st.lists(texts).map(tuple),
        mode=texts,
        time=times,
        pid=st.none() | pids,
    ),
    st.builds(
        Looked,
        source=texts,
        seconds=st.dictionaries(texts, numbers, max_size=3),
        pictures=st.dictionaries(texts, st.integers(0, 2**40), max_size=3),
        time=times,
        pid=st.none() | pids,
    ),
    st.builds(Heartbeat, pid=pids, time=times, entries=st.integers(0, 2**40), running=numbers),
)
